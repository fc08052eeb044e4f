"""Values to JSON text and back, without loss, and values of Python to values of FEEL.

A temporal value is `{"@": "2026-03-02T09:00:00+08:00"}`, a range `{"@": {"range": [start, end], "included": [true,
false]}}`, and a context that itself has the key "@" is `{"@": {"context": {…}}}`. Numbers keep all their digits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from engine.errors import N_
from engine.feel.errors import FeelError, LimitExceeded, NotStorable
from engine.feel.temporal import (
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    of_python,
    parse_temporal,
    zone_of,
)
from engine.feel.values import MAX_NESTING, Function, Range, kind

MARK = "@"
MAX_VALUES = 1_000_000


class BrokenJson(FeelError):
    """Not what `to_json` writes."""

    template = N_("The text is no stored FEEL value: {reason}")


def to_json(value: Any) -> str:
    """The value as JSON text. Raises NotStorable for a function, LimitExceeded for a value too deep or too large."""
    parts: list[str] = []
    _Writer(parts).write(value, 0)
    return "".join(parts)


class _Writer:
    def __init__(self, parts: list[str]) -> None:
        self.parts = parts

    def write(self, value: Any, depth: int) -> None:
        if depth > MAX_NESTING:
            raise LimitExceeded(what=N_("nested values"), limit=MAX_NESTING)
        if len(self.parts) > MAX_VALUES:
            raise LimitExceeded(what=N_("stored values"), limit=MAX_VALUES)
        if isinstance(value, dict):
            self._context(cast("dict[str, Any]", value), depth)
        elif isinstance(value, list):
            self._list(cast("list[Any]", value), depth)
        elif isinstance(value, Range):
            self.parts.append('{"@": {"range": ')
            self._list([value.start, value.end], depth)
            self.parts.append(', "included": ')
            self._list([value.start_included, value.end_included], depth)
            self.parts.append("}}")
        else:
            self.parts.append(_scalar(value))

    def _list(self, items: list[Any], depth: int) -> None:
        self.parts.append("[")
        for index, item in enumerate(items):
            if index:
                self.parts.append(", ")
            self.write(item, depth + 1)
        self.parts.append("]")

    def _context(self, context: dict[str, Any], depth: int) -> None:
        escaped = MARK in context
        self.parts.append('{"@": {"context": {' if escaped else "{")
        for index, (key, item) in enumerate(context.items()):
            self.parts.append(f"{', ' if index else ''}{_text(key)}: ")
            self.write(item, depth + 1)
        self.parts.append("}}}" if escaped else "}")


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Function):
        raise NotStorable(kind=kind(value))
    if isinstance(value, Date | Time | DateTime | DaysDuration | MonthsDuration):
        return f'{{"@": {_text(str(value))}}}'
    raise TypeError(f"{type(value).__name__} is no FEEL value; convert it with from_python")


_text = json.JSONEncoder(ensure_ascii=False).encode


def from_json(text: str) -> Any:
    """The value of a JSON text; ordinary JSON is accepted too. Raises BrokenJson."""
    try:
        parsed = _DECODER.decode(text)
        return _read(parsed)
    except RecursionError as error:
        raise LimitExceeded(what=N_("nested values"), limit=MAX_NESTING) from error
    except (ValueError, InvalidOperation) as error:
        raise BrokenJson(reason=str(error)) from error


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    context = cast("dict[str, Any]", value)
    if MARK in context and len(context) == 1:
        return _read_marked(context[MARK])
    return {key: _read(item) for key, item in context.items()}


def _read_marked(marked: Any) -> Any:
    if isinstance(marked, str):
        value = parse_temporal(marked)
        if value is not None:
            return value
    elif isinstance(marked, dict):
        fields = cast("dict[str, Any]", marked)
        if fields.keys() == {"context"} and isinstance(fields["context"], dict):
            return {key: _read(item) for key, item in cast("dict[str, Any]", fields["context"]).items()}
        if fields.keys() == {"range", "included"}:
            ends, included = fields["range"], fields["included"]
            if _is_pair(ends) and _is_pair(included):
                return Range(_read(ends[0]), _read(ends[1]), included[0] is True, included[1] is True)
    raise ValueError(f"{marked!r} is no date, time, duration, range or context")


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(cast("list[Any]", value)) == 2


def from_python(value: Any) -> Any:
    """A FEEL value out of one of Python: int, float, Decimal, date, datetime, time, timedelta, list, tuple, mapping,
    str, bool, None. An aware datetime keeps its offset, a naive one is local. Raises TypeError for anything else and
    ValueError for a number that is not finite."""
    if value is None or isinstance(value, bool | str | Date | Time | DateTime | DaysDuration | MonthsDuration):
        return value
    if isinstance(value, int | float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite():
            raise ValueError(f"{value} is no number of FEEL")
        return number
    if isinstance(value, datetime):
        return of_python(value)
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time):
        zone = zone_of(value)
        return Time(value.hour, value.minute, value.second, value.microsecond * 1000, zone)
    if isinstance(value, timedelta):
        return DaysDuration((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1000)
    if isinstance(value, Mapping):
        return {str(key): from_python(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [from_python(item) for item in cast("list[Any]", value)]
    if isinstance(value, Range | Function):
        return value
    raise TypeError(f"{type(value).__name__} has no FEEL value")
