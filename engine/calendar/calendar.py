"""The calendar value: which hours are worked on which date, and counting in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from engine.calendar import errors
from engine.calendar.data import DayException, Hours, Parts, as_data, check_hours, parse
from engine.calendar.holidays import Official, is_known, known_years, official
from engine.calendar.zone import moment
from engine.errors import N_
from engine.findings import Finding, Severity

Window = tuple[datetime, datetime]
"""Opening and closing moment, UTC."""

ZERO = timedelta(0)
HORIZON_YEARS = 40
_HORIZON_DAYS = HORIZON_YEARS * 366
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_REMEMBERED_DAYS = 4_096


class DayKind(StrEnum):
    """Why a date has the hours it has."""

    WEEKLY = "weekly"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class Day:
    """One date of a calendar: its hours (local times), the reason, and a note (holiday or exception)."""

    date: date
    hours: Hours
    kind: DayKind
    note: str = ""


@dataclass(frozen=True)
class Calendar:
    """When an organisation works.

    `weekly` has the hours of Monday to Sunday; hours that pass midnight belong to the day they begin on. With
    `holidays` "CN" official holidays are closed, and make-up working days are worked: with their own weekday's
    hours where it has some, otherwise with those of the first weekday that has. `exceptions` overrule both.
    All moments given must be aware; all moments returned are UTC.
    """

    key: str
    zone: str = "Asia/Shanghai"
    weekly: tuple[Hours, ...] = ((),) * 7
    holidays: str | None = None
    exceptions: Mapping[date, DayException] = field(default_factory=dict[date, DayException], hash=False)
    _remembered: dict[date, tuple[Window, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict[date, tuple[Window, ...]]
    )

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise errors.WrongShape(
                calendar=self.key, field="weekly", value=len(self.weekly), expected="hours of 7 days, Monday first"
            )
        for hours in (*self.weekly, *(exception.hours for exception in self.exceptions.values())):
            check_hours(self.key, "hours", hours)
        object.__setattr__(self, "exceptions", MappingProxyType(dict(self.exceptions)))

    @classmethod
    def from_data(cls, data: object) -> Calendar:
        """The calendar of a database row's JSON; raises a CalendarError naming field, value and what to do."""
        parts = parse(data)
        return cls(parts.key, parts.zone, parts.weekly, parts.holidays, parts.exceptions)

    def to_data(self) -> dict[str, Any]:
        """JSON data that `from_data` reads back."""
        return as_data(Parts(self.key, self.zone, self.weekly, self.holidays, self.exceptions))

    # --- days

    def day(self, day: date) -> Day:
        """The hours of a date and why: exception, then official holiday or make-up day, then the week."""
        exception = self.exceptions.get(day)
        if exception is not None:
            return Day(day, exception.hours, DayKind.EXCEPTION, exception.note)
        usual = self.weekly[day.weekday()]
        if self.holidays is None:
            return Day(day, usual, DayKind.WEEKLY)
        kind, name = official(day)
        if kind is Official.HOLIDAY:
            return Day(day, (), DayKind.HOLIDAY, name)
        if kind is Official.MAKE_UP:
            return Day(day, usual or next(filter(None, self.weekly), ()), DayKind.MAKE_UP, name)
        return Day(day, usual, DayKind.WEEKLY)

    def local_date(self, at: datetime) -> date:
        """The date the organisation's clocks show at a moment."""
        return self._moment(at).astimezone(self._zone).date()

    def is_working_day(self, day: date) -> bool:
        """Whether any hour is worked that begins on the date."""
        return bool(self.day(day).hours)

    def add_working_days(self, day: date, days: int) -> date:
        """The date `days` working days later (earlier when negative); 0 gives the day or the next working day."""
        step = timedelta(days=-1 if days < 0 else 1)
        found, left = day, abs(days)
        if left == 0 and self.is_working_day(day):
            return day
        for _ in range(_HORIZON_DAYS):
            self._expect_openings(found, backwards=days < 0)
            found += step
            if self.is_working_day(found):
                left -= 1
                if left <= 0:
                    return found
        raise errors.TooFar(calendar=self.key, value=days, years=HORIZON_YEARS)

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and including `last`; negative when reversed."""
        if last < first:
            return -self.working_days_between(last, first)
        if (last - first).days > _HORIZON_DAYS:
            raise errors.TooFar(calendar=self.key, value=f"{first} – {last}", years=HORIZON_YEARS)
        days = (first + timedelta(days=at) for at in range(1, (last - first).days + 1))
        return sum(self.is_working_day(day) for day in days)

    # --- moments

    def is_open(self, at: datetime) -> bool:
        """Whether the moment is working time; the closing moment is not."""
        at = self._moment(at)
        return any(opens <= at < closes for opens, closes in self._windows_around(at))

    def next_opening(self, at: datetime) -> datetime:
        """The moment itself when open, otherwise when the organisation opens next."""
        at = self._moment(at)
        for opens, closes in self._forwards(at):
            if at < closes:
                return max(at, opens)
        raise errors.TooFar(calendar=self.key, value=at.isoformat(), years=HORIZON_YEARS)

    def add_working_time(self, start: datetime, duration: timedelta) -> datetime:
        """The moment when `duration` has been worked after `start`; a negative duration counts backwards.

        Outside the hours counting begins at the next opening. What is used up exactly at closing time is due at
        closing time, not at the next opening; zero gives `start`, or the next opening when closed.
        """
        start = self._moment(start)
        if duration < ZERO:
            return self._subtract(start, -duration)
        left = duration
        for opens, closes in self._forwards(start):
            begins = max(start, opens)
            if closes < begins:
                continue
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        raise errors.TooFar(calendar=self.key, value=duration, years=HORIZON_YEARS)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from `start` to `end` is worked; negative when `end` is before `start`."""
        start, end = self._moment(start), self._moment(end)
        if end < start:
            return -self.working_time_between(end, start)
        first, last = self.local_date(start) - timedelta(days=1), self.local_date(end)
        if (last - first).days > _HORIZON_DAYS:
            raise errors.TooFar(calendar=self.key, value=end - start, years=HORIZON_YEARS)
        worked = ZERO
        for at in range((last - first).days + 1):
            for opens, closes in self._windows(first + timedelta(days=at)):
                worked += max(ZERO, min(closes, end) - max(opens, start))
        return worked

    def at_clock_time(self, day: date | datetime, wall: time) -> datetime:
        """The moment the organisation's clocks show `wall` on a date, or on the local date of a moment."""
        return moment(self.local_date(day) if isinstance(day, datetime) else day, wall, self._zone)

    def next_clock_time(self, at: datetime, wall: time, working_days_only: bool = False) -> datetime:
        """The first moment at or after `at` when the clocks show `wall`, on any day or on working days only."""
        at = self._moment(at)
        day = self.local_date(at)
        for _ in range(_HORIZON_DAYS):
            if working_days_only:
                self._expect_openings(day)
            found = self.at_clock_time(day, wall)
            if found >= at and (not working_days_only or self.is_working_day(day)):
                return found
            day += timedelta(days=1)
        raise errors.TooFar(calendar=self.key, value=at.isoformat(), years=HORIZON_YEARS)

    def doubt(self, until: datetime) -> Finding | None:
        """A warning when an answer reaches into a year whose holidays are not published yet; due dates of such
        years want recomputing after an update of the holiday table."""
        day = self.local_date(until)
        if self.holidays is None or is_known(day):
            return None
        return Finding(
            "holidays-unknown",
            N_("The holidays of {year} are not known yet: the weekly hours of the calendar {calendar} were used."),
            {"year": day.year, "calendar": self.key, "first": known_years()[0], "last": known_years()[-1]},
            remedy=N_("Update chinesecalendar (it knows {first} to {last}) or enter the holidays as exceptions."),
            severity=Severity.WARNING,
        )

    # --- inside

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _moment(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise errors.TimeWithoutZone(calendar=self.key, value=at.isoformat())
        if not _EARLIEST <= at <= _LATEST:
            raise errors.TooFar(calendar=self.key, value=at.isoformat(), years=HORIZON_YEARS)
        return at.astimezone(UTC)

    def _windows(self, day: date) -> tuple[Window, ...]:
        """The windows that begin on a date, without what the night hours of the day before already cover."""
        known = self._remembered.get(day)
        if known is None:
            covered = max((closes for _, closes in self._raw_windows(day - timedelta(days=1))), default=_EARLIEST)
            clipped = ((max(opens, covered), closes) for opens, closes in self._raw_windows(day))
            known = tuple(window for window in clipped if window[0] < window[1])
            if len(self._remembered) >= _REMEMBERED_DAYS:
                self._remembered.clear()
            self._remembered[day] = known
        return known

    def _raw_windows(self, day: date) -> Iterator[Window]:
        tomorrow = day + timedelta(days=1)
        for opens, closes in self.day(day).hours:
            yield moment(day, opens, self._zone), moment(tomorrow if closes <= opens else day, closes, self._zone)

    def _windows_around(self, at: datetime) -> Iterator[Window]:
        day = self.local_date(at)
        yield from self._windows(day - timedelta(days=1))
        yield from self._windows(day)

    def _forwards(self, at: datetime) -> Iterator[Window]:
        """The windows from the day before a moment on, up to the horizon."""
        day = self.local_date(at) - timedelta(days=1)
        for _ in range(_HORIZON_DAYS):
            self._expect_openings(day)
            yield from self._windows(day)
            day += timedelta(days=1)

    def _subtract(self, start: datetime, duration: timedelta) -> datetime:
        day, left = self.local_date(start), duration
        while day.year >= _EARLIEST.year:
            self._expect_openings(day, backwards=True)
            for opens, closes in reversed(self._windows(day)):
                worked = max(ZERO, min(start, closes) - opens)
                if worked >= left:
                    return min(start, closes) - left
                left -= worked
            day -= timedelta(days=1)
        raise errors.TooFar(calendar=self.key, value=-duration, years=HORIZON_YEARS)

    def _expect_openings(self, day: date, backwards: bool = False) -> None:
        """Refuse to look for what cannot come: no weekly hours, and no exception with hours ahead."""
        if any(self.weekly):
            return
        open_days = (on for on, exception in self.exceptions.items() if exception.hours)
        if not any(on <= day if backwards else on >= day for on in open_days):
            raise errors.NoOpening(calendar=self.key, day=day)
