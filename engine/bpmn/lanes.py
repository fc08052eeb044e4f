"""Lanes, nested ones too: an element is in the innermost lane that names it."""

from __future__ import annotations

from typing import Any

from engine.bpmn.complaints import Complaints
from engine.bpmn.model import Lane
from engine.bpmn.tags import bpmn, child, children, text_of
from engine.errors import N_


class LaneReader:
    """The lanes of one process and its subprocesses."""

    def __init__(self, process: Any, complaints: Complaints) -> None:
        self._complaints = complaints
        self._names: dict[str, str] = {}
        self._sets: dict[str, Any] = {}
        self.lanes = tuple(self._read(node) for node in process.iter(bpmn("lane")))

    def lane_of(self, element: str) -> str:
        """The name of the element's lane; empty when it is in none."""
        return self._names.get(element, "")

    def _read(self, node: Any) -> Lane:
        name = (node.get("name") or "").strip()
        path = (*self._outer(node), name)
        elements = [text_of(entry) for entry in children(node, "flowNodeRef")]
        inner = child(node, "childLaneSet")
        for element in elements:
            if inner is None or not _names(inner, element):
                if element in self._names:
                    self._complain_of_two(node, element)
                self._names[element] = name
                self._sets[element] = _outermost_set(node)
        return Lane(node.get("id") or "", name, path, frozenset(elements))

    def _complain_of_two(self, node: Any, element: str) -> None:
        """Lanes of one set divide the process; another set may divide it in another way."""
        same_set = self._sets[element] is _outermost_set(node)
        complain = self._complaints.error if same_set else self._complaints.warning
        complain(node, "two-lanes", N_('"{element}" is in two lanes.'), N_("Put it into one."), element=element)

    def _outer(self, node: Any) -> list[str]:
        names: list[str] = []
        around = node.getparent()
        while around is not None:
            if around.tag == bpmn("lane"):
                names.insert(0, (around.get("name") or "").strip())
            around = around.getparent()
        return names


def _names(lane_set: Any, element: str) -> bool:
    return any(text_of(entry) == element for entry in lane_set.iter(bpmn("flowNodeRef")))


def _outermost_set(lane: Any) -> Any:
    return list(lane.iterancestors(bpmn("laneSet"), bpmn("childLaneSet")))[-1]
