"""The event log for those who check it: one case's events with whether their chain holds, and the log as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine import feel, history
from engine.access import Actor, Permission, require
from engine.bpmn import Element
from engine.database import Transaction
from engine.errors import NotFound
from engine.history import Broken, Lifecycle, value_text
from engine.model import ArchivedCase, Event, ProcessDefinition, ProcessInstance, User
from engine.queries.visibility import is_visible_case
from engine.runtime.definitions import specification

PAGE = 100
COUNTED = 10_000
LONGEST_CHECKED = 20_000
"""Chains up to this length are checked while the page waits; longer ones by ``baoxiu verify-log``."""
LONGEST_SEARCH = 100

CSV_COLUMNS = (
    "organisation",
    "case_key",
    "case_number",
    "sequence",
    "lifecycle",
    "element_id",
    "element_instance",
    "definition_key",
    "occurred_at",
    "recorded_at",
    "due_at",
    "performer",
    "roles",
    "on_behalf_of",
    "source",
    "reason",
    "changed_fields",
    "document_hash",
    "values",
    "detail",
    "previous_hash",
    "hash",
)
"""The head of the exported log. Times are ISO 8601 in UTC; `values` and `detail` are JSON."""
Counted = tuple[str, str, str | None, int]
"""Lifecycle, user name, display name, number of events."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_row(session: Session, event: Event, case_number: str = "") -> list[str]:
    """An event as a line of the exported log, safe to be opened by a spreadsheet."""
    detail: Mapping[str, Any] = event.detail or {}
    cells = (
        event.organisation_key,
        str(event.process_instance_key or ""),
        case_number,
        str(event.sequence),
        event.lifecycle,
        event.element_id,
        "" if event.element_instance is None else str(event.element_instance),
        "" if event.definition_key is None else str(event.definition_key),
        _time(event.occurred_at),
        _time(event.recorded_at),
        _time(event.due_at),
        event.performer,
        event.roles,
        event.on_behalf_of,
        event.source,
        event.reason,
        " ".join(changed_fields(event)),
        str(detail.get("sha256", "")),
        _json(_values(session, event)) if event.payload else "",
        _json(detail) if detail else "",
        event.previous_hash,
        event.hash,
    )
    return [guarded(cell) for cell in cells]


def _values(session: Session, event: Event) -> dict[str, Any]:
    """An event's values that were not erased, as they stand in JSON."""
    return {name: json.loads(value_text(session, event, kept)) for name, kept in event.payload.items() if kept}


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def changed_fields(event: Event) -> list[str]:
    """The names of the values an event has written, erased ones included."""
    detail: Mapping[str, Any] = event.detail or {}
    digests: Mapping[str, str] = event.digests or {}
    return list(detail.get("fields", ())) or sorted(digests)


def csv_rows(session: Session, organisation_key: str, case_key: int | None = None) -> Iterator[list[str]]:
    """The lines of an organisation's log, or of one case's, in order; read bit by bit."""
    query = (
        select(Event, ProcessInstance.number)
        .outerjoin(ProcessInstance, ProcessInstance.key == Event.process_instance_key)
        .where(Event.organisation_key == organisation_key)
        .order_by(Event.key)
    )
    if case_key is not None:
        query = query.where(Event.process_instance_key == case_key)
    for event, number in session.execute(query.execution_options(yield_per=1000)):
        yield csv_row(session, event, number or "")


def case_of(tx: Transaction, actor: Actor, key: int) -> ProcessInstance:
    """A case the actor may see. Raises `NotFound`."""
    return _visible(tx, actor, key)[0]


# ---- one case's log


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is asked for; empty texts narrow nothing. A `performer` of "-" is the engine."""

    lifecycle: str = ""
    performer: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """An event with the names of its step and performer; `values` are (name, text), None where erased."""

    event: Event
    name: str
    gloss: str
    performer: str
    fields: tuple[str, ...]
    values: tuple[tuple[str, str | None], ...]
    document_hash: str


@dataclass(frozen=True, slots=True)
class Log:
    """A page of one case's log. `broken` is None where the chain is too long to be checked at once."""

    instance: ProcessInstance
    definition: ProcessDefinition
    lines: tuple[Line, ...]
    total: int
    lifecycles: tuple[tuple[str, int], ...]
    performers: tuple[tuple[str, str, int], ...]
    """User name (empty: the engine), display name, number of events."""
    broken: list[Broken] | None
    has_next: bool


def log(tx: Transaction, actor: Actor, key: int, wanted: LogFilter) -> Log:
    """A page of a case's events, in order. Five statements. Raises `NotFound`."""
    require(actor, Permission.EVENT_READ)
    instance, definition = _visible(tx, actor, key)
    is_short = instance.event_sequence <= LONGEST_CHECKED
    broken = history.verify_case(tx.session, instance) if is_short else None
    grouped = tx.session.execute(
        select(Event.lifecycle, Event.performer, User.display_name, func.count())
        .outerjoin(User, User.username == Event.performer)
        .where(Event.process_instance_key == key)
        .group_by(Event.lifecycle, Event.performer, User.display_name)
    ).all()
    counts: list[Counted] = [(lifecycle, performer, name, count) for lifecycle, performer, name, count in grouped]
    total = sum(count for lifecycle, performer, _, count in counts if _fits(lifecycle, performer, wanted))
    conditions: list[ColumnElement[bool]] = [Event.process_instance_key == key]
    if wanted.lifecycle:
        conditions.append(Event.lifecycle == wanted.lifecycle)
    if wanted.performer:
        conditions.append(Event.performer == wanted.performer.removeprefix("-"))
    rows = tx.session.scalars(
        select(Event).where(*conditions).order_by(Event.sequence).offset((wanted.page - 1) * PAGE).limit(PAGE + 1)
    ).all()
    names = {username: name or username for _, username, name, _ in counts}
    elements = specification(tx.session, definition).elements
    lines = tuple(_line(tx.session, event, elements.get(event.element_id), names) for event in rows[:PAGE])
    return Log(
        instance,
        definition,
        lines,
        total,
        _by_lifecycle(counts),
        _by_performer(counts),
        broken,
        len(rows) > PAGE,
    )


def _visible(tx: Transaction, actor: Actor, key: int) -> tuple[ProcessInstance, ProcessDefinition]:
    row = tx.session.execute(
        select(ProcessInstance, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(ProcessInstance.key == key, is_visible_case(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(what="case", key=key)
    return row[0], row[1]


def _fits(lifecycle: str, performer: str, wanted: LogFilter) -> bool:
    is_performer = not wanted.performer or performer == wanted.performer.removeprefix("-")
    return is_performer and (not wanted.lifecycle or lifecycle == wanted.lifecycle)


def _by_lifecycle(counts: Sequence[Counted]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for lifecycle, _, _, count in counts:
        found[lifecycle] = found.get(lifecycle, 0) + count
    order = {str(each): place for place, each in enumerate(Lifecycle)}
    return tuple(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _by_performer(counts: Sequence[Counted]) -> tuple[tuple[str, str, int], ...]:
    found: dict[str, tuple[str, int]] = {}
    for _, username, name, count in counts:
        found[username] = (name or username, found.get(username, ("", 0))[1] + count)
    return tuple((username, name, count) for username, (name, count) in sorted(found.items()))


def _line(session: Session, event: Event, element: Element | None, names: Mapping[str, str]) -> Line:
    payload: Mapping[str, Any] = event.payload or {}
    detail: Mapping[str, Any] = event.detail or {}
    return Line(
        event,
        (element.name or element.id) if element else event.element_id,
        element.gloss if element else "",
        names.get(event.performer, event.performer),
        tuple(changed_fields(event)),
        tuple(
            (name, _text(value_text(session, event, kept)) if kept else None) for name, kept in sorted(payload.items())
        ),
        str(detail.get("sha256", "")),
    )


def _text(kept: str) -> str:
    value = feel.from_json(kept)
    return "" if value is None else feel.to_text(value)


# ---- the cases that have left for an archive


def archived(tx: Transaction, actor: Actor, text: str) -> list[ArchivedCase]:
    """The archived cases whose number says the words, newest first; none without words."""
    require(actor, Permission.EVENT_READ)
    words = text.strip()[:LONGEST_SEARCH].split()
    if not words or not actor.may(Permission.PROCESS_INSTANCE_READ_ALL):
        return []
    says = [ArchivedCase.number.icontains(word, autoescape=True) for word in words]
    here = ArchivedCase.organisation_key == actor.organisation_key
    rows = tx.session.scalars(
        select(ArchivedCase).where(here, *says).order_by(ArchivedCase.process_instance_key.desc()).limit(PAGE)
    )
    return list(rows)


def archived_case(tx: Transaction, actor: Actor, key: int) -> ArchivedCase:
    """Where a case lies that has left the database. Raises `NotFound`."""
    require(actor, Permission.EVENT_READ)
    found = tx.session.get(ArchivedCase, key)
    may_see = actor.may(Permission.PROCESS_INSTANCE_READ_ALL)
    if found is None or found.organisation_key != actor.organisation_key or not may_see:
        raise NotFound(what="case", key=key)
    return found


# ---- the cases to look at


@dataclass(frozen=True, slots=True)
class LoggedCase:
    """A case with the length of its log."""

    key: int
    number: str
    title: str
    subtitle: str
    state: str
    process: str
    process_gloss: str
    version: int
    events: int
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoggedCases:
    """A page of cases; `total` counts to `COUNTED` at most."""

    rows: tuple[LoggedCase, ...]
    total: int
    has_next: bool


def cases(tx: Transaction, actor: Actor, text: str, page: int, size: int = 50) -> LoggedCases:
    """The cases whose number, customer or fault says the words, newest first. Two statements."""
    require(actor, Permission.EVENT_READ)
    conditions: list[ColumnElement[bool]] = [is_visible_case(actor)]
    for word in text.strip()[:LONGEST_SEARCH].split():
        columns = (ProcessInstance.number, ProcessInstance.title, ProcessInstance.subtitle)
        conditions.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    some = select(ProcessInstance.key).where(*conditions)
    total = tx.session.scalar(select(func.count()).select_from(some.limit(COUNTED + 1).subquery())) or 0
    rows = tx.session.execute(
        select(ProcessInstance, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.key == ProcessInstance.definition_key)
        .where(*conditions)
        .order_by(ProcessInstance.key.desc())
        .offset((page - 1) * size)
        .limit(size + 1)
    ).all()
    found = tuple(
        LoggedCase(
            instance.key,
            instance.number,
            instance.title,
            instance.subtitle,
            instance.state,
            definition.name,
            definition.gloss,
            definition.version,
            instance.event_sequence,
            instance.started_at,
            instance.ended_at,
        )
        for instance, definition in rows[:size]
    )
    return LoggedCases(found, total, len(rows) > size)


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
