"""When timers are due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn.cron import Cron
from engine.bpmn.schedule import FOREVER, BadTime, Plan, check_static, next_plan, plan
from engine.feel import Environment, compile_expression

NOW = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)  # the first of February, 4:00, in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("kind", "value", "due"),
    [
        ("date", "2026-03-02T09:00:00+08:00", "2026-03-02T01:00:00+00:00"),
        ("date", "2026-03-02T09:00:00", "2026-03-02T01:00:00+00:00"),
        ("date", "2026-03-02", "2026-03-01T16:00:00+00:00"),
        ("date", "2026-03-02T09:00:00@Europe/Berlin", "2026-03-02T08:00:00+00:00"),
        ("date", date(2026, 3, 2), "2026-03-01T16:00:00+00:00"),
        ("date", datetime(2026, 3, 2, 1, tzinfo=UTC), "2026-03-02T01:00:00+00:00"),
        ("duration", "PT2H30M", "2026-01-31T22:30:00+00:00"),
        ("duration", "P1DT0.5S", "2026-02-01T20:00:00.500000+00:00"),
        ("duration", "P1M", "2026-02-28T20:00:00+00:00"),
        ("duration", "P1Y", "2027-01-31T20:00:00+00:00"),
        ("duration", "P2W", "2026-02-14T20:00:00+00:00"),
        ("duration", timedelta(minutes=5), "2026-01-31T20:05:00+00:00"),
        ("cycle", "R3/PT10M", "2026-01-31T20:10:00+00:00"),
        ("cycle", "R/2026-01-31T19:55:00Z/PT10M", "2026-01-31T20:05:00+00:00"),
        ("cycle", "0 0 9 * * MON-FRI", "2026-02-02T01:00:00+00:00"),
    ],
)
def test_values_of_every_kind_have_a_due_time(kind: str, value: object, due: str) -> None:
    assert plan(kind, value, NOW, SHANGHAI).due == datetime.fromisoformat(due)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "expression"),
    [
        ("date", 'date and time("2026-03-02T09:00:00+08:00")'),
        ("date", 'date and time("2026-03-02T09:00:00@Asia/Shanghai")'),
        ("date", 'date and time("2026-03-02T09:00:00")'),
        ("duration", 'duration("PT2H")'),
        ("duration", 'duration("P2M")'),
    ],
)
def test_feel_values_are_times(kind: str, expression: str) -> None:
    value = compile_expression(expression).evaluate({}, Environment(now=lambda: NOW))
    expected = {"PT2H": "2026-01-31T22:00", "P2M": "2026-03-31T20:00"}
    due = next((text for key, text in expected.items() if key in expression), "2026-03-02T01:00")
    assert plan(kind, value, NOW, SHANGHAI).due == datetime.fromisoformat(due + "+00:00")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "soon"),
        ("date", None),
        ("date", 5),
        ("date", "2026-03-02T09:00:00@Nowhere/City"),
        ("duration", "PT"),
        ("duration", "P"),
        ("duration", "2H"),
        ("duration", "P99999Y"),
        ("duration", "P999999W"),
        ("cycle", "R0/PT1H"),
        ("cycle", "R3/PT0S"),
        ("cycle", "R3/-PT1H"),
        ("cycle", "every day"),
        ("cycle", "R/a/b/PT1H"),
        ("cycle", "0 0 0 30 2 *"),
    ],
)
def test_what_is_no_time_is_refused(kind: str, value: object) -> None:
    with pytest.raises(BadTime):
        plan(kind, value, NOW, SHANGHAI)  # type: ignore[arg-type]


def test_a_negative_duration_is_due_before_now() -> None:
    assert plan("duration", "-PT1H", NOW, SHANGHAI).due == NOW - timedelta(hours=1)


def test_cycles_end_keep_their_phase_and_skip_what_was_missed() -> None:
    first = plan("cycle", "R3/PT10M", NOW, SHANGHAI)
    second = next_plan(first, first.due, SHANGHAI)
    assert second == Plan(NOW + timedelta(minutes=20), 2, "PT10M")
    third = next_plan(second, NOW + timedelta(minutes=47), SHANGHAI)
    assert third == Plan(NOW + timedelta(minutes=50), 1, "PT10M")
    assert next_plan(third, third.due, SHANGHAI) is None


def test_a_monthly_cycle_keeps_its_day_where_the_month_has_it() -> None:
    current = Plan(datetime(2026, 1, 31, 1, tzinfo=UTC), FOREVER, "P1M")
    following = next_plan(current, current.due, SHANGHAI)
    assert following is not None
    assert following.due == datetime(2026, 2, 28, 1, tzinfo=UTC)


def test_days_are_days_of_the_calendar() -> None:
    before_summer_time = datetime(2026, 3, 28, 11, tzinfo=UTC)
    assert plan("duration", "P1D", before_summer_time, ZoneInfo("Europe/Berlin")).due.hour == 10
    assert plan("duration", "PT24H", before_summer_time, ZoneInfo("Europe/Berlin")).due.hour == 11


def test_static_values_are_checked() -> None:
    assert check_static("duration", "PT1H") is None
    assert "PT1X" in str(check_static("duration", "PT1X"))


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("*/15 * * * *", "2026-02-01T04:15"),
        ("0 0 12 L * ?", "2026-02-28T12:00"),
        ("0 0 0 1 JAN,JUL *", "2026-07-01T00:00"),
        ("@monthly", "2026-03-01T00:00"),
        ("30 30 4-8/2 * * 7", "2026-02-01T04:30:30"),
        ("0 0 9 29 2 *", "2028-02-29T09:00"),
    ],
)
def test_cron_is_read_on_the_zone_s_wall_clock(text: str, following: str) -> None:
    expected = datetime.fromisoformat(following).replace(tzinfo=SHANGHAI)
    assert Cron.parse(text).after(NOW, SHANGHAI) == expected


@pytest.mark.parametrize(
    "text", ["", "* * *", "61 * * * *", "a * * * *", "*/0 * * * *", "5-2 * * * *", "* * * * * * *"]
)
def test_broken_cron_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"cron|lies outside|number"):
        Cron.parse(text)
