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
    """Whether the region has a contracted outlet already (『叁』二, 第四: 区域唯一性原则), and which."""
    region = context.variables.get("region")
    present = [line for line in contracted(_lines(context)) if line.fields.get("region") == region]
    name = present[-1].fields.get("outlet_name") if present else None
    return Outcome({"region_occupied": bool(present), "present_outlet": name})


@handler("random_check", inline=True)
def random_check(context: HandlerContext) -> Outcome:
    """Choose a contracted outlet by chance, and say whether its last check failed (『叁』三).

    The draw comes from the key of the job: it differs from case to case, and a repeated attempt draws the same outlet.
    """
    outlets = contracted(_lines(context))
    if not outlets:
        return Outcome({"outlet_found": False, "outlet_name": None, "region": None, "failed_before": False})
    draw = int.from_bytes(hashlib.sha256(context.idempotency_key.encode()).digest()[:8])
    chosen = outlets[draw % len(outlets)].fields
    return Outcome(
        {
            "outlet_found": True,
            "outlet_name": chosen.get("outlet_name"),
            "region": chosen.get("region"),
            "failed_before": chosen.get("check_result") == "unqualified",
        }
    )


def contracted(lines: Iterable[FiledPaper]) -> list[FiledPaper]:
    """The newest line of each outlet that is contracted now; candidates without a contract are none."""
    newest: dict[tuple[object, object], FiledPaper] = {}
    for line in lines:
        if line.fields.get("outlet_state") is not None:
            newest[line.fields.get("region"), line.fields.get("outlet_name")] = line
    return [line for line in newest.values() if line.fields.get("outlet_state") == "contracted"]


def _lines(context: HandlerContext) -> list[FiledPaper]:
    return list(context.records.papers(DATABASE, SINCE_EVER, context.now))
