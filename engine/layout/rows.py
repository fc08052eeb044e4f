"""The row of every node: paths through a lane stay in one row, branches get rows of their own below or above."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from engine.layout.graph import ARTIFACTS, Edge, Node, Scope

SEARCHED: Final = 200
ABOVE: Final = 1.2
"""What a row above costs compared with a row below: branches hang below unless that is farther."""


def assign_rows(scope: Scope) -> None:
    """Set `row` of all nodes, counted over all lanes from above."""
    _Rows(scope).assign()
    _number(scope)


class _Rows:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.leaving: dict[Node, list[Edge]] = defaultdict(list)
        self.entering: dict[Node, list[Edge]] = defaultdict(list)
        for edge in scope.edges:
            if (edge.kind == "sequenceFlow" or edge.boundary) and not edge.back:
                self.leaving[edge.source].append(edge)
                self.entering[edge.target].append(edge)
        self.length: dict[Node, int] = {}
        self.taken: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        self.placed: set[Node] = set()

    def assign(self) -> None:
        ordered = sorted(self.scope.nodes, key=lambda node: node.column)
        for node in reversed(ordered):
            self.length[node] = 1 + max((self.length[edge.target] for edge in self.leaving[node]), default=0)
        for node in ordered:
            if node not in self.placed and node.type not in ARTIFACTS and not node.event_subprocess:
                self.place(self.chain(node))
        for node in ordered:
            if node.type in ARTIFACTS:
                self.place_artifact(node)
        lowest = defaultdict[int, int](int)
        for node in self.placed:
            lowest[node.lane] = max(lowest[node.lane], node.row)
        for node in ordered:
            if node.event_subprocess:
                node.row = lowest[node.lane] + 1

    def chain(self, node: Node) -> list[Node]:
        """The nodes that go on in one row: always the longest way onwards within the lane."""
        chain = [node]
        while True:
            onwards = [
                edge.target
                for edge in self.leaving[chain[-1]]
                if not edge.boundary and edge.target.lane == node.lane and edge.target not in self.placed
            ]
            onwards = [target for target in onwards if target not in chain]
            if not onwards:
                return chain
            chain.append(max(onwards, key=lambda target: self.length[target]))

    def place(self, chain: list[Node]) -> None:
        first, last = chain[0], chain[-1]
        wanted, start, below = self.wish(first)
        end = last.column + last.span - 1
        for edge in self.leaving[last]:
            if edge.target.lane == first.lane and edge.target in self.placed:
                end = max(end, edge.target.column - 1)
        rows = [wanted + below + offset for offset in range(SEARCHED)]
        if not below:
            rows += [wanted - offset for offset in range(1, SEARCHED)]
        rows.sort(key=lambda row: abs(row - wanted) * (ABOVE if row < wanted else 1))
        row = next(row for row in rows if self.free(first.lane, row, first.column if row == wanted else start, end))
        self.taken[first.lane, row].append((first.column if row == wanted else start, end))
        for node in chain:
            node.row = row
            self.placed.add(node)

    def wish(self, node: Node) -> tuple[int, int, int]:
        """The row a path would like, the column from which its line comes, and 1 when it has to be below."""
        edges = [edge for edge in self.entering[node] if edge.source in self.placed and edge.source.lane == node.lane]
        if not edges:
            return 0, node.column, 0
        edge = min(edges, key=lambda edge: (edge.boundary is not None, node.column - edge.source.column))
        return edge.source.row, edge.source.column, 1 if edge.boundary else 0

    def free(self, lane: int, row: int, start: int, end: int) -> bool:
        return all(end < first or last < start for first, last in self.taken[lane, row])

    def place_artifact(self, node: Node) -> None:
        """Above what it belongs to where that is free, else below."""
        others = [edge.source if edge.target is node else edge.target for edge in self.scope.edges
                  if node in (edge.source, edge.target)]  # fmt: skip
        wanted = others[0].row if others else 0
        rows = sorted(range(wanted - SEARCHED, wanted + SEARCHED), key=lambda row: (abs(row - wanted), row))
        node.row = next(row for row in rows if self.free(node.lane, row, node.column, node.column))
        self.taken[node.lane, node.row].append((node.column, node.column))
        self.placed.add(node)


def _number(scope: Scope) -> None:
    """Count the rows that are used, over all lanes; an empty lane keeps one row."""
    used: dict[int, set[int]] = {lane: set() for lane in range(scope.lane_count)}
    for node in scope.nodes:
        used[node.lane].add(node.row)
    numbers: dict[tuple[int, int], int] = {}
    for lane in range(scope.lane_count):
        for row in sorted(used[lane]) or [0]:
            numbers[lane, row] = len(numbers)
    for node in scope.nodes:
        node.row = numbers[node.lane, node.row]
    scope.lane_rows = [
        [number for (at, _), number in numbers.items() if at == lane] for lane in range(scope.lane_count)
    ]
