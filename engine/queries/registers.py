"""The organisation's registers (台账): what is kept in them, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select

from engine import feel
from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.errors import NotFound
from engine.form_schema import Line
from engine.model import Document, FormDefinition, ProcessInstance, User
from engine.queries.visibility import is_visible_case
from engine.runtime.definitions import form
from engine.runtime.environment import Surroundings

REGISTER = "register"
PAGE = 50
COUNTED = 10_000
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its key and its names."""

    key: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A line of a register; `cells` are texts by field name. `is_open`: the actor may open its case."""

    key: int
    case_key: int
    is_open: bool
    created_at: datetime
    created_by: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entries:
    """A page of a register, the newest first; `columns` are (field name, label)."""

    register: Register
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Entered, ...]
    total: int
    has_next: bool


def registers(tx: Transaction, actor: Actor) -> list[Register]:
    """The organisation's registers, by key."""
    require(actor, Permission.REGISTER_READ)
    rows = tx.session.execute(
        select(FormDefinition.form_id, FormDefinition.name, FormDefinition.name_en)
        .where(FormDefinition.organisation_key == actor.organisation_key, FormDefinition.document == REGISTER)
        .order_by(FormDefinition.form_id, FormDefinition.version)
    )
    return list({key: Register(key, name, name_en) for key, name, name_en in rows}.values())


def entries(tx: Transaction, actor: Actor, key: str, text: str, page: int, locale: str) -> Entries:
    """A page of a register, narrowed to the lines that say all words of a text. Raises `NotFound`."""
    register = register_of(tx, actor, key)
    conditions = _conditions(actor, key, text)
    some = select(Document.key).where(*conditions).limit(COUNTED + 1)
    total = tx.session.scalar(select(func.count()).select_from(some.subquery())) or 0
    rows = tx.session.execute(
        select(Document, FormDefinition, User.display_name, is_visible_case(actor).label("is_open"))
        .join(ProcessInstance, ProcessInstance.key == Document.process_instance_key)
        .join(FormDefinition, FormDefinition.key == Document.form_key)
        .outerjoin(User, User.username == Document.created_by)
        .where(*conditions)
        .order_by(Document.key.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    reader = _Reader(tx, actor, locale)
    found = tuple(
        Entered(
            document.key,
            document.process_instance_key,
            bool(is_open),
            document.created_at,
            name or document.created_by,
            reader.cells(document, definition),
        )
        for document, definition, name, is_open in rows[:PAGE]
    )
    return Entries(register, tuple(reader.columns.items()), found, total, len(rows) > PAGE)


def lines(tx: Transaction, actor: Actor, key: str, text: str, locale: str) -> Iterator[list[str]]:
    """A whole register as texts, the oldest line first, after its head; read bit by bit."""
    register_of(tx, actor, key)
    reader = _Reader(tx, actor, locale)
    newest = tx.session.scalars(
        select(FormDefinition)
        .where(FormDefinition.organisation_key == actor.organisation_key, FormDefinition.form_id == key)
        .order_by(FormDefinition.version.desc())
        .limit(1)
    ).one()
    columns = reader.columns_of(newest)
    yield list(columns.values())
    rows = tx.session.execute(
        select(Document, FormDefinition)
        .join(FormDefinition, FormDefinition.key == Document.form_key)
        .where(*_conditions(actor, key, text))
        .order_by(Document.key)
        .execution_options(yield_per=500)
    )
    for document, definition in rows:
        cells = reader.cells(document, definition)
        yield [cells.get(name, "") for name in columns]


def register_of(tx: Transaction, actor: Actor, key: str) -> Register:
    found = next((each for each in registers(tx, actor) if each.key == key), None)
    if found is None:
        raise NotFound(what="register", key=key)
    return found


def _conditions(actor: Actor, key: str, text: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Document.organisation_key == actor.organisation_key,
        Document.document_type == key,
        Document.kind == REGISTER,
    ]
    for word in text.strip()[:LONGEST_SEARCH].split():
        conditions.append(Document.fields.icontains(word, autoescape=True))
    return conditions


class _Reader:
    """Turns the kept fields into texts, and collects the columns that occur, in the order of the form."""

    def __init__(self, tx: Transaction, actor: Actor, locale: str) -> None:
        self._tx = tx
        self._locale = locale
        self._around = Surroundings(tx, actor.organisation_key)
        self.columns: dict[str, str] = {}

    def cells(self, document: Document, definition: FormDefinition) -> dict[str, str]:
        """The texts of a line by field name."""
        fields = cast("dict[str, Any]", feel.from_json(document.fields))
        cells: dict[str, str] = {}
        for name, label, text in self._lines(definition, fields):
            self.columns.setdefault(name, label)
            cells[name] = text
        return cells

    def columns_of(self, definition: FormDefinition) -> dict[str, str]:
        """All columns a version of the register can have."""
        names = form(self._tx.session, definition).names
        return {name: label for name, label, _ in self._lines(definition, dict.fromkeys(names))}

    def _lines(self, definition: FormDefinition, fields: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        known = form(self._tx.session, definition)
        for line in known.lines(fields, self._locale, self._around.environment()):
            if isinstance(line, Line):
                yield line.name, line.label, f"{line.text} {line.unit}".strip() if line.text else ""
