"""What has been deployed: processes with their versions and cases, decision tables, forms, and who deployed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import case, func, select

from engine.access import Actor, Permission, require
from engine.bpmn import Element, EventKind, Specification
from engine.database import Transaction
from engine.dmn import Model, check_model
from engine.errors import NotFound
from engine.findings import Finding
from engine.form_schema import Form
from engine.linting import static_groups
from engine.model import (
    DecisionDefinition,
    Deployment,
    DeploymentResource,
    FormDefinition,
    InstanceState,
    ProcessDefinition,
    ProcessInstance,
    Resource,
    Role,
    User,
)
from engine.runtime.definitions import decision_model, form, specification

DEPLOYMENTS = 50
Row = TypeVar("Row", ProcessDefinition, DecisionDefinition, FormDefinition)
_LISTED = ("Task", "callActivity", "subProcess", "task")
_KINDS_WITH_TIME = (EventKind.TIMER,)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a process: who deployed it with which note, and its cases."""

    definition: ProcessDefinition
    deployed_by: str
    note: str
    running: int
    ended: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process with its versions, the newest first."""

    process_id: str
    name: str
    gloss: str
    versions: tuple[Version, ...]

    @property
    def newest(self) -> Version:
        """The version that new cases run on."""
        return self.versions[0]


def processes(tx: Transaction, actor: Actor) -> list[Process]:
    """The organisation's processes, by id. One statement."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    found: dict[str, list[Version]] = {}
    for version in _versions(tx, actor, ""):
        found.setdefault(version.definition.process_id, []).append(version)
    return [
        Process(process_id, versions[0].definition.name, versions[0].definition.gloss, tuple(versions))
        for process_id, versions in found.items()
    ]


def _versions(tx: Transaction, actor: Actor, process_id: str) -> list[Version]:
    is_running = ProcessInstance.state == InstanceState.ACTIVE
    counted = (
        select(
            ProcessInstance.definition_key,
            func.sum(case((is_running, 1), else_=0)).label("running"),
            func.sum(case((is_running, 0), else_=1)).label("ended"),
        )
        .where(ProcessInstance.organisation_key == actor.organisation_key)
        .group_by(ProcessInstance.definition_key)
        .subquery()
    )
    query = (
        select(
            ProcessDefinition,
            Deployment.deployed_by,
            Deployment.note,
            User.display_name,
            func.coalesce(counted.c.running, 0),
            func.coalesce(counted.c.ended, 0),
        )
        .join(Deployment, Deployment.key == ProcessDefinition.deployment_key)
        .outerjoin(User, User.username == Deployment.deployed_by)
        .outerjoin(counted, counted.c.definition_key == ProcessDefinition.key)
        .where(ProcessDefinition.organisation_key == actor.organisation_key)
        .order_by(ProcessDefinition.process_id, ProcessDefinition.version.desc())
    )
    if process_id:
        query = query.where(ProcessDefinition.process_id == process_id)
    return [
        Version(definition, name or username, note, running, ended)
        for definition, username, note, name, running, ended in tx.session.execute(query)
    ]


# ---- one process


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document type that a step produces or requires; `when` is FEEL, empty for always."""

    key: str
    name: str
    name_en: str
    is_produced: bool
    is_optional: bool
    when: str


@dataclass(frozen=True, slots=True)
class Step:
    """What the diagram says about a step. Roles are (name, English name); deadlines are FEEL or ISO texts."""

    element: Element
    roles: tuple[tuple[str, str], ...]
    groups: str
    evidence: tuple[Evidence, ...]
    deadlines: tuple[str, ...]
    decision_id: str
    form_id: str


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """A version of a process with its steps and all versions of it."""

    definition: ProcessDefinition
    specification: Specification
    steps: tuple[Step, ...]
    versions: tuple[Version, ...]


def process(tx: Transaction, actor: Actor, process_id: str, version: int | None) -> ProcessPage:
    """A version (None: the newest) of a process. Four statements. Raises `NotFound`."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    versions = _versions(tx, actor, process_id)
    chosen = next((each for each in versions if version in (None, each.definition.version)), None)
    if chosen is None:
        raise NotFound(what="process", key=process_id)
    known = specification(tx.session, chosen.definition)
    return ProcessPage(chosen.definition, known, _steps(tx, actor, known), tuple(versions))


def _steps(tx: Transaction, actor: Actor, known: Specification) -> tuple[Step, ...]:
    roles = {
        key: (name, name_en)
        for key, name, name_en in tx.session.execute(
            select(Role.key, Role.name, Role.name_en).where(Role.organisation_key == actor.organisation_key)
        )
    }
    documents = {
        form_id: (name, name_en)
        for form_id, name, name_en in tx.session.execute(
            select(FormDefinition.form_id, FormDefinition.name, FormDefinition.name_en)
            .where(FormDefinition.organisation_key == actor.organisation_key, FormDefinition.document != "")
            .order_by(FormDefinition.version)
        )
    }
    timers: dict[str, list[str]] = {}
    for element in known.elements.values():
        if element.attached_to and element.event.kind in _KINDS_WITH_TIME:
            timers.setdefault(element.attached_to, []).append(element.event.timer_value)
    return tuple(
        _step(element, roles, documents, timers.get(element.id, []))
        for element in known.elements.values()
        if element.type.endswith(_LISTED) or (element.event.timer_value and not element.attached_to)
    )


def _step(
    element: Element,
    roles: Mapping[str, tuple[str, str]],
    documents: Mapping[str, tuple[str, str]],
    timers: Sequence[str],
) -> Step:
    due = (element.schedule.due_date or "", *timers, element.event.timer_value)
    return Step(
        element,
        tuple(roles.get(group, (group, "")) for group in static_groups(element)),
        element.assignment.candidate_groups or "",
        tuple(_evidence(element, documents)),
        tuple(dict.fromkeys(text.removeprefix("=") for text in due if text)),
        element.called_decision.decision_id if element.called_decision else "",
        element.form_id or "",
    )


def _evidence(element: Element, documents: Mapping[str, tuple[str, str]]) -> list[Evidence]:
    optional = element.properties.get("optional", "").split()
    return [
        Evidence(
            key,
            *documents.get(key, (key, "")),
            kind == "produces",
            key in optional,
            element.properties.get(f"when:{key}", "").removeprefix("="),
        )
        for kind in ("produces", "requires")
        for key in element.properties.get(kind, "").split()
    ]


# ---- decision tables and forms


def decisions(tx: Transaction, actor: Actor) -> list[DecisionDefinition]:
    """The newest version of each decision, by id."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    return _newest(tx, actor, DecisionDefinition, DecisionDefinition.decision_id)


def forms(tx: Transaction, actor: Actor) -> list[FormDefinition]:
    """The newest version of each form and document type, forms first, by id."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    found = _newest(tx, actor, FormDefinition, FormDefinition.form_id)
    return sorted(found, key=lambda each: (each.document != "", each.form_id))


def _newest(tx: Transaction, actor: Actor, table: type[Row], key: Any) -> list[Row]:
    newest = select(func.max(table.key)).where(table.organisation_key == actor.organisation_key).group_by(key)
    return list(tx.session.scalars(select(table).where(table.key.in_(newest)).order_by(key)))


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """A version of a decision, its model with what the checks say about it, and the numbers of all its versions."""

    definition: DecisionDefinition
    model: Model
    findings: tuple[Finding, ...]
    versions: tuple[DecisionDefinition, ...]


def decision(tx: Transaction, actor: Actor, decision_id: str, version: int | None) -> DecisionPage:
    """A version (None: the newest) of a decision. Raises `NotFound`."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    versions = _all(tx, actor, DecisionDefinition, DecisionDefinition.decision_id, decision_id)
    chosen = _chosen(versions, version, "decision", decision_id)
    model = decision_model(tx.session, chosen)
    return DecisionPage(chosen, model, tuple(check_model(model)), tuple(versions))


def form_page(
    tx: Transaction, actor: Actor, form_id: str, version: int | None
) -> tuple[FormDefinition, Form, list[FormDefinition]]:
    """A version (None: the newest) of a form or document type, read, and all its versions. Raises `NotFound`."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    versions = _all(tx, actor, FormDefinition, FormDefinition.form_id, form_id)
    chosen = _chosen(versions, version, "form", form_id)
    return chosen, form(tx.session, chosen), versions


def _all(tx: Transaction, actor: Actor, table: type[Row], column: Any, key: str) -> list[Row]:
    query = select(table).where(table.organisation_key == actor.organisation_key, column == key)
    return list(tx.session.scalars(query.order_by(table.version.desc())))


def _chosen(versions: Sequence[Row], version: int | None, what: str, key: str) -> Row:
    found = next((each for each in versions if version in (None, each.version)), None)
    if found is None:
        raise NotFound(what=what, key=key)
    return found


def content(
    tx: Transaction, actor: Actor, definition: ProcessDefinition | DecisionDefinition | FormDefinition
) -> bytes:
    """The file that a definition of the organisation was read from."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    if definition.organisation_key != actor.organisation_key:
        raise NotFound(what="resource", key=definition.sha256)
    return tx.session.scalars(select(Resource.content).where(Resource.sha256 == definition.sha256)).one()


# ---- deployments


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment: when, by whom, why, and its files."""

    deployment: Deployment
    deployed_by: str
    files: tuple[str, ...]


def deployments(tx: Transaction, actor: Actor) -> list[Deployed]:
    """The last deployments, the newest first. Two statements."""
    require(actor, Permission.PROCESS_DEFINITION_READ)
    rows = tx.session.execute(
        select(Deployment, User.display_name)
        .outerjoin(User, User.username == Deployment.deployed_by)
        .where(Deployment.organisation_key == actor.organisation_key)
        .order_by(Deployment.key.desc())
        .limit(DEPLOYMENTS)
    ).all()
    files: dict[int, list[str]] = {}
    wanted = DeploymentResource.deployment_key.in_([deployment.key for deployment, _ in rows])
    for key, name in tx.session.execute(
        select(DeploymentResource.deployment_key, DeploymentResource.name)
        .where(wanted)
        .order_by(DeploymentResource.name)
    ):
        files.setdefault(key, []).append(name)
    return [
        Deployed(deployment, name or deployment.deployed_by, tuple(files.get(deployment.key, ())))
        for deployment, name in rows
    ]
