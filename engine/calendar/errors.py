"""What can be wrong with a calendar or with a question to it, each as one sentence that says what to do."""

from __future__ import annotations

from engine.errors import N_, BaoxiuError


class CalendarError(BaoxiuError):
    """The calendar cannot answer, or cannot be read."""

    template = N_("The calendar {calendar} cannot answer: {detail}")
    status = 422


class NoOpening(CalendarError):
    """There is no open hour in the direction asked for."""

    template = N_(
        "The calendar {calendar} has no opening hours beyond {day}. Give it weekly hours or an exception with hours."
    )


class TooFar(CalendarError):
    """The answer lies outside the span a calendar is asked about."""

    template = N_("{value} is too far for the calendar {calendar}: it counts up to {years} years, from 1900 to 2300.")


class TimeWithoutZone(CalendarError):
    """A moment without a zone is not a moment."""

    template = N_("{value} has no time zone. Give the calendar {calendar} a time with its zone or offset.")


class WrongShape(CalendarError):
    """A part of the calendar's data is not of the kind it must be."""

    template = N_("Calendar {calendar}: {field} is {value}. Write {expected} there.")


class UnknownField(CalendarError):
    """The data has a field that means nothing."""

    template = N_("Calendar {calendar}: {field} is not known. Remove it or write one of: {expected}.")


class UnknownZone(CalendarError):
    """The zone is not in the IANA database."""

    template = N_("Calendar {calendar}: zone {value} is not known. Write an IANA name, for example Asia/Shanghai.")


class WrongTime(CalendarError):
    """A time of day that is none."""

    template = N_("Calendar {calendar}: {field} is {value}. Write a time as HH:MM, for example 09:00 or 24:00.")


class EmptyHours(CalendarError):
    """Opening and closing are the same moment."""

    template = N_(
        "Calendar {calendar}: {field} opens and closes at {value}. Write 00:00 to 24:00 for the whole day, "
        "or remove the entry for a closed day."
    )


class OverlappingHours(CalendarError):
    """Two opening hours of one day overlap."""

    template = N_("Calendar {calendar}: {field} overlaps the hours before it ({value}). Join the two or move one.")


class WrongDate(CalendarError):
    """A key of the exceptions is not a date."""

    template = N_("Calendar {calendar}: {field} is {value}. Write a date as YYYY-MM-DD, for example 2026-05-01.")


class UnknownHolidays(CalendarError):
    """A country whose holidays are not known."""

    template = N_("Calendar {calendar}: holidays {value} are not known. Write CN for mainland China, or null for none.")
