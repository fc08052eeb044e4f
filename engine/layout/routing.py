"""The way of every edge on the grid: few bends, few crossings, never through a node, never along a foreign edge."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from engine.layout.graph import Edge, Node
from engine.layout.grid import TRACKS, Grid, Point

RIGHT, DOWN, LEFT, UP = range(4)
ARRIVED: Final = 4
STEP: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))
BEND: Final = 30.0
CROSSING: Final = 90.0
TOUCHING: Final = 900.0
ALONG: Final = 3000.0
SPLITTING: Final = 8.0
OFF_MIDDLE: Final = 0.6
EXIT_TASK: Final = (0.0, 70.0, 200.0, 70.0)
EXIT_GATEWAY: Final = (0.0, 5.0, 120.0, 8.0)
ENTRY: Final = (0.0, 60.0, 200.0, 60.0)
ENTRY_GATEWAY: Final = (0.0, 10.0, 80.0, 10.0)
ENTRY_BACK: Final = (40.0, 20.0, 200.0, 20.0)

State = tuple[int, int, int]
"""A grid point and the direction of going on; `ARRIVED` is added to it at the end of the edge."""
Way = list[Point]


class Router:
    """Draws edges one after the other and remembers where they run."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.xs = [line.at for line in grid.across]
        self.ys = [line.at for line in grid.down]
        self.segments: dict[tuple[Point, bool], list[Edge]] = defaultdict(list)
        self.points: dict[Point, list[tuple[Edge, frozenset[bool]]]] = defaultdict(list)
        self.leaving: dict[Edge, int] = {}
        self.arriving: dict[Edge, int] = {}
        self.ports_of = {node: set(self.ports(node)) for node in grid.scope.nodes}

    def route_all(self, edges: list[Edge]) -> dict[Edge, Way]:
        """The points of all edges, the simple ones first."""
        ways: dict[Edge, Way] = {}
        for edge in sorted(edges, key=_difficulty):
            ways[edge] = self.route(edge)
        return ways

    def route(self, edge: Edge) -> Way:
        """The cheapest way of one edge, as grid points from the middle of its source to that of its target."""
        best: dict[State, float] = {}
        before: dict[State, State] = {}
        queue: list[tuple[float, float, State]] = []
        for state, cost in self.starts(edge):
            best[state] = cost
            heapq.heappush(queue, (cost + self.remaining(edge, state), cost, state))
        while queue:
            _, cost, state = heapq.heappop(queue)
            if cost > best[state]:
                continue
            if state[2] >= ARRIVED:
                return self.keep(edge, state, before)
            for after, price in self.steps(edge, state):
                total = cost + price
                if total < best.get(after, float("inf")):
                    best[after] = total
                    before[after] = state
                    heapq.heappush(queue, (total + self.remaining(edge, after), total, after))
        raise AssertionError(f"no way for {edge.id}")  # the outermost tracks are never blocked

    # ---- where edges begin and end -----------------------------------------------------------------------------------

    def starts(self, edge: Edge) -> Iterator[tuple[State, float]]:
        grid, node = self.grid, edge.source
        y = grid.y_of[node.row]
        if node.type == "participant":
            for x in range(*grid.extents[node]):
                yield from (((x, y, direction), 0.0) for direction in (DOWN, UP))
            return
        if edge.boundary:
            yield (grid.x_of[grid.middle(node), node.slots[edge.boundary]], y, DOWN), 0.0
            return
        prices = EXIT_GATEWAY if node.type.endswith("Gateway") or edge.kind != "sequenceFlow" else EXIT_TASK
        for direction, x in self.ports(node):
            taken = any(other.target is node and self.arriving[other] == (direction + 2) % 4 for other in self.arriving)
            again = any(other.source is node and self.leaving[other] == direction for other in self.leaving)
            slot = direction == DOWN and bool(node.slots)
            yield (x, y, direction), prices[direction] + 400.0 * taken + 300.0 * again + 120.0 * slot

    def ports(self, node: Node) -> Iterator[tuple[int, int]]:
        """The directions in which a node can be left, each with the line on which that begins."""
        grid = self.grid
        if node.type == "participant":
            return
        yield RIGHT, grid.x_of[node.column + node.span - 1, 0]
        yield LEFT, grid.x_of[node.column, 0]
        yield UP, grid.x_of[grid.middle(node), 0]
        yield DOWN, grid.x_of[grid.middle(node), 0]

    def at_port(self, node: Node, x: int, direction: int) -> bool:
        return node.type == "participant" or ((direction + 2) % 4, x) in self.ports_of[node]

    def remaining(self, edge: Edge, state: State) -> float:
        """Never more than what is still to come."""
        first, last = self.grid.extents[edge.target]
        x = self.xs[state[0]]
        across = max(0.0, self.xs[first] - x, x - self.xs[last - 1])
        return across + abs(self.ys[state[1]] - self.ys[self.grid.y_of[edge.target.row]])

    # ---- going on ----------------------------------------------------------------------------------------------------

    def steps(self, edge: Edge, state: State) -> Iterator[tuple[State, float]]:
        x, y, direction = state
        owned = (x, y) in self.grid.owner
        for turn in (direction,) if owned else (direction, (direction + 1) % 4, (direction + 3) % 4):
            after = (x + STEP[turn][0], y + STEP[turn][1])
            if not (0 <= after[0] < len(self.xs) and 0 <= after[1] < len(self.ys)):
                continue
            owner = self.grid.owner.get(after)
            if owner is not None and not self.enters(edge, owner, after[0], turn, owned):
                continue
            price = abs(self.xs[after[0]] - self.xs[x]) + abs(self.ys[after[1]] - self.ys[y])
            if turn != direction:
                price += BEND + self.off_middle((x, y), turn)
            if not owned:
                price += self.meeting(edge, (x, y), frozenset({turn % 2 == 0, direction % 2 == 0}))
            price += self.along(edge, (x, y), after, turn)
            if owner is edge.target and self.at_port(edge.target, after[0], turn):
                yield (*after, turn + ARRIVED), price + self.entry(edge, turn)
            else:
                yield (*after, turn), price

    def enters(self, edge: Edge, owner: Node, x: int, direction: int, inside: bool) -> bool:
        """A node is a wall for all but its own edges, and these come in straight; an empty pool lets messages pass."""
        if owner.type == "participant":
            return edge.kind == "messageFlow" and direction % 2 == 1
        if owner is edge.source and inside:
            return True
        if owner is edge.target:
            return direction % 2 == 0 or self.at_port(owner, x, direction)
        return False

    def entry(self, edge: Edge, direction: int) -> float:
        node = edge.target
        if edge.kind != "sequenceFlow":
            return 0.0
        side = (direction + 2) % 4
        out = any(other.source is node and self.leaving[other] == side for other in self.leaving)
        slot = side == DOWN and bool(node.slots)
        gateway = node.type.endswith("Gateway")
        prices = ENTRY_BACK if edge.back else ENTRY_GATEWAY if gateway else ENTRY
        return prices[direction] + 400.0 * out + 120.0 * slot

    def off_middle(self, point: Point, turn: int) -> float:
        line = self.grid.down[point[1]] if turn % 2 == 0 else self.grid.across[point[0]]
        return 4.0 if line.track is None else abs(line.track - TRACKS / 2) * OFF_MIDDLE

    def meeting(self, edge: Edge, point: Point, directions: frozenset[bool]) -> float:
        """What it costs to pass a point where other edges are."""
        price = 0.0
        for other, theirs in self.points.get(point, ()):
            if _may_merge(edge, other):
                price += 0.0 if edge.target is other.target else SPLITTING
            elif len(directions) == len(theirs) == 1:
                price += CROSSING if directions != theirs else 0.0
            else:
                price += TOUCHING
        return price

    def along(self, edge: Edge, point: Point, after: Point, turn: int) -> float:
        others = self.segments.get((min(point, after), turn % 2 == 0), ())
        return sum(0.0 if _may_merge(edge, other) else ALONG for other in others)

    def keep(self, edge: Edge, state: State, before: dict[State, State]) -> Way:
        states = [state]
        while states[-1] in before:
            states.append(before[states[-1]])
        states.reverse()
        self.leaving[edge], self.arriving[edge] = states[0][2], states[-1][2] % ARRIVED
        for (x, y, direction), (to_x, to_y, turn) in pairwise(states):
            self.segments[min((x, y), (to_x, to_y)), turn % 2 == 0].append(edge)
            self.points[x, y].append((edge, frozenset({direction % 2 == 0, turn % 2 == 0})))
        return [(x, y) for x, y, _ in states]


def _may_merge(edge: Edge, other: Edge) -> bool:
    """Edges that end in the same node may run together at their end, those of one gateway at their beginning."""
    if "essageFlow" in edge.kind + other.kind or edge.kind != other.kind:
        return False
    same_start = edge.source is other.source and edge.boundary == other.boundary
    return edge.target is other.target or same_start


def _difficulty(edge: Edge) -> tuple[int, int, int]:
    kind = 0 if edge.kind == "sequenceFlow" else 1
    distance = abs(edge.target.column - edge.source.column) + abs(edge.target.row - edge.source.row)
    return kind, 1 if edge.back else 0, distance
