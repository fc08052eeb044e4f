"""Values of FEEL and what all of them share: kind, equality, order, text.

None, bool, str, Decimal, list, dict (a context), the temporal types, Range and Function. Source: DMN 1.5, 10.3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.errors import LimitExceeded
from engine.feel.number import canonical
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time

MAX_NESTING = 100


@dataclass(frozen=True, slots=True)
class Range:
    """The values between two ends. An end that is None is unbounded (`< 5` has no start)."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value.

    `call(*arguments)` gets FEEL values in the order of `parameters`; the last `optional` of them may be missing, and a
    `variadic` one takes any number in its last place. `parameter_types` and `result_type` (of engine.feel.types) are
    for `instance of`; None means Any. Two functions with equal `definition` (parameters, body and scope) are equal.
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., object]
    optional: int = 0
    variadic: bool = False
    parameter_types: tuple[Any, ...] | None = None
    result_type: Any = None
    definition: object = None

    def accepts(self, count: int) -> bool:
        """Whether so many positional arguments fit."""
        least = len(self.parameters) - self.optional
        return count >= least and (self.variadic or count <= len(self.parameters))


NULL, BOOLEAN, NUMBER, STRING, LIST, CONTEXT = "null", "boolean", "number", "string", "list", "context"
DATE, TIME, DATE_TIME = "date", "time", "date and time"
DAYS, MONTHS, RANGE, FUNCTION = "days and time duration", "years and months duration", "range", "function"

_KINDS: dict[type, str] = {
    type(None): NULL,
    bool: BOOLEAN,
    Decimal: NUMBER,
    str: STRING,
    list: LIST,
    dict: CONTEXT,
    Date: DATE,
    Time: TIME,
    DateTime: DATE_TIME,
    DaysDuration: DAYS,
    MonthsDuration: MONTHS,
    Range: RANGE,
    Function: FUNCTION,
}


def kind(value: object) -> str:
    """The name of the value's kind."""
    found = _KINDS.get(type(value))
    if found is not None:
        return found
    for candidate, name in _KINDS.items():
        if isinstance(value, candidate):
            return name
    raise TypeError(f"{type(value).__name__} is no FEEL value; convert it with from_python")


def equal(left: Any, right: Any, environment: Environment | None = None, depth: int = 0) -> bool | None:
    """`left = right`: None when the two are of different kinds (and neither is null)."""
    if left is None or right is None:
        return left is right
    left_type = left.__class__
    if left_type is type(right) and left_type in _PLAIN:
        return cast("bool", left == right)
    left_kind = kind(left)
    if left_kind != kind(right):
        return None
    if left_kind in (LIST, CONTEXT):
        _descend(environment, depth, len(left))
        return (_equal_lists if left_kind == LIST else _equal_contexts)(left, right, environment, depth + 1)
    if left_kind in (TIME, DATE_TIME):
        return _equal_moments(left, right)
    if left_kind == RANGE:
        return _equal_ranges(left, right, environment, depth)
    if left_kind == FUNCTION:
        return left is right or (left.definition is not None and left.definition == right.definition)
    return cast("bool", left == right)


_PLAIN = frozenset({bool, Decimal, str, Date, DaysDuration, MonthsDuration})


def same(left: Any, right: Any, environment: Environment | None = None, depth: int = 0) -> bool:
    """`equal` where a difference of kind is simply a difference: inside lists, and for `in`."""
    return equal(left, right, environment, depth) is True


def _descend(environment: Environment | None, depth: int, size: int) -> None:
    if depth > MAX_NESTING:
        raise LimitExceeded(what=N_("nested values"), limit=MAX_NESTING)
    if environment is not None:
        environment.charge(1 + size // 10)


def _equal_lists(left: list[Any], right: list[Any], environment: Environment | None, depth: int) -> bool:
    return len(left) == len(right) and all(
        same(one, other, environment, depth) for one, other in zip(left, right, strict=True)
    )


def _equal_contexts(left: dict[str, Any], right: dict[str, Any], environment: Environment | None, depth: int) -> bool:
    return left.keys() == right.keys() and all(same(left[key], right[key], environment, depth) for key in left)


def _equal_ranges(left: Range, right: Range, environment: Environment | None, depth: int) -> bool:
    return (
        left.start_included == right.start_included
        and left.end_included == right.end_included
        and same(left.start, right.start, environment, depth + 1)
        and same(left.end, right.end, environment, depth + 1)
    )


def _equal_moments(left: Time | DateTime, right: Time | DateTime) -> bool:
    return (left.offset is None) == (right.offset is None) and left.value == right.value


def compare(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; None when the two have no order: null, or different kinds. Source: table 54."""
    left_type = left.__class__
    if left_type is type(right) and (left_type is Decimal or left_type is str):
        return (left > right) - (left < right)
    if left is None or right is None:
        return None
    left_kind = kind(left)
    if left_kind != kind(right):
        return None
    read = _ORDERED.get(left_kind)
    if read is None:
        return None
    if left_kind in (TIME, DATE_TIME) and (left.offset is None) != (right.offset is None):
        # A side without an offset takes that of the other: what remains is the reading of the two clocks.
        read = _READING[left_kind]
    one, other = read(left), read(right)
    return (one > other) - (one < other)


_ORDERED: dict[str, Callable[[Any], Any]] = {
    NUMBER: lambda value: value,
    STRING: lambda value: value,
    DATE: lambda value: (value.year, value.month, value.day),
    TIME: lambda value: value.value,
    DATE_TIME: lambda value: value.value,
    DAYS: lambda value: value.nanoseconds,
    MONTHS: lambda value: value.months,
}


_READING: dict[str, Callable[[Any], Any]] = {
    TIME: lambda value: value.of_day,
    DATE_TIME: lambda value: value.local,
}


def contains(scope: Range, value: Any) -> bool | None:
    """Whether the value lies in the range; None when they cannot be compared."""
    if scope.start is not None:
        order = compare(value, scope.start)
        if order is None:
            return None
        if order < 0 or (order == 0 and not scope.start_included):
            return False
    if scope.end is not None:
        order = compare(value, scope.end)
        if order is None:
            return None
        return order < 0 or (order == 0 and scope.end_included)
    return True


def to_text(value: Any, environment: Environment | None = None) -> str:
    """FEEL's `string(value)`; null is "null" here."""
    if isinstance(value, str):
        return value
    if isinstance(value, Date | Time | DateTime | DaysDuration | MonthsDuration):
        return str(value)
    return literal(value, environment)


def literal(value: Any, environment: Environment | None = None, depth: int = 0) -> str:
    """The value as a FEEL literal, as it stands inside a list."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        _descend(environment, depth, len(items))
        return _bounded(f"[{', '.join(literal(item, environment, depth + 1) for item in items)}]", environment)
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        _descend(environment, depth, len(entries))
        pairs = (f"{_key(key)}: {literal(item, environment, depth + 1)}" for key, item in entries.items())
        return _bounded(f"{{{', '.join(pairs)}}}", environment)
    if isinstance(value, Range):
        return _range_text(value, environment, depth)
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    return f'@"{value}"'


def _bounded(text: str, environment: Environment | None) -> str:
    if environment is not None:
        environment.check_text(len(text))
    return text


def _range_text(value: Range, environment: Environment | None, depth: int) -> str:
    if value.start is None:
        return f"{'<=' if value.end_included else '<'} {literal(value.end, environment, depth + 1)}"
    if value.end is None:
        return f"{'>=' if value.start_included else '>'} {literal(value.start, environment, depth + 1)}"
    start, end = literal(value.start, environment, depth + 1), literal(value.end, environment, depth + 1)
    return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"


def _key(key: str) -> str:
    return key if key.replace("_", "a").isalnum() and not key[0].isdigit() else quote(key)


_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quote(text: str) -> str:
    """The text as a FEEL string literal."""
    return f'"{text.translate(_ESCAPES)}"'
