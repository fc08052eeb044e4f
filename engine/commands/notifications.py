"""Notices in the app: reading them."""

from __future__ import annotations

from sqlalchemy import update

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.model import Notification


def mark_read(tx: Transaction, actor: Actor, keys: list[int] | None = None) -> None:
    """Mark the actor's notices as read: those with the keys, or all of them."""
    require(actor, Permission.NOTIFICATION_READ)
    mine = update(Notification).where(
        Notification.user_key == actor.user_key,
        Notification.organisation_key == actor.organisation_key,
        Notification.read_at.is_(None),
    )
    if keys is not None:
        mine = mine.where(Notification.key.in_(keys))
    tx.session.execute(mine.values(read_at=tx.now))
