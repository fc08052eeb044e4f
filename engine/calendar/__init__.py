"""Working time: when an organisation is open, and deadlines counted in its open hours.

`Calendar` is the value; `from_data` and `to_data` are the database row. Everything goes in and comes out as aware
datetimes (out: UTC). The FEEL builtins over calendars are `working_time_functions`.
"""

from engine.calendar.calendar import Calendar, Day, DayKind
from engine.calendar.errors import CalendarError
from engine.calendar.functions import WORKING_TIME_NAMES, WorkingTimeError, working_time_functions
from engine.calendar.holidays import known_years

__all__ = [
    "WORKING_TIME_NAMES",
    "Calendar",
    "CalendarError",
    "Day",
    "DayKind",
    "WorkingTimeError",
    "known_years",
    "working_time_functions",
]
