"""Documents of cases: a record with its form, and the bytes of an uploaded file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import select

from engine import feel
from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.errors import NotFound
from engine.form_schema import Form
from engine.model import Attachment, Document, FormDefinition, Organisation, ProcessInstance, User
from engine.queries.visibility import is_visible_case
from engine.runtime.definitions import form


@dataclass(frozen=True, slots=True)
class Record:
    """A record or register entry, with what is needed to print it."""

    document: Document
    instance: ProcessInstance
    organisation: Organisation
    definition: FormDefinition
    form: Form
    fields: Mapping[str, Any]
    author: str
    files: list[Document]
    """Files of the same type in the same case."""


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file with its bytes."""

    document: Document
    content: bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """All evidence of a case in order of time: of each record its newest version, the register entries, the files."""

    organisation: Organisation
    records: list[Record]
    files: list[File]


def visible(tx: Transaction, actor: Actor, key: int) -> tuple[Document, ProcessInstance]:
    """A document of a case the actor may see. Raises `NotFound` otherwise."""
    require(actor, Permission.DOCUMENT_READ)
    row = tx.session.execute(
        select(Document, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.key == Document.process_instance_key)
        .where(Document.key == key, is_visible_case(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(what="document", key=key)
    return row[0], row[1]


def record(tx: Transaction, actor: Actor, key: int) -> Record:
    """A record to be shown or printed. Raises `NotFound` for a file, or outside the actor's cases."""
    document, instance = visible(tx, actor, key)
    if document.form_key is None:
        raise NotFound(what="document", key=key)
    return _record(tx, document, instance)


def folder(tx: Transaction, actor: Actor, case_key: int) -> Folder:
    """What the folder of a case holds. Raises `NotFound` for a case the actor may not see."""
    require(actor, Permission.DOCUMENT_READ)
    instance = tx.session.scalar(select(ProcessInstance).where(ProcessInstance.key == case_key, is_visible_case(actor)))
    if instance is None:
        raise NotFound(what="case", key=case_key)
    filed = tx.session.scalars(
        select(Document).where(Document.process_instance_key == case_key).order_by(Document.key)
    ).all()
    newest = {(document.document_type, document.kind == "record" or document.key): document for document in filed}
    return Folder(
        tx.session.get_one(Organisation, instance.organisation_key),
        [_record(tx, document, instance) for document in newest.values() if document.form_key is not None],
        [File(document, _content(tx, document)) for document in filed if document.attachment_sha256],
    )


def _record(tx: Transaction, document: Document, instance: ProcessInstance) -> Record:
    definition = tx.session.get_one(FormDefinition, document.form_key)
    files = tx.session.scalars(
        select(Document)
        .where(
            Document.process_instance_key == instance.key,
            Document.document_type == document.document_type,
            Document.kind == "attachment",
        )
        .order_by(Document.key)
    )
    author = tx.session.scalar(select(User.display_name).where(User.username == document.created_by))
    return Record(
        document,
        instance,
        tx.session.get_one(Organisation, instance.organisation_key),
        definition,
        form(tx.session, definition),
        cast("dict[str, Any]", feel.from_json(document.fields)),
        author or document.created_by,
        list(files),
    )


def file(tx: Transaction, actor: Actor, key: int) -> tuple[Document, bytes]:
    """An uploaded file. Raises `NotFound` where the document is no file, or outside the actor's cases."""
    document, _ = visible(tx, actor, key)
    if document.attachment_sha256 is None:
        raise NotFound(what="document", key=key)
    return document, _content(tx, document)


def _content(tx: Transaction, document: Document) -> bytes:
    return tx.session.scalars(select(Attachment.content).where(Attachment.sha256 == document.attachment_sha256)).one()
