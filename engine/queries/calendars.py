"""Working calendars as their page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.access import Actor, Permission, require
from engine.calendar import Calendar, Day
from engine.database import Transaction
from engine.errors import NotFound
from engine.model import WorkingCalendar

PREVIEWED = 14


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """A calendar and all calendars of the organisation, by key."""

    chosen: WorkingCalendar
    calendars: tuple[WorkingCalendar, ...]


def calendars(tx: Transaction, actor: Actor, key: str = "") -> CalendarPage | None:
    """A calendar (default: the first one); None where the organisation has none. Raises `NotFound`."""
    require(actor, Permission.CALENDAR_READ)
    found = tx.session.scalars(
        select(WorkingCalendar)
        .where(WorkingCalendar.organisation_key == actor.organisation_key)
        .order_by(WorkingCalendar.key != "default", WorkingCalendar.key)
    ).all()
    if not found and not key:
        return None
    chosen = next((each for each in found if key in ("", each.key)), None)
    if chosen is None:
        raise NotFound(what="calendar", key=key)
    return CalendarPage(chosen, tuple(found))


def preview(tx: Transaction, data: Mapping[str, Any]) -> list[Day]:
    """What the calendar of this data says of today and the days after it. Raises `CalendarError`."""
    calendar = Calendar.from_data(data)
    today = calendar.local_date(tx.now)
    return [calendar.day(today + timedelta(days=number)) for number in range(PREVIEWED)]
