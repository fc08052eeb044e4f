"""Messages and signals: exactly one instance gets a message, every waiting one gets a signal."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from sqlalchemy import delete, insert, select

from engine import feel
from engine.access import Actor
from engine.bpmn import EventKind
from engine.commands.process_instances import create
from engine.database import Transaction
from engine.history import Lifecycle
from engine.model import (
    InstanceState,
    Job,
    JobKind,
    Message,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    SignalSubscription,
)
from engine.runtime import load
from engine.runtime.definitions import specification

KEEP = timedelta(hours=1)


def publish(
    tx: Transaction,
    actor: Actor,
    name: str,
    correlation_key: object,
    variables: Mapping[str, object],
    keep: timedelta = KEEP,
) -> ProcessInstance | None:
    """Give a message to the one instance that waits for it, else start a process that begins with it, else keep it.

    `variables` are values of FEEL or Python. Gives the instance that got it, None when it is kept for `keep`; a case
    that begins to wait for it meanwhile gets it then.
    """
    variables = {variable: feel.from_python(value) for variable, value in variables.items()}
    key = feel.to_json(feel.from_python(correlation_key))
    subscription = tx.session.scalar(
        select(MessageSubscription)
        .where(
            MessageSubscription.organisation_key == actor.organisation_key,
            MessageSubscription.name == name,
            MessageSubscription.correlation_key == key,
        )
        .order_by(MessageSubscription.process_instance_key, MessageSubscription.element_instance)
        .limit(1)
    )
    if subscription is not None:
        return _correlate(tx, actor, subscription, variables)
    started = _start_by_message(tx, actor, name, variables)
    if started is None:
        tx.session.execute(delete(Message).where(Message.expires_at <= tx.now))
        row = {
            "organisation_key": actor.organisation_key,
            "name": name,
            "correlation_key": key,
            "payload": feel.to_json(dict(variables)),
            "published_at": tx.now,
            "expires_at": tx.now + keep,
        }
        tx.session.execute(insert(Message), [row])
    return started


def _correlate(
    tx: Transaction, actor: Actor, subscription: MessageSubscription, variables: Mapping[str, object]
) -> ProcessInstance:
    running = load(tx, actor, subscription.process_instance_key)
    token = running.execution.token(subscription.element_instance)
    if token is not None:
        entry = running.entry(Lifecycle.MESSAGE_RECEIVED, detail={"message": subscription.name})
        entry.element_id, entry.element_instance = token.element.id, token.id
        running.entries.append(entry)
    running.execution.fire(subscription.element_instance, variables)
    running.save()
    return running.instance


def _start_by_message(
    tx: Transaction, actor: Actor, name: str, variables: Mapping[str, object]
) -> ProcessInstance | None:
    newest: dict[str, ProcessDefinition] = {}
    rows = tx.session.scalars(
        select(ProcessDefinition)
        .where(ProcessDefinition.organisation_key == actor.organisation_key)
        .order_by(ProcessDefinition.version)
    )
    for row in rows:
        newest[row.process_id] = row
    for definition in newest.values():
        for event in specification(tx.session, definition).start_events:
            if event.event.kind is EventKind.MESSAGE and event.event.name == name:
                return create(tx, actor, definition, variables, start_event=event.id)
    return None


def broadcast(tx: Transaction, actor: Actor, name: str, variables: Mapping[str, object]) -> int:
    """Queue a signal for every instance that waits for it; gives their number."""
    waiting = tx.session.execute(
        select(SignalSubscription.process_instance_key, SignalSubscription.element_instance).where(
            SignalSubscription.organisation_key == actor.organisation_key, SignalSubscription.name == name
        )
    ).all()
    rows = [
        {
            "organisation_key": actor.organisation_key,
            "process_instance_key": instance,
            "element_instance": None,
            "kind": JobKind.SIGNAL,
            "payload": feel.to_json({"token": feel.from_python(token), "name": name, "variables": dict(variables)}),
            "due_at": tx.now,
            "idempotency_key": secrets.token_hex(16),
            "created_at": tx.now,
        }
        for instance, token in waiting
    ]
    if rows:
        tx.session.execute(insert(Job), rows)
    return len(rows)


def deliver_signal(tx: Transaction, actor: Actor, process_instance_key: int, payload: Mapping[str, object]) -> None:
    """Give a signal to one waiting token; nothing happens where it no longer waits."""
    running = load(tx, actor, process_instance_key)
    token = running.execution.token(int(str(payload["token"])))
    if token is None or running.instance.state != InstanceState.ACTIVE:
        return
    running.execution.fire(token.id, cast("Mapping[str, object]", payload.get("variables") or {}))
    running.save()
