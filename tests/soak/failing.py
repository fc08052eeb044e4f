"""A handler for the mixed load: one call of twenty fails."""

from __future__ import annotations

import random

from engine.handling import HandlerContext, HandlerFailure, Outcome, handler

FAILS = 0.05


@handler("soak_call")
def call(context: HandlerContext) -> Outcome:
    """An outside service that is sometimes out of order."""
    if random.random() < FAILS:
        raise HandlerFailure(detail="out of order")
    return Outcome()
