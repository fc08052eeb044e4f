"""The (sub)processes of a running instance: SpiffWorkflow's workflows, with indexes and a queue for its tree walks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.host import INSTANCE_SCOPE, Host
from engine.bpmn.phase import Phase
from engine.bpmn.script_engine import NoPython
from engine.bpmn.token import ROOT, Token
from engine.bpmn.triggers import ConditionTrigger
from engine.errors import N_, BaoxiuError

if TYPE_CHECKING:
    from engine.bpmn.behaviour import Behaviour
    from engine.bpmn.network import Network, ScopeSpec
    from engine.bpmn.watchers import Payload, Watcher


MAX_STEPS = 100_000


class EndlessLoop(BaoxiuError):
    """Tokens move in circles and never wait."""

    template = N_(
        "The process runs in circles at {element}: {steps} steps and nothing waits. Mend the loop's condition."
    )
    status = 422


class ScopeWorkflow:
    """What the process and its embedded subprocesses share.

    `live` are the unfinished tokens by id, `compensable` what can be compensated (latest last), `interrupted` says that
    an interrupting event subprocess has taken the scope over.
    """

    spec: ScopeSpec
    tasks: dict[int, Any]
    completed: bool
    top_workflow: ProcessWorkflow

    def prepare(self, owner: Token | None) -> None:
        """The indexes; before SpiffWorkflow's own construction."""
        self.owner = owner
        self.live: dict[int, Token] = {}
        self.compensable: list[list[Any]] = []
        self.interrupted = False

    def open(self) -> None:
        """The root below which all tokens hang."""
        self.root = self.task_tree = Token(self, self.spec.start, None, TaskState.COMPLETED, ROOT)

    @property
    def outer_scope(self) -> int:
        """The innermost variable scope around this (sub)process's tokens."""
        return INSTANCE_SCOPE if self.owner is None else self.owner.scope

    def start(self, start: Behaviour, payload: Payload = None) -> None:
        """Arm the event subprocesses and put a token on a start event, which has happened with this payload."""
        self.arm(self.root, self.spec.watchers)
        self.root.spawn(start).begin_fired(payload)

    def arm(self, host: Token, watchers: Sequence[Watcher]) -> None:
        """Arm what watches `host` (the root: the whole scope). Nothing is changed when an expression fails."""
        ready = [(watcher, watcher.trigger, watcher.trigger.prepare(host)) for watcher in watchers if watcher.trigger]
        for watcher, trigger, prepared in ready:
            watch = self.root.spawn(watcher.behaviour, host=host.id)
            watch._set_state(TaskState.WAITING)
            trigger.start(watch, prepared)

    def disarm(self, host: int) -> None:
        """Withdraw what watches the host."""
        for token in [token for token in self.live.values() if token.internal_data.get("host") == host]:
            token.cancel()

    def cancel_tokens(self, keep: Token | None = None) -> None:
        """Cut off every token and watcher of this scope, but one and what contains it."""
        for token in list(self.live.values()):
            if token is not keep:
                token.cancel()

    @property
    def is_idle(self) -> bool:
        """True when nothing but watchers is left."""
        return all("host" in token.internal_data for token in self.live.values())

    def _remove_task(self, task_id: Any) -> None:
        """Take a finished token, and what it contains, out of the tree."""
        token = self.tasks[task_id]
        for child in list(token._children):
            self._remove_task(child)
        del self.tasks[task_id]
        self.tasks[token._parent]._children.remove(task_id)
        self.live.pop(task_id, None)
        self.top_workflow.touched[self] = None

    # ---- SpiffWorkflow's notifications ----------------------------------------------------------------------------

    def _task_completed_notify(self, task: Token) -> None:
        self._remove_task(task.id)
        task.task_spec.go_on(task)

    def update_waiting_tasks(self) -> None:
        """`ProcessWorkflow.settle` does this for all scopes at once."""

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """SpiffWorkflow's log lines are not ours."""
        return dct or {}


class SubprocessWorkflow(ScopeWorkflow, BpmnSubWorkflow):  # type: ignore[misc]
    """An embedded or event subprocess that runs inside the token `owner`."""

    def __init__(self, spec: ScopeSpec, owner: Token, top: ProcessWorkflow) -> None:
        self.prepare(owner)
        BpmnSubWorkflow.__init__(self, spec, owner.id, top, deserializing=True)
        self.open()

    @property
    def parent_workflow(self) -> Any:
        assert self.owner is not None
        return self.owner.workflow


class ProcessWorkflow(ScopeWorkflow, BpmnWorkflow):  # type: ignore[misc]
    """The process instance: the queue of tokens that can run, and everything that is counted once per instance."""

    def __init__(self, network: Network, host: Host) -> None:
        self.prepare(None)
        self.network = network
        self.host = host
        self.last_id = 0
        self.queue: deque[Token] = deque()
        self.touched: dict[ScopeWorkflow, None] = {}
        self.conditions: dict[int, Token] = {}
        self.parked: dict[int, Token] = {}
        BpmnWorkflow.__init__(self, network.process, network.subprocesses, NoPython(), deserializing=True)
        self.open()

    def next_id(self) -> int:
        """The next element instance id."""
        self.last_id += 1
        return self.last_id

    def moment(self, text: str) -> datetime:
        """A point in time of the snapshot."""
        return datetime.fromisoformat(text)

    def create_subprocess(self, my_task: Token, spec_name: str) -> SubprocessWorkflow:
        workflow = SubprocessWorkflow(self.network.subprocesses[spec_name], my_task, self)
        self.subprocesses[my_task.id] = workflow
        return workflow

    def drop_subprocess(self, owner: Token) -> None:
        """The subprocess inside this token is over."""
        workflow = self.subprocesses.pop(owner.id, None)
        if workflow is not None:
            self.touched.pop(workflow, None)

    def scopes(self) -> Iterator[ScopeWorkflow]:
        """The process and the subprocesses that run now."""
        yield self
        yield from self.subprocesses.values()

    def find(self, token_id: int) -> Token | None:
        """The live token with this id."""
        for scope in self.scopes():
            token = scope.live.get(token_id)
            if token is not None:
                return token
        return None

    # ---- moving ---------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Run what can run until every token waits; raises `EndlessLoop` when that never happens."""
        queue, left = self.queue, MAX_STEPS
        while True:
            while queue:
                token = queue.popleft()
                if token._state == TaskState.READY:
                    token.run()
                    left -= 1
                    if left == 0:
                        raise EndlessLoop(element=token.element.id, steps=MAX_STEPS)
            if not self.settle():
                return

    def settle(self) -> bool:
        """Nothing can run: end scopes that are idle, let joins and conditions look again. True when something moved."""
        return self._end_idle_scopes() or self._release_join() or self._look_at_conditions() or bool(self.queue)

    def _end_idle_scopes(self) -> bool:
        ended = False
        while self.touched:
            scope, _ = self.touched.popitem()
            if not scope.is_idle or scope.completed:
                continue
            ended = True
            scope.completed = True
            scope.cancel_tokens()
            if scope.owner is None:
                self.host.instance_completed()
            elif scope.owner.is_live:
                self.resume(scope.owner, {})
        return ended

    def _release_join(self) -> bool:
        for token in sorted(self.parked.values(), key=lambda parked: parked.id):
            if token.is_live and token.task_spec.try_release(token):  # type: ignore[attr-defined]
                return True
        return False

    def _look_at_conditions(self) -> bool:
        moved = False
        for token in sorted(self.conditions.values(), key=lambda waiting: waiting.id):
            if not token.is_live or token.has_incident:
                continue
            trigger = token.task_spec.trigger  # type: ignore[attr-defined]
            assert isinstance(trigger, ConditionTrigger)
            try:
                fires = trigger.becomes_true(token)
            except BaoxiuError as error:
                token.phase = Phase.ACT
                self.leave_incident(token, error)
                continue
            if fires:
                token.task_spec.fire(token, None)  # type: ignore[attr-defined]
                moved = True
        return moved

    def resume(self, token: Token, result: Any, strict: bool = False) -> None:
        """A waiting token's work is done with this result: let it leave."""
        if strict:
            token.task_spec.finish(token, result)
        else:
            self.attempt(token, lambda: token.task_spec.finish(token, result))

    # ---- failures -------------------------------------------------------------------------------------------------

    def attempt(self, token: Token, step: Callable[[], bool | None]) -> bool | None:
        """Do a step of a token that moves by itself; a failure leaves an incident on it."""
        try:
            return step()
        except BaoxiuError as error:
            if not token.is_live or (token.payload and token.phase < Phase.LEAVE):
                raise  # a payload that no snapshot would keep is not left behind
            self.leave_incident(token, error)
            return None

    def leave_incident(self, token: Token, error: BaoxiuError) -> None:
        """The token stays, marked with the phase that failed."""
        if token.state == TaskState.READY:
            token._set_state(TaskState.STARTED)
        token.internal_data["incident"] = int(token.phase)
        self.host.incident(token, error)

    def cancel_all(self) -> None:
        """End the instance: every token of every scope terminates, the innermost first."""
        self.queue.clear()
        self.cancel_tokens()
        self.completed = True
        self.touched.clear()
