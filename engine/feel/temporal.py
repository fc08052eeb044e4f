"""FEEL's own dates, times and durations: years of up to nine digits, nanoseconds, zones by offset or IANA name.

Days are counted from 1970-01-01 in the proleptic Gregorian calendar; instants in nanoseconds of UTC from there. A zone
is None (local), an offset in seconds, or an IANA name. Source: DMN 1.5, 10.3.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.patterns import Pattern

NANOSECOND = 1
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MAX_YEAR = 999_999_999
MAX_OFFSET = 14 * 3600
# No duration may be longer than twice the whole calendar.
MAX_MONTHS = 2 * 12 * (MAX_YEAR + 1)
MAX_DAYS = 366 * 2 * (MAX_YEAR + 1)

Zone = int | str | None


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the calendar."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    @property
    def ordinal(self) -> int:
        """Days since 1970-01-01."""
        return days_from_civil(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.ordinal + 3) % 7 + 1


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, with or without a zone. `nanosecond` counts within the second."""

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    zone: Zone = None

    def __str__(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{_fraction(self.nanosecond)}{zone_text(self.zone)}"

    @property
    def of_day(self) -> int:
        """Nanoseconds since midnight."""
        return ((self.hour * 60 + self.minute) * 60 + self.second) * SECOND + self.nanosecond

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC. A named zone has its standard offset, for there is no date to ask for summer time."""
        return _standard_offset(self.zone) if isinstance(self.zone, str) else self.zone

    @property
    def value(self) -> int:
        """Nanoseconds since midnight UTC (local midnight when there is no zone); may be negative or beyond a day."""
        return self.of_day - (self.offset or 0) * SECOND


@dataclass(frozen=True, slots=True)
class DateTime:
    """A day and a time of day."""

    date: Date
    time: Time

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"

    @property
    def local(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00 on the wall clock."""
        return self.date.ordinal * DAY + self.time.of_day

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC at that moment."""
        zone = self.time.zone
        return _named_offset(zone, self) if isinstance(zone, str) else zone

    @property
    def value(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z (wall clock when there is no zone)."""
        return self.local - (self.offset or 0) * SECOND

    def to_python(self) -> datetime:
        """An aware datetime in UTC; the organisation's zone must have been filled in before. Raises ValueError."""
        moment = datetime(1970, 1, 1, tzinfo=UTC)
        try:
            return moment + timedelta(microseconds=self.value // 1000)
        except OverflowError as error:
            raise ValueError(str(self)) from error


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanoseconds: int

    def __str__(self) -> str:
        if self.nanoseconds == 0:
            return "PT0S"
        rest = abs(self.nanoseconds)
        days, rest = divmod(rest, DAY)
        hours, rest = divmod(rest, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        seconds, fraction = divmod(rest, SECOND)
        clock = f"{hours}H" if hours else ""
        clock += f"{minutes}M" if minutes else ""
        clock += f"{seconds}{_fraction(fraction)}S" if seconds or fraction else ""
        day = f"{days}D" if days else ""
        return f"{'-' if self.nanoseconds < 0 else ''}P{day}{'T' + clock if clock else ''}"


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __str__(self) -> str:
        if self.months == 0:
            return "P0M"
        years, months = divmod(abs(self.months), 12)
        year = f"{years}Y" if years else ""
        month = f"{months}M" if months else ""
        return f"{'-' if self.months < 0 else ''}P{year}{month}"


Temporal = Date | Time | DateTime | DaysDuration | MonthsDuration


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a day of the proleptic Gregorian calendar (years before 1 count 0, -1, …)."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - 719_468


def civil_from_days(days: int) -> Date:
    """The inverse of `days_from_civil`."""
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    day_of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return Date(year + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1)


def is_leap(year: int) -> bool:
    """Whether the year has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    return (29 if is_leap(year) else 28) if month == 2 else 30 if month in (4, 6, 9, 11) else 31


def make_date(year: int, month: int, day: int) -> Date | None:
    """A date, or None when there is no such day."""
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return None
    return Date(year, month, day)


def make_time(hour: int, minute: int, second: int, nanosecond: int = 0, zone: Zone = None) -> Time | None:
    """A time of day, or None when a part is out of its range. 24:00:00 is for date times to read, not for this."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59 and 0 <= nanosecond < SECOND):
        return None
    if isinstance(zone, int) and abs(zone) > MAX_OFFSET:
        return None
    return Time(hour, minute, second, nanosecond, zone)


def time_of_day(nanoseconds: int, zone: Zone) -> Time:
    """The time of day so many nanoseconds after midnight, modulo a day."""
    seconds, fraction = divmod(nanoseconds % DAY, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Time(hour, minute, second, fraction, zone)


def from_local(nanoseconds: int, zone: Zone) -> DateTime | None:
    """The wall clock reading; None outside the calendar."""
    days, rest = divmod(nanoseconds, DAY)
    if abs(days) > MAX_DAYS:
        return None
    date = civil_from_days(days)
    return DateTime(date, time_of_day(rest, zone)) if abs(date.year) <= MAX_YEAR else None


def from_value(nanoseconds: int, zone: Zone) -> DateTime | None:
    """The moment on the clocks of a zone; None outside the calendar."""
    if isinstance(zone, str):
        utc = from_local(nanoseconds, 0)
        return None if utc is None else from_local(nanoseconds + _offset_at(zone, utc) * SECOND, zone)
    return from_local(nanoseconds + (zone or 0) * SECOND, zone)


def with_zone(value: DateTime, zone: Zone) -> DateTime:
    """The same reading on the clocks of another zone."""
    return DateTime(value.date, replace(value.time, zone=zone))


def add_months(date: Date, months: int) -> Date | None:
    """Move by months; a day the month does not have becomes its last."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if abs(year) > MAX_YEAR:
        return None
    return Date(year, month + 1, min(date.day, days_in_month(year, month + 1)))


def months_between(start: Date, end: Date) -> int:
    """Whole months from start to end, towards zero."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    if months < 0 and end.day > start.day:
        return months + 1
    return months


def week_of_year(date: Date) -> int:
    """The week as ISO 8601 counts them."""
    thursday = civil_from_days(date.ordinal + 4 - date.weekday)
    return (thursday.ordinal - days_from_civil(thursday.year, 1, 1)) // 7 + 1


def of_python(value: datetime) -> DateTime:
    """The same reading of a datetime; an aware one keeps its offset from UTC."""
    offset = value.utcoffset()
    time = Time(value.hour, value.minute, value.second, value.microsecond * 1000, None)
    if offset is not None:
        time = replace(time, zone=_seconds(offset))
    return DateTime(Date(value.year, value.month, value.day), time)


def zone_of(value: time) -> Zone:
    """The zone of a time of Python: its offset, or the IANA name where the offset depends on the day."""
    offset = value.utcoffset()
    if offset is not None:
        return _seconds(offset)
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


# -- reading ----------------------------------------------------------------------------------------------------------

_YEAR = r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]{1,64})?"
_DATE = Pattern(rf"^{_YEAR}-([0-9]{{2}})-([0-9]{{2}})$")
_DATE_IN_ZONE = Pattern(rf"^(-?[0-9]{{4,9}}-[0-9]{{2}}-[0-9]{{2}}){_ZONE}$")
_TIME = Pattern(rf"^([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}})(?:\.([0-9]{{1,32}}))?{_ZONE}$")
_DAYS = Pattern(
    r"^(-)?P(?:([0-9]{1,18})D)?(T)?(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]{0,32}))?S)?$"
)
_MONTHS = Pattern(r"^(-)?P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?$")


@lru_cache(maxsize=1024)
def parse_date(text: str) -> Date | None:
    """`2026-03-02`."""
    match = _DATE.groups(text)
    return make_date(_number(match[1]), _number(match[2]), _number(match[3])) if match else None


@lru_cache(maxsize=1024)
def parse_time(text: str) -> Time | None:
    """`09:00:00`, with a fraction and a zone where wanted; 24:00:00 is midnight."""
    parsed = _parse_time(text)
    return parsed[0] if parsed else None


@lru_cache(maxsize=1024)
def parse_date_time(text: str) -> DateTime | None:
    """`2026-03-02T09:00:00+08:00`, or a date alone (`2026-03-02`, `2026-03-02Z`), which means its midnight."""
    day, separator, clock = text.partition("T")
    if not separator:
        return _parse_midnight(text)
    date = parse_date(day)
    if date is None:
        return None
    parsed = _parse_time(clock)
    if parsed is None:
        return None
    time, next_day = parsed
    return from_local((date.ordinal + 1) * DAY, time.zone) if next_day else DateTime(date, time)


def _parse_midnight(text: str) -> DateTime | None:
    """A date alone, or with the zone that XML Schema lets a date have."""
    match = _DATE_IN_ZONE.groups(text)
    date = parse_date(match[1] or "") if match else None
    if match is None or date is None:
        return None
    try:
        return DateTime(date, Time(0, 0, 0, zone=parse_zone(match[2] or "")))
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> DaysDuration | MonthsDuration | None:
    """`P1DT2H` or `P1Y2M`."""
    match = _MONTHS.groups(text)
    if match and (match[2] or match[3]):
        months = _number(match[2]) * 12 + _number(match[3])
        return make_months(-months if match[1] else months)
    match = _DAYS.groups(text)
    if not match or not _complete(match):
        return None
    seconds = ((_number(match[2]) * 24 + _number(match[4])) * 60 + _number(match[5])) * 60 + _number(match[6])
    nanoseconds = seconds * SECOND + _nanoseconds(match[7])
    return make_days(-nanoseconds if match[1] else nanoseconds)


def parse_temporal(text: str) -> Temporal | None:
    """Whatever an at-literal may hold."""
    if "P" in text[:2]:
        return parse_duration(text)
    if "T" in text[:13]:
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def make_days(nanoseconds: int) -> DaysDuration | None:
    """A duration, or None when it is longer than the calendar."""
    return DaysDuration(nanoseconds) if abs(nanoseconds) <= MAX_DAYS * DAY else None


def make_months(months: int) -> MonthsDuration | None:
    """A duration, or None when it is longer than the calendar."""
    return MonthsDuration(months) if abs(months) <= MAX_MONTHS else None


def parse_zone(text: str) -> Zone:
    """`Z`, `+08:00` or `@Asia/Shanghai`; raises ValueError for no such zone."""
    if not text:
        return None
    if text == "Z":
        return 0
    if text[0] == "@":
        name = text[1:]
        if name == "Z":
            return 0
        if _zone_info(name) is None:
            raise ValueError(name)
        return name
    hours, minutes, seconds = int(text[1:3]), int(text[4:6]), int(text[7:9] or 0)
    offset = (hours * 60 + minutes) * 60 + seconds
    if minutes > 59 or seconds > 59 or offset > MAX_OFFSET:
        raise ValueError(text)
    return -offset if text[0] == "-" else offset


def zone_text(zone: Zone) -> str:
    """The zone as it is written behind a time."""
    if zone is None:
        return ""
    if isinstance(zone, str):
        return "@" + zone
    if zone == 0:
        return "Z"
    minutes, second = divmod(abs(zone), 60)
    hour, minute = divmod(minutes, 60)
    return f"{'-' if zone < 0 else '+'}{hour:02d}:{minute:02d}{f':{second:02d}' if second else ''}"


def is_zone(name: str) -> bool:
    """Whether the IANA data knows the zone."""
    return _zone_info(name) is not None


def _parse_time(text: str) -> tuple[Time, bool] | None:
    match = _TIME.groups(text)
    if not match:
        return None
    hour, minute, second, nanosecond = _number(match[1]), _number(match[2]), _number(match[3]), _nanoseconds(match[4])
    try:
        zone = parse_zone(match[5] or "")
    except ValueError:
        return None
    midnight = hour == 24 and not (minute or second or nanosecond)
    time = make_time(0 if midnight else hour, minute, second, nanosecond, zone)
    return None if time is None else (time, midnight)


def _complete(match: tuple[str | None, ...]) -> bool:
    """Whether a duration names a component, and one behind a T."""
    clock = match[4] or match[5] or match[6]
    return bool(clock) if match[3] else bool(match[2]) and not clock


def _number(digits: str | None) -> int:
    return int(digits or 0)


def _nanoseconds(digits: str | None) -> int:
    return int((digits or "").ljust(9, "0")[:9])


def _fraction(nanoseconds: int) -> str:
    return "." + f"{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


# -- zones ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _zone_info(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _zone(name: str) -> ZoneInfo:
    zone = _zone_info(name)
    if zone is None:
        raise ValueError(name)
    return zone


@lru_cache(maxsize=256)
def _standard_offset(name: str) -> int:
    for month in (1, 7):
        moment = datetime(2000, month, 1, tzinfo=_zone(name))
        if not moment.dst():
            return _seconds(moment.utcoffset())
    return _seconds(datetime(2000, 1, 1, tzinfo=_zone(name)).utcoffset())


def _proxy(year: int) -> int:
    """A year the standard library knows, with the same calendar and the same rules for summer time."""
    return year if 1 < year < 9999 else 2 if year < 2 else 2400 + year % 400


@lru_cache(maxsize=4096)
def _named_offset(name: str, value: DateTime) -> int:
    date, time = value.date, value.time
    year = _proxy(date.year)
    day = min(date.day, days_in_month(year, date.month))
    local = datetime(year, date.month, day, time.hour, time.minute, time.second, tzinfo=_zone(name))
    return _seconds(local.utcoffset())


@lru_cache(maxsize=4096)
def _offset_at(name: str, utc: DateTime) -> int:
    date, time = utc.date, utc.time
    year = _proxy(date.year)
    day = min(date.day, days_in_month(year, date.month))
    moment = datetime(year, date.month, day, time.hour, time.minute, time.second, tzinfo=UTC)
    return _seconds(moment.astimezone(_zone(name)).utcoffset())


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset.days * 86_400 + offset.seconds
