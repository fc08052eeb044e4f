"""A calendar as JSON data (the database row, what an administrator edits), checked field by field.

    {"key": "default", "zone": "Asia/Shanghai", "weekly": {"mon": [["09:00", "17:30"]], …}, "holidays": "CN" | null,
     "exceptions": {"2026-05-01": {"hours": [], "note": "…"}}}

An entry whose closing time is not after its opening time ends on the next day; 24:00 is the end of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.calendar import errors
from engine.calendar.holidays import COUNTRIES

Hours = tuple[tuple[time, time], ...]
"""Opening and closing times of one day, in order; a closing time that is not later belongs to the next day."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)
DEFAULT_KEY = "default"
MAX_KEY = 60
MAX_EXCEPTIONS = 5_000
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class DayException:
    """What holds on one date instead of the weekly hours and holidays; no hours = closed."""

    hours: Hours
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The checked parts of a calendar's data."""

    key: str
    zone: str
    weekly: tuple[Hours, ...]
    holidays: str | None
    exceptions: Mapping[date, DayException]


def parse(data: object) -> Parts:
    """Read calendar data; raises the CalendarError that names field, value and what to do."""
    fields = _Reader(DEFAULT_KEY).mapping("calendar", data)
    key = fields.get("key", DEFAULT_KEY)
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        raise errors.WrongShape(calendar=DEFAULT_KEY, field="key", value=_short(key), expected="a short name")
    reader = _Reader(key)
    reader.only("", fields, ("key", "zone", "weekly", "holidays", "exceptions"))
    weekly = reader.mapping("weekly", fields.get("weekly", {}))
    reader.only("weekly.", weekly, WEEKDAYS)
    return Parts(
        key=key,
        zone=reader.zone(fields.get("zone")),
        weekly=tuple(reader.hours(f"weekly.{day}", weekly.get(day, [])) for day in WEEKDAYS),
        holidays=reader.holidays(fields.get("holidays")),
        exceptions=reader.exceptions(fields.get("exceptions", {})),
    )


def as_data(parts: Parts) -> dict[str, Any]:
    """The JSON data of a calendar's parts; `parse` reads it back."""
    return {
        "key": parts.key,
        "zone": parts.zone,
        "weekly": {day: _hours_data(hours) for day, hours in zip(WEEKDAYS, parts.weekly, strict=True)},
        "holidays": parts.holidays,
        "exceptions": {
            day.isoformat(): {"hours": _hours_data(exception.hours), "note": exception.note}
            for day, exception in sorted(parts.exceptions.items())
        },
    }


def _hours_data(hours: Hours) -> list[list[str]]:
    return [[f"{opens:%H:%M}", "24:00" if closes == MIDNIGHT else f"{closes:%H:%M}"] for opens, closes in hours]


class _Reader:
    """Reads the parts of one calendar, remembering its key for the messages."""

    def __init__(self, key: str) -> None:
        self.key = key

    def mapping(self, field: str, value: object) -> Mapping[str, object]:
        if isinstance(value, Mapping):
            fields = cast(Mapping[object, object], value)
            if all(isinstance(name, str) for name in fields):
                return cast(Mapping[str, object], fields)
        shown = _short(cast(object, value))
        raise errors.WrongShape(calendar=self.key, field=field, value=shown, expected='{"…": …}')

    def only(self, prefix: str, fields: Mapping[str, object], known: tuple[str, ...]) -> None:
        for name in fields:
            if name not in known:
                raise errors.UnknownField(calendar=self.key, field=prefix + _short(name), expected=", ".join(known))

    def zone(self, value: object) -> str:
        try:
            return ZoneInfo(value).key if isinstance(value, str) else self._no_zone(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self._no_zone(value)

    def _no_zone(self, value: object) -> str:
        raise errors.UnknownZone(calendar=self.key, value=_short(value))

    def holidays(self, value: object) -> str | None:
        if value is None or (isinstance(value, str) and value in COUNTRIES):
            return value
        raise errors.UnknownHolidays(calendar=self.key, value=_short(value))

    def hours(self, field: str, value: object) -> Hours:
        entries = self._list(field, value, '[["09:00", "12:00"], ["13:00", "17:30"]]')
        hours = tuple(sorted(self._entry(f"{field}[{at}]", entry) for at, entry in enumerate(entries)))
        check_hours(self.key, field, hours)
        return hours

    def _entry(self, field: str, value: object) -> tuple[time, time]:
        entry = self._list(field, value, '["09:00", "17:30"]')
        if len(entry) != 2:
            raise errors.WrongShape(calendar=self.key, field=field, value=_short(value), expected='["09:00", "17:30"]')
        return self._time(f"{field}[0]", entry[0]), self._time(f"{field}[1]", entry[1], closes=True)

    def _list(self, field: str, value: object, expected: str) -> list[object]:
        if not isinstance(value, list | tuple):
            raise errors.WrongShape(calendar=self.key, field=field, value=_short(value), expected=expected)
        return list(cast(list[object], value))

    def _time(self, field: str, value: object, closes: bool = False) -> time:
        if closes and value == "24:00":
            return MIDNIGHT
        hour, colon, minute = value.partition(":") if isinstance(value, str) else ("", "", "")
        digits = len(hour) in (1, 2) and len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()
        if not (colon and digits and int(hour) < 24 and int(minute) < 60):
            raise errors.WrongTime(calendar=self.key, field=field, value=_short(value))
        return time(int(hour), int(minute))

    def exceptions(self, value: object) -> Mapping[date, DayException]:
        entries = self.mapping("exceptions", value)
        if len(entries) > MAX_EXCEPTIONS:
            raise errors.WrongShape(
                calendar=self.key, field="exceptions", value=len(entries), expected=f"at most {MAX_EXCEPTIONS}"
            )
        return {
            self._date(f"exceptions.{_short(day)}", day): self._exception(day, entry) for day, entry in entries.items()
        }

    def _date(self, field: str, value: str) -> date:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is None or day.isoformat() != value:
            raise errors.WrongDate(calendar=self.key, field=field, value=_short(value))
        return day

    def _exception(self, day: str, value: object) -> DayException:
        field = f"exceptions.{_short(day)}"
        entry = self.mapping(field, value)
        self.only(f"{field}.", entry, ("hours", "note"))
        note = entry.get("note", "")
        if not isinstance(note, str) or len(note) > MAX_NOTE:
            raise errors.WrongShape(
                calendar=self.key, field=f"{field}.note", value=_short(note), expected=f"up to {MAX_NOTE} characters"
            )
        return DayException(self.hours(f"{field}.hours", entry.get("hours", [])), note)


def check_hours(key: str, field: str, hours: Hours) -> None:
    """Refuse hours of one day that are empty or overlap; they come sorted by opening time."""
    for at, (opens, closes) in enumerate(hours):
        place = f"{field}[{at}]"
        if opens == closes != MIDNIGHT:
            raise errors.EmptyHours(calendar=key, field=place, value=f"{opens:%H:%M}")
        if at and (_ends_tomorrow(hours[at - 1]) or hours[at - 1][1] > opens):
            before = "–".join(f"{edge:%H:%M}" for edge in hours[at - 1])
            raise errors.OverlappingHours(calendar=key, field=place, value=before)


def _ends_tomorrow(entry: tuple[time, time]) -> bool:
    return entry[1] <= entry[0]


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
