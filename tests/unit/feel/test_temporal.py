"""Dates, times and durations, against the standard library where both are defined."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import DaysDuration, MonthsDuration, from_python
from engine.feel.temporal import (
    DAY,
    SECOND,
    Date,
    DateTime,
    Time,
    add_months,
    civil_from_days,
    days_from_civil,
    from_value,
    months_between,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_temporal,
    parse_time,
    week_of_year,
    with_zone,
)
from tests.unit.feel.examples import check, evaluate

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Etc/UTC")
moments = st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30))
durations = st.timedeltas(timedelta(days=-400_000), timedelta(days=400_000))


@given(st.dates())
def test_dates_count_days_as_the_standard_library_does(day: date) -> None:
    ours = Date(day.year, day.month, day.day)
    assert ours.ordinal == day.toordinal() - date(1970, 1, 1).toordinal()
    assert civil_from_days(ours.ordinal) == ours
    assert ours.weekday == day.isoweekday()
    assert week_of_year(ours) == day.isocalendar().week
    assert str(ours) == day.isoformat() and parse_date(str(ours)) == ours


@given(st.integers(-999_999_999, 999_999_999), st.integers(1, 12), st.integers(1, 28))
def test_days_and_dates_are_inverse_over_all_years(year: int, month: int, day: int) -> None:
    assert civil_from_days(days_from_civil(year, month, day)) == Date(year, month, day)
    assert parse_date(str(Date(year, month, day))) == Date(year, month, day)


@given(moments, durations)
def test_adding_a_duration_agrees_with_the_standard_library(moment: datetime, duration: timedelta) -> None:
    try:
        wanted = moment + duration
    except OverflowError:
        return
    scope = {"m": from_python(moment), "d": from_python(duration)}
    assert evaluate("m + d", scope) == from_python(wanted)
    assert evaluate("d + m", scope) == from_python(wanted)
    assert evaluate("(m + d) - d", scope) == from_python(moment)
    assert evaluate("(m + d) - m", scope) == from_python(duration)
    assert evaluate("(m + d) > m", scope) == (wanted > moment)


@given(st.dates(), st.dates())
def test_dates_subtract_to_days(one: date, other: date) -> None:
    scope = {"a": from_python(one), "b": from_python(other)}
    assert evaluate("a - b", scope) == from_python(one - other)
    assert evaluate("a < b", scope) == (one < other)


@given(moments, st.sampled_from(ZONES))
def test_named_zones_have_the_offsets_of_the_standard_library(moment: datetime, zone: str) -> None:
    wanted = moment.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    ours = with_zone(from_python(moment), zone)
    assert wanted is not None and ours.offset == wanted.days * 86_400 + wanted.seconds


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), st.sampled_from(ZONES))
def test_moments_have_the_readings_of_the_standard_library(moment: datetime, zone: str) -> None:
    wanted = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    ours = from_value(from_python(moment).local, zone)
    assert ours == with_zone(from_python(wanted), zone)


@given(st.dates(date(1, 1, 1), date(9000, 1, 1)), st.integers(-5000, 5000))
def test_months_move_to_the_same_day_or_the_last(day: date, months: int) -> None:
    start = Date(day.year, day.month, day.day)
    moved = add_months(start, months)
    assert moved is not None
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day == start.day or moved.day >= 28
    if moved.day == start.day:
        assert months_between(start, moved) == months


@given(st.integers(-(10**20), 10**20))
def test_durations_print_and_read_back(nanoseconds: int) -> None:
    assert parse_duration(str(DaysDuration(nanoseconds))) == DaysDuration(nanoseconds)


@given(st.integers(-(10**9), 10**9))
def test_month_durations_print_and_read_back(months: int) -> None:
    assert parse_duration(str(MonthsDuration(months))) == MonthsDuration(months)


@given(
    st.integers(-(10**6), 10**6),
    st.integers(0, DAY - 1),
    st.one_of(st.none(), st.integers(-840, 840).map(lambda minutes: minutes * 60), st.sampled_from(ZONES)),
)
def test_date_times_print_and_read_back(days: int, of_day: int, zone: int | str | None) -> None:
    seconds, nanosecond = divmod(of_day, SECOND)
    clock = Time(seconds // 3600, seconds // 60 % 60, seconds % 60, nanosecond, zone)
    value = DateTime(civil_from_days(days), clock)
    assert parse_date_time(str(value)) == value
    assert parse_time(str(clock)) == clock
    assert parse_temporal(str(value)) == value


def test_arithmetic_of_dates_and_times() -> None:
    check("""
        @"2026-03-02" + @"P1D" → @"2026-03-03"
        @"2026-03-02" + @"PT36H" → @"2026-03-03"
        @"2026-03-02" - @"PT1S" → @"2026-03-01"
        @"2026-01-31" + @"P1M" → @"2026-02-28"
        @"2024-02-29" - @"P1Y" → @"2023-02-28"
        @"P1M" + @"2026-01-01" → @"2026-02-01"
        @"2026-03-02T09:00:00+08:00" + @"PT20H" → @"2026-03-03T05:00:00+08:00"
        @"2026-03-02T09:00:00" + @"P1M" → @"2026-04-02T09:00:00"
        @"2026-03-29T01:30:00@Europe/Berlin" + @"PT1H" → @"2026-03-29T03:30:00@Europe/Berlin"
        @"2026-10-25T12:00:00@Europe/Berlin" - @"2026-10-24T12:00:00@Europe/Berlin" → @"P1DT1H"
        @"23:30:00" + @"PT1H" → @"00:30:00"
        @"00:30:00+08:00" - @"P2DT1H" → @"23:30:00+08:00"
        @"10:00:00" - @"09:00:00" → @"PT1H"
        @"10:00:00+08:00" - @"10:00:00Z" → @"-PT8H"
        @"10:00:00+08:00" - @"10:00:00" → null
        @"2026-03-02" - @"2026-03-01T22:00:00Z" → @"PT2H"
        @"2026-03-02" - @"2026-03-01T22:00:00" → null
        @"2026-03-02" + @"2026-03-02" → null
        @"2026-03-02" + 1 → null
        1 - @"P1D" → null
        @"P1D" + @"P1M" → null
        @"P1D" + @"PT1H" → @"P1DT1H"
        @"P1Y" - @"P1M" → @"P11M"
        @"P1D" * 1.5 → @"PT36H"
        1.5 * @"P1M" → @"P1M"
        @"P1D" / 2 → @"PT12H"
        @"P1D" / @"PT6H" → 4
        @"P1Y" / @"P1M" → 12
        @"P1Y" / 0 → null
        @"P1Y" / @"P1D" → null
        -@"P1D" → @"-P1D"
        -@"P1M" → @"-P1M"
        @"999999999-12-31" + @"P1D" → null
        @"999999999-12-31" + @"P1M" → null
        @"999999999-12-31T23:00:00@Asia/Shanghai" + @"PT1H" → null
        @"999999999-12-31T23:00:00" + @"P1M" → null
        @"2026-03-02T00:00:00" + @"P366000000000D" → null
        @"P366000000000D" + @"P366000000000D" + @"P366000000000D" → null
        string(@"-0044-03-15") → "-0044-03-15"
        string(@"12026-03-02T09:00:00@Europe/Berlin" + @"P180D") → "12026-08-29T10:00:00@Europe/Berlin"
        string(@"-2026-03-02T09:00:00@Europe/Berlin" + @"PT1H") → "-2026-03-02T10:00:00@Europe/Berlin"
    """)


def test_a_side_without_a_zone_is_read_on_the_clock_of_the_other() -> None:
    check("""
        @"2026-03-02T09:00:00" < @"2026-03-02T10:00:00+08:00" → true
        @"2026-03-02T09:00:00" = @"2026-03-02T09:00:00+08:00" → false
        @"09:00:00" < @"10:00:00Z" → true
        @"09:00:00Z" < @"09:00:00-01:00" → true
        @"2026-03-02T09:00:00@Asia/Shanghai" = @"2026-03-02T01:00:00Z" → true
        @"09:00:00@Asia/Shanghai" = @"01:00:00Z" → true
        @"09:00:00@Europe/Berlin" = @"08:00:00Z" → true
        @"09:00:00@Australia/Lord_Howe" = @"22:30:00Z" → false
        @"2026-03-02" = @"2026-03-02T00:00:00" → null
        @"2026-03-02" < @"2026-03-02T00:00:00" → null
    """)


NEARLY = (
    *("2026-3-02", "2026-03-02T", "T09:00:00", "09:00:00+0800", "P", "-P", "P1DT", "PT1D", "P1H"),
    *("+2026-01-01", "02026-01-01"),
)


@pytest.mark.parametrize("text", NEARLY)
def test_what_is_nearly_a_date_is_none(text: str) -> None:
    assert parse_temporal(text) is None


def test_python_values_come_in_with_their_zone() -> None:
    berlin, east = ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=8))
    assert str(from_python(datetime(2026, 3, 2, 9, tzinfo=UTC))) == "2026-03-02T09:00:00Z"
    assert str(from_python(datetime(2026, 7, 2, 9, tzinfo=berlin))) == "2026-07-02T09:00:00+02:00"
    assert str(from_python(time(9, 0, 0, 500_000, tzinfo=east))) == "09:00:00.5+08:00"
    assert str(from_python(time(9, tzinfo=berlin))) == "09:00:00@Europe/Berlin"
    assert str(from_python(time(9))) == "09:00:00"
    assert str(from_python(timedelta(days=-1, seconds=1))) == "-PT23H59M59S"


def test_a_date_time_becomes_a_datetime_of_python_in_utc() -> None:
    value = evaluate('@"2026-03-02T09:00:00.1234567+08:00"')
    assert value.to_python() == datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)
    with pytest.raises(ValueError, match="12026-03-02"):
        evaluate('@"12026-03-02T09:00:00Z"').to_python()
