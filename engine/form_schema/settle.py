"""Which components are shown and what is computed: conditions and computed values depend on each other, so they are
evaluated until nothing changes any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from engine.form_schema.expressions import Formula
from engine.form_schema.model import Component, Field, Group, Kind, Rows, joined, look_up, put
from engine.form_schema.surroundings import Place, Surroundings

MAX_ROUNDS = 6

Spot = tuple[str, int]
"""A component in a row (or at the top, with the empty name): the row's name and the component's identity."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The values of what is shown, and the spots that are hidden."""

    values: dict[str, Any]
    hidden: frozenset[Spot]

    def hides(self, component: Component, row: str = "") -> bool:
        """Whether a component (in a row) is not shown."""
        return (row, id(component)) in self.hidden


def settle(components: tuple[Component, ...], filled: dict[str, Any], surroundings: Surroundings) -> Settled:
    """Evaluate conditions and computed values over filled-in values. Conditions that chase each other in a circle
    stop after a fixed number of rounds."""
    settled = Settled(filled, frozenset())
    for _ in range(MAX_ROUNDS):
        following = _Round(filled, settled, surroundings).run(components)
        if following == settled:
            break
        settled = following
    return settled


def as_recorded(components: tuple[Component, ...], record: Mapping[str, Any]) -> Settled:
    """A record that was settled before: what has no entry in it was hidden."""
    hidden: set[Spot] = set()
    _note_absent(components, record, "", hidden)
    return Settled(dict(record), frozenset(hidden))


def _note_absent(components: tuple[Component, ...], values: Mapping[str, Any], name: str, hidden: set[Spot]) -> None:
    for component in components:
        if isinstance(component, Group):
            _note_absent(component.components, values, name, hidden)
        elif isinstance(component, Field | Rows) and not _is_recorded(component, values):
            hidden.add((name, id(component)))
        elif isinstance(component, Rows):
            rows = cast(list[Mapping[str, Any]], look_up(values, component.path))
            for index, row in enumerate(rows):
                _note_absent(component.components, row, f"{joined(component.path)}[{index}]", hidden)


def _is_recorded(component: Field | Rows, values: Mapping[str, Any]) -> bool:
    try:
        found = look_up(values, component.path)
    except KeyError:
        return False
    if isinstance(component, Field):
        return True
    return isinstance(found, list) and all(isinstance(row, Mapping) for row in cast(list[object], found))


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of the walk: where values are taken from and put to. `before` is the row one round earlier."""

    filled: Mapping[str, Any]
    into: dict[str, Any]
    name: str = ""
    index: int = 0
    before: Mapping[str, Any] | None = None


class _Round:
    def __init__(self, filled: dict[str, Any], before: Settled, surroundings: Surroundings) -> None:
        self._filled = filled
        self._before = before
        self._around = surroundings
        self._values: dict[str, Any] = {}
        self._hidden: set[Spot] = set()

    def run(self, components: tuple[Component, ...]) -> Settled:
        self._visit(components, _Level(self._filled, self._values), False)
        return Settled(self._values, frozenset(self._hidden))

    def _visit(self, components: tuple[Component, ...], level: _Level, hidden_above: bool) -> None:
        for component in components:
            hidden = hidden_above or (component.hide is not None and self._evaluate(component.hide, level) is True)
            if hidden:
                self._hidden.add((level.name, id(component)))
            if isinstance(component, Group):
                self._visit(component.components, level, hidden)
            elif isinstance(component, Field) and not hidden:
                self._field(component, level)
            elif isinstance(component, Rows) and not hidden:
                self._rows(component)

    def _evaluate(self, formula: Formula, level: _Level) -> object:
        """An expression sees this round's values so far over those of the round before."""
        top = {**self._before.values, **self._values}
        row = None if level.before is None else {**level.before, **level.into}
        return self._around.evaluate(formula, Place(top, row, level.index, level.name))

    def _field(self, field: Field, level: _Level) -> None:
        if field.kind is Kind.FILE:
            return
        if field.kind is not Kind.COMPUTED:
            put(level.into, field.path, look_up(level.filled, field.path))
        elif field.formula is not None:
            put(level.into, field.path, self._evaluate(field.formula, level))

    def _rows(self, rows: Rows) -> None:
        filled = cast(list[dict[str, Any]], look_up(self._filled, rows.path))
        shown: list[dict[str, Any]] = []
        put(self._values, rows.path, shown)
        for index, row in enumerate(filled):
            level = _Level(row, {}, f"{joined(rows.path)}[{index}]", index, self._row_before(rows, index, row))
            shown.append(level.into)
            self._visit(rows.components, level, False)

    def _row_before(self, rows: Rows, index: int, filled: dict[str, Any]) -> Mapping[str, Any]:
        try:
            return cast(list[dict[str, Any]], look_up(self._before.values, rows.path))[index]
        except (KeyError, IndexError):
            return filled
