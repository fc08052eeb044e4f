"""The computations of the machine dealer's field processes: parts, fees, instalments, loans and warranty terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.feel import Date
from engine.handling import CaseFacts, HandlerContext, Outcome, known_handlers
from handlers import machine_dealer_field as field
from handlers import values
from tests.on_record import Prices

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def context(variables: Mapping[str, object], headers: Mapping[str, str] | None = None) -> HandlerContext:
    return HandlerContext(
        variables=variables,
        headers=headers or {},
        case=CaseFacts(1, "WQ-2026-0001", "field_after_sales", NOW),
        organisation="machine_dealer",
        now=NOW,
        prices=Prices(),
        idempotency_key="k",
    )


def part(code: str, **numbers: int | str) -> dict[str, object]:
    return {"name": "油封", "code": code, **{name: Decimal(value) for name, value in numbers.items()}}


def variables(outcome: Outcome, *names: str) -> list[object]:
    return [outcome.variables[name] for name in names]


def test_the_handlers_are_registered() -> None:
    assert {
        "parts_query",
        "field_fee_sum",
        "payment_plan",
        "payment_state",
        "loan_balance",
        "warranty_terms",
    } <= known_handlers()


@pytest.mark.parametrize(
    ("wanted", "enough", "missing"),
    [
        ([part("A", quantity=2, stock=2)], True, None),
        ([part("A", quantity=2, stock=3)], True, None),
        ([part("A", quantity=2, stock=1)], False, "油封 A × 1"),
        ([part("A", quantity=10, stock=0), part("B", quantity="0.5")], False, "油封 A × 10、油封 B × 0.5"),
        ([], True, None),
        (None, True, None),
    ],
)
def test_missing_parts_are_named(wanted: object, enough: bool, missing: str | None) -> None:
    outcome = field.parts_query(context({"wanted_parts": wanted}))
    assert outcome.variables == {"stock_enough": enough, "missing_parts": missing}


def test_parts_that_are_no_list_are_refused() -> None:
    with pytest.raises(values.NoList, match="wanted_parts is 油封"):
        field.parts_query(context({"wanted_parts": "油封"}))


def test_the_first_three_are_cost_and_labour_comes_on_top() -> None:
    outcome = field.field_fee_sum(
        context(
            {
                "fee_parts": [part("A", quantity=2, unit_price="340.25")],
                "outside_cost": Decimal(120),
                "transport_cost": Decimal(200),
                "labour_hours": Decimal("2.5"),
                "labour_rate": Decimal(180),
            }
        )
    )
    assert outcome.variables == {
        "parts_cost": Decimal("680.50"),
        "labour_cost": Decimal("450.00"),
        "cost_total": Decimal("1000.50"),
        "estimate_total": Decimal("1450.50"),
    }


def test_a_job_without_parts_costs_its_labour() -> None:
    outcome = field.field_fee_sum(context({"labour_hours": Decimal(1), "labour_rate": Decimal(180)}))
    assert variables(outcome, "cost_total", "estimate_total") == [Decimal(0), Decimal(180)]


def test_a_part_without_price_is_refused() -> None:
    with pytest.raises(values.MissingInput, match="unit_price"):
        field.field_fee_sum(context({"fee_parts": [part("A", quantity=1)]}))


@pytest.mark.parametrize(
    ("total", "before", "after", "instalments"),
    [
        ("2000", 50, 40, ["1000.00", "800.00", "200.00"]),
        ("2000", 80, 20, ["1600.00", "400.00", "0.00"]),
        ("1700", 100, 0, ["1700.00", "0.00", "0.00"]),
        ("100.01", 50, 10, ["50.01", "10.00", "40.00"]),
    ],
)
def test_instalments_add_up_to_the_fee(total: str, before: int, after: int, instalments: list[str]) -> None:
    outcome = field.payment_plan(
        context(
            {
                "agreed_fee": Decimal(total),
                "prepay_percent": Decimal(before),
                "after_work_percent": Decimal(after),
            }
        )
    )
    found = [Decimal(str(outcome.variables[name])) for name in ("due_before_work", "due_after_work", "due_after_test")]
    assert found == [Decimal(amount) for amount in instalments]
    assert sum(found) == Decimal(total)


@pytest.mark.parametrize(("cost", "covered"), [("1000", True), ("1000.01", False)])
def test_the_prepayment_should_cover_the_cost(cost: str, covered: bool) -> None:
    values = {"agreed_fee": Decimal(2000), "prepay_percent": Decimal(50), "cost_total": Decimal(cost)}
    assert field.payment_plan(context(values)).variables["cost_covered"] is covered


@pytest.mark.parametrize(
    ("received", "arrived", "missing"),
    [("1000", True, "0"), ("1000.01", True, "0"), ("999.99", False, "0.01"), (None, False, "1000")],
)
def test_money_has_arrived_when_it_is_all_there(received: str | None, arrived: bool, missing: str) -> None:
    values = {"due_before_work": Decimal(1000), "received_amount": None if received is None else Decimal(received)}
    outcome = field.payment_state(context(values, {"due": "due_before_work"}))
    assert variables(outcome, "money_arrived", "open_amount") == [arrived, Decimal(missing)]


def test_without_an_agreed_fee_nothing_can_be_checked() -> None:
    with pytest.raises(values.MissingInput, match="agreed_fee is None"):
        field.payment_state(context({"received_amount": Decimal(1)}))


@pytest.mark.parametrize(
    ("lent", "cleared", "left"),
    [
        ([part("A", quantity=2, returned=1, settled=1)], True, None),
        ([part("A", quantity=2, returned=1, settled=0)], False, "油封 A × 1"),
        ([part("A", quantity=2)], False, "油封 A × 2"),
        ([part("A", quantity=1, returned=2)], False, "油封 A × -1"),
        ([], True, None),
    ],
)
def test_loans_are_cleared_when_nothing_is_left(lent: list[object], cleared: bool, left: str | None) -> None:
    outcome = field.loan_balance(context({"loan_parts": lent}))
    assert outcome.variables == {"loans_cleared": cleared, "open_loans": left}


def machine(**changes: object) -> dict[str, object]:
    return {
        "fault_date": Date(2026, 3, 2),
        "purchase_date": Date(2025, 3, 2),
        "working_hours": Decimal(2000),
        "warranty_months": Decimal(12),
        "warranty_hours": Decimal(2000),
    } | changes


@pytest.mark.parametrize(
    ("changes", "months", "hours"),
    [
        ({}, True, True),
        ({"fault_date": Date(2026, 3, 3)}, False, True),
        ({"working_hours": Decimal("2000.1")}, True, False),
    ],
)
def test_the_last_day_and_the_last_hour_are_in_warranty(changes: dict[str, object], months: bool, hours: bool) -> None:
    outcome = field.warranty_terms(context(machine(**changes)))
    assert variables(outcome, "within_months", "within_hours", "warranty_until") == [months, hours, date(2026, 3, 2)]


def test_months_end_with_the_month() -> None:
    outcome = field.warranty_terms(context(machine(purchase_date=Date(2025, 11, 30), warranty_months=Decimal(3))))
    assert outcome.variables["warranty_until"] == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("repaired", "months", "until", "within"),
    [
        (None, None, None, False),
        (Date(2025, 12, 2), Decimal(3), date(2026, 3, 2), True),
        (Date(2025, 12, 1), Decimal(3), date(2026, 3, 1), False),
    ],
)
def test_the_last_repair_has_a_warranty_of_its_own(
    repaired: Date | None, months: Decimal | None, until: date | None, within: bool
) -> None:
    outcome = field.warranty_terms(context(machine(last_repair_date=repaired, repair_warranty_months=months)))
    assert variables(outcome, "repair_warranty_until", "within_repair_warranty") == [until, within]


@pytest.mark.parametrize("value", [None, "2026-03-02"])
def test_a_missing_date_is_named(value: object) -> None:
    with pytest.raises(values.MissingDate, match="purchase_date"):
        field.warranty_terms(context(machine(purchase_date=value)))
