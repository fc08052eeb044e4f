"""Building the tree that templates show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from engine.form_schema.display import display_text, input_text, number_text
from engine.form_schema.expressions import Scope, Wording, plain
from engine.form_schema.messages import Message
from engine.form_schema.model import (
    Component,
    Field,
    Group,
    Kind,
    Note,
    Option,
    Picture,
    Rows,
    Rule,
    Table,
    fields_of,
    joined,
    look_up,
)
from engine.form_schema.settle import Settled
from engine.form_schema.surroundings import Place, Surroundings
from engine.form_schema.view import (
    ColumnView,
    FieldView,
    FormView,
    GroupView,
    HiddenView,
    ImageView,
    ListView,
    NodeView,
    OptionView,
    Problem,
    RowView,
    RuleView,
    TableView,
    TextView,
    Width,
)

MAX_TABLE_ROWS = 1_000


class Renderer:
    """Shows one settled form in one locale."""

    def __init__(
        self,
        settled: Settled,
        surroundings: Surroundings,
        locale: str,
        errors: Mapping[str, Message],
        typed: Mapping[str, Sequence[str]],
        depends_on: frozenset[str],
    ) -> None:
        self._settled = settled
        self._around = surroundings
        self._locale = locale
        self._errors = errors
        self._typed = typed
        self._depends_on = depends_on
        self._problems: list[Problem] = []
        self._hidden: list[HiddenView] = []

    def form(self, identity: str, components: tuple[Component, ...]) -> FormView:
        """The whole form; what stands outside groups comes in groups without a heading, where it stands."""
        groups: list[GroupView] = []
        loose: list[NodeView] = []
        for node in self._nodes(components, Place(self._settled.values)):
            if isinstance(node, GroupView):
                groups += self._loose(loose, len(groups))
                loose = []
                groups.append(node)
            else:
                loose.append(node)
        groups += self._loose(loose, len(groups))
        if "" in self._errors:
            self._problems.insert(0, Problem("", "", self._errors[""].in_locale(self._locale)))
        return FormView(identity, tuple(groups), tuple(self._problems), tuple(self._hidden), self._depends_on)

    def _loose(self, nodes: list[NodeView], number: int) -> list[GroupView]:
        return [GroupView(f"group-{number}", "", "", tuple(nodes))] if nodes else []

    def _nodes(self, components: tuple[Component, ...], place: Place) -> tuple[NodeView, ...]:
        nodes: list[NodeView] = []
        row = ""
        for component in components:
            if self._settled.hides(component, place.name):
                condition = component.hide.text if component.hide else ""
                self._hidden.append(HiddenView(component.key, condition))
                continue
            grid: dict[str, Any] = {
                "width": width_of(component.columns),
                "starts_row": component.row != row,
                "condition": component.hide.text if component.hide else "",
            }
            row = component.row
            node = self._node(component, place, grid)
            nodes += [] if node is None else [node]
        return tuple(nodes)

    def _node(self, component: Component, place: Place, grid: dict[str, Any]) -> NodeView | None:
        if isinstance(component, Field):
            # A computed value without a label is a variable, not something to look at (as in form-js).
            silent = component.kind is Kind.COMPUTED and component.label.is_empty
            return None if silent else self._field(component, place, grid)
        if isinstance(component, Group):
            return self._group(component, place, grid)
        if isinstance(component, Rows):
            return self._list(component, place, grid)
        if isinstance(component, Table):
            return self._table(component, place, grid)
        if isinstance(component, Note):
            lines = self._say(component.text, place).split("\n")
            return TextView(tuple(line.strip() for line in lines if line.strip()), **grid)
        if isinstance(component, Picture):
            return ImageView(component.source, self._say(component.label, place), **grid)
        return RuleView(isinstance(component, Rule) and component.line, **grid)

    def _say(self, wording: Wording, place: Place) -> str:
        scope: Scope = self._around.seen_from(place) if wording.formulas else {}
        return wording.say(self._locale, scope, self._around.environment, self._told)

    def _told(self, value: object) -> str:
        return display_text(value, self._locale, self._around.environment)

    def _group(self, group: Group, place: Place, grid: dict[str, Any]) -> GroupView:
        standards = group.standards.in_locale(self._locale).split("\n")
        return GroupView(
            element_id(f"group-{group.key}"),
            self._say(group.label, place),
            self._say(group.description, place),
            self._nodes(group.components, place),
            tuple(line.strip() for line in standards if line.strip()),
            group.source,
            **grid,
        )

    # --- fields

    def _field(self, field: Field, place: Place, grid: Mapping[str, Any]) -> FieldView:
        name = joined(field.path, place.name)
        identity, label = element_id(name), self._say(field.label, place)
        # In the summary a cell is told apart from its column by the number of its row.
        error = self._error(name, identity, label if place.row is None else f"{label} {place.index + 1}")
        hint = self._say(field.description, place)
        value = self._value(field, place)
        options = self._around.options(field, place) if field.kind.is_choice else ()
        typed = tuple(self._typed.get(name, ()))
        readonly = field.kind is Kind.COMPUTED or self._around.is_on(field.readonly, place)
        error_id, hint_id = f"{identity}-error" if error else "", f"{identity}-hint" if hint else ""
        shown = (
            typed[0]
            if typed and not readonly and not field.disabled
            else input_text(field, value, self._around.environment)
        )
        most = field.checks.max_length
        return FieldView(
            kind=field.kind.value,
            id=identity,
            name=name,
            label=label,
            hint=hint,
            required=not readonly and self._around.is_on(field.checks.required, place),
            readonly=readonly,
            disabled=field.disabled,
            text=shown,
            checked=value is True,
            options=self._options(options, value, identity),
            display=display_text(value, self._locale, self._around.environment, field, options),
            unit=self._say(field.unit, place),
            prefix=self._say(field.prefix, place),
            error=error,
            error_id=error_id,
            hint_id=hint_id,
            described_by=" ".join(part for part in (error_id, hint_id) if part),
            input_mode=_input_mode(field),
            step=field.step,
            max_length=int(most) if isinstance(most, Decimal) else None,
            multiple=field.multiple,
            accept=field.accept,
            refreshes=field.path[0] in self._depends_on or (place.row is not None and self._list_matters(place)),
            **grid,
        )

    def _list_matters(self, place: Place) -> bool:
        return place.name.partition("[")[0].partition(".")[0] in self._depends_on

    def _value(self, field: Field, place: Place) -> object:
        try:
            return look_up(place.inside(), field.path)
        except KeyError:
            return None

    def _error(self, name: str, identity: str, label: str) -> Message | None:
        error = self._errors.get(name)
        if error is None:
            return None
        message = error.in_locale(self._locale)
        self._problems.append(Problem(identity, label, message))
        return message

    def _options(self, options: tuple[Option, ...], value: object, identity: str) -> tuple[OptionView, ...]:
        chosen = {plain(item) for item in cast(list[object], value)} if isinstance(value, list) else {plain(value)}
        if value is None:
            chosen = set[str]()
        return tuple(
            OptionView(option.text, option.label.in_locale(self._locale), option.text in chosen, f"{identity}-{number}")
            for number, option in enumerate(options)
        )

    # --- lists and tables

    def _list(self, rows: Rows, place: Place, grid: dict[str, Any]) -> ListView:
        name, label = joined(rows.path), self._say(rows.label, place)
        identity = element_id(name)
        kept = cast(list[dict[str, Any]], look_up(self._settled.values, rows.path))
        error = self._error(name, identity, label)
        # A computed value without a label is no column.
        columns = [field for field in fields_of(rows.components) if not field.label.is_empty]
        shown = tuple(
            self._row(columns, Place(self._settled.values, row, index, f"{name}[{index}]"))
            for index, row in enumerate(kept)
        )
        heads = tuple(self._column(field, kept, place) for field in columns)
        return ListView(
            identity,
            name,
            label,
            self._say(rows.description, place),
            heads,
            shown,
            has_totals=any(head.total for head in heads),
            can_add=not rows.fixed and len(shown) < rows.max_rows,
            can_remove=not rows.fixed,
            error=error,
            error_id=f"{identity}-error" if error else "",
            **grid,
        )

    def _row(self, columns: list[Field], place: Place) -> RowView:
        cells = tuple(
            None if self._settled.hides(field, place.name) else self._field(field, place, {}) for field in columns
        )
        label = next((cell.display for cell in cells if cell is not None and cell.display), "")
        return RowView(place.index, place.name, element_id(place.name), label, cells)

    def _column(self, field: Field, kept: list[dict[str, Any]], place: Place) -> ColumnView:
        return ColumnView(
            self._say(field.label, place),
            self._say(field.unit, place),
            numeric=field.kind is Kind.NUMBER or (field.kind is Kind.COMPUTED and field.decimals is not None),
            required=field.checks.required is True,
            width=field.columns,
            total=_total(field, kept) if field.total else "",
        )

    def _table(self, table: Table, place: Place, grid: dict[str, Any]) -> TableView:
        value = self._around.evaluate(table.formula, place) if table.formula else None
        entries = cast(list[object], value) if isinstance(value, list) else []
        keys = [column.key for column in table.table_columns]
        rows = [[_cell(entry, key) for key in keys] for entry in entries[:MAX_TABLE_ROWS]]
        heads = tuple(
            ColumnView(column.label.in_locale(self._locale), "", _all_numbers(rows, number), False, None)
            for number, column in enumerate(table.table_columns)
        )
        texts = tuple(tuple(display_text(cell, self._locale, self._around.environment) for cell in row) for row in rows)
        return TableView(element_id(f"table-{table.key}"), self._say(table.label, place), heads, texts, **grid)


def _cell(entry: object, key: str) -> object:
    return cast(dict[str, object], entry).get(key) if isinstance(entry, dict) else None


def _all_numbers(rows: list[list[object]], column: int) -> bool:
    return bool(rows) and all(row[column] is None or isinstance(row[column], Decimal) for row in rows)


def _total(field: Field, kept: list[dict[str, Any]]) -> str:
    found: list[Decimal] = []
    for row in kept:
        try:
            value = look_up(row, field.path)
        except KeyError:
            continue
        if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= 24:
            found.append(value)
    return number_text(sum(found, Decimal(0)), field.decimals)


def _input_mode(field: Field) -> str:
    if field.kind is Kind.NUMBER:
        return "numeric" if field.decimals == 0 else "decimal"
    return {"email": "email", "phone": "tel"}.get(field.checks.format, "")


def width_of(columns: int | None) -> Width:
    """form-js counts sixteenths; the grid has thirds, halves and whole lines."""
    if columns is None or columns > 10:
        return "full"
    return "w2" if columns <= 5 else "w3"


def element_id(name: str) -> str:
    """An id for a name: `field-parts-0-quantity`."""
    return "field-" + name.replace("[", "-").replace("]", "").replace(".", "-")
