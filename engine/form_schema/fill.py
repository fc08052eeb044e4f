"""Taking the values of every field from a source, in the order of the form, hidden or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.form_schema import messages
from engine.form_schema.coerce import Refused
from engine.form_schema.messages import Message
from engine.form_schema.model import Component, Field, Group, Kind, Rows, fields_of, joined, look_up, put
from engine.form_schema.sources import MISSING, Initial, Missing, Position, Source
from engine.form_schema.surroundings import Place, Surroundings


@dataclass(slots=True)
class Filled:
    """Values by path (lists of contexts for lists of rows), what could not be read by name, what was typed by name."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: dict[str, Message] = field(default_factory=dict[str, Message])
    typed: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def fill(components: tuple[Component, ...], source: Source, initial: Initial, surroundings: Surroundings) -> Filled:
    """Read all fields. A field that may not be changed keeps what it held, whatever the source says."""
    filler = _Filler(source, initial, surroundings)
    filler.components(components)
    return filler.filled


class _Filler:
    def __init__(self, source: Source, initial: Initial, surroundings: Surroundings) -> None:
        self.filled = Filled()
        self._source = source
        self._initial = initial
        self._around = surroundings

    def components(self, components: tuple[Component, ...]) -> None:
        for component in components:
            if isinstance(component, Field):
                self._field(component, Place(self.filled.values), "", self.filled.values, None)
            elif isinstance(component, Group):
                self.components(component.components)
            elif isinstance(component, Rows):
                put(self.filled.values, component.path, [])
                self._rows(component)

    def _field(self, field: Field, place: Place, sent_as: str, into: dict[str, Any], rows: Rows | None) -> bool:
        """Fill one field in; gives whether somebody wrote something into it (more than what stood there)."""
        if field.kind in (Kind.COMPUTED, Kind.FILE):
            return False
        name, sent = joined(field.path, place.name), joined(field.path, sent_as)
        if field.disabled or self._around.is_on(field.readonly, place):
            put(into, field.path, self._initial.value(field, place, rows))
            return False
        typed = self._source.typed(sent)
        if typed:
            self.filled.typed[name] = typed
        try:
            value = self._source.value(field, sent, self._around.options(field, place), self._around.environment)
        except Refused as refused:
            self.filled.errors[name] = refused.message
            put(into, field.path, None)
            return True
        put(into, field.path, self._initial.value(field, place, rows) if isinstance(value, Missing) else value)
        return value not in (None, "", False, MISSING) and value != [] and value != field.default

    def _rows(self, rows: Rows) -> None:
        kept: list[dict[str, Any]] = look_up(self.filled.values, rows.path)  # pyright: ignore[reportAssignmentType]
        for sent_as, number in self._positions(rows):
            if len(kept) >= rows.max_rows:
                self.filled.errors[joined(rows.path)] = Message(
                    messages.ROWS_UP_TO, {"max": rows.max_rows, "rows": len(self._positions(rows))}
                )
                break
            self._row(rows, kept, sent_as, number)

    def _positions(self, rows: Rows) -> list[Position]:
        try:
            found = self._source.rows(rows)
        except Refused as refused:
            self.filled.errors[joined(rows.path)] = refused.message
            return []
        name, known = joined(rows.path), self._initial.rows(rows)
        if isinstance(found, Missing):
            blank = min(max(rows.blank_rows, rows.min_rows), rows.max_rows) if self._source.shows_blank_rows else 0
            return [(f"{name}[{number}]", number) for number in range(known or blank)]
        # A list whose rows are fixed neither gains nor loses any, whatever was sent.
        return [(f"{name}[{number}]", number) for number in range(known or rows.blank_rows)] if rows.fixed else [*found]

    def _row(self, rows: Rows, kept: list[dict[str, Any]], sent_as: str, number: int) -> None:
        row: dict[str, Any] = {}
        # `number` finds what the row held before; its name counts the rows that are kept.
        name = f"{joined(rows.path)}[{len(kept)}]"
        place = Place(self.filled.values, row, number, name)
        written = [self._field(field, place, sent_as, row, rows) for field in fields_of(rows.components)]
        if any(written) or not self._source.drops_blank_rows or rows.fixed:
            kept.append(row)
            return
        for typed in [typed for typed in self.filled.typed if typed.startswith(f"{name}.")]:
            del self.filled.typed[typed]
