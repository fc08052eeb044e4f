"""Read models against snapshots: what lists and jobs say about a case must be what its tokens say.

The snapshot is the truth. From its tokens follow the active element instances, the open user tasks, the jobs, the
subscriptions and the incidents; every difference is a fault of the engine (or somebody's hand in the database).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.bpmn import Execution, Host, Specification, TokenView, Waiting
from engine.bpmn.snapshot import SnapshotMismatch
from engine.model import (
    ElementInstance,
    ElementState,
    Incident,
    InstanceState,
    Job,
    JobKind,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    SignalSubscription,
    TaskState,
    UserTask,
)
from engine.runtime.definitions import specification

BATCH = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a read model says something else than the tokens: of which case, and what."""

    process_instance_key: int
    number: str
    problem: str

    def __str__(self) -> str:
        return f"case {self.number}: {self.problem}"


@dataclass(slots=True)
class Rows:
    """What the read models say about one case; sets of element instances."""

    active: set[int] = field(default_factory=set[int])
    tasks: set[int] = field(default_factory=set[int])
    timers: set[int] = field(default_factory=set[int])
    services: set[int] = field(default_factory=set[int])
    calls: set[int] = field(default_factory=set[int])
    """Element instances with a job that will start a child, a running child, or a job that will resume them."""
    messages: set[int] = field(default_factory=set[int])
    signals: set[int] = field(default_factory=set[int])
    stopped: set[int] = field(default_factory=set[int])
    """Element instances whose token has an open incident."""
    incidents: int = 0
    jobs: set[int] = field(default_factory=set[int])
    """Keys of the case's jobs."""
    incident_jobs: set[int] = field(default_factory=set[int])
    """Keys of the jobs that open incidents name."""


def verify(session: Session) -> Iterator[Difference]:
    """Compare every case with its snapshot; gives what differs, nothing when all is well. Some statements per batch.

    All that is read belongs to one moment only when the transaction says so (SQLite; REPEATABLE READ on PostgreSQL).
    """
    keys = session.scalars(select(ProcessInstance.key).order_by(ProcessInstance.key)).all()
    for first in range(0, len(keys), BATCH):
        batch = keys[first : first + BATCH]
        rows = _read_rows(session, batch)
        cases = select(ProcessInstance, ProcessDefinition).join(
            ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key
        )
        for instance, definition in session.execute(cases.where(ProcessInstance.key.in_(batch))):
            for problem in compare(instance, specification(session, definition), rows[instance.key]):
                yield Difference(instance.key, instance.number, problem)
        session.expunge_all()


def compare(instance: ProcessInstance, spec: Specification, rows: Rows) -> Iterator[str]:
    """The differences of one case, in words. Pure."""
    try:
        tokens = list(Execution.restore(spec, instance.snapshot, _NOBODY).tokens())
    except (SnapshotMismatch, ValueError) as error:
        yield f"its snapshot cannot be read: {error}"
        return
    wanted = _wanted(tokens)
    for name, words in _WORDS.items():
        missing, extra = getattr(wanted, name) - getattr(rows, name), getattr(rows, name) - getattr(wanted, name)
        if missing:
            yield f"{words} of element instance {_listed(missing)} is missing"
        if extra:
            yield f"{words} of element instance {_listed(extra)} is left, no token wants it"
    if rows.incidents != instance.incidents:
        yield f"it counts {instance.incidents} incidents, {rows.incidents} are open"
    for key in sorted(rows.incident_jobs - rows.jobs):
        yield f"an incident names job {key}, which does not exist"
    if (instance.state == InstanceState.ACTIVE) != bool(tokens):
        yield f"it is {instance.state} with {len(tokens)} live tokens"


def _listed(tokens: set[int]) -> str:
    return ", ".join(map(str, sorted(tokens)))


_NOBODY = cast("Host", None)
"""Restoring a snapshot tells the host nothing, so none is needed to read it."""

_WORDS = {
    "active": "the active row",
    "tasks": "the open user task",
    "timers": "the timer",
    "services": "the service job",
    "calls": "the call",
    "messages": "the message subscription",
    "signals": "the signal subscription",
    "stopped": "the incident",
}
_OF_WAITING = {
    Waiting.USER_TASK: "tasks",
    Waiting.TIMER: "timers",
    Waiting.JOB: "services",
    Waiting.CALL: "calls",
    Waiting.MESSAGE: "messages",
    Waiting.SIGNAL: "signals",
}


def _wanted(tokens: Sequence[TokenView]) -> Rows:
    rows = Rows()
    for token in tokens:
        if not token.is_watcher:
            rows.active.add(token.id)
        if token.has_incident:
            rows.stopped.add(token.id)
        elif token.waiting in _OF_WAITING:
            getattr(rows, _OF_WAITING[token.waiting]).add(token.id)
    return rows


def _read_rows(session: Session, keys: Iterable[int]) -> dict[int, Rows]:
    rows: dict[int, Rows] = defaultdict(Rows)
    these = list(keys)

    def of(table: Any, *columns: Any) -> Any:
        return select(table.process_instance_key, *columns).where(table.process_instance_key.in_(these))

    def read(query: Any) -> list[Any]:
        return cast("list[Any]", session.execute(query).all())

    tokens = {
        "active": of(ElementInstance, ElementInstance.id).where(ElementInstance.state == ElementState.ACTIVE),
        "tasks": of(UserTask, UserTask.element_instance).where(UserTask.state == TaskState.OPEN),
        "messages": of(MessageSubscription, MessageSubscription.element_instance),
        "signals": of(SignalSubscription, SignalSubscription.element_instance),
        "calls": _children(these),
    }
    for name, query in tokens.items():
        for row in read(query):
            getattr(rows[row[0]], name).add(row[1])
    for row in read(of(Job, Job.key, Job.kind, Job.element_instance)):
        _take_job(rows[row[0]], row[1], row[2], row[3])
    incidents = of(Incident, Incident.element_instance, Incident.job_key).where(Incident.resolved_at.is_(None))
    for row in read(incidents):
        _take_incident(rows[row[0]], row[1], row[2])
    return rows


def _children(keys: list[int]) -> Any:
    """The call activities (case, element instance) whose child runs, or has ended with a job that will say so."""
    child = ProcessInstance
    will_resume = (
        select(Job.key).where(Job.process_instance_key == child.key, Job.kind == JobKind.RESUME_PARENT).exists()
    )
    caller = and_(
        ElementInstance.process_instance_key == child.parent_instance_key,
        ElementInstance.id == child.parent_element_instance,
        ElementInstance.state == ElementState.ACTIVE,
    )
    return (
        select(child.parent_instance_key, child.parent_element_instance)
        .join(ElementInstance, caller)
        .where(child.parent_instance_key.in_(keys), or_(child.state == InstanceState.ACTIVE, will_resume))
    )


def _take_job(rows: Rows, key: int, kind: str, token: int | None) -> None:
    rows.jobs.add(key)
    held = {JobKind.TIMER: rows.timers, JobKind.SERVICE: rows.services, JobKind.CALL: rows.calls}.get(JobKind(kind))
    if held is not None and token is not None:
        held.add(token)


def _take_incident(rows: Rows, token: int, job_key: int | None) -> None:
    rows.incidents += 1
    if job_key is None:
        rows.stopped.add(token)
    else:
        rows.incident_jobs.add(job_key)
