"""Where expressions stand in a diagram, and their static check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.complaints import Complaints
from engine.bpmn.literal_checks import unknown_functions, wrong_kind
from engine.bpmn.model import Element, Flow, Specification
from engine.bpmn.schedule import check_static
from engine.calendar import WORKING_TIME_NAMES
from engine.errors import N_
from engine.feel import FeelError, compile_expression


@dataclass(frozen=True, slots=True)
class Place:
    """A text of a diagram that may be an expression. `must`: it is one, static text makes no sense there."""

    owner: Element | Flow
    what: str
    text: str | None
    must: bool = False


def places(specification: Specification) -> Iterator[Place]:
    """Every place of a process where an expression can stand."""
    for flow in specification.flows.values():
        yield Place(flow, N_("condition"), flow.condition, must=True)
    for element in specification.elements.values():
        yield from _of_task(element)
        yield from _of_event(element)
        yield from _of_loops(element)
        for direction, mappings in ((N_("input mapping"), element.inputs), (N_("output mapping"), element.outputs)):
            for mapping in mappings:
                yield Place(element, direction, mapping.source)


def expressions_of(specification: Specification) -> Iterator[tuple[Element | Flow, str]]:
    """Every FEEL expression with its owner, without the leading ``=``."""
    for place in places(specification):
        if place.text is not None and place.text.startswith("="):
            yield place.owner, place.text[1:]


def check_expressions(specification: Specification, complaints: Complaints) -> None:
    """Every expression must be FEEL that compiles, every static timer a time."""
    for place in places(specification):
        if place.text is None:
            continue
        if place.text.startswith("="):
            _compile(place, complaints)
        elif place.must:
            complaints.error(
                place.owner,
                "no-expression",
                N_('The {what} "{text}" is no expression.'),
                N_('Begin it with "=" and write FEEL.'),
                what=place.what,
                text=place.text,
            )
        elif place.what == "timer":
            _check_timer(place, complaints)


def _compile(place: Place, complaints: Complaints) -> None:
    text = (place.text or "")[1:]
    try:
        expression = compile_expression(text, names=WORKING_TIME_NAMES)
    except FeelError as error:
        complaints.error(
            place.owner,
            "feel",
            N_('The {what} "{text}" is no FEEL: {reason}'),
            N_("Mend the expression."),
            what=place.what,
            text=text.strip(),
            reason=str(error),
        )
        return
    for function in unknown_functions(expression):
        complaints.error(
            place.owner,
            "feel-function",
            N_('The {what} calls "{function}", which is no function.'),
            N_("Correct its name; variables cannot be called."),
            what=place.what,
            function=function,
        )
    wanted = wrong_kind(place.what, expression)
    if wanted is not None:
        complaints.error(
            place.owner,
            "feel-kind",
            N_('The {what} "{text}" must give {detail}.'),
            N_("Mend the expression."),
            what=place.what,
            text=text.strip(),
            detail=wanted,
        )


def _check_timer(place: Place, complaints: Complaints) -> None:
    assert isinstance(place.owner, Element)
    reason = check_static(place.owner.event.timer or "duration", place.text or "")
    if reason is not None:
        complaints.error(
            place.owner,
            "timer",
            N_("The timer cannot be used: {reason}."),
            N_("Write an ISO 8601 value or FEEL."),
            reason=reason,
        )


def _of_task(element: Element) -> Iterator[Place]:
    yield Place(element, N_("assignee"), element.assignment.assignee)
    yield Place(element, N_("candidate groups"), element.assignment.candidate_groups)
    yield Place(element, N_("candidate users"), element.assignment.candidate_users)
    yield Place(element, N_("due date"), element.schedule.due_date)
    yield Place(element, N_("follow-up date"), element.schedule.follow_up_date)
    yield Place(element, N_("priority"), element.priority)
    yield Place(element, N_("task type"), element.task_type)
    yield Place(element, N_("retries"), element.retries)
    if element.script is not None:
        yield Place(element, N_("script"), element.script.expression, must=True)
    if element.called_decision is not None:
        yield Place(element, N_("decision"), element.called_decision.decision_id)
    if element.called_element is not None:
        yield Place(element, N_("process"), element.called_element.process_id)


def _of_event(element: Element) -> Iterator[Place]:
    event = element.event
    yield Place(element, N_("name"), event.name)
    yield Place(element, N_("correlation key"), event.correlation_key, must=True)
    yield Place(element, N_("time to live"), event.time_to_live)
    yield Place(element, N_("code"), event.code)
    if event.timer is not None:
        yield Place(element, N_("timer"), event.timer_value)
    if event.condition:
        yield Place(element, N_("condition"), event.condition, must=True)


def _of_loops(element: Element) -> Iterator[Place]:
    if element.multi_instance is not None:
        loop = element.multi_instance
        yield Place(element, N_("input collection"), loop.collection, must=True)
        yield Place(element, N_("output element"), loop.output_element, must=True)
        yield Place(element, N_("completion condition"), loop.completion_condition, must=True)
        if loop.cardinality is not None and not loop.cardinality.isdigit():
            yield Place(element, N_("loop cardinality"), loop.cardinality, must=True)
    if element.loop is not None:
        yield Place(element, N_("loop condition"), element.loop.condition, must=True)
