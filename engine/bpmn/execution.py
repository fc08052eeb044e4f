"""One process instance in memory: restore it, tell it what happened, read what it waits for, store the snapshot.

One command is: `begin` or `restore`, one or more of the moving methods, `snapshot`. After any exception the object
is no longer usable; throw it away and roll back.

Failures: an expression (or another `BaoxiuError` of the host) that fails while tokens move by themselves leaves an
incident on the token concerned, its siblings go on. One that fails in what the command itself asks for (leaving a user
task with `complete`, starting the instance) is raised to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.host import Host, TokenView, Waiting
from engine.bpmn.model import EventKind, Specification
from engine.bpmn.phase import Phase
from engine.bpmn.snapshot import read_snapshot, write_snapshot
from engine.bpmn.throwing import escalate, throw_error
from engine.bpmn.workflow import ProcessWorkflow
from engine.errors import N_, Conflict, InvalidInput

if TYPE_CHECKING:
    from engine.bpmn.behaviour import Behaviour
    from engine.bpmn.token import Token


class NotWaiting(Conflict):
    """The token does not exist (any more), or waits for something else."""

    template = N_("Element instance {token} does not wait for this (any more).")


_DONE_BY_OTHERS = (Waiting.USER_TASK, Waiting.JOB, Waiting.CALL)
_FIRED = (Waiting.TIMER, Waiting.MESSAGE, Waiting.SIGNAL)
Payload = Mapping[str, object]


class Execution:
    """A running process instance."""

    def __init__(self, workflow: ProcessWorkflow) -> None:
        self._workflow = workflow

    @classmethod
    def begin(cls, spec: Specification, host: Host) -> Execution:
        """A new instance without tokens; `start` it."""
        return cls(ProcessWorkflow(spec.network, host))

    @classmethod
    def restore(cls, spec: Specification, snapshot: str, host: Host) -> Execution:
        """The instance as it was when `snapshot` was taken. Tells the host nothing.

        Raises `SnapshotMismatch` when the specification lacks an element on which a token stands.
        """
        return cls(read_snapshot(spec.network, snapshot, host))

    def start(self, start_event: str | None = None, payload: Payload | None = None) -> None:
        """Put a token on a start event (the none start event when not said which) and advance.

        `payload` is what a message or signal brought; the start event's output mappings apply. Raises `InvalidInput`
        for an unknown start event and whatever arming the process's event subprocesses raises.
        """
        self._workflow.start(self._start_behaviour(start_event), payload)
        self._workflow.advance()

    def complete(self, token: int, result: Payload | None = None) -> None:
        """A waiting user task, job or call is done with this result; advance. Raises `NotWaiting`."""
        waiting = self._waiting(token, _DONE_BY_OTHERS)
        strict = waiting.waiting is Waiting.USER_TASK
        self._workflow.resume(waiting, result or {}, strict=strict)
        self._workflow.advance()

    def fire(self, token: int, payload: Payload | None = None) -> None:
        """The timer is due, or a message or signal has been correlated; advance. Raises `NotWaiting`.

        A cycle is re-armed (`Host.timer` with the next due time; missed ones coalesce), a non-interrupting message or
        signal stays subscribed; otherwise `Host.wait_over` is called.
        """
        waiting = self._waiting(token, _FIRED)
        waiting.task_spec.fire(waiting, payload)  # type: ignore[attr-defined]
        self._workflow.advance()

    def throw_error(self, token: int, code: str, message: str = "", payload: Payload | None = None) -> bool:
        """A handler or child threw a BPMN error; advance.

        False when nobody catches it: the token then has an incident (or the instance has ended, when
        `Host.uncaught_error` says the caller takes it). Raises `NotWaiting`.
        """
        caught = throw_error(self._waiting(token, _DONE_BY_OTHERS), code, message, payload)
        self._workflow.advance()
        return caught

    def escalate(self, token: int, code: str, payload: Payload | None = None) -> bool:
        """The child of a call activity escalated; advance. False when nobody catches it (nothing happens then)."""
        caught = escalate(self._waiting(token, (Waiting.CALL,)), code, payload)
        self._workflow.advance()
        return caught

    def retry(self, token: int) -> None:
        """Run the failed step of a token with an incident again; advance. Raises `NotWaiting`."""
        failed = self._workflow.find(token)
        if failed is None or not failed.has_incident:
            raise NotWaiting(token=token, detail=token)
        failed.phase = Phase(failed.internal_data.pop("incident"))
        self._workflow.host.incident_resolved(failed)
        if failed.state != TaskState.WAITING:  # a waiting condition is looked at by `advance`
            failed.run()
        self._workflow.advance()

    def cancel(self) -> None:
        """End the whole instance: every live token terminates. `is_completed` is True afterwards."""
        self._workflow.cancel_all()

    def variables_changed(self) -> None:
        """Somebody wrote variables from outside: conditional events look again; advance."""
        self._workflow.advance()

    def snapshot(self) -> str:
        """The state as plain JSON text: live tokens only, no specification, no variables."""
        return write_snapshot(self._workflow)

    @property
    def is_completed(self) -> bool:
        """True when no token is left."""
        return self._workflow.completed

    def tokens(self) -> Iterator[TokenView]:
        """The live tokens and armed watchers, in order of their ids."""
        live = [token for scope in self._workflow.scopes() for token in scope.live.values()]
        yield from sorted(live, key=lambda token: token.id)

    def token(self, token: int) -> TokenView | None:
        """The live token with this id."""
        return self._workflow.find(token)

    def _waiting(self, token_id: int, kinds: tuple[Waiting, ...]) -> Token:
        token = self._workflow.find(token_id)
        if token is None or token.waiting not in kinds:
            raise NotWaiting(token=token_id, detail=token_id)
        return token

    def _start_behaviour(self, start_event: str | None) -> Behaviour:
        starts = [
            behaviour
            for behaviour in self._workflow.spec.behaviours.values()
            if behaviour.element.type == "startEvent"
            and (behaviour.element.id == start_event if start_event else behaviour.element.event.kind is EventKind.NONE)
        ]
        if len(starts) != 1:
            raise InvalidInput(
                value=start_event or "start", reason=f"process {self._workflow.spec.name} has no such start event"
            )
        return starts[0]
