"""The list behind the bell."""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.commands import notifications
from engine.queries.notifications import case_of_notice, notices_of
from engine.queries.tasks import waiting_in_case
from webapp.access import may_open, requires
from webapp.i18n import fill, in_language
from webapp.services import services

pages = Blueprint("notifications", __name__, url_prefix="/notifications")


@pages.get("")
@requires(Permission.NOTIFICATION_READ)
def index() -> str:
    """The actor's messages, newest first."""
    asked = request.args.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1
    unread_only = request.args.get("show") == "unread"
    with services().database.reading() as tx:
        notices, has_next = notices_of(tx, g.actor, page, unread_only)
    show = "unread" if unread_only else None
    return render_template(
        "notifications/index.html",
        notices=[(notice, _text(notice.template, notice.params)) for notice in notices],
        unread_only=unread_only,
        previous=url_for("notifications.index", page=page - 1, show=show) if page > 1 else "",
        following=url_for("notifications.index", page=page + 1, show=show) if has_next else "",
    )


@pages.post("/read")
@requires(Permission.NOTIFICATION_READ)
def read() -> Response:
    """Mark messages as read: the one that is named, or all."""
    keys = [int(key) for key in request.form.getlist("key") if key.isascii() and key.isdigit()]
    with services().database.transaction("web") as tx:
        notifications.mark_read(tx, g.actor, keys or None)
    return redirect(url_for("notifications.index"), 303)


@pages.post("/<int:key>/open")
@requires(Permission.NOTIFICATION_READ)
def follow(key: int) -> Response:
    """Mark a message as read and go to what it is about: the actor's own task in that case, else the case."""
    with services().database.transaction("web") as tx:
        case_key = case_of_notice(tx, g.actor, key)
        notifications.mark_read(tx, g.actor, [key])
        waiting = waiting_in_case(tx, g.actor, case_key) if case_key and g.actor.may(Permission.USER_TASK_READ) else []
    if waiting and waiting[0].is_mine:
        return redirect(url_for("tasks.show", key=waiting[0].key), 303)
    if case_key and may_open_case():
        return redirect(url_for("cases.show", key=case_key), 303)
    return redirect(url_for("notifications.index"), 303)


def may_open_case() -> bool:
    """Whether there is a page of cases that the actor may open."""
    return may_open(current_app._get_current_object(), "cases.show", g.actor)  # type: ignore[attr-defined]


def _text(template: str, params: object) -> str:
    """The message in the user's language; one that a diagram wrote may hold braces of its own."""
    known: dict[str, object] = params if isinstance(params, dict) else {}
    if "message.en" in known:
        return in_language(template, str(known["message.en"]))
    try:
        return fill(template, known)
    except (KeyError, IndexError, ValueError):
        return template
