"""What a diagram says, as immutable data: a process, its elements and its sequence flows.

Nothing here moves tokens. `engine.bpmn` reads files into these classes; the token semantics and everything above use
them. All texts that may be expressions are kept as written: ``=…`` is FEEL, everything else is static text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

NOTHING: Mapping[str, str] = MappingProxyType({})


class EventKind(StrEnum):
    """What an event waits for or throws (BPMN 2.0.2, 10.5.5)."""

    NONE = "none"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    TERMINATE = "terminate"
    LINK = "link"
    CONDITIONAL = "conditional"
    COMPENSATION = "compensation"
    CANCEL = "cancel"


class Binding(StrEnum):
    """Which version of a called process or decision is meant."""

    LATEST = "latest"
    DEPLOYMENT = "deployment"
    VERSION_TAG = "versionTag"


TimerKind = Literal["date", "duration", "cycle"]


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """The trigger or result of an event.

    Only the fields of its `kind` are filled. `name` is the name of the message or signal (may be FEEL) or of the link;
    `code` the error or escalation code, None where the event catches every code; `reference` the id of the activity
    that a compensation event compensates, None for the whole scope.
    """

    kind: EventKind = EventKind.NONE
    name: str = ""
    correlation_key: str | None = None
    time_to_live: str | None = None
    code: str | None = None
    timer: TimerKind | None = None
    timer_value: str = ""
    condition: str = ""
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """``zeebe:assignmentDefinition``: each None, static text (comma list) or FEEL."""

    assignee: str | None = None
    candidate_groups: str | None = None
    candidate_users: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """``zeebe:taskSchedule``: each None, an ISO 8601 date and time, or FEEL."""

    due_date: str | None = None
    follow_up_date: str | None = None


@dataclass(frozen=True, slots=True)
class CalledDecision:
    """``zeebe:calledDecision``; `decision_id` may be FEEL."""

    decision_id: str
    result_variable: str
    binding: Binding = Binding.LATEST
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class CalledElement:
    """``zeebe:calledElement``; `process_id` may be FEEL.

    `propagate_parent`: the child begins with all variables visible at the call, else with the input mappings' alone.
    `propagate_child`: all of the child's variables come back, else only what output mappings take.
    """

    process_id: str
    binding: Binding = Binding.LATEST
    version_tag: str | None = None
    propagate_parent: bool = True
    propagate_child: bool = True


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One line of ``zeebe:ioMapping``: `source` (FEEL or static text) is written to the variable `target`."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """``multiInstanceLoopCharacteristics``: `collection` or `cardinality` is given, both FEEL."""

    sequential: bool
    collection: str | None = None
    cardinality: str | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """``standardLoopCharacteristics``: repeat while `condition` (FEEL) holds, at most `maximum` times."""

    condition: str | None = None
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """``zeebe:script``: the value of the FEEL `expression` becomes `result_variable`."""

    expression: str
    result_variable: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is FEEL or None. A link's jump is a flow too, with an id that begins ``link:``."""

    id: str
    source: str
    target: str
    condition: str | None = None
    is_default: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """One flow node and everything the rest of the engine needs to know about it.

    `type` is the BPMN tag (``userTask``, ``exclusiveGateway``, ``boundaryEvent`` …). `gloss` is the first line of the
    documentation (English), `lane` the name of the innermost lane (that of the surrounding subprocess where the element
    is in none of its own). `parent` is the id of the surrounding subprocess or None, `attached_to` the activity of a
    boundary event. `task_type` and `retries` are those of ``zeebe:taskDefinition``; `priority` is a number or FEEL.
    """

    id: str
    type: str
    name: str = ""
    gloss: str = ""
    documentation: str = ""
    lane: str = ""
    properties: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    parent: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    triggered_by_event: bool = False
    is_for_compensation: bool = False
    event: EventDefinition = EventDefinition()
    assignment: Assignment = Assignment()
    schedule: Schedule = Schedule()
    priority: str | None = None
    form_id: str | None = None
    task_type: str | None = None
    retries: str = "3"
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    called_decision: CalledDecision | None = None
    called_element: CalledElement | None = None
    script: Script | None = None
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    multi_instance: MultiInstance | None = None
    loop: StandardLoop | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane with its path from the outermost lane inwards."""

    id: str
    name: str
    path: tuple[str, ...]
    elements: frozenset[str]


class Diagram:
    """One process of a file: immutable, shared by all its instances and by all threads.

    `properties` are the ``zeebe:properties`` of the process, `gloss` is the first line of its documentation. `elements`
    and `flows` hold those of all its subprocesses too. `handlers` are the compensation handlers: the id of the activity
    that is compensated to the id of the activity that does it.
    """

    __slots__ = (
        "documentation",
        "elements",
        "flows",
        "gloss",
        "handlers",
        "is_executable",
        "lanes",
        "name",
        "process_id",
        "properties",
        "start_events",
        "version_tag",
    )

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
        handlers: Mapping[str, str] = NOTHING,
    ) -> None:
        self.process_id = process_id
        self.name = name
        self.documentation = documentation
        self.gloss = first_line(documentation)
        self.version_tag = version_tag
        self.properties = MappingProxyType(dict(properties))
        self.elements = MappingProxyType(dict(elements))
        self.lanes = lanes
        self.flows = MappingProxyType(dict(flows))
        self.is_executable = is_executable
        self.handlers = MappingProxyType(dict(handlers))
        self.start_events: tuple[Element, ...] = tuple(
            element for element in elements.values() if element.type == "startEvent" and element.parent is None
        )


def first_line(text: str) -> str:
    """The first line with something on it, without surrounding blanks."""
    for line in text.splitlines():
        if line.strip():
            return line.strip()
    return ""
