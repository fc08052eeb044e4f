"""Variables that a process reads and nothing in it writes: mistyped names, mostly.

What is written is seen in the diagram and its forms. Handlers, called processes, messages and whoever starts or
completes something without a form may write anything; in a process with such writers only a name that is almost a known
one is complained about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn import Element, Flow, Specification
from engine.bpmn.expressions import expressions_of
from engine.bpmn.literal_checks import FUNCTIONS
from engine.calendar import WORKING_TIME_NAMES
from engine.diagram import EventKind
from engine.errors import N_
from engine.feel import FeelError, compile_expression
from engine.findings import Finding, Severity
from engine.form_schema import Form

_COUNTS = ("Instances", "ActiveInstances", "CompletedInstances", "TerminatedInstances")
_ENGINE = FUNCTIONS | {"case", "loopCounter"} | {word + count for word in ("numberOf", "nrOf") for count in _COUNTS}
_CARRIES_DATA = (EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ERROR, EventKind.ESCALATION)
_SHORTEST = 5


def check_variables(specification: Specification, forms: Mapping[str, Form]) -> Iterator[Finding]:
    """A warning per name that is read somewhere and, as far as can be seen, written nowhere. `forms` by their ids."""
    written = _written(specification, forms)
    everything_seen = not _has_hidden_writers(specification, forms)
    said: set[str] = set()
    for owner, name in _read(specification):
        if name in written or name in _ENGINE or name in said:
            continue
        meant = next((known for known in sorted(written) if _nearly(name, known)), "")
        if meant:
            said.add(name)
            yield _warning(
                owner,
                N_('Nothing in the process writes the variable "{name}".'),
                N_('Perhaps "{meant}" is meant.'),
                name=name,
                meant=meant,
            )
        elif everything_seen:
            said.add(name)
            yield _warning(
                owner,
                N_('Nothing in the process writes the variable "{name}".'),
                N_("Correct the name, or let a form, script or mapping write it."),
                name=name,
            )


def _read(specification: Specification) -> Iterator[tuple[Element | Flow, str]]:
    for owner, text in expressions_of(specification):
        try:
            found = compile_expression(text, names=WORKING_TIME_NAMES).found
        except FeelError:
            continue  # the reader of the diagram has said so
        for name in sorted(found.certain - found.called):
            yield owner, name


def _written(specification: Specification, forms: Mapping[str, Form]) -> set[str]:
    names: set[str] = set()
    for element in specification.elements.values():
        names.update(mapping.target.partition(".")[0] for mapping in (*element.inputs, *element.outputs))
        if element.script is not None:
            names.add(element.script.result_variable)
        if element.called_decision is not None:
            names.add(element.called_decision.result_variable)
        if element.multi_instance is not None:
            loop = element.multi_instance
            names.update(name for name in (loop.input_element, loop.output_collection) if name)
    for form_id in _form_ids(specification):
        if form_id in forms:
            names |= forms[form_id].names
    return names


def _form_ids(specification: Specification) -> Iterator[str]:
    """The forms that people fill in: of tasks, of the start, and of the documents that tasks produce."""
    yield specification.properties.get("start_form", "")
    for element in specification.elements.values():
        yield element.form_id or ""
        yield from element.properties.get("produces", "").split()


def _has_hidden_writers(specification: Specification, forms: Mapping[str, Form]) -> bool:
    if any(form_id and form_id not in forms for form_id in _form_ids(specification)):
        return True
    if not specification.properties.get("start_form"):
        return True
    return any(_writes_anything(element) for element in specification.elements.values())


def _writes_anything(element: Element) -> bool:
    if element.type in ("userTask", "manualTask"):
        return not element.form_id
    waits = element.type in ("startEvent", "boundaryEvent", "intermediateCatchEvent", "receiveTask")
    carries = waits and element.event.kind in _CARRIES_DATA
    return carries or element.task_type is not None or element.called_element is not None


def _nearly(name: str, known: str) -> bool:
    """Whether one letter is changed, added, left out, or swapped with its neighbour."""
    if min(len(name), len(known)) < _SHORTEST or abs(len(name) - len(known)) > 1:
        return False
    start = 0
    while start < min(len(name), len(known)) and name[start] == known[start]:
        start += 1
    one, other = name[start:], known[start:]
    if any(character.isdigit() for character in one[:1] + other[:1]):
        return False  # numbered on purpose
    swapped = len(one) > 1 and len(other) > 1 and one[:2] == other[1::-1] and one[2:] == other[2:]
    return swapped or one[1:] == other[1:] or one[1:] == other or one == other[1:]


def _warning(owner: Element | Flow, template: str, remedy: str, **params: object) -> Finding:
    line = owner.line if isinstance(owner, Element) else 0
    return Finding(
        "unwritten-variable", template, params, remedy, element=owner.id, line=line, severity=Severity.WARNING
    )
