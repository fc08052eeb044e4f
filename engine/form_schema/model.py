"""A form as the server understands it: what `read_form` makes of a form-js schema. All values are immutable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from engine.form_schema.expressions import Bound, Formula, Switch, Wording
from engine.form_schema.messages import Bilingual

Path = tuple[str, ...]
"""Keys from the form (or from a row of its list) down to a value."""

NO_TEXT = Bilingual("")
NO_WORDING = Wording()


class Kind(StrEnum):
    """What a field asks for; the name decides the control that shows it."""

    TEXT = "text"
    TEXTAREA = "textarea"
    NUMBER = "number"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    SELECT = "select"
    CHECKLIST = "checklist"
    TAGLIST = "taglist"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    COMPUTED = "computed"
    FILE = "file"

    @property
    def is_single_choice(self) -> bool:
        """One of a list of options."""
        return self in {Kind.RADIO, Kind.SELECT}

    @property
    def is_multiple_choice(self) -> bool:
        """Any number of a list of options."""
        return self in {Kind.CHECKLIST, Kind.TAGLIST}

    @property
    def is_choice(self) -> bool:
        """Has options."""
        return self.is_single_choice or self.is_multiple_choice

    @property
    def is_temporal(self) -> bool:
        """Date, time or both."""
        return self in {Kind.DATE, Kind.TIME, Kind.DATETIME}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. `text` is what is posted, `value` the FEEL value it stands for."""

    text: str
    value: object
    label: Bilingual


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a field: fixed ones, or a FEEL list evaluated when the form is shown."""

    fixed: tuple[Option, ...] = ()
    formula: Formula | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """What a value must satisfy."""

    required: Switch = False
    min_length: Bound = None
    max_length: Bound = None
    min: Bound = None
    max: Bound = None
    above: Bound = None
    pattern: Any = None
    pattern_message: Bilingual | None = None
    format: str = ""
    not_past: bool = False


NO_CHECKS = Checks()
NO_OPTIONS = Options()


@dataclass(frozen=True, slots=True)
class Component:
    """What all parts of a form have. `row` is form-js's layout row, `columns` of 16 the width (None = all).

    `key` names the component in findings. `hide` is the condition under which it is not shown.
    """

    key: str
    label: Wording = NO_WORDING
    description: Wording = NO_WORDING
    hide: Formula | None = None
    row: str = ""
    columns: int | None = None
    properties: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Field(Component):
    """Something with a value at `path`. A COMPUTED field takes it from `formula` and is never filled in.

    `value` derives a document's field from the case.
    """

    path: Path = ()
    kind: Kind = Kind.TEXT
    checks: Checks = NO_CHECKS
    options: Options = NO_OPTIONS
    default: object = None
    readonly: Switch = False
    disabled: bool = False
    decimals: int | None = None
    step: str = ""
    unit: Wording = NO_WORDING
    prefix: Wording = NO_WORDING
    formula: Formula | None = None
    example: str = ""
    total: bool = False
    multiple: bool = False
    accept: str = ""
    value: Formula | None = None


@dataclass(frozen=True, slots=True)
class Group(Component):
    """Components under a heading, with the document's text beside them (`standards`, one sentence a line)."""

    components: tuple[Component, ...] = ()
    standards: Bilingual = NO_TEXT
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rows(Component):
    """A list of rows with the same fields (form-js: dynamic list); a field's path counts from the row."""

    path: Path = ()
    components: tuple[Component, ...] = ()
    min_rows: int = 0
    max_rows: int = 200
    blank_rows: int = 1
    fixed: bool = False
    value: Formula | None = None


@dataclass(frozen=True, slots=True)
class Note(Component):
    """Text, shown as it is."""

    text: Wording = NO_WORDING


@dataclass(frozen=True, slots=True)
class Rule(Component):
    """A line or a gap between components."""

    line: bool = True


@dataclass(frozen=True, slots=True)
class Picture(Component):
    """An image carried inside the schema as a data: address."""

    source: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table that is only shown."""

    key: str
    label: Bilingual


@dataclass(frozen=True, slots=True)
class Table(Component):
    """A list of contexts, shown only."""

    formula: Formula | None = None
    table_columns: tuple[TableColumn, ...] = ()


class DocumentKind(StrEnum):
    """How a document type is used."""

    RECORD = "record"
    REGISTER = "register"
    REFERENCE = "reference"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class DocumentType:
    """That a schema describes a document: how it is used, its family and its name as the papers have it."""

    kind: DocumentKind
    name: Bilingual
    family: str = ""
    source: str = ""


def fields_of(components: tuple[Component, ...]) -> Iterator[Field]:
    """The fields in groups of any depth, without those in rows."""
    for component in components:
        if isinstance(component, Field):
            yield component
        elif isinstance(component, Group):
            yield from fields_of(component.components)


def all_components(components: tuple[Component, ...]) -> Iterator[Component]:
    """Every component, with those in groups and rows."""
    for component in components:
        yield component
        if isinstance(component, Group | Rows):
            yield from all_components(component.components)


def joined(path: Path, prefix: str = "") -> str:
    """The name of a value: `customer.name`, or `parts[0].quantity` with the row as prefix."""
    return ".".join((prefix, *path)) if prefix else ".".join(path)


def look_up(values: Mapping[str, Any], path: Path) -> object:
    """The value at a path; KeyError where there is none."""
    found: object = values
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            raise KeyError(key)
        found = cast(Mapping[str, object], found)[key]
    return found


def put(values: dict[str, Any], path: Path, value: object) -> None:
    """Set the value at a path, making the contexts on the way."""
    inner = values
    for key in path[:-1]:
        if not isinstance(inner.get(key), dict):
            inner[key] = {}
        inner = cast(dict[str, Any], inner[key])
    inner[path[-1]] = value
