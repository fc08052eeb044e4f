"""What a scenario file says: who does what with which data at which time, and what must come of it.

Times are the organisation's wall clock, without a zone; the player knows the zone. Values are what YAML gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

Values = Mapping[str, Any]


class StepKind(StrEnum):
    """What a step does; the name is its key in the file."""

    COMPLETE = "complete"
    """Complete the open user task of an element."""
    REFUSED = "refused"
    """Try to complete it; the submission must be refused, naming fields or evidence."""
    CLAIM = "claim"
    COMMENT = "comment"
    """Write a remark on the open user task of an element; ``text`` says what."""
    WAIT = "wait"
    """Let time pass until a moment."""
    MESSAGE = "message"
    """Publish a message; ``key`` is its correlation key (FEEL after ``=``, over the case's variables)."""
    CANCEL = "cancel"
    """Cancel the case, for a reason."""
    RETRY = "retry"
    """Try the open incident of an element again."""
    EXPECT = "expect"
    """Check in between."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation of a decision: the numbers of the rules that applied, and its value where that is checked."""

    decision: str
    rules: tuple[int, ...] | None = None
    value: Any = None
    checks_value: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true of the case. What is None is not looked at."""

    ends: tuple[str, ...] | None = None
    """The end events that were reached; unless `open` is given too, nothing may be left."""
    open: tuple[str, ...] | None = None
    """The tasks and events at which the case waits."""
    path: tuple[str, ...] | None = None
    """All elements but gateways in the order of their completion."""
    due: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict[str, tuple[datetime, ...]])
    """When the tasks (or fired timers) of an element were due: the last one, or all of them in order."""
    variables: Values = field(default_factory=dict[str, Any])
    documents: tuple[str, ...] | None = None
    """Evidence that must be there; an empty list: none at all."""
    notified: tuple[str, ...] | None = None
    """Roles that must have been told something; an empty list: nobody."""
    started: tuple[str, ...] | None = None
    """Exactly the processes that were started from this case, called or linked, once per case."""
    decisions: tuple[Evaluated, ...] | None = None
    """All evaluations of the decisions that are named, in order."""
    incidents: tuple[str, ...] = ()
    """Elements with an open incident; there must be no others."""


@dataclass(frozen=True, slots=True)
class Start:
    """How the case begins. Without `actor` the engine starts it, as another case's handler would."""

    at: datetime
    actor: str = ""
    values: Values = field(default_factory=dict[str, Any])
    event: str | None = None
    message: str = ""
    """Name of the message that starts it, for a process that begins with one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `number` counts from 1, `subject` is the element, message or reason."""

    number: int
    kind: StepKind
    subject: str = ""
    actor: str = ""
    at: datetime | None = None
    values: Values = field(default_factory=dict[str, Any])
    attach: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    errors: tuple[str, ...] = ()
    process: str = ""
    """The process whose task is meant, where several cases have one of this element."""
    key: Any = None
    text: str = ""
    expect: Expectation | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story of one case."""

    name: str
    process: str
    file: Path
    start: Start
    steps: tuple[Step, ...]
    expect: Expectation
    failing: Mapping[str, int] = field(default_factory=dict[str, int])
    """Handlers that fail: how many attempts of each, from the first one."""
