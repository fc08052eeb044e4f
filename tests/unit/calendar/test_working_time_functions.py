"""Working time in FEEL."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.calendar import WORKING_TIME_NAMES, Calendar, WorkingTimeError, working_time_functions
from engine.feel import Environment, compile_expression
from engine.feel.temporal import Date, Time, parse_date_time, parse_duration

OFFICE = {
    "key": "default",
    "zone": "Asia/Shanghai",
    "weekly": {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": "CN",
}
BERLIN = {"key": "berlin", "zone": "Europe/Berlin", "weekly": {"mon": [["08:00", "12:00"]]}}
CLOSED = {"key": "closed", "zone": "Asia/Shanghai"}

FUNCTIONS = working_time_functions({data["key"]: Calendar.from_data(data) for data in (OFFICE, BERLIN, CLOSED)})


def ask(name: str, *arguments: object) -> object:
    return FUNCTIONS[name].call(*arguments)


def test_every_function_has_the_name_the_parser_is_told() -> None:
    assert FUNCTIONS.keys() == WORKING_TIME_NAMES
    assert all(function.name == name for name, function in FUNCTIONS.items())


def test_working_time_after_counts_on_the_default_calendar() -> None:
    start, two_hours = parse_date_time("2026-03-02T16:30:00+08:00"), parse_duration("PT2H")
    assert str(ask("working time after", start, two_hours)) == "2026-03-03T10:00:00+08:00"
    assert str(ask("working time after", start, two_hours, None)) == "2026-03-03T10:00:00+08:00"
    assert FUNCTIONS["working time after"].accepts(2)
    assert FUNCTIONS["working time after"].accepts(3)
    assert not FUNCTIONS["working time after"].accepts(1)


def test_another_calendar_is_named_by_its_key() -> None:
    start = parse_date_time("2026-06-01T09:00:00@Europe/Berlin")
    assert str(ask("working time after", start, parse_duration("PT4H"), "berlin")) == "2026-06-08T09:00:00+02:00"


def test_a_moment_without_zone_is_meant_on_the_calendars_clocks() -> None:
    assert ask("is working time", parse_date_time("2026-03-02T09:00:00")) is True
    assert ask("is working time", parse_date_time("2026-03-02T09:00:00Z")) is True
    assert ask("is working time", parse_date_time("2026-03-02T10:00:00Z")) is False
    assert str(ask("next opening", Date(2026, 3, 7))) == "2026-03-09T09:00:00+08:00"


def test_working_time_between_is_a_duration() -> None:
    start, end = parse_date_time("2026-03-02T16:30:00+08:00"), parse_date_time("2026-03-03T10:00:00+08:00")
    assert str(ask("working time between", start, end)) == "PT2H"
    assert str(ask("working time between", end, start)) == "-PT2H"


def test_working_days_and_clock_times() -> None:
    assert str(ask("working days after", Date(2026, 3, 6), Decimal(1))) == "2026-03-09"
    assert str(ask("working days after", parse_date_time("2026-03-06T20:00:00Z"), Decimal(0))) == "2026-03-09"
    at = parse_date_time("2026-03-06T16:30:00+08:00")
    assert str(ask("next clock time", at, Time(16, 0, 0))) == "2026-03-09T16:00:00+08:00"


@pytest.mark.parametrize("name", sorted(WORKING_TIME_NAMES))
def test_null_gives_null(name: str) -> None:
    assert ask(name, *([None] * (len(FUNCTIONS[name].parameters) - 1))) is None


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("is working time", ["09:00"], "at is a string"),
        ("is working time", [Date(99_999, 1, 1)], "date of our time"),
        ("working time after", [Date(2026, 3, 2), Decimal(2)], "duration is a number"),
        ("working time after", [Date(2026, 3, 2), parse_duration("P999999D")], "too far"),
        ("next opening", [Date(2026, 3, 2), "closed"], "no opening hours"),
        ("next opening", [Date(2026, 3, 2), "night"], "there are: berlin, closed, default"),
        ("next opening", [Date(2026, 3, 2), Decimal(1)], "no calendar 1"),
        ("working days after", [Date(2026, 3, 2), Decimal("1.5")], "whole number"),
        ("working days after", [Date(99_999, 3, 2), Decimal(1)], "date of our time"),
        ("next clock time", [Date(2026, 3, 2), "16:00"], "time is a string"),
    ],
)
def test_a_question_without_answer_stops_the_evaluation(name: str, arguments: list[object], reason: str) -> None:
    with pytest.raises(WorkingTimeError, match=reason):
        ask(name, *arguments)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('working time after(reported, @"PT2H")', "2026-03-03T11:00:00+08:00"),
        ('working time after(reported, @"PT2H", "berlin")', "2026-03-09T10:00:00+01:00"),
        ('working time between(reported, reported + @"P1D")', "PT8H30M"),
        ("next opening(reported)", "2026-03-03T09:00:00+08:00"),
        ("if is working time(reported) then 1 else 2", "2"),
        ('working days after(date("2026-03-06"), 1)', "2026-03-09"),
        ('next clock time(reported, @"16:00:00")', "2026-03-03T16:00:00+08:00"),
        ('working time after(missing, @"PT2H")', "None"),
    ],
)
def test_expressions_of_diagrams_call_them(expression: str, value: str) -> None:
    scope = {**FUNCTIONS, "reported": parse_date_time("2026-03-02T22:15:00+08:00"), "missing": None}
    compiled = compile_expression(expression, names=WORKING_TIME_NAMES)
    assert str(compiled.evaluate(scope, Environment(zone="Asia/Shanghai"))) == value
