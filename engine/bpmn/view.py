"""A process with the questions that rules about diagrams ask."""

from __future__ import annotations

from engine.bpmn.complaints import Complaints
from engine.bpmn.model import Element, Flow, Specification


class View:
    """A specification with the questions that the rules ask."""

    def __init__(self, specification: Specification, complaints: Complaints) -> None:
        self.specification = specification
        self.complaints = complaints
        self.elements = tuple(specification.elements.values())
        self._outgoing: dict[str, list[Flow]] = {}
        self._incoming: dict[str, list[Flow]] = {}
        self._attached: dict[str, list[Element]] = {}
        self._inside: dict[str | None, list[Element]] = {}
        for flow in specification.flows.values():
            self._outgoing.setdefault(flow.source, []).append(flow)
            self._incoming.setdefault(flow.target, []).append(flow)
        for element in self.elements:
            self._inside.setdefault(element.parent, []).append(element)
            if element.attached_to is not None:
                self._attached.setdefault(element.attached_to, []).append(element)

    def outgoing(self, element: Element) -> list[Flow]:
        return self._outgoing.get(element.id, [])

    def incoming(self, element: Element) -> list[Flow]:
        return self._incoming.get(element.id, [])

    def attached(self, element: Element) -> list[Element]:
        return self._attached.get(element.id, [])

    def inside(self, parent: str | None) -> list[Element]:
        return self._inside.get(parent, [])

    def get(self, element_id: str | None) -> Element | None:
        return self.specification.elements.get(element_id or "")

    def in_event_subprocess(self, element: Element) -> bool:
        parent = self.get(element.parent)
        return parent is not None and parent.triggered_by_event

    def error(self, owner: object, code: str, template: str, remedy: str, **params: object) -> None:
        self.complaints.error(owner, code, template, remedy, **params)
