"""The grid on which edges run: the middle lines of columns and rows, and tracks in the gaps between them.

The grid has no coordinates yet, only an order and a rough measure; how wide a gap becomes depends on the tracks that
are used in the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.layout.graph import Node, Scope

TRACKS: Final = 8
ROUGH_CELL: Final = 70
ROUGH_ROW: Final = 45
ROUGH_TRACK: Final = 4

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid: the track of the gap before `cell`, or one in the cell at `offset` from its middle."""

    cell: int
    track: int | None = None
    offset: int = 0
    at: float = 0.0


class Grid:
    """Lines across and down, where they are, and which points belong to a node."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.columns = max((node.column + node.span for node in scope.nodes), default=1)
        self.rows = max((rows[-1] + 1 for rows in scope.lane_rows if rows), default=1)
        offsets = [{0} for _ in range(self.columns)]
        for node in scope.nodes:
            offsets[self.middle(node)] |= set(node.slots.values())
        self.across = _lines([sorted(each) for each in offsets], ROUGH_CELL)
        self.down = _lines([[0] for _ in range(self.rows)], ROUGH_ROW)
        self.x_of = {(line.cell, line.offset): at for at, line in enumerate(self.across) if line.track is None}
        self.y_of = {line.cell: at for at, line in enumerate(self.down) if line.track is None}
        self.extents = {node: self._extent(node) for node in scope.nodes}
        self.owner: dict[Point, Node] = {}
        for node in scope.nodes:
            for x in range(*self.extents[node]):
                self.owner[x, self.y_of[node.row]] = node

    def middle(self, node: Node) -> int:
        """The column from which a node's edges leave upwards and downwards."""
        return node.column + (node.span - 1) // 2

    def _extent(self, node: Node) -> tuple[int, int]:
        """The lines a node covers (from, to)."""
        if node.type == "participant":
            return 0, len(self.across)
        first = [at for (column, _), at in self.x_of.items() if column == node.column]
        last = [at for (column, _), at in self.x_of.items() if column == node.column + node.span - 1]
        return min(first), max(last) + 1


def _lines(cells: list[list[int]], rough: int) -> list[Line]:
    lines, at = list[Line](), 0.0
    for cell, offsets in enumerate(cells):
        for track in range(TRACKS):
            at += ROUGH_TRACK
            lines.append(Line(cell, track, at=at))
        at += rough
        lines += [Line(cell, None, offset, at + offset / 10) for offset in offsets]
        at += rough
    return lines + [Line(len(cells), track, at=at + (track + 1) * ROUGH_TRACK) for track in range(TRACKS)]
