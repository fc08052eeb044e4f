"""Working time: the laws that hold for every calendar."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import Calendar
from engine.calendar.data import DayException, Hours

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]


@st.composite
def opening_hours(draw: st.DrawFn) -> Hours:
    """Up to three windows of a day; the last one may pass midnight."""
    edges = sorted(draw(st.sets(st.integers(0, 24 * 12 - 1), max_size=6)))
    walls = [time(edge // 12, edge % 12 * 5) for edge in edges]
    pairs = [(walls[at], walls[at + 1]) for at in range(0, len(walls) - 1, 2)]
    if pairs and draw(st.booleans()):
        pairs[-1] = (pairs[-1][0], draw(st.sampled_from([time(0), min(pairs[-1][0], time(5, 55))])))
        pairs = [pair for pair in pairs if pair[0] != pair[1] or pair[0] == time(0)]
    return tuple(pairs)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    days = [draw(opening_hours()) for _ in range(7)]
    days[draw(st.integers(0, 6))] = ((time(9), time(17, 30)),)
    return Calendar(
        "generated",
        draw(st.sampled_from(ZONES)),
        tuple(days),
        draw(st.sampled_from(["CN", None])),
        draw(
            st.dictionaries(
                st.dates(datetime(2024, 3, 1).date(), datetime(2024, 12, 1).date()),
                st.builds(DayException, opening_hours()),
                max_size=3,
            )
        ),
    )


moments = st.datetimes(datetime(2024, 2, 1), datetime(2024, 12, 1), timezones=st.just(UTC))
durations = st.timedeltas(timedelta(0), timedelta(days=12)).map(lambda d: timedelta(minutes=d // timedelta(minutes=1)))


@given(calendars(), moments, durations)
@settings(deadline=None)
def test_between_is_the_inverse_of_add(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    assert calendar.working_time_between(start, calendar.add_working_time(start, duration)) == duration


@given(calendars(), moments, durations.filter(bool))
@settings(deadline=None)
def test_counting_backwards_is_the_inverse_too(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    earlier = calendar.add_working_time(start, -duration)
    assert calendar.working_time_between(earlier, start) == duration


@given(calendars(), moments, moments, durations, durations)
@settings(deadline=None)
def test_adding_is_monotone(
    calendar: Calendar, one: datetime, other: datetime, short: timedelta, long: timedelta
) -> None:
    first, last = sorted((one, other))
    less, more = sorted((short, long))
    assert calendar.add_working_time(first, less) <= calendar.add_working_time(last, less)
    assert calendar.add_working_time(first, less) <= calendar.add_working_time(first, more)


@given(calendars(), moments, durations, durations)
@settings(deadline=None)
def test_adding_twice_is_adding_the_sum(calendar: Calendar, start: datetime, a: timedelta, b: timedelta) -> None:
    twice = calendar.add_working_time(calendar.add_working_time(start, a), b)
    assert twice == calendar.add_working_time(start, a + b)


@given(calendars(), moments, moments, moments)
@settings(deadline=None)
def test_working_time_adds_up(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    between = calendar.working_time_between
    assert between(a, b) + between(b, c) == between(a, c)
    assert between(a, b) == -between(b, a)


@given(calendars(), moments, durations)
@settings(deadline=None)
def test_a_deadline_never_lies_outside_the_hours(calendar: Calendar, start: datetime, duration: timedelta) -> None:
    due = calendar.add_working_time(start, duration)
    assert calendar.is_open(due) or calendar.is_open(due - timedelta(microseconds=1))


@given(calendars(), moments)
@settings(deadline=None)
def test_the_next_opening_is_open_and_nothing_is_worked_before_it(calendar: Calendar, start: datetime) -> None:
    opening = calendar.next_opening(start)
    assert calendar.is_open(opening)
    assert calendar.working_time_between(start, opening) == timedelta(0)


@given(calendars())
@settings(deadline=None)
def test_data_survives_a_round_trip(calendar: Calendar) -> None:
    assert Calendar.from_data(calendar.to_data()) == calendar
