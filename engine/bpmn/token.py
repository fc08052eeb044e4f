"""A token: SpiffWorkflow's task, seen as an element instance.

The tree of tasks is containment, not history: tokens hang below the root of their (sub)process, the instances of a
multi-instance activity below its body. A finished token leaves the tree at once, and no task is ever predicted, so
the tree holds exactly the live tokens and armed watchers. Task data stays empty; variables live in the host's scopes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.host import INSTANCE_SCOPE, Waiting
from engine.bpmn.phase import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.bpmn.behaviour import Behaviour
    from engine.bpmn.model import Element, Flow
    from engine.bpmn.workflow import ScopeWorkflow

LIVE = TaskState.NOT_FINISHED_MASK
ROOT = -1  # the id of every (sub)process's root; unique within its own workflow


class Token(Task):
    """One live element instance, or an armed watcher.

    `internal_data` is what the snapshot keeps: ``flow`` (inflow of a token parked at a join), ``host`` (what a watcher
    watches; ROOT for the scope), ``n`` (loop counter), ``scope`` (it owns a variable scope), ``incident`` (the phase
    that failed) and what single behaviours count.
    """

    id: int  # type: ignore[assignment]
    workflow: ScopeWorkflow  # type: ignore[assignment]
    task_spec: Behaviour
    internal_data: dict[str, Any]

    def __init__(
        self,
        workflow: ScopeWorkflow,
        task_spec: Behaviour,
        parent: Token | None = None,
        state: int = TaskState.FUTURE,
        id: int | None = None,
    ) -> None:
        super().__init__(workflow, task_spec, parent, state, id or workflow.top_workflow.next_id())  # type: ignore[arg-type]
        self.phase = Phase.ENTER
        self.payload: Mapping[str, object] | None = None
        self.chosen: list[Flow] = []
        self.following: tuple[bool, Mapping[str, object] | None] = (False, None)
        if state & LIVE:
            workflow.live[self.id] = self

    # ---- as the host sees it (TokenView) ------------------------------------------------------------------------

    @property
    def element(self) -> Element:
        return self.task_spec.element

    @property
    def scope(self) -> int:
        if "scope" in self.internal_data:
            return self.id
        return self.outer_scope

    @property
    def outer_scope(self) -> int:
        """The innermost scope around this token, its own left out."""
        if "n" in self.internal_data:
            return self.body.scope
        if self.is_watcher and self.internal_data["host"] != ROOT:
            return self.workflow.tasks[self.internal_data["host"]].scope
        return self.workflow.outer_scope

    @property
    def body(self) -> Token:
        """The multi-instance body around this instance."""
        return self.workflow.tasks[self._parent]  # type: ignore[index]

    @property
    def flow_scope(self) -> int:
        if "n" in self.internal_data:
            return self.body.id
        owner = self.workflow.owner
        return INSTANCE_SCOPE if owner is None else owner.id

    @property
    def loop_counter(self) -> int | None:
        return self.internal_data.get("n")

    @property
    def is_body(self) -> bool:
        return self.task_spec.is_body

    @property
    def is_watcher(self) -> bool:
        return "host" in self.internal_data

    @property
    def host_id(self) -> int | None:
        host = self.internal_data.get("host")
        return None if host == ROOT else host

    @property
    def has_incident(self) -> bool:
        return "incident" in self.internal_data

    @property
    def waiting(self) -> Waiting:
        if self.has_incident or not self._state & (TaskState.WAITING | TaskState.STARTED):
            return Waiting.NOTHING
        return self.task_spec.waits_for(self)

    # ---- life ---------------------------------------------------------------------------------------------------

    @property
    def is_live(self) -> bool:
        return bool(self._state & LIVE)

    def _inherit_data(self) -> None:
        """Variables are not SpiffWorkflow's business."""

    def _set_state(self, value: int) -> None:
        """The one place where states change; keeps the indexes and says nothing to a log of its own."""
        if value == self._state:
            return
        self._state = value
        if value == TaskState.READY:
            self.workflow.top_workflow.queue.append(self)
        elif not value & LIVE:
            self.workflow.live.pop(self.id, None)

    def spawn(self, behaviour: Behaviour, **internal: object) -> Token:
        """A new token contained in this one, not yet begun."""
        token = Token(self.workflow, behaviour, self, TaskState.FUTURE)
        token.internal_data.update(internal)
        return token

    def begin(self, payload: Mapping[str, object] | None = None) -> None:
        """Announce the element instance and queue it. `payload` is what triggered it brought along."""
        self.payload = payload
        self.task_spec._update(self)

    def begin_fired(self, payload: Mapping[str, object] | None) -> None:
        """Announce an event that has already happened; its result is the payload."""
        self.phase = Phase.LEAVE
        self.begin(payload)

    def run(self) -> bool | None:
        """Live through the phases until it waits or is over; failures become incidents."""
        return self.workflow.top_workflow.attempt(self, lambda: self.task_spec._run(self))

    def cancel(self) -> None:
        """Cut it off, what it contains first."""
        if not self.is_live:
            return
        for child in self.children:
            child.cancel()
        self.task_spec.withdraw(self)
        self._set_state(TaskState.CANCELLED)
        self.task_spec._on_cancel(self)
        self.workflow._remove_task(self.id)

    def open_scope(self, values: Mapping[str, object]) -> None:
        """Own a variable scope (or add to it)."""
        self.workflow.top_workflow.host.scopes.create(self.id, self.outer_scope, values)
        self.internal_data["scope"] = 1

    def close_scope(self) -> None:
        """Give its variable scope up, if it owns one."""
        if self.internal_data.pop("scope", None) is not None:
            self.workflow.top_workflow.host.scopes.drop(self.id)
