"""The properties of values that are no contexts: `date.year`, `duration.hours`, `range.start`.

Source: DMN 1.5, table 53 and 10.3.2.7.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import number
from engine.feel.temporal import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
)
from engine.feel.values import Range


class NoProperty:
    """What a value gives for a property it does not have."""


NO_PROPERTY = NoProperty()


def property_of(value: Any, name: str) -> Any:
    """The property, or NO_PROPERTY."""
    read = _PROPERTIES.get((value.__class__, name))
    return NO_PROPERTY if read is None else read(value)


def _second(value: Time) -> Decimal:
    return _of_nanoseconds(value.second * SECOND + value.nanosecond)


def _of_nanoseconds(nanoseconds: int) -> Decimal:
    whole, fraction = divmod(nanoseconds, SECOND)
    return number.CONTEXT.normalize(number.scaled(nanoseconds, -9)) if fraction else Decimal(whole)


def _offset(value: Time | DateTime) -> DaysDuration | None:
    offset = value.offset
    return None if offset is None else DaysDuration(offset * SECOND)


def _timezone(value: Time) -> str | None:
    return value.zone if isinstance(value.zone, str) else None


def _signed(amount: int, of: int) -> Decimal:
    return Decimal(-amount if of < 0 else amount)


def _part(value: DaysDuration, unit: int, larger: int | None) -> Decimal:
    """How many whole units, of what larger units leave; the sign is the duration's."""
    amount = abs(value.nanoseconds)
    return _signed((amount % larger if larger else amount) // unit, value.nanoseconds)


def _seconds(value: DaysDuration) -> Decimal:
    seconds = _of_nanoseconds(abs(value.nanoseconds) % MINUTE)
    return number.negative(seconds) if value.nanoseconds < 0 else seconds


_PROPERTIES: dict[tuple[type, str], Callable[[Any], Any]] = {
    (Date, "year"): lambda value: Decimal(value.year),
    (Date, "month"): lambda value: Decimal(value.month),
    (Date, "day"): lambda value: Decimal(value.day),
    (Date, "weekday"): lambda value: Decimal(value.weekday),
    (DateTime, "year"): lambda value: Decimal(value.date.year),
    (DateTime, "month"): lambda value: Decimal(value.date.month),
    (DateTime, "day"): lambda value: Decimal(value.date.day),
    (DateTime, "weekday"): lambda value: Decimal(value.date.weekday),
    (DateTime, "hour"): lambda value: Decimal(value.time.hour),
    (DateTime, "minute"): lambda value: Decimal(value.time.minute),
    (DateTime, "second"): lambda value: _second(value.time),
    (DateTime, "time offset"): _offset,
    (DateTime, "timezone"): lambda value: _timezone(value.time),
    (Time, "hour"): lambda value: Decimal(value.hour),
    (Time, "minute"): lambda value: Decimal(value.minute),
    (Time, "second"): _second,
    (Time, "time offset"): _offset,
    (Time, "timezone"): _timezone,
    (DaysDuration, "days"): lambda value: _part(value, DAY, None),
    (DaysDuration, "hours"): lambda value: _part(value, HOUR, DAY),
    (DaysDuration, "minutes"): lambda value: _part(value, MINUTE, HOUR),
    (DaysDuration, "seconds"): _seconds,
    (MonthsDuration, "years"): lambda value: _signed(abs(value.months) // 12, value.months),
    (MonthsDuration, "months"): lambda value: _signed(abs(value.months) % 12, value.months),
    (Range, "start"): lambda value: value.start,
    (Range, "end"): lambda value: value.end,
    (Range, "start included"): lambda value: value.start_included,
    (Range, "end included"): lambda value: value.end_included,
}
