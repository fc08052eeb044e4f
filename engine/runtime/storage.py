"""The two rows a command holds while tokens move: its case and the user task it is about.

They are read and written with statements that are built once. A command holds the case's lock from `read_instance` to
its commit, so what stands here is what stands in the database; `Running.save` writes what has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from engine.model import (
    FormDefinition,
    Job,
    Organisation,
    ProcessDefinition,
    ProcessInstance,
    TaskCandidate,
    UserTask,
)
from engine.runtime.definitions import DEFINITION, Definition, StoredFile
from engine.statements import Read, Write


@dataclass(slots=True)
class InstanceRow:
    """A row of `process_instance`; what the columns mean is said there."""

    key: int
    organisation_key: str
    definition_key: int
    process_id: str
    number: str
    title: str
    subtitle: str
    state: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    parent_instance_key: int | None
    parent_element_instance: int | None
    origin_instance_key: int | None
    revision: int
    snapshot: str
    scopes: Mapping[str, int]
    flows: Mapping[str, int]
    incidents: int
    event_sequence: int
    event_head: str

    @classmethod
    def seen(cls, instance: ProcessInstance) -> InstanceRow:
        """The row of a case that is only looked at; its snapshot, which pages do not read, is left out."""
        names = [name for name in _INSTANCE_COLUMNS if name != "snapshot"]
        return cls(**{name: getattr(instance, name) for name in names}, snapshot="")


@dataclass(slots=True)
class TaskRow:
    """A row of `user_task`; what the columns mean is said there."""

    key: int
    organisation_key: str
    process_instance_key: int
    element_instance: int
    element_id: str
    name: str
    gloss: str
    state: str
    assignee_key: int | None
    claimed_at: datetime | None
    ended_at: datetime | None
    completed_by_key: int | None
    has_drafts: bool
    revision: int


_INSTANCE_COLUMNS = [field.name for field in fields(InstanceRow)]
_INSTANCE = [ProcessInstance.__table__.c[name] for name in _INSTANCE_COLUMNS]
_TASK_COLUMNS = [field.name for field in fields(TaskRow)]
_TASK = [UserTask.__table__.c[name] for name in _TASK_COLUMNS]

# ---- the case --------------------------------------------------------------------------------------------------------

_LOCKED = (
    select(*_INSTANCE, *DEFINITION)
    .join_from(ProcessInstance, ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
    .join(Organisation, Organisation.key == ProcessInstance.organisation_key)
    .where(ProcessInstance.organisation_key == bindparam("organisation"))
    .with_for_update(of=ProcessInstance.__table__)
)
_OF_TASK = select(UserTask.process_instance_key).where(UserTask.key == bindparam("key")).scalar_subquery()
_OF_JOB = select(Job.process_instance_key).where(Job.key == bindparam("key")).scalar_subquery()
BY_KEY = Read(lambda _: _LOCKED.where(ProcessInstance.key == bindparam("key")), ["organisation", "key"])
BY_TASK = Read(lambda _: _LOCKED.where(ProcessInstance.key == _OF_TASK), ["organisation", "key"])
BY_JOB = Read(lambda _: _LOCKED.where(ProcessInstance.key == _OF_JOB), ["organisation", "key"])


def read_instance(
    connection: Connection, by: Read, organisation_key: str, key: int | None
) -> tuple[InstanceRow, Definition] | None:
    """Lock a case and read it with its definition; None when there is none."""
    row = by.first(connection, {"organisation": organisation_key, "key": key})
    if row is None:
        return None
    end = len(_INSTANCE)
    return InstanceRow(*row[:end]), Definition(*row[end:])


_ADD_INSTANCE = Write(lambda _: insert(ProcessInstance), _INSTANCE_COLUMNS)


def add_instance(connection: Connection, instance: InstanceRow) -> None:
    """Write a new case."""
    _ADD_INSTANCE.run(connection, {name: getattr(instance, name) for name in _INSTANCE_COLUMNS})


_CHANGING = (
    "title",
    "subtitle",
    "state",
    "ended_at",
    "revision",
    "snapshot",
    "scopes",
    "flows",
    "incidents",
    "event_sequence",
    "event_head",
)
_WRITE_INSTANCE = Write(
    lambda _: update(ProcessInstance).where(ProcessInstance.key == bindparam("its_key")), [*_CHANGING, "its_key"]
)


def write_instance(connection: Connection, instance: InstanceRow) -> None:
    """Write what a command may change of a case."""
    values = {name: getattr(instance, name) for name in _CHANGING}
    values["its_key"] = instance.key
    _WRITE_INSTANCE.run(connection, values)


# ---- the task --------------------------------------------------------------------------------------------------------


def _read_task(dialect: str) -> Select[Any]:
    together = func.group_concat if dialect == "sqlite" else func.string_agg
    candidates = select(together(TaskCandidate.candidate, "\n")).where(TaskCandidate.task_key == UserTask.key)
    return (
        # the form's file comes along, so that it needs no query of its own
        select(*_TASK, candidates.scalar_subquery(), FormDefinition.sha256, FormDefinition.resource_name)
        .join_from(UserTask, FormDefinition, FormDefinition.key == UserTask.form_key, isouter=True)
        .where(UserTask.key == bindparam("key"), UserTask.organisation_key == bindparam("organisation"))
    )


_READ_TASK = Read(_read_task, ["key", "organisation"])


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A user task, to whom it is or was offered, and its form."""

    task: TaskRow
    candidates: frozenset[str]
    form: StoredFile | None


def read_task(connection: Connection, organisation_key: str, key: int) -> FoundTask | None:
    """A user task of an organisation; None when there is none."""
    row = _READ_TASK.first(connection, {"key": key, "organisation": organisation_key})
    if row is None:
        return None
    end = len(_TASK)
    candidates, sha256, resource_name = row[end:]
    form = StoredFile(sha256, resource_name) if sha256 else None
    return FoundTask(TaskRow(*row[:end]), frozenset((candidates or "").split("\n")), form)


_CHANGING_OF_TASK = ("state", "assignee_key", "claimed_at", "ended_at", "completed_by_key", "revision")
_WRITE_TASK = Write(
    lambda _: update(UserTask).where(UserTask.key == bindparam("its_key")), [*_CHANGING_OF_TASK, "its_key"]
)
_OFFER = Write(
    lambda _: update(TaskCandidate).where(TaskCandidate.task_key == bindparam("its_task")), ["unclaimed", "its_task"]
)


def write_task(connection: Connection, task: TaskRow) -> None:
    """Write what a command may change of a task; only an open one that nobody has may be claimed.

    The candidates' rows stay when it is done, they open the case to those who could have done it.
    """
    values = {name: getattr(task, name) for name in _CHANGING_OF_TASK}
    _WRITE_TASK.run(connection, {**values, "its_key": task.key})
    free = task.state == "open" and task.assignee_key is None
    _OFFER.run(connection, {"its_task": task.key, "unclaimed": free})


def close_candidates(connection: Connection, task_keys: Sequence[int]) -> None:
    """Nobody may claim these tasks any more."""
    _OFFER.many(connection, [{"its_task": key, "unclaimed": False} for key in task_keys])
