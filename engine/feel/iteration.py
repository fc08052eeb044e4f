"""What a loop runs over: the items of a list, one value, or a range of whole steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    if isinstance(start, Decimal) and isinstance(end, Decimal) and number.is_whole(start) and number.is_whole(end):
        return _bounded(_numbers(start, end), span, environment)
    if isinstance(start, Date) and isinstance(end, Date):
        days = _numbers(Decimal(start.ordinal), Decimal(end.ordinal))
        return (civil_from_days(int(day)) for day in _bounded(days, span, environment))
    return environment.null(N_("A range of {start} to {end} cannot be iterated."), start=kind(start), end=kind(end))


def _numbers(start: Decimal, end: Decimal) -> tuple[Decimal, Decimal, int]:
    step = number.ONE if start <= end else number.negative(number.ONE)
    distance = number.subtract(end, start).copy_abs()
    return start, step, int(distance) if distance.adjusted() < 18 else 10**18


def _bounded(steps: tuple[Decimal, Decimal, int], span: Range, environment: Environment) -> Iterator[Decimal]:
    start, step, count = steps
    if count > environment.limits.list_length:
        raise LimitExceeded(what=N_("items in a list"), limit=environment.limits.list_length)
    return _count(start, step, count, span)


def _count(start: Decimal, step: Decimal, count: int, span: Range) -> Iterator[Decimal]:
    for index in range(0 if span.start_included else 1, count + 1 if span.end_included else count):
        yield number.add(start, number.multiply(step, Decimal(index)))
