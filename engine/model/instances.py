"""Running and ended process instances: the snapshot, the variables, and the read models of the tokens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import ONE_TREE, Base, JsonText, Key, partial_index


class InstanceState(StrEnum):
    """Where a process instance stands."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ElementState(StrEnum):
    """Where an element instance stands."""

    ACTIVE = "active"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class ProcessInstance(Base):
    """One case. `snapshot` holds the live tokens (`engine.bpmn`), nothing else; pages never read it."""

    __tablename__ = "process_instance"
    __table_args__ = (
        UniqueConstraint("organisation_key", "number"),
        # with the definition, so that cases are listed and counted by version without being read
        Index(None, "organisation_key", "state", "key", "definition_key"),
        partial_index("ix_process_instance_child", "parent_instance_key IS NOT NULL", "parent_instance_key"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    definition_key: Mapped[int] = mapped_column(Key, ForeignKey("process_definition.key"))
    process_id: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(40))
    """The case number people use, for instance SH-2026-1187."""
    title: Mapped[str] = mapped_column(String(300), default="")
    subtitle: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(12), default=InstanceState.ACTIVE)
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(String(100))
    ended_at: Mapped[datetime | None]
    parent_instance_key: Mapped[int | None] = mapped_column(Key, ForeignKey("process_instance.key"))
    parent_element_instance: Mapped[int | None]
    """The waiting call activity of the parent; empty for a linked case that nobody waits for."""
    origin_instance_key: Mapped[int | None] = mapped_column(Key, ForeignKey("process_instance.key"))
    """The case that started this one without waiting."""
    revision: Mapped[int] = mapped_column(default=0)
    snapshot: Mapped[str] = mapped_column(Text, default="")
    scopes: Mapped[Any] = mapped_column(JsonText, default=dict)
    """The open variable scopes besides the instance's own: {scope: enclosing scope}, keys as text."""
    flows: Mapped[Any] = mapped_column(JsonText, default=dict)
    """How often each sequence flow was taken: {flow id: count}; the picture's taken path."""
    incidents: Mapped[int] = mapped_column(default=0)
    """Number of open incidents."""
    event_sequence: Mapped[int] = mapped_column(default=0)
    event_head: Mapped[str] = mapped_column(String(64), default="")
    """Hash of the case's last event: the head of its chain."""


class ArchivedCase(Base):
    """Where an ended case lies that has left the database: the file, its hash, and the head of the case's chain."""

    __tablename__ = "archived_case"
    __table_args__ = (Index(None, "organisation_key", "number"),)

    process_instance_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_id: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    event_sequence: Mapped[int]
    event_head: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(200))
    """The archive's name in the archive folder."""
    sha256: Mapped[str] = mapped_column(String(64))
    """The hash of the whole file."""
    archived_at: Mapped[datetime]


class Variable(Base):
    """A variable in a scope (0 is the process instance, otherwise an element instance); `value` is FEEL's typed
    JSON, or a reference to a large value (`engine.large_values`).
    """

    __tablename__ = "variable"
    __table_args__ = ONE_TREE

    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"), primary_key=True)
    scope: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class LargeValue(Base):
    """A long text of a case, stored once: variables, events and decisions refer to it (`engine.large_values`)."""

    __tablename__ = "large_value"

    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    is_logged: Mapped[bool] = mapped_column(default=False)
    """The log or a recorded decision refers to it; otherwise it goes with the last variable that holds it."""


class ElementInstance(Base):
    """One visit of a token to a flow node; `id` counts within the process instance."""

    __tablename__ = "element_instance"
    __table_args__ = ONE_TREE

    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    element_id: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    scope: Mapped[int] = mapped_column(default=0)
    """The enclosing subprocess's element instance, 0 for the process instance."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MessageSubscription(Base):
    """A token waits for a message with this name and correlation key (FEEL's typed JSON)."""

    __tablename__ = "message_subscription"
    __table_args__ = (Index(None, "organisation_key", "name", "correlation_key"),)

    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"), primary_key=True)
    element_instance: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    name: Mapped[str] = mapped_column(String(200))
    correlation_key: Mapped[str] = mapped_column(String(500))


class SignalSubscription(Base):
    """A token waits for a signal with this name."""

    __tablename__ = "signal_subscription"
    __table_args__ = (Index(None, "organisation_key", "name"),)

    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"), primary_key=True)
    element_instance: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    name: Mapped[str] = mapped_column(String(200))


class Message(Base):
    """A message nobody waited for yet, kept until `expires_at`."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "organisation_key", "name", "correlation_key"), Index(None, "expires_at"))

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    name: Mapped[str] = mapped_column(String(200))
    correlation_key: Mapped[str] = mapped_column(String(500))
    payload: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Incident(Base):
    """Something stopped a token and wants a person: what failed, at which element, and which job can be retried."""

    __tablename__ = "incident"
    __table_args__ = (
        Index(None, "organisation_key", "resolved_at", "key"),
        Index(None, "process_instance_key", "resolved_at"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"))
    element_instance: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(200))
    job_key: Mapped[int | None] = mapped_column(Key)
    template: Mapped[str] = mapped_column(Text)
    """A gettext message id; filled with `params`."""
    params: Mapped[Any] = mapped_column(JsonText, default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str] = mapped_column(String(100), default="")
