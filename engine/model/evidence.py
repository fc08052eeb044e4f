"""What proves that work was done: documents of a case, uploaded files, and the decisions taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, JsonText, Key


class Attachment(Base):
    """The bytes of an uploaded file, stored once under their SHA-256 (hex); 25 MB at most."""

    __tablename__ = "attachment"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Document(Base):
    """A piece of evidence (见证材料) of a case: a record made of case data, a register entry or an uploaded file."""

    __tablename__ = "document"
    __table_args__ = (
        Index(None, "process_instance_key", "document_type"),
        Index(None, "organisation_key", "document_type", "key"),
        Index(None, "task_key"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"))
    document_type: Mapped[str] = mapped_column(String(100))
    """The evidence key, for instance ``service_order``."""
    kind: Mapped[str] = mapped_column(String(12))
    """``record``, ``register`` or ``attachment``."""
    form_key: Mapped[int | None] = mapped_column(Key, ForeignKey("form_definition.key"))
    """The document type's version that gave the fields."""
    element_id: Mapped[str] = mapped_column(String(200), default="")
    task_key: Mapped[int | None] = mapped_column(Key, ForeignKey("user_task.key"))
    version: Mapped[int] = mapped_column(default=1)
    """Counts up when a later task makes the same record again; the older ones stay."""
    fields: Mapped[str] = mapped_column(Text, default="")
    """The record's or entry's fields, FEEL's typed JSON of a context; empty for a file."""
    filename: Mapped[str] = mapped_column(String(255), default="")
    media_type: Mapped[str] = mapped_column(String(100), default="")
    attachment_sha256: Mapped[str | None] = mapped_column(ForeignKey("attachment.sha256"))
    sha256: Mapped[str] = mapped_column(String(64))
    """Hash of the file, or of the fields' text: what the event log refers to."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(100))


class DecisionEvaluation(Base):
    """A decision that was taken in a case, with everything that led to it."""

    __tablename__ = "decision_evaluation"
    __table_args__ = (
        Index(None, "process_instance_key", "key"),
        Index(None, "organisation_key", "decision_id", "key"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"))
    element_instance: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(200))
    definition_key: Mapped[int] = mapped_column(Key, ForeignKey("decision_definition.key"))
    decision_id: Mapped[str] = mapped_column(String(100))
    inputs: Mapped[str] = mapped_column(Text)
    """The context it was evaluated in, FEEL's typed JSON; its large members by reference (`engine.large_values`)."""
    output: Mapped[str] = mapped_column(Text)
    trace: Mapped[Any] = mapped_column(JsonText)
    """Rules, cells and verdicts (`engine.dmn` trace): the coloured table."""
    evaluated_at: Mapped[datetime]
