"""The worklist, and what can be done to tasks without opening them."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.commands import user_tasks
from engine.errors import BaoxiuError, Conflict, NotAllowed, NotFound
from engine.queries.startable import startable_processes
from engine.queries.worklist import Worklist, worklist
from engine.queries.worklist_filter import Due, Filter, Order, Scope
from engine.queries.worklist_statements import MOST, PAGE
from webapp.access import requires
from webapp.i18n import explain, gettext, in_language, ngettext
from webapp.navigation import safe_next
from webapp.services import services
from webapp.tasks.blueprint import Answer, pages
from webapp.tasks.filters import address, filter_from, query_of, sort_address, sort_state
from webapp.tasks.lines import lines_of

LARGEST_BATCH = 200
MOST_PROCESSES = 12
FEWEST_PROCESSES = 4


@pages.get("", endpoint="worklist")
@requires(Permission.USER_TASK_READ)
def show_worklist() -> Answer:
    """The actor's worklist as its address asks for it."""
    wanted = filter_from(request.args)
    with services().database.reading() as tx:
        found = worklist(tx, g.actor, wanted)
        startable = startable_processes(tx, g.actor) if g.actor.may(Permission.PROCESS_INSTANCE_CREATE) else []
    if wanted.page > 1 and not found.rows:
        return redirect(address(wanted))
    return render_template(
        "tasks/worklist.html",
        found=found,
        wanted=wanted,
        side=_side(found, wanted),
        chips=_chips(found, wanted),
        heads=_heads(wanted),
        hidden={name: value for name, value in query_of(wanted).items() if name not in ("q", "page")},
        counted=counted,
        lines=lines_of(found.rows),
        my_initial=g.actor.display_name[:1],
        first=(wanted.page - 1) * PAGE + 1,
        previous=address(wanted, page=wanted.page - 1) if wanted.page > 1 else "",
        following=address(wanted, page=wanted.page + 1) if found.has_next else "",
        at_the_end=not found.has_next and found.total > MOST,
        team=address(Filter(scope=Scope.TEAM)),
        is_filtered=bool(wanted.due or wanted.process_id or wanted.text),
        cleared=address(Filter(scope=wanted.scope)),
        startable=startable,
        start_url=_start_url([process.process_id for process in startable]),
        here_path=address(wanted, page=wanted.page),
    )


@pages.post("/batch")
@requires(Permission.USER_TASK_CLAIM)
def batch() -> Response:
    """Claim or release the selected tasks, each on its own: what cannot be done is told, the rest is done."""
    command = user_tasks.release if request.form.get("action") == "release" else user_tasks.claim
    keys = [int(key) for key in request.form.getlist("key") if key.isascii() and key.isdigit()][:LARGEST_BATCH]
    done, refused = 0, list[str]()
    for key in keys:
        try:
            with services().database.transaction("web") as tx:
                command(tx, g.actor, key)
            done += 1
        except BaoxiuError as error:
            refused.append(explain(error))
    if not keys:
        flash(gettext("No task was selected."), "info")
    elif done and command is user_tasks.claim:
        flash(ngettext("%(num)s task claimed.", "%(num)s tasks claimed.", done), "ok")
    elif done:
        flash(ngettext("%(num)s task released.", "%(num)s tasks released.", done), "ok")
    for reason in dict.fromkeys(refused):
        flash(reason, "warn")
    return _back()


@pages.post("/<int:key>/claim")
@requires(Permission.USER_TASK_CLAIM)
def claim(key: int) -> Response:
    """Take a task; whoever was too late is told who has it."""
    try:
        with services().database.transaction("web") as tx:
            task = user_tasks.claim(tx, g.actor, key)
        flash(gettext("You have claimed %(task)s.", task=in_language(task.name, task.gloss)), "ok")
    except Conflict as error:
        flash(explain(error), "warn")
    return _back()


@pages.post("/<int:key>/release")
@requires(Permission.USER_TASK_CLAIM)
def release(key: int) -> Response:
    """Give a task back to its group; the draft stays."""
    try:
        with services().database.transaction("web") as tx:
            task = user_tasks.release(tx, g.actor, key)
        flash(gettext("%(task)s is back for others to claim.", task=in_language(task.name, task.gloss)), "ok")
    except (Conflict, NotAllowed, NotFound) as error:
        if isinstance(error, NotFound):
            raise
        flash(explain(error), "warn")
    return redirect(url_for("tasks.worklist"), 303) if "next" not in request.form else _back()


def _back() -> Response:
    return redirect(safe_next(request.form.get("next", "")), 303)


def counted(number: int) -> str:
    """A number of tasks; counting stops at `MOST`."""
    return f"{MOST}+" if number > MOST else str(number)


def scope_names() -> dict[Scope, str]:
    """The scopes in the user's language."""
    return {
        Scope.MINE: gettext("My tasks"),
        Scope.CLAIMABLE: gettext("Open to claim"),
        Scope.OPEN: gettext("Mine and open"),
        Scope.TEAM: gettext("My team"),
    }


def due_names() -> dict[Due, str]:
    """The groups of due times in the user's language."""
    return {
        Due.OVERDUE: gettext("Overdue"),
        Due.SOON: gettext("Within 2 hours"),
        Due.TODAY: gettext("Today"),
        Due.WEEK: gettext("This week"),
    }


Item = tuple[str, str, str | None, bool, str]


def _side(found: Worklist, wanted: Filter) -> list[tuple[str, list[Item], bool]]:
    """The filters at the side: (head, [(address, label, count, is current, state)], only on wide windows)."""
    states = {Due.OVERDUE: "bad", Due.SOON: "warn"}
    scopes: list[Item] = [
        (address(wanted, scope=scope), name, counted(found.scopes[scope]), wanted.scope is scope, "")
        for scope, name in scope_names().items()
    ]
    dues: list[Item] = [
        (
            address(wanted, due=Due.ANY if wanted.due is due else due),
            name,
            counted(found.dues[due]),
            wanted.due is due,
            states.get(due, "") if found.dues[due] else "",
        )
        for due, name in due_names().items()
    ]
    processes: list[Item] = [
        (
            address(wanted, process_id="" if wanted.process_id == each.process_id else each.process_id),
            in_language(each.name, each.gloss),
            None if each.count is None else str(each.count),
            wanted.process_id == each.process_id,
            "",
        )
        for number, each in enumerate(found.processes[:MOST_PROCESSES])
        if each.count != 0 or number < FEWEST_PROCESSES or wanted.process_id == each.process_id
    ]
    sections = [(gettext("Scope"), scopes, False), (gettext("Due"), dues, False)]
    return [*sections, (gettext("Process"), processes, True)] if processes else sections


def _chips(found: Worklist, wanted: Filter) -> list[tuple[str, str]]:
    """What narrows the list now: (label, the address without it)."""
    chips: list[tuple[str, str]] = []
    if wanted.due is not Due.ANY:
        chips.append((due_names()[wanted.due], address(wanted, due=Due.ANY)))
    if wanted.process_id:
        names = {each.process_id: in_language(each.name, each.gloss) for each in found.processes}
        chips.append((names.get(wanted.process_id, wanted.process_id), address(wanted, process_id="")))
    if wanted.text:
        chips.append((wanted.text, address(wanted, text="")))
    return chips


def _heads(wanted: Filter) -> dict[str, tuple[str, str]]:
    """Address and ``aria-sort`` of every column that can be ordered by."""
    return {str(order): (sort_address(wanted, order), sort_state(wanted, order)) for order in Order}


def _start_url(processes: list[str]) -> str:
    """Where a fault is registered: the form itself when there is only one process to start."""
    if len(processes) == 1:
        return url_for("start.form", process_id=processes[0])
    return url_for("start.index") if processes else ""
