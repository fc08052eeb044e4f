"""What has stopped, and the jobs of the organisation, as an administrator looks after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.model import Incident, Job, ProcessDefinition, ProcessInstance
from engine.queries.operations import PAGE, Place, bounded, due_jobs, open_incidents, place_of


@dataclass(frozen=True, slots=True)
class Stopped:
    """An open incident. `reason` is (message id, parameters); `job_type` is empty where a token stopped by itself."""

    key: int
    case_key: int
    number: str
    title: str
    place: Place
    process: Place
    version: int
    reason: tuple[str, Mapping[str, Any]]
    attempts: int
    job_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoppedList:
    """A page of the open incidents, the oldest first."""

    rows: tuple[Stopped, ...]
    total: int
    has_next: bool


def incidents(tx: Transaction, actor: Actor, page: int = 1) -> StoppedList:
    """A page of the organisation's open incidents. Two statements."""
    require(actor, Permission.INCIDENT_READ)
    total = tx.session.scalar(select(bounded(select(Incident.key).where(*open_incidents(actor))))) or 0
    rows = tx.session.execute(
        select(Incident, ProcessInstance.number, ProcessInstance.title, ProcessDefinition, Job.type)
        .join(ProcessInstance, ProcessInstance.key == Incident.process_instance_key)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .outerjoin(Job, Job.key == Incident.job_key)
        .where(*open_incidents(actor))
        .order_by(Incident.key)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    found = tuple(
        Stopped(
            incident.key,
            incident.process_instance_key,
            number,
            title,
            place_of(tx, definition, incident.element_id),
            Place(definition.name, definition.gloss),
            definition.version,
            (incident.template, incident.params),
            incident.attempts,
            job_type or "",
            incident.created_at,
        )
        for incident, number, title, definition, job_type in rows[:PAGE]
    )
    return StoppedList(found, total, len(rows) > PAGE)


class JobGroup(StrEnum):
    """Which jobs."""

    DUE = "due"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job and its case, if it has one. `is_leased`: a node is running it now."""

    key: int
    kind: str
    type: str
    case_key: int | None
    number: str
    place: Place
    due_at: datetime
    attempts: int
    retries: int
    is_leased: bool
    failed: bool
    error: str


@dataclass(frozen=True, slots=True)
class JobList:
    """A page of the jobs, in order of due time."""

    rows: tuple[JobRow, ...]
    groups: Mapping[JobGroup, int]
    has_next: bool


def jobs(tx: Transaction, actor: Actor, group: JobGroup, page: int = 1) -> JobList:
    """A page of the organisation's jobs. Two statements."""
    require(actor, Permission.INCIDENT_READ)
    numbers = tx.session.execute(
        select(*(bounded(select(Job.key).where(*_jobs_in(actor, each, tx.now))) for each in JobGroup))
    ).one()
    rows = tx.session.execute(
        select(Job, ProcessInstance.number, ProcessDefinition)
        .outerjoin(ProcessInstance, ProcessInstance.key == Job.process_instance_key)
        .outerjoin(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(*_jobs_in(actor, group, tx.now))
        .order_by(Job.due_at, Job.key)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    found = tuple(
        JobRow(
            job.key,
            job.kind,
            job.type,
            job.process_instance_key,
            number or "",
            place_of(tx, definition, job.element_id) if definition else Place(job.element_id, ""),
            job.due_at,
            job.attempts,
            job.retries,
            job.leased_until is not None and job.leased_until > tx.now,
            job.failed,
            job.error,
        )
        for job, number, definition in rows[:PAGE]
    )
    return JobList(found, dict(zip(JobGroup, numbers, strict=True)), len(rows) > PAGE)


def _jobs_in(actor: Actor, group: JobGroup, now: datetime) -> tuple[ColumnElement[bool], ...]:
    here = Job.organisation_key == actor.organisation_key
    match group:
        case JobGroup.DUE:
            return due_jobs(actor, now)
        case JobGroup.WAITING:
            return (Job.failed.is_(False), Job.due_at > now, here)
        case JobGroup.FAILED:
            return (Job.failed.is_(True), here)
