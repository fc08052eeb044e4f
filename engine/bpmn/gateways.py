"""Gateways. Joins look at the tokens parked at them and at the flows these came by, never at history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.behaviour import DONE, Behaviour, NoFlow, Result
from engine.bpmn.host import Waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.bpmn.model import Flow
    from engine.bpmn.token import Token


class ExclusiveGateway(Behaviour):
    """One flow: the first whose condition is true, in the order of the diagram, else the default."""

    def choose(self, token: Token) -> list[Flow]:
        if len(self.flows) == 1 and self.flows[0][0].condition is None:
            return [self.flows[0][0]]
        for flow, _ in self.flows:
            if not flow.is_default and self.holds(token, flow):
                return [flow]
        return self.default_of(token) if self.flows else []


class Joining(Behaviour):
    """Tokens park here, each remembering its inflow, until they may go on as one."""

    waits = Waiting.JOIN

    @property
    def is_joining(self) -> bool:  # type: ignore[override]
        return len(self.inflows) > 1

    def parked(self, token: Token) -> dict[str, Token]:
        """The oldest waiting token of every inflow, `token` itself included."""
        first: dict[str, Token] = {}
        for other in token.workflow.live.values():
            if other.task_spec is self and (other is token or other.state == TaskState.WAITING):
                first.setdefault(other.internal_data["flow"], other)
        return first

    def park(self, token: Token) -> None:
        """Wait here."""
        token._set_state(TaskState.WAITING)

    def absorb(self, token: Token, slots: Mapping[str, Token]) -> None:
        """The others go on as `token`."""
        host = token.workflow.top_workflow.host
        for other in slots.values():
            if other is not token:
                other._set_state(TaskState.COMPLETED)
                host.absorbed(other, token)
                token.workflow._remove_task(other.id)
        token.internal_data.pop("flow", None)


class ParallelGateway(Joining):
    """Waits for a token on every inflow, then takes all outflows."""

    def act(self, token: Token) -> Result | None:
        if not self.is_joining:
            return DONE
        slots = self.parked(token)
        if len(slots) < len(self.inflows):
            self.park(token)
            return None
        self.absorb(token, slots)
        return DONE

    def choose(self, token: Token) -> list[Flow]:
        return [flow for flow, _ in self.flows]


class InclusiveGateway(Joining):
    """Waits until no token can still arrive at an empty inflow (BPMN 2.0.2, 13.3.3); takes every true flow.

    `reach` says for every inflow from which elements a path leads to it without passing this gateway.
    """

    reach: Mapping[str, frozenset[str]]

    def act(self, token: Token) -> Result | None:
        if not self.is_joining:
            return DONE
        self.park(token)
        token.workflow.top_workflow.parked[token.id] = token
        return None

    def resumed(self, token: Token) -> None:
        if token.state == TaskState.WAITING:
            token.workflow.top_workflow.parked[token.id] = token

    def try_release(self, token: Token) -> bool:
        """Called when nothing else moves; lets the parked tokens go on when nobody is to be waited for."""
        slots = self.parked(token)
        if not self._enabled(token, slots):
            return False
        for other in slots.values():
            token.workflow.top_workflow.parked.pop(other.id, None)
        oldest = min(slots.values(), key=lambda parked: parked.id)
        self.absorb(oldest, slots)
        oldest._set_state(TaskState.STARTED)
        token.workflow.top_workflow.resume(oldest, DONE)
        return True

    def _enabled(self, token: Token, slots: Mapping[str, Token]) -> bool:
        empty = [self.reach[flow] for flow in self.inflows if flow not in slots]
        filled = [self.reach[flow] for flow in slots]
        for other in token.workflow.live.values():
            if other.task_spec is self or other.is_watcher:
                continue
            place = other.element.id
            if any(place in reach for reach in empty) and not any(place in reach for reach in filled):
                return False
        return True

    def withdraw(self, token: Token) -> None:
        token.workflow.top_workflow.parked.pop(token.id, None)
        super().withdraw(token)

    def choose(self, token: Token) -> list[Flow]:
        if len(self.flows) == 1 and self.flows[0][0].condition is None:
            return [self.flows[0][0]]
        return self.choose_all(token)


class EventBasedGateway(Behaviour):
    """Waits for the first of the events behind it; the events are armed as watchers of the gateway."""

    waits = Waiting.EVENT

    def act(self, token: Token) -> Result | None:
        return None

    def choose(self, token: Token) -> list[Flow]:
        raise NoFlow(element=self.element.id, expression="", reason="")

    def send(self, token: Token, flow: Flow) -> None:
        target = self.net.behaviours[flow.target]
        token.workflow.root.spawn(target).begin_fired(token.payload)
