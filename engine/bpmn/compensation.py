"""Compensation: handlers of completed activities run one after the other, the latest first (BPMN 2.0.2, 13.5.5).

A workflow notes what was completed and has a handler: ``[activity]``, or ``[subprocess, [what happened inside]]`` for a
subprocess without a handler of its own. The throwing token keeps what is still to be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.behaviour import DONE, Result

if TYPE_CHECKING:
    from engine.bpmn.token import Token
    from engine.bpmn.workflow import ScopeWorkflow

Record = list[Any]


def begin_compensation(token: Token, activity: str | None) -> Result | None:
    """Compensate one activity or (None) the whole scope of `token`; None while handlers run."""
    scope = _scope_of(token)
    chosen = [record for record in scope.compensable if activity in (None, record[0])]
    if not chosen:
        return DONE
    scope.compensable = [record for record in scope.compensable if record not in chosen]
    token.internal_data["todo"] = list(_latest_first(chosen))
    _next_handler(token)
    return None


def handler_done(handler: Token) -> None:
    """A handler completed: the next one, or the throwing token goes on."""
    thrower = handler.workflow.tasks[handler.internal_data["for"]]
    if thrower.internal_data["todo"]:
        _next_handler(thrower)
        return
    del thrower.internal_data["todo"]
    thrower.workflow.top_workflow.resume(thrower, DONE)


def withdraw_handlers(thrower: Token) -> None:
    """The throwing token is cut off, and with it the handler that runs for it."""
    for token in list(thrower.workflow.live.values()):
        if token.internal_data.get("for") == thrower.id:
            token.cancel()


def _next_handler(thrower: Token) -> None:
    activity = thrower.internal_data["todo"].pop(0)
    handler = thrower.workflow.top_workflow.network.behaviours[activity].compensation
    assert handler is not None
    thrower.workflow.root.spawn(handler, **{"for": thrower.id}).begin()


def _scope_of(token: Token) -> ScopeWorkflow:
    """The scope that is compensated: thrown in an event subprocess, it is the one around that."""
    workflow = token.workflow
    while workflow.owner is not None and workflow.owner.element.triggered_by_event:
        workflow = workflow.owner.workflow
    return workflow


def _latest_first(records: list[Record]) -> list[str]:
    activities: list[str] = []
    for record in reversed(records):
        activities.extend(_latest_first(record[1]) if len(record) > 1 else [record[0]])
    return activities
