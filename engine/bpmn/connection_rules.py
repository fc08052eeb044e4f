"""What BPMN says about the connections of events and gateways, beyond what a sequence flow is (10.5, 10.6)."""

from __future__ import annotations

from collections.abc import Callable

from engine.bpmn.model import Element, EventKind
from engine.bpmn.tags import EVENTS
from engine.bpmn.view import View
from engine.errors import N_

_CAUGHT_ONCE = (EventKind.ERROR, EventKind.ESCALATION)


def _events_lead_on(view: View) -> None:
    """A start and an intermediate event is the source of a sequence flow (10.5.2, 10.5.4)."""
    for element in view.elements:
        if element.type not in ("startEvent", "intermediateCatchEvent", "intermediateThrowEvent"):
            continue
        throws_link = element.type == "intermediateThrowEvent" and element.event.kind is EventKind.LINK
        if not throws_link and not view.outgoing(element):
            view.error(
                element,
                "event-flow",
                N_("Nothing follows the event."),
                N_("Draw a sequence flow from it, or make it an end event."),
            )


def _links(view: View) -> None:
    """A link replaces a sequence flow: none leaves its source, none leads to its target (10.5.4)."""
    for element in view.elements:
        if element.event.kind is not EventKind.LINK:
            continue
        throws = element.type == "intermediateThrowEvent"
        drawn = [flow for flow in (view.outgoing if throws else view.incoming)(element) if not _is_jump(flow.id)]
        for flow in drawn:
            view.error(
                flow,
                "link-flow",
                N_("A sequence flow leaves a throwing link event or leads to a catching one."),
                N_("Remove the flow; the link itself connects the two events."),
            )


def _is_jump(flow_id: str) -> bool:
    return flow_id.startswith("link:")


def _conditions_of_events(view: View) -> None:
    """Only activities and deciding gateways have conditional and default flows (8.4.13)."""
    for element in view.elements:
        if element.type not in EVENTS:
            continue
        for flow in view.outgoing(element):
            if flow.condition is not None or flow.is_default:
                view.error(
                    flow,
                    "flow-condition",
                    N_("A flow that leaves an event has no condition and is no default."),
                    N_("Decide in an exclusive gateway behind the event."),
                )


def _event_gateway_messages(view: View) -> None:
    """Behind one event-based gateway, messages wait in events or in receive tasks, not in both (10.6.6)."""
    for element in view.elements:
        if element.type != "eventBasedGateway":
            continue
        targets = [target for flow in view.outgoing(element) if (target := view.get(flow.target)) is not None]
        tasks = [target for target in targets if target.type == "receiveTask"]
        events = [target for target in targets if _waits_for_message(target)]
        if tasks and events:
            view.error(
                element,
                "event-gateway",
                N_("Receive tasks and message events stand behind the same event-based gateway."),
                N_("Use message events only."),
            )


def _waits_for_message(element: Element) -> bool:
    return element.type == "intermediateCatchEvent" and element.event.kind is EventKind.MESSAGE


def _event_subprocesses_differ(view: View) -> None:
    """An error or escalation of a scope is caught by one event subprocess (10.3.5)."""
    seen: dict[tuple[str | None, EventKind, str | None], str] = {}
    for element in view.elements:
        scope = view.get(element.parent)
        if element.type != "startEvent" or scope is None or not scope.triggered_by_event:
            continue
        if element.event.kind not in _CAUGHT_ONCE:
            continue
        key = (scope.parent, element.event.kind, element.event.code)
        if key in seen:
            view.error(
                element,
                "same-trigger",
                N_("{other} in the same scope catches the same."),
                N_("Keep one of them."),
                other=seen[key],
            )
        seen.setdefault(key, element.id)


CONNECTION_RULES: tuple[Callable[[View], None], ...] = (
    _events_lead_on,
    _links,
    _conditions_of_events,
    _event_gateway_messages,
    _event_subprocesses_differ,
)
