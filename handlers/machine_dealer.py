"""What the machine dealer's reception and workshop compute (document 002): the total of a repair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from engine.errors import N_
from engine.handling import HandlerContext, HandlerFailure, Outcome, handler

ZERO = Decimal(0)
CENT = Decimal("0.01")


class MissingInput(HandlerFailure):
    """A variable the computation needs is missing or of the wrong kind."""

    template = N_("{name} is {value}; a number is wanted. Correct the variable of the case and try again.")


class NoList(HandlerFailure):
    """A variable that should be a list of lines is something else."""

    template = N_("{name} is {value}; a list is wanted. Correct the variable of the case and try again.")


@handler("repair_total", inline=True)
def repair_total(context: HandlerContext) -> Outcome:
    """Add up parts, labour and what was added during the work (服务顾问 五.2, 七.2; 维修中心 四.2, 六.1).

    Labour is repair, outside work and assembly. What is marked as a warranty claim is not charged to the customer, and
    nothing at all is when `free_of_charge` is true (rework within the guarantee). `lead_days` is the longest time any
    part takes to order, `labour_hours` the hours of the work.
    """
    case = context.variables
    parts, labour, extras = _rows(case, "parts"), _rows(case, "labour_items"), _rows(case, "extra_items")
    parts_total = _money(sum((_price(part) for part in parts), ZERO))
    fees = sum((_number(item, "fee") for item in labour), ZERO)
    labour_total = _money(fees + _number(case, "outside_fee", ZERO) + _number(case, "assembly_fee", ZERO))
    claim_parts = sum((_price(part) for part in parts if part.get("claim") is True), ZERO)
    claim_labour = sum((_number(item, "fee") for item in labour if item.get("claim") is True), ZERO)
    claim_total = _money(claim_parts + claim_labour)
    extra_total = _money(sum((_number(item, "fee") for item in extras), ZERO))
    charged = ZERO if case.get("free_of_charge") is True else parts_total + labour_total + extra_total - claim_total
    return Outcome(
        {
            "parts_total": parts_total,
            "labour_total": labour_total,
            "extra_total": extra_total,
            "claim_total": claim_total,
            "has_claims": any(line.get("claim") is True for line in (*parts, *labour)),
            "fee_total": charged,
            "labour_hours": sum((_number(item, "hours", ZERO) for item in labour), ZERO),
            "lead_days": max((_lead_days(part) for part in parts), default=ZERO),
        }
    )


def _price(part: Mapping[str, object]) -> Decimal:
    return _number(part, "quantity") * _number(part, "unit_price")


def _lead_days(part: Mapping[str, object]) -> Decimal:
    """How many days a part takes to order; nothing where it is in stock."""
    return ZERO if part.get("in_stock") is True else _number(part, "lead_days", ZERO)


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _rows(values: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = values.get(name) or []
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise NoList(name=name, value=found)
    return [cast("Mapping[str, object]", row) for row in cast("Sequence[object]", found) if isinstance(row, Mapping)]


def _number(values: Mapping[str, object], name: str, default: Decimal | None = None) -> Decimal:
    value = values.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise MissingInput(name=name, value=value)
    return Decimal(value)
