"""A database that goes away in the middle of a job: the job is not to blame and loses no attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from engine import jobs
from engine.clock import FakeClock
from engine.commands import process_instances
from engine.database import Database, is_away
from engine.handling import HandlerContext, Outcome, handler
from engine.model import Job
from tests.builders import MONDAY, deploy, diagram, flow, new_database, new_user, service_task
from tests.crash.steps import problems
from tests.postgresql import new_postgresql_database


@handler("work_while_away")
def work_while_away(context: HandlerContext) -> Outcome:
    """Done at once."""
    return Outcome()


def working() -> bytes:
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + service_task("work", "work_while_away")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "work")
        + flow("work", "end"),
        "working",
    )


def go_away_after_the_handler(database: Database) -> None:
    def reach(name: str) -> None:
        if name == "handler has run":
            raise OperationalError("", {}, Exception("server closed the connection"), connection_invalidated=True)

    database.reach = reach


def test_an_outage_of_the_database_spends_no_attempt() -> None:
    clock = FakeClock(MONDAY)
    database = new_database(clock=clock)
    deploy(database, working_bpmn=working())
    clerk = new_user(database, "lin", "clerk")
    with database.transaction() as tx:
        process_instances.start(tx, clerk, "working")
    go_away_after_the_handler(database)
    for _ in range(5):  # more often than there are retries
        with pytest.raises(OperationalError):
            jobs.run_due(database)
        with database.reading() as tx:
            job = tx.session.scalars(select(Job)).one()
        assert (job.attempts, job.retries, job.failed) == (0, 3, False)
        clock.advance(jobs.LEASE + timedelta(seconds=1))
    database.reach = lambda name: None
    assert jobs.run_due(database) == 1
    with database.reading() as tx:
        assert tx.session.scalars(select(Job)).all() == []
    assert problems(database) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("writes", [True, False])
def test_a_connection_that_is_lost_in_a_transaction_is_said_to_be_lost(writes: bool) -> None:
    database = new_database(new_postgresql_database())
    opened = database.transaction if writes else database.reading
    with pytest.raises(DBAPIError) as caught, opened() as tx:
        tx.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert is_away(caught.value)
    with opened() as tx:
        assert tx.connection.scalar(text("SELECT 1")) == 1
    database.dispose()
