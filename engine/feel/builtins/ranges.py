"""Relations of points and ranges: DMN 1.5, 10.3.4.11 (Allen's algebra).

A range without a start begins before everything, one without an end goes on for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.errors import N_
from engine.feel import values
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.values import Range, compare, kind

_POINT = "|".join(
    (
        values.NUMBER,
        values.STRING,
        values.DATE,
        values.TIME,
        values.DATE_TIME,
        values.DAYS,
        values.MONTHS,
    )
)


class _Incomparable(Exception):
    """The ends of the two have no common order."""


@dataclass(frozen=True, slots=True)
class _End:
    """An end of a range; `infinite` is -1 or 1 where there is none."""

    value: Any
    included: bool
    infinite: int = 0

    def order(self, other: _End) -> int:
        if self.infinite or other.infinite:
            return (self.infinite > other.infinite) - (self.infinite < other.infinite)
        result = compare(self.value, other.value)
        if result is None:
            raise _Incomparable
        return result


def _start(value: Range) -> _End:
    return _End(value.start, value.start_included, -1 if value.start is None else 0)


def _stop(value: Range) -> _End:
    return _End(value.end, value.end_included, 1 if value.end is None else 0)


def _point(value: Any) -> Range:
    return Range(value, value, True, True)


def _before(one: Range, other: Range) -> bool:
    end, start = _stop(one), _start(other)
    order = end.order(start)
    return order < 0 or (order == 0 and not (end.included and start.included))


def _meets(one: Range, other: Range) -> bool:
    end, start = _stop(one), _start(other)
    return end.included and start.included and end.order(start) == 0


def _reaches(one: Range, other: Range) -> bool:
    """Whether the first goes on to where the second starts."""
    end, start = _stop(one), _start(other)
    order = end.order(start)
    return order > 0 or (order == 0 and end.included and start.included)


def _overlaps(one: Range, other: Range) -> bool:
    return _reaches(one, other) and _reaches(other, one)


def _starts_earlier(one: Range, other: Range) -> bool:
    order = _start(one).order(_start(other))
    return order < 0 or (order == 0 and one.start_included and not other.start_included)


def _starts_within(one: Range, other: Range) -> bool:
    """Whether the first starts no earlier than the second."""
    return not _starts_earlier(one, other)


def _ends_within(one: Range, other: Range) -> bool:
    """Whether the first ends no later than the second."""
    order = _stop(one).order(_stop(other))
    return order < 0 or (order == 0 and (not one.end_included or other.end_included))


def _overlaps_before(one: Range, other: Range) -> bool:
    return _starts_earlier(one, other) and _reaches(one, other) and _ends_within(one, other)


def _finishes(one: Range, other: Range) -> bool:
    return one.end_included == other.end_included and _stop(one).order(_stop(other)) == 0 and _starts_within(one, other)


def _starts(one: Range, other: Range) -> bool:
    return (
        one.start_included == other.start_included
        and _start(one).order(_start(other)) == 0
        and _ends_within(one, other)
    )


def _includes(one: Range, other: Range) -> bool:
    return _starts_within(other, one) and _ends_within(other, one)


def _coincides(one: Range, other: Range) -> bool:
    return (
        one.start_included == other.start_included
        and one.end_included == other.end_included
        and _start(one).order(_start(other)) == 0
        and _stop(one).order(_stop(other)) == 0
    )


Relation = Callable[[Range, Range], bool]


def _declare(name: str, relation: Relation, places: str, reverse: bool = False) -> None:
    """Register a relation. `places` are the kinds of arguments it takes: pp, pr, rp, rr (point or range)."""
    signatures: list[str] = []
    for place in places.split():
        words = ["point" if letter == "p" else "range" for letter in place]
        names = [f"{word}{index}" for index, word in enumerate(words, 1)] if words[0] == words[1] else words
        kinds = [_POINT if word == "point" else values.RANGE for word in words]
        signatures.append(f"{name}({names[0]}: {kinds[0]}, {names[1]}: {kinds[1]})")

    def relate(environment: Environment, left: Any, right: Any) -> bool | None:
        one, other = (value if isinstance(value, Range) else _point(value) for value in (left, right))
        try:
            return relation(other, one) if reverse else relation(one, other)
        except _Incomparable:
            return environment.null(
                N_("{left} and {right} cannot be compared with “{operator}”."),
                left=kind(left),
                right=kind(right),
                operator=name,
            )

    builtin(*signatures)(relate)


_declare("before", _before, "pp pr rp rr")
_declare("after", _before, "pp pr rp rr", reverse=True)
_declare("meets", _meets, "rr")
_declare("met by", _meets, "rr", reverse=True)
_declare("overlaps", _overlaps, "rr")
_declare("overlaps before", _overlaps_before, "rr")
_declare("overlaps after", _overlaps_before, "rr", reverse=True)
_declare("finishes", _finishes, "pr rr")
_declare("finished by", _finishes, "rp rr", reverse=True)
_declare("includes", _includes, "rp rr")
_declare("during", _includes, "pr rr", reverse=True)
_declare("starts", _starts, "pr rr")
_declare("started by", _starts, "rp rr", reverse=True)
_declare("coincides", _coincides, "pp rr")
