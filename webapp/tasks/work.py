"""The page on which a task is done: its form, the evidence, and everything that helps to do it.

One address takes everything the form can be sent for: submitting, saving a draft, a row more or less, a file. Whatever
goes wrong, what was typed is kept twice: in the page that is answered and as the actor's draft.
"""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import flash, g, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.commands import comments, evidence, user_tasks
from engine.commands.process_instances import ReasonMissing
from engine.database import Transaction
from engine.errors import BaoxiuError, Conflict, InvalidInput, NotAllowed, NotFound
from engine.form_schema import Message, Submission
from engine.model import InstanceState
from engine.queries import cases, tasks
from webapp.access import requires
from webapp.filters import clock_time
from webapp.forms import Posted, is_redraw, posted, with_row_changed
from webapp.i18n import explain, gettext, in_language
from webapp.services import services
from webapp.tasks.blueprint import Answer, pages
from webapp.tasks.presenting import FILE_PREFIX, Refusal, is_there, present

ATTACH, SAVE, REVISION = "_attach", "_save", "_revision"


@pages.get("/<int:key>")
@requires(Permission.USER_TASK_READ)
def show(key: int) -> Answer:
    """The task, with the actor's draft in its form."""
    return _page_with_draft(key)


@pages.post("/<int:key>")
@requires(Permission.USER_TASK_COMPLETE)
def submit(key: int) -> Answer:
    """Take in the form: what is to be done with it is said by the button that sent it."""
    data = posted()
    fields = _fields(data)
    if SAVE in data:
        _keep(key, fields)
        flash(gettext("The draft is saved."), "ok")
        return redirect(url_for("tasks.show", key=key), 303)
    if is_redraw(data):
        return _redraw(key, _fields(with_row_changed(data)))
    refusal = _attach_files(key)
    if ATTACH in data and not refusal:
        _keep(key, fields)
        slot = data[ATTACH][0]
        return redirect(url_for("tasks.show", key=key, _anchor=f"slot-{slot}"), 303)
    return _refused(key, fields, refusal, 422) if refusal else _submit(key, fields, data)


@pages.post("/<int:key>/draft")
@requires(Permission.USER_TASK_COMPLETE)
def save_draft(key: int) -> Answer:
    """Keep what is typed, while it is being typed; the answer is the sentence beside the buttons."""
    _keep(key, _fields(posted()))
    if request.headers.get("X-Requested-With") != "fetch":
        return redirect(url_for("tasks.show", key=key), 303)
    now = clock_time(services().clock.now())
    return FlaskResponse(gettext("Draft saved at %(time)s.", time=now), mimetype="text/plain")


@pages.get("/<int:key>/assign")
@requires(Permission.USER_TASK_READ)
def assign_form(key: int) -> Answer:
    """To whom the task is to be given, and why; the same as the dialog on the task's page."""
    return _assign_page(key)


@pages.post("/<int:key>/assign")
@requires(Permission.USER_TASK_CLAIM, Permission.USER_TASK_ASSIGN)
def assign(key: int) -> Answer:
    """Give the task to a colleague."""
    username, reason = request.form.get("username", ""), request.form.get("reason", "").strip()
    errors: dict[str, str] = {}
    if not username:
        errors["username"] = gettext("Choose a colleague.")
    if not reason:
        errors["reason"] = explain(ReasonMissing(value="", reason=""))
    if errors:
        return _assign_page(key, errors), 422
    try:
        with services().database.transaction("web") as tx:
            task = user_tasks.assign(tx, g.actor, key, username, reason)
    except (Conflict, InvalidInput) as error:
        return _assign_page(key, {"username": explain(error)}), error.status
    flash(gettext("%(task)s has been given away.", task=in_language(task.name, task.gloss)), "ok")
    return redirect(url_for("tasks.worklist"), 303)


@pages.post("/<int:key>/comments")
@requires(Permission.COMMENT_CREATE)
def comment(key: int) -> Answer:
    """Add a remark to the case."""
    text = request.form.get("text", "")
    try:
        with services().database.transaction("web") as tx:
            comments.add_to_task(tx, g.actor, key, text)
    except InvalidInput as error:
        return _page_with_draft(key, remark=text, remark_error=explain(error)), error.status
    return redirect(url_for("tasks.show", key=key, _anchor="remarks"), 303)


@pages.get("/<int:key>/diagram.bpmn")
@requires(Permission.USER_TASK_READ)
def diagram(key: int) -> FlaskResponse:
    """The diagram of the task's process, for the small picture."""
    with services().database.reading() as tx:
        task = tasks.open_task(tx, g.actor, key)
        content = cases.diagram_xml(tx, task.running.definition)
    return FlaskResponse(content, mimetype="application/xml")


@pages.get("/<int:key>/markers.json")
@requires(Permission.USER_TASK_READ)
def markers(key: int) -> FlaskResponse:
    """What has happened on the diagram."""
    with services().database.reading() as tx:
        task = tasks.open_task(tx, g.actor, key)
        return jsonify(cases.markers(tx, task.running.instance))


# ---- taking the form in


def _fields(data: Posted) -> Posted:
    """What the form's own fields hold; names with an underscore in front are ours."""
    ours = ("csrf_token",)
    return {name: texts for name, texts in data.items() if name not in ours and not name.startswith("_")}


def _keep(key: int, fields: Posted) -> None:
    with services().database.transaction("web") as tx:
        user_tasks.save_draft(tx, g.actor, key, fields)


def _redraw(key: int, fields: Posted) -> Answer:
    """The form again, because rows or what depends on an answer have changed; kept as a draft as well."""
    _keep(key, fields)
    return _page(key, fields)


def _submit(key: int, fields: Posted, data: Posted) -> Answer:
    """Check the form and complete the task."""
    with services().database.reading() as tx:
        task = tasks.open_task(tx, g.actor, key)
        submission = _taken_in(tx, task, fields)
        missing = {} if submission is None or submission.is_valid or not task.may_work else _missing(task, submission)
    if submission is not None and not submission.is_valid and task.may_work:
        return _refused(key, fields, Refusal(submission.errors, missing), 422)
    revision = (data.get(REVISION) or [""])[0]
    try:
        with services().database.transaction("web") as tx:
            user_tasks.complete(
                tx,
                g.actor,
                key,
                submission.values if submission else {},
                int(revision) if revision.isascii() and revision.isdigit() else None,
            )
    except user_tasks.SubmissionRefused as error:
        return _refused(key, fields, Refusal(dict(error.fields), dict(error.documents)), error.status)
    except (NotFound, NotAllowed):
        raise
    except Conflict as error:
        return _refused(key, fields, Refusal(conflict=explain(error)), error.status)
    except BaoxiuError as error:
        if error.status >= 500:
            raise
        return _refused(key, fields, Refusal(failure=explain(error)), error.status)
    return _onwards(task)


def _taken_in(tx: Transaction, task: tasks.OpenedTask, fields: Posted) -> Submission | None:
    if task.form is None:
        return None
    attached = attached_fields(task)
    return task.form.submit(fields, task.sees(), task.environment(), attached)


def attached_fields(task: tasks.OpenedTask) -> frozenset[str]:
    """The form's own file fields that have their file: those named like a piece of evidence that is there."""
    if task.form is None or not task.form.file_fields:
        return frozenset()
    needs = evidence.needs_of(task.running, task.element, task.scope, {})
    return frozenset(need.key for need in needs if any(file.task_key == task.key for file in need.files))


def _missing(task: tasks.OpenedTask, submission: Submission) -> dict[str, Message]:
    """The files that are missing besides what is wrong with the fields, so that everything is said at once."""
    return {
        need.key: Message(evidence.MISSING, {"document": need.name})
        for need in evidence.needs_of(task.running, task.element, task.scope, submission.values)
        if need.use == "produces" and not need.optional and not is_there(task, need)
    }


def _attach_files(key: int) -> Refusal | None:
    """Keep the files that came with the form as evidence; what is wrong with one, if anything."""
    for name in request.files:
        for file in request.files.getlist(name):
            if name.startswith(FILE_PREFIX) and file.filename:
                try:
                    _attach(key, name.removeprefix(FILE_PREFIX), file)
                except InvalidInput as error:
                    return Refusal(files={name.removeprefix(FILE_PREFIX): explain(error)})
                except Conflict as error:
                    return Refusal(conflict=explain(error))
    return None


def _attach(key: int, document_type: str, file: FileStorage) -> None:
    content = file.stream.read()
    with services().database.transaction("web") as tx:
        user_tasks.attach(tx, g.actor, key, document_type, file.filename or "", file.mimetype, content)


# ---- answering


def _page(key: int, typed: Posted, refusal: Refusal | None = None) -> str:
    """The page with what was typed just now, which is the draft as well."""
    with services().database.reading() as tx:
        task = tasks.open_task(tx, g.actor, key)
        context = present(tx, task, typed, refusal=refusal, draft_saved_at=clock_time(tx.now))
    return render_template("tasks/task.html", **context)


def _page_with_draft(key: int, remark: str = "", remark_error: str = "") -> str:
    """The page with the actor's draft in its form, if there is one."""
    with services().database.reading() as tx:
        task = tasks.open_task(tx, g.actor, key)
        draft = tasks.draft_of(tx, g.actor, key)
        context = present(
            tx,
            task,
            dict(draft.data) if draft else None,
            draft_saved_at=clock_time(draft.saved_at) if draft else "",
            remark=remark,
            remark_error=remark_error,
        )
    return render_template("tasks/task.html", **context)


def _refused(key: int, fields: Posted, refusal: Refusal, status: int) -> Answer:
    """The page again with everything typed in it and what is to be done; the draft keeps it too."""
    _keep(key, fields)
    return _page(key, fields, refusal), 409 if refusal.conflict else status


def _assign_page(key: int, errors: dict[str, str] | None = None) -> str:
    with services().database.reading() as tx:
        task = tasks.open_task(tx, g.actor, key)
        if not task.may_assign:
            raise NotFound(what="task", key=key)
        colleagues = tasks.colleagues_for(tx, g.actor, task)
    return render_template("tasks/assign.html", task=task, colleagues=colleagues, errors=errors or {})


def _onwards(task: tasks.OpenedTask) -> Response:
    """To the case's next step when it is the actor's, else to the list; says what happened and who is next."""
    with services().database.reading() as tx:
        waiting = tasks.waiting_in_case(tx, g.actor, task.case_key)
        state = cases.visible(tx, g.actor, task.case_key)[0].state
    done = gettext("%(task)s is submitted.", task=in_language(task.name, task.gloss))
    if state != InstanceState.ACTIVE:
        flash(gettext("%(done)s The case %(number)s is finished.", done=done, number=task.case_number), "ok")
    elif waiting:
        names = [_next_in_words(each) for each in waiting[:3]]
        separator = gettext(", ")
        flash(gettext("%(done)s Next: %(steps)s.", done=done, steps=separator.join(names)), "ok")
    else:
        flash(done, "ok")
    if waiting and waiting[0].is_mine:
        return redirect(url_for("tasks.show", key=waiting[0].key), 303)
    return redirect(url_for("tasks.worklist"), 303)


def _next_in_words(waiting: tasks.Waiting) -> str:
    name = in_language(waiting.name, waiting.gloss)
    who = waiting.assignee or in_language(*waiting.role)
    return gettext("%(task)s (%(who)s)", task=name, who=who) if who else name
