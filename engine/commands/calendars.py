"""Working calendars: editing them. Every change is logged with what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.access import Actor, Permission, require
from engine.calendar import Calendar
from engine.database import Transaction
from engine.errors import N_, Conflict, NotFound
from engine.history import Entry, Lifecycle, record_for_organisation
from engine.model import WorkingCalendar


class CalendarChanged(Conflict):
    """Somebody else saved the calendar since the page was loaded."""

    template = N_("The calendar {key} was changed since the page was loaded. Check it and save again.")


def save(tx: Transaction, actor: Actor, key: str, data: Mapping[str, Any], revision: int) -> WorkingCalendar:
    """Replace a calendar's data after checking it. Raises `CalendarError`, `CalendarChanged`, `NotFound`.

    Due dates that were set before stay as they are; new ones count on the new calendar.
    """
    require(actor, Permission.CALENDAR_EDIT)
    row = tx.session.get(WorkingCalendar, (actor.organisation_key, key), with_for_update=True)
    if row is None:
        raise NotFound(what="calendar", key=key)
    if row.revision != revision:
        raise CalendarChanged(key=key, detail="")
    checked = Calendar.from_data({**data, "key": key}).to_data()
    before, row.data = row.data, checked
    row.revision += 1
    detail = {"calendar": key, "before": before, "after": checked}
    entry = Entry(Lifecycle.CHANGED, tx.now, performer=actor.username, source=tx.source, detail=detail)
    record_for_organisation(tx.session, actor.organisation_key, [entry], tx.now)
    tx.session.flush()
    return row
