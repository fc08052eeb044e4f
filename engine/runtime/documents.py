"""Rows of evidence: register entries and records, each with the hash the event log refers to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine import feel
from engine.access import Actor
from engine.errors import NotFound
from engine.handling import RegisterEntry
from engine.runtime.definitions import form_definition
from engine.runtime.storage import InstanceRow


def register_entry(
    connection: Connection, instance: InstanceRow, entry: RegisterEntry, element_id: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The row of a line in a register (台账). Raises `NotFound` for a register the organisation does not keep."""
    definition = form_definition(connection, instance.organisation_key, entry.register)
    if definition.document != "register":
        raise NotFound(what="register", key=entry.register)
    row = document_row(instance, entry.register, "register", element_id, actor, now)
    return row | fields_columns(entry.fields) | {"form_key": definition.key}


def document_row(
    instance: InstanceRow, document_type: str, kind: str, element_id: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The columns every piece of evidence has; a hash is still to come."""
    return {
        "organisation_key": instance.organisation_key,
        "process_instance_key": instance.key,
        "document_type": document_type,
        "kind": kind,
        "form_key": None,
        "element_id": element_id,
        "task_key": None,
        "version": 1,
        "fields": "",
        "filename": "",
        "media_type": "",
        "attachment_sha256": None,
        "created_at": now,
        "created_by": actor.username,
    }


def fields_columns(fields: Mapping[str, object]) -> dict[str, str]:
    """The text of a record's fields and its hash."""
    text = feel.to_json({name: feel.from_python(value) for name, value in fields.items()})
    return {"fields": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}
