"""Running cases as an administrator looks after them: figures, and all cases.

Counts go up to `COUNTED`, so that they cost the same with a thousand cases and with a million.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from engine.access import Actor, Permission, require
from engine.bpmn import Element
from engine.database import Transaction
from engine.errors import NotFound
from engine.model import (
    ElementInstance,
    ElementState,
    Incident,
    InstanceState,
    Job,
    ProcessDefinition,
    ProcessInstance,
    TaskState,
    UserTask,
)
from engine.queries.working_time import WorkingTime, working_time
from engine.runtime.definitions import specification

PAGE = 50
COUNTED = 10_000
"""Counts end here; what is beyond is "more than 10,000"."""
MOST_PAGES = COUNTED // PAGE
LONGEST_SEARCH = 100
_CONTAINERS = ("subProcess", "transaction", "boundaryEvent", "startEvent")
"""What is active only because something in it, or beside it, is."""


class Group(StrEnum):
    """Which cases."""

    RUNNING = "running"
    STOPPED = "incidents"
    OVERDUE = "overdue"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ALL = "all"


class Order(StrEnum):
    """What the list can be ordered by; the order of numbers is that of beginning."""

    NUMBER = "number"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; every field has its address in the page's query."""

    group: Group = Group.RUNNING
    definition_key: int = 0
    text: str = ""
    order: Order = Order.NUMBER
    descending: bool = True
    page: int = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """How things stand, each counted to `COUNTED` at most; `oldest_due` is when the job that waits longest was due."""

    running: int
    incidents: int
    overdue: int
    due_jobs: int
    oldest_due: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A step in both languages; `gloss` may be empty."""

    name: str
    gloss: str


@dataclass(frozen=True, slots=True)
class Row:
    """A case. `left` is working time until its next due time; `reason` is (message id, parameters) of an incident."""

    key: int
    number: str
    title: str
    subtitle: str
    state: str
    incidents: int
    process: Place
    version: int
    places: tuple[Place, ...]
    due_at: datetime | None
    left: timedelta | None
    severity: str
    reason: tuple[str, Mapping[str, Any]] | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a process with the number of its running cases."""

    key: int
    process: Place
    version: int
    running: int


@dataclass(frozen=True, slots=True)
class CaseList:
    """A page of the cases. Counts above `COUNTED` mean "more than that"."""

    rows: tuple[Row, ...]
    total: int
    has_next: bool
    groups: Mapping[Group, int]
    versions: tuple[Version, ...] = field(default=())


def figures(tx: Transaction, actor: Actor) -> Figures:
    """How the organisation's running cases stand. One statement."""
    require(actor, Permission.INCIDENT_READ)
    due = due_jobs(actor, tx.now)
    row = tx.session.execute(
        select(
            bounded(_in_group(actor, Group.RUNNING, tx.now)),
            bounded(select(Incident.key).where(*open_incidents(actor))),
            bounded(select(UserTask.key).where(*_overdue(actor, tx.now))),
            bounded(select(Job.key).where(*due)),
            select(func.min(Job.due_at)).where(*due).scalar_subquery(),
        )
    ).one()
    return Figures(*row)


def cases(tx: Transaction, actor: Actor, wanted: Filter) -> CaseList:
    """A page of the organisation's cases. Eight statements, whatever their number."""
    require(actor, Permission.INCIDENT_READ)
    require(actor, Permission.PROCESS_INSTANCE_READ_ALL)
    wanted = replace(wanted, page=min(max(wanted.page, 1), MOST_PAGES), text=wanted.text.strip()[:LONGEST_SEARCH])
    found = _wanted(actor, wanted, tx.now)
    groups, total = _counts(tx, actor, wanted)
    rows = tx.session.execute(
        select(ProcessInstance, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(ProcessInstance.key.in_(_ordered(found, wanted).offset((wanted.page - 1) * PAGE).limit(PAGE + 1)))
        .order_by(*_order(wanted))
    ).all()
    listed = [(instance, definition) for instance, definition in rows]
    has_next = len(listed) > PAGE and wanted.page < MOST_PAGES
    return CaseList(_rows(tx, actor, listed[:PAGE]), total, has_next, groups, _versions(tx, actor))


def case_head(tx: Transaction, actor: Actor, key: int) -> tuple[ProcessInstance, ProcessDefinition]:
    """A case to be cancelled. Raises `NotFound` where it is not the organisation's."""
    require(actor, Permission.PROCESS_INSTANCE_CANCEL)
    row = tx.session.execute(
        select(ProcessInstance, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(ProcessInstance.key == key, ProcessInstance.organisation_key == actor.organisation_key)
    ).one_or_none()
    if row is None:
        raise NotFound(what="case", key=key)
    return row[0], row[1]


# ---- what is in a list


def _wanted(actor: Actor, wanted: Filter, now: datetime) -> Select[Any]:
    query = _in_group(actor, wanted.group, now)
    if wanted.definition_key:
        query = query.where(ProcessInstance.definition_key == wanted.definition_key)
    for word in wanted.text.split():
        columns = (ProcessInstance.number, ProcessInstance.title, ProcessInstance.subtitle)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query


def _in_group(actor: Actor, group: Group, now: datetime) -> Select[Any]:
    query = select(ProcessInstance.key).where(ProcessInstance.organisation_key == actor.organisation_key)
    match group:
        case Group.RUNNING:
            return query.where(ProcessInstance.state == InstanceState.ACTIVE)
        case Group.COMPLETED:
            return query.where(ProcessInstance.state == InstanceState.COMPLETED)
        case Group.CANCELLED:
            return query.where(ProcessInstance.state == InstanceState.CANCELLED)
        case Group.STOPPED:
            stopped = select(Incident.process_instance_key).where(*open_incidents(actor))
            return query.where(ProcessInstance.key.in_(stopped))
        case Group.OVERDUE:
            # Without the organisation, so that the tasks are looked up by their case and not by their due time.
            late = exists().where(
                UserTask.process_instance_key == ProcessInstance.key,
                UserTask.state == TaskState.OPEN,
                UserTask.due_at < now,
            )
            return query.where(ProcessInstance.state == InstanceState.ACTIVE, late)
        case Group.ALL:
            return query


def open_incidents(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """What is true of an incident of the organisation that nobody has resolved."""
    return (Incident.organisation_key == actor.organisation_key, Incident.resolved_at.is_(None))


def _overdue(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        UserTask.organisation_key == actor.organisation_key,
        UserTask.state == TaskState.OPEN,
        UserTask.due_at < now,
    )


def due_jobs(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is true of a job of the organisation that could run now."""
    return (Job.failed.is_(False), Job.due_at <= now, Job.organisation_key == actor.organisation_key)


def bounded(query: Select[Any]) -> Any:
    """How many rows a query finds, up to one more than `COUNTED`; a subquery."""
    return select(func.count()).select_from(query.limit(COUNTED + 1).subquery()).scalar_subquery()


def _order(wanted: Filter) -> tuple[ColumnElement[Any], ...]:
    columns: tuple[Any, ...] = (
        (ProcessInstance.title, ProcessInstance.key) if wanted.order is Order.CUSTOMER else (ProcessInstance.key,)
    )
    return tuple(column.desc() if wanted.descending else column.asc() for column in columns)


def _ordered(query: Select[Any], wanted: Filter) -> Select[Any]:
    return query.order_by(*_order(wanted))


def _counts(tx: Transaction, actor: Actor, wanted: Filter) -> tuple[Mapping[Group, int], int]:
    """The numbers beside the groups, and that of the list; what is filtered costs a count of its own."""
    is_filtered = bool(wanted.definition_key or wanted.text)
    asked = [_of_group(actor, group, tx.now) for group in Group]
    asked += [_wanted(actor, wanted, tx.now)] if is_filtered else []
    numbers = tx.session.execute(select(*(bounded(query) for query in asked))).one()
    groups = dict(zip(Group, numbers, strict=False))
    return groups, numbers[-1] if is_filtered else groups[wanted.group]


def _of_group(actor: Actor, group: Group, now: datetime) -> Select[Any]:
    """The keys of a group's cases, cheap to be counted: from the tasks or incidents where these are what is asked."""
    if group is Group.STOPPED:
        return select(Incident.process_instance_key).where(*open_incidents(actor)).distinct()
    if group is Group.OVERDUE:
        return select(UserTask.process_instance_key).where(*_overdue(actor, now)).distinct()
    return _in_group(actor, group, now)


def _versions(tx: Transaction, actor: Actor) -> tuple[Version, ...]:
    """The versions that have running cases, and the newest of each process; the one with the most cases first."""
    counted = (
        select(ProcessInstance.definition_key, func.count().label("cases"))
        .where(
            ProcessInstance.organisation_key == actor.organisation_key,
            ProcessInstance.state == InstanceState.ACTIVE,
        )
        .group_by(ProcessInstance.definition_key)
        .subquery()
    )
    rows = tx.session.execute(
        select(ProcessDefinition, func.coalesce(counted.c.cases, 0))
        .outerjoin(counted, counted.c.definition_key == ProcessDefinition.key)
        .where(ProcessDefinition.organisation_key == actor.organisation_key)
        .order_by(ProcessDefinition.process_id, ProcessDefinition.version.desc())
    ).all()
    newest: set[str] = set()
    found: list[Version] = []
    for definition, count in rows:
        if count or definition.process_id not in newest:
            place = Place(definition.name, definition.gloss)
            found.append(Version(definition.key, place, definition.version, count))
        newest.add(definition.process_id)
    return tuple(sorted(found, key=lambda each: -each.running))


# ---- what a row says


def _rows(
    tx: Transaction, actor: Actor, listed: Sequence[tuple[ProcessInstance, ProcessDefinition]]
) -> tuple[Row, ...]:
    keys = [instance.key for instance, _ in listed]
    places, tasks, reasons = _active(tx, keys), _next_due(tx, keys), _reasons(tx, keys)
    hours = working_time(tx, actor.organisation_key)
    return tuple(
        _row(tx, instance, definition, places.get(instance.key, []), tasks, reasons, hours)
        for instance, definition in listed
    )


def _row(
    tx: Transaction,
    instance: ProcessInstance,
    definition: ProcessDefinition,
    elements: list[str],
    tasks: Mapping[int, tuple[datetime, str]],
    reasons: Mapping[int, tuple[str, Mapping[str, Any]]],
    hours: WorkingTime,
) -> Row:
    due_at, severity = tasks.get(instance.key, (None, ""))
    return Row(
        instance.key,
        instance.number,
        instance.title,
        instance.subtitle,
        instance.state,
        instance.incidents,
        Place(definition.name, definition.gloss),
        definition.version,
        tuple(place_of(tx, definition, element) for element in elements),
        due_at,
        hours.left(due_at),
        severity,
        reasons.get(instance.key),
        instance.started_at,
        instance.ended_at,
    )


def place_of(tx: Transaction, definition: ProcessDefinition, element_id: str) -> Place:
    """The names of an element, or its id where the diagram does not name it."""
    element: Element | None = specification(tx.session, definition).elements.get(element_id)
    return Place(element.name or element.id, element.gloss) if element else Place(element_id, "")


def _active(tx: Transaction, keys: list[int]) -> dict[int, list[str]]:
    rows = tx.session.execute(
        select(ElementInstance.process_instance_key, ElementInstance.element_id)
        .where(
            ElementInstance.process_instance_key.in_(keys),
            ElementInstance.state == ElementState.ACTIVE,
            ElementInstance.type.not_in(_CONTAINERS),
        )
        .order_by(ElementInstance.process_instance_key, ElementInstance.id)
    )
    found: dict[int, list[str]] = {}
    for key, element in rows:
        if element not in (elements := found.setdefault(key, [])):
            elements.append(element)
    return found


def _next_due(tx: Transaction, keys: list[int]) -> dict[int, tuple[datetime, str]]:
    rows = tx.session.execute(
        select(UserTask.process_instance_key, UserTask.due_at, UserTask.severity)
        .where(UserTask.process_instance_key.in_(keys), UserTask.state == TaskState.OPEN, UserTask.due_at.is_not(None))
        .order_by(UserTask.due_at.desc())
    )
    return {key: (due_at, severity) for key, due_at, severity in rows if due_at is not None}


def _reasons(tx: Transaction, keys: list[int]) -> dict[int, tuple[str, Mapping[str, Any]]]:
    rows = tx.session.execute(
        select(Incident.process_instance_key, Incident.template, Incident.params)
        .where(Incident.process_instance_key.in_(keys), Incident.resolved_at.is_(None))
        .order_by(Incident.key.desc())
    )
    return {key: (template, params) for key, template, params in rows}
