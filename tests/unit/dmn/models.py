"""Builders of DMN documents for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine.dmn import Evaluation, Model, evaluate_decision, read_dmn
from engine.feel import Environment, from_python

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def document(*elements: str, namespace: str = "urn:test", version: str = NAMESPACE) -> bytes:
    """A DMN file."""
    body = "\n".join(elements)
    head = f'<definitions xmlns="{version}" id="defs" name="Test model" namespace="{namespace}">'
    return f"{head}{body}</definitions>".encode()


def literal(text: str, type_ref: str = "") -> str:
    """A literal expression."""
    kind = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    return f"<literalExpression{kind}><text>{escape(text)}</text></literalExpression>"


def input_data(name: str, type_ref: str = "") -> str:
    """Input data whose id is `i_` and the name."""
    kind = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    attributes = f"id={quoteattr('i_' + name)} name={quoteattr(name)}"
    return f"<inputData {attributes}><variable name={quoteattr(name)}{kind}/></inputData>"


def decision(
    key: str,
    logic: str,
    *,
    name: str = "",
    type_ref: str = "",
    inputs: Sequence[str] = (),
    decisions: Sequence[str] = (),
    knowledge: Sequence[str] = (),
) -> str:
    """A decision; requirements are hrefs without the number sign."""
    name = name or key
    kind = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    needs = "".join(
        f'<informationRequirement><required{tag} href="{_href(href)}"/></informationRequirement>'
        for tag, hrefs in (("Input", inputs), ("Decision", decisions))
        for href in hrefs
    )
    needs += "".join(
        f'<knowledgeRequirement><requiredKnowledge href="{_href(href)}"/></knowledgeRequirement>' for href in knowledge
    )
    return (
        f"<decision id={quoteattr(key)} name={quoteattr(name)}><variable name={quoteattr(name)}{kind}/>"
        f"{needs}{logic}</decision>"
    )


def _href(href: str) -> str:
    return href if "#" in href else f"#{href}"


def knowledge(
    key: str, parameters: Mapping[str, str], logic: str, *, type_ref: str = "", requires: Sequence[str] = ()
) -> str:
    """A business knowledge model."""
    kind = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    formal = "".join(
        f"<formalParameter name={quoteattr(name)}" + (f" typeRef={quoteattr(wanted)}" if wanted else "") + "/>"
        for name, wanted in parameters.items()
    )
    needs = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="{_href(href)}"/></knowledgeRequirement>' for href in requires
    )
    return (
        f"<businessKnowledgeModel id={quoteattr(key)} name={quoteattr(key)}><variable name={quoteattr(key)}{kind}/>"
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{needs}</businessKnowledgeModel>"
    )


def table(
    inputs: Sequence[str | tuple[str, str] | tuple[str, str, str]],
    outputs: Sequence[str | tuple[str, str] | tuple[str, str, str] | tuple[str, str, str, str]],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
) -> str:
    """A decision table.

    An input is an expression, or (expression, type, values); an output a name, or (name, type, values, default).
    A rule is its cells from left to right, and perhaps one more: the annotation.
    """
    columns = "".join(_input(entry) for entry in inputs) + "".join(_output(entry) for entry in outputs)
    rows = "".join(_rule(cells, len(inputs), len(outputs)) for cells in rules)
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="table" hitPolicy="{policy}"{aggregated}>{columns}{rows}</decisionTable>'


def _parts(entry: Any, count: int) -> list[str]:
    given = [entry] if isinstance(entry, str) else list(entry)
    return given + [""] * (count - len(given))


def _input(entry: Any) -> str:
    text, kind, values = _parts(entry, 3)
    allowed = f"<inputValues><text>{escape(values)}</text></inputValues>" if values else ""
    wanted = f" typeRef={quoteattr(kind)}" if kind else ""
    return f"<input><inputExpression{wanted}><text>{escape(text)}</text></inputExpression>{allowed}</input>"


def _output(entry: Any) -> str:
    name, kind, values, default = _parts(entry, 4)
    allowed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    otherwise = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    wanted = f" typeRef={quoteattr(kind)}" if kind else ""
    return f"<output name={quoteattr(name)}{wanted}>{allowed}{otherwise}</output>"


def _rule(cells: Sequence[str], inputs: int, outputs: int) -> str:
    tests = "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells[:inputs])
    results = "".join(
        f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in cells[inputs : inputs + outputs]
    )
    notes = "".join(
        f"<annotationEntry><text>{escape(note)}</text></annotationEntry>" for note in cells[inputs + outputs :]
    )
    return f"<rule>{tests}{results}{notes}</rule>"


def item(
    name: str, type_ref: str = "", *, allowed: str = "", constraint: str = "", collection: bool = False, inner: str = ""
) -> str:
    """An item definition; `inner` is components or a function item."""
    return _item("itemDefinition", name, type_ref, allowed, constraint, collection, inner)


def component(name: str, type_ref: str = "", *, allowed: str = "", collection: bool = False, inner: str = "") -> str:
    """A component of an item definition."""
    return _item("itemComponent", name, type_ref, allowed, "", collection, inner)


def _item(tag: str, name: str, type_ref: str, allowed: str, constraint: str, collection: bool, inner: str) -> str:
    content = f"<typeRef>{escape(type_ref)}</typeRef>" if type_ref else ""
    content += f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
    content += f"<typeConstraint><text>{escape(constraint)}</text></typeConstraint>" if constraint else ""
    many = ' isCollection="true"' if collection else ""
    return f"<{tag} name={quoteattr(name)}{many}>{content}{inner}</{tag}>"


def entry(name: str, logic: str, type_ref: str = "") -> str:
    """An entry of a boxed context; one without a name is the result."""
    kind = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    variable = f"<variable name={quoteattr(name)}{kind}/>" if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def context(*entries: str) -> str:
    """A boxed context."""
    return f"<context>{''.join(entries)}</context>"


def evaluate(
    source: bytes | Model, key: str = "d", *, standard: bool = False, trace: bool = True, **inputs: object
) -> Evaluation:
    """Evaluate a decision of a document; inputs are Python values, underscores in their names blanks."""
    model = read_dmn(source) if isinstance(source, bytes) else source
    scope = {name: from_python(value) for name, value in inputs.items()}
    return evaluate_decision(model, key, scope, Environment(), standard=standard, trace=trace)


def value_of(logic: str, *, standard: bool = False, **inputs: object) -> object:
    """The value of one decision that has this logic and requires the inputs."""
    return evaluate(requiring(logic, *inputs), standard=standard, **inputs).value


def requiring(logic: str, *inputs: str) -> bytes:
    """A document with one decision `d` that has this logic and requires input data of these names."""
    needs = [f"i_{name}" for name in inputs]
    return document(*map(input_data, inputs), decision("d", logic, inputs=needs))


def number(text: str | int) -> Decimal:
    """A FEEL number."""
    return Decimal(text)
