"""Where the names of flows stand: beside their beginning, clear of everything else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from engine.layout.graph import Edge, Scope
from engine.layout.picture import Box, Picture, Spot
from engine.layout.routing import Router
from engine.layout.text import text_size

AIR: Final = 4
STEP: Final = 8


class Labels:
    """Places labels one after the other; each one is then in the way of the next."""

    def __init__(self, picture: Picture, scope: Scope, router: Router) -> None:
        self.picture = picture
        self.edges = scope.edges
        self.taken = [picture.shapes[key].box for node in scope.nodes if node.type != "participant"
                      for key in (node.id, *node.slots)]  # fmt: skip
        self.taken += [shape.label for shape in picture.shapes.values() if shape.label]
        self.thin = {edge.id: list(strips(picture.lines[edge.id].spots)) for edge in scope.edges}
        lanes = [picture.shapes[lane.id].box for pool in scope.pools for lane in pool.lanes]
        self.borders = [Box(box.x, y, box.width, 1) for box in lanes for y in (box.y, box.bottom)]

    def place(self) -> None:
        """Set the label of every named flow."""
        for edge in self.edges:
            if edge.name:
                label = self.found(edge)
                self.picture.lines[edge.id].label = label
                self.taken.append(label)

    def found(self, edge: Edge) -> Box:
        """The nearest free place; where there is none, the one at the beginning."""
        spots = self.picture.lines[edge.id].spots
        for alone in (True, False):
            for widest in (84, 56, 112):
                for box, anchor in places(spots, *text_size(edge.name, widest)):
                    if self.is_free(box) and not (alone and self.is_shared(edge, anchor)):
                        return box
        return next(places(spots, *text_size(edge.name)))[0]

    def is_free(self, box: Box) -> bool:
        return (
            not any(box.overlaps(other, 1) for other in self.taken)
            and not any(box.overlaps(other) for other in self.borders)
            and not any(box.overlaps(strip, 1) for strips_of in self.thin.values() for strip in strips_of)
        )

    def is_shared(self, edge: Edge, anchor: Spot) -> bool:
        """Whether another edge runs here too, so that nobody could tell whose name it is."""
        spot = Box(anchor.x - 1, anchor.y - 1, 2, 2)
        return any(
            spot.overlaps(strip) for key, strips_of in self.thin.items() if key != edge.id for strip in strips_of
        )


def strips(spots: list[Spot]) -> Iterator[Box]:
    """The segments of an edge as thin boxes."""
    for one, other in pairwise(spots):
        x, y = min(one.x, other.x), min(one.y, other.y)
        yield Box(x, y, abs(one.x - other.x) + 0.1, abs(one.y - other.y) + 0.1)


def places(spots: list[Spot], width: float, height: float) -> Iterator[tuple[Box, Spot]]:
    """Places beside an edge with the points they belong to, from its beginning onwards."""
    for one, other in pairwise(spots):
        length = abs(one.x - other.x) + abs(one.y - other.y)
        sign_x, sign_y = _sign(other.x - one.x), _sign(other.y - one.y)
        extent = width if sign_x else height
        for start in range(6, max(7, int(length - extent) + 1), STEP):
            middle = start + extent / 2
            anchor = Spot(one.x + sign_x * middle, one.y + sign_y * middle)
            x, y = anchor.x - width / 2, anchor.y - height / 2
            if sign_x:
                yield Box(x, anchor.y - AIR - height, width, height), anchor
                yield Box(x, anchor.y + AIR, width, height), anchor
            else:
                yield Box(anchor.x + AIR, y, width, height), anchor
                yield Box(anchor.x - AIR - width, y, width, height), anchor


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
