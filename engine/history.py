"""The event log: append-only, hash-chained per process instance, values erasable.

Each event's hash covers all of its facts and the hash before it. Values enter as salted digests only, so erasing a
value
(`erase`) leaves the chain whole, while any other change, deletion or reordering is found by `verify`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from engine import feel, large_values
from engine.json_text import canonical
from engine.model import Event, Organisation, ProcessInstance
from engine.statements import insert_into


class Lifecycle(StrEnum):
    """What can happen to an element, a task, a case or the organisation's data."""

    STARTED = "started"
    ENABLED = "enabled"
    ASSIGNED = "assigned"
    CLAIMED = "claimed"
    RELEASED = "released"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    TIMER_FIRED = "timer_fired"
    ESCALATED = "escalated"
    EVIDENCE_ATTACHED = "evidence_attached"
    DECISION_EVALUATED = "decision_evaluated"
    MESSAGE_RECEIVED = "message_received"
    INCIDENT = "incident"
    INCIDENT_RESOLVED = "incident_resolved"
    COMMENTED = "commented"
    NOTIFIED = "notified"
    MIGRATED = "migrated"
    OVERRIDDEN = "overridden"
    CASE_STARTED = "case_started"
    CASE_COMPLETED = "case_completed"
    CASE_CANCELLED = "case_cancelled"
    DEPLOYED = "deployed"
    CHANGED = "changed"
    EXPORTED = "exported"
    ARCHIVED = "archived"


Row = dict[str, Any]
"""A row of `event`."""


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(slots=True)
class Entry:
    """An event to be recorded. `values` are FEEL values (erasable later); `detail` is JSON that is nobody's data."""

    lifecycle: Lifecycle
    occurred_at: datetime
    element_id: str = ""
    element_instance: int | None = None
    due_at: datetime | None = None
    performer: str = ""
    on_behalf_of: str = ""
    roles: str = ""
    source: str = "engine"
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=_nothing)
    values: Mapping[str, object] = field(default_factory=_nothing)


class Chain(Protocol):
    """What carries the head of a chain: a process instance or an organisation."""

    event_sequence: Any
    event_head: Any


class CaseChain(Chain, Protocol):
    """A process instance: the row a command holds, or the mapped object."""

    key: Any
    organisation_key: Any
    definition_key: Any


def link(instance: CaseChain, entries: Iterable[Entry], now: datetime) -> list[Row]:
    """The rows that append events to a process instance's chain, in order. The caller writes them, and the head."""
    key, organisation, definition = instance.key, instance.organisation_key, instance.definition_key
    return [_link(instance, entry, now, organisation, key, definition) for entry in entries]


def write(connection: Connection, rows: list[Row]) -> None:
    """Write the rows that `link` made; one INSERT for all of them."""
    for row in rows:
        for kept in row["payload"].values():
            kept[1] = large_values.shortened(connection, row["process_instance_key"], kept[1], is_logged=True)
    insert_into(Event).many(connection, rows)


def record(session: Session, instance: ProcessInstance, entries: Iterable[Entry], now: datetime) -> None:
    """Append events to the chain of a locked process instance; the session writes the head when it flushes."""
    write(session.connection(), link(instance, entries, now))


def record_for_organisation(session: Session, organisation_key: str, entries: Iterable[Entry], now: datetime) -> None:
    """Append events that are about no single case (deployments, prices, calendars, users) to the organisation's
    chain.
    """
    organisation = session.get_one(Organisation, organisation_key, with_for_update=True)
    rows = [_link(organisation, entry, now, organisation_key, 0, None) for entry in entries]
    insert_into(Event).many(session.connection(), rows)


def _link(
    chain: Chain,
    entry: Entry,
    now: datetime,
    organisation_key: str,
    instance_key: int,
    definition_key: int | None,
) -> Row:
    payload = {name: [secrets.token_hex(8), feel.to_json(value)] for name, value in entry.values.items()}
    row: Row = {
        "organisation_key": organisation_key,
        "process_instance_key": instance_key,
        "sequence": chain.event_sequence + 1,
        "definition_key": definition_key,
        "element_id": entry.element_id,
        "element_instance": entry.element_instance,
        "lifecycle": str(entry.lifecycle),
        "occurred_at": entry.occurred_at,
        "recorded_at": now,
        "due_at": entry.due_at,
        "performer": entry.performer,
        "on_behalf_of": entry.on_behalf_of,
        "roles": entry.roles,
        "source": entry.source,
        "detail": dict(entry.detail),
        "reason": entry.reason,
        "digests": {name: _digest(salt, text) for name, (salt, text) in payload.items()},
        "previous_hash": chain.event_head,
    }
    row["hash"] = hash_of(row)
    row["payload"] = payload
    chain.event_sequence = row["sequence"]
    chain.event_head = row["hash"]
    return row


def _digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


HASHED = (
    "organisation_key",
    "process_instance_key",
    "sequence",
    "definition_key",
    "element_id",
    "element_instance",
    "lifecycle",
    "occurred_at",
    "recorded_at",
    "due_at",
    "performer",
    "on_behalf_of",
    "roles",
    "source",
    "detail",
    "reason",
    "digests",
    "previous_hash",
)
"""The columns that enter an event's hash, in this order."""


def hash_of(row: Mapping[str, Any]) -> str:
    """The hash (hex SHA-256) of an event's facts."""
    facts = list(_hashed(row))
    for place in _MOMENTS:
        if facts[place] is not None:
            facts[place] = _moment(facts[place])
    return hashlib.sha256(canonical(facts)).hexdigest()


_hashed = itemgetter(*HASHED)
_MOMENTS = [HASHED.index(name) for name in ("occurred_at", "recorded_at", "due_at")]


_moment = lru_cache(maxsize=64)(datetime.isoformat)
"""A command writes the same few moments over and over."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold: which event, and what is wrong with it."""

    organisation_key: str
    process_instance_key: int
    sequence: int
    problem: str

    def __str__(self) -> str:
        return f"case {self.process_instance_key}, event {self.sequence}: {self.problem}"


def verify(session: Session) -> Iterator[Broken]:
    """Check every chain from its first event to its recorded head; gives what is broken, nothing when all is well."""
    heads = _recorded_heads(session)
    seen: dict[tuple[str, int], tuple[int, str]] = {}
    events = session.scalars(
        select(Event)
        .order_by(Event.organisation_key, Event.process_instance_key, Event.sequence)
        .execution_options(yield_per=1000)
    )
    for event in events:
        chain = (event.organisation_key, event.process_instance_key)
        sequence, previous = seen.get(chain, (0, ""))
        seen[chain] = (event.sequence, event.hash)
        for problem in _problems(session, event, sequence, previous):
            yield Broken(*chain, event.sequence, problem)
    for chain in heads.keys() | seen.keys():
        expected, found = heads.get(chain, (0, "")), seen.get(chain, (0, ""))
        if expected != found:
            problem = f"the chain ends at event {found[0]}, its recorded head is event {expected[0]}"
            yield Broken(*chain, found[0], problem)


def verify_case(session: Session, instance: ProcessInstance) -> list[Broken]:
    """Check one case's chain from its first event to its recorded head; what is broken, nothing when all is well."""
    events = session.scalars(
        select(Event)
        .where(Event.process_instance_key == instance.key)
        .order_by(Event.sequence)
        .execution_options(yield_per=1000)
    )
    chain, sequence, previous = (instance.organisation_key, instance.key), 0, ""
    broken: list[Broken] = []
    for event in events:
        broken += [Broken(*chain, event.sequence, problem) for problem in _problems(session, event, sequence, previous)]
        sequence, previous = event.sequence, event.hash
    if (sequence, previous) != (instance.event_sequence, instance.event_head):
        problem = f"the chain ends at event {sequence}, its recorded head is event {instance.event_sequence}"
        broken.append(Broken(*chain, sequence, problem))
    return broken


def _recorded_heads(session: Session) -> dict[tuple[str, int], tuple[int, str]]:
    instances = session.execute(
        select(
            ProcessInstance.organisation_key,
            ProcessInstance.key,
            ProcessInstance.event_sequence,
            ProcessInstance.event_head,
        )
    )
    heads = {(organisation, key): (sequence, head) for organisation, key, sequence, head in instances if sequence}
    organisations = session.execute(select(Organisation.key, Organisation.event_sequence, Organisation.event_head))
    return heads | {(key, 0): (sequence, head) for key, sequence, head in organisations if sequence}


def _problems(session: Session, event: Event, sequence: int, previous: str) -> Iterator[str]:
    if event.sequence != sequence + 1:
        yield f"follows event {sequence}: an event is missing or out of order"
    if event.previous_hash != previous:
        yield "does not continue the event before it"
    row = {name: getattr(event, name) for name in HASHED}
    if hash_of(row) != event.hash:
        yield "its facts are not the ones that were recorded"
    for name, digest in event.digests.items():
        kept = event.payload.get(name)
        if kept is not None and not _is_what_was_recorded(session, event, kept, digest):
            yield f"the value of {name} is not the one that was recorded"


def _is_what_was_recorded(session: Session, event: Event, kept: Sequence[str], digest: str) -> bool:
    try:
        return _digest(kept[0], value_text(session, event, kept)) == digest
    except large_values.ValueMissing:
        return False


def value_text(session: Session, event: Event, kept: Sequence[str]) -> str:
    """The text (FEEL's typed JSON) of a value in an event's payload, wherever it is kept. Raises `ValueMissing`."""
    return large_values.full(session.connection(), event.process_instance_key, kept[1])


def erase(session: Session, process_instance_key: int) -> int:
    """Erase every value from a case's events; the chain still verifies. Gives the number of events touched."""
    events = session.scalars(select(Event).where(Event.process_instance_key == process_instance_key)).all()
    for event in events:
        event.payload = dict.fromkeys(event.payload)
    large_values.erase_logged(session.connection(), process_instance_key)
    return len(events)
