"""Checks of single expressions: syntax, unknown names and functions, values of the wrong type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.dmn.boxed import Heard
from engine.dmn.graph import Graph
from engine.dmn.hearing import Hearing
from engine.dmn.model import DecisionTable, Expression, InputClause, Literal, OutputClause, Rule, tables_in
from engine.dmn.regions import BeyondAnalysis, constants_of
from engine.dmn.types import MISFIT
from engine.errors import N_
from engine.feel import Expression as FeelExpression
from engine.feel import FeelError, FeelSyntaxError, Type, UnaryTestsExpression
from engine.feel.environment import Environment
from engine.feel.types import ANY_NAME, NULL_NAME, infer
from engine.feel.values import kind, literal
from engine.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a table a literal stands; a rule of 0 is the head of the column."""

    column: str
    rule: int


def check_expressions(
    graph: Graph, element: str, expression: Expression, heard: Hearing, *, declared: bool
) -> Iterator[Finding]:
    """Findings about every literal. `declared` says that the element lists all names it may use."""
    tables = list(tables_in(expression))
    spots: dict[int, Spot] = {}
    given: set[str] = set()
    for table in tables:
        spots.update(_spots(table, element))
        given |= _input_names(table, heard)
    for one in heard.all:
        spot = spots.get(id(one.literal))
        if one.error is not None:
            yield _syntax(element, one.literal, one.error, spot)
        else:
            yield from _names(element, one, spot, given, declared=declared)
    for table in tables:
        yield from _columns(graph, element, table, heard)


def _spots(table: DecisionTable, owner: str) -> Iterator[tuple[int, Spot]]:
    titles = [clause.title for clause in table.inputs]
    names = [output_title(table, clause, owner) for clause in table.outputs]
    for title, clause in zip(titles, table.inputs, strict=True):
        yield id(clause.expression), Spot(title, 0)
        yield id(clause.values), Spot(title, 0)
    for title, output in zip(names, table.outputs, strict=True):
        yield id(output.values), Spot(title, 0)
        if output.default is not None:
            yield id(output.default), Spot(title, 0)
    for rule in table.rules:
        for title, cell in zip([*titles, *names], [*rule.tests, *rule.results], strict=True):
            yield id(cell), Spot(title, rule.number)


def output_title(table: DecisionTable, clause: OutputClause, owner: str) -> str:
    """What an output column is called: the table's output where it has only one without a name."""
    return clause.title or table.output_label or owner


def _input_names(table: DecisionTable, heard: Hearing) -> set[str]:
    """Names that the columns themselves use: cells may use them too."""
    found: set[str] = set()
    for clause in table.inputs:
        one = heard.of(clause.expression)
        if one is not None and one.compiled is not None:
            found |= one.compiled.references
    return found


# Syntax and names


def _syntax(element: str, text: Literal, error: FeelError, spot: Spot | None) -> Finding:
    detail = error.detail if isinstance(error, FeelSyntaxError) else str(error)
    params: dict[str, object] = {"expression": text.text, "detail": detail}
    if isinstance(error, FeelSyntaxError):
        params |= {"line": error.line, "character": error.column}
    template, params = _placed(
        spot,
        params,
        N_("“{expression}” cannot be read: {detail}"),
        N_("Column {column}: “{expression}” cannot be read: {detail}"),
        N_("Rule {rule}, column {column}: “{expression}” cannot be read: {detail}"),
    )
    return Finding("dmn-syntax", template, params, element=element, line=text.place.line)


def _placed(
    spot: Spot | None, params: dict[str, object], anywhere: str, in_column: str, in_rule: str
) -> tuple[str, dict[str, object]]:
    """The template for the place, and the parameters with the place in them."""
    if spot is None:
        return anywhere, params
    placed = params | {"column": spot.column}
    return (in_rule, placed | {"rule": spot.rule}) if spot.rule else (in_column, placed)


def _names(element: str, one: Heard, spot: Spot | None, given: set[str], *, declared: bool) -> Iterator[Finding]:
    assert one.compiled is not None
    found = one.compiled.found
    for name in sorted(one.compiled.references - one.bound):
        if name in found.called:
            yield _unknown_function(element, one.literal, name, spot)
        elif one.open_names or name in found.perhaps_members:
            continue
        elif name not in given if spot is not None and spot.rule else declared:
            yield _unknown_name(element, one.literal, name, spot)


def _unknown_function(element: str, text: Literal, name: str, spot: Spot | None) -> Finding:
    template, params = _placed(
        spot,
        {"name": name, "expression": text.text},
        N_("There is no function “{name}”, which “{expression}” calls."),
        N_("Column {column}: there is no function “{name}”, which “{expression}” calls."),
        N_("Rule {rule}, column {column}: there is no function “{name}”, which “{expression}” calls."),
    )
    remedy = N_("Correct its name, or require the knowledge model that defines it.")
    return Finding("dmn-unknown-function", template, params, remedy, element=element, line=text.place.line)


def _unknown_name(element: str, text: Literal, name: str, spot: Spot | None) -> Finding:
    template, params = _placed(
        spot,
        {"name": name, "expression": text.text},
        N_("“{name}” in “{expression}” is no known name."),
        N_("Column {column}: “{name}” in “{expression}” is no known name."),
        N_("Rule {rule}, column {column}: “{name}” in “{expression}” is no known name."),
    )
    remedy = N_("Put a text in double quotes; add a name to the decision's requirements.")
    return Finding(
        "dmn-unknown-name", template, params, remedy, element=element, line=text.place.line, severity=Severity.WARNING
    )


# Types


def _columns(graph: Graph, element: str, table: DecisionTable, heard: Hearing) -> Iterator[Finding]:
    for index, clause in enumerate(table.inputs):
        wanted = input_kind(graph, clause)
        for rule in table.rules if wanted else ():
            yield from _cell_kind(element, clause, rule, heard.tests(rule.tests[index]), wanted, rule.tests[index])
    for index, output in enumerate(table.outputs):
        for rule in table.rules:
            yield from _result(graph, element, table, output, rule, rule.results[index], heard)


def input_kind(graph: Graph, clause: InputClause) -> str:
    """The kind of an input column's values, from its type or that of the input it names; empty when unknown."""
    name = graph.types.find(input_type(graph, clause)).shape.name
    return "" if name in (ANY_NAME, NULL_NAME) else name


def input_type(graph: Graph, clause: InputClause) -> str:
    """The type of an input column as it is declared there, or at the input data it consists of."""
    if clause.expression.type_ref:
        return clause.expression.type_ref
    named = (data.variable for data in graph.model.inputs.values() if data.variable.name == clause.expression.text)
    return next((variable.type_ref for variable in named), "")


def _cell_kind(
    element: str, clause: InputClause, rule: Rule, cell: UnaryTestsExpression | None, wanted: str, text: Literal
) -> Iterator[Finding]:
    if cell is None:
        return
    try:
        kinds = {kind(value) for value in constants_of(cell.tree) if value is not None}
    except BeyondAnalysis:
        return
    wrong = sorted(kinds - {wanted})
    if wrong:
        yield Finding(
            "dmn-cell-type",
            N_("Rule {rule}, column {column}: “{expression}” compares with a {given}, but the column is a {wanted}."),
            {
                "rule": rule.number,
                "column": clause.title,
                "expression": text.text,
                "given": ", ".join(wrong),
                "wanted": wanted,
            },
            N_("Correct the cell or the column's type; as it is, the cell never applies."),
            element=element,
            line=text.place.line,
            severity=Severity.WARNING,
        )


def _result(
    graph: Graph,
    element: str,
    table: DecisionTable,
    output: OutputClause,
    rule: Rule,
    text: Literal,
    heard: Hearing,
) -> Iterator[Finding]:
    one = heard.of(text)
    if one is None or not isinstance(one.compiled, FeelExpression):
        return
    place: Mapping[str, object] = {
        "rule": rule.number,
        "column": output_title(table, output, element),
        "expression": text.text,
    }
    wanted = graph.types.find(output.type_ref)
    given = infer(one.compiled.tree, graph.types.feel_types)
    value = _constant(one.compiled)
    if _is_misfit(value, given, wanted.shape) or (value is not None and wanted.convert(value, Environment()) is MISFIT):
        yield Finding(
            "dmn-output-type",
            N_("Rule {rule}, column {column}: the output “{expression}” is no {wanted}; it would become null."),
            {**place, "wanted": wanted.name},
            N_("Correct the output or the column's type."),
            element=element,
            line=text.place.line,
        )
    allowed = heard.tests(output.values)
    if value is not None and allowed is not None and allowed.evaluate(value, {}, Environment()) is False:
        yield Finding(
            "dmn-output-value",
            N_("Rule {rule}, column {column}: the output {value} is not among the values {allowed}."),
            {**place, "value": literal(value), "allowed": output.values.text},
            N_("Correct the output, or add it to the column's values."),
            element=element,
            line=text.place.line,
        )


def _constant(expression: FeelExpression) -> object:
    """The value of an expression that takes nothing from outside; None when it does, or when it is null."""
    if expression.found.names:
        return None
    try:
        return expression.evaluate({}, Environment())
    except FeelError:
        return None


def _is_misfit(value: object, given: Type, wanted: Type) -> bool:
    """Whether an expression whose value is not known yet can never be of the type that is wanted."""
    unknown = (ANY_NAME, NULL_NAME)
    return value is None and given.name not in unknown and wanted.name not in unknown and given.name != wanted.name
