"""The list of processes to start, and the form a case is started with."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from engine import feel
from engine.access import Permission
from engine.commands import process_instances
from engine.database import Transaction
from engine.errors import BaoxiuError, NotAllowed, NotFound
from engine.form_schema import Form, FormErrors, FormView, Message, Submission
from engine.model import Organisation
from engine.queries.startable import startable_process, startable_processes
from engine.queries.tasks import waiting_in_case
from engine.runtime.environment import ScopeView, Surroundings
from engine.runtime.storage import InstanceRow
from webapp.access import requires
from webapp.forms import Posted, fields_only, is_redraw, posted, with_row_changed
from webapp.i18n import explain, form_locale, gettext
from webapp.services import services

pages = Blueprint("start", __name__, url_prefix="/start")
Answer = str | Response | tuple[str, int]


@pages.get("")
@requires(Permission.PROCESS_INSTANCE_CREATE)
def index() -> Answer:
    """The processes the actor may start."""
    with services().database.reading() as tx:
        processes = startable_processes(tx, g.actor)
    return render_template("start/index.html", processes=processes)


@pages.get("/<process_id>")
@requires(Permission.PROCESS_INSTANCE_CREATE)
def form(process_id: str) -> Answer:
    """The form a case of this process is started with."""
    return _page(process_id, None)


@pages.post("/<process_id>")
@requires(Permission.PROCESS_INSTANCE_CREATE)
def start(process_id: str) -> Answer:
    """Start a case, and go on with its first task when it is the actor's; or the form again with what is wrong."""
    data = posted()
    if is_redraw(data):
        return _page(process_id, with_row_changed(data))
    fields = fields_only(data)
    with services().database.reading() as tx:
        submission = _taken_in(tx, process_id, fields)
    if submission is not None and not submission.is_valid:
        return _page(process_id, fields, submission.errors), 422
    try:
        with services().database.transaction("web") as tx:
            instance = process_instances.start(tx, g.actor, process_id, submission.values if submission else {})
    except FormErrors as error:
        return _page(process_id, fields, error.errors), error.status
    except (NotFound, NotAllowed):
        raise
    except BaoxiuError as error:
        if error.status >= 500:
            raise
        return _page(process_id, fields, failure=explain(error)), error.status
    return _onwards(instance)


def _taken_in(tx: Transaction, process_id: str, fields: Posted) -> Submission | None:
    _, start_form = startable_process(tx, g.actor, process_id)
    return None if start_form is None else start_form.submit(fields, *_seen(tx))


def _page(process_id: str, typed: Posted | None, errors: Mapping[str, Message] | None = None, failure: str = "") -> str:
    with services().database.reading() as tx:
        startable, start_form = startable_process(tx, g.actor, process_id)
        view = None if start_form is None else _view(tx, start_form, typed, errors or {})
    return render_template(
        "start/form.html",
        process=startable,
        view=view,
        action=url_for("start.start", process_id=process_id),
        failure=failure,
    )


def _view(tx: Transaction, start_form: Form, typed: Posted | None, errors: Mapping[str, Message]) -> FormView:
    scope, environment = _seen(tx)
    if typed is None:
        return start_form.render_model({}, errors, form_locale(), scope, environment)
    submission = start_form.submit(typed, scope, environment, draft=True)
    return start_form.render_model(submission.values, errors, form_locale(), scope, environment, submission.typed)


def _seen(tx: Transaction) -> tuple[Mapping[str, object], feel.Environment]:
    """What the form's expressions see before there is a case: the functions over working time, and the clock."""
    zone = tx.session.get_one(Organisation, g.actor.organisation_key).zone
    surroundings = Surroundings(tx, g.actor.organisation_key, zone)
    return ScopeView({}, surroundings.functions), surroundings.environment()


def _onwards(instance: InstanceRow) -> Response:
    with services().database.reading() as tx:
        waiting = waiting_in_case(tx, g.actor, instance.key)
    flash(gettext("Case %(number)s is started.", number=instance.number), "ok")
    if waiting and waiting[0].is_mine:
        return redirect(url_for("tasks.show", key=waiting[0].key), 303)
    return redirect(url_for("tasks.worklist"), 303)
