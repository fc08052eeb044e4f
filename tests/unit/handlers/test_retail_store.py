"""The computations of the retail store, at and beside every boundary of document 003."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine import feel
from engine.handling import CaseFacts, FiledPaper, HandlerContext, PastCase, PastTask, PriceItem, known_handlers
from handlers import retail_store as store
from tests.on_record import Filed, Prices

CLOSES = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
"""Monday, 21:00 in the store."""
DAY = timedelta(days=1)
CHARGES = {"REP-S": PriceItem("REP-S", "小修", "", "次", Decimal(60), Decimal(35))}


def closings(*at: datetime, cancelled: Sequence[datetime] = ()) -> list[PastCase]:
    """The closings of days, some of which were cancelled."""
    return [
        PastCase(str(each), "retail_daily_close", "cancelled" if each in cancelled else "completed", each, each, ())
        for each in at
    ]


def account_tasks(tasks: Sequence[tuple[datetime, bool]]) -> list[PastTask]:
    """The tasks of the closings in which the accounts are filled in; True where that was done."""
    return [
        PastTask(str(at), "close_day", at, None, at if done else None, "front_desk" if done else "")
        for at, done in tasks
    ]


def context(
    records: Filed | None = None, prices: Mapping[str, PriceItem] = CHARGES, **values: object
) -> HandlerContext:
    case = CaseFacts(1, "RJ-2026-0001", "retail_daily_close", CLOSES)
    return HandlerContext(values, {}, case, "retail_store", CLOSES, Prices(prices), "key", records=records or Filed())


def sold(entry: str, ago: timedelta = timedelta(hours=1), **fields: object) -> FiledPaper:
    return FiledPaper("after_sales_register", "MD-1", CLOSES - ago, {"register_entry": entry, **fields})


def missed(number: str, entry: str, ago: timedelta) -> FiledPaper:
    fields = {"stock_entry": entry, "article": "电饭煲", "customer_name": "卢晓梅", "contact_phone": "137-0000 0302"}
    return FiledPaper("stock_out_register", number, CLOSES - ago, fields)


@pytest.mark.parametrize(
    ("bought", "days", "left"),
    [
        (feel.Date(2026, 3, 2), 0, 92),
        (feel.Date(2026, 2, 23), 7, 82),
        (feel.Date(2026, 1, 31), 30, 59),
        (feel.Date(2025, 12, 3), 89, 1),
        (feel.Date(2025, 12, 2), 90, 0),
        (feel.Date(2025, 12, 1), 91, -1),
        (feel.Date(2025, 11, 30), 92, -2),
    ],
)
def test_the_age_of_a_purchase_counts_in_days_and_to_three_months(bought: feel.Date, days: int, left: int) -> None:
    variables = store.case_terms(context(purchase_date=bought)).variables
    assert (variables["days_since_purchase"], variables["days_to_three_months"]) == (days, left)


def test_the_last_day_of_each_window_is_told() -> None:
    variables = store.case_terms(context(purchase_date=feel.Date(2026, 2, 23))).variables
    assert variables["return_until"] == date(2026, 3, 2)
    assert variables["quality_return_until"] == date(2026, 3, 10)
    assert variables["exchange_until"] == date(2026, 3, 25)
    assert variables["free_repair_until"] == date(2026, 5, 23)


def test_a_case_after_midnight_in_the_store_is_of_the_new_day() -> None:
    case = CaseFacts(1, "MD-1", "retail_after_sales_case", datetime(2026, 3, 1, 16, 0, tzinfo=UTC))
    values = {"purchase_date": feel.Date(2026, 3, 2)}
    late = HandlerContext(values, {}, case, "retail_store", CLOSES, Prices(CHARGES), "key")
    assert store.case_terms(late).variables["days_since_purchase"] == 0


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 9, 30), 3, date(2026, 12, 30)),
        (date(2026, 10, 1), 3, date(2027, 1, 1)),
    ],
)
def test_a_month_without_such_a_day_ends_with_its_last(day: date, months: int, after: date) -> None:
    assert store.months_after(day, months) == after


@pytest.mark.parametrize("value", [None, "2026-03-02", 7])
def test_a_purchase_without_a_date_is_refused(value: object) -> None:
    with pytest.raises(store.NoPurchaseDate):
        store.case_terms(context(purchase_date=value))


def test_the_charges_are_those_of_the_price_list() -> None:
    assert store.repair_charges(context()) == [{"code": "REP-S", "name": "小修", "fee": Decimal(60)}]


def test_a_price_list_without_charges_is_refused() -> None:
    with pytest.raises(store.NoCharges, match="REP-S"):
        store.repair_charges(context(prices={}))


def test_the_day_adds_up_its_register_lines() -> None:
    lines = [
        sold("handled", handling="return"),
        sold("handled", handling="return"),
        sold("handled", handling="paid_repair"),
        sold("refunded", handling="return", refund_amount=Decimal("199.00"), refund_method="cash"),
        sold("refunded", handling="return", refund_amount=Decimal("80.50"), refund_method="original"),
        sold("collected", handling="paid_repair", paid_amount=Decimal(120), payment_method="mobile"),
        sold("collected", handling="paid_repair", paid_amount=Decimal(60), payment_method="cash"),
        sold("closed", handling="return", satisfaction="dissatisfied"),
        sold("closed", handling="paid_repair", satisfaction="satisfied"),
    ]
    figures = store.daily_sum(context(Filed(lines))).variables
    assert (figures["return_count"], figures["paid_repair_count"], figures["exchange_count"]) == (2, 1, 0)
    assert (figures["refund_total"], figures["refund_cash"]) == (Decimal("279.50"), 199)
    assert (figures["fee_total"], figures["fee_cash"], figures["cash_net"]) == (180, 60, -139)
    assert (figures["dissatisfied_count"], figures["close_date"]) == (1, date(2026, 3, 2))


def test_the_first_close_counts_from_midnight() -> None:
    lines = [
        sold("handled", timedelta(hours=21), handling="return"),
        sold("handled", timedelta(hours=21, seconds=1), handling="return"),
    ]
    assert store.daily_sum(context(Filed(lines))).variables["return_count"] == 1


def test_a_line_after_closing_belongs_to_the_next_day_and_to_no_other() -> None:
    yesterday = CLOSES - DAY
    lines = [sold("handled", DAY, handling="return"), sold("handled", DAY + timedelta(seconds=1), handling="exchange")]
    lines.append(sold("handled", timedelta(0), handling="refuse"))
    figures = store.daily_sum(context(Filed(lines, closings(yesterday - DAY, yesterday)))).variables
    assert (figures["return_count"], figures["exchange_count"], figures["refuse_count"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("accounts", "counted"),
    [([], (1, 1)), ([False], (1, 1)), ([True], (0, 1)), ([True, False], (1, 1)), ([True, False, True], (0, 1))],
    ids=["never begun", "not done", "done", "returned", "done once more"],
)
def test_a_cancelled_closing_counts_where_its_accounts_are_done(accounts: list[bool], counted: tuple[int, int]) -> None:
    """What it did not account for goes to the next closing, and what it did is not counted again."""
    yesterday = CLOSES - DAY
    lines = [
        sold("handled", 2 * DAY + timedelta(seconds=1), handling="refuse"),
        sold("handled", DAY + timedelta(seconds=1), handling="return"),
        sold("handled", DAY, handling="exchange"),
    ]
    tasks = [(yesterday, done) for done in accounts]
    figures = store.daily_sum(
        context(Filed(lines, closings(yesterday - DAY, yesterday, cancelled=[yesterday]), account_tasks(tasks)))
    ).variables
    assert (figures["return_count"], figures["exchange_count"], figures["refuse_count"]) == (*counted, 0)


def test_stock_outs_without_an_answer_are_listed_by_urgency() -> None:
    papers = [
        missed("QH-1", "registered", 8 * DAY),
        missed("QH-2", "registered", 7 * DAY),
        missed("QH-3", "registered", 2 * DAY),
        missed("QH-3", "answered", DAY),
        missed("QH-4", "registered", timedelta(hours=2)),
        missed("QH-4", "closed", timedelta(hours=1)),
    ]
    figures = store.daily_sum(context(Filed(papers))).variables
    due = store.stock_outs_due(papers, date(2026, 3, 2))
    assert figures["stock_outs_due"] == due
    assert [(line["case_number"], line["days_left"]) for line in due] == [("QH-1", -1), ("QH-2", 0), ("QH-4", 7)]
    assert (due[1]["answer_by"], due[1]["article"]) == (date(2026, 3, 2), "电饭煲")
    assert figures["stock_out_count"] == 1


@pytest.mark.parametrize(("numbers", "current", "following"), [([], 1, 2), ([2], 2, 3), ([2, 3], 3, 4)])
def test_the_next_edition_follows_the_last(numbers: list[int], current: int, following: int) -> None:
    papers = [
        FiledPaper("regulation_version", "ZD-1", CLOSES - DAY, {"regulation_number": Decimal(number)})
        for number in numbers
    ]
    variables = store.regulation_edition(context(Filed(papers))).variables
    assert variables["current_version"] == f"第 {current} 版"
    assert (variables["new_number"], variables["new_version"]) == (following, f"第 {following} 版")


def test_all_handlers_of_the_diagrams_are_registered() -> None:
    assert {"case_terms", "daily_sum", "regulation_edition"} <= known_handlers()
