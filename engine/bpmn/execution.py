"""One process instance in memory: restore it, tell it what happened, read what it waits for, store the snapshot.

One command is: `begin` or `restore`, one or more of the moving methods, `snapshot`. After any exception the object
is no longer usable; throw it away and roll back.

Failures: an expression (or another `BaoxiuError` of the host) that fails while tokens move by themselves leaves an
incident on the token concerned, its siblings go on. One that fails in what the command itself asks for (leaving a user
task with `complete`, starting the instance) is raised to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.host import Host, TokenView
from engine.bpmn.model import Specification
from engine.errors import Conflict, N_


class NotWaiting(Conflict):
    """The token does not exist (any more), or waits for something else."""

    template = N_("Element instance {token} does not wait for this (any more).")


class Execution:
    """A running process instance."""

    @classmethod
    def begin(cls, spec: Specification, host: Host) -> Execution:
        """A new instance without tokens; `start` it."""
        raise NotImplementedError

    @classmethod
    def restore(cls, spec: Specification, snapshot: str, host: Host) -> Execution:
        """The instance as it was when `snapshot` was taken. Tells the host nothing."""
        raise NotImplementedError

    def start(self, start_event: str | None = None, payload: Mapping[str, object] | None = None) -> None:
        """Put a token on a start event (the none start event when not said which) and advance.

        `payload` is what a message or signal brought; the start event's output mappings apply. Raises `InvalidInput` for
        an unknown start event and whatever arming the process's event subprocesses raises.
        """
        raise NotImplementedError

    def complete(self, token: int, result: Mapping[str, object] | None = None) -> None:
        """A waiting user task, job or call is done with this result; advance. Raises `NotWaiting`."""
        raise NotImplementedError

    def fire(self, token: int, payload: Mapping[str, object] | None = None) -> None:
        """The timer is due, or a message or signal has been correlated; advance. Raises `NotWaiting`.

        A cycle is re-armed (`Host.timer` with the next due time; missed ones coalesce), a non-interrupting message or
        signal stays subscribed; otherwise `Host.wait_over` is called.
        """
        raise NotImplementedError

    def throw_error(
        self, token: int, code: str, message: str = "", payload: Mapping[str, object] | None = None
    ) -> bool:
        """A handler or child threw a BPMN error; advance.

        False when nobody catches it: the token then has an incident (or the instance has ended, when
        `Host.uncaught_error` says the caller takes it). Raises `NotWaiting`.
        """
        raise NotImplementedError

    def escalate(self, token: int, code: str, payload: Mapping[str, object] | None = None) -> bool:
        """The child of a call activity escalated; advance. False when nobody catches it (nothing happens then)."""
        raise NotImplementedError

    def retry(self, token: int) -> None:
        """Run the failed step of a token with an incident again; advance. Raises `NotWaiting`."""
        raise NotImplementedError

    def cancel(self) -> None:
        """End the whole instance: every live token terminates. `is_completed` is True afterwards."""
        raise NotImplementedError

    def variables_changed(self) -> None:
        """Somebody wrote variables from outside: conditional events look again; advance."""
        raise NotImplementedError

    def snapshot(self) -> str:
        """The state as plain JSON text: live tokens only, no specification, no variables."""
        raise NotImplementedError

    @property
    def is_completed(self) -> bool:
        """True when no token is left."""
        raise NotImplementedError

    def tokens(self) -> Iterator[TokenView]:
        """The live tokens and armed watchers, in order of their ids."""
        raise NotImplementedError

    def token(self, token: int) -> TokenView | None:
        """The live token with this id."""
        raise NotImplementedError
