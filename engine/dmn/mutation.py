"""Small mistakes in decision tables, made on purpose: every boundary moved by one step.

Scenarios that pass on a mutated table did not look at that boundary. A number moves by one unit of its last digit, a
date by a day, a moment, a time and a duration by a minute, a duration in months by a month; closed ends open and open
ones close; a text is swapped for another of its column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple, cast

from engine.dmn.graph import graph_of
from engine.dmn.hearing import Hearing, hear
from engine.dmn.model import DecisionTable, Literal, Model, tables_in
from engine.feel import tree
from engine.feel.number import round_to
from engine.feel.printer import print_expression
from engine.feel.temporal import (
    DAY,
    MINUTE,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    civil_from_days,
    from_value,
    parse_temporal,
    time_of_day,
)
from engine.xml import Element, local_name, read_xml, write_xml

FLIPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
TEMPORAL_FUNCTIONS = frozenset({"date", "time", "date and time", "duration"})


class Mutation(NamedTuple):
    """One change: in words (`amount: <= 5000 → < 5000`), where, and the whole file with it."""

    change: str
    decision: str
    rule: int
    content: bytes


def mutations(model: Model) -> Iterator[Mutation]:
    """Every mutation of every decision table of a model; `decision` is the id of the decision or knowledge model."""
    root = read_xml(model.source, model.file)
    elements = [element for element in root.iter() if local_name(element) == "decisionTable"]
    for owner, table, heard in _tables(model):
        rules = [child for child in elements[table.position] if local_name(child) == "rule"]
        texts = [_texts(table, column, heard) for column in range(len(table.inputs))]
        for rule, element in zip(table.rules, rules, strict=True):
            cells = [child for child in element if local_name(child) == "inputEntry"]
            for column, (literal, cell) in enumerate(zip(rule.tests, cells, strict=True)):
                for text in _variants_of(literal, texts[column], heard):
                    change = f"{table.inputs[column].title}: {literal.text} → {text}"
                    yield Mutation(change, owner, rule.number, _with_text(root, cell, text))


def _tables(model: Model) -> Iterator[tuple[str, DecisionTable, Hearing]]:
    graph = graph_of(model)
    for decision in model.decisions.values():
        if decision.expression is not None:
            unit = graph.unit(decision.id)
            unit.connect()
            heard = hear(unit.compiler, decision.expression)
            yield from ((decision.id, table, heard) for table in tables_in(decision.expression))
    for knowledge in model.knowledge.values():
        unit = graph.knowledge(knowledge.id)
        unit.connect()
        heard = hear(unit.compiler, knowledge.function)
        yield from ((knowledge.id, table, heard) for table in tables_in(knowledge.function))


def _with_text(root: Element, cell: Element, text: str) -> bytes:
    """The document with another text in a cell, which gets its own back afterwards."""
    holder = next(child for child in cell if local_name(child) == "text")
    before, holder.text = holder.text, text
    content = write_xml(root)
    holder.text = before
    return content


def _variants_of(literal: Literal, texts: list[str], heard: Hearing) -> Iterator[str]:
    """The mutated texts of a cell; none for a cell that tests nothing or cannot be read."""
    cell = heard.tests(literal)
    if cell is not None:
        seen = {print_expression(cell.tree)}
        for variant in _variants(cell.tree, texts):
            text = print_expression(variant)
            if text not in seen:
                seen.add(text)
                yield text


def _texts(table: DecisionTable, column: int, heard: Hearing) -> list[str]:
    """All texts a column mentions, its declared values first: what a text may be swapped for."""
    found: dict[str, None] = {}
    for literal in (table.inputs[column].values, *(rule.tests[column] for rule in table.rules)):
        cell = heard.tests(literal)
        if cell is not None:
            parts = _nodes(cell.tree)
            found.update(dict.fromkeys(part.value for part in parts if isinstance(part, tree.StringLiteral)))
    return list(found)


def _nodes(node: tree.Node) -> Iterator[tree.Node]:
    yield node
    for child, _ in _children(node):
        yield from _nodes(child)


Rebuild = Callable[[tree.Node], tree.Node]


def _children(node: tree.Node) -> Iterator[tuple[tree.Node, Rebuild]]:
    """The nodes within a node, each with how to put another in its place."""
    for name in (field.name for field in fields(node)):
        value: object = attrgetter(name)(node)
        if isinstance(value, tree.Node):
            yield value, _in_field(node, name)
        elif isinstance(value, tuple):
            items = cast("tuple[Any, ...]", value)
            nodes = (index for index, item in enumerate(items) if isinstance(item, tree.Node))
            yield from ((items[index], _at(node, name, items, index)) for index in nodes)


def _in_field(node: tree.Node, name: str) -> Rebuild:
    return lambda child: replace(node, **{name: child})


def _at(node: tree.Node, name: str, items: tuple[Any, ...], index: int) -> Rebuild:
    return lambda child: replace(node, **{name: (*items[:index], child, *items[index + 1 :])})


def _variants(node: tree.Node, texts: list[str]) -> Iterator[tree.Node]:
    """Trees that differ from this one in one place."""
    own = _moved(node, texts)
    if own is not None:
        yield from own
        return
    yield from _flipped(node)
    for child, rebuild in _children(node):
        for variant in _variants(child, texts):
            yield rebuild(variant)


def _flipped(node: tree.Node) -> Iterator[tree.Node]:
    """Ends that include their value, without it, and the other way round."""
    match node:
        case tree.UnaryRange(operator) | tree.Comparison(operator) if operator in FLIPPED:
            yield replace(node, operator=FLIPPED[operator])
        case tree.RangeLiteral(_, _, start, end):
            yield replace(node, start_included=not start)
            yield replace(node, end_included=not end)
        case _:
            return


def _moved(node: tree.Node, texts: list[str]) -> list[tree.Node] | None:
    """A constant, one step further; None for anything that is no constant, no list for one that cannot move."""
    match node:
        case tree.NumberLiteral(value):
            return [tree.NumberLiteral(_next_number(value))]
        case tree.BooleanLiteral(value):
            return [tree.BooleanLiteral(not value)]
        case tree.StringLiteral(value):
            return [tree.StringLiteral(next((text for text in texts if text != value), f"{value}?"))]
        case tree.AtLiteral(text):
            moved = _next_temporal(text)
            return [] if moved is None else [tree.AtLiteral(moved)]
        case tree.Invocation(tree.Name(name), (tree.StringLiteral(text),)) if name in TEMPORAL_FUNCTIONS:
            moved = _next_temporal(text)
            return [] if moved is None else [replace(node, arguments=(tree.StringLiteral(moved),))]
        case _:
            return None


def _next_number(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    digits = max(0, -exponent) if isinstance(exponent, int) else 0
    return round_to(value + Decimal(1).scaleb(-digits), digits, "ROUND_HALF_EVEN")


def _next_temporal(text: str) -> str | None:
    moved = _step(parse_temporal(text))
    return None if moved is None else str(moved)


def _step(value: object) -> object | None:
    match value:
        case Date():
            return civil_from_days(value.ordinal + 1)
        case DateTime():
            return from_value(value.value + MINUTE, value.time.zone)
        case Time():
            return time_of_day((value.of_day + MINUTE) % DAY, value.zone)
        case DaysDuration(nanoseconds):
            return DaysDuration(nanoseconds + MINUTE)
        case MonthsDuration(months):
            return MonthsDuration(months + 1)
        case _:
            return None
