"""Cases: starting and cancelling them."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import Function, Insert, ScalarSelect, func, select, union_all

from engine import feel
from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.errors import N_, Conflict, InvalidInput
from engine.form_schema import FormErrors
from engine.history import Lifecycle
from engine.model import ArchivedCase, InstanceState, NumberSeries, ProcessInstance
from engine.runtime import Running, Surroundings, load
from engine.runtime.definitions import (
    Definition,
    Reads,
    StoredProcess,
    form,
    form_definition,
    process_definition,
    specification,
)
from engine.runtime.storage import InstanceRow
from engine.statements import Write, dialect_insert, primary_key


class CaseEnded(Conflict):
    """The case has ended already."""

    template = N_("The case {number} has ended already.")


class ReasonMissing(InvalidInput):
    """Something drastic is asked for without a reason."""

    template = N_("Say why: a reason is kept in the event log.")


def start(
    tx: Transaction,
    actor: Actor,
    process_id: str,
    values: Mapping[str, object] | None = None,
    *,
    start_event: str | None = None,
) -> InstanceRow:
    """Start a case of the latest version of a process with the values of its start form, and let it advance.

    Raises `NotFound` for an unknown process, `FormErrors` where a start form refuses the values.
    """
    require(actor, Permission.PROCESS_INSTANCE_CREATE)
    definition = process_definition(tx.connection, actor.organisation_key, process_id)
    accepted = _accepted(tx, actor, definition, values or {})
    return create(tx, actor, definition, accepted, start_event=start_event)


def create(
    tx: Transaction,
    actor: Actor,
    definition: Definition,
    variables: Mapping[str, object],
    *,
    start_event: str | None = None,
    parent: tuple[int, int] | None = None,
    origin: int | None = None,
) -> InstanceRow:
    """Start an instance of exactly this definition with these variables.

    `parent` is (process instance, element instance of its call activity) for a called one, `origin` the process
    instance that started this one without waiting for it.
    """
    key, number = _next_case(tx, actor.organisation_key, definition)
    instance = InstanceRow(
        key=key,
        organisation_key=actor.organisation_key,
        definition_key=definition.key,
        process_id=definition.process_id,
        number=number,
        started_at=tx.now,
        started_by=actor.username,
        parent_instance_key=parent[0] if parent else None,
        parent_element_instance=parent[1] if parent else None,
        origin_instance_key=origin,
        flows={},
        scopes={},
        revision=0,
        incidents=0,
        event_sequence=0,
        event_head="",
        state=InstanceState.ACTIVE,
        snapshot="",
        title="",
        subtitle="",
        ended_at=None,
    )
    running = Running(tx, instance, definition, actor)
    running.begin()
    values = {name: feel.from_python(value) for name, value in variables.items()}
    for name, value in values.items():
        running.scopes.assign_local(0, name, value)
    detail = {"process": definition.process_id, "version": definition.version, "sha256": definition.sha256}
    running.entries.append(running.entry(Lifecycle.CASE_STARTED, performer=actor, detail=detail, values=values))
    running.execution.start(start_event)
    running.save()
    return instance


def cancel(tx: Transaction, actor: Actor, key: int, reason: str) -> None:
    """End a running case, for a reason that is kept. Raises `CaseEnded`, `ReasonMissing`, `NotFound`."""
    require(actor, Permission.PROCESS_INSTANCE_CANCEL)
    if not reason.strip():
        raise ReasonMissing(value="", reason="")
    running = load(tx, actor, key)
    if running.instance.state != InstanceState.ACTIVE:
        raise CaseEnded(number=running.instance.number)
    running.cancel(reason.strip())
    running.save()


def start_form_id(session: Reads, definition: StoredProcess) -> str:
    """The id of the form a process is started with; empty when it has none."""
    return specification(session, definition).properties.get("start_form", "")


def _accepted(
    tx: Transaction, actor: Actor, definition: Definition, values: Mapping[str, object]
) -> Mapping[str, object]:
    form_id = start_form_id(tx.connection, definition)
    if not form_id:
        return values
    start_form = form(tx.connection, form_definition(tx.connection, actor.organisation_key, form_id))
    surroundings = Surroundings(tx, actor.organisation_key, definition.zone)
    checked = start_form.check(values, surroundings.functions, surroundings.environment())
    if checked.errors:
        raise FormErrors(checked.errors)
    return checked.values


def _next_case(tx: Transaction, organisation_key: str, definition: Definition) -> tuple[int, str]:
    """The next case's key and its number, for instance SH-2026-0001; the year is the organisation's own."""
    prefix = specification(tx.connection, definition).properties.get("number_prefix", "") or "C"
    year = tx.now.astimezone(ZoneInfo(definition.zone)).year
    row = {"organisation_key": organisation_key, "prefix": prefix, "year": year, "last": 1}
    number, key = _NEXT_IN_SERIES.returning(tx.connection, row)
    return key, f"{prefix}-{year}-{number:04d}"


def _count_up(dialect: str) -> Insert:
    counted_up = dialect_insert(dialect, NumberSeries).on_conflict_do_update(
        index_elements=primary_key(NumberSeries), set_={"last": NumberSeries.last + 1}
    )
    return counted_up.returning(NumberSeries.last, _next_key(dialect))


def _next_key(dialect: str) -> ScalarSelect[int] | Function[int]:
    """The key of the next case. SQLite counts from the greatest: a case in the archive keeps its own, too."""
    if dialect != "sqlite":
        return func.nextval(func.pg_get_serial_sequence(ProcessInstance.__tablename__, ProcessInstance.key.name))
    known = union_all(
        select(func.max(ProcessInstance.key).label("key")), select(func.max(ArchivedCase.process_instance_key))
    )
    greatest = known.subquery()
    return select(func.coalesce(func.max(greatest.c.key), 0) + 1).scalar_subquery()


_NEXT_IN_SERIES = Write(_count_up, ["organisation_key", "prefix", "year", "last"])


def running_case(tx: Transaction, actor: Actor, key: int) -> Running:
    """Lock and load a case that has not ended. Raises `CaseEnded`, `NotFound`."""
    running = load(tx, actor, key)
    if running.instance.state != InstanceState.ACTIVE:
        raise CaseEnded(number=running.instance.number)
    return running
