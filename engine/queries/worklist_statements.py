"""The worklist's statements, built once for each shape of question.

The rows come from index scans, one per candidate (a role or the person), each stopped after the page; counts stop at
`MOST`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    bindparam,
    exists,
    func,
    literal,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from engine.access import holds_at
from engine.model import Membership, ProcessDefinition, TaskCandidate, TaskState, Team, TeamMember, User, UserTask
from engine.queries.worklist_filter import Due, Filter, Order, Scope
from engine.statements import Read

PAGE = 50
MOST = 1000
"""Counts and pages go up to here; beyond it, "1000+", and a filter or a search is what helps."""
ESCAPE = "/"
STATEMENTS = 512
"""So many shapes of statements are kept."""

_COLUMNS: dict[Order, InstrumentedAttribute[Any]] = {
    Order.DUE: UserTask.due_at,
    Order.PRIORITY: UserTask.priority,
    Order.TASK: UserTask.name,
    Order.CUSTOMER: UserTask.case_title,
    Order.CASE: UserTask.case_number,
    Order.CREATED: UserTask.created_at,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement's words depend on: what is asked for, without its values, and how many there are of each."""

    scope: Scope
    due: Due
    order: Order
    descending: bool
    has_process: bool
    words: int
    candidates: int
    colleagues: int

    @classmethod
    def of(cls, wanted: Filter, candidates: int, colleagues: int) -> Shape:
        """The shape of what is wanted; colleagues are asked for only where the scope has theirs."""
        words = len(wanted.text.split())
        of_team = colleagues if wanted.scope is Scope.TEAM else 0
        has_process = bool(wanted.process_id)
        return cls(wanted.scope, wanted.due, wanted.order, wanted.descending, has_process, words, candidates, of_team)


def _names(shape: Shape) -> list[str]:
    """The names a statement of this shape may use."""
    limits = ["now", "soon", "tomorrow", "next_week", "first", "reach"]
    counted = {"word": shape.words, "candidate": shape.candidates, "colleague": shape.colleagues}
    many = [f"{name}_{number}" for name, count in counted.items() for number in range(count)]
    return ["organisation", "user", "process", *limits, *many]


@lru_cache(maxsize=STATEMENTS)
def page(shape: Shape) -> Read:
    """The rows of a page and one more."""
    scans: list[Select[Any]] = []
    for source, key, due_at in _sources(shape):
        at = due_at if shape.order is Order.DUE else _column(_COLUMNS[shape.order])
        scan = source.add_columns(at.label("at")).where(*_conditions(shape, due_at))
        scans.append(scan.order_by(*_ordered(at, key, shape.descending)).limit(bindparam("reach", type_=Integer)))
    found = _union(scans)
    query = (
        select(
            UserTask.key,
            UserTask.name,
            UserTask.gloss,
            UserTask.process_instance_key,
            UserTask.case_number,
            UserTask.case_title,
            UserTask.case_subtitle,
            UserTask.priority,
            UserTask.due_at,
            UserTask.severity,
            UserTask.assignee_key,
            User.display_name,
            ProcessDefinition.name.label("process_name"),
            ProcessDefinition.gloss.label("process_gloss"),
        )
        .join(found, found.c.key == UserTask.key)
        .join(ProcessDefinition, ProcessDefinition.key == UserTask.definition_key)
        .outerjoin(User, User.key == UserTask.assignee_key)
        .order_by(*_ordered(found.c.at, found.c.key, shape.descending))
        .offset(bindparam("first", type_=Integer))
        .limit(PAGE + 1)
    )
    return Read(lambda _: query, _names(shape))


@lru_cache(maxsize=STATEMENTS)
def counts(shapes: tuple[Shape, ...]) -> Read:
    """How many tasks there are of each shape."""
    query = select(*(select(func.count()).select_from(_some(shape)).scalar_subquery() for shape in shapes))
    return Read(lambda _: query, list(dict.fromkeys(name for shape in shapes for name in _names(shape))))


@lru_cache(maxsize=STATEMENTS)
def by_process(shape: Shape) -> Read:
    """How many tasks of this shape there are of each process."""
    some = _some(shape)
    query = (
        select(UserTask.process_id, func.count().label("tasks"))
        .join(some, some.c.key == UserTask.key)
        .group_by(UserTask.process_id)
    )
    return Read(lambda _: query, _names(shape))


def _some(shape: Shape) -> Subquery:
    """The keys of some of the tasks, one more than is counted at most."""
    scans = [source.where(*_conditions(shape, due_at)).limit(MOST + 1) for source, _key, due_at in _sources(shape)]
    return select(_union(scans).c.key).limit(MOST + 1).subquery()


def _newest_processes() -> Select[str, str, str]:
    newest = (
        select(ProcessDefinition.process_id, func.max(ProcessDefinition.version).label("version"))
        .where(ProcessDefinition.organisation_key == bindparam("organisation"))
        .group_by(ProcessDefinition.process_id)
        .subquery()
    )
    is_newest = (newest.c.process_id == ProcessDefinition.process_id) & (newest.c.version == ProcessDefinition.version)
    return (
        select(ProcessDefinition.process_id, ProcessDefinition.name, ProcessDefinition.gloss)
        .join(newest, is_newest)
        .where(ProcessDefinition.organisation_key == bindparam("organisation"))
    )


NEWEST_PROCESSES = Read(lambda _: _newest_processes(), ["organisation"])


@lru_cache(maxsize=STATEMENTS)
def colleagues(roles: int) -> Read:
    """The users who hold one of so many roles or are in a team with the user."""
    same_role = select(Membership.user_key).where(
        Membership.organisation_key == bindparam("organisation"),
        Membership.role_key.in_([bindparam(f"role_{number}") for number in range(roles)]),
        *holds_at(bindparam("now")),
    )
    own_teams = (
        select(TeamMember.team_key)
        .join(Team, Team.key == TeamMember.team_key)
        .where(TeamMember.user_key == bindparam("user"), Team.organisation_key == bindparam("organisation"))
    )
    same_team = select(TeamMember.user_key).where(TeamMember.team_key.in_(own_teams))
    both = union(same_role, same_team).subquery()
    names = ["organisation", "user", "now", *(f"role_{number}" for number in range(roles))]
    return Read(lambda _: select(both.c.user_key), names)


def _sources(shape: Shape) -> list[tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]]:
    """What is to be scanned: (select of keys, the key's column, the due time's column)."""
    sources: list[tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]] = []
    if shape.scope is not Scope.CLAIMABLE:
        sources.append(_assigned(UserTask.assignee_key == bindparam("user")))
    if shape.scope is not Scope.MINE:
        sources += [_offered(candidate, shape) for candidate in _candidates(shape)]
    if shape.colleagues:
        colleagues: list[BindParameter[Any]] = [bindparam(f"colleague_{number}") for number in range(shape.colleagues)]
        query, key, due_at = _assigned(UserTask.assignee_key.in_(colleagues))
        offered = exists().where(
            TaskCandidate.task_key == UserTask.key, TaskCandidate.candidate.in_(_candidates(shape))
        )
        sources.append((query.where(offered), key, due_at))
    return sources


def _candidates(shape: Shape) -> list[BindParameter[Any]]:
    return [bindparam(f"candidate_{number}") for number in range(shape.candidates)]


def _assigned(whose: ColumnElement[bool]) -> tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]:
    query = select(UserTask.key.label("key")).where(
        UserTask.organisation_key == bindparam("organisation"), UserTask.state == TaskState.OPEN, whose
    )
    return query, _column(UserTask.key), _column(UserTask.due_at)


def _offered(candidate: BindParameter[Any], shape: Shape) -> tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]:
    query = select(TaskCandidate.task_key.label("key")).where(
        TaskCandidate.organisation_key == bindparam("organisation"),
        TaskCandidate.candidate == candidate,
        TaskCandidate.unclaimed.is_(True),
    )
    if shape.has_process or shape.words or shape.order is not Order.DUE:
        query = query.join(UserTask, UserTask.key == TaskCandidate.task_key)
    return query, _column(TaskCandidate.task_key), _column(TaskCandidate.due_at)


def _conditions(shape: Shape, due_at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    conditions = _due(shape.due, due_at)
    if shape.has_process:
        conditions.append(UserTask.process_id == bindparam("process"))
    return conditions + _says(shape.words)


def _due(due: Due, at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    match due:
        case Due.OVERDUE:
            return [at <= bindparam("now")]
        case Due.SOON:
            return [at > bindparam("now"), at <= bindparam("soon")]
        case Due.TODAY:
            return [at < bindparam("tomorrow")]
        case Due.WEEK:
            return [at < bindparam("next_week")]
        case _:
            return []


def _says(words: int) -> list[ColumnElement[bool]]:
    """Every word of the search stands in the case's number, its texts or the task's name."""
    said = UserTask.case_number + literal(" ") + UserTask.case_title
    said = said + literal(" ") + UserTask.case_subtitle + literal(" ") + UserTask.name + literal(" ") + UserTask.gloss
    return [said.icontains(bindparam(f"word_{number}", type_=String), escape=ESCAPE) for number in range(words)]


def _ordered(at: ColumnElement[Any], key: ColumnElement[int], descending: bool) -> tuple[ColumnElement[Any], ...]:
    """By value, what has none last, then in order of creation."""
    return (at.desc().nulls_last(), key.desc()) if descending else (at.asc().nulls_last(), key.asc())


def _union(scans: list[Select[Any]]) -> Subquery:
    """Limited scans put together, each task once."""
    parts = [select(scan.subquery()) for scan in scans]
    return (union(*parts) if len(parts) > 1 else parts[0]).subquery()


def _column(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return cast(ColumnElement[Any], attribute)
