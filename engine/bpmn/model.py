"""A process that can be executed: what its diagram says (`engine.diagram`) with the behaviours on which tokens move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.diagram import (
    NOTHING,
    Assignment,
    Binding,
    CalledDecision,
    CalledElement,
    Diagram,
    Element,
    EventDefinition,
    EventKind,
    Flow,
    IoMapping,
    Lane,
    MultiInstance,
    Schedule,
    Script,
    StandardLoop,
    TimerKind,
    first_line,
)
from engine.findings import Finding

if TYPE_CHECKING:
    from engine.bpmn.network import Network

__all__ = [
    "NOTHING",
    "Assignment",
    "Binding",
    "CalledDecision",
    "CalledElement",
    "Element",
    "EventDefinition",
    "EventKind",
    "Flow",
    "IoMapping",
    "Lane",
    "MultiInstance",
    "Resource",
    "Schedule",
    "Script",
    "Specification",
    "StandardLoop",
    "TimerKind",
    "first_line",
]


class Specification(Diagram):
    """One process of a file, ready to be executed: immutable, shared by all its instances and by all threads."""

    __slots__ = ("_network",)

    def __init__(
        self,
        *,
        process_id: str,
        name: str,
        documentation: str,
        version_tag: str,
        properties: Mapping[str, str],
        elements: Mapping[str, Element],
        lanes: tuple[Lane, ...],
        flows: Mapping[str, Flow],
        is_executable: bool,
        network: Network | None,
        handlers: Mapping[str, str] = NOTHING,
    ) -> None:
        super().__init__(
            process_id=process_id,
            name=name,
            documentation=documentation,
            version_tag=version_tag,
            properties=properties,
            elements=elements,
            lanes=lanes,
            flows=flows,
            is_executable=is_executable,
            handlers=handlers,
        )
        self._network = network

    @property
    def can_run(self) -> bool:
        """Whether there is a network: the process is executable and was read without errors."""
        return self._network is not None

    @property
    def network(self) -> Network:
        """The element behaviours on which tokens move; only for specifications without error findings."""
        if self._network is None:
            raise ValueError(f"process {self.process_id} cannot be executed")
        return self._network

    def expressions(self) -> Iterator[tuple[Element | Flow, str]]:
        """Every FEEL expression of the process with where it stands, without the leading ``=``."""
        from engine.bpmn.expressions import expressions_of

        return expressions_of(self)


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that has been read: its processes and what was found wrong with it."""

    processes: tuple[Specification, ...]
    findings: tuple[Finding, ...]
