"""The official holidays and make-up working days of mainland China, as `chinesecalendar` knows them.

The State Council publishes them year by year; outside the years the package knows, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import cast

import chinese_calendar  # pyright: ignore[reportMissingTypeStubs]

COUNTRIES = frozenset({"CN"})


class Official(StrEnum):
    """What the State Council says of a date."""

    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    ORDINARY = "ordinary"


def known_years() -> range:
    """The years whose holidays are known."""
    days = chinese_calendar.constants.holidays
    return range(min(days).year, max(days).year + 1)


_KNOWN = known_years()

_detail = cast(
    Callable[[date], tuple[bool, str | None]],
    chinese_calendar.get_holiday_detail,  # pyright: ignore[reportUnknownMemberType] - the package has no types
)


def is_known(day: date) -> bool:
    """Whether the holidays of the date's year are known."""
    return day.year in _KNOWN


def official(day: date) -> tuple[Official, str]:
    """What the date is, and the holiday it belongs to (English name; empty for an ordinary day).

    An ordinary Saturday or Sunday is ORDINARY: whether it is worked is a matter of the weekly hours.
    """
    if not is_known(day):
        return Official.ORDINARY, ""
    rest, name = _detail(day)
    if not name:
        return Official.ORDINARY, ""
    return (Official.HOLIDAY if rest else Official.MAKE_UP), str(name)
