"""User tasks: claim, release, assign, save a draft, attach evidence, complete.

Each locks the case first and the task second, as every command does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from engine import feel
from engine.access import Actor, Permission, require, roles_of
from engine.commands import evidence
from engine.database import Transaction
from engine.errors import N_, BaoxiuError, Conflict, NotFound
from engine.form_schema import Message
from engine.history import Lifecycle
from engine.model import Document, Draft, TaskState, User, UserTask
from engine.runtime import Running, load_by_task
from engine.runtime.definitions import form
from engine.runtime.storage import FoundTask, TaskRow, read_task
from engine.statements import upsert_into

MAX_DRAFT_FIELDS = 2000


class TaskAlreadyDone(Conflict):
    """Somebody else completed the task; what was typed is kept by the page."""

    template = N_("{performer} completed this task at {at}. What you typed is kept below.")


class TaskGone(Conflict):
    """The process cancelled the task (a deadline, another path, the end of the case)."""

    template = N_("The process withdrew this task at {at}. What you typed is kept below.")


class TaskTaken(Conflict):
    """Somebody else has claimed the task."""

    template = N_("{assignee} claimed this task at {at}.")


class TaskChanged(Conflict):
    """The task is not in the state the page showed."""

    template = N_(
        "This task changed since the page was loaded. Check it and submit again; what you typed is kept below."
    )


class SubmissionRefused(BaoxiuError):
    """The form's values or the evidence are not complete; nothing was changed."""

    template = N_("{count} things have to be put right before this can be submitted.")
    status = 422

    def __init__(self, fields: Mapping[str, Message], documents: Mapping[str, Message]) -> None:
        """`fields`: messages by form field path; `documents`: messages by evidence key."""
        self.fields = fields
        self.documents = documents
        super().__init__(count=len(fields) + len(documents))


def claim(tx: Transaction, actor: Actor, key: int) -> TaskRow:
    """Take an open task that is offered to the actor. Claiming what one has already changes nothing."""
    require(actor, Permission.USER_TASK_CLAIM)
    running, task = _locked(tx, actor, key)
    _must_be_open(tx, task)
    if task.assignee_key == actor.user_key:
        return task
    _must_be_free(tx, task)
    _assign(running, task, actor.user_key)
    _log(running, task, Lifecycle.CLAIMED)
    running.save()
    return task


def release(tx: Transaction, actor: Actor, key: int) -> TaskRow:
    """Give a task back to the group. Only its assignee (or who may assign) can; drafts are kept."""
    require(actor, Permission.USER_TASK_CLAIM)
    running, task = _locked(tx, actor, key)
    _must_be_open(tx, task)
    if task.assignee_key is None:
        return task
    if task.assignee_key != actor.user_key:
        require(actor, Permission.USER_TASK_ASSIGN)
    _assign(running, task, None)
    _log(running, task, Lifecycle.RELEASED)
    running.save()
    return task


def assign(tx: Transaction, actor: Actor, key: int, username: str, reason: str = "") -> TaskRow:
    """Give an open task to a user of the organisation: by its assignee, or by who may assign. The reason is kept."""
    running, task = _locked(tx, actor, key)
    _must_be_open(tx, task)
    if task.assignee_key != actor.user_key:
        require(actor, Permission.USER_TASK_ASSIGN)
    user = tx.session.scalar(select(User).where(User.username == username, User.is_active))
    if user is None or not roles_of(tx.session, user.key, actor.organisation_key, tx.now):
        raise NotFound(what="user", key=username)
    _assign(running, task, user.key)
    _log(running, task, Lifecycle.ASSIGNED, detail={"assignee": username}, reason=reason)
    running.save()
    return task


def save_draft(tx: Transaction, actor: Actor, key: int, data: Mapping[str, list[str]]) -> None:
    """Keep what the actor has typed so far; one draft per user and task."""
    require(actor, Permission.USER_TASK_READ)
    task = visible_task(tx, actor, key)
    if not task.has_drafts:
        tx.connection.execute(update(UserTask).where(UserTask.key == task.key).values(has_drafts=True))
    fields = dict(list(data.items())[:MAX_DRAFT_FIELDS])
    row = {"task_key": task.key, "user_key": actor.user_key, "data": fields, "saved_at": tx.now}
    upsert_into(Draft, ("data", "saved_at")).run(tx.connection, row)


def attach(
    tx: Transaction, actor: Actor, key: int, document_type: str, filename: str, media_type: str, content: bytes
) -> Document:
    """Attach a file to an open task the actor may do, as evidence of a type the task produces."""
    running, task = _locked(tx, actor, key)
    _must_be_open(tx, task)
    _must_be_mine_or_free(tx, task, actor)
    element = running.specification.elements[task.element_id]
    words = f"{element.properties.get('produces', '')} {element.properties.get('requires', '')}".split()
    if document_type not in words:
        raise NotFound(what="document type", key=document_type)
    document = evidence.attach(running, task, document_type, filename, media_type, content)
    running.save()
    return document


def complete(
    tx: Transaction, actor: Actor, key: int, values: Mapping[str, object], revision: int | None = None
) -> TaskRow:
    """Complete a task with the values of its form (by field key; values of FEEL or Python) and let the case advance.

    A free task is claimed by the way. Raises `TaskAlreadyDone`, `TaskGone`, `TaskTaken`, `TaskChanged` (409),
    `SubmissionRefused` (422) with every field and document that is missing, `NotFound` for a foreign task.
    """
    require(actor, Permission.USER_TASK_COMPLETE)
    running, found = _locked_with_form(tx, actor, key)
    task = found.task
    _must_be_open(tx, task)
    _must_be_mine_or_free(tx, task, actor)
    if revision is not None and revision != task.revision and task.assignee_key != actor.user_key:
        raise TaskChanged(detail="")
    accepted = _accepted(running, found, values)
    _finish(running, task, actor)
    running.execution.complete(task.element_instance, accepted)
    running.save()
    return task


def _accepted(running: Running, found: FoundTask, values: Mapping[str, object]) -> Mapping[str, object]:
    """The form's values after validation; the evidence is settled on them. Raises `SubmissionRefused`."""
    fields: Mapping[str, Message] = {}
    task = found.task
    values = {name: feel.from_python(value) for name, value in values.items()}
    element = running.specification.elements[task.element_id]
    scope = task.element_instance if running.scopes.has_scope(task.element_instance) else 0
    if found.form is not None:
        task_form = form(running.tx.connection, found.form)
        attached = _attached(running.tx, task) if task_form.takes_files else frozenset[str]()
        checked = task_form.check(values, running.scope(scope), running.surroundings.environment(), attached)
        values, fields = checked.values, checked.errors
    documents, missing = evidence.settle(running, task, element, values)
    if fields or missing:
        raise SubmissionRefused(fields, missing)
    running.changes.documents.extend(documents)
    for row in documents:
        detail = {"document": row["document_type"], "sha256": row["sha256"], "version": row["version"]}
        _log(running, task, Lifecycle.EVIDENCE_ATTACHED, detail=detail)
    _log(running, task, Lifecycle.CHANGED, detail={"fields": sorted(values)}, values=dict(values))
    return values


def _attached(tx: Transaction, task: TaskRow) -> frozenset[str]:
    """The document types of which files were attached to the task: its form's file fields have their names."""
    here = (Document.task_key == task.key, Document.kind == "attachment")
    return frozenset(tx.session.scalars(select(Document.document_type).where(*here)))


def _finish(running: Running, task: TaskRow, actor: Actor) -> None:
    now = running.tx.now
    task.state, task.ended_at, task.completed_by_key = TaskState.COMPLETED, now, actor.user_key or None
    if task.assignee_key is None and actor.user_key:
        task.assignee_key, task.claimed_at = actor.user_key, now
    task.revision += 1
    running.changes.changed_tasks.append(task)
    if task.has_drafts:
        running.tx.connection.execute(delete(Draft).where(Draft.task_key == task.key))


def visible_task(tx: Transaction, actor: Actor, key: int) -> TaskRow:
    """A task of the actor's organisation that is or was offered to them, is theirs, or that they oversee.

    Raises `NotFound` otherwise: a foreign task does not exist.
    """
    return _visible(tx, actor, key).task


def _visible(tx: Transaction, actor: Actor, key: int) -> FoundTask:
    found = read_task(tx.connection, actor.organisation_key, key)
    if found is None or not (not found.candidates.isdisjoint(actor.candidates) or _is_theirs(actor, found.task)):
        raise NotFound(what="task", key=key)
    return found


def _is_theirs(actor: Actor, task: TaskRow) -> bool:
    return actor.user_key in (task.assignee_key, task.completed_by_key) or actor.may(Permission.USER_TASK_ASSIGN)


def _locked(tx: Transaction, actor: Actor, key: int) -> tuple[Running, TaskRow]:
    """The case, locked, and then the task as it is now that nobody else can change it."""
    running, found = _locked_with_form(tx, actor, key)
    return running, found.task


def _locked_with_form(tx: Transaction, actor: Actor, key: int) -> tuple[Running, FoundTask]:
    return load_by_task(tx, actor, key), _visible(tx, actor, key)


def _must_be_open(tx: Transaction, task: TaskRow) -> None:
    if task.state == TaskState.COMPLETED:
        raise TaskAlreadyDone(performer=_name(tx, task.completed_by_key), at=task.ended_at)
    if task.state == TaskState.CANCELLED:
        raise TaskGone(at=task.ended_at)


def _must_be_free(tx: Transaction, task: TaskRow) -> None:
    if task.assignee_key is not None:
        raise TaskTaken(assignee=_name(tx, task.assignee_key), at=task.claimed_at)


def _must_be_mine_or_free(tx: Transaction, task: TaskRow, actor: Actor) -> None:
    if task.assignee_key != actor.user_key and actor.user_key:
        _must_be_free(tx, task)


def _name(tx: Transaction, user_key: int | None) -> str:
    return tx.session.scalar(select(User.display_name).where(User.key == user_key)) or ""


def _assign(running: Running, task: TaskRow, user_key: int | None) -> None:
    task.assignee_key = user_key
    task.claimed_at = running.tx.now if user_key is not None else None
    task.revision += 1
    running.changes.changed_tasks.append(task)


def _log(running: Running, task: TaskRow, lifecycle: Lifecycle, **columns: Any) -> None:
    entry = running.entry(lifecycle, performer=running.actor, **columns)
    entry.element_id, entry.element_instance = task.element_id, task.element_instance
    running.entries.append(entry)
