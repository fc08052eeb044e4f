"""Working time in FEEL: functions over an organisation's calendars.

    working time after(start, duration, calendar)    date and time: when the duration has been worked
    working time between(start, end, calendar)       days and time duration, negative when reversed
    next opening(at, calendar)                       date and time: `at` itself when open
    is working time(at, calendar)                    boolean
    working days after(date, days, calendar)         date: so many working days later
    next clock time(at, time, calendar)              date and time: when the clocks next show the time on a working day

`calendar` is a key and may be left out: the organisation's "default". A moment without a zone, or a date (its
midnight), is meant on the calendar's clocks; results carry the calendar's offset. A null argument gives null. A
wrong one, an unknown calendar or a question without an answer stops the evaluation: a deadline that silently became
null would never be missed by anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from engine.calendar.calendar import Calendar
from engine.calendar.data import DEFAULT_KEY
from engine.calendar.errors import CalendarError
from engine.errors import N_
from engine.feel.errors import FeelError
from engine.feel.temporal import Date, DateTime, DaysDuration, Time, from_value, with_zone
from engine.feel.values import Function, kind

WORKING_TIME_AFTER = "working time after"
WORKING_TIME_BETWEEN = "working time between"
NEXT_OPENING = "next opening"
IS_WORKING_TIME = "is working time"
WORKING_DAYS_AFTER = "working days after"
NEXT_CLOCK_TIME = "next clock time"

WORKING_TIME_NAMES: frozenset[str] = frozenset(
    {WORKING_TIME_AFTER, WORKING_TIME_BETWEEN, NEXT_OPENING, IS_WORKING_TIME, WORKING_DAYS_AFTER, NEXT_CLOCK_TIME}
)
"""The names a FEEL parser must know to read calls of these functions."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = 1_000
_MAX_DAYS = 100_000

Answer = Callable[..., object]
Given = TypeVar("Given")


class WorkingTimeError(FeelError):
    """A question about working time that has no answer."""

    template = N_("{function} cannot be computed: {detail}")


class _WrongArgument(CalendarError):
    template = N_("{argument} is a {kind}; give it a {expected}.")


class _UnknownCalendar(CalendarError):
    template = N_("there is no calendar {calendar}; there are: {known}.")


def working_time_functions(calendars: Mapping[str, Calendar]) -> dict[str, Function]:
    """The functions by name, to be put into the scope of an evaluation. `calendars` is read only when one is called."""
    answers: dict[str, tuple[tuple[str, ...], Answer]] = {
        WORKING_TIME_AFTER: (("start", "duration"), _after),
        WORKING_TIME_BETWEEN: (("start", "end"), _between),
        NEXT_OPENING: (("at",), _next_opening),
        IS_WORKING_TIME: (("at",), _is_open),
        WORKING_DAYS_AFTER: (("date", "days"), _days_after),
        NEXT_CLOCK_TIME: (("at", "time"), _clock_time),
    }
    return {name: _function(name, parameters, answer, calendars) for name, (parameters, answer) in answers.items()}


def _function(name: str, parameters: tuple[str, ...], answer: Answer, calendars: Mapping[str, Calendar]) -> Function:
    def call(*arguments: object) -> object:
        given, key = arguments[: len(parameters)], arguments[len(parameters)] if arguments[len(parameters) :] else None
        if None in given:
            return None
        try:
            return answer(_calendar(calendars, DEFAULT_KEY if key is None else key), *given)
        except CalendarError as error:
            raise WorkingTimeError(function=name, detail=str(error)) from error

    return Function(name, (*parameters, "calendar"), call, optional=1)


def _calendar(calendars: Mapping[str, Calendar], key: object) -> Calendar:
    found = calendars.get(key) if isinstance(key, str) else None
    if found is None:
        raise _UnknownCalendar(calendar=key, known=", ".join(sorted(calendars)) or "-")
    return found


# --- the answers: FEEL values in, FEEL values out


def _after(calendar: Calendar, start: object, duration: object) -> object:
    length = timedelta(microseconds=_expect(duration, DaysDuration, "duration").nanoseconds // _MICROSECOND)
    return _feel(calendar, calendar.add_working_time(_moment(calendar, start, "start"), length))


def _between(calendar: Calendar, start: object, end: object) -> object:
    worked = calendar.working_time_between(_moment(calendar, start, "start"), _moment(calendar, end, "end"))
    return DaysDuration(worked // timedelta(microseconds=1) * _MICROSECOND)


def _next_opening(calendar: Calendar, at: object) -> object:
    return _feel(calendar, calendar.next_opening(_moment(calendar, at, "at")))


def _is_open(calendar: Calendar, at: object) -> object:
    return calendar.is_open(_moment(calendar, at, "at"))


def _days_after(calendar: Calendar, day: object, days: object) -> object:
    number = _expect(days, Decimal, "days")
    if number != number.to_integral_value() or abs(number) > _MAX_DAYS:
        raise _WrongArgument(argument="days", kind=str(number), expected="whole number")
    if isinstance(day, DateTime):
        start = calendar.local_date(_moment(calendar, day, "date"))
    else:
        start = _python_date(_expect(day, Date, "date"))
    found = calendar.add_working_days(start, int(number))
    return Date(found.year, found.month, found.day)


def _clock_time(calendar: Calendar, at: object, wall: object) -> object:
    clock = _expect(wall, Time, "time")
    found = calendar.next_clock_time(
        _moment(calendar, at, "at"), time(clock.hour, clock.minute, clock.second), working_days_only=True
    )
    return _feel(calendar, found)


# --- conversions


_NAMES: Mapping[type, str] = {
    DaysDuration: "days and time duration",
    Decimal: "number",
    Date: "date",
    Time: "time",
}


def _expect(value: object, wanted: type[Given], argument: str) -> Given:
    if not isinstance(value, wanted):
        raise _WrongArgument(argument=argument, kind=kind(value), expected=_NAMES[wanted])
    return value


def _moment(calendar: Calendar, value: object, argument: str) -> datetime:
    if isinstance(value, Date):
        value = DateTime(value, Time(0, 0, 0))
    if not isinstance(value, DateTime):
        raise _WrongArgument(argument=argument, kind=kind(value), expected="date and time")
    zoned = with_zone(value, calendar.zone) if value.time.zone is None else value
    try:
        return zoned.to_python()
    except ValueError:
        raise _WrongArgument(argument=argument, kind=str(value)[:40], expected="date of our time") from None


def _python_date(value: Date) -> date:
    try:
        return date(value.year, value.month, value.day)
    except ValueError:
        raise _WrongArgument(argument="date", kind=str(value)[:40], expected="date of our time") from None


def _feel(calendar: Calendar, moment: datetime) -> DateTime:
    """The moment on the calendar's clocks, with their offset (a stored moment must not move with a zone's rules)."""
    local = from_value((moment - _EPOCH) // timedelta(microseconds=1) * _MICROSECOND, calendar.zone)
    assert local is not None
    return with_zone(local, local.offset)
