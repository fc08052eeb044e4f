"""What is to be drawn: the nodes, edges, lanes and pools of a file, read from its XML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from engine.layout.text import text_size
from engine.xml import Element, local_name

EVENTS: Final = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
TASKS: Final = frozenset(
    {
        *("task", "userTask", "serviceTask", "sendTask", "receiveTask", "manualTask"),
        *("businessRuleTask", "scriptTask", "callActivity"),
    }
)
SUBPROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ARTIFACTS: Final = {"textAnnotation": (140, 50), "dataObjectReference": (36, 50), "dataStoreReference": (50, 50)}
TASK_WIDTH: Final = 120
TASK_HEIGHT: Final = 64
EVENT: Final = 36
GATEWAY: Final = 40
SLOTS: Final = (30, -30, 130, -130, 230, -230)
"""How far from the middle of its host the first, second … boundary event sits."""


@dataclass(eq=False)
class Node:
    """A shape; `slots` are the boundary events on its border with their distance from its middle."""

    id: str
    type: str
    name: str
    width: int
    height: int
    lane: int = 0
    span: int = 1
    column: int = 0
    row: int = 0
    slots: dict[str, int] = field(default_factory=dict[str, int])
    inner: Scope | None = None
    event_subprocess: bool = False

    @property
    def labelled_outside(self) -> bool:
        """Events, gateways and data objects carry their name beside them."""
        return bool(self.name) and (
            self.type in EVENTS or self.type.endswith("Gateway") or self.type.startswith("data")
        )


@dataclass(eq=False)
class Edge:
    """A line between two nodes; `boundary` is the boundary event of the source from which it leaves."""

    id: str
    source: Node
    target: Node
    name: str = ""
    kind: str = "sequenceFlow"
    boundary: str | None = None
    back: bool = False


@dataclass(eq=False)
class Lane:
    """A lane: leaves hold rows, others hold lanes. `first` and `last` are the leaves it covers."""

    id: str
    first: int
    last: int
    depth: int
    name: str = ""


@dataclass(eq=False)
class Pool:
    """A participant, or the process itself where the file has no collaboration (`id` is empty)."""

    id: str
    lanes: list[Lane]
    first: int
    last: int
    name: str = ""
    black_box: Node | None = None


@dataclass(eq=False)
class Scope:
    """What is laid out on one grid: a whole plane, or the inside of a subprocess."""

    plane: str
    nodes: list[Node] = field(default_factory=list[Node])
    edges: list[Edge] = field(default_factory=list[Edge])
    pools: list[Pool] = field(default_factory=list[Pool])
    lane_count: int = 0
    boundary_names: dict[str, str] = field(default_factory=dict[str, str])
    lane_rows: list[list[int]] = field(default_factory=list[list[int]])


def read_scopes(root: Element) -> list[Scope]:
    """One scope per plane: the collaboration, or each process of a file without one."""
    processes = {str(process.get("id")): process for process in _children(root, "process")}
    collaborations = list(_children(root, "collaboration"))
    if collaborations:
        return [_collaboration(collaborations[0], processes)]
    return [_alone(key, process) for key, process in processes.items()]


def _collaboration(collaboration: Element, processes: dict[str, Element]) -> Scope:
    scope = Scope(plane=str(collaboration.get("id")))
    for participant in _children(collaboration, "participant"):
        key = str(participant.get("id"))
        process = processes.get(participant.get("processRef") or "")
        if process is None:
            _black_box(scope, key, participant.get("name") or "")
        else:
            _pool(scope, key, process, participant.get("name") or "")
    _connect(scope, collaboration, "messageFlow")
    return scope


def _alone(key: str, process: Element) -> Scope:
    scope = Scope(plane=key)
    _pool(scope, "", process)
    return scope


def _black_box(scope: Scope, key: str, name: str) -> None:
    node = Node(key, "participant", name, 400, 60, lane=scope.lane_count)
    scope.nodes.append(node)
    scope.pools.append(Pool(key, [], scope.lane_count, scope.lane_count, name, node))
    scope.lane_count += 1


def _pool(scope: Scope, key: str, process: Element, name: str = "") -> None:
    first, lanes, lane_of = scope.lane_count, list[Lane](), dict[str, int]()
    for lane_set in _children(process, "laneSet"):
        for lane in _children(lane_set, "lane"):
            _lane(scope, lane, 0, lanes, lane_of)
    scope.lane_count = max(scope.lane_count, first + 1)
    scope.pools.append(Pool(key, lanes, first, scope.lane_count - 1, name))
    _fill(scope, process, lane_of, first)


def _lane(scope: Scope, lane: Element, depth: int, lanes: list[Lane], lane_of: dict[str, int]) -> None:
    drawn = Lane(str(lane.get("id")), scope.lane_count, scope.lane_count, depth, lane.get("name") or "")
    lanes.append(drawn)
    for reference in _children(lane, "flowNodeRef"):
        lane_of[(reference.text or "").strip()] = scope.lane_count
    inner = [child for lane_set in _children(lane, "childLaneSet") for child in _children(lane_set, "lane")]
    for child in inner:
        _lane(scope, child, depth + 1, lanes, lane_of)
    if not inner:
        scope.lane_count += 1
    drawn.last = scope.lane_count - 1


def _fill(scope: Scope, process: Element, lane_of: dict[str, int], first: int) -> None:
    hosts: dict[str, Node] = {}
    for child in process:
        node = _node(child)
        if node is not None:
            node.lane = lane_of.get(node.id, first)
            scope.nodes.append(node)
            hosts[node.id] = node
    for event in _children(process, "boundaryEvent"):
        host, key = hosts.get(event.get("attachedToRef") or ""), str(event.get("id"))
        if host is None:
            continue
        host.slots[key] = SLOTS[len(host.slots) % len(SLOTS)]
        host.width = max(host.width, 2 * (abs(host.slots[key]) + 24))
        scope.boundary_names[key] = event.get("name") or ""
    _connect(scope, process, "sequenceFlow", "association")
    _data(scope, process)
    _beside(scope)


def _node(child: Element) -> Node | None:
    kind, key, name = local_name(child), str(child.get("id")), child.get("name") or ""
    if kind in EVENTS:
        return Node(key, kind, name, EVENT, EVENT)
    if kind.endswith("Gateway"):
        return Node(key, kind, name, GATEWAY, GATEWAY)
    if kind in TASKS:
        return Node(key, kind, name, TASK_WIDTH, max(TASK_HEIGHT, text_size(name, TASK_WIDTH - 12)[1] + 20))
    if kind in SUBPROCESSES:
        inner = Scope(plane="")
        _pool(inner, "", child)
        event = child.get("triggeredByEvent") == "true"
        return Node(key, kind, name, TASK_WIDTH, TASK_HEIGHT, inner=inner, event_subprocess=event)
    if kind == "textAnnotation":
        text = " ".join(part.text or "" for part in _children(child, "text"))
        return Node(key, kind, text, 140, max(30, text_size(text, 130)[1] + 10))
    if kind in ARTIFACTS:
        return Node(key, kind, name, *ARTIFACTS[kind])
    return None


def _connect(scope: Scope, parent: Element, *kinds: str) -> None:
    ends: dict[str, tuple[Node, str | None]] = {node.id: (node, None) for node in scope.nodes}
    ends |= {slot: (node, slot) for node in scope.nodes for slot in node.slots}
    for child in parent:
        kind = local_name(child)
        source, target = ends.get(child.get("sourceRef")), ends.get(child.get("targetRef"))
        if kind in kinds and source and target:
            scope.edges.append(
                Edge(str(child.get("id")), source[0], target[0], child.get("name") or "", kind, source[1])
            )


def _data(scope: Scope, process: Element) -> None:
    nodes = {node.id: node for node in scope.nodes}
    for activity in process:
        node = nodes.get(activity.get("id"))
        for kind, end in (("dataInputAssociation", "sourceRef"), ("dataOutputAssociation", "targetRef")):
            for association in _children(activity, kind):
                other = nodes.get((association.findtext("{*}" + end) or "").strip())
                if node is not None and other is not None:
                    source, target = (other, node) if kind == "dataInputAssociation" else (node, other)
                    scope.edges.append(Edge(str(association.get("id")), source, target, kind=kind))


def _beside(scope: Scope) -> None:
    """An artifact lies in the lane of what it belongs to."""
    for edge in scope.edges:
        for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
            if one.type in ARTIFACTS and other.type not in ARTIFACTS:
                one.lane = other.lane


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if local_name(child) == name)
