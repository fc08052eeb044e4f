"""Remarks on a case, shown on all of its tasks; @username tells that person."""

from __future__ import annotations

import re

from sqlalchemy import insert, select

from engine.access import Actor, Permission, require
from engine.commands.user_tasks import visible_task
from engine.database import Transaction
from engine.errors import N_, InvalidInput
from engine.history import Entry, Lifecycle, record
from engine.model import Comment, Membership, Notification, ProcessInstance, User
from engine.runtime.storage import TaskRow

MAX_COMMENT = 4000
_MENTION = re.compile(r"@([\w.\-]{1,100})")


class EmptyComment(InvalidInput):
    """There is nothing in the remark."""

    template = N_("Write something before you send it.")


class CommentTooLong(InvalidInput):
    """The remark is too long."""

    template = N_("A remark has at most {most} characters; this one has {length}.")


def add_to_task(tx: Transaction, actor: Actor, task_key: int, text: str) -> Comment:
    """Add a remark to the case of a task the actor can see."""
    require(actor, Permission.COMMENT_CREATE)
    task = visible_task(tx, actor, task_key)
    return _add(tx, actor, task, text.strip())


def _add(tx: Transaction, actor: Actor, task: TaskRow, text: str) -> Comment:
    if not text:
        raise EmptyComment(value="", reason="")
    if len(text) > MAX_COMMENT:
        raise CommentTooLong(most=MAX_COMMENT, length=len(text), value="", reason="")
    instance = tx.session.get_one(ProcessInstance, task.process_instance_key, with_for_update=True)
    comment = Comment(
        process_instance_key=instance.key,
        task_key=task.key,
        author_key=actor.user_key,
        text=text,
        created_at=tx.now,
    )
    tx.session.add(comment)
    _tell_mentioned(tx, actor, instance, text)
    entry = Entry(
        Lifecycle.COMMENTED,
        tx.now,
        task.element_id,
        task.element_instance,
        performer=actor.username,
        roles=" ".join(sorted(actor.roles)),
        source=tx.source,
        values={"text": text},
    )
    record(tx.session, instance, [entry], tx.now)
    tx.session.flush()
    return comment


def _tell_mentioned(tx: Transaction, actor: Actor, instance: ProcessInstance, text: str) -> None:
    names = set(_MENTION.findall(text))
    if not names:
        return
    colleagues = (
        select(User)
        .join(Membership, Membership.user_key == User.key)
        .where(
            Membership.organisation_key == actor.organisation_key,
            User.username.in_(names) | User.display_name.in_(names),
        )
        .distinct()
    )
    rows = [
        {
            "organisation_key": actor.organisation_key,
            "user_key": user.key,
            "process_instance_key": instance.key,
            "severity": "info",
            "template": N_("{author} mentioned you: {text}"),
            "params": {"author": actor.display_name, "text": text[:200]},
            "created_at": tx.now,
        }
        for user in tx.session.scalars(colleagues)
        if user.key != actor.user_key
    ]
    if rows:
        tx.session.execute(insert(Notification), rows)
