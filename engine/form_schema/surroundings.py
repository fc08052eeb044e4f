"""What FEEL sees in a form: the case's variables, the form's own values, and inside a row the row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel import Environment
from engine.form_schema.coerce import options_from
from engine.form_schema.expressions import Formula, Scope, Switch, is_on
from engine.form_schema.model import Component, Field, Group, Option, Rows


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the form: at the top (`row` None), or in a row: its values, number from 0, and name (`parts[0]`)."""

    values: Mapping[str, Any]
    row: Mapping[str, Any] | None = None
    index: int = 0
    name: str = ""

    def inside(self) -> Mapping[str, Any]:
        """The values a field's path counts from."""
        return self.values if self.row is None else self.row


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The scope and environment of one reading or showing of a form.

    `scope` may hold earlier values of the form's own fields; `own` names them. They fill the form in but are not seen
    by its expressions: those see what the form holds now (nothing, where a field is hidden).
    """

    scope: Scope
    environment: Environment
    own: frozenset[str]

    def seen_from(self, place: Place) -> Scope:
        """The names an expression sees at a place; in a row also `this`, `parent` and `i`, counted from 1."""
        return _Seen(self, place)

    def evaluate(self, formula: Formula, place: Place) -> object:
        """The value of an expression at a place."""
        return formula.evaluate(self.seen_from(place), self.environment)

    def is_on(self, switch: Switch, place: Place) -> bool:
        """The state of a switch at a place."""
        return switch if isinstance(switch, bool) else is_on(switch, self.seen_from(place), self.environment)

    def options(self, field: Field, place: Place) -> tuple[Option, ...]:
        """The options of a field at a place."""
        if field.options.formula is None:
            return field.options.fixed
        return options_from(self.evaluate(field.options.formula, place), field.properties)


class _Seen(Mapping[str, object]):
    """The names seen from a place, looked up only as they are used: the case's variables may be many."""

    __slots__ = ("_around", "_place")

    def __init__(self, around: Surroundings, place: Place) -> None:
        self._around = around
        self._place = place

    def __getitem__(self, name: str) -> object:
        row, values = self._place.row, self._place.values
        if row is not None:
            if name in row:
                return row[name]
            if name in _ROW_NAMES:
                return {"this": dict(row), "parent": dict(values), "i": Decimal(self._place.index + 1)}[name]
        if name in values:
            return values[name]
        return None if name in self._around.own else self._around.scope[name]

    def __iter__(self) -> Iterator[str]:
        row_names = () if self._place.row is None else (*self._place.row, *_ROW_NAMES)
        return iter(dict.fromkeys((*row_names, *self._place.values, *self._around.own, *self._around.scope)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


_ROW_NAMES = ("this", "parent", "i")


def own_names(components: tuple[Component, ...]) -> frozenset[str]:
    """The top-level names of a form's values."""
    found: set[str] = set()
    for component in components:
        if isinstance(component, Field | Rows):
            found.add(component.path[0])
        elif isinstance(component, Group):
            found |= own_names(component.components)
    return frozenset(found)
