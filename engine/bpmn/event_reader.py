"""Reading event definitions and what they refer to: messages, signals, errors and escalations of the file."""

from __future__ import annotations

from typing import Any

from engine.bpmn.complaints import Complaints
from engine.bpmn.model import EventDefinition, EventKind, TimerKind
from engine.bpmn.tags import bpmn, child, children, extension, split, text_of
from engine.errors import N_

_KINDS = {
    "timerEventDefinition": EventKind.TIMER,
    "messageEventDefinition": EventKind.MESSAGE,
    "signalEventDefinition": EventKind.SIGNAL,
    "errorEventDefinition": EventKind.ERROR,
    "escalationEventDefinition": EventKind.ESCALATION,
    "terminateEventDefinition": EventKind.TERMINATE,
    "linkEventDefinition": EventKind.LINK,
    "conditionalEventDefinition": EventKind.CONDITIONAL,
    "compensateEventDefinition": EventKind.COMPENSATION,
    "cancelEventDefinition": EventKind.CANCEL,
}
_TIMERS: dict[str, TimerKind] = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


class EventReader:
    """Knows the root elements of a file to which its events refer."""

    def __init__(self, root: Any, complaints: Complaints) -> None:
        self._complaints = complaints
        self._roots = {
            node.get("id"): node
            for tag in ("message", "signal", "error", "escalation")
            for node in root.iterchildren(bpmn(tag))
        }

    def definition(self, node: Any) -> EventDefinition:
        """The event definition of an event, or the message of a send or receive task."""
        found = [entry for entry in node if split(entry.tag)[1].endswith("EventDefinition")]
        references = list(children(node, "eventDefinitionRef"))
        if references or len(found) > 1:
            self._complaints.unsupported(node, N_("An event with several or referenced definitions"))
            return EventDefinition()
        if found:
            return self._read(node, found[0])
        if node.get("messageRef"):
            return self.message(node, node)
        return EventDefinition()

    def message(self, node: Any, holder: Any) -> EventDefinition:
        """The message to which `holder` refers."""
        message = self._referred(node, holder, "messageRef", "message")
        if message is None:
            return EventDefinition(EventKind.MESSAGE)
        subscription = extension(message, "subscription")
        key = ttl = None
        if subscription is not None:
            key = (subscription.get("correlationKey") or "").strip() or None
            ttl = (subscription.get("timeToLive") or "").strip() or None
        return EventDefinition(EventKind.MESSAGE, self._name(node, message), correlation_key=key, time_to_live=ttl)

    def _read(self, node: Any, definition: Any) -> EventDefinition:
        tag = split(definition.tag)[1]
        kind = _KINDS.get(tag)
        match kind:
            case None:
                self._complaints.unsupported(node, tag)
                return EventDefinition()
            case EventKind.TIMER:
                return self._timer(node, definition)
            case EventKind.MESSAGE:
                return self.message(node, definition)
            case EventKind.SIGNAL:
                signal = self._referred(node, definition, "signalRef", "signal")
                return EventDefinition(kind, "" if signal is None else self._name(node, signal))
            case EventKind.ERROR:
                return EventDefinition(kind, code=self._code(node, definition, "errorRef", "errorCode"))
            case EventKind.ESCALATION:
                return EventDefinition(kind, code=self._code(node, definition, "escalationRef", "escalationCode"))
            case EventKind.LINK:
                return EventDefinition(kind, name=(definition.get("name") or "").strip())
            case EventKind.CONDITIONAL:
                return self._condition(node, definition)
            case EventKind.COMPENSATION:
                if (definition.get("waitForCompletion") or "true").strip() in ("false", "0"):
                    self._complaints.unsupported(node, N_("Compensation that is not waited for"))
                return EventDefinition(kind, reference=definition.get("activityRef"))
            case _:
                return EventDefinition(kind)

    def _timer(self, node: Any, definition: Any) -> EventDefinition:
        values: list[tuple[TimerKind, str]] = [(kind, text_of(child(definition, tag))) for tag, kind in _TIMERS.items()]
        given: list[tuple[TimerKind, str]] = [(kind, text) for kind, text in values if text]
        if len(given) != 1:
            self._complaints.error(
                node, "timer", N_("The timer has no value or several."), N_("Give one date, duration or cycle.")
            )
            return EventDefinition(EventKind.TIMER, timer="duration", timer_value="PT0S")
        return EventDefinition(EventKind.TIMER, timer=given[0][0], timer_value=given[0][1])

    def _condition(self, node: Any, definition: Any) -> EventDefinition:
        condition = text_of(child(definition, "condition"))
        if not condition:
            self._complaints.error(
                node, "condition", N_("The conditional event has no condition."), N_("Write a FEEL condition.")
            )
        return EventDefinition(EventKind.CONDITIONAL, condition=condition)

    def _code(self, node: Any, definition: Any, reference: str, attribute: str) -> str | None:
        if not definition.get(reference):
            return None
        target = self._referred(node, definition, reference, attribute.removesuffix("Code"))
        if target is None:
            return None
        code = (target.get(attribute) or "").strip()
        if not code:
            self._complaints.error(
                node, "code", N_("The {what} has no code."), N_("Give it a code."), what=attribute.removesuffix("Code")
            )
        return code or None

    def _referred(self, node: Any, holder: Any, attribute: str, tag: str) -> Any:
        reference = (holder.get(attribute) or "").rpartition(":")[2]
        target = self._roots.get(reference)
        if target is None or split(target.tag)[1] != tag:
            self._complaints.error(
                node,
                "missing-reference",
                N_('There is no {what} "{reference}" in the file.'),
                N_("Choose an existing one or create it."),
                what=tag,
                reference=reference,
            )
            return None
        return target

    def _name(self, node: Any, target: Any) -> str:
        name = (target.get("name") or "").strip()
        if not name:
            self._complaints.error(
                node,
                "missing-name",
                N_("The {what} has no name."),
                N_("Give it a name."),
                what=split(target.tag)[1],
            )
        return name
