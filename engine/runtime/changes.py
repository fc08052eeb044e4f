"""What one command changed around a process instance: gathered while tokens move, written at the end in few
statements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, insert, select, update

from engine.model import (
    DecisionEvaluation,
    Document,
    ElementInstance,
    FormDefinition,
    Incident,
    Job,
    MessageSubscription,
    Notification,
    SignalSubscription,
    TaskCandidate,
    TaskState,
    UserTask,
)
from engine.runtime.storage import InstanceRow, TaskRow, close_candidates, write_task
from engine.statements import Read, Write, insert_into, upsert_into

Row = dict[str, Any]


@dataclass(slots=True)
class NewTask:
    """A user task to be written, with the names of those who may do it."""

    row: Row
    candidates: list[str]


_WRITE_ELEMENTS = upsert_into(ElementInstance, ("state", "ended_at"))


def _add_tasks(_dialect: str) -> Insert:
    """The form's newest version is looked up by the way."""
    newest = (
        select(FormDefinition.key)
        .where(
            FormDefinition.organisation_key == bindparam("organisation"), FormDefinition.form_id == bindparam("form")
        )
        .order_by(FormDefinition.version.desc())
        .limit(1)
    )
    return insert(UserTask).values(form_key=newest.scalar_subquery())


_TASK_NAMES = [*(name for name in insert_into(UserTask).names if name != "form_key"), "organisation", "form"]
_TASK_DEFAULTS = {name: value for name, value in insert_into(UserTask).defaults.items() if name != "form_key"}
_ADD_TASKS = Write(_add_tasks, _TASK_NAMES, _TASK_DEFAULTS)
_ADD_TASK = Write(lambda dialect: _add_tasks(dialect).returning(UserTask.key), _TASK_NAMES, _TASK_DEFAULTS)
_OPEN_TASKS = Read(
    lambda _: select(UserTask.element_instance, UserTask.key).where(
        UserTask.process_instance_key == bindparam("instance"), UserTask.state == TaskState.OPEN
    ),
    ["instance"],
)


class Changes:
    """The rows to be written. Dictionaries are keyed by element instance, so that what came and went is not written."""

    def __init__(self) -> None:
        self.elements: dict[int, Row] = {}
        self.tasks: dict[int, NewTask] = {}
        self.changed_tasks: list[TaskRow] = []
        """Tasks people changed: claimed, released, assigned, completed."""
        self.cancelled_tasks: set[int] = set()
        self.waits_over: set[int] = set()
        """Element instances (or watchers) whose jobs, timers and subscriptions go."""
        self.token_jobs: dict[int, Row] = {}
        """The timer, service or call job of a token."""
        self.jobs: list[Row] = []
        """Jobs that belong to no waiting token: messages, signals, linked cases, parents to resume."""
        self.messages: dict[int, Row] = {}
        self.signals: dict[int, Row] = {}
        self.incidents: dict[int, Row] = {}
        self.resolved: set[int] = set()
        self.decisions: list[Row] = []
        self.documents: list[Row] = []
        self.notifications: list[Row] = []

    @property
    def earliest_job(self) -> datetime | None:
        """When the first of the new jobs is due."""
        return min((row["due_at"] for row in (*self.token_jobs.values(), *self.jobs)), default=None)

    def save(self, connection: Connection, instance: InstanceRow, now: datetime, reach: Callable[[str], None]) -> None:
        """Write everything; the number of statements does not depend on the number of rows."""
        _WRITE_ELEMENTS.many(connection, list(self.elements.values()))
        reach("element instances written")
        self._end_waits(connection, instance, now)
        reach("waits ended")
        for task in self.changed_tasks:
            write_task(connection, task)
        self._end_tasks(connection, instance, now)
        reach("tasks ended")
        self._add_tasks(connection)
        reach("tasks written")
        self._resolve_incidents(connection, instance, now)
        reach("incidents resolved")
        for table, rows in (
            (MessageSubscription, list(self.messages.values())),
            (SignalSubscription, list(self.signals.values())),
            (Job, [*self.token_jobs.values(), *self.jobs]),
            (Incident, list(self.incidents.values())),
            (DecisionEvaluation, self.decisions),
            (Document, self.documents),
            (Notification, self.notifications),
        ):
            if rows:
                insert_into(table).many(connection, rows)
            reach(f"{table.__tablename__} written")

    def _end_waits(self, connection: Connection, instance: InstanceRow, now: datetime) -> None:
        if not self.waits_over:
            return
        if instance.incidents:
            self._end_job_incidents(connection, instance, now)
        for table in (Job, MessageSubscription, SignalSubscription):
            connection.execute(
                delete(table).where(
                    table.process_instance_key == instance.key, table.element_instance.in_(self.waits_over)
                )
            )

    def _end_job_incidents(self, connection: Connection, instance: InstanceRow, now: datetime) -> None:
        """A job that goes with its token takes its incident along: nobody could retry it any more."""
        of_jobs = (
            Incident.process_instance_key == instance.key,
            Incident.element_instance.in_(self.waits_over),
            Incident.job_key.is_not(None),
            Incident.resolved_at.is_(None),
        )
        ended = connection.scalars(update(Incident).where(*of_jobs).values(resolved_at=now).returning(Incident.key))
        instance.incidents -= len(ended.all())

    def _end_tasks(self, connection: Connection, instance: InstanceRow, now: datetime) -> None:
        if not self.cancelled_tasks:
            return
        ended = (
            UserTask.process_instance_key == instance.key,
            UserTask.element_instance.in_(self.cancelled_tasks),
            UserTask.state == TaskState.OPEN,
        )
        keys = connection.scalars(
            update(UserTask)
            .where(*ended)
            .values(state=TaskState.CANCELLED, ended_at=now, revision=UserTask.revision + 1)
            .returning(UserTask.key)
        ).all()
        close_candidates(connection, keys)

    def _add_tasks(self, connection: Connection) -> None:
        if not self.tasks:
            return
        keys = self._write_tasks(connection)
        rows = [
            {
                "task_key": keys[token],
                "candidate": candidate,
                "organisation_key": task.row["organisation_key"],
                "unclaimed": task.row["assignee_key"] is None,
                "due_at": task.row["due_at"],
            }
            for token, task in self.tasks.items()
            for candidate in task.candidates
        ]
        insert_into(TaskCandidate).many(connection, rows)

    def _write_tasks(self, connection: Connection) -> Mapping[int, int]:
        """Write the new tasks; gives their keys by element instance. One, the usual case, brings its key along."""
        rows = {token: task.row for token, task in self.tasks.items()}
        if len(rows) == 1:
            return {token: _ADD_TASK.returning(connection, row)[0] for token, row in rows.items()}
        _ADD_TASKS.many(connection, list(rows.values()))
        instance = next(iter(rows.values()))["process_instance_key"]
        return {row[0]: row[1] for row in _OPEN_TASKS.rows(connection, {"instance": instance})}

    def _resolve_incidents(self, connection: Connection, instance: InstanceRow, now: datetime) -> None:
        if self.resolved:
            connection.execute(
                update(Incident)
                .where(
                    Incident.process_instance_key == instance.key,
                    Incident.element_instance.in_(self.resolved),
                    Incident.resolved_at.is_(None),
                )
                .values(resolved_at=now)
            )


def subscription(instance: InstanceRow, token: int, name: str) -> Row:
    """The columns message and signal subscriptions share."""
    return {
        "process_instance_key": instance.key,
        "element_instance": token,
        "organisation_key": instance.organisation_key,
        "name": name,
    }


def instance_columns(instance: InstanceRow) -> Mapping[str, Any]:
    """The columns every row of a case begins with."""
    return {"organisation_key": instance.organisation_key, "process_instance_key": instance.key}
