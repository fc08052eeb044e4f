"""A diagram compiled to numbers, so that tokens are small integers and every question about the drawing is a lookup.

A *code* says where a token is: on its way along a flow, at a node, parked at an inflow of a join … Codes are given in
the order in which the diagram runs, so that the smallest code of a state is the token furthest upstream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import product

from engine.diagram import Diagram, Element, EventKind, Flow

SUBPROCESSES = frozenset({"subProcess", "transaction"})
MAX_CHOICES = 256
UNLIMITED = 0
TOP = -1
NO_SCOPE = -2

_WAITING_TYPES = frozenset(
    {"userTask", "manualTask", "serviceTask", "callActivity", "receiveTask", "eventBasedGateway"}
)
_ARMED = (EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL)
_REPEATED = re.compile(r"R(\d+)/")


class Where(IntEnum):
    """What a code means."""

    FLOW = 0
    """On its way along a flow; the target has not started yet."""
    BEGIN = 1
    """About to start without having come by a flow: an event subprocess, an item of a loop, a handler."""
    FIRED = 2
    """An event that has happened and is about to show: start, boundary, behind an event-based gateway."""
    PARK = 3
    """Waits at a join for the others; remembers its inflow."""
    AT = 4
    """Started; acts or waits."""
    LEAVE = 5
    """Has acted and is about to complete."""


class Acts(IntEnum):
    """What a node does when a token is at it."""

    PASS = 0
    WAIT = 1
    RACE = 2
    """An event-based gateway."""
    SUBPROCESS = 3
    PARALLEL = 4
    """A multi-instance body whose items run side by side."""
    SEQUENCE = 5
    """A sequential multi-instance body or a standard loop."""
    TERMINATE = 6
    ERROR = 7
    CANCEL = 8
    ESCALATE = 9
    COMPENSATE = 10


class Watch:
    """An event that watches an activity or (as an event subprocess) a scope.

    `node` is the boundary event or the event subprocess. `armed`: it waits for the world; otherwise it catches what is
    thrown inside. `limit` is how often a non-interrupting one fires, `UNLIMITED` when nobody can say.
    """

    __slots__ = ("armed", "code", "event_id", "field", "interrupting", "kind", "limit", "node", "shared")

    def __init__(self, node: int, element: Element, interrupting: bool) -> None:
        event = element.event
        self.node = node
        self.event_id = element.id
        self.kind = event.kind
        self.code = event.code
        self.interrupting = interrupting
        self.armed = event.kind in _ARMED
        self.limit = UNLIMITED if interrupting else _limit(element)
        self.field = 0
        self.shared = False


def _limit(element: Element) -> int:
    event = element.event
    if event.kind is not EventKind.TIMER:
        return UNLIMITED
    if event.timer != "cycle":
        return 1
    repeated = _REPEATED.match(event.timer_value)
    return min(int(repeated[1]), 255) if repeated else UNLIMITED


class Net:
    """The compiled diagram. Nodes are numbers; `ids` names them, items of loops have the id of their body.

    `once`: a non-interrupting event fires once in the life of its (sub)process, however often it is armed; this is what
    makes the state space finite. `codes` are described at the top; `where`, `node_of` and `flow_of` read them.
    """

    def __init__(self, diagram: Diagram, *, once: bool) -> None:
        self.diagram = diagram
        self.once = once
        self.elements: list[Element] = []
        self.number: dict[str, int] = {}
        self.is_item: list[bool] = []
        self.flows: list[Flow] = [flow for flow in diagram.flows.values() if _connects(diagram, flow)]
        self.flow_number = {flow.id: number for number, flow in enumerate(self.flows)}
        self._add_nodes()
        count = len(self.elements)
        self.ids = [element.id for element in self.elements]
        self.acts = [self._acts(number) for number in range(count)]
        self.inflows: list[tuple[int, ...]] = self._by_end("target")
        self.outflows: list[tuple[int, ...]] = self._by_end("source")
        self.joins = [self._joins(number) for number in range(count)]
        self.item = [self._item_of(number) for number in range(count)]
        self.is_end = [element.type == "endEvent" for element in self.elements]
        self._number_codes()
        self.choices = [self._choices(number) for number in range(count)]
        self._watch()
        self.handler: dict[int, int] = {
            self.number[activity]: self.number[handler] for activity, handler in diagram.handlers.items()
        }
        self.start_of: dict[int, int] = {
            self.number[element.parent]: self.number[element.id]
            for element in diagram.elements.values()
            if element.type == "startEvent" and element.parent is not None
        }
        self.starts = [self.number[element.id] for element in diagram.start_events]
        self._reach()
        self.throws = [self._throws(number) for number in range(count)]

    # ---- nodes and codes --------------------------------------------------------------------------------------------

    def _add_nodes(self) -> None:
        for element in self.diagram.elements.values():
            self.number[element.id] = len(self.elements)
            self.elements.append(element)
            self.is_item.append(False)
        for element in self.diagram.elements.values():
            if element.multi_instance is not None or element.loop is not None:
                self.elements.append(element)
                self.is_item.append(True)
        self.item_number = {element.id: number for number, element in enumerate(self.elements) if self.is_item[number]}

    def _item_of(self, node: int) -> int:
        """The node of a body's items; itself where there is no body."""
        return self.item_number.get(self.elements[node].id, node)

    def _by_end(self, end: str) -> list[tuple[int, ...]]:
        found: list[list[int]] = [[] for _ in self.elements]
        for number, flow in enumerate(self.flows):
            found[self.number[flow.source if end == "source" else flow.target]].append(number)
        return [tuple(flows) for flows in found]

    def _joins(self, node: int) -> str:
        """``all`` for a parallel join, ``any`` for an inclusive one, else nothing."""
        if len(self.inflows[node]) < 2:
            return ""
        return {"parallelGateway": "all", "inclusiveGateway": "any"}.get(self.elements[node].type, "")

    def _acts(self, node: int) -> Acts:
        element = self.elements[node]
        if not self.is_item[node] and element.id in self.item_number:
            parallel = element.multi_instance is not None and not element.multi_instance.sequential
            return Acts.PARALLEL if parallel else Acts.SEQUENCE
        return acts_of(element)

    def _number_codes(self) -> None:
        self.where: list[int] = []
        self.node_of: list[int] = []
        self.flow_of: list[int] = []
        count = len(self.elements)
        self.on_flow = [0] * len(self.flows)
        self.parked = [0] * len(self.flows)
        self.begin, self.fired, self.at, self.leave = ([0] * count for _ in range(4))
        for node in self._running_order():
            for flow in self.inflows[node]:
                self.on_flow[flow] = self._code(Where.FLOW, node, flow)
            self.begin[node] = self._code(Where.BEGIN, node)
            self.fired[node] = self._code(Where.FIRED, node)
            for flow in self.inflows[node]:
                self.parked[flow] = self._code(Where.PARK, node, flow)
            self.at[node] = self._code(Where.AT, node)
            self.leave[node] = self._code(Where.LEAVE, node)
        passing = {node for node, acts in enumerate(self.acts) if acts not in (Acts.WAIT, Acts.RACE)}
        self.moves_itself = [
            where not in (Where.PARK, Where.AT) or (where == Where.AT and self.node_of[code] in passing)
            for code, where in enumerate(self.where)
        ]

    def _code(self, where: Where, node: int, flow: int = -1) -> int:
        self.where.append(int(where))
        self.node_of.append(node)
        self.flow_of.append(flow)
        return len(self.where) - 1

    def _running_order(self) -> list[int]:
        """Every node after those it follows, as far as there are no loops."""
        after: list[list[int]] = [[self.number[self.flows[flow].target] for flow in out] for out in self.outflows]
        for node, element in enumerate(self.elements):
            if element.attached_to is not None:
                after[self.number[element.attached_to]].append(node)
        first = [node for node, element in enumerate(self.elements) if element.type == "startEvent"]
        first += [node for node, element in enumerate(self.elements) if element.triggered_by_event]
        seen = bytearray(len(self.elements))
        done: list[int] = []
        for start in [*reversed(range(len(self.elements))), *reversed(first)]:
            if start in first or not self.inflows[start] or start < 0:
                _depth_first(start, after, seen, done)
        for start in range(len(self.elements)):
            _depth_first(start, after, seen, done)
        return done[::-1]

    # ---- choices ----------------------------------------------------------------------------------------------------

    def _choices(self, node: int) -> tuple[tuple[int, ...], ...]:
        """The sets of flows that can be taken, as codes; one empty set where nothing follows."""
        out = self.outflows[node]
        kind = self.elements[node].type
        if self.is_item[node] or not out:
            return ((),)
        codes = [self.on_flow[flow] for flow in out]
        if kind == "parallelGateway":
            return (tuple(codes),)
        if kind in ("exclusiveGateway", "eventBasedGateway"):
            return tuple((code,) for code in codes)
        if len(out) == 1 and self.flows[out[0]].condition is None:
            return (tuple(codes),)
        return tuple(self._subsets(out))

    def _subsets(self, out: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Flows without a condition, and any of those with one; the default when there is nothing else."""
        always = [
            self.on_flow[flow] for flow in out if not self._is_default(flow) and self.flows[flow].condition is None
        ]
        maybe = [self.on_flow[flow] for flow in out if not self._is_default(flow) and self.flows[flow].condition]
        otherwise = [self.on_flow[flow] for flow in out if self._is_default(flow)]
        if 2 ** len(maybe) > MAX_CHOICES:  # each alone, all but each, all: what a structured diagram needs
            for flow in maybe:
                yield (*always, flow)
                yield (*always, *(other for other in maybe if other != flow))
            yield (*always, *maybe)
        else:
            for taken in product((True, False), repeat=len(maybe)):
                chosen = (*always, *(flow for flow, takes in zip(maybe, taken, strict=True) if takes))
                if chosen:
                    yield chosen
        if otherwise and not always:
            yield (otherwise[0],)

    def _is_default(self, flow: int) -> bool:
        return self.flows[flow].is_default

    # ---- watchers ---------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Who watches: `watchers` and `catchers` by activity, `scope_watchers` and `scope_catchers` by scope."""
        count = len(self.elements)
        self.watchers: list[tuple[Watch, ...]] = [()] * count
        self.catchers: list[tuple[Watch, ...]] = [()] * count
        self.scope_watchers: dict[int, tuple[Watch, ...]] = {}
        self.scope_catchers: dict[int, tuple[Watch, ...]] = {}
        shared: dict[int, int] = {}
        for element in self.diagram.elements.values():
            scope = TOP if element.parent is None else self.number[element.parent]
            if element.type == "boundaryEvent" and element.event.kind is not EventKind.COMPENSATION:
                watch = Watch(self.number[element.id], element, element.interrupting)
                host = self.number[element.attached_to or ""]
                table = self.watchers if watch.armed else self.catchers
                table[host] = (*table[host], watch)
            elif element.triggered_by_event:
                start = self._start_inside(element)
                watch = Watch(self.number[element.id], start, start.interrupting)
                tables = self.scope_watchers if watch.armed else self.scope_catchers
                tables[scope] = (*tables.get(scope, ()), watch)
            else:
                continue
            self._count(watch, scope, element.triggered_by_event, shared)
        self.codes_caught = {
            kind: frozenset(watch.code for watch in self._all_catchers() if watch.kind is kind)
            for kind in (EventKind.ERROR, EventKind.ESCALATION)
        }
        self.counts_hosts = [any(w.limit and not w.shared for w in watchers) for watchers in self.watchers]

    def _count(self, watch: Watch, scope: int, of_scope: bool, shared: dict[int, int]) -> None:
        """Where it is counted how often the watcher fired: in its scope or with its host."""
        if watch.interrupting:
            return
        if self.once:
            watch.limit = 1
        watch.shared = self.once or of_scope
        if watch.shared:
            watch.field = 8 * shared.setdefault(scope, 0)
            shared[scope] += 1
        else:
            host = self.number[self.elements[watch.node].attached_to or ""]
            watch.field = 8 * self.watchers[host].index(watch) if watch in self.watchers[host] else 0

    def _start_inside(self, subprocess: Element) -> Element:
        return next(
            element
            for element in self.diagram.elements.values()
            if element.parent == subprocess.id and element.type == "startEvent"
        )

    def _all_catchers(self) -> Iterator[Watch]:
        for group in [*self.catchers, *self.scope_catchers.values()]:
            yield from group

    # ---- what lies upstream -----------------------------------------------------------------------------------------

    def _reach(self) -> None:
        """For every inclusive join and inflow: the codes of places from which a token can come by that inflow.

        Paths that pass the join itself do not count (BPMN 2.0.2, 13.3.3).
        """
        self.reach: dict[int, dict[int, frozenset[int]]] = {}
        for node, joins in enumerate(self.joins):
            if joins == "any":
                self.reach[node] = {flow: self._upstream(flow, node) for flow in self.inflows[node]}

    def _upstream(self, flow: int, without: int) -> frozenset[int]:
        flows, todo = {flow}, [self.number[self.flows[flow].source]]
        nodes: set[int] = set()
        while todo:
            node = todo.pop()
            if node in nodes or node == without:
                continue
            nodes.add(node)
            flows.update(self.inflows[node])
            todo.extend(self.number[self.flows[before].source] for before in self.inflows[node])
            host = self.elements[node].attached_to
            if host is not None:
                todo.append(self.number[host])
        places = {self.on_flow[on] for on in flows} | {self.parked[on] for on in flows if on != flow}
        for node in nodes:
            places.update((self.begin[node], self.fired[node], self.at[node], self.leave[node]))
            places.update(self.parked[on] for on in self.inflows[node])
        return frozenset(places)

    # ---- what a waiting token can throw -----------------------------------------------------------------------------

    def _throws(self, node: int) -> tuple[EventKind, ...]:
        """What the one who works on it can throw: errors, and the child of a call activity escalations too."""
        if self.acts[node] != Acts.WAIT or self.elements[node].type in ("receiveTask", "intermediateCatchEvent"):
            return ()
        kinds = (
            (EventKind.ERROR, EventKind.ESCALATION)
            if self.elements[node].type == "callActivity"
            else (EventKind.ERROR,)
        )
        return tuple(kind for kind in kinds if self.codes_caught[kind])


def acts_of(element: Element) -> Acts:
    """What one instance of an element does."""
    kind = element.event.kind
    if element.type in SUBPROCESSES:
        return Acts.SUBPROCESS
    if element.type == "eventBasedGateway":
        return Acts.RACE
    if element.type in _WAITING_TYPES or (element.type == "sendTask" and element.task_type):
        return Acts.WAIT
    if element.type == "intermediateCatchEvent":
        return Acts.PASS if kind is EventKind.LINK else Acts.WAIT
    if element.type in ("intermediateThrowEvent", "endEvent"):
        if kind is EventKind.MESSAGE and element.task_type:
            return Acts.WAIT
        return _THROWN.get(kind, Acts.PASS)
    return Acts.PASS


_THROWN: Mapping[EventKind, Acts] = {
    EventKind.TERMINATE: Acts.TERMINATE,
    EventKind.ERROR: Acts.ERROR,
    EventKind.CANCEL: Acts.CANCEL,
    EventKind.ESCALATION: Acts.ESCALATE,
    EventKind.COMPENSATION: Acts.COMPENSATE,
}


def _connects(diagram: Diagram, flow: Flow) -> bool:
    return flow.source in diagram.elements and flow.target in diagram.elements


def _depth_first(start: int, after: list[list[int]], seen: bytearray, done: list[int]) -> None:
    """Append what can be reached from `start` to `done`, the last first; without recursion."""
    if seen[start]:
        return
    seen[start] = 1
    todo: list[tuple[int, Iterable[int]]] = [(start, iter(after[start]))]
    while todo:
        node, rest = todo[-1]
        following = next((other for other in rest if not seen[other]), None)  # type: ignore[arg-type]
        if following is None:
            done.append(node)
            todo.pop()
        else:
            seen[following] = 1
            todo.append((following, iter(after[following])))
