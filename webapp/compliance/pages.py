"""The pages of compliance: what deviates, the cases, one case's event log, and exports."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, abort, g, render_template, request
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.archive import opened
from engine.commands import exports
from engine.database import Database
from engine.model import ArchivedCase
from engine.queries import deviations, events
from webapp.access import requires
from webapp.cases.words import event_text
from webapp.compliance.words import LIFECYCLES, sentence
from webapp.csv_answer import csv_answer
from webapp.services import services

pages = Blueprint("compliance", __name__, url_prefix="/compliance")
CASES_PAGE = 50
LAST_PAGE = 200


@pages.get("")
@requires(Permission.EVENT_READ)
def index() -> str:
    """What deviates, in plain sentences with the first rows that prove it; and all cases."""
    text, page = request.args.get("q", "").strip(), _page()
    with services().database.reading() as tx:
        found = deviations.deviations(tx, g.actor)
        cases = events.cases(tx, g.actor, text, page, CASES_PAGE)
        archived = events.archived(tx, g.actor, text)
    return render_template(
        "compliance/index.html",
        deviations=found,
        sentence=sentence,
        cases=cases,
        archived=archived,
        text=text,
        page=page,
        first=(page - 1) * CASES_PAGE + 1,
        counted=counted,
    )


@pages.get("/deviations/<check>")
@requires(Permission.EVENT_READ)
def deviation(check: str) -> str:
    """All rows that prove one kind of deviation."""
    if check not in set(deviations.Check):
        abort(404)
    page = _page()
    with services().database.reading() as tx:
        found = deviations.deviation(tx, g.actor, deviations.Check(check), page)
    return render_template(
        "compliance/deviation.html",
        found=found,
        sentence=sentence,
        page=page,
        first=(page - 1) * deviations.PAGE + 1,
        counted=counted,
    )


@pages.get("/cases/<int:key>")
@requires(Permission.EVENT_READ)
def case(key: int) -> str:
    """The event log of a case, and whether its chain holds."""
    wanted = _wanted()
    with services().database.reading() as tx:
        log = events.log(tx, g.actor, key, wanted)
    return _log(log, wanted)


@pages.get("/archive/<int:key>")
@requires(Permission.EVENT_READ)
def archived_case(key: int) -> str:
    """The event log of a case that has left the database, read from the archive where it lies."""
    wanted, settings = _wanted(), services().settings
    with services().database.reading() as tx:
        place = events.archived_case(tx, g.actor, key)
    with opened(settings.archive, place.file, place.sha256, services().clock) as archive, archive.reading() as tx:
        log = events.log(tx, g.actor, key, wanted)
    return _log(log, wanted, place)


def _wanted() -> events.LogFilter:
    return events.LogFilter(
        lifecycle=request.args.get("lifecycle", "")[:30],
        performer=request.args.get("performer", "")[:100],
        page=_page(),
    )


def _log(log: events.Log, wanted: events.LogFilter, place: ArchivedCase | None = None) -> str:
    return render_template(
        "compliance/case.html",
        log=log,
        wanted=wanted,
        place=place,
        lifecycles=LIFECYCLES,
        event_text=event_text,
        first=(wanted.page - 1) * events.PAGE + 1,
    )


@pages.post("/cases/<int:key>/export")
@requires(Permission.EVENT_EXPORT)
def export_case(key: int) -> Response:
    """The event log of a case as CSV; who took it is recorded."""
    return _export(key)


@pages.post("/export")
@requires(Permission.EVENT_EXPORT)
def export() -> Response:
    """The event log of the organisation as CSV; who took it is recorded."""
    return _export(None)


def _export(key: int | None) -> Response:
    database, organisation = services().database, g.actor.organisation_key
    with database.transaction("web") as tx:
        case = None if key is None else events.case_of(tx, g.actor, key)
        exports.take_events(tx, g.actor, case)
    name = case.number if case else organisation
    return csv_answer(f"events-{name}", _rows(database, organisation, key))


def _rows(database: Database, organisation_key: str, key: int | None) -> Iterator[list[str]]:
    """The head and the lines; the transaction stays open while the file is being sent."""
    yield list(events.CSV_COLUMNS)
    with database.reading() as tx:
        yield from events.csv_rows(tx.session, organisation_key, key)


def counted(number: int) -> str:
    """A count as the page shows it: 1,204, or 10,000+ where counting stopped."""
    return f"{events.COUNTED:,}+" if number > events.COUNTED else f"{number:,}"


def _page() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
