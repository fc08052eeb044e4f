"""Evidence (见证材料): files that are attached to a task, and whether a task has what it needs to complete.

The diagram says it (`produces`, `requires`, `optional`, `when:<key>` in the element's zeebe:properties); the document
types are forms with root properties. See docs/guide/evidence.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from engine.access import Permission, require
from engine.bpmn import Element
from engine.database import Transaction
from engine.errors import N_, InvalidInput
from engine.form_schema import Form, Message
from engine.history import Lifecycle
from engine.model import Attachment, Document, FormDefinition
from engine.runtime import Running
from engine.runtime.definitions import form
from engine.runtime.documents import document_row, fields_columns
from engine.runtime.storage import TaskRow

MAX_ATTACHMENT = 25 * 1024 * 1024

MISSING = N_("Attach {document}.")
NOT_VALID = N_("{document} is not available: no version of it is valid today.")
NOT_MADE = N_("{document} is missing in this case. An earlier task has to produce it.")


class AttachmentTooLarge(InvalidInput):
    """The file is larger than what is kept in the database."""

    template = N_("{filename} is {size} MB; at most {most} MB can be attached.")
    status = 413


class EmptyAttachment(InvalidInput):
    """The file has no content."""

    template = N_("{filename} is empty. Choose the file again.")


@dataclass(slots=True)
class Need:
    """A piece of evidence a task produces or requires, and what there is of it."""

    key: str
    use: str
    """``produces`` or ``requires``."""
    optional: bool
    kind: str
    """``record``, ``register``, ``reference`` or ``attachment``."""
    name: str
    name_en: str
    form: Form
    form_key: int
    takes_files: bool
    documents: list[Document] = field(default_factory=list[Document])

    @property
    def files(self) -> list[Document]:
        """The uploaded files."""
        return [document for document in self.documents if document.kind == "attachment"]


def attach(
    running: Running,
    task: TaskRow,
    document_type: str,
    filename: str,
    media_type: str,
    content: bytes,
) -> Document:
    """Keep a file as evidence of a task. It cannot be replaced afterwards, only supplemented.

    The caller has locked the instance, checked that the actor may work on the task, and saves.
    Raises `AttachmentTooLarge`, `EmptyAttachment`.
    """
    tx, actor = running.tx, running.actor
    require(actor, Permission.DOCUMENT_CREATE)
    if len(content) > MAX_ATTACHMENT:
        size = len(content) // (1024 * 1024) + 1
        raise AttachmentTooLarge(filename=filename, size=size, most=MAX_ATTACHMENT // (1024 * 1024))
    if not content:
        raise EmptyAttachment(filename=filename)
    digest = hashlib.sha256(content).hexdigest()
    if tx.session.scalar(select(Attachment.sha256).where(Attachment.sha256 == digest)) is None:
        tx.session.add(Attachment(sha256=digest, size=len(content), content=content))
        tx.session.flush()
    row = document_row(running.instance, document_type, "attachment", task.element_id, actor, tx.now)
    row |= {"attachment_sha256": digest, "sha256": digest, "task_key": task.key}
    document = Document(**row | {"filename": clean_filename(filename), "media_type": media_type[:100]})
    tx.session.add(document)
    entry = running.entry(
        Lifecycle.EVIDENCE_ATTACHED, performer=actor, detail={"document": document_type, "sha256": digest}
    )
    entry.element_id, entry.element_instance = task.element_id, task.element_instance
    running.entries.append(entry)
    return document


def clean_filename(filename: str) -> str:
    """The name without folders and control characters, at most 255 characters, its ending kept."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if character.isprintable()).strip() or "file"
    if len(name) <= 255:
        return name
    stem, _, ending = name.rpartition(".")
    return f"{stem[: 250 - len(ending)]}.{ending}" if stem and len(ending) < 20 else name[:255]


def needs_of(running: Running, element: Element, scope: int, values: Mapping[str, object]) -> list[Need]:
    """What a task produces and requires now: conditions (`when:`) are judged on the variables and the form's values."""
    optional = set(element.properties.get("optional", "").split())
    wanted = [
        (key, use)
        for use in ("produces", "requires")
        for key in element.properties.get(use, "").split()
        if _applies(running, element, scope, key, values)
    ]
    if not wanted:
        return []
    types = document_types(running.tx, running.instance.organisation_key, {key for key, _ in wanted})
    documents = _documents(running.tx, running.instance.key, set(types))
    return [_need(running.tx, types[key], use, key in optional, documents.get(key, [])) for key, use in wanted]


def _applies(running: Running, element: Element, scope: int, key: str, values: Mapping[str, object]) -> bool:
    condition = element.properties.get(f"when:{key}", "")
    return not condition or running.evaluate_in(scope, condition, element.id, values) is True


_TYPES = (
    select(FormDefinition)
    .where(
        FormDefinition.organisation_key == bindparam("organisation"),
        FormDefinition.form_id.in_(bindparam("keys", expanding=True)),
    )
    .order_by(FormDefinition.version)
)
_DOCUMENTS = (
    select(Document)
    .where(
        Document.process_instance_key == bindparam("instance"),
        Document.document_type.in_(bindparam("keys", expanding=True)),
    )
    .order_by(Document.key)
)


def document_types(tx: Transaction, organisation_key: str, keys: set[str]) -> dict[str, FormDefinition]:
    """The latest version of each document type."""
    rows = tx.session.scalars(_TYPES, {"organisation": organisation_key, "keys": list(keys)})
    return {row.form_id: row for row in rows}


def _documents(tx: Transaction, process_instance_key: int, keys: set[str]) -> dict[str, list[Document]]:
    rows = tx.session.scalars(_DOCUMENTS, {"instance": process_instance_key, "keys": list(keys)})
    found: dict[str, list[Document]] = {}
    for row in rows:
        found.setdefault(row.document_type, []).append(row)
    return found


def _need(tx: Transaction, definition: FormDefinition, use: str, optional: bool, documents: list[Document]) -> Need:
    document_form = form(tx.session, definition)
    return Need(
        key=definition.form_id,
        use=use,
        optional=optional,
        kind=definition.document,
        name=definition.name or definition.form_id,
        name_en=definition.name_en,
        form=document_form,
        form_key=definition.key,
        takes_files=definition.document == "attachment" or document_form.takes_files,
        documents=documents,
    )


def settle(
    running: Running, task: TaskRow, element: Element, values: Mapping[str, object]
) -> tuple[list[dict[str, Any]], dict[str, Message]]:
    """The documents a completing task makes, and what is missing (by evidence key; nothing missing: complete)."""
    scope = task.element_instance if running.scopes.has_scope(task.element_instance) else 0
    rows: list[dict[str, Any]] = []
    missing: dict[str, Message] = {}
    for need in needs_of(running, element, scope, values):
        if need.use == "requires":
            problem = _lacking(running, need)
        else:
            row, problem = _made(running, task, element, need, scope, values)
            rows += [row] if row else []
        if problem is not None and not need.optional:
            missing[need.key] = problem
    return rows, missing


def _lacking(running: Running, need: Need) -> Message | None:
    params = {"document": need.name}
    if need.kind == "reference":
        priced = need.form.properties.get("reference") == "price_list"
        return Message(NOT_VALID, params) if priced and not running.surroundings.prices.version else None
    if need.documents:
        return None
    return Message(MISSING if need.takes_files else NOT_MADE, params)


def _made(
    running: Running, task: TaskRow, element: Element, need: Need, scope: int, values: Mapping[str, object]
) -> tuple[dict[str, Any] | None, Message | None]:
    if need.takes_files and not need.files and (need.kind == "attachment" or need.form.requires_files):
        return None, Message(MISSING, {"document": need.name})
    if need.kind not in ("record", "register"):
        return None, None
    row = document_row(running.instance, need.key, need.kind, element.id, running.actor, running.tx.now)
    fields = need.form.record(running.scope(scope, values), running.surroundings.environment())
    version = sum(1 for document in need.documents if document.kind == need.kind) + 1
    return row | fields_columns(fields) | {"form_key": need.form_key, "task_key": task.key, "version": version}, None
