"""Item definitions as types that convert values. Source: DMN 1.5, 7.3.2 and 10.3.2.9.4 (implicit conversions).

What a value must look like is a FEEL type; which of those values are allowed is said by unary tests on top of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from engine.dmn.model import ItemDefinition, Literal, Model
from engine.dmn.trace import show
from engine.errors import N_
from engine.feel import types as feel
from engine.feel import values
from engine.feel.environment import Environment

MISFIT: Final = object()

SIMPLE: dict[str, feel.Type] = {
    **feel.SIMPLE,
    "dateTime": feel.SIMPLE[values.DATE_TIME],
    "dayTimeDuration": feel.SIMPLE[values.DAYS],
    "yearMonthDuration": feel.SIMPLE[values.MONTHS],
    "context": feel.Type(values.CONTEXT),
    "list": feel.Type(values.LIST, item=feel.ANY),
    "function": feel.Type(values.FUNCTION),
    "range": feel.Type(values.RANGE, item=feel.ANY),
    "Any": feel.ANY,
    # Camunda's modeler offers these for numbers.
    "integer": feel.SIMPLE[values.NUMBER],
    "long": feel.SIMPLE[values.NUMBER],
    "double": feel.SIMPLE[values.NUMBER],
}
"""Type names that need no definition."""

MAX_DEPTH = 50
"""How far types may build on each other; what lies deeper is Any."""

Test = Callable[[object, Environment], bool]


@dataclass(frozen=True, slots=True)
class ItemType:
    """`shape` is the FEEL type, `allows` the further condition (None: none), `texts` the allowed values as written."""

    name: str
    shape: feel.Type
    allows: Test | None = None

    def convert(self, value: object, environment: Environment) -> object:
        """The value as one of this type, with the conversions the standard makes by itself, or `MISFIT`."""
        fits, converted = feel.coerce(value, self.shape)
        if not fits or (self.allows is not None and not self.allows(converted, environment)):
            return MISFIT
        return converted

    def convert_or_null(self, value: object, environment: Environment, what: str) -> object:
        """The converted value; null, with the reason, when it does not fit. `what` says whose value it is."""
        if value is None or self is ANY:
            return value
        converted = self.convert(value, environment)
        if converted is MISFIT:
            environment.null(
                N_("The value {value} of {what} is no {type}."),
                value=show(value),
                what=what,
                type=self.name,
            )
            return None
        return converted


ANY: Final = ItemType("Any", feel.ANY)


class TypeTable:
    """The types of a model. `compile_tests` makes a test of unary tests; `feel_types` is what expressions may name."""

    def __init__(self, model: Model, compile_tests: Callable[[Literal], Test]) -> None:
        self._model = model
        self._compile_tests = compile_tests
        self._built: dict[str, ItemType | None] = {}
        self._depth = 0
        self.feel_types = feel.Types()
        for name, item in self._imported():
            self._built[name] = item
        for name in model.items:
            self.find(name)
        self.feel_types.update({name: item.shape for name, item in self._built.items() if item is not None})

    def find(self, name: str) -> ItemType:
        """The type of that name; Any for an empty or unknown one."""
        return self.lookup(name) or ANY

    def lookup(self, name: str) -> ItemType | None:
        """The type of that name (`model.tType` for an imported one); None when there is none."""
        if name in ("", "Any"):
            return ANY
        if name not in self._built:
            if self._depth > MAX_DEPTH:
                return ANY
            # A type that occurs in itself: there, it is Any, for a FEEL type has no cycles.
            self._built[name] = ANY
            self._depth += 1
            self._built[name] = self._build(name)
            self._depth -= 1
        return self._built[name]

    def allowed_text(self, name: str) -> str:
        """The allowed values of a type of this model as they are written, in their order; empty when there are none."""
        item = self._model.items.get(name)
        return "" if item is None else item.allowed.text

    def _build(self, name: str) -> ItemType | None:
        item = self._model.items.get(name)
        if item is not None:
            return self._of_item(item)
        simple = SIMPLE.get(name)
        return None if simple is None else ItemType(name, simple)

    def _imported(self) -> list[tuple[str, ItemType]]:
        found: list[tuple[str, ItemType]] = []
        for entry in self._model.imports:
            model = self._model.imported.get(entry.namespace)
            if model is not None:
                prefix = f"{entry.name}." if entry.name else ""
                table = TypeTable(model, self._compile_tests)
                found += [(prefix + name, table.find(name)) for name in model.items]
        return found

    def _of_item(self, item: ItemDefinition) -> ItemType:
        shape, test = self._base(item)
        if item.allowed.text:
            test = _both(test, self._compile_tests(item.allowed))
        if item.is_collection:
            shape = feel.Type(values.LIST, item=shape)
            test = None if test is None else _every(test)
        if item.constraint.text:
            test = _both(test, self._compile_tests(item.constraint))
        return ItemType(item.name, shape, test)

    def _base(self, item: ItemDefinition) -> tuple[feel.Type, Test | None]:
        if item.components is not None:
            members = {part.name: self._of_item(part) for part in item.components}
            shape = feel.Type(values.CONTEXT, fields={name: member.shape for name, member in members.items()})
            tests = {name: member.allows for name, member in members.items() if member.allows is not None}
            return shape, _members(tests) if tests else None
        if item.function is not None:
            parameters, result = item.function
            wanted = tuple(self.find(parameter.type_ref).shape for parameter in parameters)
            return feel.Type(values.FUNCTION, parameters=wanted, result=self.find(result).shape), None
        base = self.find(item.type_ref)
        return base.shape, base.allows


def _both(one: Test | None, other: Test) -> Test:
    if one is None:
        return other
    return lambda value, environment: one(value, environment) and other(value, environment)


def _every(test: Test) -> Test:
    def every(value: object, environment: Environment) -> bool:
        return value is None or all(test(item, environment) for item in cast("list[object]", value))

    return every


def _members(tests: dict[str, Test]) -> Test:
    def members(value: object, environment: Environment) -> bool:
        context = cast("dict[str, Any] | None", value)
        return context is None or all(test(context.get(name), environment) for name, test in tests.items())

    return members
