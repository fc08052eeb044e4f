"""Fields that people fill in and no output mapping takes along: the case forgets what was typed.

Output mappings say everything that leaves a task; the values of its form are gone with it otherwise, but for the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn import Element, Specification
from engine.calendar import WORKING_TIME_NAMES
from engine.errors import N_
from engine.feel import FeelError, compile_expression
from engine.findings import Finding, Severity
from engine.form_schema import Form


def check_outputs(specification: Specification, forms: Mapping[str, Form]) -> Iterator[Finding]:
    """A warning per task whose form asks for something its output mappings leave out. `forms` by their ids."""
    for element in specification.elements.values():
        form = forms.get(element.form_id or "")
        if form is None or not element.outputs or element.type != "userTask":
            continue
        dropped = sorted(form.asked - _taken(element))
        if dropped:
            yield Finding(
                "dropped-field",
                N_("The form of {element} asks for {fields}, and no output mapping keeps it."),
                {"element": element.id, "fields": ", ".join(dropped)},
                N_("Add an output mapping for it, or take the field out of the form."),
                element=element.id,
                line=element.line,
                severity=Severity.WARNING,
            )


def _taken(element: Element) -> set[str]:
    """The names that the expressions read which look into a task's result before it is gone."""
    loop = element.multi_instance
    sources = [mapping.source for mapping in element.outputs]
    sources += [text for text in (loop.output_element, loop.completion_condition) if text] if loop else []
    names: set[str] = set()
    for source in sources:
        if source.startswith("="):
            try:
                names |= compile_expression(source[1:], names=WORKING_TIME_NAMES).found.names
            except FeelError:
                continue  # the reader of the diagram has said so
    return names
