"""The worklist: open tasks of an actor, in order, page by page, with counts for its filters.

It stays fast with hundreds of thousands of open tasks because nothing is read to the end: the rows come from index
scans, one per candidate (a role or the person), each stopped after the page; counts stop at `MOST`. Ordering by another
column than the due time, and searching, read the actor's own tasks through.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Subquery, func, literal, or_, select, union
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
from engine.queries.visibility import is_offered_task
from engine.queries.working_time import WorkingTime, working_time

PAGE = 50
MOST = 1000
"""Counts and pages go up to here; beyond it, "1000+", and a filter or a search is what helps."""
SOON = timedelta(hours=2)
LONGEST_SEARCH = 100


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


class _Question:
    """One asking for a worklist."""

    def __init__(self, tx: Transaction, actor: Actor, wanted: Filter, limits: _Limits) -> None:
        self._session = tx.session
        self._actor = actor
        self._wanted = wanted
        self._limits = limits
        self._colleagues: list[int] | None = None

    # ---- rows

    def rows(self, hours: WorkingTime) -> tuple[Row, ...]:
        """The page's rows and one more, when there is one."""
        wanted = self._wanted
        first = (wanted.page - 1) * PAGE
        found = self._found(wanted, first + PAGE + 1)
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
            .order_by(*_ordered(found.c.at, found.c.key, wanted.descending))
            .offset(first)
            .limit(PAGE + 1)
        )
        return tuple(
            Row(
                key=row.key,
                name=row.name,
                gloss=row.gloss,
                case_key=row.process_instance_key,
                case_number=row.case_number,
                case_title=row.case_title,
                case_subtitle=row.case_subtitle,
                process_name=row.process_name,
                process_gloss=row.process_gloss,
                priority=row.priority,
                due_at=row.due_at,
                left=hours.left(row.due_at),
                severity=row.severity,
                assignee=row.display_name or "",
                is_mine=row.assignee_key == self._actor.user_key,
                is_claimed=row.assignee_key is not None,
            )
            for row in self._session.execute(query)
        )

    def _found(self, wanted: Filter, reach: int) -> Subquery:
        """Keys and ordering values of the first `reach` tasks: the union of one ordered, limited scan per source."""
        column = _column(_COLUMNS[wanted.order])
        scans: list[Select[Any]] = []
        for source, key, due_at in self._sources(wanted):
            at = due_at if wanted.order is Order.DUE else column
            scan = source.add_columns(at.label("at")).where(*self._conditions(wanted, due_at))
            scans.append(scan.order_by(*_ordered(at, key, wanted.descending)).limit(reach))
        return _union(scans)

    # ---- counts

    def counts(self) -> tuple[dict[Scope, int], dict[Due, int], int]:
        """The numbers beside the scopes, beside the due times of the chosen scope, and of the list; one statement."""
        wanted = replace(self._wanted, text="")
        asked = [
            *(Filter(scope=scope) for scope in Scope),
            *(replace(wanted, due=due) for due in Due if due is not Due.ANY),
            wanted,
        ]
        numbers = self._session.execute(select(*(self._bounded(each).scalar_subquery() for each in asked))).one()
        scopes = dict(zip(Scope, numbers, strict=False))
        dues = dict(zip((due for due in Due if due is not Due.ANY), numbers[len(Scope) :], strict=False))
        return scopes, dues, numbers[-1]

    def _bounded(self, wanted: Filter) -> Select[int]:
        return select(func.count()).select_from(self._some(wanted))

    def _some(self, wanted: Filter) -> Subquery:
        """The keys of some of the tasks, one more than is counted at most."""
        scans = [
            source.where(*self._conditions(wanted, due_at)).limit(MOST + 1)
            for source, _key, due_at in self._sources(wanted)
        ]
        return select(_union(scans).c.key).limit(MOST + 1).subquery()

    def processes(self) -> tuple[ProcessCount, ...]:
        """The organisation's processes with their tasks in the scope, the most first."""
        some = self._some(replace(self._wanted, process_id="", text=""))
        counted = (
            select(UserTask.process_id, func.count().label("tasks"))
            .join(some, some.c.key == UserTask.key)
            .group_by(UserTask.process_id)
        )
        numbers = {row.process_id: row.tasks for row in self._session.execute(counted)}
        is_partial = sum(numbers.values()) > MOST
        newest = (
            select(ProcessDefinition.process_id, func.max(ProcessDefinition.version).label("version"))
            .where(ProcessDefinition.organisation_key == self._actor.organisation_key)
            .group_by(ProcessDefinition.process_id)
            .subquery()
        )
        named = select(ProcessDefinition.process_id, ProcessDefinition.name, ProcessDefinition.gloss).join(
            newest,
            (newest.c.process_id == ProcessDefinition.process_id) & (newest.c.version == ProcessDefinition.version),
        )
        rows = self._session.execute(named.where(ProcessDefinition.organisation_key == self._actor.organisation_key))
        found = [
            ProcessCount(row.process_id, row.name, row.gloss, None if is_partial else numbers.get(row.process_id, 0))
            for row in rows
        ]
        return tuple(sorted(found, key=lambda each: (-numbers.get(each.process_id, 0), each.process_id)))

    # ---- where tasks come from

    def _sources(self, wanted: Filter) -> list[tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]]:
        """What is to be scanned: (select of keys, the key's column, the due time's column)."""
        sources: list[tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]] = []
        if wanted.scope is not Scope.CLAIMABLE:
            sources.append(self._assigned([self._actor.user_key]))
        if wanted.scope is not Scope.MINE:
            sources += [self._offered(candidate, wanted) for candidate in self._actor.candidates]
        if wanted.scope is Scope.TEAM and self.colleagues:
            query, key, due_at = self._assigned(self.colleagues)
            sources.append((query.where(is_offered_task(self._actor)), key, due_at))
        return sources

    def _assigned(self, users: list[int]) -> tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]:
        whose = UserTask.assignee_key == users[0] if len(users) == 1 else UserTask.assignee_key.in_(users)
        query = select(UserTask.key.label("key")).where(
            UserTask.organisation_key == self._actor.organisation_key, UserTask.state == TaskState.OPEN, whose
        )
        return query, _column(UserTask.key), _column(UserTask.due_at)

    def _offered(self, candidate: str, wanted: Filter) -> tuple[Select[Any], ColumnElement[int], ColumnElement[Any]]:
        query = select(TaskCandidate.task_key.label("key")).where(
            TaskCandidate.organisation_key == self._actor.organisation_key,
            TaskCandidate.candidate == candidate,
            TaskCandidate.unclaimed.is_(True),
        )
        if wanted.process_id or wanted.text or wanted.order is not Order.DUE:
            query = query.join(UserTask, UserTask.key == TaskCandidate.task_key)
        return query, _column(TaskCandidate.task_key), _column(TaskCandidate.due_at)

    @property
    def colleagues(self) -> list[int]:
        """Who holds one of the actor's roles or is in one of their teams, besides the actor."""
        if self._colleagues is None:
            now, actor = self._limits.now, self._actor
            same_role = select(Membership.user_key).where(
                Membership.organisation_key == actor.organisation_key,
                Membership.role_key.in_(actor.roles),
                Membership.valid_from <= now,
                or_(Membership.valid_until.is_(None), Membership.valid_until > now),
            )
            own_teams = (
                select(TeamMember.team_key)
                .join(Team, Team.key == TeamMember.team_key)
                .where(TeamMember.user_key == actor.user_key, Team.organisation_key == actor.organisation_key)
            )
            same_team = select(TeamMember.user_key).where(TeamMember.team_key.in_(own_teams))
            found = self._session.scalars(union(same_role, same_team))
            self._colleagues = [key for key in found if key != actor.user_key]
        return self._colleagues

    # ---- conditions

    def _conditions(self, wanted: Filter, due_at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        conditions = self._due(wanted.due, due_at)
        if wanted.process_id:
            conditions.append(UserTask.process_id == wanted.process_id)
        if wanted.text:
            conditions.append(_says(wanted.text))
        return conditions

    def _due(self, due: Due, at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        limits = self._limits
        match due:
            case Due.OVERDUE:
                return [at <= limits.now]
            case Due.SOON:
                return [at > limits.now, at <= limits.soon]
            case Due.TODAY:
                return [at < limits.tomorrow]
            case Due.WEEK:
                return [at < limits.next_week]
            case _:
                return []


def _says(text: str) -> ColumnElement[bool]:
    """Every word of the search stands in the case's number, its texts or the task's name."""
    said = UserTask.case_number + literal(" ") + UserTask.case_title
    said = said + literal(" ") + UserTask.case_subtitle + literal(" ") + UserTask.name + literal(" ") + UserTask.gloss
    conditions = [said.icontains(word, autoescape=True) for word in text.split()]
    combined = conditions[0]
    for condition in conditions[1:]:
        combined = combined & condition
    return combined


def _ordered(at: ColumnElement[Any], key: ColumnElement[int], descending: bool) -> tuple[ColumnElement[Any], ...]:
    """By value, what has none last, then in order of creation."""
    return (at.desc().nulls_last(), key.desc()) if descending else (at.asc().nulls_last(), key.asc())


def _union(scans: list[Select[Any]]) -> Subquery:
    """Limited scans put together, each task once."""
    parts = [select(scan.subquery()) for scan in scans]
    return (union(*parts) if len(parts) > 1 else parts[0]).subquery()


def _column(attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return cast(ColumnElement[Any], attribute)
