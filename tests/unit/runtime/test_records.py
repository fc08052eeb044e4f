"""What handlers can count: papers, cases and tasks of a period."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.access import engine_actor
from engine.clock import FakeClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.handling import HandlerContext, NoRecords, Outcome, RecordsOutOfReach, handler
from engine.model import UserTask
from engine.runtime.records import StoredRecords
from engine.runtime.variables import load_variables
from tests.builders import MONDAY, ORGANISATION, deploy, diagram, flow, new_database, new_user, service_task, user_task

DAY = timedelta(days=1)
LEDGER = (
    b'{"type": "default", "id": "cash_ledger", "properties": {"document": "register", "name": "Cash"},'
    b' "components": [{"type": "number", "id": "a", "key": "amount", "label": "Amount"},'
    b' {"type": "textfield", "id": "n", "key": "case_number", "label": "Case"},'
    b' {"type": "datetime", "id": "r", "key": "reported_at", "label": "At", "subtype": "datetime"}]}'
)


@handler("count_the_day", inline=True)
def count_the_day(context: HandlerContext) -> Outcome:
    """Adds up the ledger of the last day."""
    lines = context.records.papers("cash_ledger", context.now - DAY, context.now)
    return Outcome({"total": sum((line.fields["amount"] for line in lines), Decimal(0))})  # type: ignore[misc]


def sale() -> bytes:
    """start → user task → line in the ledger → end."""
    entry = (
        '<bpmn:serviceTask id="enter"><bpmn:extensionElements><zeebe:taskDefinition type="register_entry"/>'
        '<zeebe:taskHeaders><zeebe:header key="register" value="cash_ledger"/>'
        '<zeebe:header key="fields" value="amount"/></zeebe:taskHeaders></bpmn:extensionElements></bpmn:serviceTask>'
    )
    body = '<bpmn:startEvent id="start"/>' + user_task("pay") + entry + '<bpmn:endEvent id="paid"/>'
    return diagram(body + flow("start", "pay") + flow("pay", "enter") + flow("enter", "paid"), "sale")


def closing() -> bytes:
    """start → count → end."""
    body = '<bpmn:startEvent id="start"/>' + service_task("count", "count_the_day") + '<bpmn:endEvent id="end"/>'
    return diagram(
        body + user_task("look") + flow("start", "count") + flow("count", "look") + flow("look", "end"), "day"
    )


def shop() -> Database:
    database = new_database()
    deploy(database, sale_bpmn=sale(), day_bpmn=closing(), cash_ledger_form=LEDGER)
    return database


def start(database: Database, process_id: str, **variables: object) -> int:
    with database.transaction("test") as tx:
        return process_instances.start(tx, engine_actor(ORGANISATION), process_id, variables).key


def pay(database: Database, case: int) -> None:
    clerk = new_user(database, f"clerk{case}", "clerk")
    with database.transaction("test") as tx:
        [task] = tx.session.query(UserTask).filter_by(process_instance_key=case).all()
        user_tasks.complete(tx, clerk, task.key, {}, task.revision)


@contextmanager
def records(database: Database) -> Iterator[StoredRecords]:
    with database.reading() as tx:
        yield StoredRecords(tx.session, ORGANISATION)


def test_a_handler_adds_up_the_lines_of_a_day() -> None:
    database = shop()
    for amount in (30, 12):
        pay(database, start(database, "sale", amount=amount))
    assert isinstance(database.clock, FakeClock)
    database.clock.advance(timedelta(hours=1))
    case = start(database, "day")
    with database.reading() as tx:
        assert load_variables(tx.session, case)["total"] == 42


def test_a_line_names_its_case_and_stands_in_its_period_only() -> None:
    database = shop()
    pay(database, start(database, "sale", amount=5))
    with records(database) as kept:
        [line] = kept.papers("cash_ledger", MONDAY, MONDAY + DAY)
        assert kept.papers("cash_ledger", MONDAY - DAY, MONDAY) == []
        assert kept.papers("another", MONDAY, MONDAY + DAY) == []
    assert (line.fields["amount"], line.fields["case_number"]) == (5, line.case_number)
    assert line.filed_at == MONDAY


def test_cases_say_how_they_ended_and_tasks_by_whom() -> None:
    database = shop()
    done = start(database, "sale", amount=5)
    start(database, "sale", amount=6)
    pay(database, done)
    with records(database) as kept:
        first, second = kept.cases("sale", MONDAY, MONDAY + DAY)
        tasks = kept.tasks("sale", "pay", MONDAY, MONDAY + DAY)
    assert (first.state, first.ends, first.ended_at) == ("completed", ("paid",), MONDAY)
    assert (second.state, second.ends, second.ended_at) == ("active", (), None)
    assert [(task.completed_by, task.ended_at) for task in tasks] == [
        (f"clerk{done}", MONDAY),
        ("", None),
    ]


def test_a_handler_outside_of_the_transaction_has_no_records() -> None:
    nothing, now = NoRecords(), datetime(2026, 1, 1, tzinfo=UTC)
    for ask in (
        lambda: nothing.papers("x", now, now),
        lambda: nothing.cases("x", now, now),
        lambda: nothing.tasks("x", "y", now, now),
    ):
        with pytest.raises(RecordsOutOfReach, match="inline"):
            ask()
