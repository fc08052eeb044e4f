"""Working time: the rules with examples."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import Calendar, CalendarError, DayKind, known_years
from engine.calendar.errors import NoOpening, TimeWithoutZone, TooFar

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKDAY = [["09:00", "17:30"]]
OFFICE = {
    "zone": "Asia/Shanghai",
    "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WORKDAY),
    "holidays": "CN",
    "exceptions": {},
}


def office(**changes: object) -> Calendar:
    return Calendar.from_data(OFFICE | changes)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        ("2026-03-02T09:00", 2, "2026-03-02T11:00"),
        ("2026-03-02T16:30", 2, "2026-03-03T10:00"),
        ("2026-03-02T22:15", 2, "2026-03-03T11:00"),
        ("2026-03-02T03:00", 0.5, "2026-03-02T09:30"),
        ("2026-03-06T17:00", 1, "2026-03-09T09:30"),
        ("2026-03-07T12:00", 1, "2026-03-09T10:00"),
        ("2026-03-02T09:00", 8.5, "2026-03-02T17:30"),
        ("2026-03-02T17:30", 0, "2026-03-02T17:30"),
        ("2026-03-02T17:31", 0, "2026-03-03T09:00"),
        ("2026-03-02T10:00", 0, "2026-03-02T10:00"),
        ("2026-03-02T09:00", 85, "2026-03-13T17:30"),
    ],
)
def test_a_deadline_counts_open_hours_only(start: str, duration: float, due: str) -> None:
    assert office().add_working_time(at(start), hours(duration)) == at(due)


@pytest.mark.parametrize(
    ("start", "duration", "earlier"),
    [
        ("2026-03-03T10:00", 2, "2026-03-02T16:30"),
        ("2026-03-03T20:00", 1, "2026-03-03T16:30"),
        ("2026-03-09T03:00", 1, "2026-03-06T16:30"),
        ("2026-03-03T17:30", 8.5, "2026-03-03T09:00"),
    ],
)
def test_a_negative_duration_counts_backwards(start: str, duration: float, earlier: str) -> None:
    assert office().add_working_time(at(start), -hours(duration)) == at(earlier)


def test_results_are_utc() -> None:
    assert office().add_working_time(at("2026-03-02T09:00"), hours(1)).tzinfo is UTC
    assert office().next_opening(at("2026-03-02T03:00")).tzinfo is UTC


def test_working_time_between_is_negative_when_reversed() -> None:
    calendar = office()
    assert calendar.working_time_between(at("2026-03-02T16:30"), at("2026-03-03T10:00")) == hours(2)
    assert calendar.working_time_between(at("2026-03-03T10:00"), at("2026-03-02T16:30")) == -hours(2)
    assert calendar.working_time_between(at("2026-03-07T10:00"), at("2026-03-08T10:00")) == hours(0)


def test_opening_is_open_and_closing_is_not() -> None:
    calendar = office()
    assert calendar.is_open(at("2026-03-02T09:00"))
    assert not calendar.is_open(at("2026-03-02T17:30"))
    assert not calendar.is_open(at("2026-03-02T08:59"))
    assert calendar.next_opening(at("2026-03-02T17:30")) == at("2026-03-03T09:00")
    assert calendar.next_opening(at("2026-03-02T12:00")) == at("2026-03-02T12:00")


def test_official_holidays_are_closed_and_make_up_days_are_worked() -> None:
    calendar = office()
    # National day 2025: 1 to 8 October closed, Sunday 28 September and Saturday 11 October worked.
    assert calendar.day(date(2025, 10, 3)).kind is DayKind.HOLIDAY
    assert calendar.day(date(2025, 10, 3)).note
    assert calendar.day(date(2025, 9, 28)).kind is DayKind.MAKE_UP
    assert calendar.day(date(2025, 9, 28)).hours == ((time(9), time(17, 30)),)
    assert calendar.day(date(2025, 9, 27)).kind is DayKind.WEEKLY
    assert calendar.add_working_time(at("2025-09-30T17:00"), hours(1)) == at("2025-10-09T09:30")


def test_without_holidays_the_week_alone_holds() -> None:
    assert office(holidays=None).is_working_day(date(2025, 10, 3))


def test_an_exception_overrules_holiday_and_week() -> None:
    calendar = office(
        exceptions={
            "2025-10-03": {"hours": [["10:00", "12:00"]], "note": "duty"},
            "2025-10-09": {"hours": [], "note": "stocktaking"},
        }
    )
    assert calendar.day(date(2025, 10, 3)).note == "duty"
    assert calendar.add_working_time(at("2025-09-30T17:00"), hours(1)) == at("2025-10-03T10:30")
    assert calendar.add_working_time(at("2025-10-03T11:30"), hours(1)) == at("2025-10-10T09:30")


def test_beyond_the_known_years_the_week_holds_with_a_warning() -> None:
    calendar, later = office(), known_years()[-1] + 1
    may_day = date(later, 5, 1)
    assert calendar.is_working_day(may_day) == (may_day.weekday() < 5)
    doubt = calendar.doubt(at(f"{later}-05-01T10:00"))
    assert doubt is not None
    assert str(later) in doubt.message
    assert str(known_years()[-1]) in doubt.advice
    assert calendar.doubt(at("2026-05-01T10:00")) is None
    assert office(holidays=None).doubt(at(f"{later}-05-01T10:00")) is None


def test_night_hours_belong_to_the_day_they_begin_on() -> None:
    calendar = office(weekly={"fri": [["22:00", "06:00"]]}, holidays=None)
    assert calendar.is_open(at("2026-03-07T05:59"))
    assert not calendar.is_open(at("2026-03-06T05:59"))
    assert calendar.add_working_time(at("2026-03-06T23:00"), hours(8)) == at("2026-03-13T23:00")
    assert calendar.is_working_day(date(2026, 3, 6))
    assert not calendar.is_working_day(date(2026, 3, 7))


def test_night_hours_that_reach_into_the_next_days_hours_count_once() -> None:
    calendar = office(weekly={"fri": [["22:00", "10:00"]], "sat": [["09:00", "11:00"]]}, holidays=None)
    assert calendar.working_time_between(at("2026-03-06T22:00"), at("2026-03-07T23:00")) == hours(13)


def test_a_whole_day_is_24_hours() -> None:
    calendar = office(weekly={day: [["00:00", "24:00"]] for day in ("mon", "tue")}, holidays=None)
    assert calendar.add_working_time(at("2026-03-02T00:00"), hours(48)) == at("2026-03-04T00:00")


def test_an_hour_the_clocks_skip_is_not_worked() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    calendar = office(zone="Europe/Berlin", weekly={"sun": [["01:00", "05:00"]]}, holidays=None)
    spring, autumn = at("2026-03-29T00:00", berlin), at("2026-10-25T00:00", berlin)
    assert calendar.working_time_between(spring, spring + hours(20)) == hours(3)
    assert calendar.working_time_between(autumn, autumn + hours(20)) == hours(5)
    inside = office(zone="Europe/Berlin", weekly={"sun": [["02:10", "02:50"]]}, holidays=None)
    assert inside.working_time_between(spring, spring + hours(20)) == hours(0)


def test_a_clock_time_that_is_skipped_is_the_moment_of_the_jump() -> None:
    calendar = office(zone="Europe/Berlin")
    assert calendar.at_clock_time(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_clock_times_are_the_organisations_own() -> None:
    calendar = office()
    assert calendar.at_clock_time(at("2026-03-02T03:00"), time(12)) == at("2026-03-02T12:00")
    assert calendar.next_clock_time(at("2026-03-02T12:00"), time(12)) == at("2026-03-02T12:00")
    assert calendar.next_clock_time(at("2026-03-02T12:01"), time(12)) == at("2026-03-03T12:00")
    assert calendar.next_clock_time(at("2026-03-06T17:00"), time(16), working_days_only=True) == at("2026-03-09T16:00")
    # 20:00 UTC is already the next day in Shanghai
    assert calendar.local_date(datetime(2026, 3, 2, 20, tzinfo=UTC)) == date(2026, 3, 3)


def test_working_days_are_counted() -> None:
    calendar = office()
    assert calendar.add_working_days(date(2026, 3, 6), 1) == date(2026, 3, 9)
    assert calendar.add_working_days(date(2026, 3, 9), -1) == date(2026, 3, 6)
    assert calendar.add_working_days(date(2026, 3, 7), 0) == date(2026, 3, 9)
    assert calendar.add_working_days(date(2026, 3, 6), 0) == date(2026, 3, 6)
    assert calendar.working_days_between(date(2026, 3, 6), date(2026, 3, 13)) == 5
    assert calendar.working_days_between(date(2026, 3, 13), date(2026, 3, 6)) == -5


@pytest.mark.parametrize("question", ["add", "subtract", "next", "days", "clock"])
def test_a_calendar_that_never_opens_says_so(question: str) -> None:
    calendar = office(weekly={}, exceptions={"2026-03-05": {"hours": WORKDAY}})
    late, early = at("2026-03-06T09:00"), at("2026-03-04T09:00")
    with pytest.raises(NoOpening, match="Give it weekly hours"):
        {
            "add": lambda: calendar.add_working_time(late, hours(1)),
            "subtract": lambda: calendar.add_working_time(early, -hours(1)),
            "next": lambda: calendar.next_opening(at("2026-03-05T17:30")),
            "days": lambda: calendar.add_working_days(date(2026, 3, 6), 1),
            "clock": lambda: calendar.next_clock_time(late, time(9), working_days_only=True),
        }[question]()


def test_an_exception_alone_can_open_a_calendar() -> None:
    calendar = office(weekly={}, exceptions={"2026-03-05": {"hours": WORKDAY}})
    assert calendar.add_working_time(at("2026-03-01T09:00"), hours(1)) == at("2026-03-05T10:00")


def test_what_is_too_far_is_refused_instead_of_counted() -> None:
    calendar = office()
    with pytest.raises(TooFar):
        calendar.add_working_time(at("2026-03-02T09:00"), timedelta(days=900_000))
    with pytest.raises(TooFar):
        calendar.add_working_time(at("2026-03-02T09:00"), -timedelta(days=900_000))
    with pytest.raises(TooFar):
        calendar.working_time_between(at("1901-01-02T00:00"), at("2299-01-02T00:00"))
    with pytest.raises(TooFar):
        calendar.is_open(datetime(1, 1, 1, tzinfo=UTC))
    with pytest.raises(TooFar):
        calendar.add_working_days(date(2026, 3, 2), 10**9)
    with pytest.raises(TooFar):
        calendar.working_days_between(date(1900, 1, 1), date(2300, 1, 1))


def test_a_long_duration_is_counted_day_by_day() -> None:
    assert office().add_working_time(at("2026-03-02T09:00"), hours(8.5 * 2_000)).year == 2033


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(TimeWithoutZone):
        office().is_open(datetime(2026, 3, 2, 9))


def test_data_survives_a_round_trip() -> None:
    data = OFFICE | {"exceptions": {"2026-05-06": {"hours": [["22:00", "24:00"]], "note": "值班"}}}
    calendar = Calendar.from_data(data)
    assert Calendar.from_data(calendar.to_data()) == calendar
    assert calendar.to_data()["exceptions"] == data["exceptions"]
    assert hash(calendar) == hash(Calendar.from_data(calendar.to_data()))


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"zone": "Asia/Peking"}, "zone", "Asia/Peking"),
        ({"zone": "../etc/passwd"}, "zone", "../etc/passwd"),
        ({"zone": None}, "zone", "None"),
        ({"weekly": []}, "weekly", "[]"),
        ({"weekly": {"monday": WORKDAY}}, "weekly.monday", "mon, tue"),
        ({"weekly": {"mon": "09:00-17:30"}}, "weekly.mon", "09:00-17:30"),
        ({"weekly": {"mon": [["09:00"]]}}, "weekly.mon[0]", "['09:00']"),
        ({"weekly": {"mon": [["09:00", "25:00"]]}}, "weekly.mon[0][1]", "25:00"),
        ({"weekly": {"mon": [["9am", "17:30"]]}}, "weekly.mon[0][0]", "9am"),
        ({"weekly": {"mon": [[9, "17:30"]]}}, "weekly.mon[0][0]", "9"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "weekly.mon[0]", "09:00"),
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "weekly.mon[1]", "09:00–12:00"),
        ({"weekly": {"mon": [["09:00", "08:00"], ["11:00", "17:00"]]}}, "weekly.mon[1]", "09:00–08:00"),
        ({"holidays": "XX"}, "holidays", "XX"),
        ({"holidays": []}, "holidays", "[]"),
        ({"exceptions": {"1.5.2026": {"hours": []}}}, "exceptions.1.5.2026", "1.5.2026"),
        ({"exceptions": {"20260501": {"hours": []}}}, "exceptions.20260501", "20260501"),
        ({"exceptions": {"2026-05-01": []}}, "exceptions.2026-05-01", "[]"),
        ({"exceptions": {"2026-05-01": {"hour": []}}}, "exceptions.2026-05-01.hour", "hours, note"),
        ({"exceptions": {"2026-05-01": {"note": 3}}}, "exceptions.2026-05-01.note", "3"),
        ({"key": ""}, "key", "a short name"),
        ({"timezone": "UTC"}, "timezone", "zone, weekly"),
    ],
)
def test_wrong_data_is_refused_with_field_and_value(changes: dict[str, object], field: str, value: str) -> None:
    with pytest.raises(CalendarError) as refused:
        office(**changes)
    assert field in str(refused.value)
    assert value in str(refused.value)


def test_data_that_is_no_object_is_refused() -> None:
    with pytest.raises(CalendarError):
        Calendar.from_data(None)
    with pytest.raises(CalendarError):
        Calendar("default", weekly=((),) * 6)
