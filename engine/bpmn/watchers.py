"""Events that watch something: boundary events, the targets of an event-based gateway, starts of event subprocesses.

Those that wait for the world (timer, message, signal, condition) are armed as watcher tokens. Errors, escalations and
cancellations need no token: whoever throws looks for the nearest that catches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.behaviour import Behaviour
    from engine.bpmn.triggers import Trigger
    from engine.bpmn.workflow import ScopeWorkflow

Payload = Mapping[str, object] | None


class Watcher:
    """An event that watches; `trigger` is None where it catches what is thrown inside."""

    def __init__(self, behaviour: Behaviour, trigger: Trigger | None, interrupting: bool) -> None:
        self.behaviour = behaviour
        self.trigger = trigger
        self.interrupting = interrupting

    def fire(self, watch: Token, payload: Payload) -> None:
        """The armed `watch` fired."""
        assert self.trigger is not None
        workflow, host = watch.workflow, watch.host_id
        if not self.interrupting and self.trigger.again(watch):
            self.happen(workflow, host, payload)
            return
        watch.cancel()
        self.happen(workflow, host, payload)

    def happen(self, workflow: ScopeWorkflow, host: int | None, payload: Payload) -> None:
        """The event happens to what it watches."""
        raise NotImplementedError


class BoundaryWatcher(Watcher):
    """A boundary event on an activity."""

    def happen(self, workflow: ScopeWorkflow, host: int | None, payload: Payload) -> None:
        if self.interrupting and host is not None:
            workflow.tasks[host].cancel()
        workflow.root.spawn(self.behaviour).begin_fired(payload)


class GatewayWatcher(Watcher):
    """A catch event or receive task behind an event-based gateway: the first one wins."""

    def happen(self, workflow: ScopeWorkflow, host: int | None, payload: Payload) -> None:
        assert host is not None
        gateway: Token = workflow.tasks[host]
        gateway.chosen = [flow for flow, target in gateway.task_spec.flows if target is self.behaviour]
        gateway.payload = payload
        gateway.complete()


class EventSubprocessWatcher(Watcher):
    """The start event of an event subprocess; `subprocess` is the behaviour of the event subprocess itself."""

    def __init__(
        self, behaviour: Behaviour, trigger: Trigger | None, interrupting: bool, subprocess: Behaviour
    ) -> None:
        super().__init__(behaviour, trigger, interrupting)
        self.subprocess = subprocess

    def happen(self, workflow: ScopeWorkflow, host: int | None, payload: Payload) -> None:
        if self.interrupting:
            workflow.interrupted = True
            workflow.cancel_tokens()
        workflow.root.spawn(self.subprocess).begin(payload or {})
