"""Taking data away: what is exported, and by whom, stands in the organisation's log before the first line leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.history import Entry, Lifecycle, record_for_organisation
from engine.model import ProcessInstance


def take_events(tx: Transaction, actor: Actor, case: ProcessInstance | None) -> None:
    """Record that the actor takes the event log of the organisation, or of one case they may see, as CSV."""
    require(actor, Permission.EVENT_EXPORT)
    of_case = {"case": case.number, "events": case.event_sequence} if case else {}
    _record(tx, actor, {"what": "events", "format": "csv", **of_case})


def take_register(tx: Transaction, actor: Actor, register: str) -> None:
    """Record that the actor takes a register (its key) as CSV."""
    require(actor, Permission.REGISTER_READ)
    _record(tx, actor, {"what": "register", "register": register, "format": "csv"})


def _record(tx: Transaction, actor: Actor, detail: Mapping[str, Any]) -> None:
    entry = Entry(
        Lifecycle.EXPORTED,
        tx.now,
        performer=actor.username,
        roles=" ".join(sorted(actor.roles)),
        source=tx.source,
        detail=detail,
    )
    record_for_organisation(tx.session, actor.organisation_key, [entry], tx.now)
