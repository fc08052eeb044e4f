"""The pages of administrators: all cases, incidents, jobs, trying again, and cancelling a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.commands import incidents as incident_commands
from engine.commands import process_instances
from engine.errors import BaoxiuError, Conflict
from engine.queries import incidents_and_jobs, operations
from engine.queries.incidents_and_jobs import JobGroup
from engine.queries.operations import COUNTED, PAGE, Filter, Group, Order
from webapp.access import requires
from webapp.i18n import explain, gettext, ngettext
from webapp.navigation import safe_next
from webapp.services import services

pages = Blueprint("operations", __name__, url_prefix="/operations")
Answer = str | Response | tuple[str, int]
Choice = TypeVar("Choice", bound=StrEnum)
LARGEST_BATCH = 200
LONGEST_REASON = 1000


@pages.get("")
@requires(Permission.INCIDENT_READ)
def index() -> str:
    """All cases of the organisation, as the address asks for them."""
    wanted = _filter(request.args)
    with services().database.reading() as tx:
        figures = operations.figures(tx, g.actor)
        found = operations.cases(tx, g.actor, wanted)
    return render_template(
        "operations/index.html",
        figures=figures,
        found=found,
        wanted=wanted,
        counted=counted,
        address=_address,
        hidden={name: value for name, value in _query(wanted).items() if name not in ("q", "page")},
        heads={order: (_sort_address(wanted, order), _sort_state(wanted, order)) for order in Order},
        first=(wanted.page - 1) * PAGE + 1,
        tab="cases",
    )


@pages.get("/incidents")
@requires(Permission.INCIDENT_READ)
def incidents() -> str:
    """What has stopped: cause, tries, what to do."""
    page = _page(request.args)
    with services().database.reading() as tx:
        figures = operations.figures(tx, g.actor)
        found = incidents_and_jobs.incidents(tx, g.actor, page)
    return render_template(
        "operations/incidents.html",
        figures=figures,
        found=found,
        counted=counted,
        page=page,
        first=(page - 1) * PAGE + 1,
        tab="incidents",
    )


@pages.get("/jobs")
@requires(Permission.INCIDENT_READ)
def jobs() -> str:
    """What machines have to do: due, waiting for its time, failed."""
    page, group = _page(request.args), _choice(JobGroup, request.args.get("group", ""), JobGroup.DUE)
    with services().database.reading() as tx:
        figures = operations.figures(tx, g.actor)
        found = incidents_and_jobs.jobs(tx, g.actor, group, page)
    return render_template(
        "operations/jobs.html",
        figures=figures,
        found=found,
        counted=counted,
        group=group,
        groups=list(JobGroup),
        page=page,
        first=(page - 1) * PAGE + 1,
        tab="jobs",
    )


# ---- trying again


@pages.post("/incidents/<int:key>/retry")
@requires(Permission.INCIDENT_RESOLVE)
def retry(key: int) -> Response:
    """Try one stopped step again and come back to where the button was."""
    try:
        _retry(key)
    except Conflict as error:
        flash(explain(error), "warn")
    else:
        flash(gettext("The step is being tried again."), "ok")
    return redirect(safe_next(request.form.get("next") or url_for("operations.incidents")), 303)


@pages.post("/incidents/retry")
@requires(Permission.INCIDENT_RESOLVE)
def retry_selected() -> Response:
    """Try the selected steps again, each in a transaction of its own; what cannot be is told."""
    keys = [int(key) for key in request.form.getlist("key") if key.isascii() and key.isdigit()][:LARGEST_BATCH]
    tried, refused = 0, list[str]()
    for key in keys:
        try:
            _retry(key)
        except BaoxiuError as error:
            refused.append(explain(error))
        else:
            tried += 1
    if not keys:
        flash(gettext("Select the incidents to be tried again first."), "info")
    if tried:
        flash(ngettext("%(num)s step is being tried again.", "%(num)s steps are being tried again.", tried), "ok")
    if refused:
        flash(
            ngettext("%(num)s was left as it is: %(why)s", "%(num)s were left as they are: %(why)s", len(refused),
                     why=refused[0]),
            "warn",
        )  # fmt: skip
    return redirect(url_for("operations.incidents"), 303)


def _retry(key: int) -> None:
    with services().database.transaction("web") as tx:
        incident_commands.retry(tx, g.actor, key)


# ---- ending a case


@pages.get("/cases/<int:key>/cancel")
@requires(Permission.PROCESS_INSTANCE_CANCEL)
def confirm_cancel(key: int) -> Answer:
    """Ask for the reason before a case is cancelled."""
    return _cancel_page(key)


@pages.post("/cases/<int:key>/cancel")
@requires(Permission.PROCESS_INSTANCE_CANCEL)
def cancel(key: int) -> Answer:
    """Cancel a case for a reason that is kept."""
    reason = request.form.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        most = gettext("Say it in %(most)s characters at most.", most=LONGEST_REASON)
        return _cancel_page(key, reason, most), 422
    try:
        with services().database.transaction("web") as tx:
            process_instances.cancel(tx, g.actor, key, reason)
    except process_instances.ReasonMissing as error:
        return _cancel_page(key, reason, explain(error)), 422
    except Conflict:
        return _cancel_page(key, reason), 409
    flash(gettext("The case was cancelled."), "ok")
    return redirect(url_for("cases.show", key=key), 303)


def _cancel_page(key: int, reason: str = "", error: str = "") -> str:
    with services().database.reading() as tx:
        instance, definition = operations.case_head(tx, g.actor, key)
    return render_template(
        "operations/cancel.html", instance=instance, definition=definition, reason=reason, error=error
    )


# ---- addresses


def counted(number: int) -> str:
    """A count as the page shows it: 1,204, or 10,000+ where counting stopped."""
    return f"{COUNTED:,}+" if number > COUNTED else f"{number:,}"


def _filter(query: Mapping[str, str]) -> Filter:
    """What an address asks for; what it says wrong counts as not said."""
    sort = query.get("sort", f"-{Order.NUMBER}")
    definition = query.get("definition", "")
    return Filter(
        group=_choice(Group, query.get("group", ""), Group.RUNNING),
        definition_key=int(definition) if definition.isascii() and definition.isdigit() and len(definition) < 16 else 0,
        text=query.get("q", "").strip(),
        order=_choice(Order, sort.removeprefix("-"), Order.NUMBER),
        descending=sort.startswith("-"),
        page=_page(query),
    )


def _query(wanted: Filter) -> dict[str, str]:
    sort = f"-{wanted.order}" if wanted.descending else str(wanted.order)
    given = {
        "group": str(wanted.group) if wanted.group is not Group.RUNNING else "",
        "definition": str(wanted.definition_key or ""),
        "q": wanted.text,
        "sort": sort if sort != f"-{Order.NUMBER}" else "",
        "page": str(wanted.page) if wanted.page > 1 else "",
    }
    return {name: value for name, value in given.items() if value}


def _address(wanted: Filter, **changes: Any) -> str:
    """The address of a filter with some changes; whoever changes what is listed begins on the first page again."""
    query: dict[str, Any] = dict(_query(replace(wanted, **{"page": 1, **changes})))
    return url_for("operations.index", **query)


def _sort_address(wanted: Filter, order: Order) -> str:
    return _address(wanted, order=order, descending=wanted.order is order and not wanted.descending)


def _sort_state(wanted: Filter, order: Order) -> str:
    if wanted.order is not order:
        return ""
    return "descending" if wanted.descending else "ascending"


def _choice(kind: type[Choice], text: str, default: Choice) -> Choice:
    try:
        return kind(text)
    except ValueError:
        return default


def _page(query: Mapping[str, str]) -> int:
    text = query.get("page", "")
    return min(max(int(text), 1), operations.MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 6 else 1
