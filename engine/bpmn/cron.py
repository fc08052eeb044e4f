"""Cron expressions: five fields, or six with seconds in front, as Camunda and Spring write them.

Fields: second (optional), minute, hour, day of month, month, day of week (0 and 7 are Sunday; names allowed). ``*``,
``?``, lists, ranges, steps, ``L`` for the last day of the month, and the macros ``@yearly`` … ``@hourly``. Where both
days are restricted, both must fit (Spring's reading).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}
_WEEKDAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])}
_LAST = "L"
_YEARS_AHEAD = 9  # the longest gap between two 29 Februaries


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed cron expression."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    last_day: bool
    months: frozenset[int]
    weekdays: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read an expression; raises ValueError with what is wrong."""
        fields = _MACROS.get(text.strip().lower(), text).split()
        if len(fields) == 5:
            fields.insert(0, "0")
        if len(fields) != 6:
            raise ValueError("cron has five or six fields")
        second, minute, hour, day, month, weekday = (field.upper() for field in fields)
        last_day = day == _LAST
        days = frozenset[int]() if last_day else _field(day, 1, 31, {})
        return cls(
            seconds=tuple(sorted(_field(second, 0, 59, {}))),
            minutes=tuple(sorted(_field(minute, 0, 59, {}))),
            hours=tuple(sorted(_field(hour, 0, 23, {}))),
            days=days,
            last_day=last_day,
            months=_field(month, 1, 12, _MONTHS),
            weekdays=frozenset(number % 7 for number in _field(weekday, 0, 7, _WEEKDAYS)),
        )

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The first fitting time after `moment`, on the zone's wall clock, in UTC; ValueError when there is none."""
        local = moment.astimezone(zone)
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_YEARS_AHEAD * 366):
            if self._fits(day):
                found = self._first_time(day, moment)
                if found is not None:
                    return found
            day += timedelta(days=1)
        raise ValueError("no such day exists")

    def _fits(self, day: datetime) -> bool:
        if day.month not in self.months or day.isoweekday() % 7 not in self.weekdays:
            return False
        if self.last_day:
            return day.day == monthrange(day.year, day.month)[1]
        return day.day in self.days

    def _first_time(self, day: datetime, moment: datetime) -> datetime | None:
        for hour in self.hours:
            if day.replace(hour=hour, minute=59, second=59).astimezone(UTC) <= moment:
                continue
            for minute in self.minutes:
                for second in self.seconds:
                    found = day.replace(hour=hour, minute=minute, second=second).astimezone(UTC)
                    if found > moment:
                        return found
        return None


def _field(text: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        else:
            start, dash, end = span.partition("-")
            first = _number(start, names)
            last = _number(end, names) if dash else (high if slash else first)
        stride = _number(step, {}) if slash else 1
        if not low <= first <= last <= high or stride < 1:
            raise ValueError(f"{part!r} lies outside {low} to {high}")
        values.update(range(first, last + 1, stride))
    return frozenset(values)


def _number(text: str, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise ValueError(f"{text!r} is no number")
    return int(text)
