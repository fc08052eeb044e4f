"""The computations of the repair department: the cash of a day, the stock of a period, the charges to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.handling import CaseFacts, FiledPaper, HandlerContext, PastCase, PastTask, PriceItem
from handlers import repair_department as department
from tests.on_record import Filed, Prices

FOUR = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Monday, 16:00 in the department."""


def context(
    *lines: FiledPaper,
    now: datetime = FOUR,
    started: datetime = FOUR,
    days: Sequence[PastCase] = (),
    steps: Sequence[PastTask] = (),
    items: Mapping[str, PriceItem] | None = None,
    **values: object,
) -> HandlerContext:
    case = CaseFacts(1, "RZ-2026-0001", "repair_dept_finance_day", started)
    records = Filed(lines, days, steps)
    return HandlerContext(values, {}, case, "repair_department", now, Prices(items or {}), "k", records=records)


def account(started: datetime, state: str = "completed", end: str = "end_day_cleared", number: str = "RZ") -> PastCase:
    return PastCase(number, "repair_dept_finance_day", state, started, None, (end,))


def step(element_id: str, at: datetime, number: str = "RZ", done: bool = True) -> PastTask:
    """A task of an account: completed by somebody, or open when the case was cancelled."""
    return PastTask(number, element_id, at, None, at if done else None, "finance" if done else "")


def counted(
    *lines: FiledPaper,
    started: datetime,
    days: Sequence[PastCase],
    after: timedelta = timedelta(hours=2),
    steps: Sequence[PastTask] = (),
) -> list[Decimal]:
    """The amounts in the account of a day, as of the count at closing or another one."""
    outcome = department.cash_sum(context(*lines, started=started, now=started + after, days=days, steps=steps))
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


YESTERDAY = FOUR - DAY


@pytest.mark.parametrize(
    ("done", "left"),
    [([], [1, 2, 4, 8]), (["deposit"], [2, 4, 8]), (["deposit", "deposit_safe"], [8])],
    ids=["nothing banked", "banked at four", "safe banked, too"],
)
def test_what_a_cancelled_account_banked_is_not_counted_again(done: list[str], left: list[int]) -> None:
    """What it did not bank, after four or from the safe, is."""
    closing = YESTERDAY + timedelta(hours=2)
    lines = [receipt(YESTERDAY, 1), receipt(YESTERDAY + TICK, 2), receipt(closing, 4), receipt(closing + TICK, 8)]
    steps = [step(element, YESTERDAY, done=element in done) for element in ("deposit", "deposit_safe")]
    days = [account(YESTERDAY - DAY), account(YESTERDAY, state="cancelled", end="")]
    assert counted(*lines, started=FOUR, days=days, steps=steps) == left


def test_a_day_that_is_started_again_after_its_deposit_counts_what_came_since() -> None:
    lines = [receipt(FOUR - TICK, 1), receipt(FOUR, 2), receipt(FOUR + timedelta(minutes=10), 4)]
    days, steps = [account(FOUR, state="cancelled", end="")], [step("deposit", FOUR)]
    again = FOUR + timedelta(minutes=40)
    assert counted(*lines, started=again, days=days, steps=steps, after=timedelta(0)) == [4]


def test_a_deposit_of_another_account_does_not_count_for_a_cancelled_one() -> None:
    days = [account(YESTERDAY, state="cancelled", end="", number="RZ-2")]
    assert counted(receipt(YESTERDAY, 1), started=FOUR, days=days, steps=[step("deposit", YESTERDAY)]) == [1]


def test_a_deposit_of_an_account_that_began_early_holds_what_came_until_then() -> None:
    """A case that an administrator starts at noon banks the cash of the morning."""
    noon = YESTERDAY - timedelta(hours=4)
    days, steps = [account(noon, state="cancelled", end="")], [step("deposit", noon)]
    assert counted(receipt(noon, 1), receipt(noon + TICK, 2), started=FOUR, days=days, steps=steps) == [2]


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


def slip(number: str, item: str = "搓纸轮") -> dict[str, object]:
    return {"slip_number": number, "item": item, "received": Decimal(1), "issued": Decimal(0)}


def booked(*slips: dict[str, object], number: str = "KF-1", ago: timedelta = DAY) -> FiledPaper:
    return FiledPaper("stock_account", number, FOUR - ago, {"movements": list(slips)})


@pytest.mark.parametrize(
    ("entered", "repeated"),
    [
        ([slip("RK-2"), slip("RK-3")], None),
        ([slip("RK-2"), slip("RK-2", "硒鼓")], None),
        ([], None),
        ([slip("RK-1")], "RK-1 搓纸轮（KF-1）"),
        ([slip("RK-1", "硒鼓")], "RK-1 硒鼓（KF-1）"),
        ([slip(" rk-1 "), slip("RK-2")], "rk-1 搓纸轮（KF-1）"),
        ([slip("RK-2"), slip("RK-2")], "RK-2 搓纸轮（RZ-2026-0001）"),
        ([slip("RK-1"), slip("RK-2"), slip("rk-2")], "RK-1 搓纸轮（KF-1）；rk-2 搓纸轮（RZ-2026-0001）"),
    ],
)
def test_a_slip_is_entered_once(entered: list[dict[str, object]], repeated: str | None) -> None:
    """With one slip several items may move; a second case, or a second line of the same item, is a repetition."""
    outcome = department.stock_slips(context(booked(slip("RK-1")), movements=entered))
    assert outcome.variables == {"repeated_slips": repeated}


def test_a_correction_takes_the_place_of_what_a_case_entered_before() -> None:
    own = booked(slip("RK-3"), number="RZ-2026-0001")
    lines = [booked(slip("RK-1"), ago=2 * DAY), booked(slip("RK-2")), own]
    entered = [slip("RK-1"), slip("RK-2"), slip("RK-3")]
    outcome = department.stock_slips(context(*lines, movements=entered))
    assert outcome.variables == {"repeated_slips": "RK-2 搓纸轮（KF-1）"}
    report = department.stock_report(context(*lines, movements=[slip("RK-4")]))
    assert report.variables["stock_text"] == "搓纸轮：入 1，出 0，存 2"


def test_a_repeated_slip_counts_once_in_the_report() -> None:
    """Also while the case that repeated it has not corrected it yet."""
    repeating = booked(slip("RK-1"), slip("RK-2"), slip("RK-2"), slip("RK-2", "硒鼓"), number="KF-2")
    lines = department.stock_lines([booked(slip("rk-1"), ago=2 * DAY), repeating], FOUR - 3 * DAY)
    assert [(line["item"], line["balance"]) for line in lines] == [("搓纸轮", 2), ("硒鼓", 1)]


def test_movements_from_before_slips_had_numbers_all_count() -> None:
    old, older = moved(FOUR - DAY, 10, 1), FiledPaper("stock_account", "KF-0", FOUR - 2 * DAY, {"movements": None})
    assert department.stock_slips(context(old, older, movements=[slip("RK-1")])).variables == {"repeated_slips": None}
    assert department.stock_lines([older, old, old], FOUR)[0]["balance"] == 18


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
