"""When timers are due: dates, durations and cycles in ISO 8601, and cron.

Dates and times without an offset, days, months and years are meant in the organisation's zone; results are UTC.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.bpmn.cron import Cron
from engine.bpmn.model import TimerKind
from engine.feel import to_text

_DURATION = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,8})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,10}(?:\.\d{1,9})?)S)?)?"
)
_REPETITION = re.compile(r"R(?P<count>\d{1,9})?/(?P<rest>.+)")
FOREVER = -1


class BadTime(ValueError):
    """The value is no time a timer can use; the message says why."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Months and days of the calendar, and time that passes."""

    months: int
    days: int
    clock: timedelta

    @property
    def span(self) -> timedelta:
        """Without the months, and a day as 24 hours."""
        return timedelta(days=self.days) + self.clock

    def after(self, moment: datetime, zone: tzinfo, times: int = 1) -> datetime:
        """`moment` and this many of the duration later, months and days on the zone's wall clock, in UTC."""
        local = moment.astimezone(zone)
        if self.months:
            year, month = divmod(local.year * 12 + local.month - 1 + self.months * times, 12)
            if not 1 <= year <= 9998:
                raise BadTime("the time lies outside the calendar")
            local = local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
        try:
            return (local + timedelta(days=self.days * times)).astimezone(UTC) + self.clock * times
        except OverflowError as error:
            raise BadTime("the time lies outside the calendar") from error


@dataclass(frozen=True, slots=True)
class Plan:
    """A timer's next due time (UTC), how often it fires including that (`FOREVER`: without end), and its step."""

    due: datetime
    left: int = 1
    step: str = ""


def plan(kind: TimerKind, value: object, now: datetime, zone: tzinfo) -> Plan:
    """The plan of a timer that is armed now.

    `value` is text, a datetime, date or timedelta, or a FEEL value. Raises `BadTime`.
    """
    if kind == "date":
        return Plan(_moment(value, zone))
    if kind == "duration":
        return Plan(_duration(value).after(now, zone))
    return _cycle(_text(value), now, zone)


def next_plan(current: Plan, now: datetime, zone: tzinfo) -> Plan | None:
    """The plan after a firing; None when that was the last. Missed firings coalesce, the phase is kept."""
    if current.left == 1 or not current.step:
        return None
    left = FOREVER if current.left == FOREVER else current.left - 1
    return Plan(_next_due(current, now, zone), left, current.step)


def check_static(kind: TimerKind, text: str) -> str | None:
    """Why a static timer value cannot be used; None when it can."""
    try:
        plan(kind, text, datetime(2026, 1, 1, tzinfo=UTC), UTC)
    except BadTime as error:
        return str(error)
    return None


def parse_duration(text: str) -> Duration:
    """An ISO 8601 duration such as ``PT2H`` or ``P1M``; raises `BadTime`."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise BadTime(f"{text!r} is no ISO 8601 duration such as PT2H or P1D")
    number = {name: Decimal(match[name] or 0) for name in _DURATION.groupindex if name != "sign"}
    sign = -1 if match["sign"] else 1
    clock = timedelta(
        hours=int(number["hours"]),
        minutes=int(number["minutes"]),
        microseconds=int(number["seconds"] * 1_000_000),
    )
    months, days = number["years"] * 12 + number["months"], number["weeks"] * 7 + number["days"]
    return Duration(sign * int(months), sign * int(days), sign * clock)


def _cycle(text: str, now: datetime, zone: tzinfo) -> Plan:
    match = _REPETITION.fullmatch(text.strip())
    if match is None:
        return Plan(_cron(text, now, zone), FOREVER, text.strip())
    left = FOREVER if match["count"] is None else int(match["count"])
    if left == 0:
        raise BadTime(f"{text!r} repeats zero times")
    *start, step = match["rest"].split("/")
    if len(start) > 1:
        raise BadTime(f"{text!r} is no cycle such as R3/PT10M or R/2026-01-01T09:00:00+08:00/P1D")
    duration = parse_duration(step)
    if duration.after(now, zone) <= now:
        raise BadTime(f"the interval {step!r} must be longer than nothing")
    if not start:
        return Plan(duration.after(now, zone), left, step)
    first = Plan(_moment(start[0], zone), left, step)
    return first if first.due >= now else Plan(_next_due(first, now, zone), left, step)


def _next_due(current: Plan, now: datetime, zone: tzinfo) -> datetime:
    if not current.step.startswith("P"):
        return _cron(current.step, max(now, current.due), zone)
    step = parse_duration(current.step)
    times = 1
    if not step.months:
        times = max(1, (now - current.due) // step.span)
    due = step.after(current.due, zone, times)
    while due <= now:
        times += 1
        due = step.after(current.due, zone, times)
    return due


def _cron(text: str, moment: datetime, zone: tzinfo) -> datetime:
    try:
        return Cron.parse(text).after(moment, zone)
    except ValueError as error:
        raise BadTime(f"{text!r} is neither a cycle such as R3/PT10M nor cron: {error}") from error


def _moment(value: object, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return _aware(value, zone)
    if isinstance(value, date):
        return _aware(datetime.combine(value, time()), zone)
    text, _, zone_name = _text(value).strip().partition("@")
    try:
        if zone_name:
            zone = ZoneInfo(zone_name)
        return _aware(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError, ZoneInfoNotFoundError) as error:
        raise BadTime(f"{text!r} is no date and time such as 2026-03-02T09:00:00+08:00") from error


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _duration(value: object) -> Duration:
    if isinstance(value, timedelta):
        return Duration(0, 0, value)
    return parse_duration(_text(value))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (bool, int, float, Decimal, list, dict)):
        raise BadTime(f"{value!r} is no time")
    return to_text(value)
