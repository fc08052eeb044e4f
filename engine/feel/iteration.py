"""What a loop runs over: the items of a list, one value, or a range of whole steps."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from engine.errors import N_
from engine.feel import number
from engine.feel.environment import Environment
from engine.feel.errors import LimitExceeded
from engine.feel.temporal import Date, civil_from_days
from engine.feel.values import Range, kind


def items_of(source: Any, environment: Environment) -> Iterable[Any] | None:
    """The items of `for x in source`; None (with a reason) where it cannot be iterated."""
    if isinstance(source, list):
        return cast("list[Any]", source)
    if isinstance(source, Range):
        return _steps(source, environment)
    if source is None:
        return environment.null(N_("null cannot be iterated."))
    return [source]


def items_between(start: Any, end: Any, environment: Environment) -> Iterable[Any] | None:
    """The items of `for x in start..end`, downwards where the end is smaller."""
    return _steps(Range(start, end, True, True), environment)


def _steps(span: Range, environment: Environment) -> Iterable[Any] | None:
    start, end = span.start, span.end
    if isinstance(start, Decimal) and isinstance(end, Decimal):
        if number.is_whole(start) and number.is_whole(end):
            return map(Decimal, _positions(start, end, span, environment))
    elif isinstance(start, Date) and isinstance(end, Date):
        days = _positions(Decimal(start.ordinal), Decimal(end.ordinal), span, environment)
        return map(civil_from_days, days)
    return environment.null(N_("A range of {start} to {end} cannot be iterated."), start=kind(start), end=kind(end))


def _positions(start: Decimal, end: Decimal, span: Range, environment: Environment) -> range:
    """The whole numbers from start to end, or downwards."""
    distance = number.subtract(end, start).copy_abs()
    if distance > environment.limits.list_length:
        raise LimitExceeded(what=N_("items in a list"), limit=environment.limits.list_length)
    step = 1 if start <= end else -1
    first = int(start) + (0 if span.start_included else step)
    return range(first, int(end) + (step if span.end_included else 0), step)
