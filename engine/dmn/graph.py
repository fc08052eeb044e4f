"""The requirement graph, ready to be evaluated: decisions, knowledge models and services of a model and its imports.

Source: DMN 1.5, chapter 6. What a model's elements compile to is kept with the model, so it is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from engine.dmn.boxed import Compiler, Heard, Surroundings, make_function, result_type
from engine.dmn.errors import CircularRequirement
from engine.dmn.model import (
    Context,
    Decision,
    DecisionService,
    DecisionTable,
    Expression,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Literal,
    Model,
    Reference,
    Relation,
    Variable,
)
from engine.dmn.run import Node, Run, Scope
from engine.dmn.types import ANY, Test, TypeTable
from engine.feel import compile_unary_tests
from engine.feel.environment import Environment
from engine.feel.errors import FeelError
from engine.feel.values import Function

Listener = Callable[[Heard], None]


class Unit:
    """A decision ready to be made."""

    def __init__(self, graph: Graph, decision: Decision) -> None:
        self.graph = graph
        self.decision = decision
        self.type = graph.types.find(decision.variable.type_ref)
        self.inputs: list[tuple[str, InputData, Graph]] = []
        self.required: list[tuple[str, Unit]] = []
        self.knowledge: list[tuple[str, Callee]] = []
        self.node: Node | None = None
        self._connected = False

    def connect(self) -> None:
        """Find what is required, and compile the logic; apart from `__init__`, for graphs may be circular or deep."""
        if self._connected:
            return
        graph, decision = self.graph, self.decision
        self.inputs = list(graph.inputs_of(decision.inputs))
        self.required = [(prefix, home.unit(key)) for prefix, home, key in graph.decisions_of(decision.decisions)]
        self.knowledge = list(graph.callables_of(decision.knowledge))
        if decision.expression is not None:
            self.node = self.compiler().expression(decision.expression)
        self._connected = True

    def compiler(self, listen: Listener | None = None) -> Compiler:
        """A compiler for the decision's logic."""
        names = [(prefix, data.variable.name) for prefix, data, _ in self.inputs]
        names += [(prefix, unit.decision.variable.name) for prefix, unit in self.required]
        names += [(prefix, callee.variable.name) for prefix, callee in self.knowledge]
        return self.graph.compiler(self.decision.name, names, listen)

    def scope(self, run: Run) -> Scope:
        """What the decision's logic sees. Outside the strict standard that includes everything the caller gave."""
        scope: Scope = {} if run.standard else dict(run.inputs)
        for prefix, data, home in self.inputs:
            _put(scope, prefix, data.variable.name, home.input_value(data, prefix, run))
        for prefix, unit in self.required:
            value = run.decided[unit]
            _put(scope, prefix, unit.decision.variable.name, value)
            if not run.standard:
                # Camunda's tables refer to a required decision by its id.
                scope.setdefault(unit.decision.id, value)
        for prefix, callee in self.knowledge:
            _put(scope, prefix, callee.variable.name, callee.function(run))
        return scope

    def decide(self, run: Run) -> object:
        """The decision's value, once for each run; what it requires has been decided before."""
        scope = self.scope(run)
        if run.recorder is None:
            return self._value(scope, run)
        requires = [unit.decision.id for _, unit in self.required]
        run.recorder.begin(self.graph.model, self.decision, dict(self._shown(scope)), requires)
        value = None
        try:
            value = self._value(scope, run)
        finally:
            run.recorder.end(value)
        return value

    def _value(self, scope: Scope, run: Run) -> object:
        value = run.inputs.get(self.decision.variable.name) if self.node is None else self.node(scope, run)
        return self.type.convert_or_null(value, run.environment, self.decision.name)

    def _shown(self, scope: Scope) -> Iterator[tuple[str, object]]:
        names = [(prefix, data.variable.name) for prefix, data, _ in self.inputs]
        names += [(prefix, unit.decision.variable.name) for prefix, unit in self.required]
        for prefix, name in names:
            holder = cast("Scope", scope[prefix]) if prefix else scope
            yield f"{prefix}.{name}" if prefix else name, holder[name]


class KnowledgeUnit:
    """A business knowledge model ready to be called."""

    def __init__(self, graph: Graph, element: KnowledgeModel) -> None:
        self._graph = graph
        self._element = element
        self.variable = element.variable
        self._knowledge: list[tuple[str, Callee]] = []
        self._node: Node | None = None

    def function(self, run: Run) -> Function | None:
        """The function for one run. It sees the functions it requires, and itself."""
        if self in run.functions:
            return run.functions[self]
        node = self.connect()
        scope: Scope = {} if run.standard else _functions_of(run.inputs)
        made = node(scope, run)
        function = run.functions[self] = self._with_result_type(made, run) if isinstance(made, Function) else None
        # Only now, for functions may require each other.
        for prefix, callee in self._knowledge:
            _put(scope, prefix, callee.variable.name, callee.function(run))
        scope[self.variable.name] = function
        return function

    def invoke(self, run: Run) -> object:
        """Its value for the inputs the run was given."""
        function = self.function(run)
        return None if function is None else function.call(*(run.inputs.get(name) for name in function.parameters))

    def connect(self) -> Node:
        """Find the functions it calls and compile its logic, once."""
        if self._node is None:
            self._knowledge = list(self._graph.callables_of(self._element.knowledge))
            self._node = self.compiler().expression(self._element.function)
        return self._node

    def compiler(self, listen: Listener | None = None) -> Compiler:
        """A compiler for the function."""
        names = [(prefix, callee.variable.name) for prefix, callee in self._knowledge]
        return self._graph.compiler(self._element.name, [*names, ("", self.variable.name)], listen)

    def _with_result_type(self, function: Function, run: Run) -> Function:
        result = result_type(self._graph.types.find(self.variable.type_ref))
        if result is ANY:
            return function

        def call(*arguments: object) -> object:
            return result.convert_or_null(function.call(*arguments), run.environment, self._element.name)

        return replace(function, call=call, result_type=result.shape)


class ServiceUnit:
    """A decision service ready to be called: its parameters are its input data, then its input decisions."""

    def __init__(self, graph: Graph, element: DecisionService) -> None:
        self._graph = graph
        self.element = element
        self.variable = element.variable
        self._outputs: list[Unit] = []
        self._decisions: list[Unit] = []
        self._parameters: list[Variable] = []
        self._connected = False

    def function(self, run: Run) -> Function:
        """The function for one run."""
        parameters = self._connect()
        names = tuple(parameter.name for parameter in parameters)
        types = [self._graph.types.find(parameter.type_ref) for parameter in parameters]
        wanted = result_type(self._graph.types.find(self.variable.type_ref))

        def decide(scope: Scope, run: Run) -> object:
            return self._decide({name: scope[name] for name in names}, run)

        return make_function(self.element.name, names, types, wanted, decide, {}, run)

    def invoke(self, run: Run) -> object:
        """The service's value for the inputs the run was given."""
        function = self.function(run)
        return function.call(*(run.inputs.get(name) for name in function.parameters))

    def _connect(self) -> list[Variable]:
        if not self._connected:
            graph, element = self._graph, self.element
            self._outputs = [home.unit(key) for _, home, key in graph.decisions_of(element.outputs)]
            self._decisions = [home.unit(key) for _, home, key in graph.decisions_of(element.input_decisions)]
            data = [entry.variable for _, entry, _ in graph.inputs_of(element.input_data)]
            self._parameters = data + [unit.decision.variable for unit in self._decisions]
            self._connected = True
        return self._parameters

    def _decide(self, arguments: Scope, run: Run) -> object:
        decided: dict[object, object] = {unit: arguments[unit.decision.variable.name] for unit in self._decisions}
        functions = {} if run.standard else _functions_of(run.inputs)
        inner = run.within({**functions, **arguments}, decided)
        values = {unit.decision.variable.name: make(unit, inner) for unit in self._outputs}
        return next(iter(values.values())) if len(values) == 1 else values


Callee = KnowledgeUnit | ServiceUnit


class Graph:
    """All units of a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.types = TypeTable(model, _allowed_test)
        self.members = frozenset(_members(model))
        self._units: dict[str, Unit] = {}
        self._callables: dict[str, Callee] = {}

    def unit(self, key: str) -> Unit:
        """The decision with this id; not yet connected with what it requires."""
        if key not in self._units:
            self._units[key] = Unit(self, self.model.decisions[key])
        return self._units[key]

    def knowledge(self, key: str) -> KnowledgeUnit:
        """The knowledge model with this id."""
        found = self.callable(key)
        assert isinstance(found, KnowledgeUnit)
        return found

    def callable(self, key: str) -> Callee:
        """The knowledge model or decision service with this id."""
        if key not in self._callables:
            element = self.model.knowledge.get(key)
            self._callables[key] = (
                ServiceUnit(self, self.model.services[key]) if element is None else KnowledgeUnit(self, element)
            )
        return self._callables[key]

    def inputs_of(self, references: Iterable[Reference]) -> Iterator[tuple[str, InputData, Graph]]:
        """Input data that are required, each with the prefix of the import it comes through."""
        for reference in references:
            home = self.model.home_of(reference)
            if home is not None and reference.id in home.inputs:
                yield self._prefix(reference), home.inputs[reference.id], graph_of(home)

    def decisions_of(self, references: Iterable[Reference]) -> Iterator[tuple[str, Graph, str]]:
        """Decisions that are required."""
        for reference in references:
            home = self.model.home_of(reference)
            if home is not None and reference.id in home.decisions:
                yield self._prefix(reference), graph_of(home), reference.id

    def callables_of(self, references: Iterable[Reference]) -> Iterator[tuple[str, Callee]]:
        """Knowledge models and decision services that are required."""
        for reference in references:
            home = self.model.home_of(reference)
            if home is not None and (reference.id in home.knowledge or reference.id in home.services):
                yield self._prefix(reference), graph_of(home).callable(reference.id)

    def _prefix(self, reference: Reference) -> str:
        if reference.namespace in ("", self.model.namespace):
            return ""
        return next(entry.name for entry in self.model.imports if entry.namespace == reference.namespace)

    def input_value(self, data: InputData, prefix: str, run: Run) -> object:
        """The value given for an input: within the import's context, under its whole path, or simply under its name."""
        name = data.variable.name
        given = run.inputs.get(prefix) if prefix else None
        members = cast("dict[str, object]", given) if isinstance(given, dict) else {}
        path = f"{prefix}.{name}"
        value = members[name] if name in members else run.inputs.get(path if path in run.inputs else name)
        return self.types.find(data.variable.type_ref).convert_or_null(value, run.environment, name)

    def compiler(self, owner: str, names: Iterable[tuple[str, str]], listen: Listener | None) -> Compiler:
        """A compiler for an element that sees these (prefix, name) pairs."""
        bound = set(self.model.names)
        members = set(self.members)
        for prefix, name in names:
            bound.add(prefix or name)
            members.add(name)
        return Compiler(owner, self.types, Surroundings(frozenset(bound), frozenset(members)), listen)


def graph_of(model: Model) -> Graph:
    """The model's graph, made on first use."""
    found = model.derived.get("graph")
    if not isinstance(found, Graph):
        found = model.derived["graph"] = Graph(model)
    return found


def make(unit: Unit, run: Run) -> object:
    """The value of a decision; what it requires is decided first, each only once."""
    for one in requirements_in_order(unit, run.decided):
        run.decided[one] = one.decide(run)
    return run.decided[unit]


def requirements_in_order(unit: Unit, decided: Container[object] = ()) -> list[Unit]:
    """The decisions still to be made, requirements first, the unit last. Raises `CircularRequirement`."""
    # A stack of our own: graphs may be deeper than Python's.
    order: list[Unit] = []
    done: set[Unit] = set()
    path: list[Unit] = []
    stack: list[tuple[Unit, bool]] = [(unit, False)]
    while stack:
        one, finished = stack.pop()
        if finished:
            path.pop()
            done.add(one)
            order.append(one)
        elif one in path:
            circle = [entry.decision.name for entry in [*path[path.index(one) :], one]]
            raise CircularRequirement(decision=one.decision.name, path=" → ".join(circle))
        elif one not in done and one not in decided:
            one.connect()
            path.append(one)
            stack.append((one, True))
            stack.extend((required, False) for _, required in reversed(one.required))
    return order


def _put(scope: Scope, prefix: str, name: str, value: object) -> None:
    if not prefix:
        scope[name] = value
        return
    holder = scope.get(prefix)
    merged: dict[str, object] = dict(cast("dict[str, object]", holder)) if isinstance(holder, dict) else {}
    merged[name] = value
    scope[prefix] = merged


def _functions_of(given: Mapping[str, object]) -> Scope:
    """Of what the caller gave, the functions: they are visible everywhere, as the builtins are."""
    return {name: value for name, value in given.items() if isinstance(value, Function)}


def _allowed_test(literal: Literal) -> Test:
    """A test of allowed values. One that cannot be read allows everything; `check_model` reports it."""
    try:
        tests = compile_unary_tests(literal.text)
    except FeelError:
        return lambda value, environment: True

    def allowed(value: object, environment: Environment) -> bool:
        return value is None or tests.evaluate(value, {}, environment) is True

    return allowed


def _members(model: Model) -> Iterator[str]:
    """Names that may stand behind a point: members of types, entries of contexts, outputs of tables."""
    for item in model.items.values():
        yield from _item_members(item)
    for decision in model.decisions.values():
        yield from _expression_members(decision.expression)
    for element in model.knowledge.values():
        yield from _expression_members(element.function.body)
    for imported in model.imported.values():
        yield from graph_of(imported).members
        groups = (imported.inputs, imported.decisions, imported.knowledge, imported.services)
        for group in groups:
            for element in group.values():
                yield element.variable.name


def _item_members(item: ItemDefinition) -> Iterator[str]:
    for part in item.components or ():
        yield part.name
        yield from _item_members(part)


def _expression_members(expression: Expression | None) -> Iterator[str]:
    if isinstance(expression, Context):
        for variable, inner in expression.entries:
            if variable is not None:
                yield variable.name
            yield from _expression_members(inner)
    elif isinstance(expression, Relation):
        yield from (column.name for column in expression.columns)
    elif isinstance(expression, DecisionTable):
        yield from (output.name for output in expression.outputs if output.name)
