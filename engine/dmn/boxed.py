"""Boxed expressions to closures. Source: DMN 1.5, 7.3 and 10.2.

An expression that cannot be read does not make the model unusable: it becomes a closure that says so when it is
reached, and `check_model` reports it before that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from engine.dmn.errors import BrokenExpression
from engine.dmn.model import (
    Conditional,
    Context,
    DecisionTable,
    Expression,
    Filter,
    FunctionDefinition,
    HitPolicy,
    Invocation,
    Iteration,
    ListOf,
    Literal,
    OutputClause,
    Relation,
    Rule,
    Variable,
)
from engine.dmn.run import Node, Run, Scope
from engine.dmn.table import Column, Output, Row, Table, Tests
from engine.dmn.types import ANY, MISFIT, ItemType, TypeTable
from engine.errors import N_
from engine.feel import Expression as FeelExpression
from engine.feel import UnaryTestsExpression, compile_expression, compile_unary_tests
from engine.feel.errors import FeelError, FeelSyntaxError, Said
from engine.feel.external import external_function
from engine.feel.invocation import invoke_named
from engine.feel.iteration import items_of
from engine.feel.values import FUNCTION, LIST, Function, kind

SEVERAL_HITS = frozenset({HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT})

NULL: Node = lambda scope, run: None  # noqa: E731


@dataclass(frozen=True, slots=True)
class Heard:
    """What a compiler says about a literal it comes across, for the static checks.

    `compiled` is None when the literal cannot be read, `error` says why then. `bound` are the names it may use;
    `open_names` says that there may be more (within a filter, the members of the items).
    """

    literal: Literal
    compiled: FeelExpression | UnaryTestsExpression | None
    error: FeelError | None
    bound: frozenset[str]
    open_names: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an expression may name.

    `bound` are the names in scope, `members` those of several words that may stand behind a point, `open_names` says
    that more may be in scope than is known.
    """

    bound: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    open_names: bool = False

    @property
    def names(self) -> frozenset[str]:
        """All names, for the parser."""
        return self.bound | self.members


class Compiler:
    """Compiles the expressions of one element of the graph.

    `owner` is the element's name for messages, `types` those of its model, `surroundings` the names its expressions
    may use; `listen` is told of every literal.
    """

    def __init__(
        self,
        owner: str,
        types: TypeTable,
        surroundings: Surroundings,
        listen: Callable[[Heard], None] | None = None,
    ) -> None:
        self._owner = owner
        self._types = types
        self._surroundings = surroundings
        self._names = surroundings.names
        self._listen = listen

    def knowing(self, names: Sequence[str], *, open_names: bool = False) -> Compiler:
        """The same compiler for expressions in which further names are bound."""
        before = self._surroundings
        inner = replace(before, bound=before.bound.union(names), open_names=before.open_names or open_names)
        return Compiler(self._owner, self._types, inner, self._listen)

    def expression(self, expression: Expression | None) -> Node:
        """The closure of any boxed expression; an absent one is null."""
        if expression is None:
            return NULL
        compile_one = cast("Callable[[Compiler, object], Node]", _COMPILERS[type(expression)])
        node = compile_one(self, expression)
        # These two see to it themselves: the type may be meant for what they give rather than for what they are.
        if isinstance(expression, FunctionDefinition | DecisionTable):
            return node
        return self._typed(node, expression.type_ref)

    def _typed(self, node: Node, type_ref: str) -> Node:
        wanted = self._types.find(type_ref)
        if wanted is ANY:
            return node
        owner = self._owner
        return lambda scope, run: wanted.convert_or_null(node(scope, run), run.environment, owner)

    # Literals

    def literal(self, literal: Literal) -> Node:
        """A FEEL expression."""
        if not literal.text:
            return NULL
        try:
            _check_language(literal)
            compiled = compile_expression(literal.text, names=self._names, types=self._types.feel_types)
        except FeelError as error:
            self._tell(literal, None, error)
            return self._broken(str(error))
        self._tell(literal, compiled)
        evaluate = compiled.evaluate
        return lambda scope, run: evaluate(scope, run.environment)

    def tests(self, literal: Literal) -> Tests | None:
        """Unary tests; None when they let everything pass. Raises `FeelError`."""
        if literal.text in ("", "-"):
            return None
        try:
            _check_language(literal)
            compiled = compile_unary_tests(literal.text, names=self._names, types=self._types.feel_types)
        except FeelError as error:
            self._tell(literal, None, error)
            raise
        self._tell(literal, compiled)
        return compiled

    def _tell(
        self,
        literal: Literal,
        compiled: FeelExpression | UnaryTestsExpression | None,
        error: FeelError | None = None,
    ) -> None:
        if self._listen is not None:
            before = self._surroundings
            self._listen(Heard(literal, compiled, error, before.bound, before.open_names))

    def _broken(self, detail: str) -> Node:
        owner = self._owner

        def refuse(scope: Scope, run: Run) -> None:
            run.refuse(BrokenExpression(decision=owner, detail=detail))

        return refuse

    # Contexts, lists, relations

    def context(self, context: Context) -> Node:
        """Entries see those above them, and functions see all, themselves included."""
        names = [variable.name for variable, _ in context.entries if variable is not None]
        inner = self.knowing(names)
        entries = [(variable, inner._entry(variable, expression)) for variable, expression in context.entries]

        def build(scope: Scope, run: Run) -> object:
            local = dict(scope)
            built: dict[str, object] = {}
            for variable, node in entries:
                value = node(local, run)
                if variable is None:
                    return value
                built[variable.name] = local[variable.name] = value
            return built

        return build

    def _entry(self, variable: Variable | None, expression: Expression) -> Node:
        node = self.expression(expression)
        return node if variable is None else self._typed(node, variable.type_ref)

    def list(self, boxed: ListOf) -> Node:
        """All items."""
        nodes = [self.expression(item) for item in boxed.items]
        return lambda scope, run: [node(scope, run) for node in nodes]

    def relation(self, relation: Relation) -> Node:
        """One context for each row."""
        names = [column.name for column in relation.columns]
        rows = [
            [self._entry(column, cell) for column, cell in zip(relation.columns, row, strict=False)]
            for row in relation.rows
        ]
        return lambda scope, run: [
            {name: node(scope, run) for name, node in zip(names, row, strict=False)} for row in rows
        ]

    # Functions

    def invocation(self, invocation: Invocation) -> Node:
        """A call with named arguments; an argument that has no value is null."""
        function = self.expression(invocation.function)
        bindings = [(name, self.expression(expression)) for name, expression in invocation.bindings]

        def call(scope: Scope, run: Run) -> object:
            arguments = {name: node(scope, run) for name, node in bindings}
            return invoke_named(function(scope, run), arguments, run.environment)

        return call

    def function(self, definition: FunctionDefinition) -> Node:
        """A function that sees what surrounds it."""
        parameters = tuple(parameter.name for parameter in definition.parameters)
        if definition.kind != "FEEL":
            return self._external(definition, parameters)
        types = [self._types.find(parameter.type_ref) for parameter in definition.parameters]
        body = self.knowing(parameters).expression(definition.body)
        result = result_type(self._types.find(definition.type_ref))
        if result is ANY and definition.body is not None:
            result = self._types.find(definition.body.type_ref)

        def define(scope: Scope, run: Run) -> Function:
            return make_function(self._owner, parameters, types, result, body, scope, run)

        return define

    def _external(self, definition: FunctionDefinition, parameters: tuple[str, ...]) -> Node:
        """Of the outside world only FEEL's own list of pure Java functions is known; PMML is not."""
        body = self.expression(definition.body)
        language = definition.kind.lower()

        def define(scope: Scope, run: Run) -> object:
            return external_function(parameters, {language: body(scope, run)}, run.environment)

        return define

    # Control

    def conditional(self, conditional: Conditional) -> Node:
        """Null when the condition is neither true nor false."""
        parts = (conditional.condition, conditional.then, conditional.otherwise)
        condition, then, otherwise = (self.expression(part) for part in parts)

        def choose(scope: Scope, run: Run) -> object:
            verdict = condition(scope, run)
            if isinstance(verdict, bool):
                return then(scope, run) if verdict else otherwise(scope, run)
            return run.environment.null(
                N_("The condition of a conditional is {kind}, not true or false."), kind=kind(verdict)
            )

        return choose

    def filter(self, boxed: Filter) -> Node:
        """Always a list; null when the source is no list or a condition is neither true nor false."""
        source, match = self.expression(boxed.source), self.knowing(["item"], open_names=True).expression(boxed.match)

        def select(scope: Scope, run: Run) -> object:
            selected: list[object] = []
            for item in _items(source(scope, run)):
                run.environment.charge()
                verdict = match({**scope, **_members(item), "item": item}, run)
                if not isinstance(verdict, bool):
                    return run.environment.null(
                        N_("The condition of a filter is {kind}, not true or false."), kind=kind(verdict)
                    )
                if verdict:
                    selected.append(item)
            return selected

        return select

    def iteration(self, iteration: Iteration) -> Node:
        """`for` gives a list, `some` and `every` a verdict."""
        source = self.expression(iteration.source)
        body = self.knowing([iteration.variable, "partial"]).expression(iteration.body)
        name = iteration.variable
        wants_partial = not isinstance(iteration.body, Literal) or "partial" in iteration.body.text

        def results(scope: Scope, run: Run) -> list[object] | None:
            items = items_of(source(scope, run), run.environment)
            if items is None:
                return None
            found: list[object] = []
            for item in items:
                local = {**scope, name: item}
                if wants_partial:
                    run.environment.check_list(len(found))
                    local["partial"] = found.copy()
                run.environment.charge()
                found.append(body(local, run))
            run.environment.check_list(len(found))
            return found

        if iteration.kind == "for":
            return results
        decisive = iteration.kind == "some"

        def quantify(scope: Scope, run: Run) -> object:
            verdicts = results(scope, run)
            if verdicts is None or any(not isinstance(verdict, bool) for verdict in verdicts):
                return run.environment.null(N_("A condition of “some” or “every” is neither true nor false."))
            return (decisive in verdicts) is decisive

        return quantify

    # Decision tables

    def table(self, table: DecisionTable) -> Node:
        """A decision table. One cell that cannot be read spoils it: no other rule may win in its place."""
        problems: list[FeelError] = []

        def tests(literal: Literal) -> Tests | None:
            try:
                return self.tests(literal)
            except FeelError as error:
                problems.append(error)
                return None

        columns = tuple(
            Column(clause.title, self._tested(clause.expression), tests(clause.values), clause.values.text)
            for clause in table.inputs
        )
        outputs = tuple(self._output(table, clause, tests(clause.values)) for clause in table.outputs)
        rows = tuple(
            Row(rule, _testing([tests(cell) for cell in rule.tests]), self._results(table, rule))
            for rule in table.rules
        )
        if problems:
            return self._broken(str(problems[0]))
        return self._leniently(Table(self._owner, table, columns, outputs, rows).evaluate, table.type_ref)

    def _tested(self, expression: Literal) -> Node:
        return self._leniently(self.literal(expression), expression.type_ref)

    def _leniently(self, node: Node, type_ref: str) -> Node:
        """The value as one of the type where it can be converted, and as it is where not.

        So for inputs, whose cells say themselves what they compare with, and for whole tables, whose type some editors
        understand as that of one output.
        """
        wanted = self._types.find(type_ref)
        if wanted is ANY:
            return node

        def value(scope: Scope, run: Run) -> object:
            given = node(scope, run)
            converted = wanted.convert(given, run.environment)
            return given if converted is MISFIT else converted

        return value

    def _output(self, table: DecisionTable, clause: OutputClause, allowed: Tests | None) -> Output:
        default = None
        if clause.default is not None:
            default = self._typed(self.expression(clause.default), clause.type_ref)
        ordered = table.hit_policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER)
        order = clause.values.text or self._types.allowed_text(clause.type_ref or table.type_ref)
        ranks = self.literal(Literal(f"[{order}]")) if ordered and order else _no_ranks
        return Output(
            name=clause.name,
            title=clause.title or table.output_label or self._owner,
            allowed=allowed,
            allowed_text=clause.values.text,
            ranks=cast("Callable[[Scope, Run], Sequence[object]]", ranks),
            default=default,
        )

    def _results(self, table: DecisionTable, rule: Rule) -> tuple[Node, ...]:
        return tuple(
            self._typed(self.expression(cell), self._entry_type(table, clause))
            for cell, clause in zip(rule.results, table.outputs, strict=True)
        )

    def _entry_type(self, table: DecisionTable, clause: OutputClause) -> str:
        """The type of one output. Where several rules give a list, a list type of the column means that list."""
        is_list = self._types.find(clause.type_ref).shape.name == LIST
        return "" if is_list and table.hit_policy in SEVERAL_HITS else clause.type_ref


def _testing(cells: Sequence[Tests | None]) -> tuple[tuple[int, Tests], ...]:
    """The cells that test anything, with their columns."""
    return tuple((column, tests) for column, tests in enumerate(cells) if tests is not None)


def _items(value: object) -> list[object]:
    """The list itself; one value stands for a list of it, null for none."""
    if isinstance(value, list):
        return cast("list[object]", value)
    return [] if value is None else [value]


def _members(item: object) -> Scope:
    """The names an item brings into the condition of a filter: its members, when it is a context."""
    return cast("Scope", item) if isinstance(item, dict) else {}


def _no_ranks(scope: Scope, run: Run) -> Sequence[object]:
    return ()


def _check_language(literal: Literal) -> None:
    """Refuse an `expressionLanguage` that is not FEEL: its address in any version, its name, or nothing."""
    language = literal.language
    if language and language.lower() != "feel" and "/FEEL" not in language:
        detail = Said(N_("{language} is not FEEL"), language=language)
        raise FeelSyntaxError(line=1, column=1, expression=literal.text, detail=detail)


def result_type(declared: ItemType) -> ItemType:
    """The type of a function's result where an element names one: older files name the result's own type there, newer
    ones the function's, which says nothing that the function does not know itself."""
    return ANY if declared.shape.name == FUNCTION else declared


def make_function(
    name: str,
    parameters: tuple[str, ...],
    types: Sequence[ItemType],
    result: ItemType,
    body: Node,
    scope: Scope,
    run: Run,
) -> Function:
    """A FEEL function that converts its arguments and its result and sees `scope`."""
    environment = run.environment

    def call(*arguments: object) -> object:
        local = dict(scope)
        for parameter, wanted, value in zip(parameters, types, arguments, strict=True):
            local[parameter] = wanted.convert_or_null(value, environment, parameter)
        return result.convert_or_null(body(local, run), environment, name)

    return Function(
        name, parameters, call, parameter_types=tuple(wanted.shape for wanted in types), result_type=result.shape
    )


_COMPILERS: dict[type, object] = {
    Literal: Compiler.literal,
    Context: Compiler.context,
    Invocation: Compiler.invocation,
    FunctionDefinition: Compiler.function,
    ListOf: Compiler.list,
    Relation: Compiler.relation,
    Conditional: Compiler.conditional,
    Filter: Compiler.filter,
    Iteration: Compiler.iteration,
    DecisionTable: Compiler.table,
}
