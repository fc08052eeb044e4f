"""What is wrong with a picture: missing shapes, overlaps, edges through nodes, labels on top of each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from engine.layout.graph import ARTIFACTS, Node, Scope, read_scopes
from engine.layout.labels import strips
from engine.layout.picture import Box, Picture, read_picture
from engine.xml import read_xml

TOLERANCE: Final = 0.5


def complaints(content: bytes, name: str = "file") -> list[str]:
    """One sentence for each fault of the pictures of a file; a file without a picture has one."""
    pictures = {picture.element: picture for picture in read_picture(content, name)}
    found: list[str] = []
    for scope in read_scopes(read_xml(content, name)):
        picture = pictures.get(scope.plane)
        found += _Check(scope, picture).all() if picture else [f"{scope.plane}: no picture"]
    return found


class _Check:
    """The faults of one plane, and of the subprocesses on it."""

    def __init__(self, scope: Scope, picture: Picture) -> None:
        self.scope = scope
        self.picture = picture
        self.nodes = {node.id: node for node in scope.nodes if node.type != "participant"}

    def all(self) -> list[str]:
        if missing := list(self.missing()):
            return missing
        inner = [
            fault
            for node in self.nodes.values()
            if node.inner is not None and not self.is_collapsed(node)
            for fault in _Check(node.inner, self.picture).all()
        ]
        return [*self.overlaps(), *self.lanes(), *self.boundaries(), *self.crossings(), *self.labels(), *inner]

    def is_collapsed(self, node: Node) -> bool:
        return self.picture.shapes[node.id].attributes.get("isExpanded") != "true"

    def missing(self) -> Iterator[str]:
        for node in self.scope.nodes:
            for key in (node.id, *node.slots):
                if key not in self.picture.shapes:
                    yield f"{key}: no shape"
        for edge in self.scope.edges:
            if len(self.picture.lines[edge.id].spots if edge.id in self.picture.lines else ()) < 2:
                yield f"{edge.id}: no edge"

    def overlaps(self) -> Iterator[str]:
        for one, other in combinations(self.nodes, 2):
            if self.box(one).overlaps(self.box(other), -TOLERANCE):
                yield f"{one}: overlaps {other}"

    def lanes(self) -> Iterator[str]:
        """Every node lies in its lane."""
        leaves = {lane.first: lane.id for pool in self.scope.pools for lane in pool.lanes if lane.first == lane.last}
        for node in self.nodes.values():
            lane = None if node.type in ARTIFACTS else leaves.get(node.lane)
            if lane and lane in self.picture.shapes and not self.box(lane).holds(self.box(node.id)):
                yield f"{node.id}: outside its lane {lane}"

    def boundaries(self) -> Iterator[str]:
        for node in self.nodes.values():
            host = self.box(node.id)
            for key in node.slots:
                box = self.box(key)
                x, y = box.x + box.width / 2, box.y + box.height / 2
                beside_x = min(abs(x - host.x), abs(x - host.right))
                beside_y = min(abs(y - host.y), abs(y - host.bottom))
                if min(beside_x, beside_y) > 2:
                    yield f"{key}: not on the border of {node.id}"

    def crossings(self) -> Iterator[str]:
        """No edge passes through a node that is not its own."""
        for edge in self.scope.edges:
            own = {edge.source.id, edge.target.id}
            segments = list(strips(self.picture.lines[edge.id].spots))
            for node in self.nodes.values():
                boxes = {key: self.box(key) for key in (node.id, *node.slots)}
                for key, box in boxes.items():
                    mine = node.id in own or key == edge.boundary
                    if not mine and any(box.overlaps(segment, -TOLERANCE) for segment in segments):
                        yield f"{edge.id}: passes through {key}"

    def labels(self) -> Iterator[str]:
        """No label lies on a node, another label or an edge."""
        named = [(key, label) for key in self.named() if (label := self.label(key))]
        for (one, box), (other, other_box) in combinations(named, 2):
            if box.overlaps(other_box, -TOLERANCE):
                yield f"{one}: its label overlaps that of {other}"
        for key, box in named:
            for node in self.nodes.values():
                for shape in (node.id, *node.slots):
                    if self.covers(box, node, shape):
                        yield f"{key}: its label overlaps {shape}"
            for edge in self.scope.edges:
                if any(box.overlaps(strip, -TOLERANCE) for strip in strips(self.picture.lines[edge.id].spots)):
                    yield f"{key}: its label lies on {edge.id}"

    def covers(self, label: Box, node: Node, shape: str) -> bool:
        """Whether a label lies on a shape; the corners of a gateway's bounds are free."""
        box = self.box(shape)
        if not node.type.endswith("Gateway"):
            return label.overlaps(box, -TOLERANCE)
        x, y = box.x + box.width / 2, box.y + box.height / 2
        beside_x = max(label.x - x, 0, x - label.right) / (box.width / 2)
        beside_y = max(label.y - y, 0, y - label.bottom) / (box.height / 2)
        return beside_x + beside_y < 1 - TOLERANCE / 10

    def named(self) -> Iterator[str]:
        for node in self.nodes.values():
            yield node.id
            yield from node.slots
        yield from (edge.id for edge in self.scope.edges)

    def label(self, key: str) -> Box | None:
        shape, line = self.picture.shapes.get(key), self.picture.lines.get(key)
        return shape.label if shape else line.label if line else None

    def box(self, key: str) -> Box:
        return self.picture.shapes[key].box
