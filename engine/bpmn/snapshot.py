"""A running instance as plain JSON text: its live tokens, nothing else.

``[format, last id, completed, [scope, …]]``; a scope is ``[owner's id or 0, [token, …], interrupted, compensable]``
(trailing empty parts left out); a token is ``[id, name, state, internal data, containing token]`` (the same).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.token import ROOT, Token
from engine.bpmn.workflow import ProcessWorkflow, ScopeWorkflow, SubprocessWorkflow
from engine.errors import N_, BaoxiuError
from engine.json_text import decode, encode

if TYPE_CHECKING:
    from engine.bpmn.host import Host
    from engine.bpmn.network import Network

FORMAT = 1


class SnapshotMismatch(BaoxiuError):
    """A snapshot does not fit the specification it is restored with."""

    template = N_("The stored state of the instance does not fit its process definition: {detail}")


def write_snapshot(workflow: ProcessWorkflow) -> str:
    """The text of a resting instance."""
    scopes = [_write_scope(scope) for scope in workflow.scopes()]
    return encode([FORMAT, workflow.last_id, int(workflow.completed), scopes])


def read_snapshot(network: Network, text: str, host: Host) -> ProcessWorkflow:
    """The instance of a snapshot; raises `SnapshotMismatch`."""
    version, last_id, completed, scopes = decode(text)
    if version != FORMAT:
        raise SnapshotMismatch(detail=f"format {version}")
    workflow = ProcessWorkflow(network, host)
    for owner, *rest in scopes:
        scope = workflow if owner == 0 else _open_subprocess(workflow, owner)
        _read_scope(workflow, scope, *rest)
    workflow.last_id = last_id
    workflow.completed = bool(completed)
    workflow.touched.clear()
    return workflow


def _write_scope(scope: ScopeWorkflow) -> list[Any]:
    tokens = [_write_token(token) for token in sorted(scope.live.values(), key=lambda token: token.id)]
    owner = 0 if scope.owner is None else scope.owner.id
    return _trimmed([owner, tokens, int(scope.interrupted), scope.compensable], 2)


def _write_token(token: Token) -> list[Any]:
    inside = 0 if token._parent == ROOT else token._parent
    return _trimmed([token.id, token.task_spec.name, token.state, token.internal_data, inside], 3)


def _trimmed(row: list[Any], least: int) -> list[Any]:
    while len(row) > least and not row[-1]:
        row.pop()
    return row


def _open_subprocess(workflow: ProcessWorkflow, owner_id: int) -> SubprocessWorkflow:
    owner = workflow.find(owner_id)
    if owner is None or owner.element.id not in workflow.network.subprocesses:
        raise SnapshotMismatch(detail=f"no subprocess at {owner_id}")
    return workflow.create_subprocess(owner, owner.element.id)


def _read_scope(
    workflow: ProcessWorkflow,
    scope: ScopeWorkflow,
    tokens: list[list[Any]],
    interrupted: int = 0,
    compensable: list[list[Any]] | None = None,
) -> None:
    scope.interrupted = bool(interrupted)
    scope.compensable = compensable or []
    for row in tokens:
        _read_token(workflow, scope, *row)


def _read_token(
    workflow: ProcessWorkflow,
    scope: ScopeWorkflow,
    token_id: int,
    name: str,
    state: int,
    internal: dict[str, Any] | None = None,
    inside: int = 0,
) -> None:
    behaviour = workflow.network.behaviours.get(name)
    if behaviour is None:
        raise SnapshotMismatch(detail=f"there is no element {name}")
    parent = scope.tasks[inside] if inside else scope.root
    token = Token(scope, behaviour, parent, state, token_id)
    token.internal_data.update(internal or {})
    behaviour.resumed(token)
