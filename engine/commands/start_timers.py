"""Timer start events: each of a process's newest version has one job, which starts a case and is due again afterwards.

A new version takes the place of the older one's timers. Firings that were missed while nobody ran coalesce into one
(as for every cycle, `engine.bpmn.schedule`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert

from engine import feel
from engine.access import engine_actor
from engine.bpmn import Plan, next_plan, plan
from engine.commands.process_instances import create
from engine.database import Transaction
from engine.diagram import Element, EventKind
from engine.model import Job, JobKind
from engine.runtime import Surroundings
from engine.runtime.definitions import Definition, newest_definitions, process_definition, specification
from engine.runtime.environment import NAMES

RETRIES = 3


def arm(tx: Transaction, organisation_key: str, process_ids: Iterable[str] | None = None) -> None:
    """Let the timers of these processes' newest versions run from now on (of all processes without `process_ids`).

    Raises `engine.bpmn.BadTime` and FEEL's errors for a time that cannot be computed.
    """
    wanted = None if process_ids is None else frozenset(process_ids)
    for definition in newest_definitions(tx.connection, organisation_key):
        if wanted is not None and definition.process_id not in wanted:
            continue
        disarm(tx, organisation_key, definition.process_id)
        for event in specification(tx.connection, definition).start_events:
            if event.event.kind is EventKind.TIMER:
                _leave(tx, organisation_key, definition, event, _plan(tx, organisation_key, definition, event))


def disarm(tx: Transaction, organisation_key: str, process_id: str | None = None) -> None:
    """Take the timers of a process away (of all processes without `process_id`)."""
    mine = [Job.organisation_key == organisation_key, Job.kind == JobKind.START_TIMER]
    if process_id is not None:
        mine.append(Job.type == process_id)
    tx.session.execute(delete(Job).where(*mine).execution_options(synchronize_session=False))


def fire(tx: Transaction, job: Job) -> None:
    """Start the case that is due, and leave the job of the next time; the caller deletes this one."""
    definition = process_definition(tx.connection, job.organisation_key, job.type)
    event = specification(tx.connection, definition).elements.get(job.element_id)
    if event is None or event.event.kind is not EventKind.TIMER:
        return  # the newest version has no such timer
    left = int(str(feel.from_json(job.payload)))
    step = _plan(tx, job.organisation_key, definition, event).step
    following = next_plan(Plan(job.due_at, left, step), tx.now, ZoneInfo(definition.zone))
    if following is not None:
        _leave(tx, job.organisation_key, definition, event, following)
    create(tx, engine_actor(job.organisation_key), definition, {}, start_event=event.id)


def _plan(tx: Transaction, organisation_key: str, definition: Definition, event: Element) -> Plan:
    """When a timer start event is due, reckoned from now."""
    assert event.event.timer is not None  # it was read as a timer
    value: object = event.event.timer_value
    surroundings = Surroundings(tx, organisation_key, definition.zone)
    if event.event.timer_value.startswith("="):
        compiled = feel.compile_expression(event.event.timer_value[1:], names=NAMES)
        value = compiled.evaluate(dict(surroundings.functions), surroundings.environment())
    return plan(event.event.timer, value, tx.now, surroundings.zone)


def _leave(tx: Transaction, organisation_key: str, definition: Definition, event: Element, when: Plan) -> None:
    row: dict[str, Any] = {
        "organisation_key": organisation_key,
        "process_instance_key": None,
        "element_instance": None,
        "element_id": event.id,
        "kind": JobKind.START_TIMER,
        "type": definition.process_id,
        "payload": feel.to_json(feel.from_python(when.left)),
        "due_at": when.due,
        "retries": RETRIES,
        "idempotency_key": secrets.token_hex(16),
        "created_at": tx.now,
    }
    tx.session.execute(insert(Job), [row])
    tx.leaves_job(when.due)
