"""The search over everything the actor may see."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.queries.search import find
from webapp.access import requires
from webapp.services import services

pages = Blueprint("search", __name__, url_prefix="/search")


@pages.get("")
@requires(Permission.PROCESS_INSTANCE_READ, Permission.USER_TASK_READ)
def index() -> str | Response:
    """What is found; a case number typed in full leads to its case at once."""
    text = request.args.get("q", "").strip()
    with services().database.reading() as tx:
        found = find(tx, g.actor, text)
    exact = [task for task in found.tasks if task.case_number.lower() == text.lower()]
    if len(exact) == 1 and len(found.tasks) == 1 and len(found.cases) <= 1:
        return redirect(url_for("tasks.show", key=exact[0].key))
    return render_template("search/index.html", text=text, found=found)
