"""What an event waits for: how it is armed, what the host is told, and whether it stays armed after it fired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.host import ExpressionFailed, Waiting
from engine.bpmn.model import EventDefinition, EventKind
from engine.bpmn.schedule import Plan, next_plan, plan

if TYPE_CHECKING:
    from engine.bpmn.behaviour import Behaviour
    from engine.bpmn.token import Token


class Trigger:
    """How one kind of event waits. Shared and stateless; the state is in the waiting token's internal data."""

    waits = Waiting.NOTHING

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.definition: EventDefinition = behaviour.element.event

    def prepare(self, token: Token) -> Any:
        """Evaluate what has to be evaluated, at `token`'s variables, before anything is changed."""

    def start(self, token: Token, prepared: Any) -> None:
        """`token` now waits; tell the host."""

    def again(self, token: Token) -> bool:
        """A non-interrupting event fired: whether it stays armed."""
        return True

    def resume(self, token: Token) -> None:
        """The token came back from a snapshot."""

    def stop(self, token: Token) -> None:
        """The wait is over: fired for good or withdrawn."""
        token.workflow.top_workflow.host.wait_over(token)


class TimerTrigger(Trigger):
    waits = Waiting.TIMER

    def prepare(self, token: Token) -> Plan:
        top, definition = token.workflow.top_workflow, self.definition
        value = self.behaviour.evaluate(token, definition.timer_value)
        try:
            return plan(definition.timer or "duration", value, top.host.now(), top.host.zone())
        except ValueError as error:
            raise ExpressionFailed(
                expression=definition.timer_value, element=self.behaviour.element.id, reason=str(error)
            ) from error

    def start(self, token: Token, prepared: Plan) -> None:
        if prepared.left != 1:
            token.internal_data["cycle"] = [prepared.due.isoformat(), prepared.left, prepared.step]
        token.workflow.top_workflow.host.timer(token, prepared.due, prepared.left)

    def again(self, token: Token) -> bool:
        cycle = token.internal_data.pop("cycle", None)
        if cycle is None:
            return False
        top = token.workflow.top_workflow
        due, left, step = cycle
        following = next_plan(Plan(top.moment(due), left, step), top.host.now(), top.host.zone())
        if following is None:
            return False
        self.start(token, following)
        return True


class MessageTrigger(Trigger):
    waits = Waiting.MESSAGE

    def prepare(self, token: Token) -> tuple[str, object]:
        name = self.behaviour.evaluate_text(token, self.definition.name, "a message name")
        key = self.definition.correlation_key
        return name, None if key is None else self.behaviour.evaluate(token, key)

    def start(self, token: Token, prepared: tuple[str, object]) -> None:
        token.workflow.top_workflow.host.message_wait(token, *prepared)


class SignalTrigger(Trigger):
    waits = Waiting.SIGNAL

    def prepare(self, token: Token) -> str:
        return self.behaviour.evaluate_text(token, self.definition.name, "a signal name")

    def start(self, token: Token, prepared: str) -> None:
        token.workflow.top_workflow.host.signal_wait(token, prepared)


class ConditionTrigger(Trigger):
    """Fires when its condition becomes true; one that is true when it is armed counts as becoming true."""

    waits = Waiting.CONDITION

    def start(self, token: Token, prepared: Any) -> None:
        token.workflow.top_workflow.conditions[token.id] = token

    def resume(self, token: Token) -> None:
        token.workflow.top_workflow.conditions[token.id] = token

    def stop(self, token: Token) -> None:
        token.workflow.top_workflow.conditions.pop(token.id, None)

    def becomes_true(self, token: Token) -> bool:
        """Look at the condition; True when it was not true the last time."""
        value = self.behaviour.evaluate(token, self.definition.condition)
        if value is not None and not isinstance(value, bool):
            raise ExpressionFailed(
                expression=self.definition.condition,
                element=self.behaviour.element.id,
                reason=f"it gives {value!r}, neither true nor false",
            )
        was = token.internal_data.pop("was", False)
        if value is True:
            token.internal_data["was"] = True
        return value is True and not was


ARMED: dict[EventKind, type[Trigger]] = {
    EventKind.TIMER: TimerTrigger,
    EventKind.MESSAGE: MessageTrigger,
    EventKind.SIGNAL: SignalTrigger,
    EventKind.CONDITIONAL: ConditionTrigger,
}
