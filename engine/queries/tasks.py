"""One user task as its page shows it: the task, its case, its form, drafts, remarks and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, literal, or_, select
from sqlalchemy.orm import aliased, defer

from engine import feel
from engine.access import Actor, Permission, holds_at, require
from engine.bpmn import Element
from engine.database import Transaction
from engine.errors import NotFound
from engine.form_schema import Form
from engine.history import Lifecycle, value_text
from engine.model import (
    Comment,
    Draft,
    Event,
    FormDefinition,
    Membership,
    Organisation,
    ProcessDefinition,
    ProcessInstance,
    Role,
    TaskCandidate,
    TaskState,
    User,
    UserTask,
)
from engine.queries.visibility import is_offered_task, is_visible_task
from engine.queries.working_time import working_time
from engine.runtime import Running
from engine.runtime.definitions import Definition, form, form_definition
from engine.runtime.storage import InstanceRow

MOST_COLLEAGUES = 200


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A task the actor may see. `running` reads the case's variables and expressions; through it nothing is moved."""

    key: int
    name: str
    gloss: str
    state: str
    revision: int
    priority: int
    severity: str
    due_at: datetime | None
    left: timedelta | None
    escalated_at: datetime | None
    claimed_at: datetime | None
    ended_at: datetime | None
    assignee: str
    assignee_key: int | None
    performer: str
    case_key: int
    case_number: str
    case_title: str
    case_subtitle: str
    process_name: str
    process_gloss: str
    element_instance: int
    element: Element
    form: Form | None
    running: Running
    is_mine: bool
    is_offered: bool
    may_assign: bool

    @property
    def is_open(self) -> bool:
        return self.state == TaskState.OPEN

    @property
    def may_work(self) -> bool:
        """Open, and nobody else has it."""
        return self.is_open and (self.is_mine or self.assignee_key is None)

    @property
    def scope(self) -> int:
        """The variable scope its form reads."""
        return self.element_instance if self.running.scopes.has_scope(self.element_instance) else 0

    def sees(self, values: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """What the form's expressions see: the case's variables and functions, with these values before them."""
        return self.running.scope(self.scope, values)

    def environment(self) -> feel.Environment:
        return self.running.surroundings.environment()


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """What the actor has typed into a task's form: names to texts."""

    data: dict[str, list[str]]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on the case."""

    key: int
    author: str
    is_mine: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the case for its short history."""

    sequence: int
    lifecycle: str
    element_id: str
    who: str
    at: datetime
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody the task can be given to."""

    username: str
    name: str
    roles: tuple[tuple[str, str], ...]


def open_task(tx: Transaction, actor: Actor, key: int) -> OpenedTask:
    """A task with its case and form, for reading. Raises `NotFound` for a foreign one. Four statements or fewer."""
    require(actor, Permission.USER_TASK_READ)
    assignee, performer = aliased(User), aliased(User)
    row = tx.session.execute(
        select(
            UserTask,
            ProcessInstance,
            ProcessDefinition,
            Organisation.zone,
            FormDefinition,
            assignee.display_name.label("assignee"),
            performer.display_name.label("performer"),
            is_offered_task(actor).label("is_offered"),
        )
        .join(ProcessInstance, ProcessInstance.key == UserTask.process_instance_key)
        .join(ProcessDefinition, ProcessDefinition.key == UserTask.definition_key)
        .join(Organisation, Organisation.key == UserTask.organisation_key)
        .outerjoin(FormDefinition, FormDefinition.key == UserTask.form_key)
        .outerjoin(assignee, assignee.key == UserTask.assignee_key)
        .outerjoin(performer, performer.key == UserTask.completed_by_key)
        .where(UserTask.key == key, is_visible_task(actor))
        .options(defer(ProcessInstance.snapshot))
    ).one_or_none()
    if row is None:
        raise NotFound(what="task", key=key)
    task: UserTask = row[0]
    running = Running(tx, InstanceRow.seen(row[1]), Definition.seen(row[2], row[3]), actor)
    running.scopes.load(tx.connection, task.process_instance_key)
    is_mine = task.assignee_key == actor.user_key
    return OpenedTask(
        key=task.key,
        name=task.name,
        gloss=task.gloss,
        state=task.state,
        revision=task.revision,
        priority=task.priority,
        severity=task.severity,
        due_at=task.due_at,
        left=working_time(tx, task.organisation_key).left(task.due_at) if task.state == TaskState.OPEN else None,
        escalated_at=task.escalated_at,
        claimed_at=task.claimed_at,
        ended_at=task.ended_at,
        assignee=row.assignee or "",
        assignee_key=task.assignee_key,
        performer=row.performer or "",
        case_key=task.process_instance_key,
        case_number=task.case_number,
        case_title=task.case_title,
        case_subtitle=task.case_subtitle,
        process_name=row[2].name,
        process_gloss=row[2].gloss,
        element_instance=task.element_instance,
        element=running.specification.elements[task.element_id],
        form=_form(tx, row[4]),
        running=running,
        is_mine=is_mine,
        is_offered=row.is_offered,
        may_assign=task.state == TaskState.OPEN and (is_mine or actor.may(Permission.USER_TASK_ASSIGN)),
    )


def _form(tx: Transaction, definition: FormDefinition | None) -> Form | None:
    return None if definition is None else form(tx.session, definition)


def draft_of(tx: Transaction, actor: Actor, key: int) -> SavedDraft | None:
    """The actor's own draft of a task."""
    draft = tx.session.get(Draft, (key, actor.user_key))
    return SavedDraft(draft.data, draft.saved_at) if draft else None


def submitted_values(tx: Transaction, task: OpenedTask) -> dict[str, object]:
    """What was submitted with a completed task, from the event log; empty where it was erased."""
    event = tx.session.scalar(
        select(Event)
        .where(
            Event.process_instance_key == task.case_key,
            Event.element_instance == task.element_instance,
            Event.lifecycle == Lifecycle.CHANGED,
        )
        .order_by(Event.sequence.desc())
        .limit(1)
    )
    if event is None:
        return {}
    payload: dict[str, list[str] | None] = event.payload
    return {name: feel.from_json(value_text(tx.session, event, kept)) for name, kept in payload.items() if kept}


def remarks_of(tx: Transaction, actor: Actor, case_key: int, most: int = 50) -> list[Remark]:
    """The last remarks on a case, oldest first. The caller has checked that the actor may see the case."""
    rows = tx.session.execute(
        select(Comment.key, Comment.text, Comment.created_at, Comment.author_key, User.display_name)
        .join(User, User.key == Comment.author_key)
        .where(Comment.process_instance_key == case_key)
        .order_by(Comment.key.desc())
        .limit(most)
    ).all()
    return [
        Remark(row.key, row.display_name, row.author_key == actor.user_key, row.text, row.created_at)
        for row in reversed(rows)
    ]


def happenings_of(tx: Transaction, case_key: int, lifecycles: frozenset[str], most: int = 6) -> list[Happening]:
    """The last events of a case of some kinds, newest first. The caller has checked that the actor may see the case."""
    rows = tx.session.execute(
        select(Event.sequence, Event.lifecycle, Event.element_id, Event.occurred_at, Event.detail, User.display_name)
        .outerjoin(User, User.username == Event.performer)
        .where(
            Event.process_instance_key == case_key,
            Event.lifecycle.in_(lifecycles),
            or_(Event.lifecycle != Lifecycle.COMPLETED, Event.performer != ""),  # what people did, not every gateway
        )
        .order_by(Event.sequence.desc())
        .limit(most)
    )
    return [
        Happening(row.sequence, row.lifecycle, row.element_id, row.display_name or "", row.occurred_at, row.detail)
        for row in rows
    ]


def colleagues_for(tx: Transaction, actor: Actor, task: OpenedTask) -> list[Colleague]:
    """Who may do the task instead: holders of the roles it is offered to, else everybody in the organisation."""
    offered = select(TaskCandidate.candidate).where(TaskCandidate.task_key == task.key)
    names = [name.partition(":")[2] for name in tx.session.scalars(offered) if name.startswith("role:")]
    query = (
        select(User.username, User.display_name, Role.name, Role.name_en)
        .join(Membership, Membership.user_key == User.key)
        .join(Role, (Role.organisation_key == Membership.organisation_key) & (Role.key == Membership.role_key))
        .where(
            Membership.organisation_key == actor.organisation_key,
            *holds_at(tx.now),
            User.is_active,
        )
        .order_by(User.display_name, User.key)
        .limit(MOST_COLLEAGUES)
    )
    if names:
        query = query.where(Membership.role_key.in_(names))
    if task.assignee_key is not None:
        query = query.where(User.key != task.assignee_key)
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for row in tx.session.execute(query):
        found.setdefault(row.username, (row.display_name, []))[1].append((row.name, row.name_en))
    return [Colleague(username, name, tuple(roles)) for username, (name, roles) in found.items()]


def intake_form(tx: Transaction, task: OpenedTask) -> Form | None:
    """The form the case was started with: its answers are the facts of the case. None where there is none."""
    form_id = task.running.specification.properties.get("start_form", "")
    if not form_id:
        return None
    try:
        return form(tx.session, form_definition(tx.session, task.running.instance.organisation_key, form_id))
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open task of a case: who has it, else the (first) role it is offered to, and whether the actor can do it."""

    key: int
    name: str
    gloss: str
    assignee: str
    role: tuple[str, str]
    is_mine: bool


def waiting_in_case(tx: Transaction, actor: Actor, case_key: int) -> list[Waiting]:
    """The open tasks of a case, those of the actor first; `is_mine`: assigned to them, or free and offered to them."""
    mine = aliased(TaskCandidate)
    offered = exists().where(mine.task_key == UserTask.key, mine.candidate.in_(actor.candidates))
    rows = tx.session.execute(
        select(UserTask, User.display_name, offered.label("is_offered"), Role.name, Role.name_en)
        .outerjoin(User, User.key == UserTask.assignee_key)
        .outerjoin(TaskCandidate, TaskCandidate.task_key == UserTask.key)
        .outerjoin(
            Role,
            (Role.organisation_key == UserTask.organisation_key)
            & (literal("role:") + Role.key == TaskCandidate.candidate),
        )
        .where(
            UserTask.process_instance_key == case_key,
            UserTask.organisation_key == actor.organisation_key,
            UserTask.state == TaskState.OPEN,
        )
        .order_by(UserTask.key.desc())
    )
    found: dict[int, Waiting] = {}
    for row in rows:
        task: UserTask = row[0]
        is_mine = task.assignee_key == actor.user_key or (task.assignee_key is None and bool(row.is_offered))
        role = (row.name or "", row.name_en or "")
        found[task.key] = Waiting(task.key, task.name, task.gloss, row.display_name or "", role, is_mine)
    return sorted(found.values(), key=lambda waiting: not waiting.is_mine)
