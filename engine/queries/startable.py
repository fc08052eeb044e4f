"""The processes an actor may start by hand.

A process that names a start form is meant to be started by people. One without a form is when its first step is one of
the actor's own; the others are started by other cases, messages or timers.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.access import Actor, Permission, require
from engine.bpmn import EventKind, Specification
from engine.database import Transaction
from engine.errors import NotFound
from engine.form_schema import Form
from engine.queries.steps import certain_next
from engine.runtime.definitions import (
    Definition,
    form,
    form_definition,
    newest_definitions,
    process_definition,
    specification,
)


@dataclass(frozen=True, slots=True)
class Startable:
    """A process that can be started. `description` is what its documentation says after the English name."""

    process_id: str
    name: str
    gloss: str
    description: str
    version: int
    form_id: str


def startable_processes(tx: Transaction, actor: Actor) -> list[Startable]:
    """The newest versions of the processes the actor may start, by name. One statement (and what is not parsed yet)."""
    require(actor, Permission.PROCESS_INSTANCE_CREATE)
    definitions = newest_definitions(tx.connection, actor.organisation_key)
    found = [_startable(tx, actor, definition) for definition in definitions]
    return sorted((each for each in found if each is not None), key=lambda each: (not each.form_id, each.process_id))


def startable_process(tx: Transaction, actor: Actor, process_id: str) -> tuple[Startable, Form | None]:
    """One of them with its start form. Raises `NotFound` where the actor may not start it."""
    require(actor, Permission.PROCESS_INSTANCE_CREATE)
    found = _startable(tx, actor, process_definition(tx.session, actor.organisation_key, process_id))
    if found is None:
        raise NotFound(what="process", key=process_id)
    if not found.form_id:
        return found, None
    return found, form(tx.session, form_definition(tx.session, actor.organisation_key, found.form_id))


def _startable(tx: Transaction, actor: Actor, definition: Definition) -> Startable | None:
    known = specification(tx.session, definition)
    form_id = known.properties.get("start_form", "")
    if not known.is_executable or not (form_id or _begins_with(known, actor)):
        return None
    _, _, description = known.documentation.strip().partition("\n")
    return Startable(
        definition.process_id,
        definition.name,
        definition.gloss,
        description.strip(),
        definition.version,
        form_id,
    )


def _begins_with(known: Specification, actor: Actor) -> bool:
    """Whether the first step is one of the actor's roles' for certain."""
    starts = [event for event in known.start_events if event.event.kind is EventKind.NONE]
    if len(starts) != 1:
        return False
    first = certain_next(known, starts[0].id) or []
    groups = {group.strip() for element in first for group in (element.assignment.candidate_groups or "").split(",")}
    return bool(groups & actor.roles)
