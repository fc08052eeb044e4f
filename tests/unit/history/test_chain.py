"""The event log: any altered, deleted or reordered event is found; erased values are not missed."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from engine import history
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.model import Event, ProcessInstance, UserTask
from tests.builders import deploy, new_database, new_user, small_process

COLUMNS = ("lifecycle", "performer", "element_id", "reason", "roles", "source", "hash", "previous_hash")


def worked_cases(count: int = 3) -> Database:
    database = new_database()
    deploy(database, small_bpmn=small_process())
    clerk = new_user(database, "clerk", "clerk")
    for number in range(count):
        with database.transaction() as tx:
            case = process_instances.start(tx, clerk, "small", {"amount": number})
        with database.reading() as tx:
            key = tx.session.scalars(select(UserTask.key).where(UserTask.process_instance_key == case.key)).one()
        with database.transaction() as tx:
            user_tasks.complete(tx, clerk, key, {"note": f"言 {number}"})
    return database


def broken(database: Database) -> list[history.Broken]:
    with database.reading() as tx:
        return list(history.verify(tx.session))


def test_an_untouched_log_is_whole() -> None:
    assert broken(worked_cases()) == []


def test_erased_values_leave_the_chain_whole() -> None:
    database = worked_cases()
    with database.transaction() as tx:
        key = tx.session.scalars(select(ProcessInstance.key).limit(1)).one()
        assert history.erase(tx.session, key) > 0
    assert broken(database) == []
    with database.reading() as tx:
        payloads = tx.session.scalars(select(Event.payload).where(Event.process_instance_key == key)).all()
    assert all(value is None for payload in payloads for value in payload.values())


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_fact_is_found(column: str) -> None:
    database = worked_cases()
    with database.transaction() as tx:
        event = tx.session.scalars(select(Event).where(Event.process_instance_key > 0).limit(1).offset(2)).one()
        setattr(event, column, "forged")
    assert broken(database)


def test_a_changed_value_is_found() -> None:
    database = worked_cases()
    with database.transaction() as tx:
        event = next(event for event in tx.session.scalars(select(Event)) if "note" in (event.payload or {}))
        event.payload = {"note": [event.payload["note"][0], '"another"']}
    assert [place.sequence for place in broken(database)] == [event.sequence]


@pytest.mark.parametrize("offset", [0, 3, -1])
def test_a_deleted_event_is_found(offset: int) -> None:
    database = worked_cases()
    with database.transaction() as tx:
        events = tx.session.scalars(select(Event).where(Event.process_instance_key == 1).order_by(Event.sequence)).all()
        tx.session.delete(events[offset])
    assert broken(database)


def test_two_events_that_changed_places_are_found() -> None:
    chance = random.Random(7)
    for _ in range(20):
        database = worked_cases(1)
        with database.transaction() as tx:
            events = list(tx.session.scalars(select(Event).where(Event.process_instance_key == 1)))
            one, other = chance.sample(events, 2)
            one.sequence, other.sequence = other.sequence, one.sequence
        assert broken(database)
