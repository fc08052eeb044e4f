"""Date and time functions: DMN 1.5, 10.3.4.10 and `now`, `today` of 10.3.4.7."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.temporal import Date, DateTime, days_from_civil, of_python, week_of_year

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("now()")
def now(environment: Environment) -> DateTime:
    """The moment, in the organisation's zone."""
    environment.charge(5)
    return of_python(environment.now().astimezone(ZoneInfo(environment.zone)))


@builtin("today()")
def today(environment: Environment) -> Date:
    """The day, in the organisation's zone."""
    return now(environment).date


@builtin("day of year(date: date|date and time)")
def day_of_year(environment: Environment, day: Date | DateTime) -> Decimal:
    """1 to 366."""
    date = _day(day)
    return Decimal(date.ordinal - days_from_civil(date.year, 1, 1) + 1)


@builtin("day of week(date: date|date and time)")
def day_of_week(environment: Environment, day: Date | DateTime) -> str:
    """The English name of the day."""
    return _DAYS[_day(day).weekday - 1]


@builtin("month of year(date: date|date and time)")
def month_of_year(environment: Environment, day: Date | DateTime) -> str:
    """The English name of the month."""
    return _MONTHS[_day(day).month - 1]


@builtin("week of year(date: date|date and time)")
def week(environment: Environment, day: Date | DateTime) -> Decimal:
    """The week as ISO 8601 counts them."""
    return Decimal(week_of_year(_day(day)))
