"""Which cases an actor may see: one condition, used by every query that shows something of a case.

Staff see the cases they started and those in which a task is or was theirs: offered to one of their roles or to them,
assigned to them, or completed by them. Who may read all cases sees all of the organisation's. Nobody sees another
organisation's: for them it does not exist.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from engine.access import Actor, Permission
from engine.errors import NotFound
from engine.model import ProcessInstance, TaskCandidate, UserTask


def is_visible_case(actor: Actor) -> ColumnElement[bool]:
    """The condition on `ProcessInstance` under which the actor may see it."""
    here = ProcessInstance.organisation_key == actor.organisation_key
    if actor.may(Permission.PROCESS_INSTANCE_READ_ALL):
        return here
    of_case = UserTask.process_instance_key == ProcessInstance.key
    worked = exists().where(
        of_case, or_(UserTask.assignee_key == actor.user_key, UserTask.completed_by_key == actor.user_key)
    )
    offered = exists().where(
        of_case, TaskCandidate.task_key == UserTask.key, TaskCandidate.candidate.in_(actor.candidates)
    )
    return and_(here, or_(ProcessInstance.started_by == actor.username, worked, offered))


def is_visible_task(actor: Actor) -> ColumnElement[bool]:
    """The condition on `UserTask` under which the actor may open it, the same as for working on it."""
    here = UserTask.organisation_key == actor.organisation_key
    if actor.may(Permission.USER_TASK_ASSIGN):
        return here
    return and_(here, or_(is_own_task(actor), is_offered_task(actor)))


def is_own_task(actor: Actor) -> ColumnElement[bool]:
    """The task is assigned to the actor or was completed by them."""
    return or_(UserTask.assignee_key == actor.user_key, UserTask.completed_by_key == actor.user_key)


def is_offered_task(actor: Actor) -> ColumnElement[bool]:
    """The task is or was offered to one of the actor's roles, or to them by name."""
    return exists().where(TaskCandidate.task_key == UserTask.key, TaskCandidate.candidate.in_(actor.candidates))


def visible_case_key(session: Session, actor: Actor, key: int) -> int:
    """The key itself, when the actor may see that case. Raises `NotFound` otherwise."""
    found = session.scalar(select(ProcessInstance.key).where(ProcessInstance.key == key, is_visible_case(actor)))
    if found is None:
        raise NotFound(what="case", key=key)
    return found
