"""DMN XML to `Model`. Versions 1.1 to 1.5 differ in their namespaces only as far as this reader is concerned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from engine.dmn.errors import UnreadableModel
from engine.dmn.model import (
    Aggregation,
    Conditional,
    Context,
    Decision,
    DecisionService,
    DecisionTable,
    Expression,
    Filter,
    FunctionDefinition,
    HitPolicy,
    Import,
    InputClause,
    InputData,
    Invocation,
    ItemDefinition,
    Iteration,
    KnowledgeModel,
    ListOf,
    Literal,
    Model,
    OutputClause,
    Place,
    Reference,
    Relation,
    Rule,
    Variable,
)
from engine.errors import N_
from engine.feel.errors import Said
from engine.xml import Element, line_of, local_name, read_xml

MODEL_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
"""DMN 1.1 to 1.5, in this order."""

Named = TypeVar("Named", InputData, Decision, KnowledgeModel, DecisionService)


def read_dmn(
    content: bytes,
    name: str = "file.dmn",
    imports: Mapping[str, Model] | None = None,
    names: frozenset[str] = frozenset(),
) -> Model:
    """Read a model.

    `imports` maps namespaces to models read before; what is imported but not given is reported by `check_model` and,
    when an evaluation needs it, is null. `names` are names of functions and values that the caller will pass in the
    context of every evaluation and that consist of several words. Raises `BrokenXml` or `UnreadableModel`.
    """
    root = read_xml(content, name)
    if local_name(root) != "definitions" or _namespace(root) not in MODEL_NAMESPACES:
        detail = Said(N_("it is no DMN model of version 1.1 to 1.5"))
        raise UnreadableModel(name=name, line=line_of(root), detail=detail)
    return _Reader(root, name).model(content, imports or {}, names)


class _Reader:
    """One pass over one document."""

    def __init__(self, root: Element, file: str) -> None:
        self._root = root
        self._file = file
        self._language = str(root.get("expressionLanguage") or "")
        tables = [element for element in root.iter() if _is(element, "decisionTable")]
        self._positions = {id(element): position for position, element in enumerate(tables)}
        # lxml makes its elements anew unless somebody holds them; their identity is the key above.
        self._tables = tables

    def model(self, content: bytes, given: Mapping[str, Model], names: frozenset[str]) -> Model:
        """The whole document."""
        root = self._root
        imports = tuple(
            Import(_text_attribute(element, "name"), _text_attribute(element, "namespace"), _place(element))
            for element in _children(root, "import")
        )
        items = [self._item(element) for element in _children(root, "itemDefinition")]
        return Model(
            id=_text_attribute(root, "id"),
            name=_text_attribute(root, "name"),
            namespace=_text_attribute(root, "namespace"),
            file=self._file,
            version=hashlib.sha256(content).hexdigest()[:12],
            source=content,
            inputs=self._by_id("inputData", self._input_data),
            decisions=self._by_id("decision", self._decision),
            knowledge=self._by_id("businessKnowledgeModel", self._knowledge_model),
            services=self._by_id("decisionService", self._service),
            items={item.name: item for item in items},
            imports=imports,
            imported={entry.namespace: given[entry.namespace] for entry in imports if entry.namespace in given},
            names=names,
        )

    def _by_id(self, tag: str, read: Callable[[Element], Named]) -> dict[str, Named]:
        found: dict[str, Named] = {}
        for element in _children(self._root, tag):
            entry = read(element)
            if entry.id in found:
                raise self._broken(element, N_("the id {id} is used twice"), id=entry.id)
            found[entry.id] = entry
        return found

    def _broken(self, element: Element, template: str, **params: object) -> UnreadableModel:
        return UnreadableModel(name=self._file, line=line_of(element), detail=Said(template, **params))

    # Elements of the requirement graph

    def _input_data(self, element: Element) -> InputData:
        name = self._name(element)
        return InputData(self._id(element), name, _variable(element, name), _place(element))

    def _decision(self, element: Element) -> Decision:
        name = self._name(element)
        return Decision(
            id=self._id(element),
            name=name,
            variable=_variable(element, name),
            inputs=_references(element, "informationRequirement", "requiredInput"),
            decisions=_references(element, "informationRequirement", "requiredDecision"),
            knowledge=_references(element, "knowledgeRequirement", "requiredKnowledge"),
            expression=self._first_expression(element),
            question=_child_text(element, "question"),
            description=_child_text(element, "description"),
            place=_place(element),
        )

    def _knowledge_model(self, element: Element) -> KnowledgeModel:
        name = self._name(element)
        logic = _child(element, "encapsulatedLogic")
        function = FunctionDefinition((), None) if logic is None else self._function(logic)
        return KnowledgeModel(
            id=self._id(element),
            name=name,
            variable=_variable(element, name),
            function=function,
            knowledge=_references(element, "knowledgeRequirement", "requiredKnowledge"),
            place=_place(element),
        )

    def _service(self, element: Element) -> DecisionService:
        name = self._name(element)
        return DecisionService(
            id=self._id(element),
            name=name,
            variable=_variable(element, name),
            outputs=_direct_references(element, "outputDecision"),
            encapsulated=_direct_references(element, "encapsulatedDecision"),
            input_decisions=_direct_references(element, "inputDecision"),
            input_data=_direct_references(element, "inputData"),
            place=_place(element),
        )

    def _name(self, element: Element) -> str:
        name = _normal(_text_attribute(element, "name"))
        return name or self._id(element)

    def _id(self, element: Element) -> str:
        key = _text_attribute(element, "id") or _normal(_text_attribute(element, "name"))
        if not key:
            raise self._broken(element, N_("a {tag} has neither id nor name"), tag=local_name(element))
        return key

    # Types

    def _item(self, element: Element) -> ItemDefinition:
        components = tuple(self._item(child) for child in _children(element, "itemComponent"))
        function = _child(element, "functionItem")
        return ItemDefinition(
            name=_normal(_text_attribute(element, "name")),
            type_ref=_normal(_child_text(element, "typeRef")),
            allowed=self._tests(_child(element, "allowedValues")),
            constraint=self._tests(_child(element, "typeConstraint")),
            is_collection=_text_attribute(element, "isCollection") in ("true", "1"),
            components=components or None,
            function=None if function is None else _function_item(function),
            place=_place(element),
        )

    def _tests(self, element: Element | None) -> Literal:
        return Literal("") if element is None else self._literal(element)

    # Expressions

    def _first_expression(self, element: Element) -> Expression | None:
        for child in element:
            found = self._expression(child)
            if found is not None:
                return found
        return None

    def _expression(self, element: Element) -> Expression | None:
        """The boxed expression, or None when the element is none."""
        if _namespace(element) not in MODEL_NAMESPACES:
            return None
        readers: dict[str, Callable[[Element], Expression]] = {
            "literalExpression": self._literal,
            "context": self._context,
            "invocation": self._invocation,
            "functionDefinition": self._function,
            "list": self._list,
            "relation": self._relation,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iteration,
            "some": self._iteration,
            "every": self._iteration,
            "decisionTable": self._table,
        }
        read = readers.get(local_name(element))
        return None if read is None else read(element)

    def _needed(self, element: Element, tag: str = "") -> Expression:
        """The expression in an element (in its child `tag`); an absent one is an empty literal, which is null."""
        holder = _child(element, tag) if tag else element
        found = None if holder is None else self._first_expression(holder)
        return Literal("", place=_place(element)) if found is None else found

    def _literal(self, element: Element) -> Literal:
        language = _text_attribute(element, "expressionLanguage") or self._language
        return Literal(_child_text(element, "text"), _type_ref(element), _place(element), language)

    def _context(self, element: Element) -> Context:
        entries: list[tuple[Variable | None, Expression]] = []
        for entry in _children(element, "contextEntry"):
            variable = None if _child(entry, "variable") is None else _variable(entry, "")
            entries.append((variable, self._needed(entry)))
        return Context(tuple(entries), _type_ref(element), _place(element))

    def _invocation(self, element: Element) -> Invocation:
        bindings: list[tuple[str, Expression]] = []
        for binding in _children(element, "binding"):
            parameter = _child(binding, "parameter")
            if parameter is None:
                raise self._broken(binding, N_("a binding names no parameter"))
            bindings.append((_normal(_text_attribute(parameter, "name")), self._needed(binding)))
        return Invocation(self._needed(element), tuple(bindings), _type_ref(element), _place(element))

    def _function(self, element: Element) -> FunctionDefinition:
        parameters = _variables(element, "formalParameter")
        kind = _text_attribute(element, "kind") or "FEEL"
        body = self._first_expression(element)
        return FunctionDefinition(parameters, body, kind, _type_ref(element), _place(element))

    def _list(self, element: Element) -> ListOf:
        return ListOf(self._expressions(element), _type_ref(element), _place(element))

    def _expressions(self, element: Element) -> tuple[Expression, ...]:
        found = (self._expression(child) for child in element)
        return tuple(expression for expression in found if expression is not None)

    def _relation(self, element: Element) -> Relation:
        columns = _variables(element, "column")
        rows = tuple(self._expressions(row) for row in _children(element, "row"))
        return Relation(columns, rows, _type_ref(element), _place(element))

    def _conditional(self, element: Element) -> Conditional:
        parts = (self._needed(element, tag) for tag in ("if", "then", "else"))
        return Conditional(*parts, type_ref=_type_ref(element), place=_place(element))

    def _filter(self, element: Element) -> Filter:
        source, match = self._needed(element, "in"), self._needed(element, "match")
        return Filter(source, match, _type_ref(element), _place(element))

    def _iteration(self, element: Element) -> Iteration:
        kind = local_name(element)
        body = self._needed(element, "return" if kind == "for" else "satisfies")
        variable = _normal(_text_attribute(element, "iteratorVariable"))
        return Iteration(kind, variable, self._needed(element, "in"), body, _type_ref(element), _place(element))

    # Decision tables

    def _table(self, element: Element) -> DecisionTable:
        inputs = tuple(self._input_clause(child) for child in _children(element, "input"))
        outputs = tuple(self._output_clause(child) for child in _children(element, "output"))
        rules = _children(element, "rule")
        return DecisionTable(
            inputs=inputs,
            outputs=outputs,
            rules=tuple(
                self._rule(rule, number, len(inputs), len(outputs)) for number, rule in enumerate(rules, start=1)
            ),
            hit_policy=self._hit_policy(element),
            aggregation=self._aggregation(element),
            position=self._positions[id(element)],
            output_label=_text_attribute(element, "outputLabel"),
            annotations=tuple(_text_attribute(child, "name") for child in _children(element, "annotation")),
            type_ref=_type_ref(element),
            place=_place(element),
        )

    def _hit_policy(self, element: Element) -> HitPolicy:
        text = _text_attribute(element, "hitPolicy") or "UNIQUE"
        try:
            return HitPolicy(text)
        except ValueError as error:
            raise self._broken(element, N_("there is no hit policy {name}"), name=text) from error

    def _aggregation(self, element: Element) -> Aggregation:
        text = _text_attribute(element, "aggregation") or "LIST"
        try:
            return Aggregation(text)
        except ValueError as error:
            raise self._broken(element, N_("there is no aggregation {name}"), name=text) from error

    def _input_clause(self, element: Element) -> InputClause:
        expression = _child(element, "inputExpression")
        return InputClause(
            label=_text_attribute(element, "label"),
            expression=Literal("", place=_place(element)) if expression is None else self._literal(expression),
            values=self._tests(_child(element, "inputValues")),
            place=_place(element),
        )

    def _output_clause(self, element: Element) -> OutputClause:
        default = _child(element, "defaultOutputEntry")
        return OutputClause(
            name=_normal(_text_attribute(element, "name")),
            label=_text_attribute(element, "label"),
            type_ref=_type_ref(element),
            values=self._tests(_child(element, "outputValues")),
            default=None if default is None else self._default(default),
            place=_place(element),
        )

    def _default(self, element: Element) -> Expression | None:
        """The default itself is a literal expression; some tools put one inside it."""
        own = self._literal(element)
        return own if own.text else self._first_expression(element)

    def _rule(self, element: Element, number: int, inputs: int, outputs: int) -> Rule:
        tests = tuple(self._literal(child) for child in _children(element, "inputEntry"))
        results = tuple(self._literal(child) for child in _children(element, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            raise self._broken(element, N_("rule {number} has not one cell for every column"), number=number)
        notes = tuple(_child_text(child, "text") for child in _children(element, "annotationEntry"))
        if not notes:
            described = _child_text(element, "description")
            notes = (described,) if described else ()
        return Rule(number, tests, results, notes, _place(element))


def _function_item(element: Element) -> tuple[tuple[Variable, ...], str]:
    return _variables(element, "parameters"), _normal(_text_attribute(element, "outputTypeRef"))


def _variables(element: Element, tag: str) -> tuple[Variable, ...]:
    """Children that are a name and a type themselves."""
    children = _children(element, tag)
    return tuple(Variable(_normal(_text_attribute(child, "name")), _type_ref(child)) for child in children)


def _variable(element: Element, name: str) -> Variable:
    """The `variable` of an element; its name may be left out, the element's is meant then."""
    child = _child(element, "variable")
    if child is None:
        return Variable(name)
    return Variable(_normal(_text_attribute(child, "name")) or name, _type_ref(child))


def _references(element: Element, requirement: str, tag: str) -> tuple[Reference, ...]:
    return tuple(reference for child in _children(element, requirement) for reference in _direct_references(child, tag))


def _direct_references(element: Element, tag: str) -> tuple[Reference, ...]:
    hrefs = (_text_attribute(child, "href") for child in _children(element, tag))
    # DMN 1.1 wrote some references without the leading number sign.
    parts = (href.rpartition("#") for href in hrefs)
    return tuple(Reference(namespace, key) for namespace, _, key in parts)


def _type_ref(element: Element) -> str:
    """`typeRef`, without the prefix that DMN 1.1 put in front of FEEL's own types (``feel:string``)."""
    text = _normal(_text_attribute(element, "typeRef"))
    prefix, colon, rest = text.partition(":")
    return rest if colon and prefix in element.nsmap else text


def _normal(name: str) -> str:
    """A name with its white space as FEEL reads it: one blank between words."""
    return " ".join(name.split())


def _children(element: Element, tag: str) -> list[Element]:
    return [child for child in element if _is(child, tag)]


def _child(element: Element, tag: str) -> Element | None:
    return next((child for child in element if _is(child, tag)), None)


def _child_text(element: Element, tag: str) -> str:
    child = _child(element, tag)
    return "" if child is None else "".join(child.itertext()).strip()


def _text_attribute(element: Element, name: str) -> str:
    return str(element.get(name) or "")


def _is(element: Element, tag: str) -> bool:
    return local_name(element) == tag and _namespace(element) in MODEL_NAMESPACES


def _namespace(element: Element) -> str:
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _place(element: Element) -> Place:
    return Place(_text_attribute(element, "id"), line_of(element))
