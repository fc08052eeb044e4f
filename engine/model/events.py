"""The append-only, hash-chained event log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, JsonText, Key, partial_index


class Event(Base):
    """One event of a case (or, with `process_instance_key` 0, of the organisation).

    Every column but `payload` enters `hash`, together with `previous_hash`. `payload` holds the values, each with a
    salt;
    only their digests enter the chain, so a customer's values can be erased and the chain still verifies.
    """

    __tablename__ = "event"
    __table_args__ = (
        # none by organisation: every command would write to it, and only an export of the whole log would read it
        Index(None, "process_instance_key", "sequence"),
        partial_index("ix_event_overridden", "lifecycle = 'overridden'", "organisation_key", "key"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_instance_key: Mapped[int] = mapped_column(Key, default=0)
    sequence: Mapped[int]
    """Counts from 1 within the chain."""
    definition_key: Mapped[int | None] = mapped_column(Key)
    element_id: Mapped[str] = mapped_column(String(200), default="")
    element_instance: Mapped[int | None]
    lifecycle: Mapped[str] = mapped_column(String(30))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    performer: Mapped[str] = mapped_column(String(100), default="")
    """User name, or empty for the engine."""
    on_behalf_of: Mapped[str] = mapped_column(String(100), default="")
    roles: Mapped[str] = mapped_column(String(300), default="")
    """The performer's roles at that time, space separated."""
    source: Mapped[str] = mapped_column(String(30), default="")
    """Where it came from: ``web``, ``engine``, ``timer``, ``cli``, ``api``."""
    detail: Mapped[Any] = mapped_column(JsonText, default=dict)
    """What is no customer's value: decision version, document hash, error, changed field names."""
    reason: Mapped[str] = mapped_column(Text, default="")
    digests: Mapped[Any] = mapped_column(JsonText, default=dict)
    """{name: sha256(salt + value)} of the values in `payload`."""
    payload: Mapped[Any] = mapped_column(JsonText, default=dict)
    """{name: [salt, value text]}, or null where a value was erased; a long text is a reference (`large_values`)."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
