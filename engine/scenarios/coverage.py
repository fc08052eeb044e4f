"""Which elements and sequence flows the scenarios reached, and which they never did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.bpmn import Specification
from engine.scenarios.player import Played


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one process; ids in order of the diagram."""

    process: str
    elements: int
    flows: int
    elements_missed: tuple[str, ...]
    flows_missed: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not self.elements_missed and not self.flows_missed


def coverage_of(specification: Specification, plays: Iterable[Played]) -> Coverage:
    """What the plays reached of a process, as their own case or as one that was called or started on the way."""
    elements: set[str] = set()
    flows: set[str] = set()
    for played in plays:
        elements |= played.elements.get(specification.process_id, set())
        flows |= played.flows.get(specification.process_id, set())
    return Coverage(
        specification.process_id,
        len(specification.elements),
        len(specification.flows),
        tuple(element for element in specification.elements if element not in elements),
        tuple(flow for flow in specification.flows if flow not in flows),
    )


def percent(part: int, whole: int) -> str:
    """A share in percent; 100 only when nothing is missing."""
    if not whole or part == whole:
        return "100"
    return f"{part * 1000 // whole / 10:g}"
