"""Where practice left the rules, as far as queries can tell: late tasks, overdue tasks, evidence that was overridden.

A limit that the document sets "in principle" (原则上; severity ``warning``) is a warning when it is passed, no
violation: the two are counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.history import Lifecycle
from engine.model import (
    Event,
    ProcessDefinition,
    ProcessInstance,
    TaskState,
    User,
    UserTask,
)
from engine.queries.working_time import working_time
from engine.runtime.definitions import specification

WARNING = "warning"
PAGE = 50
COUNTED = 10_000
"""Counts end here."""
FIRST_ROWS = 5


class Check(StrEnum):
    """What is looked for."""

    LATE = "late"
    """A task was completed after its due time."""
    OVERDUE = "overdue"
    """A task is open past its due time."""
    OVERRIDDEN = "overridden"
    """Somebody went on without a required piece of evidence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A row that proves a deviation. `late` is working time; `reason` is what was written down with it."""

    case_key: int
    number: str
    title: str
    name: str
    gloss: str
    due_at: datetime | None
    at: datetime | None
    late: timedelta | None
    who: str
    is_warning: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deviation:
    """What a check has found: how many violations and warnings, and some or a page of the rows that prove it."""

    check: Check
    violations: int
    warnings: int
    rows: tuple[Proof, ...]
    has_next: bool

    @property
    def total(self) -> int:
        """Violations and warnings."""
        return self.violations + self.warnings


def deviations(tx: Transaction, actor: Actor) -> list[Deviation]:
    """Every check with its first rows. Eight statements."""
    require(actor, Permission.EVENT_READ)
    return [_look(tx, actor, check, 1, FIRST_ROWS) for check in Check]


def deviation(tx: Transaction, actor: Actor, check: Check, page: int) -> Deviation:
    """One check with a page of its rows."""
    require(actor, Permission.EVENT_READ)
    return _look(tx, actor, check, page, PAGE)


def _look(tx: Transaction, actor: Actor, check: Check, page: int, size: int) -> Deviation:
    if check is Check.OVERRIDDEN:
        return _overridden(tx, actor, page, size)
    condition = _tasks(actor, check, tx.now)
    violations = _count(tx, select(UserTask.key).where(*condition, UserTask.severity != WARNING))
    warnings = _count(tx, select(UserTask.key).where(*condition, UserTask.severity == WARNING))
    newest = UserTask.key.desc() if check is Check.LATE else UserTask.due_at
    rows = tx.session.execute(
        select(UserTask, User.display_name)
        .outerjoin(User, User.key == func.coalesce(UserTask.completed_by_key, UserTask.assignee_key))
        .where(*condition)
        .order_by(newest)
        .offset((page - 1) * size)
        .limit(size + 1)
    ).all()
    return Deviation(
        check, violations, warnings, _task_rows(tx, actor, [(task, who) for task, who in rows[:size]]), len(rows) > size
    )


def _tasks(actor: Actor, check: Check, now: datetime) -> tuple[ColumnElement[bool], ...]:
    here = UserTask.organisation_key == actor.organisation_key
    if check is Check.LATE:
        completed = UserTask.state == literal_column(f"'{TaskState.COMPLETED}'")  # a parameter would not use the index
        return (here, completed, UserTask.ended_at > UserTask.due_at)
    return (here, UserTask.state == TaskState.OPEN, UserTask.due_at < now)


def _task_rows(tx: Transaction, actor: Actor, rows: Sequence[tuple[UserTask, str | None]]) -> tuple[Proof, ...]:
    hours = working_time(tx, actor.organisation_key)
    found: list[Proof] = []
    for task, who in rows:
        end: datetime = task.ended_at or tx.now
        found.append(
            Proof(
                task.process_instance_key,
                task.case_number,
                task.case_title,
                task.name,
                task.gloss,
                task.due_at,
                task.ended_at,
                hours.between(task.due_at, end) if task.due_at else None,
                who or "",
                task.severity == WARNING,
            )
        )
    return tuple(found)


def _overridden(tx: Transaction, actor: Actor, page: int, size: int) -> Deviation:
    condition = and_(
        Event.organisation_key == actor.organisation_key,
        Event.lifecycle == literal_column(f"'{Lifecycle.OVERRIDDEN}'"),  # a parameter would not use the index
    )
    total = _count(tx, select(Event.key).where(condition))
    rows = tx.session.execute(
        select(Event, ProcessInstance, ProcessDefinition, User.display_name)
        .join(ProcessInstance, ProcessInstance.key == Event.process_instance_key)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .outerjoin(User, User.username == Event.performer)
        .where(condition)
        .order_by(Event.key.desc())
        .offset((page - 1) * size)
        .limit(size + 1)
    ).all()
    found = tuple(_override(tx, *row) for row in rows[:size])
    return Deviation(Check.OVERRIDDEN, total, 0, found, len(rows) > size)


def _override(
    tx: Transaction, event: Event, instance: ProcessInstance, definition: ProcessDefinition, who: str | None
) -> Proof:
    element = specification(tx.session, definition).elements.get(event.element_id)
    name, gloss = (element.name or element.id, element.gloss) if element else (event.element_id, "")
    return Proof(
        instance.key,
        instance.number,
        instance.title,
        name,
        gloss,
        event.due_at,
        event.occurred_at,
        None,
        who or event.performer,
        False,
        event.reason,
    )


def _count(tx: Transaction, query: Select[Any]) -> int:
    return tx.session.scalar(select(func.count()).select_from(query.limit(COUNTED + 1).subquery())) or 0
