"""What every element does alike: the phases of an element instance's life, and where its tokens go afterwards.

An instance lives through the phases enter (input mappings), arm (boundary events), act (what the element is for),
leave (output mappings), item (tell the multi-instance body) and route (choose the flows). Every phase evaluates before
it changes anything, so that a phase which failed can be run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.host import ExpressionFailed, Waiting
from engine.bpmn.mappings import nested
from engine.bpmn.phase import Phase
from engine.errors import N_

if TYPE_CHECKING:
    from engine.bpmn.model import Element, Flow
    from engine.bpmn.network import ScopeSpec
    from engine.bpmn.token import Token
    from engine.bpmn.watchers import Watcher

Result = Mapping[str, object]
DONE: Result = {}


class NoFlow(ExpressionFailed):
    """No outgoing flow can be taken."""

    template = N_("No condition of the flows after {element} is true. Mend the variables or add a default flow.")


class Behaviour(BpmnTaskSpec):
    """An element's behaviour; shared by all instances and threads, changed by none."""

    is_body = False
    is_joining = False
    waits = Waiting.NOTHING

    def __init__(self, net: ScopeSpec, element: Element, name: str = "") -> None:
        super().__init__(net, name or element.id, lane=element.lane or None, description=element.type)
        self.bpmn_id = element.id
        self.bpmn_name = element.name
        self.net = net
        self.element = element
        self.flows: list[tuple[Flow, Behaviour]] = []
        self.inflows: list[str] = []
        self.watchers: list[Watcher] = []
        self.catchers: list[Watcher] = []
        self.compensation: Behaviour | None = None

    # ---- SpiffWorkflow's life cycle, without prediction and data --------------------------------------------------

    def _predict_hook(self, my_task: Token) -> None:
        """Nothing is predicted: a task is a token."""

    def _update_hook(self, my_task: Token) -> bool:
        my_task.workflow.top_workflow.host.entered(my_task)
        return True

    def _on_ready(self, my_task: Token) -> None:
        """Being queued is all that happens; `Token.run` does the rest."""

    def _run(self, my_task: Token) -> bool | None:
        return self._run_hook(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        """From the token's phase on; True when it is over, None when it waits."""
        token = my_task
        if token.phase == Phase.ENTER:
            self.enter(token)
            token.phase = Phase.ARM
        if token.phase == Phase.ARM:
            self.arm(token)
            token.phase = Phase.ACT
        if token.phase == Phase.ACT:
            result = self.act(token)
            if not token.is_live:
                return None
            if result is None:
                if token.state == TaskState.READY:
                    token._set_state(TaskState.STARTED)
                return None
            return self.finish(token, result)
        return self.finish(token, token.payload or DONE)

    def finish(self, token: Token, result: Result) -> bool | None:
        """The element's work is done with this result: leave it. For a retry, begin at the token's phase."""
        if token.phase < Phase.LEAVE:
            token.phase = Phase.LEAVE
        if token.phase == Phase.LEAVE:
            self.leave(token, result)
            token.phase = Phase.ITEM
        if token.phase == Phase.ITEM:
            self.tell_body(token)
            token.phase = Phase.ROUTE
            token.close_scope()
        if token.phase == Phase.ROUTE:
            token.chosen = self.choose(token)
        token.complete()
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        """The instance is over and the flows are chosen: nothing from here on can fail."""
        self.withdraw(my_task)
        my_task.workflow.top_workflow.host.completed(my_task)
        if self.compensation is not None:
            my_task.workflow.compensable.append([self.element.id])

    def go_on(self, token: Token) -> None:
        """The completed token has left the tree: who goes on now."""
        if "n" in token.internal_data:
            token.body.task_spec.item_done(token.body, token)  # type: ignore[attr-defined]
        elif "for" in token.internal_data:
            self.tell_thrower(token)
        for flow in token.chosen:
            token.workflow.top_workflow.host.flow_taken(token, flow)
            self.send(token, flow)

    def send(self, token: Token, flow: Flow) -> None:
        """A new token at the end of a flow."""
        target = self.net.behaviours[flow.target]
        internal = {"flow": flow.id} if target.is_joining else {}
        token.workflow.root.spawn(target, **internal).begin()

    def _on_cancel(self, my_task: Token) -> None:
        """Tell the host: a cut-off element instance is terminated, a withdrawn watcher's wait is over."""
        my_task.close_scope()
        top = my_task.workflow.top_workflow
        if my_task.has_incident:
            top.host.incident_resolved(my_task)
        top.host.terminated(my_task)

    # ---- the phases -----------------------------------------------------------------------------------------------

    def enter(self, token: Token) -> None:
        """Input mappings, in order; a later one sees the earlier ones."""
        if not self.element.inputs or self.is_body:
            return
        local: dict[str, object] = {}
        for mapping in self.element.inputs:
            value = self.evaluate(token, mapping.source, local)
            nested(local, mapping.target, value)
        token.open_scope(local)

    def arm(self, token: Token) -> None:
        """Arm what is attached to the border (of the body, where there is one)."""
        if self.watchers:
            token.workflow.arm(token, self.watchers)

    def act(self, token: Token) -> Result | None:
        """What the element is for: its result, or None when it now waits."""
        return token.payload or DONE

    def leave(self, token: Token, result: Result) -> None:
        """Output mappings, or else the result itself, go to the scopes."""
        scopes = token.workflow.top_workflow.host.scopes
        if not self.element.outputs or self.is_body:
            for name, value in result.items():
                scopes.assign(token.scope, name, value)
            return
        if result:
            token.open_scope(result)
        written: dict[str, object] = {}
        for mapping in self.element.outputs:
            value = self.evaluate(token, mapping.source)
            name, dotted, _ = mapping.target.partition(".")
            if dotted and name not in written:
                existing = self.evaluate(token, "=" + name)
                written[name] = dict(existing) if isinstance(existing, dict) else {}
            nested(written, mapping.target, value)
        for name, value in written.items():
            scopes.assign(token.outer_scope, name, value)

    def tell_body(self, token: Token) -> None:
        """A single instance of a body hands its output over before its scope goes."""
        if "n" in token.internal_data:
            token.body.task_spec.collect(token.body, token)  # type: ignore[attr-defined]

    def tell_thrower(self, token: Token) -> None:
        """A compensation handler is done."""
        from engine.bpmn.compensation import handler_done

        handler_done(token)

    def choose(self, token: Token) -> list[Flow]:
        """All flows whose condition holds or that have none; the default flow when there is no such."""
        if "n" in token.internal_data:
            return []
        return self.choose_all(token)

    def choose_all(self, token: Token) -> list[Flow]:
        """Uncontrolled and conditional flows (BPMN 2.0.2, 13.2.1 and 13.3.4)."""
        taken = [flow for flow, _ in self.flows if not flow.is_default and self.holds(token, flow)]
        if taken or not self.flows:
            return taken
        return self.default_of(token)

    def default_of(self, token: Token) -> list[Flow]:
        """The default flow; raises `NoFlow` where there is none."""
        for flow, _ in self.flows:
            if flow.is_default:
                return [flow]
        raise NoFlow(element=self.element.id, expression="", reason="")

    # ---- helpers --------------------------------------------------------------------------------------------------

    def holds(self, token: Token, flow: Flow) -> bool:
        """Whether the flow's condition is true; no condition is true as well."""
        return flow.condition is None or self.is_true(token, flow.condition)

    def is_true(self, token: Token, condition: str, extra: Mapping[str, object] | None = None) -> bool:
        """The value of a condition; raises `ExpressionFailed` when it is neither true nor false."""
        value = self.evaluate(token, condition, extra)
        if value is True or value is False:
            return value
        raise ExpressionFailed(
            expression=condition, element=self.element.id, reason=f"it gives {value!r}, neither true nor false"
        )

    def evaluate(self, token: Token, expression: str, extra: Mapping[str, object] | None = None) -> Any:
        """The expression's value at this token; static text is itself."""
        if not expression.startswith("="):
            return expression
        return token.workflow.top_workflow.host.evaluate(token, expression, extra)

    def evaluate_text(self, token: Token, expression: str, what: str) -> str:
        """The expression's value, which must be a text with something in it."""
        value = self.evaluate(token, expression)
        if isinstance(value, str) and value:
            return value
        raise ExpressionFailed(
            expression=expression, element=self.element.id, reason=f"{what} must be a text, not {value!r}"
        )

    def resumed(self, token: Token) -> None:
        """The token came back from a snapshot."""

    def waits_for(self, token: Token) -> Waiting:
        """What a started or waiting token of this element waits for."""
        return self.waits

    def withdraw(self, token: Token) -> None:
        """The instance ends one way or the other: disarm what watches it."""
        if self.watchers:
            token.workflow.disarm(token.id)


class Root(Behaviour):
    """The root of a (sub)process's tree; it never runs."""
