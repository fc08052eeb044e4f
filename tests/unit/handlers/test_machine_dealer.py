"""The total of a repair at the machine dealer (document 002), and the workshop's lists that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.handling import (
    CaseFacts,
    FiledPaper,
    HandlerContext,
    known_handlers,
)
from handlers import machine_dealer as dealer
from handlers import values
from tests.on_record import Filed, Prices

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FILTER = {"name": "液压油滤芯", "quantity": Decimal(2), "unit_price": Decimal(420)}
SEAL = {"name": "小臂油缸油封", "quantity": Decimal(1), "unit_price": Decimal(680)}
WORK = {"item": "更换油封", "hours": Decimal(4), "fee": Decimal(720)}


def total(**variables: object) -> Mapping[str, object]:
    case = CaseFacts(1, "JC-2026-0001", "service_advisor_workflow", NOW)
    return dealer.repair_total(HandlerContext(variables, {}, case, "machine_dealer", NOW, Prices(), "key")).variables


def test_a_quote_adds_up_parts_labour_outside_work_and_assembly() -> None:
    sums = total(parts=[FILTER, SEAL], labour_items=[WORK], outside_fee=Decimal(300), assembly_fee=Decimal(200))
    assert (sums["parts_total"], sums["labour_total"]) == (1520, 1220)
    assert (sums["fee_total"], sums["claim_total"], sums["extra_total"]) == (2740, 0, 0)
    assert sums["has_claims"] is False
    assert sums["labour_hours"] == 4


def test_what_is_claimed_is_not_charged() -> None:
    sums = total(parts=[FILTER, SEAL | {"claim": True}], labour_items=[WORK | {"claim": True}])
    assert (sums["claim_total"], sums["fee_total"], sums["has_claims"]) == (1400, 840, True)


@pytest.mark.parametrize("claimed", ["parts", "labour_items"])
def test_one_claimed_line_is_enough_to_ask_the_claim_officer(claimed: str) -> None:
    lists: dict[str, list[dict[str, object]]] = {"parts": [{**SEAL}], "labour_items": [{**WORK}]}
    lists[claimed][0]["claim"] = True
    assert total(**lists)["has_claims"] is True


def test_a_line_that_is_not_ticked_is_charged() -> None:
    sums = total(parts=[SEAL | {"claim": False}, FILTER | {"claim": None}], labour_items=[WORK])
    assert (sums["claim_total"], sums["fee_total"], sums["has_claims"]) == (0, 2240, False)


def test_what_the_customer_agreed_during_the_work_is_added() -> None:
    extras = [{"item": "车削制动盘", "fee": Decimal(100)}, {"item": "更换制动液", "fee": Decimal(60)}]
    sums = total(labour_items=[WORK], extra_items=extras)
    assert (sums["extra_total"], sums["fee_total"]) == (160, 880)


def test_rework_within_the_guarantee_is_free_but_still_counted() -> None:
    sums = total(parts=[SEAL], labour_items=[WORK], free_of_charge=True)
    assert (sums["parts_total"], sums["labour_total"], sums["fee_total"]) == (680, 720, 0)
    assert total(parts=[SEAL], free_of_charge=False)["fee_total"] == 680


def test_the_longest_order_counts_and_what_is_in_stock_takes_no_time() -> None:
    parts = [
        SEAL | {"in_stock": False, "lead_days": Decimal(2)},
        FILTER | {"in_stock": True, "lead_days": Decimal(9)},
        FILTER | {"in_stock": None, "lead_days": Decimal(1)},
    ]
    assert total(parts=parts)["lead_days"] == 2
    assert total(parts=[])["lead_days"] == 0


def test_amounts_are_rounded_to_the_cent_half_up() -> None:
    sums = total(parts=[{"quantity": Decimal("0.5"), "unit_price": Decimal("0.01")}])
    assert sums["parts_total"] == sums["fee_total"] == Decimal("0.01")


def test_nothing_at_all_costs_nothing() -> None:
    assert total()["fee_total"] == 0


@pytest.mark.parametrize("value", [None, "680", True])
def test_a_price_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(values.MissingInput, match="unit_price"):
        total(parts=[SEAL | {"unit_price": value}])


@pytest.mark.parametrize("name", ["parts", "labour_items", "extra_items"])
def test_lists_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(values.NoList, match=name):
        total(**{name: "一套"})


def paper(document_type: str, case: str = "CJ-2026-0007", minutes: int = 0, **fields: object) -> FiledPaper:
    return FiledPaper(document_type, case, NOW + timedelta(minutes=minutes), fields)


def taken_over(*filed: FiledPaper, **variables: object) -> Mapping[str, object]:
    case = CaseFacts(1, "JC-2026-0001", "service_advisor_workflow", NOW)
    given = {"workshop_case_number": "CJ-2026-0007", **variables}
    now = NOW + timedelta(minutes=90)
    context = HandlerContext(given, {}, case, "machine_dealer", now, Prices(), "key", records=Filed(filed))
    return dealer.workshop_lists(context).variables


def test_the_lists_of_the_workshop_are_taken_over() -> None:
    """Of its own case only, and of a paper that was corrected the last."""
    lists = taken_over(
        paper("parts_price_list", parts=[SEAL]),
        paper("parts_price_list", minutes=90, parts=[{**FILTER, "code": "FLT-HYD", "in_stock": True}]),
        paper("parts_price_list", "CJ-2026-0008", 90, parts=[SEAL]),
        paper(
            "hours_report", labour_items=[{**WORK, "workers": 2}], outside_fee=Decimal(300), assembly_fee=Decimal(200)
        ),
        paper("work_instruction", work_steps=[{"step": "拆小臂油缸", "standard": "按手册", "by": "牛长青"}]),
    )
    assert lists == {
        "parts": [{**FILTER, "code": "FLT-HYD"}],
        "labour_items": [WORK],
        "outside_fee": 300,
        "assembly_fee": 200,
        "work_steps": [{"step": "拆小臂油缸", "standard": "按手册"}],
    }
    assert total(**lists)["fee_total"] == 840 + 720 + 300 + 200


def test_papers_from_before_the_visit_are_not_taken_over() -> None:
    lists = taken_over(paper("parts_price_list", minutes=-1, parts=[SEAL]))
    assert lists == {"parts": [], "labour_items": [], "outside_fee": None, "assembly_fee": None, "work_steps": []}


def test_lists_that_were_filled_in_by_hand_are_kept() -> None:
    assert taken_over(paper("hours_report", labour_items=[WORK]), labour_items=[WORK | {"claim": True}]) == {}


def test_the_handlers_of_the_diagrams_are_registered() -> None:
    assert {"repair_total", "workshop_lists"} <= known_handlers()
