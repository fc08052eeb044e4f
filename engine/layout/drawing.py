"""From the order of columns and rows to coordinates."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import ceil
from typing import Final

from engine.layout.columns import assign_columns
from engine.layout.graph import EVENT, Edge, Node, Scope, read_scopes
from engine.layout.grid import TRACKS, Grid
from engine.layout.labels import Labels
from engine.layout.picture import Box, Line, Picture, Shape, Spot, with_pictures
from engine.layout.routing import DOWN, RIGHT, UP, Router, Way
from engine.layout.rows import assign_rows
from engine.layout.text import LABEL_WIDTH, text_size, text_width
from engine.xml import read_xml

HEADER: Final = 30
TRACK: Final = 14
LEAD: Final = 22
NARROWEST: Final = 40
LANE_AIR: Final = 16
POOL_AIR: Final = 50
INNER_AIR: Final = 20
CORNER: Final = 100
SPANNED: Final = 200
"""About the width of a column with its gap: a wide subprocess spans several."""


def lay_out(content: bytes, name: str = "file") -> bytes:
    """The file with a new picture of each of its planes; everything else stays byte for byte."""
    pictures = [_Drawing(scope).picture(CORNER, CORNER - 20) for scope in read_scopes(read_xml(content, name))]
    return with_pictures(content, pictures)


class _Drawing:
    """One scope on its grid."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.inner: dict[Node, Picture] = {}
        for node in scope.nodes:
            if node.inner is not None:
                self.open(node, node.inner)
        assign_columns(scope)
        assign_rows(scope)
        self.grid = Grid(scope)
        self.router = Router(self.grid)
        self.ways = self.router.route_all(scope.edges)
        self.used_across, self.used_down = self.used_tracks()
        self.label_sizes = {node: text_size(node.name) for node in scope.nodes if node.labelled_outside}

    def open(self, node: Node, inner: Scope) -> None:
        """Lay out the inside of a subprocess first: it says how large the subprocess is."""
        drawing = _Drawing(inner)
        self.inner[node] = drawing.picture(0, 0)
        node.width = max(node.width, ceil(drawing.width) + 2 * INNER_AIR)
        node.height = ceil(drawing.height) + 2 * INNER_AIR + 10
        node.span = max(1, ceil(node.width / SPANNED))

    def used_tracks(self) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        """The tracks of each gap along which an edge runs."""
        across, down = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
        for way in self.ways.values():
            for (x, y), (to_x, _) in pairwise(way):
                line = self.grid.across[x] if x == to_x else self.grid.down[y]
                if line.track is not None:
                    (across if x == to_x else down)[line.cell].add(line.track)
        return {cell: sorted(used) for cell, used in across.items()}, {
            cell: sorted(used) for cell, used in down.items()
        }

    # ---- coordinates -------------------------------------------------------------------------------------------------

    def picture(self, left: float, top: float) -> Picture:
        """The picture with its upper left corner at this place."""
        self.set_across(left)
        self.set_down(top)
        picture = Picture(self.scope.plane)
        self.draw_pools(picture, left)
        for node in self.scope.nodes:
            self.draw_node(picture, node)
        for edge in self.scope.edges:
            picture.lines[edge.id] = Line(self.spots(edge, self.ways[edge]))
        Labels(picture, self.scope, self.router).place()
        for node, inner in self.inner.items():
            box = self.boxes[node]
            picture.add(inner, box.x + INNER_AIR, box.y + INNER_AIR + 10)
        return picture

    def set_across(self, left: float) -> None:
        """Where the lines across are: `self.x`."""
        self.depth = 1 + max((lane.depth for pool in self.scope.pools for lane in pool.lanes), default=-1)
        self.pooled = any(pool.id for pool in self.scope.pools)
        self.x: list[float] = []
        lefts, rights = self.widths()
        leads = self.leads(rights)
        at = left + HEADER * (self.depth + self.pooled)
        self.lefts: list[float] = []
        for column in range(self.grid.columns + 1):
            at = self.gap(self.x, self.used_across.get(column, []), at, leads[column], column in (0, self.grid.columns))
            if column == self.grid.columns:
                break
            middle = at + lefts[column]
            self.x += [middle + line.offset for line in self.grid.across if line.cell == column and line.track is None]
            self.lefts.append(at)
            at = middle + rights[column]
            for node in self.scope.nodes:
                if node.span > 1 and node.column + node.span - 1 == column:
                    at = max(at, self.lefts[node.column] + node.width)
        names = (text_width(pool.name) for pool in self.scope.pools if pool.black_box)
        self.right = max(at, left + max(names, default=0) + 40)
        self.left, self.width = left, self.right - left

    def gap(self, into: list[float], used: list[int], at: float, lead: float, outside: bool) -> float:
        """Add the tracks of one gap; where it ends."""
        after = LEAD if not outside or used else 10
        places = [at + lead + TRACK * index for index in range(len(used))]
        width = max(NARROWEST if not outside else 20, lead + TRACK * (len(used) - 1) + after if used else lead + 8)
        slack = (width - lead - TRACK * (len(used) - 1) - after) / 2 if used else 0.0
        for track in range(TRACKS):
            into.append(places[used.index(track)] + slack if track in used else at + width / 2)
        return at + width

    def widths(self) -> tuple[list[float], list[float]]:
        """How far each column reaches to the left and right of its middle."""
        lefts, rights = ([20.0] * self.grid.columns for _ in range(2))
        for node in self.scope.nodes:
            if node.type == "participant":
                continue
            column, label = self.grid.middle(node), self.label_sizes.get(node, (0, 0))[0] / 2
            crossed = {UP, DOWN} <= self.sides(node)
            left = max(label, *(abs(each) + 24 for each in node.slots.values()), 20)
            right = max(label, (label * 2 + 6) * crossed, *(abs(each) + 24 for each in node.slots.values()), 20)
            if node.span == 1:
                left, right = max(left, node.width / 2), max(right, node.width / 2)
            for key, offset in node.slots.items():
                width = text_size(self.scope.boundary_names.get(key, ""))[0] + 6
                if offset > 0 and len(node.slots) > 1:
                    right = max(right, offset + width)
                else:
                    left = max(left, width - offset)
            lefts[column], rights[column] = max(lefts[column], left), max(rights[column], right)
        return lefts, rights

    def leads(self, rights: list[float]) -> list[float]:
        """The room after each column before the first track: what is written on flows that leave to the right."""
        leads = [20.0, *([float(LEAD)] * self.grid.columns)]
        for edge in self.scope.edges:
            if edge.name and self.router.leaving[edge] == RIGHT:
                column = edge.source.column + edge.source.span - 1
                reach = edge.source.width / 2 if edge.source.span == 1 else 20
                need = text_size(edge.name)[0] + 14 - (rights[column] - reach)
                leads[column + 1] = max(leads[column + 1], need)
        return leads

    def sides(self, node: Node) -> set[int]:
        """The sides of a node on which an edge begins or ends."""
        return {self.router.leaving[edge] for edge in self.scope.edges if edge.source is node and not edge.boundary} | {
            (self.router.arriving[edge] + 2) % 4 for edge in self.scope.edges if edge.target is node
        }

    def set_down(self, top: float) -> None:
        """Where the lines down are, and the bounds of lanes and pools."""
        self.y: list[float] = []
        ups, downs = self.heights()
        first_rows = {rows[0]: lane for lane, rows in enumerate(self.scope.lane_rows)}
        new_pools = {pool.first for pool in self.scope.pools[1:]}
        names = {lane.first: lane.name for pool in self.scope.pools for lane in pool.lanes if lane.first == lane.last}
        names |= {pool.first: pool.name for pool in self.scope.pools if pool.first == pool.last and not pool.black_box}
        self.lane_top: list[float] = []
        self.lane_bottom: list[float] = []
        at = top
        for row in range(self.grid.rows + 1):
            used = self.used_down.get(row, [])
            border = row == self.grid.rows or row in first_rows
            if not border:
                at = self.between(used, at)
                self.y.append(at + ups[row])
                at += ups[row] + downs[row]
                continue
            above = [track for track in used if track < TRACKS / 2] if row else []
            below = [track for track in used if track not in above]
            if row == self.grid.rows:
                above, below = used, []
            offsets: dict[int, float] = {}
            if row:
                offsets = {track: at + LANE_AIR + TRACK * index for index, track in enumerate(above)}
                at += LANE_AIR + TRACK * len(above)
                lane = len(self.lane_top) - 1
                at = max(at, self.lane_top[lane] + text_width(names.get(lane, "")) + 16)
                self.lane_bottom.append(at)
            if row < self.grid.rows:
                at += POOL_AIR * (first_rows[row] in new_pools)
                self.lane_top.append(at)
                offsets |= {track: at + LANE_AIR + TRACK * index for index, track in enumerate(below)}
                at += LANE_AIR + TRACK * len(below)
            self.y += [offsets.get(track, at) for track in range(TRACKS)]
            if row < self.grid.rows:
                self.y.append(at + ups[row])
                at += ups[row] + downs[row]
        self.top, self.height = top, at - top

    def between(self, used: list[int], at: float) -> float:
        """Add the tracks of the gap between two rows of a lane; where it ends."""
        places = {track: at + LANE_AIR + TRACK * index for index, track in enumerate(used)}
        end = at + max(24.0, 2 * LANE_AIR + TRACK * (len(used) - 1) if used else 0.0)
        self.y += [places.get(track, (at + end) / 2) for track in range(TRACKS)]
        return end

    def heights(self) -> tuple[list[float], list[float]]:
        """How far each row reaches above and below its middle."""
        ups, downs = ([22.0] * self.grid.rows for _ in range(2))
        for node in self.scope.nodes:
            label = self.label_sizes.get(node, (0, 0))[1]
            up = down = node.height / 2
            if label:
                above = self.label_above(node)
                up, down = up + (label + 4) * above, down + (label + 4) * (not above)
            for key in node.slots:
                down = max(down, node.height / 2 + 22 + text_size(self.scope.boundary_names.get(key, ""))[1])
            ups[node.row], downs[node.row] = max(ups[node.row], up), max(downs[node.row], down)
        return ups, downs

    def label_above(self, node: Node) -> bool:
        """A gateway's name stands above it and an event's below, unless an edge is there."""
        sides = self.sides(node)
        if node.type.endswith("Gateway"):
            return UP not in sides or DOWN in sides
        return DOWN in sides and UP not in sides

    # ---- shapes ------------------------------------------------------------------------------------------------------

    def draw_pools(self, picture: Picture, left: float) -> None:
        flat = {"isHorizontal": "true"}
        self.boxes: dict[Node, Box] = {}
        for pool in self.scope.pools:
            top, bottom = self.lane_top[pool.first], self.lane_bottom[pool.last]
            if pool.id:
                picture.shapes[pool.id] = Shape(Box(left, top, self.right - left, bottom - top), None, flat)
            if pool.black_box:
                self.boxes[pool.black_box] = picture.shapes[pool.id].box
            for lane in pool.lanes:
                x = left + HEADER * (lane.depth + self.pooled)
                top, bottom = self.lane_top[lane.first], self.lane_bottom[lane.last]
                picture.shapes[lane.id] = Shape(Box(x, top, self.right - x, bottom - top), None, flat)

    def draw_node(self, picture: Picture, node: Node) -> None:
        if node.type == "participant":
            return
        x, y = self.x[self.grid.x_of[self.grid.middle(node), 0]], self.y[self.grid.y_of[node.row]]
        box = Box(x - node.width / 2, y - node.height / 2, node.width, node.height)
        if node.span > 1:
            start = self.lefts[node.column]
            end = self.x[self.grid.x_of[node.column + node.span - 1, 0]] + 20
            box = Box(start, box.y, max(node.width, end - start), box.height)
        self.boxes[node] = box
        attributes: dict[str, str] = {}
        if node.inner is not None:
            attributes["isExpanded"] = "true"
        if node.type == "exclusiveGateway":
            attributes["isMarkerVisible"] = "true"
        picture.shapes[node.id] = Shape(box, self.node_label(node, box), attributes)
        for key, offset in node.slots.items():
            spot = Box(x + offset - EVENT / 2, box.bottom - EVENT / 2, EVENT, EVENT)
            picture.shapes[key] = Shape(spot, self.slot_label(node, key, offset, spot))

    def node_label(self, node: Node, box: Box) -> Box | None:
        if node not in self.label_sizes:
            return None
        width, height = self.label_sizes[node]
        x = box.x + box.width / 2 - width / 2
        if {UP, DOWN} <= self.sides(node):
            x = box.x + box.width / 2 + 5
        y = box.y - 4 - height if self.label_above(node) else box.bottom + 4
        return Box(x, y, width, height)

    def slot_label(self, node: Node, key: str, offset: int, spot: Box) -> Box | None:
        name = self.scope.boundary_names.get(key, "")
        if not name:
            return None
        width, height = text_size(name, LABEL_WIDTH)
        middle = spot.x + EVENT / 2
        to_right = offset > 0 and len(node.slots) > 1
        return Box(middle + 5 if to_right else middle - 5 - width, spot.bottom + 2, width, height)

    # ---- edges -------------------------------------------------------------------------------------------------------

    def spots(self, edge: Edge, way: Way) -> list[Spot]:
        """Corners of an edge, from border to border."""
        points = [Spot(self.x[x], self.y[y]) for x, y in way]
        points = [points[0], *(point for before, point in pairwise(points) if point != before)]
        corners = [points[0]]
        for before, point, after in zip(points, points[1:], points[2:], strict=False):
            if (before.x == point.x) != (point.x == after.x):
                corners.append(point)
        corners.append(points[-1])
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        corners[0] = _border(source, corners[0], self.router.leaving[edge], EVENT / 2 if edge.boundary else 0)
        corners[-1] = _border(target, corners[-1], (self.router.arriving[edge] + 2) % 4)
        return corners


def _border(box: Box, spot: Spot, side: int, further: float = 0) -> Spot:
    if side == RIGHT:
        return Spot(box.right, spot.y)
    if side == DOWN:
        return Spot(spot.x, box.bottom + further)
    if side == UP:
        return Spot(spot.x, box.y)
    return Spot(box.x, spot.y)
