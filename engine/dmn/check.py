"""What is wrong with a decision model before anybody evaluates it.

Here: the model as a whole. The expressions are looked at in engine.dmn.check_expressions, the tables in
engine.dmn.check_tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.dmn.check_expressions import check_expressions
from engine.dmn.check_tables import check_table
from engine.dmn.errors import CircularRequirement
from engine.dmn.graph import Graph, graph_of, requirements_in_order
from engine.dmn.hearing import hear
from engine.dmn.model import (
    Decision,
    DecisionService,
    ItemDefinition,
    KnowledgeModel,
    Literal,
    Model,
    Reference,
    tables_in,
)
from engine.errors import N_
from engine.feel import FeelSyntaxError, compile_unary_tests
from engine.feel.errors import FeelError
from engine.findings import Finding, Severity


def check_model(model: Model) -> list[Finding]:
    """All findings: the model as a whole first, then element by element in the order of the file."""
    return [finding.in_file(model.file) for finding in _findings(model)]


def _findings(model: Model) -> Iterator[Finding]:
    graph = graph_of(model)
    yield from _imports(model)
    for item in model.items.values():
        yield from _item(graph, item, item.name)
    for data in model.inputs.values():
        yield from _type(graph, data.variable.type_ref, data.id, data.place.line)
    for decision in model.decisions.values():
        yield from _decision(graph, decision)
    for knowledge in model.knowledge.values():
        yield from _knowledge(graph, knowledge)
    for service in model.services.values():
        yield from _requirements(model, service.id, _references(service))


def _decision(graph: Graph, decision: Decision) -> Iterator[Finding]:
    references = (*decision.inputs, *decision.decisions, *decision.knowledge)
    yield from _requirements(graph.model, decision.id, references)
    yield from _circle(graph, decision)
    yield from _type(graph, decision.variable.type_ref, decision.id, decision.place.line)
    if decision.expression is None:
        yield _no_logic(decision)
        return
    unit = graph.unit(decision.id)
    unit.connect()
    heard = hear(unit.compiler, decision.expression)
    # Without declared inputs, as the modeler leaves it, any variable of the case may be used.
    declared = bool(decision.inputs)
    yield from check_expressions(graph, decision.id, decision.expression, heard, declared=declared)
    for table in tables_in(decision.expression):
        yield from check_table(graph, decision.id, table, heard)


def _knowledge(graph: Graph, knowledge: KnowledgeModel) -> Iterator[Finding]:
    yield from _requirements(graph.model, knowledge.id, knowledge.knowledge)
    unit = graph.knowledge(knowledge.id)
    unit.connect()
    heard = hear(unit.compiler, knowledge.function)
    yield from check_expressions(graph, knowledge.id, knowledge.function, heard, declared=True)
    for table in tables_in(knowledge.function):
        yield from check_table(graph, knowledge.id, table, heard)


def _imports(model: Model) -> Iterator[Finding]:
    for entry in model.imports:
        if entry.namespace not in model.imported:
            yield Finding(
                "dmn-import",
                N_("The imported model {name} ({namespace}) is not there."),
                {"name": entry.name, "namespace": entry.namespace},
                N_("Deploy it together with this model."),
                element=entry.place.id,
                line=entry.place.line,
            )


def _references(service: DecisionService) -> tuple[Reference, ...]:
    return (*service.outputs, *service.encapsulated, *service.input_decisions, *service.input_data)


def _requirements(model: Model, element: str, references: tuple[Reference, ...]) -> Iterator[Finding]:
    for reference in references:
        home = model.home_of(reference)
        # An import that is missing has a finding of its own.
        if home is not None and not any(
            reference.id in group for group in (home.inputs, home.decisions, home.knowledge, home.services)
        ):
            yield Finding(
                "dmn-requirement",
                N_("It requires {target}, which does not exist."),
                {"target": reference.id},
                N_("Draw the requirement anew, or remove it."),
                element=element,
            )


def _circle(graph: Graph, decision: Decision) -> Iterator[Finding]:
    try:
        requirements_in_order(graph.unit(decision.id))
    except CircularRequirement as error:
        yield Finding(
            "dmn-circle", CircularRequirement.template, error.params, element=decision.id, line=decision.place.line
        )


def _no_logic(decision: Decision) -> Finding:
    return Finding(
        "dmn-no-logic",
        N_("The decision {name} has no logic; its value must be given from outside."),
        {"name": decision.name},
        N_("Add a decision table or an expression."),
        element=decision.id,
        line=decision.place.line,
        severity=Severity.WARNING,
    )


def _item(graph: Graph, item: ItemDefinition, owner: str) -> Iterator[Finding]:
    yield from _type(graph, item.type_ref, owner, item.place.line)
    for literal in (item.allowed, item.constraint):
        yield from _tests(literal, owner)
    for part in item.components or ():
        yield from _item(graph, part, owner)


def _tests(literal: Literal, owner: str) -> Iterator[Finding]:
    try:
        compile_unary_tests(literal.text)
    except FeelError as error:
        yield Finding(
            "dmn-syntax",
            N_("The allowed values “{expression}” of the type {type} cannot be read: {detail}"),
            {"expression": literal.text, "type": owner, "detail": _detail(error)},
            element=owner,
            line=literal.place.line,
        )


def _detail(error: FeelError) -> str:
    return error.detail if isinstance(error, FeelSyntaxError) else str(error)


def _type(graph: Graph, name: str, element: str, line: int) -> Iterator[Finding]:
    if graph.types.lookup(name) is None:
        yield Finding(
            "dmn-unknown-type",
            N_("There is no type {type}; values are not checked."),
            {"type": name},
            N_("Define it, or choose one of number, string, boolean, date, time, dateTime or a duration."),
            element=element,
            line=line,
            severity=Severity.WARNING,
        )
