"""Working calendars: hours of the week, official holidays, exceptions, and what the next days look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for

from engine.access import Permission
from engine.calendar import CalendarError, Day
from engine.commands import calendars as calendar_commands
from engine.commands.calendars import CalendarChanged
from engine.errors import N_
from engine.queries import calendars as calendar_queries
from webapp.access import requires
from webapp.admin.blueprint import Answer, pages
from webapp.i18n import explain, gettext
from webapp.services import services

WEEKDAYS = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
}
KINDS = {
    "weekly": "",
    "holiday": N_("Official holiday"),
    "make_up": N_("Make-up working day"),
    "exception": N_("Exception"),
}
HOLIDAYS = "CN"
LONGEST_HOURS = 200
LONGEST_NOTE = 500
_SIGNS = str.maketrans({**dict.fromkeys("–—－~～至", "-"), **dict.fromkeys("，、；;", ","), "：": ":"})
"""Signs that people type for the hyphen, the comma and the colon."""


@dataclass(slots=True)
class Exceptional:
    """A row of the exceptions as typed."""

    day: str = ""
    hours: str = ""
    note: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.day or self.hours or self.note)


@dataclass(slots=True)
class Typed:
    """The form as typed, with what is wrong by the id of the field."""

    hours: dict[str, str]
    holidays: bool
    exceptions: list[Exceptional]
    errors: dict[str, str] = field(default_factory=dict[str, str])


@pages.get("/calendars")
@requires(Permission.CALENDAR_READ)
def calendars() -> str:
    """A calendar; whoever may edit it sees a form."""
    return _page(request.args.get("key", ""))


@pages.post("/calendars/<key>")
@requires(Permission.CALENDAR_EDIT)
def save_calendar(key: str) -> Answer:
    """Save the calendar, or show the form again: a row more or less, or what the next days would look like."""
    typed, revision = _typed(), request.form.get("revision", 0, type=int)
    if "_add" in request.form:
        typed.exceptions.append(Exceptional())
        return _page(key, typed, revision)
    if "_remove" in request.form:
        removed = request.form.get("_remove", -1, type=int)
        typed.exceptions = [row for number, row in enumerate(typed.exceptions) if number != removed]
        return _page(key, typed, revision)
    typed.exceptions = [row for row in typed.exceptions if not row.is_blank]
    data = _data(typed)
    if typed.errors:
        return _page(key, typed, revision), 422
    if "_preview" in request.form:
        page = _page(key, typed, revision, data)
        return (page, 422) if typed.errors else page
    try:
        whole = {"zone": _zone(key), **data}
        with services().database.transaction("web") as tx:
            calendar_commands.save(tx, g.actor, key, whole, revision)
    except CalendarChanged as error:
        return _page(key, typed, _revision(key), data, conflict=explain(error)), 409
    except CalendarError as error:
        _place(typed, error)
        return _page(key, typed, revision), 422
    flash(gettext("The working time was saved. Due times that were set before stay as they are."), "ok")
    return redirect(url_for("admin.calendars", key=key), 303)


def _zone(key: str) -> str:
    """The calendar's zone, which is not edited here."""
    return str(_calendar(key).chosen.data["zone"])


def _revision(key: str) -> int:
    return _calendar(key).chosen.revision


def _calendar(key: str) -> calendar_queries.CalendarPage:
    with services().database.reading() as tx:
        found = calendar_queries.calendars(tx, g.actor, key)
    assert found is not None  # a key was given: there is one, or NotFound was raised
    return found


def _page(
    key: str, typed: Typed | None = None, revision: int = 0, data: dict[str, Any] | None = None, conflict: str = ""
) -> str:
    with services().database.reading() as tx:
        found = calendar_queries.calendars(tx, g.actor, key)
        days: list[Day] = []
        if found is not None:
            saved: dict[str, Any] = found.chosen.data
            if typed is None:
                typed, revision = _shown(saved), found.chosen.revision
            try:
                days = calendar_queries.preview(tx, {**saved, **(data or {}), "key": found.chosen.key})
            except CalendarError as error:
                _place(typed, error)
    return render_template(
        "admin/calendars.html",
        found=found,
        typed=typed,
        revision=revision,
        days=days,
        is_saved=data is None,
        weekdays=WEEKDAYS,
        kinds=KINDS,
        conflict=conflict,
        hours_text=hours_text,
        may_edit=g.actor.may(Permission.CALENDAR_EDIT),
    )


# ---- between texts and data


def hours_text(hours: Sequence[Sequence[Any]]) -> str:
    """Hours as people write them: 09:00–12:00, 13:00–17:30; empty for a closed day."""
    return ", ".join(f"{_clock(opens)}–{_clock(closes, closes=True)}" for opens, closes in hours)


def _clock(at: Any, closes: bool = False) -> str:
    text = at if isinstance(at, str) else f"{at:%H:%M}"
    return "24:00" if closes and text == "00:00" else text


def _shown(data: dict[str, Any]) -> Typed:
    weekly, exceptions = data.get("weekly", {}), data.get("exceptions", {})
    return Typed(
        {day: hours_text(weekly.get(day, ())) for day in WEEKDAYS},
        data.get("holidays") == HOLIDAYS,
        [
            Exceptional(day, hours_text(entry.get("hours", ())), entry.get("note", ""))
            for day, entry in sorted(exceptions.items())
        ],
    )


def _typed() -> Typed:
    def texts(name: str) -> list[str]:
        return [text.strip() for text in request.form.getlist(name)]

    rows = zip(texts("exception_day"), texts("exception_hours"), texts("exception_note"), strict=False)
    return Typed(
        {day: request.form.get(f"hours_{day}", "").strip() for day in WEEKDAYS},
        "holidays" in request.form,
        [Exceptional(*row) for row in rows],
    )


def _data(typed: Typed) -> dict[str, Any]:
    """What the form says, in the shape of a calendar's data; what cannot be read becomes an error at its field."""
    weekly = {day: _hours(typed, f"hours_{day}", text) for day, text in typed.hours.items()}
    exceptions: dict[str, Any] = {}
    for number, row in enumerate(typed.exceptions):
        if not row.day:
            typed.errors[f"exception_day-{number}"] = gettext("Choose a day.")
        elif row.day in exceptions:
            typed.errors[f"exception_day-{number}"] = gettext("This day stands in another row already.")
        if len(row.note) > LONGEST_NOTE:
            typed.errors[f"exception_note-{number}"] = gettext("Write %(most)s characters at most.", most=LONGEST_NOTE)
        exceptions[row.day] = {"hours": _hours(typed, f"exception_hours-{number}", row.hours), "note": row.note}
    return {"weekly": weekly, "holidays": HOLIDAYS if typed.holidays else None, "exceptions": exceptions}


def _hours(typed: Typed, field_id: str, text: str) -> list[list[str]]:
    plain = text[:LONGEST_HOURS].translate(_SIGNS)
    windows = [window.replace(" ", "") for window in plain.split(",") if window.strip()]
    pairs = [window.split("-") for window in windows]
    if any(len(pair) != 2 or not all(pair) for pair in pairs):
        typed.errors[field_id] = gettext("Write opening and closing times, for example 09:00-12:00, 13:00-17:30.")
        return []
    return pairs


def _place(typed: Typed, error: CalendarError) -> None:
    """Put a calendar's complaint at the field it is about."""
    about = str(error.params.get("field", ""))
    kind, _, rest = about.partition(".")
    if kind == "weekly":
        typed.errors[f"hours_{rest[:3]}"] = explain(error)
        return
    if kind == "exceptions":
        for number, row in enumerate(typed.exceptions):
            if rest.startswith(row.day):
                part = "hours" if ".hours" in rest else "note" if ".note" in rest else "day"
                typed.errors[f"exception_{part}-{number}"] = explain(error)
                return
    typed.errors[""] = explain(error)
