"""A picture: where shapes, edges and labels are. Read from the diagram interchange of a file, and written into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

from engine.xml import Element, read_xml

DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
WAY: Final = "http://www.omg.org/spec/DD/20100524/DI"


class Box(NamedTuple):
    """Bounds of a shape or a label."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def moved(self, x: float, y: float) -> Box:
        return Box(self.x + x, self.y + y, self.width, self.height)

    def overlaps(self, other: Box, air: float = 0.0) -> bool:
        """Whether the two share more than a border, `air` apart."""
        return (
            self.x < other.right + air
            and other.x < self.right + air
            and self.y < other.bottom + air
            and other.y < self.bottom + air
        )

    def holds(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom


class Spot(NamedTuple):
    """A point of an edge."""

    x: float
    y: float


@dataclass
class Shape:
    """A node, lane or pool; `attributes` are those of the interchange beside the element."""

    box: Box
    label: Box | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class Line:
    """An edge with its waypoints."""

    spots: list[Spot]
    label: Box | None = None


@dataclass
class Picture:
    """One plane: `element` is the collaboration or process it shows."""

    element: str
    shapes: dict[str, Shape] = field(default_factory=dict[str, Shape])
    lines: dict[str, Line] = field(default_factory=dict[str, Line])

    def add(self, other: Picture, x: float, y: float) -> None:
        """Put the picture of a subprocess into this one."""
        for key, shape in other.shapes.items():
            self.shapes[key] = Shape(shape.box.moved(x, y), shape.label and shape.label.moved(x, y), shape.attributes)
        for key, line in other.lines.items():
            spots = [Spot(spot.x + x, spot.y + y) for spot in line.spots]
            self.lines[key] = Line(spots, line.label and line.label.moved(x, y))


def read_picture(content: bytes, name: str = "file") -> list[Picture]:
    """The pictures a file has, one for each plane."""
    return [_picture(plane) for plane in read_xml(content, name).iter(f"{{{DI}}}BPMNPlane")]


def _picture(plane: Element) -> Picture:
    picture = Picture(str(plane.get("bpmnElement")))
    for shape in plane.iter(f"{{{DI}}}BPMNShape"):
        box = _box(shape.find(f"{{{DC}}}Bounds"))
        if box is not None:
            drawn = Shape(box, _box(shape.find(f"{{{DI}}}BPMNLabel/{{{DC}}}Bounds")), dict(shape.attrib))
            picture.shapes[str(shape.get("bpmnElement"))] = drawn
    for edge in plane.iter(f"{{{DI}}}BPMNEdge"):
        spots = [Spot(float(at.get("x")), float(at.get("y"))) for at in edge.iter(f"{{{WAY}}}waypoint")]
        label = _box(edge.find(f"{{{DI}}}BPMNLabel/{{{DC}}}Bounds"))
        picture.lines[str(edge.get("bpmnElement"))] = Line(spots, label)
    return picture


def _box(bounds: Element | None) -> Box | None:
    if bounds is None:
        return None
    return Box(*(float(bounds.get(name)) for name in ("x", "y", "width", "height")))


def with_pictures(content: bytes, pictures: list[Picture]) -> bytes:
    """The file with these pictures instead of its own; every other byte stays."""
    spaces: dict[str | None, str] = read_xml(content).nsmap
    prefixes = {address: prefix for prefix, address in spaces.items()}
    writer = _Writer(prefixes)
    text = "\n".join(line for picture in pictures for line in writer.diagram(picture)).encode()
    mark = re.escape(_tag(prefixes, DI, "bpmndi", "BPMNDiagram").encode())
    old = re.compile(rb"<" + mark + rb"[\s>].*</" + mark + rb"\s*>", re.DOTALL)
    if found := old.search(content):
        return content[: found.start()] + text.lstrip() + content[found.end() :]
    end = content.rindex(b"</")
    return content[:end] + text + b"\n" + content[end:]


def _tag(prefixes: Mapping[str, str | None], address: str, usual: str, name: str) -> str:
    prefix = prefixes.get(address, usual)
    return f"{prefix}:{name}" if prefix else name


class _Writer:
    """Writes XML in the way modelling tools do."""

    def __init__(self, prefixes: Mapping[str, str | None]) -> None:
        self.names = {
            name: _tag(prefixes, address, usual, name)
            for address, usual, names in (
                (DI, "bpmndi", ("BPMNDiagram", "BPMNPlane", "BPMNShape", "BPMNEdge", "BPMNLabel")),
                (DC, "dc", ("Bounds",)),
                (WAY, "di", ("waypoint",)),
            )
            for name in names
        }
        usual = {DI: "bpmndi", DC: "dc", WAY: "di"}
        self.declared = "".join(f' xmlns:{usual[each]}="{each}"' for each in usual if each not in prefixes)

    def diagram(self, picture: Picture) -> Iterator[str]:
        names, key = self.names, picture.element.removesuffix("_collaboration")
        yield f'  <{names["BPMNDiagram"]} id="{key}_diagram"{self.declared}>'
        yield f'    <{names["BPMNPlane"]} id="{key}_plane" bpmnElement="{picture.element}">'
        for element, shape in picture.shapes.items():
            attributes = "".join(f" {name}={quoteattr(value)}" for name, value in shape.attributes.items())
            yield f'      <{names["BPMNShape"]} id="{element}_di" bpmnElement="{element}"{attributes}>'
            yield f"        {self.bounds(shape.box)}"
            yield from self.label(shape.label)
            yield f"      </{names['BPMNShape']}>"
        for element, line in picture.lines.items():
            yield f'      <{names["BPMNEdge"]} id="{element}_di" bpmnElement="{element}">'
            for spot in line.spots:
                yield f'        <{names["waypoint"]} x="{_number(spot.x)}" y="{_number(spot.y)}" />'
            yield from self.label(line.label)
            yield f"      </{names['BPMNEdge']}>"
        yield f"    </{names['BPMNPlane']}>"
        yield f"  </{names['BPMNDiagram']}>"

    def label(self, box: Box | None) -> Iterator[str]:
        if box is not None:
            yield f"        <{self.names['BPMNLabel']}>"
            yield f"          {self.bounds(box)}"
            yield f"        </{self.names['BPMNLabel']}>"

    def bounds(self, box: Box) -> str:
        x, y, width, height = map(_number, box)
        return f'<{self.names["Bounds"]} x="{x}" y="{y}" width="{width}" height="{height}" />'


def _number(value: float) -> str:
    return f"{round(value, 1):g}" if value < 100_000 else str(round(value))
