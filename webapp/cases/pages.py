"""The list of cases and the page of one case; each tab is an address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

from engine.access import Permission
from engine.database import Transaction
from engine.model import ProcessDefinition
from engine.queries import cases
from webapp.access import requires
from webapp.cases.words import event_kind, event_text
from webapp.services import services

pages = Blueprint("cases", __name__, url_prefix="/cases")
TABS = ("timeline", "variables", "documents", "decisions", "jobs", "linked")


@pages.get("/")
@requires(Permission.PROCESS_INSTANCE_READ)
def index() -> str:
    """The cases the actor may see, newest first."""
    wanted = cases.CaseFilter(
        state=request.args.get("state", ""),
        process_id=request.args.get("process", ""),
        search=request.args.get("q", "").strip()[:100],
        incidents=request.args.get("incidents") == "1",
        page=max(request.args.get("page", 1, type=int), 1),
    )
    with services().database.reading() as tx:
        found = cases.find(tx, g.actor, wanted)
        processes = cases.processes(tx, g.actor)
    return render_template("cases/index.html", found=found, wanted=wanted, processes=processes, page_size=cases.PAGE)


@pages.get("/<int:key>")
@requires(Permission.PROCESS_INSTANCE_READ)
def show(key: int) -> str:
    """One case; `tab` says which part."""
    tab = request.args.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    with services().database.reading() as tx:
        case = cases.show(tx, g.actor, key)
        content = _tab(tx, case, tab)
    return render_template(
        "cases/show.html", case=case, tab=tab, tabs=TABS, content=content, event_text=event_text, event_kind=event_kind
    )


def _tab(tx: Transaction, case: cases.Case, tab: str) -> list[Any]:
    key = case.instance.key
    if tab == "timeline":
        return list(cases.timeline(tx, case))
    if tab == "variables":
        return list(cases.variables(tx, key))
    if tab == "documents":
        return list(cases.documents(tx, case.instance))
    if tab == "decisions":
        return list(cases.decisions(tx, key))
    if tab == "jobs":
        return list(cases.jobs(tx, key))
    return list(cases.linked(tx, key, case.instance))


@pages.get("/<int:key>/diagram.bpmn")
@requires(Permission.PROCESS_INSTANCE_READ)
def diagram(key: int) -> Response:
    """The diagram of the version the case runs on."""
    with services().database.reading() as tx:
        _, definition = cases.visible(tx, g.actor, key)
        return _xml(tx, definition)


def _xml(tx: Transaction, definition: ProcessDefinition) -> Response:
    response = Response(cases.diagram_xml(tx, definition), mimetype="application/xml")
    response.set_etag(definition.sha256)
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    response.make_conditional(request)
    return response


@pages.get("/<int:key>/markers.json")
@requires(Permission.PROCESS_INSTANCE_READ)
def markers(key: int) -> Response:
    """What has happened in the case, for the diagram."""
    with services().database.reading() as tx:
        instance, _ = cases.visible(tx, g.actor, key)
        return jsonify(cases.markers(tx, instance))
