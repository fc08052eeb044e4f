"""What the appliance brand's processes compute (document 003): one outlet per region, and which outlet is checked.

Both read the outlet database (售后网点资料数据库), so they run inline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from engine.handling import FiledPaper, HandlerContext, Outcome, handler

DATABASE = "outlet_database"
SINCE_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@handler("region_unique", inline=True)
def region_unique(context: HandlerContext) -> Outcome:
    """Whether the region has a contracted outlet already (『叁』二, 第四: 区域唯一性原则), and which.

    The database knows it, or the assessor met one on the spot that was never entered (`other_outlet`).
    """
    region = context.variables.get("region")
    present = [line.fields.get("outlet_name") for line in contracted(_lines(context)) if _region(line) == region]
    present = [context.variables.get("other_outlet"), *present]
    name = next((name for name in reversed(present) if name), None)
    return Outcome({"region_occupied": name is not None, "present_outlet": name})


@handler("random_check", inline=True)
def random_check(context: HandlerContext) -> Outcome:
    """The outlet to be checked, and whether its last check failed (『叁』三).

    One that was named is taken; otherwise a contracted one is drawn by chance. The draw comes from the key of the job:
    it differs from case to case, and a repeated attempt draws the same outlet.
    """
    outlets = contracted(_lines(context))
    if context.variables.get("outlet_name"):
        return _named(context, outlets)
    if not outlets:
        return Outcome({"outlet_found": False, "outlet_name": None, "region": None, "failed_before": False})
    draw = int.from_bytes(hashlib.sha256(context.idempotency_key.encode()).digest()[:8])
    chosen = outlets[draw % len(outlets)]
    return _found(chosen.fields.get("outlet_name"), _region(chosen), chosen.fields.get("check_result") == "unqualified")


def _named(context: HandlerContext, outlets: Iterable[FiledPaper]) -> Outcome:
    """The named outlet; its last check as it is on record, or as it was told where none is on record."""
    name, region = context.variables.get("outlet_name"), context.variables.get("region")
    results = [line.fields.get("check_result") for line in outlets if _key(line) == (region, name)]
    told = context.variables.get("failed_before") is True
    return _found(name, region, results[0] == "unqualified" if results and results[0] else told)


def _found(name: object, region: object, failed_before: bool) -> Outcome:
    return Outcome({"outlet_found": True, "outlet_name": name, "region": region, "failed_before": failed_before})


def contracted(lines: Iterable[FiledPaper]) -> list[FiledPaper]:
    """The newest line of each outlet that is contracted now; candidates without a contract are none."""
    newest: dict[tuple[object, object], FiledPaper] = {}
    for line in lines:
        if line.fields.get("outlet_state") is not None:
            newest[_key(line)] = line
    return [line for line in newest.values() if line.fields.get("outlet_state") == "contracted"]


def _region(line: FiledPaper) -> object:
    return line.fields.get("region")


def _key(line: FiledPaper) -> tuple[object, object]:
    return _region(line), line.fields.get("outlet_name")


def _lines(context: HandlerContext) -> list[FiledPaper]:
    return list(context.records.papers(DATABASE, SINCE_EVER, context.now))
