"""Types of FEEL: what `instance of`, typed parameters and item definitions ask.

Source: DMN 1.5, 10.3.2.9 (conformance) and 10.3.2.9.4 (implicit conversions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from engine.feel import tree, values
from engine.feel.temporal import Date, DateTime, Time

ANY_NAME, NULL_NAME = "Any", "Null"


@dataclass(frozen=True, slots=True)
class Type:
    """`name` is Any, Null or a kind of engine.feel.values; lists and ranges have an `item`, contexts `fields`,
    functions `parameters` (None: unknown) and a `result`."""

    name: str
    item: Type | None = None
    fields: Mapping[str, Type] = field(default_factory=dict[str, "Type"])
    parameters: tuple[Type, ...] | None = None
    result: Type | None = None

    def __str__(self) -> str:
        if self.item is not None:
            return f"{self.name}<{self.item}>"
        if self.name == values.CONTEXT:
            return f"context<{', '.join(f'{key}: {inner}' for key, inner in self.fields.items())}>"
        if self.name == values.FUNCTION:
            return f"function<{', '.join(map(str, self.parameters or ()))}>->{self.result or ANY_NAME}"
        return self.name


ANY = Type(ANY_NAME)
NULL_TYPE = Type(NULL_NAME)
SIMPLE: dict[str, Type] = {
    name: Type(name)
    for name in (
        values.NUMBER,
        values.STRING,
        values.BOOLEAN,
        values.DATE,
        values.TIME,
        values.DATE_TIME,
        values.DAYS,
        values.MONTHS,
    )
}
_NAMED: dict[str, Type] = {
    **SIMPLE,
    ANY_NAME: ANY,
    NULL_NAME: NULL_TYPE,
}


class Types(dict[str, Type]):
    """Types that a model defines, by name. Compared by identity, so that expressions can be cached with it."""

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other


def resolve(node: tree.TypeNode, types: Mapping[str, Type]) -> Type | None:
    """The type a text names; None when there is no such type (`list` without its `<…>` is none)."""
    if node.bare:
        return types.get(node.name) or _NAMED.get(node.name)
    arguments = [resolve(argument, types) for argument in node.arguments]
    fields = {name: resolve(inner, types) for name, inner in node.fields}
    result = resolve(node.result, types) if node.result is not None else ANY
    if None in arguments or None in fields.values() or result is None:
        return None
    inner = cast("list[Type]", arguments)
    if node.name in (values.LIST, values.RANGE) and len(inner) == 1:
        return Type(node.name, item=inner[0])
    if node.name == values.CONTEXT:
        return Type(values.CONTEXT, fields=cast("dict[str, Type]", fields))
    if node.name == values.FUNCTION:
        return Type(values.FUNCTION, parameters=tuple(inner), result=result)
    return None


def conforms(value: Any, wanted: Type) -> bool:
    """Whether the value is of the type; null is of every type."""
    if value is None or wanted.name == ANY_NAME:
        return True
    if values.kind(value) != wanted.name:
        return False
    if wanted.name == values.LIST:
        return wanted.item is None or all(conforms(item, wanted.item) for item in value)
    if wanted.name == values.RANGE:
        return wanted.item is None or (conforms(value.start, wanted.item) and conforms(value.end, wanted.item))
    if wanted.name == values.CONTEXT:
        return all(name in value and conforms(value[name], inner) for name, inner in wanted.fields.items())
    if wanted.name == values.FUNCTION:
        return narrower(type_of(value), wanted)
    return True


def narrower(one: Type, other: Type) -> bool:
    """Whether every value of the first type is one of the second."""
    if other.name == ANY_NAME or one.name == NULL_NAME:
        return True
    if one.name != other.name:
        return False
    if one.name in (values.LIST, values.RANGE):
        return narrower(one.item or ANY, other.item or ANY)
    if one.name == values.CONTEXT:
        return all(name in one.fields and narrower(one.fields[name], inner) for name, inner in other.fields.items())
    if one.name == values.FUNCTION and other.parameters is not None:
        return _narrower_function(one, other, other.parameters)
    return True


def _narrower_function(one: Type, other: Type, wanted: tuple[Type, ...]) -> bool:
    given = one.parameters or ()
    return (
        len(given) == len(wanted)
        and all(narrower(theirs, ours) for ours, theirs in zip(given, wanted, strict=True))
        and narrower(one.result or ANY, other.result or ANY)
    )


def type_of(value: Any) -> Type:
    """The most special type of a value, as far as the language can tell."""
    name = values.kind(value)
    if name == values.NULL:
        return NULL_TYPE
    if name == values.FUNCTION:
        parameters = value.parameter_types or tuple(ANY for _ in value.parameters)
        return Type(name, parameters=parameters, result=value.result_type or ANY)
    if name == values.CONTEXT:
        return Type(name, fields={key: type_of(item) for key, item in value.items()})
    if name == values.LIST:
        return Type(name, item=common(type_of(item) for item in value))
    if name == values.RANGE:
        return Type(name, item=type_of(value.start if value.start is not None else value.end))
    return SIMPLE[name]


def common(types: Any) -> Type:
    """The type of items of several types: theirs when they agree, else Any."""
    found: Type | None = None
    for item in types:
        if found is not None and found != item:
            return ANY
        found = item
    return found or ANY


def coerce(value: Any, wanted: Type) -> tuple[bool, Any]:
    """The value as one of the type, with the implicit conversions of the standard; False when it cannot be."""
    if conforms(value, wanted):
        return True, value
    if wanted.name == values.LIST and not isinstance(value, list) and wanted.item is not None:
        fits, item = coerce(value, wanted.item)
        return fits, [item] if fits else None
    if isinstance(value, list) and wanted.name != values.LIST and len(cast("list[Any]", value)) == 1:
        return coerce(cast("list[Any]", value)[0], wanted)
    if wanted.name == values.DATE_TIME and isinstance(value, Date):
        return True, DateTime(value, Time(0, 0, 0, zone=0))
    return False, None


def infer(node: tree.Node, types: Mapping[str, Type]) -> Type:
    """What the type of an expression is without running it: Any where that is not plain."""
    match node:
        case tree.NumberLiteral():
            return SIMPLE[values.NUMBER]
        case tree.StringLiteral():
            return SIMPLE[values.STRING]
        case tree.BooleanLiteral() | tree.Comparison() | tree.Logical() | tree.Between() | tree.In():
            return SIMPLE[values.BOOLEAN]
        case tree.InstanceOf() | tree.Quantified():
            return SIMPLE[values.BOOLEAN]
        case tree.NullLiteral():
            return NULL_TYPE
        case tree.ListLiteral(items):
            return Type(values.LIST, item=common(infer(item, types) for item in items))
        case tree.ContextLiteral(entries):
            return Type(values.CONTEXT, fields={key: infer(item, types) for key, item in entries})
        case tree.FunctionDefinition(parameters, body, external):
            wanted = tuple((resolve(inner, types) if inner else None) or ANY for _, inner in parameters)
            return Type(values.FUNCTION, parameters=wanted, result=ANY if external else infer(body, types))
        case _:
            return ANY
