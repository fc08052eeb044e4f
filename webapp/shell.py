"""The frame around every page: home, health, and what the base template needs to know."""

from __future__ import annotations

from flask import Flask, g, redirect, request
from sqlalchemy import bindparam, func, select
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.model import Notification
from engine.statements import Read
from webapp.access import may_open, public, signed_in
from webapp.navigation import current_room, home_url, open_rooms
from webapp.preferences import keys_are_on, theme
from webapp.services import services


def init_shell(app: Flask) -> None:
    """Register the pages of the frame and give templates its functions."""
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/healthz", "health", health)
    app.jinja_env.globals.update(
        open_rooms=open_rooms,
        current_room=current_room,
        may_open=lambda endpoint: may_open(app, endpoint, g.actor),
        unread_notifications=unread_notifications,
        theme=theme,
        keys_are_on=keys_are_on,
        here=lambda: request.full_path.rstrip("?"),
        Permission=Permission,
    )


@signed_in
def home() -> Response:
    """The first room of the actor."""
    return redirect(home_url())


@public
def health() -> dict[str, str]:
    """For load balancers: 200 when this node answers and reaches its database."""
    with services().database.reading() as transaction:
        transaction.session.execute(select(1))
    return {"status": "ok"}


_UNREAD = Read(
    lambda _: select(func.count()).where(
        Notification.user_key == bindparam("user"),
        Notification.organisation_key == bindparam("organisation"),
        Notification.read_at.is_(None),
    ),
    ["user", "organisation"],
)


def unread_notifications() -> int:
    """How many messages wait for the actor; the bell shows a dot."""
    if g.actor is None or not g.actor.may(Permission.NOTIFICATION_READ):
        return 0
    asked = {"user": g.actor.user_key, "organisation": g.actor.organisation_key}
    with services().database.reading() as transaction:
        ((count,),) = _UNREAD.rows(transaction.connection, asked)
    return count
