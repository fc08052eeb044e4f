"""The computations of the equipment supplier, at and beside every boundary of document 000."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.handling import CaseFacts, FiledPaper, HandlerContext, PriceItem, known_handlers
from handlers import equipment_supplier as supplier
from handlers import values
from tests.on_record import Filed, Prices

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LIST = {
    "VFD-7K5": PriceItem("VFD-7K5", "变频器", "FC-7.5K", "台", Decimal(7600), Decimal(6000)),
    "LAB-E": PriceItem("LAB-E", "电气工时", "", "小时", Decimal(240), Decimal(160)),
}


def context(headers: Mapping[str, str] | None = None, **variables: object) -> HandlerContext:
    case = CaseFacts(1, "SH-2026-0001", "after_sales_service", NOW)
    return HandlerContext(variables, headers or {}, case, "equipment_supplier", NOW, Prices(LIST), "key")


def test_the_customers_that_are_due_are_listed_the_longest_waiting_first() -> None:
    def paper(kind: str, customer: str, days_ago: int) -> FiledPaper:
        return FiledPaper(
            kind, "SH-1", NOW - timedelta(days=days_ago), {"customer_name": customer, "equipment": "GZ-12"}
        )

    lines = [
        paper("service_ledger", "never", 10),
        paper("service_ledger", "today", 700),
        paper("service_ledger", "tomorrow", 700),
        paper("service_ledger", "long", 1000),
        paper("service_ledger", "forgotten", 1099),
        paper("visit_record", "long", 400),
        paper("visit_record", "long", 300),
        paper("visit_record", "today", 90),
        paper("visit_record", "tomorrow", 89),
    ]
    case = CaseFacts(1, "BF-2026-0001", "periodic_customer_visit", NOW)
    asked = HandlerContext({}, {}, case, "equipment_supplier", NOW, Prices(), "key", records=Filed(lines))
    due = values.rows(supplier.customers_due(asked).variables, "customers_due")
    assert [row["customer_name"] for row in due] == ["never", "long", "today"]
    assert [row["last_visit"] for row in due] == [None, date(2025, 5, 6), date(2025, 12, 2)]
    assert due[0]["equipment"] == "GZ-12"


def quoted(price: str, **more: object) -> HandlerContext:
    part = {"name": "变频器", "model": "FC-7.5K", "quantity": Decimal(1), "unit_price": Decimal(7600)}
    values: dict[str, object] = {"parts": [part], "labour_item": "LAB-E", "labour_hours": Decimal(10)}
    return context(quoted_price=Decimal(price), **(values | more))


@pytest.mark.parametrize(
    ("price", "percent", "covered"),
    [
        ("10000", "0", True),
        ("9999.99", "0.01", True),
        ("9000", "10", True),
        ("8999.99", "10.01", True),
        ("8800", "12", True),
        ("7600", "24", True),
        ("7599.99", "24.01", False),
        ("10500", "-5", True),
    ],
)
def test_the_deviation_is_exact_at_its_boundaries(price: str, percent: str, covered: bool) -> None:
    variables = supplier.price_deviation(quoted(price)).variables
    assert variables["list_price"] == 10000
    assert variables["deviation_percent"] == Decimal(percent)
    assert variables["floor_covered"] is covered


def test_rounding_moves_no_quote_over_a_boundary() -> None:
    assert supplier.deviation_percent(Decimal(30000), Decimal("26999.99")) > 10
    assert supplier.deviation_percent(Decimal(30000), Decimal("29999.99")) > 0
    assert supplier.deviation_percent(Decimal(30000), Decimal("30000.01")) <= 0
    assert supplier.deviation_percent(Decimal(30000), Decimal(27000)) == 10
    assert supplier.deviation_percent(Decimal(0), Decimal(0)) == 0


def test_the_quote_adds_up_parts_labour_and_travel() -> None:
    variables = supplier.quote_sum(quoted("10300", travel_cost=Decimal(300))).variables
    assert (variables["parts_total"], variables["labour_total"]) == (7600, 2400)
    assert variables["calculated_price"] == variables["list_price"] == 10300
    assert variables["cost_floor"] == 7900
    assert variables["price_list_version"] == "2026"


def test_a_part_that_is_not_listed_counts_with_its_price_and_is_named() -> None:
    part = {"name": "定制支架", "model": "ZJ-1", "quantity": Decimal(2), "unit_price": Decimal(100)}
    variables = supplier.quote_sum(context(parts=[part], quoted_price=Decimal(180))).variables
    assert (variables["list_price"], variables["cost_floor"]) == (200, 200)
    assert variables["unlisted_parts"] == "定制支架 ZJ-1"
    assert variables["floor_covered"] is False


def test_a_quote_without_parts_is_labour_alone() -> None:
    variables = supplier.quote_sum(quoted("2400", parts=None)).variables
    assert (variables["list_price"], variables["deviation_percent"]) == (2400, 0)
    assert variables["unlisted_parts"] is None


def test_labour_without_a_rate_in_the_price_list_is_refused() -> None:
    with pytest.raises(values.NoRate, match="LAB-X"):
        supplier.price_deviation(quoted("10000", labour_item="LAB-X"))


@pytest.mark.parametrize("value", [None, "8800", True])
def test_a_quote_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(values.MissingInput, match="quoted_price"):
        supplier.price_deviation(context(parts=[], quoted_price=value))


def test_parts_that_are_no_list_are_refused() -> None:
    with pytest.raises(values.NoList, match="parts"):
        supplier.quote_sum(context(parts="变频器", quoted_price=Decimal(1)))


def test_the_contract_has_number_price_and_words() -> None:
    case = context(quoted_price=Decimal("8668"), equipment="GZ-12", fault_description="通讯中断")
    variables = supplier.contract_draft(case).variables
    assert variables["contract_number"] == "SH-2026-0001-HT"
    assert variables["contract_price_words"] == "捌仟陆佰陆拾捌元整"
    assert variables["contract_service"] == "GZ-12：通讯中断"
    assert str(variables["contract_date"]) == "2026-03-02"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("100001", "壹拾万零壹元整"),
        ("1001000", "壹佰万壹仟元整"),
        ("100001000", "壹亿零壹仟元整"),
        ("20030.40", "贰万零叁拾元肆角整"),
        ("1409.06", "壹仟肆佰零玖元零陆分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
    ],
)
def test_amounts_are_written_in_capitals(amount: str, words: str) -> None:
    assert supplier.amount_in_words(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["-1", "10000000000000000"])
def test_an_amount_that_cannot_be_written_is_refused(amount: str) -> None:
    with pytest.raises(values.MissingInput):
        supplier.amount_in_words(Decimal(amount))


@pytest.mark.parametrize(
    ("event", "variable"),
    [("phone_solved", "phone_answer"), ("declined", "decline_reason"), ("completed", "work_done")],
)
def test_the_ledger_line_tells_the_event_and_its_result(event: str, variable: str) -> None:
    outcome = supplier.ledger_entry(context({"event": event}, customer_name="杭州瑞康食品", **{variable: "重启后恢复"}))
    (entry,) = outcome.entries
    assert entry.register == "service_ledger"
    assert (entry.fields["ledger_event"], entry.fields["result"]) == (event, "重启后恢复")
    assert (entry.fields["case_number"], entry.fields["customer_name"]) == ("SH-2026-0001", "杭州瑞康食品")


def test_callbacks_follow_the_frequency_in_order() -> None:
    variables = supplier.callback_schedule(context(callback_days=[Decimal(30), Decimal(7)])).variables
    assert variables["callback_dates"] == [NOW + timedelta(days=7), NOW + timedelta(days=30)]
    assert variables["callback_number"] == 1


def test_a_missed_callback_is_due_at_once() -> None:
    variables = supplier.callback_schedule(context(callback_days=[Decimal(7)], callback_missed=True)).variables
    assert variables["callback_dates"] == [NOW]


@pytest.mark.parametrize("days", [None, [], "7"])
def test_a_frequency_without_days_is_refused(days: object) -> None:
    with pytest.raises(supplier.EmptyFrequency):
        supplier.callback_schedule(context(callback_days=days))


def test_all_handlers_of_the_diagrams_are_registered() -> None:
    assert {"quote_sum", "price_deviation", "contract_draft", "ledger_entry", "callback_schedule"} <= known_handlers()
