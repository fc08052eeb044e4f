"""A decision model as data: what the XML says, before anything is compiled. Source: DMN 1.5, chapters 6 to 8.

Everything is immutable; expressions carry the id and line of their element so that a finding can name the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class HitPolicy(StrEnum):
    """Which of the rules that apply decides."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


class Aggregation(StrEnum):
    """What COLLECT makes of its hits."""

    LIST = "LIST"
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the file: element id (may be empty) and line."""

    id: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A FEEL expression (or unary tests) as text. An empty `text` is an absent expression."""

    text: str
    type_ref: str = ""
    place: Place = field(default_factory=Place)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A named value with an optional type."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """Entries from top to bottom; one without a name is the result."""

    entries: tuple[tuple[Variable | None, Expression], ...]
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a function with named arguments."""

    function: Expression
    bindings: tuple[tuple[str, Expression], ...]
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A function; `kind` is FEEL, Java or PMML."""

    parameters: tuple[Variable, ...]
    body: Expression | None
    kind: str = "FEEL"
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A boxed list."""

    items: tuple[Expression, ...]
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Relation:
    """A list of contexts, written as a grid."""

    columns: tuple[Variable, ...]
    rows: tuple[tuple[Expression, ...], ...]
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Conditional:
    """If, then, else."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of a list for which a condition holds."""

    source: Expression
    match: Expression
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Iteration:
    """`kind` for, some or every: an expression for each item of a list."""

    kind: str
    variable: str
    source: Expression
    body: Expression
    type_ref: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class InputClause:
    """A column on the left: what is tested. `values` are unary tests, empty when anything is allowed."""

    label: str
    expression: Literal
    values: Literal
    place: Place = field(default_factory=Place)

    @property
    def title(self) -> str:
        """What the column is called: its label, else its expression."""
        return self.label or self.expression.text


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A column on the right. `values` are the allowed values in order of priority."""

    name: str
    label: str
    type_ref: str
    values: Literal
    default: Expression | None
    place: Place = field(default_factory=Place)

    @property
    def title(self) -> str:
        """What the column is called."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Rule:
    """A row. `number` counts from 1, as the table shows it."""

    number: int
    tests: tuple[Literal, ...]
    results: tuple[Literal, ...]
    annotations: tuple[str, ...] = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Rules over inputs. `position` is its index among all decision tables of the file, in document order."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation = Aggregation.LIST
    position: int = 0
    output_label: str = ""
    annotations: tuple[str, ...] = ()
    type_ref: str = ""
    place: Place = field(default_factory=Place)


Expression = (
    Literal
    | Context
    | Invocation
    | FunctionDefinition
    | ListOf
    | Relation
    | Conditional
    | Filter
    | Iteration
    | DecisionTable
)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type. `components` is None for a type that is no context, `function` None for one that is no function.

    `function` is the parameters and the result's type; `allowed` and `constraint` are unary tests.
    """

    name: str
    type_ref: str = ""
    allowed: Literal = field(default_factory=lambda: Literal(""))
    constraint: Literal = field(default_factory=lambda: Literal(""))
    is_collection: bool = False
    components: tuple[ItemDefinition, ...] | None = None
    function: tuple[tuple[Variable, ...], str] | None = None
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Import:
    """Another model whose elements are used; an empty name brings them in without a prefix."""

    name: str
    namespace: str
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Reference:
    """The target of a requirement: namespace (empty: this model) and element id."""

    namespace: str
    id: str


@dataclass(frozen=True, slots=True)
class InputData:
    """A value given from outside."""

    id: str
    name: str
    variable: Variable
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: what it needs and how it is made. Without `expression` its value is given from outside."""

    id: str
    name: str
    variable: Variable
    inputs: tuple[Reference, ...] = ()
    decisions: tuple[Reference, ...] = ()
    knowledge: tuple[Reference, ...] = ()
    expression: Expression | None = None
    question: str = ""
    description: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A function of the model that decisions call."""

    id: str
    name: str
    variable: Variable
    function: FunctionDefinition
    knowledge: tuple[Reference, ...] = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Part of the graph as a function of its input data and input decisions."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[Reference, ...] = ()
    encapsulated: tuple[Reference, ...] = ()
    input_decisions: tuple[Reference, ...] = ()
    input_data: tuple[Reference, ...] = ()
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A file. `version` is the first twelve digits of the SHA-256 of its bytes, `source` the bytes themselves.

    `imported` maps the namespaces of `imports` to models; `names` are further names every expression may use
    (functions the engine passes in, say). Models are compared by identity, so that what is compiled can be kept by it.
    """

    id: str
    name: str
    namespace: str
    file: str
    version: str
    source: bytes
    inputs: Mapping[str, InputData]
    decisions: Mapping[str, Decision]
    knowledge: Mapping[str, KnowledgeModel]
    services: Mapping[str, DecisionService]
    items: Mapping[str, ItemDefinition]
    imports: tuple[Import, ...]
    imported: Mapping[str, Model]
    names: frozenset[str] = frozenset()
    derived: dict[str, object] = field(default_factory=dict[str, object], repr=False)
    """What is compiled from the model; kept here so that it lives as long as the model does."""

    def home_of(self, reference: Reference) -> Model | None:
        """The model in which the target of a reference is to be found; None when it was not given."""
        if reference.namespace in ("", self.namespace):
            return self
        return self.imported.get(reference.namespace)

    def find(self, name_or_id: str) -> Decision | DecisionService | KnowledgeModel | None:
        """A decision, decision service or knowledge model by id, else by name, in this order."""
        groups = (self.decisions, self.services, self.knowledge)
        for group in groups:
            if name_or_id in group:
                return group[name_or_id]
        for group in groups:
            for element in group.values():
                if element.name == name_or_id:
                    return element
        return None


def children_of(expression: Expression) -> tuple[Expression, ...]:
    """The boxed expressions directly within one; the cells of a table are none."""
    match expression:
        case Context(entries):
            return tuple(inner for _, inner in entries)
        case Invocation(function, bindings):
            return (function, *(inner for _, inner in bindings))
        case FunctionDefinition(_, body):
            return () if body is None else (body,)
        case ListOf(items):
            return items
        case Relation(_, rows):
            return tuple(cell for row in rows for cell in row)
        case Conditional(condition, then, otherwise):
            return (condition, then, otherwise)
        case Filter(source, match):
            return (source, match)
        case Iteration(source=source, body=body):
            return (source, body)
        case _:
            return ()


def tables_in(expression: Expression | None) -> Iterator[DecisionTable]:
    """All decision tables of an expression, however deep."""
    if isinstance(expression, DecisionTable):
        yield expression
    elif expression is not None:
        for inner in children_of(expression):
            yield from tables_in(inner)
