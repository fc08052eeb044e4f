"""What the core asks of, and tells, the one who runs it. `engine.runtime` implements `Host` over the database, the
tests implement it in memory.

The core calls the host synchronously, in order, while it moves tokens. A host method may raise: a `BaoxiuError`
becomes an incident on the token (or rejects the command, see `Execution`), `engine.handling.BpmnError` from `job`
is thrown as a BPMN error, everything else is a bug and passes through.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Protocol

from engine.bpmn.model import Element, Flow
from engine.errors import N_, BaoxiuError

INSTANCE_SCOPE = 0


class Waiting(StrEnum):
    """What a live token waits for."""

    NOTHING = "nothing"
    USER_TASK = "user_task"
    JOB = "job"
    CALL = "call"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITION = "condition"
    JOIN = "join"
    EVENT = "event"
    CHILDREN = "children"
    COMPENSATION = "compensation"


class TokenView(Protocol):
    """A token as the host sees it. The id is that of the element instance, a small integer counted per instance."""

    @property
    def id(self) -> int: ...

    @property
    def element(self) -> Element: ...

    @property
    def scope(self) -> int:
        """The innermost existing variable scope at this token: its own id, an outer element instance's, or 0."""
        ...

    @property
    def flow_scope(self) -> int:
        """The element instance around it: subprocess or multi-instance body, 0 for the process instance."""
        ...

    @property
    def loop_counter(self) -> int | None:
        """For one instance of a multi-instance activity or loop: its number, from 1."""
        ...

    @property
    def is_body(self) -> bool:
        """True for the body around the instances of a multi-instance activity or loop."""
        ...

    @property
    def is_watcher(self) -> bool:
        """True for an armed boundary event, event subprocess start or target of an event-based gateway.

        A watcher is no element instance: `entered`, `completed` and `terminated` are never called for it. When it
        fires, the event gets a token (and id) of its own.
        """
        ...

    @property
    def host_id(self) -> int | None:
        """For a watcher on an activity or event-based gateway: the element instance it watches."""
        ...

    @property
    def waiting(self) -> Waiting: ...

    @property
    def has_incident(self) -> bool: ...


class Scopes(Protocol):
    """The variables. Scopes are keyed by element instance id; 0, the process instance, always exists."""

    def create(self, scope: int, parent: int, values: Mapping[str, object]) -> None:
        """Open a scope inside `parent` with its first variables; an existing scope gets the values added."""
        ...

    def drop(self, scope: int) -> None:
        """The element instance ended; its scope and variables go."""
        ...

    def assign(self, scope: int, name: str, value: object) -> None:
        """Write to the nearest scope outwards from `scope` that has `name`, else to the process instance."""
        ...

    def assign_local(self, scope: int, name: str, value: object) -> None:
        """Write to exactly this scope."""
        ...

    def get_local(self, scope: int, name: str) -> object:
        """Read from exactly this scope; None when absent."""
        ...


class Host(Protocol):
    """The world around one process instance."""

    @property
    def scopes(self) -> Scopes: ...

    def now(self) -> datetime:
        """The time, aware, UTC."""
        ...

    def zone(self) -> tzinfo:
        """The organisation's zone: dates without offset and calendar durations (P1M) are meant in it."""
        ...

    def evaluate(self, token: TokenView, expression: str, extra: Mapping[str, object] | None = None) -> object:
        """The value of ``=FEEL`` over the scope chain from `token.scope`; static text is returned as it is.

        `extra` are names in front of the chain. Raises `ExpressionFailed`.
        """
        ...

    # ---- element instances: read models and event log -------------------------------------------------------------

    def entered(self, token: TokenView) -> None:
        """An element instance begins. Called once per token, before anything else about it."""
        ...

    def completed(self, token: TokenView) -> None:
        """It ended regularly; its variables are already where they belong and its scope is gone."""
        ...

    def terminated(self, token: TokenView) -> None:
        """It was cut off (boundary event, terminate end, cancelled instance …): its user task, job or call is void."""
        ...

    def absorbed(self, token: TokenView, into: TokenView) -> None:
        """A token that waited at a join goes on as `into`; neither completed nor terminated is called for it."""
        ...

    def flow_taken(self, token: TokenView, flow: Flow) -> None:
        """The completed `token` leaves over this sequence flow (or link, id ``link:…``)."""
        ...

    # ---- what a token waits for -----------------------------------------------------------------------------------

    def user_task(self, token: TokenView) -> None:
        """A user task is to be done; answered by `Execution.complete`. Its input mappings are applied."""
        ...

    def job(self, token: TokenView) -> Mapping[str, object] | None:
        """A service task (or send task, throw event with a task definition) is to be done.

        None: it is now a waiting job, answered by `Execution.complete` or `throw_error`. A mapping: it was done inline
        and this is its result. Raising `engine.handling.BpmnError` throws that BPMN error.
        """
        ...

    def call(self, token: TokenView, process_id: str) -> None:
        """Start a child instance (`token.element.called_element` says which version); answered by `complete`,
        `throw_error` or `escalate`. When the token is terminated, the child is cancelled."""
        ...

    def decide(self, token: TokenView, decision_id: str) -> object:
        """The value of a decision (`token.element.called_decision` says which version)."""
        ...

    def timer(self, token: TokenView, due: datetime, repetitions_left: int) -> None:
        """Call `Execution.fire` at or after `due` (UTC). Called again for the same token when a cycle is re-armed.

        `repetitions_left` counts this firing too; -1 is without end.
        """
        ...

    def message_wait(self, token: TokenView, name: str, correlation_key: object) -> None:
        """Subscribe; `Execution.fire` with the message's payload. The key is None where the message has none."""
        ...

    def signal_wait(self, token: TokenView, name: str) -> None:
        """Subscribe to a signal's broadcasts; `Execution.fire`."""
        ...

    def wait_over(self, token: TokenView) -> None:
        """The timer, message or signal subscription of this token no longer exists (fired for good or withdrawn)."""
        ...

    # ---- what goes out --------------------------------------------------------------------------------------------

    def throw_message(
        self, token: TokenView, name: str, correlation_key: object, payload: Mapping[str, object]
    ) -> None:
        """Publish a message. Must not call back into the execution; deliver it after the current advance."""
        ...

    def throw_signal(self, token: TokenView, name: str, payload: Mapping[str, object]) -> None:
        """Broadcast a signal, to this instance too. Must not call back into the execution."""
        ...

    def escalated(self, token: TokenView, code: str, caught: bool) -> None:
        """An escalation was thrown. When not `caught` here it may go to the caller (`Execution.escalate` there)."""
        ...

    def uncaught_error(self, token: TokenView, code: str, message: str, payload: Mapping[str, object]) -> bool:
        """No element of this instance catches the BPMN error.

        True: the instance was called and the error goes to its caller; the core then ends this instance (every token
        terminated). False: it becomes an incident on the token.
        """
        ...

    def incident(self, token: TokenView, error: Exception) -> None:
        """Automatic routing failed: the token stays where it is until `Execution.retry`."""
        ...

    def incident_resolved(self, token: TokenView) -> None:
        """The token has been retried or terminated."""
        ...

    def instance_completed(self) -> None:
        """The last token is gone. Not called after `Execution.cancel` or an error that went to the caller."""
        ...


class ExpressionFailed(BaoxiuError):
    """A FEEL expression of a diagram has no usable value. Raised by `Host.evaluate` and by the core itself."""

    template = N_("{expression} failed at {element}: {reason}")
    status = 422
