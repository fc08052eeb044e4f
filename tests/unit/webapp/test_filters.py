"""How times, amounts and durations read, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

from tests.web import NOW, Installation, installation
from webapp import filters


@cache
def built() -> Installation:
    return installation()


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    with built().app.test_request_context("/", headers={"Cookie": f"locale={locale}"}):
        yield


@pytest.mark.parametrize(
    ("minutes", "chinese", "english", "state"),
    [
        (-42, "逾期 42 分", "42 min late", "late"),
        (-90, "逾期 1 小时 30 分", "1 h 30 min late", "late"),
        (-60 * 50, "逾期 2 天 2 小时", "2 d 2 h late", "late"),
        (0, "逾期 0 分", "0 min late", "late"),
        (34, "剩 34 分", "34 min left", "soon"),
        (72, "剩 1 小时 12 分", "1 h 12 min left", "soon"),
        (120, "剩 2 小时", "2 h left", "soon"),
        (121, "剩 2 小时 1 分", "2 h 1 min left", ""),
        (6 * 60, "剩 6 小时", "6 h left", ""),
        (7 * 60 + 4, "今天 17:30", "Today 17:30", ""),
        (24 * 60 + 4, "明天 10:30", "Tomorrow 10:30", ""),
        (72 * 60, "11-27 10:26", "11-27 10:26", ""),
        (60 * 24 * 60, "2027-01-23 10:26", "2027-01-23 10:26", ""),
    ],
)
def test_a_due_time_is_told_in_words(minutes: int, chinese: str, english: str, state: str) -> None:
    at = NOW + timedelta(minutes=minutes)
    with speaking("zh_CN"):
        assert (filters.due(at).text, filters.due(at).state) == (chinese, state)
    with speaking("en"):
        assert (filters.due(at).text, filters.due(at).state) == (english, state)


def test_a_due_time_carries_the_exact_time() -> None:
    with speaking("zh_CN"):
        late = filters.due(NOW - timedelta(minutes=42))
        assert (late.title, late.iso) == ("应于 2026-11-24 09:44 完成", "2026-11-24T09:44:00+08:00")
        assert filters.due(NOW + timedelta(hours=1)).title == "截止 2026-11-24 11:26"


def test_a_due_time_counts_the_working_time_that_is_left() -> None:
    with speaking("zh_CN"):
        tomorrow = filters.due(NOW + timedelta(hours=23), timedelta(hours=1, minutes=5))
        assert (tomorrow.text, tomorrow.state) == ("剩 1 小时 5 分", "soon")
        late = filters.due(NOW - timedelta(days=3), timedelta(minutes=-30))
        assert late.text == "逾期 30 分"


def test_late_in_principle_is_amber_and_says_so() -> None:
    with speaking("en"):
        late = filters.due(NOW - timedelta(minutes=42), None, "warning")
        assert (late.text, late.state, late.icon) == ("42 min late", "soon", "alert")
        assert late.title.endswith(" (in principle)")
        assert filters.due(NOW + timedelta(minutes=42), None, "warning") == filters.due(NOW + timedelta(minutes=42))


def test_yesterday_is_said_so() -> None:
    with speaking("en"):
        assert filters.moment(NOW - timedelta(days=1)) == "Yesterday 10:26"
        assert filters.moment(NOW - timedelta(hours=10, minutes=27)) == "Yesterday 23:59"


def test_a_day_is_that_of_the_organisations_zone() -> None:
    with speaking("en"):
        assert filters.day(datetime.fromisoformat("2026-11-24T17:00:00+00:00")) == "11-25"
        assert filters.day(date(2025, 3, 2)) == "2025-03-02"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("8668"), "8,668.00"),
        (Decimal("-0.125"), "−0.13"),
        (None, "–"),
        (Decimal("1234567.891"), "1,234,567.89"),
    ],
)
def test_amounts_have_thousands_and_two_decimals(value: Decimal | None, text: str) -> None:
    assert filters.amount(value) == text


@pytest.mark.parametrize(("value", "text"), [(Decimal("6.50"), "6.5"), (Decimal("1200"), "1,200"), (None, "–")])
def test_numbers_keep_their_own_digits(value: Decimal | None, text: str) -> None:
    assert filters.number(value) == text


def test_a_percentage_has_a_space() -> None:
    assert filters.percent(Decimal("0.12")) == "12.0 %"
    assert filters.percent(Decimal("-0.085"), 1) == "−8.5 %"
    assert filters.percent(None) == "–"


@pytest.mark.parametrize(("size", "text"), [(840, "840 B"), (12_300, "12 kB"), (3_400_000, "3.4 MB")])
def test_file_sizes_read_like_those_of_a_file_manager(size: int, text: str) -> None:
    assert filters.file_size(size) == text
