"""Trees to closures. A closure takes the scope and gives the value; nothing is looked up twice that is known before.

Names are looked up while running, for the members of a filtered context are not known before; constants, constant
ranges and the operators on them are settled here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from engine.errors import N_
from engine.feel import number, operators, tree, types
from engine.feel.builtins.registry import BUILTINS, Builtin
from engine.feel.environment import Environment
from engine.feel.errors import LimitExceeded
from engine.feel.external import external_function
from engine.feel.invocation import invoke, invoke_named
from engine.feel.iteration import items_between, items_of
from engine.feel.properties import NO_PROPERTY, property_of
from engine.feel.references import mentions, size
from engine.feel.scope import MISSING, Scope
from engine.feel.temporal import parse_temporal
from engine.feel.values import Function, kind

Closure = Callable[[Scope], Any]
Test = Callable[[Any, Scope], "bool | None"]
MAX_HEIGHT = 220
_VERDICTS = (tree.Comparison, tree.Logical, tree.Between, tree.In, tree.InstanceOf, tree.Quantified, tree.Invocation)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A closure, and its value where that is always the same."""

    run: Closure
    constant: bool = False
    value: Any = None


class Compiler:
    """Compiles one tree. `types` are those a model defines."""

    def __init__(self, known_types: Mapping[str, types.Type]) -> None:
        self.types = known_types
        self.height = 0

    def expression(self, node: tree.Node) -> Compiled:
        """The closure of an expression."""
        self.height += 1
        if self.height > MAX_HEIGHT:
            raise LimitExceeded(what=N_("nested expressions"), limit=MAX_HEIGHT)
        compiled = _COMPILERS[type(node)](self, node)
        self.height -= 1
        return compiled

    def closure(self, node: tree.Node) -> Closure:
        """Only the closure."""
        return self.expression(node).run

    # -- literals and names --------------------------------------------------------------------------------------------

    def literal(self, node: tree.NumberLiteral | tree.StringLiteral | tree.BooleanLiteral) -> Compiled:
        return _constant(node.value)

    def null(self, node: tree.NullLiteral) -> Compiled:
        return _constant(None)

    def at_literal(self, node: tree.AtLiteral) -> Compiled:
        value = parse_temporal(node.text)
        if value is not None:
            return _constant(value)
        return Compiled(
            lambda scope: scope.environment.null(
                N_("“{text}” is no date, time, date and time or duration."), text=node.text
            )
        )

    def name(self, node: tree.Name) -> Compiled:
        name = node.name
        found = BUILTINS.get(name)

        def look_up(scope: Scope) -> Any:
            value = scope.variables.get(name, MISSING)
            if value is not MISSING:
                return value
            if scope.parent is not None:
                value = scope.parent.find(name)
                if value is not MISSING:
                    return value
            if found is not None:
                return found.as_function(scope.environment)
            return scope.environment.null(N_("There is no variable “{name}”."), name=name)

        return Compiled(look_up)

    def list(self, node: tree.ListLiteral) -> Compiled:
        items = [self.expression(item) for item in node.items]
        if all(item.constant for item in items):
            constant = [item.value for item in items]
            return Compiled(lambda scope: constant.copy(), True, constant)
        runs = [item.run for item in items]
        return Compiled(lambda scope: [run(scope) for run in runs])

    def context(self, node: tree.ContextLiteral) -> Compiled:
        entries = [(key, self.closure(value)) for key, value in node.entries]
        if len({key for key, _ in entries}) < len(entries):
            return Compiled(lambda scope: scope.environment.null(N_("A context has the same key twice.")))

        def build(scope: Scope) -> Any:
            context: dict[str, Any] = {}
            inner = scope.inner(context)
            for key, run in entries:
                context[key] = run(inner)
            return context

        return Compiled(build)

    def range(self, node: tree.RangeLiteral) -> Compiled:
        start, end = self.expression(node.start), self.expression(node.end)
        from_included, to_included = node.start_included, node.end_included
        if start.constant and end.constant:
            made = operators.make_range(start.value, end.value, from_included, to_included, Environment())
            if made is not None:
                return _constant(made)
        low, high = start.run, end.run
        return Compiled(
            lambda scope: operators.make_range(low(scope), high(scope), from_included, to_included, scope.environment)
        )

    def unary_range(self, node: tree.UnaryRange) -> Compiled:
        end, operator = self.expression(node.end), node.operator
        made = operators.unary_range(operator, end.value, Environment()) if end.constant else None
        if made is not None:
            return _constant(made)
        run = end.run
        return Compiled(lambda scope: operators.unary_range(operator, run(scope), scope.environment))

    # -- operators -----------------------------------------------------------------------------------------------------

    def arithmetic(self, node: tree.Arithmetic) -> Compiled:
        operation = operators.ARITHMETIC[node.operator]
        left, right = self.closure(node.left), self.closure(node.right)
        return Compiled(lambda scope: operation(left(scope), right(scope), scope.environment))

    def negation(self, node: tree.Negation) -> Compiled:
        operand = self.expression(node.operand)
        if operand.constant and isinstance(operand.value, Decimal):
            return _constant(number.negative(operand.value))
        run = operand.run
        return Compiled(lambda scope: operators.negate(run(scope), scope.environment))

    def comparison(self, node: tree.Comparison) -> Compiled:
        operation = operators.COMPARISONS[node.operator]
        left, right = self.expression(node.left), self.expression(node.right)
        if right.constant and type(right.value) in (Decimal, str):
            return Compiled(_compare_with(left.run, node.operator, right.value))
        one, other = left.run, right.run
        return Compiled(lambda scope: operation(one(scope), other(scope), scope.environment))

    def logical(self, node: tree.Logical) -> Compiled:
        runs = [self.closure(operand) for operand in node.operands]
        decisive = node.operator == "or"
        if len(runs) == 2:
            return Compiled(_both(runs[0], runs[1], decisive))
        return Compiled(_chain(runs, decisive))

    def between(self, node: tree.Between) -> Compiled:
        value, low, high = self.closure(node.value), self.closure(node.low), self.closure(node.high)

        def test(scope: Scope) -> bool | None:
            subject, environment = value(scope), scope.environment
            above = operators.greater_or_equal(subject, low(scope), environment)
            below = operators.less_or_equal(subject, high(scope), environment)
            if above is False or below is False:
                return False
            return None if above is None or below is None else True

        return Compiled(test)

    def is_in(self, node: tree.In) -> Compiled:
        value = self.closure(node.value)
        tests = [self.test(test, in_cell=False) for test in node.tests]
        if len(tests) == 1:
            only = tests[0]
            return Compiled(lambda scope: only(value(scope), scope))
        return Compiled(lambda scope: any_of(tests, value(scope), scope))

    def instance_of(self, node: tree.InstanceOf) -> Compiled:
        value = self.closure(node.value)
        wanted = types.resolve(node.type, self.types)
        if wanted is None:
            return Compiled(lambda scope: scope.environment.null(N_("There is no type “{name}”."), name=node.type.name))

        def test(scope: Scope) -> bool:
            subject = value(scope)
            return wanted.name == types.NULL_NAME if subject is None else types.conforms(subject, wanted)

        return Compiled(test)

    # -- control -------------------------------------------------------------------------------------------------------

    def conditional(self, node: tree.If) -> Compiled:
        branches: list[tuple[Closure, Closure]] = []
        rest: tree.Node = node
        while isinstance(rest, tree.If):
            branches.append((self.closure(rest.condition), self.closure(rest.then)))
            rest = rest.otherwise
        otherwise = self.closure(rest)

        def choose(scope: Scope) -> Any:
            for condition, then in branches:
                if condition(scope) is True:
                    return then(scope)
            return otherwise(scope)

        return Compiled(choose)

    def iterators(self, nodes: tuple[tree.Iterator, ...]) -> list[tuple[str, Closure, Closure | None]]:
        return [
            (node.name, self.closure(node.source), self.closure(node.end) if node.end is not None else None)
            for node in nodes
        ]

    def loop(self, node: tree.For) -> Compiled:
        iterators, body, cost = self.iterators(node.iterators), self.closure(node.body), cost_of(node.body)
        wants_partial = mentions(node.body, "partial")

        def run(scope: Scope) -> Any:
            results: list[Any] = []
            environment = scope.environment
            charge = environment.charge
            for inner in rounds(iterators, scope):
                if inner is None:
                    return None
                charge(cost)
                if wants_partial:
                    environment.check_list(len(results))
                    inner = inner.inner({"partial": results.copy()})
                results.append(body(inner))
            environment.check_list(len(results))
            return results

        return Compiled(run)

    def quantified(self, node: tree.Quantified) -> Compiled:
        iterators, condition = self.iterators(node.iterators), self.closure(node.condition)
        cost, decisive = cost_of(node.condition), node.quantifier == "some"

        def run(scope: Scope) -> bool | None:
            verdict: bool | None = not decisive
            for inner in rounds(iterators, scope):
                scope.environment.charge(cost)
                one = None if inner is None else condition(inner)
                if one is decisive:
                    return decisive
                if one is not (not decisive):
                    verdict = None
            return verdict

        return Compiled(run)

    # -- paths and filters ---------------------------------------------------------------------------------------------

    def path(self, node: tree.Path) -> Compiled:
        source, name = self.closure(node.source), node.name

        def walk(scope: Scope) -> Any:
            value = source(scope)
            if type(value) is dict:
                found = cast("dict[str, Any]", value).get(name, MISSING)
                if found is not MISSING:
                    return found
            return member(value, name, scope.environment)

        return Compiled(walk)

    def filter(self, node: tree.Filter) -> Compiled:
        source, condition = self.closure(node.source), self.expression(node.condition)
        if condition.constant and isinstance(condition.value, Decimal):
            position = condition.value
            return Compiled(lambda scope: item_at(source(scope), position, scope.environment))
        test, cost = condition.run, cost_of(node.condition)

        def run(scope: Scope) -> Any:
            return select(source(scope), test, scope, cost)

        return Compiled(run)

    # -- functions -----------------------------------------------------------------------------------------------------

    def function(self, node: tree.FunctionDefinition) -> Compiled:
        names = tuple(name for name, _ in node.parameters)
        wanted = [types.resolve(inner, self.types) if inner is not None else types.ANY for _, inner in node.parameters]
        if None in wanted:
            return Compiled(lambda scope: scope.environment.null(N_("A parameter of the function has no known type.")))
        known = cast("list[types.Type]", wanted)
        result = types.infer(node.body, self.types)
        body, cost = self.closure(node.body), cost_of(node.body)
        if node.external:
            return Compiled(lambda scope: external_function(names, body(scope), scope.environment))
        typed = any(one is not types.ANY for one in known)

        def define(scope: Scope) -> Function:
            scope.environment.charge(3)

            def call(*arguments: Any) -> Any:
                scope.environment.charge(cost)
                if typed:
                    fitting = [types.coerce(argument, one) for argument, one in zip(arguments, known, strict=True)]
                    if not all(fits for fits, _ in fitting):
                        return scope.environment.null(N_("The arguments are not of the types the function declares."))
                    arguments = tuple(argument for _, argument in fitting)
                return body(scope.inner(dict(zip(names, arguments, strict=True))))

            return Function("", names, call, parameter_types=tuple(known), result_type=result, definition=(node, scope))

        return Compiled(define)

    def invocation(self, node: tree.Invocation) -> Compiled:
        builtin, function = self._callee(node.function)
        if node.named:
            named = [(name, self.closure(value)) for name, value in node.named]

            def call_named(scope: Scope) -> Any:
                callee = function(scope)
                arguments = {name: run(scope) for name, run in named}
                if builtin is not None and not isinstance(callee, Function):
                    return builtin.invoke_named(scope.environment, arguments)
                return invoke_named(callee, arguments, scope.environment)

            return Compiled(call_named)
        runs = [self.closure(argument) for argument in node.arguments]

        def call(scope: Scope) -> Any:
            callee = function(scope)
            arguments = [run(scope) for run in runs]
            if builtin is not None and not isinstance(callee, Function):
                return builtin.invoke(scope.environment, arguments)
            return invoke(callee, arguments, scope.environment)

        return Compiled(call)

    def _callee(self, node: tree.Node) -> tuple[Builtin | None, Closure]:
        """The builtin of that name, if any, and what gives the function: a variable hides a builtin only with a
        function of its own, so that a field called `date` or `count` does no harm."""
        if isinstance(node, tree.Name) and node.name in BUILTINS:
            name = node.name
            return BUILTINS[name], lambda scope: scope.find(name)
        if isinstance(node, tree.Name):
            return None, _function_named(node.name)
        return None, self.closure(node)

    # -- unary tests ---------------------------------------------------------------------------------------------------

    def test(self, node: tree.Node, in_cell: bool) -> Test:
        """A test of a value: of a cell (`in_cell`, where an expression may itself be the verdict), or behind `in`."""
        if isinstance(node, tree.UnaryRange):
            return self._comparing_test(node)
        compiled = self.expression(node)
        if compiled.constant:
            return _constant_test(compiled.value)
        run = compiled.run
        if mentions(node, "?"):

            def ask(value: Any, scope: Scope) -> bool | None:
                answer = run(scope.inner({"?": value}))
                if answer is None or isinstance(answer, bool):
                    # The answer is the verdict; a null one must not pass for the null that was asked about.
                    return answer
                return operators.is_in(value, answer, scope.environment)

            return ask
        verdicts = in_cell and isinstance(node, _VERDICTS)
        must_be_range = isinstance(node, tree.RangeLiteral)

        def match(value: Any, scope: Scope) -> bool | None:
            answer = run(scope)
            if verdicts and isinstance(answer, bool) and not isinstance(value, bool):
                return answer
            if must_be_range and answer is None:
                return None
            return operators.is_in(value, answer, scope.environment)

        return match

    def _comparing_test(self, node: tree.UnaryRange) -> Test:
        end = self.expression(node.end)
        operation = operators.COMPARISONS[node.operator]
        if end.constant:
            constant = end.value
            return lambda value, scope: operation(value, constant, scope.environment)
        run = end.run
        return lambda value, scope: operation(value, run(scope), scope.environment)


def cost_of(node: tree.Node) -> int:
    """How many steps a round of a loop or a call costs that runs the expression."""
    return 1 + size(node) // 3


def _constant(value: Any) -> Compiled:
    return Compiled(lambda scope: value, True, value)


def _function_named(name: str) -> Closure:
    def look_up(scope: Scope) -> Any:
        found = scope.find(name)
        return scope.environment.null(N_("There is no function “{name}”."), name=name) if found is MISSING else found

    return look_up


def _compare_with(left: Closure, operator: str, constant: Any) -> Closure:
    """Comparing with a number or text in the diagram, the commonest guard of all."""
    operation, constant_type = operators.COMPARISONS[operator], constant.__class__
    if operator == "=":

        def is_equal(scope: Scope) -> bool | None:
            value = left(scope)
            return value == constant if type(value) is constant_type else operation(value, constant, scope.environment)

        return is_equal
    if operator == ">":

        def is_greater(scope: Scope) -> bool | None:
            value = left(scope)
            return value > constant if type(value) is constant_type else operation(value, constant, scope.environment)

        return is_greater
    return lambda scope: operation(left(scope), constant, scope.environment)


def _both(left: Closure, right: Closure, decisive: bool) -> Closure:
    other = not decisive

    def run(scope: Scope) -> bool | None:
        one = left(scope)
        if one is decisive:
            return decisive
        two = right(scope)
        if two is decisive:
            return decisive
        return other if one is other and two is other else None

    return run


def _chain(runs: list[Closure], decisive: bool) -> Closure:
    other = not decisive

    def run(scope: Scope) -> bool | None:
        verdict: bool | None = other
        for closure in runs:
            value = closure(scope)
            if value is decisive:
                return decisive
            if value is not other:
                verdict = None
        return verdict

    return run


def _constant_test(constant: Any) -> Test:
    if isinstance(constant, Decimal | str):
        # True == Decimal(1) for Python, hence the type.
        wanted = type(constant)
        return lambda value, scope: type(value) is wanted and value == constant
    return lambda value, scope: operators.is_in(value, constant, scope.environment)


def any_of(tests: list[Test], value: Any, scope: Scope) -> bool | None:
    """The disjunction of tests."""
    verdict: bool | None = False
    for test in tests:
        one = test(value, scope)
        if one:
            return True
        if one is None:
            verdict = None
    return verdict


def rounds(iterators: list[tuple[str, Closure, Closure | None]], scope: Scope) -> Iterator[Scope | None]:
    """The scope of every round of nested loops; None once, where a source cannot be iterated."""
    name, source, end = iterators[0]
    environment = scope.environment
    items = (
        items_of(source(scope), environment) if end is None else items_between(source(scope), end(scope), environment)
    )
    if items is None:
        yield None
        return
    if len(iterators) == 1:
        for item in items:
            yield Scope({name: item}, scope, environment)
        return
    for item in items:
        environment.charge()
        yield from rounds(iterators[1:], scope.inner({name: item}))


def member(value: Any, name: str, environment: Environment) -> Any:
    """`value.name`: of a context, of each item of a list, or a property."""
    if isinstance(value, list):
        items = cast("list[Any]", value)
        environment.check_list(len(items))
        return [member(item, name, environment) for item in items]
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value).get(name, NO_PROPERTY)
    else:
        environment.charge(2)
        found = property_of(value, name)
    if found is NO_PROPERTY:
        return environment.null(N_("{kind} has no “{name}”."), kind=kind(cast("Any", value)), name=name)
    return found


def item_at(source: Any, position: Decimal, environment: Environment) -> Any:
    """`source[position]`, from 1, or from the end with -1."""
    items = cast("list[Any]", source) if isinstance(source, list) else [] if source is None else [source]
    if number.is_whole(position) and 1 <= abs(position) <= len(items):
        return items[int(position) - 1 if position > 0 else int(position)]
    return environment.null(
        N_("The list of {length} items has no item number {position}."), length=len(items), position=str(position)
    )


def select(source: Any, test: Closure, scope: Scope, cost: int) -> Any:
    """`source[test]`: the items for which the test is true, or the item at the position the test gives."""
    if source is None:
        return None
    items = cast("list[Any]", source) if isinstance(source, list) else [source]
    environment = scope.environment
    if not items:
        position = test(scope.inner({"item": None}))
        return item_at(items, position, environment) if isinstance(position, Decimal) else []
    selected: list[Any] = []
    for index, item in enumerate(items):
        environment.charge(cost)
        inner = scope.inner({"item": item})
        if isinstance(item, dict):
            inner = inner.inner(cast("dict[str, Any]", item))
        verdict = test(inner)
        if verdict is True:
            selected.append(item)
        elif index == 0 and isinstance(verdict, Decimal):
            return item_at(items, verdict, environment)
    return selected


_COMPILERS: dict[type[tree.Node], Callable[[Compiler, Any], Compiled]] = {
    tree.NumberLiteral: Compiler.literal,
    tree.StringLiteral: Compiler.literal,
    tree.BooleanLiteral: Compiler.literal,
    tree.NullLiteral: Compiler.null,
    tree.AtLiteral: Compiler.at_literal,
    tree.Name: Compiler.name,
    tree.ListLiteral: Compiler.list,
    tree.ContextLiteral: Compiler.context,
    tree.RangeLiteral: Compiler.range,
    tree.UnaryRange: Compiler.unary_range,
    tree.Arithmetic: Compiler.arithmetic,
    tree.Negation: Compiler.negation,
    tree.Comparison: Compiler.comparison,
    tree.Logical: Compiler.logical,
    tree.Between: Compiler.between,
    tree.In: Compiler.is_in,
    tree.InstanceOf: Compiler.instance_of,
    tree.If: Compiler.conditional,
    tree.For: Compiler.loop,
    tree.Quantified: Compiler.quantified,
    tree.Path: Compiler.path,
    tree.Filter: Compiler.filter,
    tree.FunctionDefinition: Compiler.function,
    tree.Invocation: Compiler.invocation,
}
