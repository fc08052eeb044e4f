"""Conversion functions: DMN 1.5, 10.3.4.1 (and `not` of 10.3.4.2, `is` of 10.3.4.7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.errors import N_
from engine.feel import number as number_room
from engine.feel import temporal, tree, values
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.errors import FeelError
from engine.feel.number import from_text, to_integer
from engine.feel.operators import make_range
from engine.feel.parser import parse_expression
from engine.feel.patterns import Pattern
from engine.feel.temporal import SECOND, Date, DateTime, DaysDuration, Time, Zone

# Reading a date takes as long as so many steps.
READING = 10

_NUMBER = Pattern(r"^-?([0-9]+(\.[0-9]+)?|\.[0-9]+)$")


@builtin("string(from: any)")
def to_string(environment: Environment, source: Any) -> str | None:
    """The text of a value; null stays null."""
    return None if source is None else values.to_text(source, environment)


@builtin("number(from: string, grouping separator?: string?, decimal separator?: string?)")
def number(environment: Environment, source: str, grouping: str | None = None, point: str | None = None) -> Any:
    """A number out of a text with separators."""
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
        return environment.null(N_("number: a separator must be a comma, a point or (for groups) a blank."))
    if grouping is not None:
        source = source.replace(grouping, "")
    if point == ",":
        source = "?" if "." in source else source.replace(",", ".")
    environment.charge(READING + len(source) // 100)
    result = from_text(source) if _NUMBER.found_in(source) else None
    return environment.null(N_("“{text}” is no number."), text=source) if result is None else result


@builtin("date(from: string|date|date and time)")
def date(environment: Environment, source: Any) -> Date | None:
    """A date out of a text or a date and time."""
    if isinstance(source, str):
        environment.charge(READING)
        return _known(temporal.parse_date(source), source, values.DATE, environment)
    return source.date if isinstance(source, DateTime) else source


@builtin("date(year: number, month: number, day: number)")
def date_of_parts(environment: Environment, year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    """A date out of its parts."""
    parts = [to_integer(part) for part in (year, month, day)]
    made = None if None in parts else temporal.make_date(*[part or 0 for part in parts])
    return _known(made, f"{year}-{month}-{day}", values.DATE, environment)


@builtin("time(from: string|time|date and time|date)")
def time(environment: Environment, source: Any) -> Time | None:
    """A time out of a text or a date and time; a date gives its midnight in UTC."""
    if isinstance(source, str):
        environment.charge(READING)
        return _known(temporal.parse_time(source), source, values.TIME, environment)
    if isinstance(source, DateTime):
        return source.time
    return Time(0, 0, 0, zone=0) if isinstance(source, Date) else source


@builtin("time(hour: number, minute: number, second: number, offset?: days and time duration?)")
def time_of_parts(
    environment: Environment, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Time | None:
    """A time out of its parts; the seconds may have a fraction."""
    zone = None if offset is None else offset.nanoseconds // SECOND
    return _known(_time(hour, minute, second, zone), f"{hour}:{minute}:{second}", values.TIME, environment)


@builtin("date and time(from: string|date and time|date)")
def date_and_time(environment: Environment, source: Any) -> DateTime | None:
    """A date and time out of a text; a date gives its midnight."""
    if isinstance(source, str):
        environment.charge(READING)
        return _known(temporal.parse_date_time(source), source, values.DATE_TIME, environment)
    return DateTime(source, Time(0, 0, 0)) if isinstance(source, Date) else source


@builtin("date and time(date: date|date and time, time: time)")
def date_and_time_of_two(environment: Environment, day: Date | DateTime, clock: Time) -> DateTime:
    """A date and time out of the two."""
    return DateTime(day.date if isinstance(day, DateTime) else day, clock)


_PARTS = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@builtin(
    f"date and time({_PARTS})",
    f"date and time({_PARTS}, offset: days and time duration?)",
    f"date and time({_PARTS}, timezone: string)",
)
def date_and_time_of_parts(
    environment: Environment,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    place: DaysDuration | str | None = None,
) -> DateTime | None:
    """A date and time out of its parts, local, with an offset or with the name of a zone."""
    environment.charge(READING)
    said = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
    zone = place.nanoseconds // SECOND if isinstance(place, DaysDuration) else place
    if isinstance(zone, str) and not temporal.is_zone(zone):
        return environment.null(N_("There is no time zone “{zone}”."), zone=zone)
    made, clock = date_of_parts(environment, year, month, day), _time(hour, minute, second, zone)
    return None if made is None else _known(clock and DateTime(made, clock), said, values.DATE_TIME, environment)


@builtin("duration(from: string|days and time duration|years and months duration)")
def duration(environment: Environment, source: Any) -> Any:
    """A duration out of a text such as P1DT2H or P1Y2M."""
    if isinstance(source, str):
        environment.charge(READING)
        return _known(temporal.parse_duration(source), source, "duration", environment)
    return source


@builtin("years and months duration(from: date|date and time, to: date|date and time)")
def years_and_months_duration(environment: Environment, start: Date | DateTime, end: Date | DateTime) -> Any:
    """The whole months from one day to another."""
    return temporal.MonthsDuration(temporal.months_between(_day(start), _day(end)))


@builtin("range(from: string)")
def range_of(environment: Environment, source: str) -> Any:
    """A range out of its text; its ends are literals or date, time and duration functions of a literal."""
    try:
        node = parse_expression(source, builtins=_END_FUNCTIONS, limits=environment.limits)
    except FeelError:
        node = None
    environment.charge(10 * READING + len(source))
    if not isinstance(node, tree.RangeLiteral):
        return environment.null(N_("“{text}” is no range."), text=source)
    start, end = _end(node.start, environment), _end(node.end, environment)
    return make_range(start, end, node.start_included, node.end_included, environment)


@builtin("not(negand: any)")
def negation(environment: Environment, negand: Any) -> bool | None:
    """The opposite of a boolean; null for anything else."""
    return not negand if isinstance(negand, bool) else None


@builtin("is(value1?: any, value2?: any)")
def is_same(environment: Environment, *compared: Any) -> bool | None:
    """Whether two values are the same element: times also in their zone."""
    if not compared:
        return environment.null(N_("{function} does not take {count} arguments."), function="is", count=0)
    one, other = (*compared, None)[:2]
    if values.kind(one) != values.kind(other):
        return False
    if isinstance(one, Time | DateTime):
        return bool(one == other)
    return values.same(one, other, environment)


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


def _time(hour: Decimal, minute: Decimal, second: Decimal, zone: Zone) -> Time | None:
    parts = [to_integer(part) for part in (hour, minute, second)]
    if None in parts or second < 0:
        return None
    nanosecond = int(number_room.scaled(number_room.remainder(second, number_room.ONE) or 0, 9))
    return temporal.make_time(parts[0] or 0, parts[1] or 0, parts[2] or 0, nanosecond, zone)


_END_FUNCTIONS = frozenset({values.DATE, values.TIME, values.DATE_TIME, "duration"})
_READERS = {
    values.DATE: temporal.parse_date,
    values.TIME: temporal.parse_time,
    values.DATE_TIME: temporal.parse_date_time,
    "duration": temporal.parse_duration,
}


def _end(node: tree.Node, environment: Environment) -> Any:
    match node:
        case tree.NumberLiteral(value) | tree.StringLiteral(value):
            return value
        case tree.Negation(tree.NumberLiteral(value)):
            return number_room.negative(value)
        case tree.AtLiteral(text):
            return temporal.parse_temporal(text)
        case tree.Invocation(tree.Name(name), (tree.StringLiteral(text),), ()) if name in _READERS:
            return _READERS[name](text)
        case _:
            return None


def _known(result: Any, text: str, wanted: str, environment: Environment) -> Any:
    return environment.null(N_("“{text}” is no {wanted}."), text=text[:80], wanted=wanted) if result is None else result
