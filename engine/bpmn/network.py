"""From the data of a specification to the behaviours on which tokens move: one `ScopeSpec` per (sub)process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn.activities import (
    BusinessRuleTask,
    CallActivity,
    JobTask,
    PassThrough,
    ScriptTask,
    SendTask,
    Subprocess,
    UserTask,
)
from engine.bpmn.behaviour import Behaviour, Root
from engine.bpmn.events import BoundaryEvent, CatchEvent, CatchingBehaviour, EndEvent, StartEvent, ThrowEvent
from engine.bpmn.gateways import EventBasedGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from engine.bpmn.model import Element, EventKind, Flow
from engine.bpmn.multi_instance import LoopBody, MultiInstanceBody
from engine.bpmn.triggers import ARMED
from engine.bpmn.watchers import BoundaryWatcher, EventSubprocessWatcher, GatewayWatcher, Watcher

ITEM_SUFFIX = "#"
SUBPROCESSES = frozenset({"subProcess", "transaction"})

BEHAVIOURS: Mapping[str, type[Behaviour]] = {
    "task": PassThrough,
    "userTask": UserTask,
    "manualTask": UserTask,
    "serviceTask": JobTask,
    "scriptTask": ScriptTask,
    "businessRuleTask": BusinessRuleTask,
    "sendTask": SendTask,
    "receiveTask": CatchEvent,
    "callActivity": CallActivity,
    "subProcess": Subprocess,
    "transaction": Subprocess,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
    "startEvent": StartEvent,
    "endEvent": EndEvent,
    "intermediateCatchEvent": CatchEvent,
    "intermediateThrowEvent": ThrowEvent,
    "boundaryEvent": BoundaryEvent,
}


class ScopeSpec(BpmnProcessSpec):
    """The behaviours of one process or embedded subprocess, by element id.

    `watchers` are the armed starts of its event subprocesses, `catchers` those that catch errors and escalations.
    """

    def __init__(self, element: Element) -> None:
        super().__init__(name=element.id)
        self.task_specs.clear()  # SpiffWorkflow's own start and end are not used
        self.start = Root(self, element)
        self.behaviours: dict[str, Behaviour] = {}
        self.watchers: list[Watcher] = []
        self.catchers: list[EventSubprocessWatcher] = []
        self.start_behaviour: Behaviour | None = None


class Network:
    """All behaviours of a process. `behaviours` finds any of them by the name that snapshots use."""

    def __init__(self, process_id: str, elements: Mapping[str, Element], flows: Mapping[str, Flow]) -> None:
        self.elements = elements
        self.flows = flows
        self.process = ScopeSpec(Element(process_id, "process"))
        self.subprocesses: dict[str, ScopeSpec] = {
            element.id: ScopeSpec(element) for element in elements.values() if element.type in SUBPROCESSES
        }
        self.behaviours: dict[str, Behaviour] = {}
        for element in elements.values():
            self._add(element)
        for flow in flows.values():
            self._connect(flow)
        for element in elements.values():
            self._attach(element)
        for behaviour in self.behaviours.values():
            if isinstance(behaviour, InclusiveGateway) and behaviour.is_joining:
                behaviour.reach = self._reach(behaviour)

    def scope_of(self, element: Element) -> ScopeSpec:
        """The (sub)process that contains the element."""
        return self.process if element.parent is None else self.subprocesses[element.parent]

    def _add(self, element: Element) -> None:
        net = self.scope_of(element)
        kind: type[Behaviour] = BEHAVIOURS[element.type]
        if element.type == "sendTask" and element.task_type:
            kind = JobTask
        behaviour: Behaviour
        if element.multi_instance is None and element.loop is None:
            behaviour = kind(net, element)
        else:
            item = kind(net, element, element.id + ITEM_SUFFIX)
            self.behaviours[item.name] = item
            body: Any = MultiInstanceBody if element.multi_instance else LoopBody
            behaviour = body(net, element, item)
        self.behaviours[element.id] = net.behaviours[element.id] = behaviour
        if element.type == "startEvent" and net.start_behaviour is None:
            net.start_behaviour = behaviour
        if isinstance(behaviour, CatchingBehaviour) and element.event.kind in ARMED:
            behaviour.trigger = ARMED[element.event.kind](behaviour)

    def _connect(self, flow: Flow) -> None:
        source, target = self.behaviours[flow.source], self.behaviours[flow.target]
        source.connect(target)
        source.flows.append((flow, target))
        target.inflows.append(flow.id)

    def _attach(self, element: Element) -> None:
        behaviour = self.behaviours[element.id]
        if element.type == "eventBasedGateway":
            for _, target in behaviour.flows:
                assert isinstance(target, CatchingBehaviour)
                self._watch(behaviour, GatewayWatcher(target, target.trigger, interrupting=True))
        if element.attached_to is not None and element.event.kind is not EventKind.COMPENSATION:
            assert isinstance(behaviour, CatchingBehaviour)
            watcher = BoundaryWatcher(behaviour, behaviour.trigger, element.interrupting)
            self._watch(self.behaviours[element.attached_to], watcher)
        if element.triggered_by_event:
            self._watch_scope(element)

    def _watch(self, watched: Behaviour, watcher: Watcher) -> None:
        assert isinstance(watcher.behaviour, CatchingBehaviour)
        watcher.behaviour.watcher = watcher
        (watched.catchers if watcher.trigger is None else watched.watchers).append(watcher)

    def _watch_scope(self, element: Element) -> None:
        start = self.subprocesses[element.id].start_behaviour
        assert isinstance(start, CatchingBehaviour)
        subprocess = self.behaviours[element.id]
        watcher = EventSubprocessWatcher(start, start.trigger, start.element.interrupting, subprocess)
        start.watcher = watcher
        net = self.scope_of(element)
        if watcher.trigger is None:
            net.catchers.append(watcher)
        else:
            net.watchers.append(watcher)

    def handle_compensation(self, activity: str, handler: str) -> None:
        """An activity is compensated by a handler (the association at its compensation boundary event)."""
        self.behaviours[activity].compensation = self.behaviours[handler]

    def _reach(self, gateway: InclusiveGateway) -> Mapping[str, frozenset[str]]:
        """For every inflow: the elements from which a path leads to it that does not pass the gateway."""
        return {flow: self._upstream(self.flows[flow].source, gateway.element.id) for flow in gateway.inflows}

    def _upstream(self, source: str, without: str) -> frozenset[str]:
        seen: set[str] = set()
        todo = [source]
        while todo:
            place = todo.pop()
            if place in seen or place == without:
                continue
            seen.add(place)
            todo.extend(self._before(self.elements[place]))
        return frozenset(seen)

    def _before(self, element: Element) -> Iterable[str]:
        for flow in self.behaviours[element.id].inflows:
            yield self.flows[flow].source
        if element.attached_to is not None:
            yield element.attached_to
