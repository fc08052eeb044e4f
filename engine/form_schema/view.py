"""A form as a tree of plain values that a template shows without any logic of its own.

Every node has `node`: "group", "field", "list", "table", "text", "rule" or "image". Hidden components are not in the
tree; `FormView.hidden` names them with their conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.form_schema.messages import Message

Width = Literal["w2", "w3", "full"]
"""A third, a half, or all of the line (classes of the grid of six)."""


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option; `value` is posted."""

    value: str
    label: str
    selected: bool
    id: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One control. `kind` is a value of `Kind`. `text` stands in the input; `display` is the value to be read.

    `described_by` is ready for aria-describedby. `refreshes`: other parts of the form depend on this value, so with
    JavaScript a change may ask the server for the form again. `condition`: the FEEL under which it would be hidden.
    """

    kind: str
    id: str
    name: str
    label: str
    hint: str = ""
    required: bool = False
    readonly: bool = False
    disabled: bool = False
    text: str = ""
    checked: bool = False
    options: tuple[OptionView, ...] = ()
    display: str = ""
    unit: str = ""
    prefix: str = ""
    error: Message | None = None
    error_id: str = ""
    hint_id: str = ""
    described_by: str = ""
    width: Width = "full"
    starts_row: bool = False
    input_mode: str = ""
    step: str = ""
    max_length: int | None = None
    multiple: bool = False
    accept: str = ""
    refreshes: bool = False
    condition: str = ""
    node: Literal["field"] = "field"


@dataclass(frozen=True, slots=True)
class ColumnView:
    """The head of a column. `width` counts sixteenths where the schema gives one; `total` is the sum in the foot."""

    label: str
    unit: str
    numeric: bool
    required: bool
    width: int | None
    total: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """One row: `cells` go with the columns, None where a condition hides one. `label` is the first cell's text."""

    index: int
    name: str
    id: str
    label: str
    cells: tuple[FieldView | None, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """Rows to fill in. Send a hidden input `name` with the row's index for each row, so that empty rows count."""

    id: str
    name: str
    label: str
    hint: str
    columns: tuple[ColumnView, ...]
    rows: tuple[RowView, ...]
    has_totals: bool
    can_add: bool
    can_remove: bool
    error: Message | None = None
    error_id: str = ""
    width: Width = "full"
    starts_row: bool = False
    condition: str = ""
    node: Literal["list"] = "list"


@dataclass(frozen=True, slots=True)
class TableView:
    """Rows to read."""

    id: str
    label: str
    columns: tuple[ColumnView, ...]
    rows: tuple[tuple[str, ...], ...]
    width: Width = "full"
    starts_row: bool = False
    condition: str = ""
    node: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class TextView:
    """Text to read, a paragraph each; never markup."""

    paragraphs: tuple[str, ...]
    width: Width = "full"
    starts_row: bool = False
    condition: str = ""
    node: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class RuleView:
    """A line, or only a gap."""

    line: bool
    width: Width = "full"
    starts_row: bool = False
    condition: str = ""
    node: Literal["rule"] = "rule"


@dataclass(frozen=True, slots=True)
class ImageView:
    """A picture as a data: address with its text for those who do not see it."""

    source: str
    label: str
    width: Width = "full"
    starts_row: bool = False
    condition: str = ""
    node: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class GroupView:
    """A part of the form under a heading (empty for fields outside any group), with the document's text beside it."""

    id: str
    label: str
    hint: str
    items: tuple[NodeView, ...]
    standards: tuple[str, ...] = ()
    source: str = ""
    width: Width = "full"
    starts_row: bool = False
    condition: str = ""
    node: Literal["group"] = "group"


NodeView = FieldView | ListView | TableView | TextView | RuleView | ImageView | GroupView


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the summary of errors: where to jump, what it is called, what to do."""

    id: str
    label: str
    message: Message


@dataclass(frozen=True, slots=True)
class HiddenView:
    """A component that is not shown, and the FEEL condition that hides it (empty: its group is hidden)."""

    key: str
    condition: str


@dataclass(frozen=True, slots=True)
class FormView:
    """The whole form. `depends_on` are the names that conditions and computed values read."""

    id: str
    groups: tuple[GroupView, ...]
    problems: tuple[Problem, ...]
    hidden: tuple[HiddenView, ...]
    depends_on: frozenset[str]

    def fields(self) -> Iterator[FieldView]:
        """Every field shown, with those in rows, in order."""
        for group in self.groups:
            yield from _fields(group)


def _fields(group: GroupView) -> Iterator[FieldView]:
    for item in group.items:
        if isinstance(item, FieldView):
            yield item
        elif isinstance(item, GroupView):
            yield from _fields(item)
        elif isinstance(item, ListView):
            for row in item.rows:
                yield from (cell for cell in row.cells if cell is not None)
