"""The heartbeat sleeps until a job is due or left; several nodes run every job once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import func, select

from engine import fairness, jobs
from engine.clock import FakeClock, SystemClock
from engine.commands import process_instances, users
from engine.database import Database
from engine.handling import HandlerContext, Outcome, handler
from engine.heartbeat import Heartbeat
from engine.model import Event as LoggedEvent
from engine.model import Job, SignInFailures
from tests.builders import MONDAY, deploy, diagram, flow, new_database, new_user, service_task
from tests.crash.steps import problems
from tests.postgresql import new_postgresql_database

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
HOUR = timedelta(hours=1)
rung = Event()


@handler("alarm")
def alarm(context: HandlerContext) -> Outcome:
    """Says that it ran."""
    rung.set()
    return Outcome()


def address(kind: str, folder: Path) -> str:
    return f"sqlite:///{folder / 'baoxiu.db'}" if kind == "sqlite" else new_postgresql_database()


def ringing() -> bytes:
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + service_task("ring", "alarm")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "ring")
        + flow("ring", "end"),
        "ringing",
    )


def sleeping() -> bytes:
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        '<bpmn:endEvent id="end"/>' + flow("start", "wait") + flow("wait", "end"),
        "sleeping",
    )


@pytest.mark.parametrize(
    ("kind", "same_process"),
    [
        ("sqlite", True),  # what another process leaves on SQLite waits for the next look
        pytest.param("postgresql", True, marks=pytest.mark.postgresql),
        pytest.param("postgresql", False, marks=pytest.mark.postgresql),
    ],
)
def test_a_job_that_is_left_wakes_a_heartbeat_that_would_sleep_for_an_hour(
    kind: str, same_process: bool, tmp_path: Path
) -> None:
    url = address(kind, tmp_path)
    database = new_database(url, SystemClock())
    deploy(database, ringing_bpmn=ringing())
    clerk = new_user(database, "lin", "clerk")
    heartbeat = Heartbeat(database, 3600, HOUR)
    heartbeat.start()
    heartbeat.beat()
    rung.clear()
    other = database if same_process else Database(url, SystemClock())
    try:
        with other.transaction() as tx:
            process_instances.start(tx, clerk, "ringing")
        assert rung.wait(20)
    finally:
        heartbeat.stop()
        for one in {other, database}:
            one.dispose()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("nodes", "timers"),
    [
        (2, 30),
        pytest.param(4, 200, marks=pytest.mark.slow),
        pytest.param(2, 10_000, marks=pytest.mark.soak),
        pytest.param(4, 10_000, marks=pytest.mark.soak),
    ],
)
def test_timers_due_together_fire_once_each(kind: str, nodes: int, timers: int, tmp_path: Path) -> None:
    url, clock = address(kind, tmp_path), FakeClock(MONDAY)
    database = new_database(url, clock)
    deploy(database, sleeping_bpmn=sleeping())
    clerk = new_user(database, "lin", "clerk")
    for _ in range(timers):
        with database.transaction() as tx:
            process_instances.start(tx, clerk, "sleeping")
    clock.advance(HOUR)
    gate = Barrier(nodes)
    done: list[int] = []

    def node() -> None:
        own = Database(url, clock)
        gate.wait()
        done.append(jobs.run_due(own))
        own.dispose()

    threads = [Thread(target=node) for _ in range(nodes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.run_due(database)
    with database.reading() as tx:
        fired = select(func.count(), func.count(LoggedEvent.process_instance_key.distinct()))
        assert tuple(tx.session.execute(fired.where(LoggedEvent.lifecycle == "timer_fired")).one()) == (timers, timers)
        assert tx.session.scalar(select(func.count(Job.key))) == 0
    assert problems(database) == []
    database.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_failures_of_one_name_at_the_same_moment_are_all_counted(kind: str, tmp_path: Path) -> None:
    database = new_database(address(kind, tmp_path))
    gate = Barrier(4)

    def fail() -> None:
        gate.wait()
        with database.transaction() as tx:
            users.note_failure(tx, "lin")

    threads = [Thread(target=fail) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as tx:
        assert tx.session.get_one(SignInFailures, "lin").count == 4
    database.dispose()


def test_late_timers_fire_once_in_due_order_whatever_the_clock_does() -> None:
    clock = FakeClock(MONDAY)
    database = new_database("sqlite://", clock)
    deploy(database, sleeping_bpmn=sleeping())
    clerk = new_user(database, "lin", "clerk")
    for _ in range(20):
        with database.transaction() as tx:
            process_instances.start(tx, clerk, "sleeping")
        clock.advance(timedelta(minutes=1))
    clock.advance(-2 * HOUR)
    assert jobs.run_due(database) == 0
    clock.advance(24 * HOUR)
    assert jobs.run_due(database) == 20
    clock.advance(-24 * HOUR)
    assert jobs.run_due(database) == 0
    with database.reading() as tx:
        fired = select(LoggedEvent.due_at).where(LoggedEvent.lifecycle == "timer_fired").order_by(LoggedEvent.key)
        due = list(tx.session.scalars(fired))
    assert due == sorted(due) and len(due) == 20
    assert problems(database) == []


def test_many_jobs_of_one_case_or_organisation_do_not_keep_the_others_waiting() -> None:
    crowd = [fairness.Due(key, "timer", "a", 1, MONDAY, 50) for key in range(100)]
    late = [
        fairness.Due(200, "timer", "a", 2, MONDAY + HOUR, 50),
        fairness.Due(201, "timer", "b", 3, MONDAY + 2 * HOUR, 50),
    ]
    assert [job.key for job in fairness.in_turns([*crowd, *late])[:4]] == [0, 201, 200, 1]


def test_a_lease_that_is_renewed_is_not_taken_and_one_that_ended_is(tmp_path: Path) -> None:
    clock = FakeClock(MONDAY)
    database = new_database(f"sqlite:///{tmp_path / 'baoxiu.db'}", clock)
    deploy(database, ringing_bpmn=ringing())
    clerk = new_user(database, "lin", "clerk")
    with database.transaction() as tx:
        process_instances.start(tx, clerk, "ringing")
    [held] = jobs.acquire(database)
    clock.advance(timedelta(seconds=50))
    assert jobs.renew(database, held.token, jobs.LEASE) == 1
    clock.advance(timedelta(seconds=50))
    assert jobs.acquire(database) == []
    assert jobs.next_due(database) == MONDAY + timedelta(seconds=110)
    clock.advance(timedelta(seconds=10))
    [taken] = jobs.acquire(database)
    assert taken.token != held.token
    jobs.run(database, held)  # comes too late; it is not its job any more
    jobs.run(database, taken)
    with database.reading() as tx:
        assert tx.session.scalars(select(Job)).all() == []
    assert problems(database) == []
    database.dispose()
