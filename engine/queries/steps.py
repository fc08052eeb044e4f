"""Where a case stands and what comes next, read from its tasks and its diagram.

`next_steps` says what follows a task only where the diagram leaves no doubt: a choice that is still to be made, an
event that is still to come or a branch that waits for another one make it unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from engine.access import holds_at
from engine.bpmn import Element, ExpressionFailed, Flow, Specification
from engine.database import Transaction
from engine.model import Membership, Role, TaskState, User, UserTask
from engine.runtime import Running

MOST_STEPS = 12
_PASSED = frozenset(
    {
        "serviceTask",
        "businessRuleTask",
        "scriptTask",
        "sendTask",
        "manualTask",
        "task",
        "intermediateThrowEvent",
        "startEvent",
    }
)
"""What a token passes without waiting for a person."""


@dataclass(frozen=True, slots=True)
class Step:
    """A user task on the case's way: `state` is ``done`` or ``now``; `who` a person's name, empty for none."""

    element_id: str
    name: str
    gloss: str
    state: str
    who: str = ""
    at: datetime | None = None
    key: int | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What follows a task for certain. Without a name, the case ends. `person` is set where only one can do it."""

    name: str = ""
    gloss: str = ""
    role: str = ""
    role_en: str = ""
    person: str = ""

    @property
    def is_end(self) -> bool:
        return not self.name


def steps_of_case(tx: Transaction, case_key: int, most: int = MOST_STEPS) -> list[Step]:
    """The last user tasks of a case, done and open, in order. One statement."""
    assignee, performer = aliased(User), aliased(User)
    rows = tx.session.execute(
        select(
            UserTask.key,
            UserTask.element_id,
            UserTask.name,
            UserTask.gloss,
            UserTask.state,
            UserTask.ended_at,
            assignee.display_name.label("assignee"),
            performer.display_name.label("performer"),
        )
        .outerjoin(assignee, assignee.key == UserTask.assignee_key)
        .outerjoin(performer, performer.key == UserTask.completed_by_key)
        .where(UserTask.process_instance_key == case_key, UserTask.state != TaskState.CANCELLED)
        .order_by(UserTask.key.desc())
        .limit(most)
    ).all()
    return [
        Step(
            row.element_id,
            row.name,
            row.gloss,
            "now" if row.state == TaskState.OPEN else "done",
            row.performer or row.assignee or "",
            row.ended_at,
            row.key,
        )
        for row in reversed(rows)
    ]


def next_steps(running: Running, element_id: str) -> list[NextStep]:
    """What follows a task for certain, with who does it; empty where the diagram does not say. One statement."""
    found = certain_next(running.specification, element_id)
    if found is None:
        return []
    if not found:
        return [NextStep()]
    wanted = {element.id: _assignment(running, element) for element in found}
    roles = _roles(running, {role for names, _ in wanted.values() for role in names})
    steps: list[NextStep] = []
    for element in found:
        names, person = wanted[element.id]
        role, role_en, only = roles.get(names[0], ("", "", "")) if len(names) == 1 else ("", "", "")
        name = element.name or element.id
        steps.append(NextStep(name, element.gloss, role, role_en, person or only))
    return steps


def certain_next(specification: Specification, element_id: str) -> list[Element] | None:
    """The user tasks that follow for certain; an empty list when the case ends, None when nobody can know."""
    found = _Walk(specification).after(specification.elements[element_id])
    return None if found is None else list({element.id: element for element in found}.values())


class _Walk:
    """A walk along the flows of a diagram, from one step to the next ones."""

    def __init__(self, specification: Specification) -> None:
        self._elements = specification.elements
        self._leaving: dict[str, list[Flow]] = {}
        self._entering: dict[str, int] = {}
        for flow in specification.flows.values():
            self._leaving.setdefault(flow.source, []).append(flow)
            self._entering[flow.target] = self._entering.get(flow.target, 0) + 1
        self._seen: set[str] = set()

    def after(self, element: Element) -> list[Element] | None:
        """What follows when the element is done."""
        if element.id in self._seen or element.multi_instance or element.loop:
            return None
        self._seen.add(element.id)
        flows = self._leaving.get(element.id, [])
        if not flows:
            return self._out_of(element)
        if any(flow.condition or flow.is_default for flow in flows):
            return None
        return self._all([self._elements[flow.target] for flow in flows])

    def _at(self, element: Element) -> list[Element] | None:
        """What there is to do when a token reaches the element."""
        if element.type == "userTask":
            return [element]
        if element.type == "endEvent":
            return self._out_of(element) if element.event.kind in ("none", "message", "signal") else None
        if element.type == "exclusiveGateway":
            return self._choice(element)
        if element.type in ("parallelGateway", "inclusiveGateway"):
            splits = element.type == "parallelGateway" or len(self._leaving.get(element.id, ())) == 1
            return self.after(element) if splits and self._entering.get(element.id, 0) <= 1 else None
        if element.type in _PASSED and element.event.kind != "link":
            return self.after(element)
        if element.type == "subProcess" and not element.multi_instance and not element.loop:
            return self._into(element)
        return None

    def _choice(self, gateway: Element) -> list[Element] | None:
        """A choice is no doubt where every way leads to the same step."""
        ways = [self._at(self._elements[flow.target]) for flow in self._leaving.get(gateway.id, ())]
        first = ways[0] if ways else None
        if first is None or any(way is None or {e.id for e in way} != {e.id for e in first} for way in ways):
            return None
        return first

    def _into(self, subprocess: Element) -> list[Element] | None:
        inside = [e for e in self._elements.values() if e.parent == subprocess.id and e.type == "startEvent"]
        return self.after(inside[0]) if len(inside) == 1 else None

    def _out_of(self, element: Element) -> list[Element] | None:
        return self.after(self._elements[element.parent]) if element.parent else []

    def _all(self, elements: list[Element]) -> list[Element] | None:
        """Everything that is reached at once; unknown as soon as one way is."""
        found: list[Element] = []
        for element in elements:
            way = self._at(element)
            if way is None:
                return None
            found += way
        return found


def _assignment(running: Running, element: Element) -> tuple[list[str], str]:
    """Role keys and the name of the assignee, as far as they can be told before the task exists."""
    texts: list[str] = []
    for expression in (element.assignment.candidate_groups, element.assignment.assignee):
        try:
            is_feel = expression is not None and expression.startswith("=")
            value = running.evaluate_in(0, str(expression), element.id) if is_feel else expression
        except ExpressionFailed:
            value = None
        texts.append(value if isinstance(value, str) else "")
    roles, assignee = texts
    name = ""
    if assignee:
        name = running.tx.session.scalar(select(User.display_name).where(User.username == assignee)) or ""
    return [role.strip() for role in roles.split(",") if role.strip()], name


def _roles(running: Running, keys: set[str]) -> dict[str, tuple[str, str, str]]:
    """Names of roles, and of the person who holds one where it is only one."""
    if not keys:
        return {}
    rows = running.tx.session.execute(
        select(Role.key, Role.name, Role.name_en, User.display_name)
        .outerjoin(
            Membership,
            (Membership.organisation_key == Role.organisation_key)
            & (Membership.role_key == Role.key)
            & and_(*holds_at(running.tx.now)),
        )
        .outerjoin(User, (User.key == Membership.user_key) & User.is_active)
        .where(Role.organisation_key == running.instance.organisation_key, Role.key.in_(keys))
    )
    found: dict[str, tuple[str, str, list[str]]] = {}
    for row in rows:
        found.setdefault(row.key, (row.name, row.name_en, []))[2].extend([row.display_name] if row.display_name else [])
    return {key: (name, en, people[0] if len(people) == 1 else "") for key, (name, en, people) in found.items()}
