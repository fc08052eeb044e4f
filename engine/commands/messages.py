"""Messages and signals: exactly one instance gets a message, every waiting one gets a signal."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import delete, insert, select

from engine import feel
from engine.access import Actor
from engine.bpmn import EventKind, TokenView, Waiting
from engine.commands.process_instances import create
from engine.database import Transaction
from engine.errors import N_, Conflict
from engine.history import Lifecycle
from engine.model import (
    InstanceState,
    Job,
    JobKind,
    Message,
    MessageSubscription,
    SignalSubscription,
)
from engine.runtime import Running, load
from engine.runtime.correlation import hold_messages
from engine.runtime.definitions import newest_definitions, specification
from engine.runtime.storage import InstanceRow

KEEP = timedelta(hours=1)
ATTEMPTS = 5


class MessageUnsettled(Conflict):
    """Those who wait for the message changed each time it was about to be delivered; nothing was changed."""

    template = N_(
        'The message "{name}" could not be delivered: the cases that wait for it keep changing. Send it again.'
    )


def publish(
    tx: Transaction,
    actor: Actor,
    name: str,
    correlation_key: object,
    variables: Mapping[str, object],
    keep: timedelta = KEEP,
) -> InstanceRow | None:
    """Give a message to the one instance that waits for it, else start a process that begins with it, else keep it.

    `variables` are values of FEEL or Python. Gives the instance that got it, None when it is kept for `keep`; a case
    that begins to wait for it meanwhile gets it then.
    """
    variables = {variable: feel.from_python(value) for variable, value in variables.items()}
    key = feel.to_json(feel.from_python(correlation_key))
    where = (actor.organisation_key, name, key)
    got = _to_subscriber(tx, actor, where, variables) or _start_by_message(tx, actor, name, variables)
    if got is not None:
        return got
    held = tx.session.begin_nested()
    hold_messages(tx.connection, [where])
    if _subscription(tx, where) is None:
        _keep(tx, where, variables, keep)
        held.commit()
        return None
    # somebody began to wait meanwhile; the hold goes first, for whoever locks a case may not be made to wait for it
    held.rollback()
    got = _to_subscriber(tx, actor, where, variables)
    if got is None:
        raise MessageUnsettled(name=name, detail=name)
    return got


def _keep(tx: Transaction, where: tuple[str, str, str], variables: Mapping[str, object], keep: timedelta) -> None:
    tx.session.execute(delete(Message).where(Message.expires_at <= tx.now))
    organisation, name, key = where
    row = {
        "organisation_key": organisation,
        "name": name,
        "correlation_key": key,
        "payload": feel.to_json(dict(variables)),
        "published_at": tx.now,
        "expires_at": tx.now + keep,
    }
    tx.session.execute(insert(Message), [row])


def _subscription(tx: Transaction, where: tuple[str, str, str]) -> MessageSubscription | None:
    organisation, name, key = where
    return tx.session.scalar(
        select(MessageSubscription)
        .where(
            MessageSubscription.organisation_key == organisation,
            MessageSubscription.name == name,
            MessageSubscription.correlation_key == key,
        )
        .order_by(MessageSubscription.process_instance_key, MessageSubscription.element_instance)
        .limit(1)
    )


def _to_subscriber(
    tx: Transaction, actor: Actor, where: tuple[str, str, str], variables: Mapping[str, object]
) -> InstanceRow | None:
    """Give the message to the first that waits; None when nobody does.

    Until a case is locked it may stop waiting. It is let go again then (no two are ever locked at once) and the next
    one is looked for.
    """
    for _ in range(ATTEMPTS):
        subscription = _subscription(tx, where)
        if subscription is None:
            return None
        attempt = tx.session.begin_nested()
        running = load(tx, actor, subscription.process_instance_key)
        token = running.execution.token(subscription.element_instance)
        if token is not None and token.waiting is Waiting.MESSAGE:
            attempt.commit()
            return _correlate(running, token, where[1], variables)
        attempt.rollback()
        tx.session.expire_all()
    raise MessageUnsettled(name=where[1], detail=where[1])


def _correlate(running: Running, token: TokenView, name: str, variables: Mapping[str, object]) -> InstanceRow:
    entry = running.entry(Lifecycle.MESSAGE_RECEIVED, detail={"message": name})
    entry.element_id, entry.element_instance = token.element.id, token.id
    running.entries.append(entry)
    running.execution.fire(token.id, variables)
    running.save()
    return running.instance


def _start_by_message(tx: Transaction, actor: Actor, name: str, variables: Mapping[str, object]) -> InstanceRow | None:
    for definition in newest_definitions(tx.connection, actor.organisation_key):
        for event in specification(tx.connection, definition).start_events:
            if event.event.kind is EventKind.MESSAGE and event.event.name == name:
                return create(tx, actor, definition, variables, start_event=event.id)
    return None


def broadcast(tx: Transaction, actor: Actor, name: str, variables: Mapping[str, object]) -> int:
    """Queue a signal for every instance that waits for it and every process that it starts; gives their number."""
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
    rows += [_start_by_signal(tx, actor, *start, name, variables) for start in _started_by_signal(tx, actor, name)]
    if rows:
        tx.session.execute(insert(Job), rows)
        tx.leaves_job(tx.now)
    return len(rows)


def _started_by_signal(tx: Transaction, actor: Actor, name: str) -> list[tuple[str, str]]:
    """The start events of newest versions that wait for a signal: process and element."""
    return [
        (definition.process_id, event.id)
        for definition in newest_definitions(tx.connection, actor.organisation_key)
        for event in specification(tx.connection, definition).start_events
        if event.event.kind is EventKind.SIGNAL and event.event.name == name
    ]


def _start_by_signal(
    tx: Transaction, actor: Actor, process_id: str, event: str, name: str, variables: Mapping[str, object]
) -> dict[str, Any]:
    payload = {"process_id": process_id, "start_event": event, "name": name, "variables": dict(variables)}
    return {
        "organisation_key": actor.organisation_key,
        "process_instance_key": None,
        "element_instance": None,
        "kind": JobKind.START_CASE,
        "payload": feel.to_json(payload),
        "due_at": tx.now,
        "idempotency_key": secrets.token_hex(16),
        "created_at": tx.now,
    }


def deliver_signal(tx: Transaction, actor: Actor, process_instance_key: int, payload: Mapping[str, object]) -> None:
    """Give a signal to one waiting token; nothing happens where it no longer waits."""
    running = load(tx, actor, process_instance_key)
    token = running.execution.token(int(str(payload["token"])))
    if token is None or running.instance.state != InstanceState.ACTIVE:
        return
    running.execution.fire(token.id, cast("Mapping[str, object]", payload.get("variables") or {}))
    running.save()
