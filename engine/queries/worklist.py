"""The worklist: open tasks of an actor, in order, page by page, with counts for its filters.

It stays fast with hundreds of thousands of open tasks because nothing is read to the end (`worklist_statements`).
Ordering by another column than the due time, and searching, read the actor's own tasks through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.model import Organisation
from engine.queries import worklist_statements as statements
from engine.queries.working_time import WorkingTime, working_time
from engine.queries.worklist_filter import Due, Filter, Order, Scope
from engine.queries.worklist_statements import ESCAPE, MOST, PAGE, Shape

SOON = timedelta(hours=2)
LONGEST_SEARCH = 100


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
        found = statements.colleagues(len(self._actor.roles)).rows(self._connection, self._values)
        keys = [key for (key,) in found if key != self._actor.user_key]
        return keys + keys[-1:] * ((1 << (len(keys) - 1).bit_length()) - len(keys)) if keys else []

    def rows(self, hours: WorkingTime) -> tuple[Row, ...]:
        """The page's rows and one more, when there is one."""
        query = statements.page(Shape.of(self._wanted, *self._sizes))
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
        query = statements.counts(tuple(Shape.of(each, *self._sizes) for each in asked))
        (numbers,) = query.rows(self._connection, self._values)
        scopes = dict(zip(Scope, numbers, strict=False))
        dues = dict(zip((due for due in Due if due is not Due.ANY), numbers[len(Scope) :], strict=False))
        return scopes, dues, numbers[-1]

    def processes(self) -> tuple[ProcessCount, ...]:
        """The organisation's processes with their tasks in the scope, the most first."""
        some = replace(self._wanted, process_id="", text="", order=Order.DUE, descending=False)
        counted = statements.by_process(Shape.of(some, *self._sizes)).rows(self._connection, self._values)
        numbers: dict[str, int] = {row[0]: row[1] for row in counted}
        is_partial = sum(numbers.values()) > MOST
        found = [
            ProcessCount(process_id, name, gloss, None if is_partial else numbers.get(process_id, 0))
            for process_id, name, gloss in statements.NEWEST_PROCESSES.rows(self._connection, self._values)
        ]
        return tuple(sorted(found, key=lambda each: (-numbers.get(each.process_id, 0), each.process_id)))


def _escaped(word: str) -> str:
    """A word in which nothing stands for something else."""
    for sign in (ESCAPE, "%", "_"):
        word = word.replace(sign, ESCAPE + sign)
    return word


def _numbered(name: str, values: Iterable[object]) -> dict[str, object]:
    return {f"{name}_{number}": value for number, value in enumerate(values)}
