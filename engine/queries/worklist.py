"""The worklist: open tasks of an actor, in order, page by page, with counts for its filters.

It stays fast with hundreds of thousands of open tasks because nothing is read to the end: the rows come from index
scans, one per candidate (a role or the person), each stopped after the page; counts stop at `MOST`. Ordering by another
column than the due time, and searching, read the actor's own tasks through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

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
    or_,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.model import (
    Membership,
    Organisation,
    ProcessDefinition,
    TaskCandidate,
    TaskState,
    Team,
    TeamMember,
    User,
    UserTask,
)
from engine.queries.working_time import WorkingTime, working_time
from engine.statements import Read

PAGE = 50
MOST = 1000
"""Counts and pages go up to here; beyond it, "1000+", and a filter or a search is what helps."""
SOON = timedelta(hours=2)
LONGEST_SEARCH = 100
ESCAPE = "/"
STATEMENTS = 512
"""So many shapes of statements are kept."""


class Scope(StrEnum):
    """Whose tasks."""

    MINE = "mine"
    CLAIMABLE = "claimable"
    OPEN = "open"
    """Mine and claimable."""
    TEAM = "team"
    """Everything offered to my roles, also what colleagues have claimed, and mine."""


class Due(StrEnum):
    """Which due times; today and this week hold what is late as well."""

    ANY = ""
    OVERDUE = "overdue"
    SOON = "soon"
    TODAY = "today"
    WEEK = "week"


class Order(StrEnum):
    """What the list can be ordered by."""

    DUE = "due"
    PRIORITY = "priority"
    TASK = "task"
    CUSTOMER = "customer"
    CASE = "case"
    CREATED = "created"


_COLUMNS: dict[Order, InstrumentedAttribute[Any]] = {
    Order.DUE: UserTask.due_at,
    Order.PRIORITY: UserTask.priority,
    Order.TASK: UserTask.name,
    Order.CUSTOMER: UserTask.case_title,
    Order.CASE: UserTask.case_number,
    Order.CREATED: UserTask.created_at,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; every field has its address in the page's query."""

    scope: Scope = Scope.OPEN
    due: Due = Due.ANY
    process_id: str = ""
    text: str = ""
    order: Order = Order.DUE
    descending: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. `left` is working time until it is due (negative: since then); None where nobody counts."""

    key: int
    name: str
    gloss: str
    case_key: int
    case_number: str
    case_title: str
    case_subtitle: str
    process_name: str
    process_gloss: str
    priority: int
    due_at: datetime | None
    left: timedelta | None
    severity: str
    assignee: str
    is_mine: bool
    is_claimed: bool


@dataclass(frozen=True, slots=True)
class ProcessCount:
    """A process with the number of its tasks in the list; None where that is not known without reading everything."""

    process_id: str
    name: str
    gloss: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of the list. Counts above `MOST` mean "more than `MOST`"."""

    rows: tuple[Row, ...]
    total: int
    has_next: bool
    scopes: dict[Scope, int]
    dues: dict[Due, int]
    processes: tuple[ProcessCount, ...] = field(default=())


def worklist(tx: Transaction, actor: Actor, wanted: Filter) -> Worklist:
    """A page of the actor's worklist, with counts. Six statements, whatever the number of tasks."""
    require(actor, Permission.USER_TASK_READ)
    wanted = replace(wanted, page=min(max(wanted.page, 1), MOST // PAGE), text=wanted.text.strip()[:LONGEST_SEARCH])
    hours = working_time(tx, actor.organisation_key)
    question = _Question(tx, actor, wanted, _limits(tx.now, hours, _zone(tx, actor)))
    rows = question.rows(hours)
    scopes, dues, total = question.counts()
    has_next = len(rows) > PAGE and wanted.page < MOST // PAGE
    if wanted.text:
        total = (wanted.page - 1) * PAGE + len(rows)
    return Worklist(rows[:PAGE], total, has_next, scopes, dues, question.processes())


@dataclass(frozen=True, slots=True)
class _Limits:
    """The moments between the groups of due times."""

    now: datetime
    soon: datetime
    tomorrow: datetime
    next_week: datetime


def _limits(now: datetime, hours: WorkingTime, zone: ZoneInfo) -> _Limits:
    today = now.astimezone(zone).date()
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    next_week = datetime.combine(today + timedelta(days=7 - today.weekday()), time(), zone)
    return _Limits(now, hours.after(SOON), tomorrow, next_week)


def _zone(tx: Transaction, actor: Actor) -> ZoneInfo:
    return ZoneInfo(tx.session.get_one(Organisation, actor.organisation_key).zone)


@dataclass(frozen=True, slots=True)
class _Shape:
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
    def of(cls, wanted: Filter, candidates: int, colleagues: int) -> _Shape:
        """The shape of what is wanted; colleagues are asked for only where the scope has theirs."""
        words = len(wanted.text.split())
        of_team = colleagues if wanted.scope is Scope.TEAM else 0
        has_process = bool(wanted.process_id)
        return cls(wanted.scope, wanted.due, wanted.order, wanted.descending, has_process, words, candidates, of_team)


class _Question:
    """One asking for a worklist. Its statements are built once for each shape."""

    def __init__(self, tx: Transaction, actor: Actor, wanted: Filter, limits: _Limits) -> None:
        self._connection = tx.connection
        self._actor = actor
        self._wanted = wanted
        self._values: dict[str, Any] = {
            "organisation": actor.organisation_key,
            "user": actor.user_key,
            "process": wanted.process_id,
            "now": limits.now,
            "soon": limits.soon,
            "tomorrow": limits.tomorrow,
            "next_week": limits.next_week,
            "first": (wanted.page - 1) * PAGE,
            "reach": wanted.page * PAGE + 1,
            **_numbered("word", map(_escaped, wanted.text.split())),
            **_numbered("candidate", actor.candidates),
            **_numbered("role", actor.roles),
        }
        colleagues = self._colleagues()
        self._values |= _numbered("colleague", colleagues)
        self._sizes = (len(actor.candidates), len(colleagues))

    def _colleagues(self) -> list[int]:
        """Who holds one of the actor's roles or is in one of their teams, besides the actor.

        Filled up with the last one to a power of two, so that few statements serve all teams.
        """
        found = _colleagues(len(self._actor.roles)).rows(self._connection, self._values)
        keys = [key for (key,) in found if key != self._actor.user_key]
        return keys + keys[-1:] * ((1 << (len(keys) - 1).bit_length()) - len(keys)) if keys else []

    def rows(self, hours: WorkingTime) -> tuple[Row, ...]:
        """The page's rows and one more, when there is one."""
        query = _page(_Shape.of(self._wanted, *self._sizes))
        return tuple(self._row(hours, *found) for found in query.rows(self._connection, self._values))

    def _row(
        self,
        hours: WorkingTime,
        key: int,
        name: str,
        gloss: str,
        case_key: int,
        case_number: str,
        case_title: str,
        case_subtitle: str,
        priority: int,
        due_at: datetime | None,
        severity: str,
        assignee_key: int | None,
        assignee: str | None,
        process_name: str,
        process_gloss: str,
    ) -> Row:
        return Row(
            key=key,
            name=name,
            gloss=gloss,
            case_key=case_key,
            case_number=case_number,
            case_title=case_title,
            case_subtitle=case_subtitle,
            process_name=process_name,
            process_gloss=process_gloss,
            priority=priority,
            due_at=due_at,
            left=hours.left(due_at),
            severity=severity,
            assignee=assignee or "",
            is_mine=assignee_key == self._actor.user_key,
            is_claimed=assignee_key is not None,
        )

    def counts(self) -> tuple[dict[Scope, int], dict[Due, int], int]:
        """The numbers beside the scopes, beside the due times of the chosen scope, and of the list; one statement."""
        wanted = replace(self._wanted, text="", order=Order.DUE, descending=False)
        asked = [
            *(Filter(scope=scope) for scope in Scope),
            *(replace(wanted, due=due) for due in Due if due is not Due.ANY),
            wanted,
        ]
        query = _counts(tuple(_Shape.of(each, *self._sizes) for each in asked))
        (numbers,) = query.rows(self._connection, self._values)
        scopes = dict(zip(Scope, numbers, strict=False))
        dues = dict(zip((due for due in Due if due is not Due.ANY), numbers[len(Scope) :], strict=False))
        return scopes, dues, numbers[-1]

    def processes(self) -> tuple[ProcessCount, ...]:
        """The organisation's processes with their tasks in the scope, the most first."""
        some = replace(self._wanted, process_id="", text="", order=Order.DUE, descending=False)
        counted = _by_process(_Shape.of(some, *self._sizes)).rows(self._connection, self._values)
        numbers: dict[str, int] = {row[0]: row[1] for row in counted}
        is_partial = sum(numbers.values()) > MOST
        found = [
            ProcessCount(process_id, name, gloss, None if is_partial else numbers.get(process_id, 0))
            for process_id, name, gloss in _NEWEST_PROCESSES.rows(self._connection, self._values)
        ]
        return tuple(sorted(found, key=lambda each: (-numbers.get(each.process_id, 0), each.process_id)))


# ---- the statements --------------------------------------------------------------------------------------------------


def _names(shape: _Shape) -> list[str]:
    """The names a statement of this shape may use."""
    limits = ["now", "soon", "tomorrow", "next_week", "first", "reach"]
    counted = {"word": shape.words, "candidate": shape.candidates, "colleague": shape.colleagues}
    many = [f"{name}_{number}" for name, count in counted.items() for number in range(count)]
    return ["organisation", "user", "process", *limits, *many]


def _numbered(name: str, values: Iterable[object]) -> dict[str, object]:
    return {f"{name}_{number}": value for number, value in enumerate(values)}


@lru_cache(maxsize=STATEMENTS)
def _page(shape: _Shape) -> Read:
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
def _counts(shapes: tuple[_Shape, ...]) -> Read:
    """How many tasks there are of each shape."""
    query = select(*(select(func.count()).select_from(_some(shape)).scalar_subquery() for shape in shapes))
    return Read(lambda _: query, list(dict.fromkeys(name for shape in shapes for name in _names(shape))))


@lru_cache(maxsize=STATEMENTS)
def _by_process(shape: _Shape) -> Read:
    """How many tasks of this shape there are of each process."""
    some = _some(shape)
    query = (
        select(UserTask.process_id, func.count().label("tasks"))
        .join(some, some.c.key == UserTask.key)
        .group_by(UserTask.process_id)
    )
    return Read(lambda _: query, _names(shape))


def _some(shape: _Shape) -> Subquery:
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


_NEWEST_PROCESSES = Read(lambda _: _newest_processes(), ["organisation"])


@lru_cache(maxsize=STATEMENTS)
def _colleagues(roles: int) -> Read:
    """The users who hold one of so many roles or are in a team with the user."""
    now: BindParameter[Any] = bindparam("now")
    same_role = select(Membership.user_key).where(
        Membership.organisation_key == bindparam("organisation"),
        Membership.role_key.in_([bindparam(f"role_{number}") for number in range(roles)]),
        Membership.valid_from <= now,
        or_(Membership.valid_until.is_(None), Membership.valid_until > now),
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


def _sources(shape: _Shape) -> list[tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]]:
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


def _candidates(shape: _Shape) -> list[BindParameter[Any]]:
    return [bindparam(f"candidate_{number}") for number in range(shape.candidates)]


def _assigned(whose: ColumnElement[bool]) -> tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]:
    query = select(UserTask.key.label("key")).where(
        UserTask.organisation_key == bindparam("organisation"), UserTask.state == TaskState.OPEN, whose
    )
    return query, _column(UserTask.key), _column(UserTask.due_at)


def _offered(
    candidate: BindParameter[Any], shape: _Shape
) -> tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]:
    query = select(TaskCandidate.task_key.label("key")).where(
        TaskCandidate.organisation_key == bindparam("organisation"),
        TaskCandidate.candidate == candidate,
        TaskCandidate.unclaimed.is_(True),
    )
    if shape.has_process or shape.words or shape.order is not Order.DUE:
        query = query.join(UserTask, UserTask.key == TaskCandidate.task_key)
    return query, _column(TaskCandidate.task_key), _column(TaskCandidate.due_at)


def _conditions(shape: _Shape, due_at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
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


def _escaped(word: str) -> str:
    """A word in which nothing stands for something else."""
    for sign in (ESCAPE, "%", "_"):
        word = word.replace(sign, ESCAPE + sign)
    return word


def _ordered(at: ColumnElement[Any], key: ColumnElement[int], descending: bool) -> tuple[ColumnElement[Any], ...]:
    """By value, what has none last, then in order of creation."""
    return (at.desc().nulls_last(), key.desc()) if descending else (at.asc().nulls_last(), key.asc())


def _union(scans: list[Select[Any]]) -> Subquery:
    """Limited scans put together, each task once."""
    parts = [select(scan.subquery()) for scan in scans]
    return (union(*parts) if len(parts) > 1 else parts[0]).subquery()


def _column(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return cast(ColumnElement[Any], attribute)
