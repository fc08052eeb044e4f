"""The computations of the repair department: the cash of a day, the stock of a period, the charges to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.handling import CaseFacts, FiledPaper, HandlerContext, PastCase, PastTask, PriceItem
from handlers import repair_department as department

FOUR = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Monday, 16:00 in the department."""


@dataclass(frozen=True)
class Prices:
    items: Mapping[str, PriceItem]
    version: str = "2026"

    def find(self, code_or_name: str, model: str = "") -> PriceItem | None:
        return self.items.get(code_or_name)


@dataclass(frozen=True)
class Filed:
    lines: Sequence[FiledPaper] = ()
    days: Sequence[PastCase] = ()

    def papers(self, document_type: str, since: datetime, until: datetime) -> Sequence[FiledPaper]:
        return [line for line in self.lines if line.document_type == document_type and since <= line.filed_at < until]

    def cases(self, process_id: str, since: datetime, until: datetime) -> Sequence[PastCase]:
        return [day for day in self.days if day.process_id == process_id and since <= day.started_at < until]

    def tasks(self, process_id: str, element_id: str, since: datetime, until: datetime) -> Sequence[PastTask]:
        return ()


def context(
    *lines: FiledPaper,
    now: datetime = FOUR,
    started: datetime = FOUR,
    days: Sequence[PastCase] = (),
    items: Mapping[str, PriceItem] | None = None,
    **values: object,
) -> HandlerContext:
    case = CaseFacts(1, "RZ-2026-0001", "repair_dept_finance_day", started)
    records = Filed(lines, days)
    return HandlerContext(values, {}, case, "repair_department", now, Prices(items or {}), "k", records=records)


def account(started: datetime, state: str = "completed", end: str = "end_day_cleared") -> PastCase:
    return PastCase("RZ", "repair_dept_finance_day", state, started, None, (end,))


def counted(
    *lines: FiledPaper, started: datetime, days: Sequence[PastCase], after: timedelta = timedelta(hours=2)
) -> list[Decimal]:
    """The amounts in the account of a day, as of the count at closing or another one."""
    outcome = department.cash_sum(context(*lines, started=started, now=started + after, days=days))
    return [line["amount"] for line in outcome.variables["cash_lines"]]  # pyright: ignore


def receipt(at: datetime, amount: int, method: str = "cash") -> FiledPaper:
    return FiledPaper("cash_receipts", "WX-1", at, {"amount": Decimal(amount), "payment_method": method})


def moved(at: datetime, received: int, issued: int) -> FiledPaper:
    move = {"item": "搓纸轮", "received": Decimal(received), "issued": Decimal(issued)}
    return FiledPaper("stock_account", "KF-1", at, {"movements": [move]})


@pytest.mark.parametrize(
    ("after_four", "shown"),
    [
        (timedelta(seconds=-1), "15:59:59"),
        (timedelta(0), "16:00:00"),
        (timedelta(microseconds=1), "16:00:01"),
        (timedelta(hours=2), "18:00:00"),
    ],
)
def test_a_receipt_after_four_never_reads_as_four(after_four: timedelta, shown: str) -> None:
    at = FOUR + after_four
    lines = department.cash_sum(context(receipt(at, 120), now=FOUR + timedelta(hours=2))).variables["cash_lines"]
    assert lines == [
        {
            "case_number": "WX-1",
            "received_date": date(2026, 3, 2),
            "received_time": shown,
            "carried_over": False,
            "amount": Decimal(120),
        }
    ]


CLOSING = FOUR + timedelta(hours=2)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "first", "second"),
    [
        (FOUR - TICK, [120], []),
        (FOUR, [120], []),
        (FOUR + TICK, [120], []),
        (CLOSING - TICK, [120], []),
        (CLOSING, [120], []),
        (CLOSING + TICK, [], [120]),
        (CLOSING + timedelta(hours=8), [], [120]),
        (FOUR + DAY, [], [120]),
    ],
)
@pytest.mark.parametrize("after", [timedelta(hours=2), timedelta(hours=5)])
def test_a_receipt_is_in_one_account(at: datetime, first: list[int], second: list[int], after: timedelta) -> None:
    """Also when the count at closing comes late: the account closes at 18:00 all the same."""
    assert counted(receipt(at, 120), started=FOUR, days=(), after=after) == first
    assert counted(receipt(at, 120), started=FOUR + DAY, days=[account(FOUR)], after=after) == second


def test_the_count_at_four_takes_what_was_filed_by_then() -> None:
    lines = [receipt(FOUR, 1), receipt(FOUR + TICK, 2)]
    assert counted(*lines, started=FOUR, days=(), after=timedelta(0)) == [1]


def test_a_day_off_has_no_account_and_its_receipts_are_carried_over() -> None:
    saturday, sunday = FOUR - 2 * DAY, FOUR - DAY
    days = [account(saturday), account(sunday, end="end_day_off")]
    late = [receipt(saturday + timedelta(hours=2), 1), receipt(saturday + timedelta(hours=3), 2), receipt(sunday, 4)]
    outcome = department.cash_sum(context(*late, receipt(FOUR, 8), days=days))
    lines = outcome.variables["cash_lines"]
    shown = [(line["amount"], line["received_date"].day, line["carried_over"]) for line in lines]  # pyright: ignore
    assert shown == [(2, 28, True), (4, 1, True), (8, 2, False)]


def test_the_receipts_of_a_cancelled_account_go_to_the_next() -> None:
    days = [account(FOUR - 2 * DAY), account(FOUR - DAY, state="cancelled", end="")]
    assert counted(receipt(FOUR - 2 * DAY, 1), receipt(FOUR - DAY, 2), started=FOUR, days=days) == [2]


def test_the_first_account_counts_all_there_is() -> None:
    assert counted(receipt(FOUR - 40 * DAY, 1), started=FOUR, days=()) == [1]


def test_the_day_is_counted_by_method_and_without_what_yesterday_counted() -> None:
    outcome = department.cash_sum(
        context(
            receipt(FOUR - timedelta(days=1), 999),
            receipt(FOUR - timedelta(hours=3), 50),
            receipt(FOUR - timedelta(hours=2), 70, "card"),
            receipt(FOUR - timedelta(hours=1), 80, "credit"),
            days=[account(FOUR - timedelta(days=1))],
        )
    )
    assert [line["amount"] for line in outcome.variables["cash_lines"]] == [Decimal(50)]  # pyright: ignore
    assert outcome.variables["card_total"] == 70
    assert outcome.variables["credit_total"] == 80
    assert outcome.variables["cash_date"] == date(2026, 3, 2)


def test_the_balance_is_of_everything_and_the_report_of_the_period() -> None:
    values = {"period": "day", "movements": [{"item": "搓纸轮", "received": Decimal(0), "issued": Decimal(3)}]}
    outcome = department.stock_report(context(moved(FOUR - timedelta(days=2), 10, 1), **values))
    assert outcome.variables["stock_lines"] == [{"item": "搓纸轮", "received": 0, "issued": 3, "balance": 6}]
    assert outcome.entries[0].register == "stock_reports"


@pytest.mark.parametrize(("period", "first"), [("day", "2026-03-02"), ("week", "2026-03-02"), ("month", "2026-02-01")])
def test_a_period_begins_with_its_first_day(period: str, first: str) -> None:
    assert department.period_start(period, FOUR).date().isoformat() == first


def test_an_order_lists_the_charges_and_is_refused_without_any() -> None:
    test = PriceItem("TEST", "检测项目", "", "次", Decimal(50), Decimal(20))
    outcome = department.repair_order(context(items={"TEST": test}, device_name="DY-20"))
    assert outcome.variables["fee_items"] == [{"name": "检测项目", "fee": Decimal(50)}]
    assert outcome.entries[0].fields["device_name"] == "DY-20"
    with pytest.raises(department.NoCharges):
        department.repair_order(context())
