"""What the machine dealer's reception and workshop compute (document 002): totals, the workshop's lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from engine.handling import HandlerContext, Outcome, handler
from handlers.values import ZERO, money, number, rows

PRICES, HOURS, INSTRUCTION = "parts_price_list", "hours_report", "work_instruction"
"""The papers of the workshop's quote: 配件价格单, 报工时单, 作业计划书."""
INSTANT = timedelta(microseconds=1)
"""Records are read up to a moment that is left out; what was filed right now counts too."""


@handler("repair_total", inline=True)
def repair_total(context: HandlerContext) -> Outcome:
    """Add up parts, labour and what was added during the work (服务顾问 五.2, 七.2; 维修中心 四.2, 六.1).

    Labour is repair, outside work and assembly. What is marked as a warranty claim is not charged to the customer, and
    nothing at all is when `free_of_charge` is true (rework within the guarantee). `lead_days` is the longest time any
    part takes to order, `labour_hours` the hours of the work.
    """
    case = context.variables
    parts, labour, extras = rows(case, "parts"), rows(case, "labour_items"), rows(case, "extra_items")
    parts_total = money(sum((_price(part) for part in parts), ZERO))
    fees = sum((number(item, "fee") for item in labour), ZERO)
    labour_total = money(fees + number(case, "outside_fee", ZERO) + number(case, "assembly_fee", ZERO))
    claim_parts = sum((_price(part) for part in parts if part.get("claim") is True), ZERO)
    claim_labour = sum((number(item, "fee") for item in labour if item.get("claim") is True), ZERO)
    claim_total = money(claim_parts + claim_labour)
    extra_total = money(sum((number(item, "fee") for item in extras), ZERO))
    charged = ZERO if case.get("free_of_charge") is True else parts_total + labour_total + extra_total - claim_total
    return Outcome(
        {
            "parts_total": parts_total,
            "labour_total": labour_total,
            "extra_total": extra_total,
            "claim_total": claim_total,
            "has_claims": any(line.get("claim") is True for line in (*parts, *labour)),
            "fee_total": charged,
            "labour_hours": sum((number(item, "hours", ZERO) for item in labour), ZERO),
            "lead_days": max((_lead_days(part) for part in parts), default=ZERO),
        }
    )


@handler("workshop_lists", inline=True)
def workshop_lists(context: HandlerContext) -> Outcome:
    """Take over parts, labour and steps of the workshop's case `workshop_case_number` (服务顾问 五.1).

    They are what its papers say. Lists that were filled in by hand before are left as they are: the claims are marked
    in them.
    """
    if rows(context.variables, "labour_items"):
        return Outcome()
    priced, estimated, instructed = (_newest(context, paper) for paper in (PRICES, HOURS, INSTRUCTION))
    return Outcome(
        {
            "parts": _columns(priced, "parts", "name", "code", "quantity", "unit_price"),
            "labour_items": _columns(estimated, "labour_items", "item", "hours", "fee"),
            "outside_fee": estimated.get("outside_fee"),
            "assembly_fee": estimated.get("assembly_fee"),
            "work_steps": _columns(instructed, "work_steps", "step", "standard"),
        }
    )


def _newest(context: HandlerContext, document_type: str) -> Mapping[str, object]:
    """What the last paper of a type says in the workshop's case; nothing where it has none."""
    number = context.variables.get("workshop_case_number")
    papers = context.records.papers(document_type, context.case.started_at, context.now + INSTANT)
    return next((paper.fields for paper in reversed(papers) if paper.case_number == number), {})


def _columns(fields: Mapping[str, object], name: str, *columns: str) -> list[dict[str, object]]:
    return [{column: row.get(column) for column in columns} for row in rows(fields, name)]


def _price(part: Mapping[str, object]) -> Decimal:
    return number(part, "quantity") * number(part, "unit_price")


def _lead_days(part: Mapping[str, object]) -> Decimal:
    """How many days a part takes to order; nothing where it is in stock."""
    return ZERO if part.get("in_stock") is True else number(part, "lead_days", ZERO)
