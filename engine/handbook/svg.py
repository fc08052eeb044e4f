"""A diagram as SVG, drawn from its diagram interchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Final

from engine.diagram import Diagram, Element, EventKind
from engine.layout import Box, Line, Picture, Shape
from engine.layout.text import LINE, broken

MARGIN: Final = 20
HEADER: Final = 30
STYLE: Final = (
    "text{font:12px 'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;text-anchor:middle;fill:#222}"
    "rect,circle,path,polygon,polyline{fill:none;stroke:#222;stroke-width:1.5}"
    ".node{fill:#fff}.thick{stroke-width:3.5}.dashed{stroke-dasharray:5 3}.lane{stroke:#888;stroke-width:1}"
    ".arrow,.full{fill:#222}.thin{stroke-width:1}"
)
GATEWAYS: Final = {"exclusiveGateway": "M-7,-7 7,7M7,-7-7,7", "parallelGateway": "M0,-10V10M-10,0H10"}
BELOW_ICON: Final = 12
"""So much lower begins the room of a name of several lines, whose first would run into the icon."""
ICONS: Final = {
    "userTask": '<circle class="thin" cx="13" cy="10" r="3.5"/><path class="thin" d="M6,20c0,-8 14,-8 14,0z"/>',
    "serviceTask": '<circle class="thin" cx="13" cy="13" r="6"/><circle class="thin" cx="13" cy="13" r="2"/>',
    "businessRuleTask": '<path class="thin" d="M6,7h15v12h-15zM6,11h15M11,11v8"/>',
    "sendTask": '<path class="full thin" d="M6,8h15v10h-15z"/>',
    "receiveTask": '<path class="thin" d="M6,8h15v10h-15zl7.5,6l7.5,-6"/>',
    "scriptTask": '<path class="thin" d="M7,7h12v12h-12zM9,10h8M9,13h8M9,16h8"/>',
}
EVENT_ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.TIMER: '<circle class="thin" r="10"/><path class="thin" d="M0,-7V0L5,3"/>',
    EventKind.MESSAGE: '<path class="thin" d="M-8,-6H8V6H-8zL0,1L8,-6"/>',
    EventKind.SIGNAL: '<path class="thin" d="M0,-9L9,6H-9z"/>',
    EventKind.ERROR: '<path class="thin" d="M-8,7L-3,-7L3,3L8,-7L3,8L-3,-1z"/>',
    EventKind.ESCALATION: '<path class="thin" d="M0,-9L7,8L0,2L-7,8z"/>',
    EventKind.TERMINATE: '<circle class="full" r="10"/>',
    EventKind.CONDITIONAL: '<path class="thin" d="M-7,-8H7V8H-7zM-4,-4H4M-4,0H4M-4,4H4"/>',
    EventKind.LINK: '<path class="thin" d="M-9,-4H2V-8L9,0L2,8V4H-9z"/>',
    EventKind.COMPENSATION: '<path class="thin" d="M-9,0L0,-6V6zM0,0L9,-6V6z"/>',
    EventKind.CANCEL: '<path class="thin" d="M-6,-6L6,6M6,-6L-6,6"/>',
}


def draw(diagram: Diagram, picture: Picture) -> str:
    """The whole picture as one SVG document."""
    boxes = [shape.box for shape in picture.shapes.values()]
    left, top = min(box.x for box in boxes) - MARGIN, min(box.y for box in boxes) - MARGIN
    width = max(box.right for box in boxes) + MARGIN - left
    height = max(box.bottom for box in boxes) + MARGIN - top
    size = f'width="{width:g}" height="{height:g}" viewBox="{left:g} {top:g} {width:g} {height:g}"'
    drawn = [(diagram.elements[key], shape) for key, shape in picture.shapes.items() if key in diagram.elements]
    around = [part for element, shape in drawn if _holds_others(shape) for part in _node(element, shape)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(diagram.name)}</title><style>{STYLE}</style>",
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" style="fill:#fff;stroke:none"/>',
        *_bands(diagram, picture),
        *around,  # below the flows inside
        *(part for key, line in picture.lines.items() for part in _edge(diagram, key, line)),
        *(part for element, shape in drawn if not _holds_others(shape) for part in _node(element, shape)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _holds_others(shape: Shape) -> bool:
    """Whether it is an open subprocess."""
    return shape.attributes.get("isExpanded") == "true"


def _bands(diagram: Diagram, picture: Picture) -> Iterator[str]:
    """Pools and lanes with their names, turned."""
    names = {lane.id: lane.name for lane in diagram.lanes}
    for key, shape in picture.shapes.items():
        box = shape.box
        if shape.attributes.get("isHorizontal") != "true":
            continue
        yield f'<rect class="lane" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"/>'
        yield f'<path class="lane" d="M{box.x + HEADER:g},{box.y:g}V{box.bottom:g}"/>'
        x, y = box.x + HEADER / 2 + 4, box.y + box.height / 2
        name = escape(names.get(key, diagram.name))
        yield f'<text transform="translate({x:g},{y:g})rotate(-90)">{name}</text>'


def _edge(diagram: Diagram, key: str, line: Line) -> Iterator[str]:
    flow = diagram.flows.get(key)
    points = " ".join(f"{spot.x:g},{spot.y:g}" for spot in line.spots)
    look = "edge" if flow else "dashed thin"
    yield f'<polyline class="{look}" points="{points}"/>'
    if flow:
        yield _arrow(line)
    if flow and flow.name and line.label:
        yield _text(flow.name, line.label)


def _arrow(line: Line) -> str:
    before, end = list(pairwise(line.spots))[-1]
    x = (end.x > before.x) - (end.x < before.x)
    y = (end.y > before.y) - (end.y < before.y)
    one, other = (end.x - 9 * x - 4 * y, end.y - 9 * y + 4 * x), (end.x - 9 * x + 4 * y, end.y - 9 * y - 4 * x)
    return '<polygon class="arrow" points="{:g},{:g} {:g},{:g} {:g},{:g}"/>'.format(*end, *one, *other)


def _node(element: Element, shape: Shape) -> Iterator[str]:
    box = shape.box
    yield f"<g><title>{escape(element.gloss or element.name)}</title>"
    x, y = box.x + box.width / 2, box.y + box.height / 2
    if element.type.endswith("Event"):
        yield from _event(element, x, y, box.width / 2)
    elif element.type.endswith("Gateway"):
        corners = f"{box.x:g},{y:g} {x:g},{box.y:g} {box.right:g},{y:g} {x:g},{box.bottom:g}"
        yield f'<polygon class="node" points="{corners}"/>'
        marker = GATEWAYS.get(element.type)
        shown = f'<path class="thick" d="{marker}"/>' if marker else '<circle r="9"/>'
        yield f'<g transform="translate({x:g},{y:g})">{shown}</g>'
    else:
        yield from _activity(element, shape)
    if shape.label and element.name:
        yield _text(element.name, shape.label)
    yield "</g>"


def _event(element: Element, x: float, y: float, radius: float) -> Iterator[str]:
    dashed = "" if element.interrupting else " dashed"
    thick = " thick" if element.type == "endEvent" else ""
    yield f'<circle class="node{dashed}{thick}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
    if element.type not in ("startEvent", "endEvent"):
        yield f'<circle class="thin{dashed}" cx="{x:g}" cy="{y:g}" r="{radius - 3:g}"/>'
    if icon := EVENT_ICONS.get(element.event.kind):
        yield f'<g transform="translate({x:g},{y:g})">{icon}</g>'


def _activity(element: Element, shape: Shape) -> Iterator[str]:
    box = shape.box
    kind = "node thick" if element.type == "callActivity" else "node"
    dashed = " dashed" if element.triggered_by_event else ""
    size = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    yield f'<rect class="{kind}{dashed}" {size} rx="10"/>'
    icon = ICONS.get(element.type)
    if icon:
        yield f'<g transform="translate({box.x:g},{box.y:g})">{icon}</g>'
    expanded = _holds_others(shape)
    room = Box(box.x, box.y + 6, box.width, LINE) if expanded else Box(box.x + 6, box.y, box.width - 12, box.height)
    if icon and len(_lines(element.name, room)) > 1:
        room = Box(room.x, room.y + BELOW_ICON, room.width, room.height - BELOW_ICON)
    yield _text(element.name, room)


def _lines(text: str, box: Box) -> list[str]:
    return broken(text, max(box.width, LINE) + 0.5)


def _text(text: str, box: Box) -> str:
    """A text in the middle of a box, broken to its width."""
    lines = _lines(text, box)
    x, y = box.x + box.width / 2, box.y + box.height / 2 - LINE * len(lines) / 2 + 11
    spans = "".join(f'<tspan x="{x:g}" y="{y + LINE * number:g}">{escape(line)}</tspan>'
                    for number, line in enumerate(lines))  # fmt: skip
    return f"<text>{spans}</text>"
