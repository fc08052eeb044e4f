"""Finding cases and open tasks by number, customer, fault or step; only what the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, literal, select

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.model import ProcessDefinition, ProcessInstance, TaskState, UserTask
from engine.queries.visibility import is_visible_case, is_visible_task
from engine.queries.working_time import working_time

MOST = 20
SHORTEST, LONGEST = 2, 100


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that was found."""

    key: int
    number: str
    title: str
    subtitle: str
    state: str
    process_name: str
    process_gloss: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class FoundTask:
    """An open task that was found."""

    key: int
    name: str
    gloss: str
    case_number: str
    case_title: str
    case_subtitle: str
    due_at: datetime | None
    severity: str
    left: timedelta | None
    """Working time until it is due, negative since then; None where nobody counts."""


@dataclass(frozen=True, slots=True)
class Found:
    """At most `MOST` of each; `has_more` when there are others."""

    cases: tuple[FoundCase, ...] = ()
    tasks: tuple[FoundTask, ...] = ()
    has_more: bool = False


def find(tx: Transaction, actor: Actor, text: str) -> Found:
    """Cases (newest first) and open tasks in which every word stands. Three statements; nothing for a single letter."""
    words = text.strip()[:LONGEST].split()
    if sum(len(word) for word in words) < SHORTEST:
        return Found()
    cases = _cases(tx, actor, words) if actor.may(Permission.PROCESS_INSTANCE_READ) else []
    tasks = _tasks(tx, actor, words) if actor.may(Permission.USER_TASK_READ) else []
    return Found(tuple(cases[:MOST]), tuple(tasks[:MOST]), max(len(cases), len(tasks)) > MOST)


def _cases(tx: Transaction, actor: Actor, words: list[str]) -> list[FoundCase]:
    require(actor, Permission.PROCESS_INSTANCE_READ)
    said = ProcessInstance.number + literal(" ") + ProcessInstance.title + literal(" ") + ProcessInstance.subtitle
    rows = tx.session.execute(
        select(
            ProcessInstance.key,
            ProcessInstance.number,
            ProcessInstance.title,
            ProcessInstance.subtitle,
            ProcessInstance.state,
            ProcessDefinition.name,
            ProcessDefinition.gloss,
            ProcessInstance.started_at,
        )
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(is_visible_case(actor), _holds(said, words))
        .order_by(ProcessInstance.key.desc())
        .limit(MOST + 1)
    )
    return [FoundCase(*row) for row in rows]


def _tasks(tx: Transaction, actor: Actor, words: list[str]) -> list[FoundTask]:
    said = UserTask.case_number + literal(" ") + UserTask.case_title + literal(" ") + UserTask.case_subtitle
    said = said + literal(" ") + UserTask.name + literal(" ") + UserTask.gloss
    rows = tx.session.execute(
        select(
            UserTask.key,
            UserTask.name,
            UserTask.gloss,
            UserTask.case_number,
            UserTask.case_title,
            UserTask.case_subtitle,
            UserTask.due_at,
            UserTask.severity,
        )
        .where(is_visible_task(actor), UserTask.state == TaskState.OPEN, _holds(said, words))
        .order_by(UserTask.due_at.asc().nulls_last(), UserTask.key)
        .limit(MOST + 1)
    )
    hours = working_time(tx, actor.organisation_key)
    return [
        FoundTask(
            row.key,
            row.name,
            row.gloss,
            row.case_number,
            row.case_title,
            row.case_subtitle,
            row.due_at,
            row.severity,
            hours.left(row.due_at),
        )
        for row in rows
    ]


def _holds(said: ColumnElement[str], words: list[str]) -> ColumnElement[bool]:
    return and_(*(said.icontains(word, autoescape=True) for word in words))
