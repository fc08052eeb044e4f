"""Cases: the list, and everything one case's page shows. Nothing here loads a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from engine import feel, large_values
from engine.access import Actor, Permission, require
from engine.bpmn import Specification
from engine.database import Transaction
from engine.errors import N_, NotFound
from engine.model import (
    DecisionDefinition,
    DecisionEvaluation,
    Document,
    ElementInstance,
    Event,
    FormDefinition,
    Incident,
    Job,
    ProcessDefinition,
    ProcessInstance,
    Resource,
    TaskState,
    User,
    UserTask,
    Variable,
)
from engine.queries.visibility import is_visible_case
from engine.queries.working_time import working_time
from engine.runtime.definitions import Stored, specification
from engine.runtime.storage import InstanceRow

PAGE = 20
COUNTED = 1000
"""Lists count up to here; beyond it they say "1000+"."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What the list is narrowed to; empty texts narrow nothing."""

    state: str = ""
    process_id: str = ""
    search: str = ""
    incidents: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A line of the list."""

    key: int
    number: str
    title: str
    subtitle: str
    process: str
    process_en: str
    state: str
    incidents: int
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of the list; `total` counts to `COUNTED` at most."""

    rows: list[CaseRow]
    total: int
    page: int


def find(tx: Transaction, actor: Actor, wanted: CaseFilter) -> CasePage:
    """The cases the actor may see, newest first."""
    require(actor, Permission.PROCESS_INSTANCE_READ)
    condition = _condition(actor, wanted)
    total = tx.session.scalar(
        select(func.count()).select_from(select(ProcessInstance.key).where(*condition).limit(COUNTED + 1).subquery())
    )
    rows = tx.session.execute(
        select(ProcessInstance, ProcessDefinition.name, ProcessDefinition.gloss)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(*condition)
        .order_by(ProcessInstance.key.desc())
        .offset((wanted.page - 1) * PAGE)
        .limit(PAGE)
    )
    found = [_row(instance, name, gloss) for instance, name, gloss in rows]
    return CasePage(found, total or 0, wanted.page)


def processes(tx: Transaction, actor: Actor) -> list[tuple[str, str, str]]:
    """The organisation's processes as (process id, name, English name), the newest names, by id."""
    require(actor, Permission.PROCESS_INSTANCE_READ)
    rows = tx.session.execute(
        select(ProcessDefinition.process_id, ProcessDefinition.name, ProcessDefinition.gloss)
        .where(ProcessDefinition.organisation_key == actor.organisation_key)
        .order_by(ProcessDefinition.process_id, ProcessDefinition.version)
    )
    return list({process_id: (process_id, name, gloss) for process_id, name, gloss in rows}.values())


def _condition(actor: Actor, wanted: CaseFilter) -> list[Any]:
    condition: list[Any] = [ProcessInstance.organisation_key == actor.organisation_key, is_visible_case(actor)]
    if wanted.state:
        condition.append(ProcessInstance.state == wanted.state)
    if wanted.process_id:
        condition.append(ProcessInstance.process_id == wanted.process_id)
    if wanted.incidents:
        condition.append(ProcessInstance.incidents > 0)
    if wanted.search:
        words = [
            column.icontains(wanted.search, autoescape=True)
            for column in (ProcessInstance.number, ProcessInstance.title, ProcessInstance.subtitle)
        ]
        condition.append(or_(*words))
    return condition


def _row(instance: ProcessInstance, name: str, gloss: str) -> CaseRow:
    return CaseRow(
        instance.key,
        instance.number,
        instance.title,
        instance.subtitle,
        name,
        gloss,
        instance.state,
        instance.incidents,
        instance.started_at,
        instance.ended_at,
    )


@dataclass(frozen=True, slots=True)
class Case:
    """The head of a case's page."""

    instance: ProcessInstance
    definition: ProcessDefinition
    specification: Specification
    counts: Mapping[str, int]
    """Number of entries per tab: timeline, variables, documents, decisions, jobs, linked."""
    incidents: list[Incident]
    open_tasks: list[OpenTask]


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task of the case, and who has it. `left` is working time until it is due (negative: since then)."""

    key: int
    name: str
    name_en: str
    assignee: str
    due_at: datetime | None
    left: timedelta | None
    severity: str


def show(tx: Transaction, actor: Actor, key: int) -> Case:
    """A case the actor may see. Raises `NotFound` otherwise."""
    instance, definition = visible(tx, actor, key)
    incidents = tx.session.scalars(
        select(Incident)
        .where(Incident.process_instance_key == key, Incident.resolved_at.is_(None))
        .order_by(Incident.key)
    ).all()
    return Case(
        instance,
        definition,
        specification(tx.session, definition),
        _counts(tx, key),
        list(incidents),
        _open_tasks(tx, instance),
    )


def visible(tx: Transaction, actor: Actor, key: int) -> tuple[ProcessInstance, ProcessDefinition]:
    """The case and its definition. Raises `NotFound` where the actor may not see it."""
    require(actor, Permission.PROCESS_INSTANCE_READ)
    row = tx.session.execute(
        select(ProcessInstance, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(
            ProcessInstance.key == key,
            ProcessInstance.organisation_key == actor.organisation_key,
            is_visible_case(actor),
        )
    ).one_or_none()
    if row is None:
        raise NotFound(what="case", key=key)
    return row[0], row[1]


def _counts(tx: Transaction, key: int) -> Mapping[str, int]:
    def count(table: Any) -> Any:
        return select(func.count()).where(table.process_instance_key == key).scalar_subquery()

    linked = select(func.count()).where(_linked_to(key)).scalar_subquery()
    names = ("timeline", "variables", "documents", "decisions", "jobs", "linked")
    tables = (Event, Variable, Document, DecisionEvaluation, Job)
    row = tx.session.execute(select(*(count(table) for table in tables), linked)).one()
    return dict(zip(names, row, strict=True))


def _linked_to(key: int) -> Any:
    return or_(ProcessInstance.parent_instance_key == key, ProcessInstance.origin_instance_key == key)


def _open_tasks(tx: Transaction, instance: ProcessInstance) -> list[OpenTask]:
    rows = tx.session.execute(
        select(UserTask.key, UserTask.name, UserTask.gloss, User.display_name, UserTask.due_at, UserTask.severity)
        .outerjoin(User, User.key == UserTask.assignee_key)
        .where(UserTask.process_instance_key == instance.key, UserTask.state == TaskState.OPEN)
        .order_by(UserTask.key)
    ).all()
    if not rows:
        return []
    hours = working_time(tx, instance.organisation_key)
    return [
        OpenTask(task, name, gloss, assignee or "", due, hours.left(due), severity)
        for task, name, gloss, assignee, due, severity in rows
    ]


# ---- the tabs -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An event in the words of the page's vocabulary; `performer` is a display name, empty for the engine."""

    event: Event
    element_name: str
    element_gloss: str
    performer: str


def timeline(tx: Transaction, case: Case, limit: int = 200) -> list[TimelineEntry]:
    """The case's events, newest first, without gateways and without the fields of a completed form."""
    rows = tx.session.execute(
        select(Event, User.display_name)
        .outerjoin(User, User.username == Event.performer)
        .where(Event.process_instance_key == case.instance.key)
        .order_by(Event.sequence.desc())
        .limit(limit * 2)
    )
    entries: list[TimelineEntry] = []
    for event, name in rows:
        element = case.specification.elements.get(event.element_id)
        if element is not None and element.type.endswith("ateway"):
            continue
        text, gloss = (element.name or element.id, element.gloss) if element else ("", "")
        entries.append(TimelineEntry(event, text, gloss, name or event.performer))
    return entries[:limit]


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A variable with its FEEL type and its text."""

    name: str
    kind: str
    text: str
    element_id: str
    """The element of an inner scope; empty for the case's own."""


def variables(tx: Transaction, key: int) -> list[VariableRow]:
    """The variables of all scopes, by name."""
    rows = tx.session.execute(
        select(Variable.name, Variable.value, Variable.scope, ElementInstance.element_id)
        .outerjoin(
            ElementInstance,
            (ElementInstance.process_instance_key == Variable.process_instance_key)
            & (ElementInstance.id == Variable.scope),
        )
        .where(Variable.process_instance_key == key)
        .order_by(Variable.scope, Variable.name)
    )
    return [
        _variable(name, large_values.full(tx.connection, key, text), element or "")
        for name, text, _, element in rows.all()
    ]


def _variable(name: str, text: str, element_id: str) -> VariableRow:
    value = feel.from_json(text)
    return VariableRow(name, kind_of(value), "" if value is None else feel.to_text(value), element_id)


def kind_of(value: object) -> str:
    """The FEEL type of a value, as its English name (a gettext message id)."""
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return N_("null") if value is None else N_("number")


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, N_("boolean")),
    (str, N_("text")),
    (list, N_("list")),
    (dict, N_("context")),
    (feel.DateTime, N_("date and time")),
    (feel.Date, N_("date")),
    (feel.Time, N_("time")),
    ((feel.DaysDuration, feel.MonthsDuration), N_("duration")),
)


def documents(tx: Transaction, instance: ProcessInstance) -> list[tuple[Document, str, str]]:
    """The case's evidence with the names of its types in both languages, newest first."""
    found = tx.session.scalars(
        select(Document).where(Document.process_instance_key == instance.key).order_by(Document.key.desc())
    ).all()
    types = {document.document_type for document in found}
    rows = tx.session.execute(
        select(FormDefinition.form_id, FormDefinition.name, FormDefinition.name_en)
        .where(FormDefinition.organisation_key == instance.organisation_key, FormDefinition.form_id.in_(types))
        .order_by(FormDefinition.version)
    )
    names = {form_id: (name, name_en) for form_id, name, name_en in rows}
    return [(document, *names.get(document.document_type, (document.document_type, ""))) for document in found]


def decisions(tx: Transaction, key: int) -> list[tuple[DecisionEvaluation, DecisionDefinition]]:
    """The decisions taken in the case with the versions that took them, newest first."""
    rows = tx.session.execute(
        select(DecisionEvaluation, DecisionDefinition)
        .join(DecisionDefinition, DecisionDefinition.key == DecisionEvaluation.definition_key)
        .where(DecisionEvaluation.process_instance_key == key)
        .order_by(DecisionEvaluation.key.desc())
    )
    return [(evaluation, definition) for evaluation, definition in rows]


def jobs(tx: Transaction, key: int) -> list[Job]:
    """The case's waiting, running and failed jobs, by due time."""
    return list(tx.session.scalars(select(Job).where(Job.process_instance_key == key).order_by(Job.due_at, Job.key)))


def linked(tx: Transaction, key: int, instance: ProcessInstance) -> list[ProcessInstance]:
    """The cases this one called or started, and the one it came from."""
    origins = [other for other in (instance.parent_instance_key, instance.origin_instance_key) if other is not None]
    query = select(ProcessInstance).where(or_(_linked_to(key), ProcessInstance.key.in_(origins)))
    return list(tx.session.scalars(query.order_by(ProcessInstance.key)).all())


# ---- the picture ----------------------------------------------------------------------------------------------------


def diagram_xml(tx: Transaction, definition: Stored) -> bytes:
    """The BPMN file of a definition."""
    return tx.session.scalars(select(Resource.content).where(Resource.sha256 == definition.sha256)).one()


def markers(tx: Transaction, instance: ProcessInstance | InstanceRow) -> dict[str, Any]:
    """What the picture shows: elements done and active, incidents, flows taken, number of tokens."""
    rows = tx.session.execute(
        select(ElementInstance.element_id, ElementInstance.state, func.count())
        .where(ElementInstance.process_instance_key == instance.key)
        .group_by(ElementInstance.element_id, ElementInstance.state)
    ).all()
    failed = tx.session.scalars(
        select(Incident.element_id).where(Incident.process_instance_key == instance.key, Incident.resolved_at.is_(None))
    ).all()
    return {
        "done": sorted({element for element, state, _ in rows if state == "completed"}),
        "now": sorted({element for element, state, _ in rows if state == "active"}),
        "tokens": {element: count for element, state, count in rows if state == "active"},
        "incidents": sorted(set(failed)),
        "taken": sorted(instance.flows),
    }
