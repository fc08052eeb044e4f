"""Messages in the app, of the actor alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.errors import NotFound
from engine.model import Notification, ProcessInstance

PAGE = 50
LAST_PAGE = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """A message; `template` is a gettext message id (or a text of the diagram) for `params`."""

    key: int
    template: str
    params: Mapping[str, object]
    severity: str
    created_at: datetime
    is_read: bool
    case_key: int | None
    case_number: str
    case_title: str


def notices_of(tx: Transaction, actor: Actor, page: int = 1, unread_only: bool = False) -> tuple[list[Notice], bool]:
    """A page of the actor's messages, newest first, and whether there is another one. One statement."""
    require(actor, Permission.NOTIFICATION_READ)
    page = min(max(page, 1), LAST_PAGE)
    query = (
        select(Notification, ProcessInstance.number, ProcessInstance.title)
        .outerjoin(ProcessInstance, ProcessInstance.key == Notification.process_instance_key)
        .where(Notification.user_key == actor.user_key, Notification.organisation_key == actor.organisation_key)
        .order_by(Notification.key.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    if unread_only:
        query = query.where(Notification.read_at.is_(None))
    found = [
        _notice(notification, number or "", title or "") for notification, number, title in tx.session.execute(query)
    ]
    return found[:PAGE], len(found) > PAGE and page < LAST_PAGE


def case_of_notice(tx: Transaction, actor: Actor, key: int) -> int | None:
    """The case one of the actor's messages is about. Raises `NotFound` for somebody else's message."""
    require(actor, Permission.NOTIFICATION_READ)
    notification = tx.session.get(Notification, key)
    whose = None if notification is None else (notification.user_key, notification.organisation_key)
    if notification is None or whose != (actor.user_key, actor.organisation_key):
        raise NotFound(what="message", key=key)
    return notification.process_instance_key


def _notice(notification: Notification, number: str, title: str) -> Notice:
    return Notice(
        notification.key,
        notification.template,
        notification.params or {},
        notification.severity,
        notification.created_at,
        notification.read_at is not None,
        notification.process_instance_key,
        number,
        title,
    )
