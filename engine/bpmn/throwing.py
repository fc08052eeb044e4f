"""Errors and escalations on their way outwards to whoever catches them (BPMN 2.0.2, 10.5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.bpmn.model import EventKind
from engine.bpmn.phase import Phase
from engine.errors import N_, BaoxiuError

if TYPE_CHECKING:
    from engine.bpmn.token import Token
    from engine.bpmn.watchers import Watcher
    from engine.bpmn.workflow import ScopeWorkflow

Payload = Mapping[str, object] | None


class UncaughtError(BaoxiuError):
    """A BPMN error that no event of the diagram catches."""

    template = N_("The error {code} of {element} is caught nowhere: {detail}. Add an error event that catches it.")
    status = 422


def throw_error(token: Token, code: str, message: str, payload: Payload, *, at_end: bool = False) -> bool:
    """Throw from `token`; its catcher happens. False when it left an incident or the error left the instance.

    `at_end`: the thrower is an end event, which has done its work when somebody catches.
    """
    top = token.workflow.top_workflow
    found = _find(token, EventKind.ERROR, code)
    if found is not None:
        watcher, workflow, host = found
        if at_end:
            token.close_scope()
            token.complete()
        watcher.happen(workflow, host, payload)
        return True
    if top.host.uncaught_error(token, code, message, payload or {}):
        top.cancel_all()
    elif token.is_live:
        token.phase = Phase.ACT  # what a retry does again
        error = UncaughtError(code=code, element=token.element.id, detail=message or code)
        top.leave_incident(token, error)
    return False


def escalate(token: Token, code: str, payload: Payload) -> bool:
    """Throw an escalation from `token`; False when nobody in this instance catches it."""
    found = _find(token, EventKind.ESCALATION, code)
    token.workflow.top_workflow.host.escalated(token, code, found is not None)
    if found is None:
        return False
    watcher, workflow, host = found
    watcher.happen(workflow, host, payload)
    return True


def find_cancel(owner: Token) -> tuple[Watcher, ScopeWorkflow, int | None] | None:
    """The cancel boundary event of the transaction that runs in `owner`."""
    return _pick(_attached(owner), EventKind.CANCEL, None)


def _find(token: Token, kind: EventKind, code: str) -> tuple[Watcher, ScopeWorkflow, int | None] | None:
    """The nearest catcher: on the activity, then in its scope, then the same for the activity around it."""
    thrower: Token | None = token
    while thrower is not None:
        found = _pick(_attached(thrower), kind, code) or _pick(_in_scope(thrower), kind, code)
        if found is not None:
            return found
        thrower = thrower.workflow.owner
    return None


def _attached(token: Token) -> Iterator[tuple[Watcher, ScopeWorkflow, int | None]]:
    activity = token.body if "n" in token.internal_data else token
    for watcher in activity.task_spec.catchers:
        yield watcher, token.workflow, activity.id


def _in_scope(token: Token) -> Iterator[tuple[Watcher, ScopeWorkflow, int | None]]:
    if token.workflow.interrupted:
        return
    for watcher in token.workflow.spec.catchers:
        # What an event subprocess throws is not caught by its own start.
        if watcher.subprocess is not token.task_spec:
            yield watcher, token.workflow, None


def _pick(
    catchers: Iterator[tuple[Watcher, ScopeWorkflow, int | None]], kind: EventKind, code: str | None
) -> tuple[Watcher, ScopeWorkflow, int | None] | None:
    """The one with exactly this code, else the one that catches every code."""
    catches_all = None
    for found in catchers:
        event = found[0].behaviour.element.event
        if event.kind is not kind:
            continue
        if code is not None and event.code == code:
            return found
        if event.code is None and catches_all is None:
            catches_all = found
    return catches_all
