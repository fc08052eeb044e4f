"""The static rules of BPMN 2.0 that a process must keep before we execute it, and the limits of what we execute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.bpmn.complaints import Complaints
from engine.bpmn.connection_rules import CONNECTION_RULES
from engine.bpmn.expressions import check_expressions
from engine.bpmn.model import Element, EventKind, Flow, Specification
from engine.bpmn.tags import ACTIVITIES, GATEWAYS, SUBPROCESSES, is_name
from engine.bpmn.view import View
from engine.errors import N_

_KINDS: dict[str, frozenset[EventKind]] = {
    "startEvent": frozenset({EventKind.NONE, EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL}),
    "endEvent": frozenset(EventKind) - {EventKind.TIMER, EventKind.LINK, EventKind.CONDITIONAL},
    "intermediateCatchEvent": frozenset(
        {EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL, EventKind.LINK}
    ),
    "intermediateThrowEvent": frozenset(
        {
            EventKind.NONE,
            EventKind.MESSAGE,
            EventKind.SIGNAL,
            EventKind.ESCALATION,
            EventKind.COMPENSATION,
            EventKind.LINK,
        }
    ),
    "boundaryEvent": frozenset(EventKind) - {EventKind.NONE, EventKind.TERMINATE, EventKind.LINK},
}
_EVENT_SUBPROCESS_STARTS = frozenset(
    {
        EventKind.TIMER,
        EventKind.MESSAGE,
        EventKind.SIGNAL,
        EventKind.ERROR,
        EventKind.ESCALATION,
        EventKind.CONDITIONAL,
    }
)
_ALWAYS_INTERRUPTING = (EventKind.ERROR, EventKind.CANCEL)
_THROWING = ("endEvent", "intermediateThrowEvent", "sendTask")


def check_process(specification: Specification, node: Any, complaints: Complaints) -> None:
    """Every broken rule becomes a finding."""
    if not is_name(specification.process_id):
        complaints.error(node, "missing-id", N_("The process has no usable id."), N_("Give it one."))
    view = View(specification, complaints)
    for rule in _RULES:
        rule(view)
    check_expressions(specification, complaints)


def _flows(view: View) -> None:
    for flow in view.specification.flows.values():
        source, target = view.get(flow.source), view.get(flow.target)
        if source is None or target is None:
            view.error(
                flow,
                "flow-ends",
                N_('The sequence flow leads from "{source}" to "{target}", which is no flow node of the process.'),
                N_("Connect it again; use message flows between pools."),
                source=flow.source,
                target=flow.target,
            )
            continue
        if source.parent != target.parent:
            view.error(
                flow,
                "flow-crosses",
                N_("The sequence flow crosses the border of a subprocess."),
                N_("End the subprocess or use a boundary event."),
            )
        if target.type in ("startEvent", "boundaryEvent") or target.triggered_by_event or target.is_for_compensation:
            view.error(
                flow, "flow-target", N_("No sequence flow may lead to {target}."), N_("Remove it."), target=target.id
            )
        if source.type == "endEvent" or source.triggered_by_event or source.is_for_compensation:
            view.error(
                flow, "flow-source", N_("No sequence flow may begin at {source}."), N_("Remove it."), source=source.id
            )


def _event_kinds(view: View) -> None:
    for element in view.elements:
        allowed = _KINDS.get(element.type)
        if element.type == "startEvent" and view.in_event_subprocess(element):
            allowed = _EVENT_SUBPROCESS_STARTS
        elif element.type == "startEvent" and element.parent is not None:
            allowed = frozenset({EventKind.NONE})
        if allowed is not None and element.event.kind not in allowed:
            view.error(
                element,
                "event-kind",
                N_("An event of kind {kind} cannot stand here ({type})."),
                N_("Choose another kind of event."),
                kind=element.event.kind.value,
                type=element.type,
            )
        if element.event.kind in _ALWAYS_INTERRUPTING and not element.interrupting:
            view.error(element, "interrupting", N_("The event always interrupts."), N_("Make it interrupting."))


def _starts(view: View) -> None:
    scopes = [None, *(element.id for element in view.elements if element.type in SUBPROCESSES)]
    for scope in scopes:
        starts = [element for element in view.inside(scope) if element.type == "startEvent"]
        plain = [start for start in starts if start.event.kind is EventKind.NONE]
        owner: object = view.specification if scope is None else view.get(scope)
        if not starts:
            view.error(owner, "no-start", N_("There is no start event."), N_("Begin with a start event."))
        elif len(plain) > 1 or (scope is not None and len(starts) > 1):
            view.error(
                starts[1], "start-events", N_("There is more than one start."), N_("Keep one and branch after it.")
            )


def _subprocesses(view: View) -> None:
    for element in view.elements:
        if not element.triggered_by_event:
            continue
        if view.attached(element) or element.multi_instance or element.loop or element.inputs or element.outputs:
            view.error(
                element,
                "event-subprocess",
                N_("An event subprocess has no boundary events, loops or mappings."),
                N_("Put an ordinary subprocess inside."),
            )


def _boundaries(view: View) -> None:
    for element in view.elements:
        if element.type != "boundaryEvent":
            continue
        host = view.get(element.attached_to)
        if host is None or host.type not in ACTIVITIES or host.parent != element.parent:
            view.error(
                element, "boundary-host", N_("The boundary event is attached to no activity."), N_("Attach it to one.")
            )
            continue
        if element.event.kind is EventKind.CANCEL and host.type != "transaction":
            view.error(element, "cancel", N_("Only a transaction can be cancelled."), N_("Attach it to a transaction."))
        compensates = element.event.kind is EventKind.COMPENSATION
        if compensates == bool(view.outgoing(element)):
            view.error(
                element,
                "boundary-flow",
                N_("A boundary event has an outgoing flow, but a compensation event has an association instead."),
                N_("Draw the missing connection or remove the wrong one."),
            )
        if compensates and (host.multi_instance or host.loop):
            view.complaints.unsupported(element, N_("Compensation of a multi-instance activity or loop"))
        _same_trigger(view, element, host)


def _same_trigger(view: View, element: Element, host: Element) -> None:
    """Two events of one activity must not both catch the same error, escalation or cancellation."""
    for other in view.attached(host):
        if (
            other.id >= element.id
            or other.event.kind is not element.event.kind
            or other.event.code != element.event.code
        ):
            continue
        if element.event.kind in (EventKind.ERROR, EventKind.ESCALATION, EventKind.CANCEL, EventKind.COMPENSATION):
            view.error(
                element,
                "same-trigger",
                N_("{other} on the same activity catches the same."),
                N_("Keep one of them."),
                other=other.id,
            )


def _gateways(view: View) -> None:
    for element in view.elements:
        outgoing = view.outgoing(element)
        if element.type in GATEWAYS and not outgoing:
            view.error(element, "gateway-end", N_("The gateway leads nowhere."), N_("Draw an outgoing flow."))
        if element.type in ("exclusiveGateway", "inclusiveGateway") and len(outgoing) > 1:
            for flow in outgoing:
                if flow.condition is None and not flow.is_default:
                    view.error(
                        flow,
                        "flow-condition",
                        N_("The flow leaves a deciding gateway without a condition."),
                        N_("Give it a condition or make it the default flow."),
                    )
        if element.type in ("parallelGateway", "eventBasedGateway"):
            for flow in outgoing:
                if flow.condition is not None or flow.is_default:
                    view.error(
                        flow,
                        "flow-condition",
                        N_("A flow that leaves this gateway has no condition and is no default."),
                        N_("Remove the condition or use another gateway."),
                    )
        for flow in outgoing:
            if flow.is_default and flow.condition is not None:
                view.error(
                    flow, "default-condition", N_("The default flow has a condition."), N_("Remove the condition.")
                )
        if element.type == "eventBasedGateway":
            _event_gateway(view, element, outgoing)


def _event_gateway(view: View, element: Element, outgoing: list[Flow]) -> None:
    if len(outgoing) < 2:
        view.error(
            element, "event-gateway", N_("An event-based gateway needs two events."), N_("Draw the events behind it.")
        )
    for flow in outgoing:
        target = view.get(flow.target)
        if target is None:
            continue
        waits = target.type == "receiveTask" or (
            target.type == "intermediateCatchEvent" and target.event.kind is not EventKind.LINK
        )
        plain = not (target.inputs or target.multi_instance or target.loop or view.attached(target))
        if not waits or not plain or len(view.incoming(target)) != 1:
            view.error(
                flow,
                "event-gateway",
                N_("Behind an event-based gateway stand only catching events and bare receive tasks of its own."),
                N_("Put a catching event there."),
            )


def _activities(view: View) -> None:
    for element in view.elements:
        if element.type == "serviceTask" and not element.task_type:
            view.error(
                element, "task-type", N_("The service task has no type."), N_("Name its handler (task definition).")
            )
        if element.type == "sendTask" and not element.task_type and element.event.kind is not EventKind.MESSAGE:
            view.error(
                element, "task-type", N_("The send task sends nothing."), N_("Choose a message or name a handler.")
            )
        if element.type == "receiveTask" and element.event.kind is not EventKind.MESSAGE:
            view.error(
                element, "message", N_("The receive task has no message."), N_("Choose the message it waits for.")
            )
        if element.loop is not None and element.multi_instance is not None:
            view.error(element, "loop", N_("The activity has two loops."), N_("Keep one."))
        if element.is_for_compensation and (element.multi_instance or element.loop):
            view.complaints.unsupported(element, N_("A compensation handler with a loop"))
        if element.type in GATEWAYS and (element.inputs or element.outputs):
            view.error(element, "mapping", N_("A gateway has no mappings."), N_("Remove them."))
        if element.type in ("boundaryEvent", "startEvent", "intermediateCatchEvent") and element.inputs:
            view.error(element, "mapping", N_("A catching event has no inputs."), N_("Use outputs."))
        throws = element.type in ("endEvent", "intermediateThrowEvent")
        if element.task_type and throws and element.event.kind is not EventKind.MESSAGE:
            view.error(
                element, "task-type", N_("Only a message event has a handler."), N_("Remove the task definition.")
            )


def _events(view: View) -> None:
    for element in view.elements:
        event = element.event
        throws = element.type in _THROWING
        top_start = element.type == "startEvent" and element.parent is None
        if event.kind is EventKind.MESSAGE and not throws and not top_start and event.correlation_key is None:
            view.error(
                element,
                "correlation-key",
                N_('The message "{name}" has no correlation key, so it cannot find its case.'),
                N_("Give the message a subscription with a correlation key."),
                name=event.name,
            )
        if throws and event.kind in (EventKind.ERROR, EventKind.ESCALATION) and not event.code:
            view.error(
                element, "code", N_("The event throws no code."), N_("Choose an error or escalation with a code.")
            )
        if event.timer == "cycle" and not _may_cycle(view, element):
            view.error(
                element,
                "timer",
                N_("A cycle stands only at starts and at events that do not interrupt."),
                N_("Use a duration or a date."),
            )


def _may_cycle(view: View, element: Element) -> bool:
    if element.type == "startEvent" and element.parent is None:
        return True
    return element.type in ("startEvent", "boundaryEvent") and not element.interrupting


def _compensation(view: View) -> None:
    for element in view.elements:
        if element.event.kind is EventKind.CANCEL and element.type == "endEvent":
            around = view.get(element.parent)
            cancels = around is not None and around.type == "transaction"
            if not cancels or not any(b.event.kind is EventKind.CANCEL for b in view.attached(around)):  # type: ignore[arg-type]
                view.error(
                    element,
                    "cancel",
                    N_("A cancel end event stands in a transaction that has a cancel boundary event."),
                    N_("Add the boundary event or use another end event."),
                )
        if element.type != "boundaryEvent" and element.event.reference is not None:
            target = view.get(element.event.reference)
            scope = view.get(element.parent)
            parents = {
                element.parent,
                scope.parent if scope is not None and scope.triggered_by_event else element.parent,
            }
            if target is None or target.parent not in parents or not _compensable(view, target):
                view.error(
                    element,
                    "compensation",
                    N_('There is nothing to compensate at "{target}" in this scope.'),
                    N_("Choose an activity of the same scope with a compensation event."),
                    target=element.event.reference,
                )


def _compensable(view: View, target: Element) -> bool:
    return target.type in SUBPROCESSES or any(
        boundary.event.kind is EventKind.COMPENSATION for boundary in view.attached(target)
    )


def _reachable(view: View) -> None:
    seen: set[str] = set()
    todo = [element.id for element in view.elements if element.type == "startEvent" or element.triggered_by_event]
    after: dict[str, list[str]] = {}
    for flow in view.specification.flows.values():
        after.setdefault(flow.source, []).append(flow.target)
    for element in view.elements:
        if element.attached_to is not None:
            after.setdefault(element.attached_to, []).append(element.id)
    while todo:
        place = todo.pop()
        if place not in seen:
            seen.add(place)
            todo.extend(after.get(place, ()))
    for element in view.elements:
        if element.id not in seen and not element.is_for_compensation:
            view.error(
                element,
                "unreachable",
                N_('No path leads to "{name}".'),
                N_("Connect it or remove it."),
                name=element.name or element.id,
            )


_RULES: tuple[Callable[[View], None], ...] = (
    _flows,
    _event_kinds,
    _starts,
    _subprocesses,
    _boundaries,
    _gateways,
    _activities,
    _events,
    _compensation,
    _reachable,
    *CONNECTION_RULES,
)
