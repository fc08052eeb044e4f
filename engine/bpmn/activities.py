"""Tasks, subprocesses and call activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.behaviour import DONE, Behaviour, Result
from engine.bpmn.host import Waiting
from engine.bpmn.throwing import throw_error
from engine.handling import BpmnError

if TYPE_CHECKING:
    from engine.bpmn.token import Token


class PassThrough(Behaviour):
    """An undefined task: nothing is to be done."""


class UserTask(Behaviour):
    """User and manual tasks: somebody does them and says so."""

    waits = Waiting.USER_TASK

    def act(self, token: Token) -> Result | None:
        token.workflow.top_workflow.host.user_task(token)
        return None


class JobTask(Behaviour):
    """Service tasks, and send tasks with a task definition."""

    waits = Waiting.JOB

    def act(self, token: Token) -> Result | None:
        return run_job(token)


def run_job(token: Token) -> Result | None:
    """Let the host do the token's job; a BPMN error of the handler is thrown."""
    try:
        return token.workflow.top_workflow.host.job(token)
    except BpmnError as error:
        throw_error(token, error.code, error.message, error.variables)
        return None


class ScriptTask(Behaviour):
    """``zeebe:script``: a FEEL expression and the variable that takes its value."""

    def act(self, token: Token) -> Result | None:
        script = self.element.script
        assert script is not None
        return {script.result_variable: self.evaluate(token, script.expression)}


class BusinessRuleTask(Behaviour):
    """``zeebe:calledDecision``."""

    def act(self, token: Token) -> Result | None:
        called = self.element.called_decision
        assert called is not None
        decision_id = self.evaluate_text(token, called.decision_id, "a decision id")
        return {called.result_variable: token.workflow.top_workflow.host.decide(token, decision_id)}


class SendTask(Behaviour):
    """A send task with a message; its input mappings are what it sends."""

    def act(self, token: Token) -> Result | None:
        throw_message(self, token)
        return DONE


def throw_message(behaviour: Behaviour, token: Token) -> None:
    """Publish the message of a send task or throw event; the payload is what its input mappings made."""
    host, event = token.workflow.top_workflow.host, behaviour.element.event
    name = behaviour.evaluate_text(token, event.name, "a message name")
    key = None if event.correlation_key is None else behaviour.evaluate(token, event.correlation_key)
    host.throw_message(token, name, key, payload_of(behaviour, token))


def payload_of(behaviour: Behaviour, token: Token) -> dict[str, object]:
    """The variables that the input mappings of a throwing element made."""
    scopes = token.workflow.top_workflow.host.scopes
    names = {mapping.target.partition(".")[0] for mapping in behaviour.element.inputs}
    return {name: scopes.get_local(token.id, name) for name in sorted(names)}


class CallActivity(Behaviour):
    """A call activity: the child is a process instance of its own."""

    waits = Waiting.CALL

    def act(self, token: Token) -> Result | None:
        called = self.element.called_element
        assert called is not None
        process_id = self.evaluate_text(token, called.process_id, "a process id")
        token.workflow.top_workflow.host.call(token, process_id)
        return None

    def leave(self, token: Token, result: Result) -> None:
        called = self.element.called_element
        if not self.element.outputs and called is not None and not called.propagate_child:
            result = DONE
        super().leave(token, result)


class Subprocess(Behaviour):
    """An embedded subprocess, a transaction or an event subprocess: a workflow inside this token."""

    waits = Waiting.CHILDREN

    def act(self, token: Token) -> Result | None:
        top = token.workflow.top_workflow
        inner = top.create_subprocess(token, self.element.id)
        try:
            start = inner.spec.start_behaviour
            assert start is not None  # the reader refuses subprocesses without one
            inner.start(start, token.payload)
        except Exception:
            top.drop_subprocess(token)
            raise
        token.payload = None
        return None

    def finish(self, token: Token, result: Result) -> bool | None:
        top = token.workflow.top_workflow
        inner = top.get_subprocess(token)
        if inner is not None:
            self.keep_compensation(token, inner.compensable)
            top.drop_subprocess(token)
        return super().finish(token, result)

    def keep_compensation(self, token: Token, records: list[list[object]]) -> None:
        """A completed subprocess without a handler of its own is compensated by what happened inside."""
        if records and self.compensation is None and not self.element.triggered_by_event:
            token.workflow.compensable.append([self.element.id, records])

    def withdraw(self, token: Token) -> None:
        top = token.workflow.top_workflow
        inner = top.get_subprocess(token)
        if inner is not None:
            inner.cancel_tokens()
            top.drop_subprocess(token)
        super().withdraw(token)
