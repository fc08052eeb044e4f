"""What is expected of a case against what is in the database; every difference is a sentence with both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from sqlalchemy import select

from engine import feel
from engine.database import Transaction
from engine.history import Lifecycle
from engine.model import (
    DecisionEvaluation,
    Document,
    ElementInstance,
    ElementState,
    Event,
    Incident,
    InstanceState,
    Job,
    ProcessInstance,
    UserTask,
)
from engine.runtime.variables import load_variables
from engine.scenarios.model import Evaluated, Expectation
from engine.scenarios.world import World

_CONTAINERS = ("subProcess", "transaction")


def unmet(world: World, case: int, expectation: Expectation) -> Iterator[str]:
    """Every expectation that is not met."""
    with world.database.reading() as tx:
        check = _Check(world, tx, tx.session.get_one(ProcessInstance, case))
        yield from check.ends(expectation)
        yield from check.path(expectation)
        yield from check.due(expectation)
        yield from check.variables(expectation)
        yield from check.lists(expectation)
        yield from check.decisions(expectation.decisions or ())
        yield from check.incidents(expectation.incidents)


class _Check:
    def __init__(self, world: World, tx: Transaction, case: ProcessInstance) -> None:
        self._world = world
        self._tx = tx
        self._session = tx.session
        self._case = case
        self._elements = world.specifications[case.process_id].elements

    # ---- where the case went ----------------------------------------------------------------------------------------

    def ends(self, expectation: Expectation) -> Iterator[str]:
        if expectation.ends is not None:
            reached = {
                id_ for id_, type_, state in self._visits() if type_ == "endEvent" and state == ElementState.COMPLETED
            }
            yield from _differ("ends", sorted(set(expectation.ends)), sorted(reached))
        waiting = sorted(
            id_ for id_, type_, state in self._visits() if state == ElementState.ACTIVE and type_ not in _CONTAINERS
        )
        if expectation.open is not None:
            yield from _differ("open", sorted(expectation.open), waiting)
        elif expectation.ends is not None and self._case.state == InstanceState.ACTIVE:
            yield f"the case has not ended; it waits at {', '.join(waiting)}"

    def _visits(self) -> list[tuple[str, str, str]]:
        rows = self._session.execute(
            select(ElementInstance.element_id, ElementInstance.type, ElementInstance.state)
            .where(ElementInstance.process_instance_key == self._case.key)
            .order_by(ElementInstance.id)
        )
        return [(element, kind, state) for element, kind, state in rows]

    def path(self, expectation: Expectation) -> Iterator[str]:
        if expectation.path is None:
            return
        completed = self._session.scalars(
            self._events(Lifecycle.COMPLETED).with_only_columns(Event.element_id).order_by(Event.sequence)
        )
        found = [id_ for id_ in completed if not self._elements[id_].type.endswith("Gateway")]
        yield from _differ("path", list(expectation.path), found)

    def _events(self, lifecycle: Lifecycle) -> Any:
        return select(Event).where(
            Event.process_instance_key == self._case.key,
            Event.organisation_key == self._case.organisation_key,
            Event.lifecycle == lifecycle,
        )

    # ---- times ------------------------------------------------------------------------------------------------------

    def due(self, expectation: Expectation) -> Iterator[str]:
        for element, moments in expectation.due.items():
            found = self._due_of(element)
            wanted = [self._world.local(self._world.moment(moment)) for moment in moments]
            yield from _differ(f"due of {element}", wanted, found[-1:] if len(wanted) == 1 else found)

    def _due_of(self, element: str) -> list[str]:
        """The due dates of an element's tasks; of a timer those it fired at and the one it waits for."""
        here = (UserTask.process_instance_key == self._case.key, UserTask.element_id == element)
        tasks = self._session.scalars(select(UserTask.due_at).where(*here).order_by(UserTask.key)).all()
        if tasks:
            return [self._world.local(due) if due else "none" for due in tasks]
        fired = self._session.scalars(
            self._events(Lifecycle.TIMER_FIRED)
            .with_only_columns(Event.due_at)
            .where(Event.element_id == element)
            .order_by(Event.sequence)
        ).all()
        waiting = self._session.scalars(
            select(Job.due_at)
            .where(Job.process_instance_key == self._case.key, Job.element_id == element, Job.kind == "timer")
            .order_by(Job.key)
        ).all()
        return [self._world.local(due) for due in [*fired, *waiting] if due]

    # ---- data -------------------------------------------------------------------------------------------------------

    def variables(self, expectation: Expectation) -> Iterator[str]:
        if not expectation.variables:
            return
        found = load_variables(self._session, self._case.key)
        for name, wanted in expectation.variables.items():
            value = _look_up(found, name)
            if not same(wanted, value):
                yield f"variable {name}: {_shown(feel.from_python(wanted))} expected, it is {_shown(value)}"

    def lists(self, expectation: Expectation) -> Iterator[str]:
        if expectation.documents is not None:
            yield from _lack("documents", expectation.documents, self._documents())
        if expectation.notified is not None:
            yield from _lack("notified", expectation.notified, self._notified())
        if expectation.started is not None:
            yield from _differ("started", sorted(expectation.started), sorted(self._started()))

    def _documents(self) -> set[str]:
        here = select(Document.document_type).where(Document.process_instance_key == self._case.key)
        return set(self._session.scalars(here))

    def _notified(self) -> set[str]:
        details = self._session.scalars(self._events(Lifecycle.NOTIFIED).with_only_columns(Event.detail))
        return {name for detail in details for name in (detail.get("role"), *detail.get("users", ())) if name}

    def _started(self) -> list[str]:
        key = self._case.key
        by_this = (ProcessInstance.parent_instance_key == key) | (ProcessInstance.origin_instance_key == key)
        return list(self._session.scalars(select(ProcessInstance.process_id).where(by_this)))

    def decisions(self, expected: Iterable[Evaluated]) -> Iterator[str]:
        wanted: dict[str, list[Evaluated]] = {}
        for evaluated in expected:
            wanted.setdefault(evaluated.decision, []).append(evaluated)
        for decision, evaluations in wanted.items():
            rows = self._session.scalars(
                select(DecisionEvaluation)
                .where(
                    DecisionEvaluation.process_instance_key == self._case.key,
                    DecisionEvaluation.decision_id == decision,
                )
                .order_by(DecisionEvaluation.key)
            ).all()
            if len(rows) != len(evaluations):
                hits = [list(_rules(row)) for row in rows]
                yield f"decision {decision}: {len(evaluations)} evaluations expected, it is {len(rows)}, rules {hits}"
                continue
            for number, (evaluation, row) in enumerate(zip(evaluations, rows, strict=True), start=1):
                yield from _differ_in(f"decision {decision}, evaluation {number}", evaluation, row)

    def incidents(self, expected: tuple[str, ...]) -> Iterator[str]:
        open_ = self._session.scalars(
            select(Incident).where(
                Incident.organisation_key == self._case.organisation_key, Incident.resolved_at.is_(None)
            )
        ).all()
        for incident in open_:
            if incident.element_id not in expected:
                yield f"incident at {incident.element_id}: {incident.template.format_map(incident.params)}"
        for element in set(expected) - {incident.element_id for incident in open_}:
            yield f"an incident at {element} is expected, there is none"
        failed = self._session.scalars(select(Job).where(Job.error != "", Job.failed.is_(False)))
        for job in failed:
            if job.element_id not in expected:
                yield f"a job of {job.element_id or job.kind} failed and will be tried again: {job.error}"


def _differ_in(what: str, wanted: Evaluated, row: DecisionEvaluation) -> Iterator[str]:
    if wanted.rules is not None:
        yield from _differ(f"{what}, rules", list(wanted.rules), list(_rules(row)))
    if wanted.checks_value:
        value = feel.from_json(row.output)
        if not same(wanted.value, value):
            yield f"{what}: {_shown(feel.from_python(wanted.value))} expected, it is {_shown(value)}"


def _rules(row: DecisionEvaluation) -> tuple[int, ...]:
    """The numbers of the rules that gave the output."""
    return tuple(result["rule"] for table in row.trace.get("tables", ()) for result in table["results"])


def _differ(what: str, wanted: list[Any], found: list[Any]) -> Iterator[str]:
    if wanted != found:
        yield f"{what}: {_list(wanted)} expected, it is {_list(found)}"


def _lack(what: str, wanted: Iterable[str], found: set[str]) -> Iterator[str]:
    wanted = list(wanted)
    missing = [name for name in wanted if name not in found]
    if missing or (not wanted and found):
        yield f"{what}: {_list(wanted)} expected, it is {_list(sorted(found))}"


def _list(values: list[Any]) -> str:
    return f"[{', '.join(str(value) for value in values)}]"


def _look_up(variables: Mapping[str, object], name: str) -> object:
    """The value of a name; a dotted one looks into contexts. Absent is null."""
    if name in variables:
        return variables[name]
    value: Any = variables
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(part)
    return value


def same(wanted: Any, found: object) -> bool:
    """Whether a value written in YAML is this FEEL value; dates and durations may be written as text."""
    wanted = feel.from_python(wanted)
    if wanted == found:
        return type(wanted) is type(found) or not isinstance(wanted, bool | None)
    if isinstance(wanted, str) and found is not None and not isinstance(found, str | list | dict):
        return feel.to_text(found) == wanted
    if isinstance(wanted, list) and isinstance(found, list):
        wanted_items, found_items = cast("list[Any]", wanted), cast("list[object]", found)
        return len(wanted_items) == len(found_items) and all(map(same, wanted_items, found_items))
    if isinstance(wanted, dict) and isinstance(found, dict):
        wanted_entries, found_entries = cast("dict[str, Any]", wanted), cast("dict[str, object]", found)
        return wanted_entries.keys() == found_entries.keys() and all(
            same(value, found_entries[name]) for name, value in wanted_entries.items()
        )
    return False


def _shown(value: object) -> str:
    return feel.to_json(value)
