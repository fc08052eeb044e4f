"""The column of every node: the longest path that leads to it, flows that go back turned round."""

from __future__ import annotations

from engine.layout.graph import ARTIFACTS, Edge, Node, Scope


def assign_columns(scope: Scope) -> None:
    """Set `column` of all nodes and `back` of all edges."""
    flows = [edge for edge in scope.edges if _leads(edge)]
    leaving: dict[Node, list[Edge]] = {node: [] for node in scope.nodes}
    for edge in flows:
        leaving[edge.source].append(edge)
    order = _ordered(scope, leaving, {edge.target for edge in flows})
    for node in order:
        for edge in leaving[node]:
            if not edge.back:
                edge.target.column = max(edge.target.column, node.column + node.span)
    _loose(scope)


def _leads(edge: Edge) -> bool:
    """Sequence flows give the direction, and so does the way from a compensation event to its handler."""
    return edge.kind == "sequenceFlow" or (edge.kind == "association" and edge.boundary is not None)


def _ordered(scope: Scope, leaving: dict[Node, list[Edge]], entered: set[Node]) -> list[Node]:
    """The nodes so that every edge that is not `back` leads onwards (depth first from what nothing leads to)."""
    done, active, order = set[Node](), set[Node](), list[Node]()
    for root in sorted(scope.nodes, key=lambda node: node in entered):
        if root in done:
            continue
        done.add(root)
        active.add(root)
        stack = [(root, iter(leaving[root]))]
        while stack:
            node, edges = stack[-1]
            edge = next(edges, None)
            if edge is None:
                stack.pop()
                active.discard(node)
                order.append(node)
            elif edge.target in active:
                edge.back = True
            elif edge.target not in done:
                done.add(edge.target)
                active.add(edge.target)
                stack.append((edge.target, iter(leaving[edge.target])))
    return order[::-1]


def _loose(scope: Scope) -> None:
    """Artifacts stand in the column of what they belong to, event subprocesses one after the other."""
    for edge in scope.edges:
        for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
            if one.type in ARTIFACTS and other.type not in ARTIFACTS:
                one.column = other.column
    column = 0
    for node in scope.nodes:
        if node.event_subprocess:
            node.column = column
            column += node.span
