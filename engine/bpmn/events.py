"""Start, catch, throw, boundary and end events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.activities import payload_of, run_job, throw_message
from engine.bpmn.behaviour import DONE, Behaviour, Result
from engine.bpmn.compensation import begin_compensation, withdraw_handlers
from engine.bpmn.host import Waiting
from engine.bpmn.model import EventKind
from engine.bpmn.throwing import escalate, find_cancel, throw_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.bpmn.token import Token
    from engine.bpmn.triggers import Trigger
    from engine.bpmn.watchers import Watcher


class CatchingBehaviour(Behaviour):
    """An event that waits: in the flow by itself (`trigger`), or as a watcher (`watcher`)."""

    trigger: Trigger | None = None
    watcher: Watcher | None = None

    def waits_for(self, token: Token) -> Waiting:
        return self.trigger.waits if self.trigger is not None else Waiting.NOTHING

    def resumed(self, token: Token) -> None:
        if self.trigger is not None and token.state == TaskState.WAITING:
            self.trigger.resume(token)

    def fire(self, token: Token, payload: Mapping[str, object] | None) -> None:
        """What the token waits for has happened."""
        if token.is_watcher:
            assert self.watcher is not None
            self.watcher.fire(token, payload)
            return
        assert self.trigger is not None
        self.trigger.stop(token)
        token._set_state(TaskState.STARTED)  # whatever happens from here on, it waits no longer
        token.workflow.top_workflow.resume(token, payload or DONE)

    def withdraw(self, token: Token) -> None:
        if self.trigger is not None and token.state == TaskState.WAITING:
            self.trigger.stop(token)
        super().withdraw(token)

    def _on_cancel(self, my_task: Token) -> None:
        if not my_task.is_watcher:
            super()._on_cancel(my_task)
        elif my_task.has_incident:
            my_task.workflow.top_workflow.host.incident_resolved(my_task)


class StartEvent(CatchingBehaviour):
    """What started the process or subprocess has already happened when its token is made."""


class BoundaryEvent(CatchingBehaviour):
    """Its token is made when it fires."""


class CatchEvent(CatchingBehaviour):
    """Intermediate catch events and receive tasks; without a trigger (link) the token passes."""

    def act(self, token: Token) -> Result | None:
        if self.trigger is None:
            return DONE
        prepared = self.trigger.prepare(token)
        token._set_state(TaskState.WAITING)
        self.trigger.start(token, prepared)
        return None


class ThrowEvent(Behaviour):
    """Intermediate throw and end events."""

    def waits_for(self, token: Token) -> Waiting:
        return Waiting.COMPENSATION if self.element.event.kind in _COMPENSATING else Waiting.JOB

    def withdraw(self, token: Token) -> None:
        if "todo" in token.internal_data:
            withdraw_handlers(token)
        super().withdraw(token)

    def act(self, token: Token) -> Result | None:
        event = self.element.event
        match event.kind:
            case EventKind.MESSAGE:
                if self.element.task_type:
                    return run_job(token)
                throw_message(self, token)
            case EventKind.SIGNAL:
                name = self.evaluate_text(token, event.name, "a signal name")
                token.workflow.top_workflow.host.throw_signal(token, name, payload_of(self, token))
            case EventKind.ESCALATION:
                code = self.evaluate_text(token, event.code or "", "an escalation code")
                escalate(token, code, payload_of(self, token))
            case EventKind.COMPENSATION:
                return begin_compensation(token, event.reference)
            case _:
                return self.act_at_end(token)
        return DONE

    def act_at_end(self, token: Token) -> Result | None:
        """What only end events do."""
        return DONE


class EndEvent(ThrowEvent):
    """End events: errors, cancellations and terminations end more than their own token."""

    def act_at_end(self, token: Token) -> Result | None:
        event = self.element.event
        if event.kind is EventKind.ERROR:
            code = self.evaluate_text(token, event.code or "", "an error code")
            throw_error(token, code, self.element.name, payload_of(self, token), at_end=True)
            return None
        if event.kind is EventKind.CANCEL:
            token.workflow.cancel_tokens(keep=token)
            return begin_compensation(token, None)
        return DONE

    def go_on(self, token: Token) -> None:
        super().go_on(token)
        if self.element.event.kind is EventKind.TERMINATE:
            token.workflow.cancel_tokens()
        elif self.element.event.kind is EventKind.CANCEL:
            self.leave_transaction(token)

    def leave_transaction(self, token: Token) -> None:
        """Everything is compensated: the cancel boundary event of the transaction takes over."""
        owner = token.workflow.owner
        assert owner is not None
        found = find_cancel(owner)
        if found is not None:
            watcher, workflow, host = found
            watcher.happen(workflow, host, None)


_COMPENSATING = (EventKind.COMPENSATION, EventKind.CANCEL)
