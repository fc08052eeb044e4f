"""To whom a user task goes and until when: what the expressions of the diagram say when a token reaches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import cast

from engine import feel
from engine.bpmn import Element
from engine.errors import N_, BaoxiuError

DEFAULT_PRIORITY = 50

Evaluate = Callable[[str], object]
"""The value of ``=FEEL`` at the task's token; static text as it is."""


class NotASuitableValue(BaoxiuError):
    """An expression of a user task gives a value of a kind that cannot stand there."""

    template = N_("{what} of {element} is {value}; {wanted} is wanted.")


@dataclass(frozen=True, slots=True)
class Offer:
    """The terms of one user task. `assignee` is a user name, empty for nobody; moments are UTC."""

    assignee: str
    candidates: list[str]
    """Roles and people as `TaskCandidate` names them."""
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    """0 to 100."""


def offer_of(element: Element, evaluate: Evaluate, zone: tzinfo) -> Offer:
    """The terms of a user task now. Raises `NotASuitableValue`, and what an expression raises."""
    terms = _Terms(element, evaluate, zone)
    assignment, schedule = element.assignment, element.schedule
    roles = terms.names("candidate groups", assignment.candidate_groups)
    users = terms.names("candidate users", assignment.candidate_users)
    return Offer(
        assignee=terms.text(assignment.assignee),
        candidates=[f"role:{name}" for name in roles] + [f"user:{name}" for name in users],
        due_at=terms.moment("due date", schedule.due_date),
        follow_up_at=terms.moment("follow-up date", schedule.follow_up_date),
        priority=terms.priority(element.priority),
    )


@dataclass(frozen=True, slots=True)
class _Terms:
    """Reads single terms of one element."""

    element: Element
    evaluate: Evaluate
    zone: tzinfo

    def text(self, expression: str | None) -> str:
        value = self.evaluate(expression) if expression else None
        return "" if value is None else str(value)

    def names(self, what: str, expression: str | None) -> list[str]:
        value = self.evaluate(expression) if expression else None
        if value is None:
            return []
        if isinstance(value, str):
            return list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
        if isinstance(value, list):
            names = cast("list[object]", value)
            return list(dict.fromkeys(str(name) for name in names))
        raise self._unsuitable(what, value, "a text or a list of texts")

    def moment(self, what: str, expression: str | None) -> datetime | None:
        value = self.evaluate(expression) if expression else None
        if value is None or value == "":
            return None
        moment = as_moment(value, self.zone)
        if moment is None:
            raise self._unsuitable(what, value, "a date and time")
        return moment

    def priority(self, expression: str | None) -> int:
        value = self.evaluate(expression) if expression else None
        if value is None:
            return DEFAULT_PRIORITY
        try:
            return min(max(int(str(value)), 0), 100)
        except ValueError as error:
            raise self._unsuitable("priority", value, "a number from 0 to 100") from error

    def _unsuitable(self, what: str, value: object, wanted: str) -> NotASuitableValue:
        return NotASuitableValue(what=what, element=self.element.id, value=value, wanted=wanted)


def as_moment(value: object, zone: tzinfo) -> datetime | None:
    """A FEEL date and time, or its ISO text, as an aware UTC moment; one without an offset is meant in `zone`.

    None for anything else.
    """
    if isinstance(value, feel.DateTime):
        moment = value.to_python()
        if value.offset is None:
            moment = moment.replace(tzinfo=None)
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    else:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
