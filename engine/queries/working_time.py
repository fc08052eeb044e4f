"""How much working time is left, on the organisation's default calendar; for lists that say it in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.calendar import Calendar, CalendarError
from engine.database import Transaction
from engine.model import WorkingCalendar

DEFAULT_CALENDAR = "default"
COUNTED = timedelta(days=7)
"""Beyond this distance a due time is shown by its date and nobody counts hours."""


class WorkingTime:
    """The default calendar of an organisation at one moment; without a usable one, time runs on day and night."""

    def __init__(self, calendar: Calendar | None, now: datetime) -> None:
        self._calendar = calendar
        self.now = now

    def left(self, due_at: datetime | None) -> timedelta | None:
        """Working time until then, negative since then; None where nobody counts: no due time, or far away."""
        if due_at is None or self._calendar is None or abs(due_at - self.now) > COUNTED:
            return None
        try:
            return self._calendar.working_time_between(self.now, due_at)
        except CalendarError:
            return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from one moment to another, negative when the other is earlier."""
        if self._calendar is None:
            return end - start
        try:
            return self._calendar.working_time_between(start, end)
        except CalendarError:
            return end - start

    def after(self, duration: timedelta) -> datetime:
        """The moment when so much has been worked from now on."""
        if self._calendar is None:
            return self.now + duration
        try:
            return self._calendar.add_working_time(self.now, duration)
        except CalendarError:
            return self.now + duration


def working_time(tx: Transaction, organisation_key: str) -> WorkingTime:
    """Working time of an organisation, now. One statement."""
    row = tx.session.get(WorkingCalendar, (organisation_key, DEFAULT_CALENDAR))
    if row is None:
        return WorkingTime(None, tx.now)
    try:
        return WorkingTime(Calendar.from_data({**row.data, "key": row.key}), tx.now)
    except CalendarError:
        return WorkingTime(None, tx.now)
