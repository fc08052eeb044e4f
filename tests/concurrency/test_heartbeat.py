"""The heartbeat sleeps until a job is due or left; several nodes run every job once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import func, insert, select

from engine import fairness, jobs
from engine.clock import FakeClock, SystemClock
from engine.commands import organisations, process_instances, users
from engine.database import Database
from engine.handling import HandlerContext, Outcome, handler
from engine.heartbeat import Heartbeat
from engine.model import Event as LoggedEvent
from engine.model import Job, SignInFailures
from tests.builders import MONDAY, deploy, diagram, flow, new_database, new_user, organisation_data, service_task
from tests.crash.steps import problems
from tests.postgresql import new_postgresql_database

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
HOUR = timedelta(hours=1)
rung = Event()
begun, over = Event(), Event()


@handler("alarm")
def alarm(context: HandlerContext) -> Outcome:
    """Says that it ran."""
    rung.set()
    return Outcome()


@handler("long_alarm")
def long_alarm(context: HandlerContext) -> Outcome:
    """Runs until it is told to end."""
    begun.set()
    over.wait(30)
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


def test_an_organisation_with_ten_thousand_due_jobs_does_not_starve_another() -> None:
    database = new_database("sqlite://", FakeClock(MONDAY + HOUR))
    data = organisation_data()
    data["organisation"] = {**data["organisation"], "key": "shop"}
    with database.transaction() as tx:
        organisations.set_up(tx, data)
        tx.session.execute(insert(Job), [due_job("workshop", MONDAY) for _ in range(10_000)])
        tx.session.execute(insert(Job), [due_job("shop", MONDAY + timedelta(seconds=1)) for _ in range(3)])
    first = jobs.acquire(database)
    assert len(first) == jobs.BATCH
    assert [lease.organisation_key for lease in first].count("shop") == 3


def due_job(organisation: str, due: datetime) -> dict[str, object]:
    """A row of the job table that stands for no token."""
    return {
        "organisation_key": organisation,
        "kind": "start_case",
        "due_at": due,
        "idempotency_key": secrets.token_hex(16),
        "created_at": MONDAY,
    }


def test_of_jobs_due_together_the_more_important_comes_first() -> None:
    database = new_database("sqlite://")
    with database.transaction() as tx:
        rows = [{**due_job("workshop", MONDAY), "priority": priority} for priority in (10, 90, 50)]
        tx.session.execute(insert(Job), rows)
    keys = [lease.key for lease in jobs.acquire(database)]
    with database.reading() as tx:
        assert [tx.session.get_one(Job, key).priority for key in keys] == [90, 50, 10]


def test_a_failed_attempt_waits_longer_each_time_and_never_exactly_as_long() -> None:
    for attempts in range(1, 20):
        wait = min(jobs.FIRST_WAIT * 2 ** (attempts - 1), jobs.LONGEST_WAIT)
        waits = {jobs.backoff(attempts) for _ in range(20)}
        assert len(waits) > 1
        assert all(wait * 0.95 <= one < wait * 1.05 for one in waits)


@pytest.mark.parametrize("kind", KINDS)
def test_the_lease_of_a_long_handler_is_renewed_while_it_runs(kind: str, tmp_path: Path) -> None:
    url = address(kind, tmp_path)
    database = new_database(url, SystemClock())
    deploy(database, long_bpmn=ringing().replace(b'"alarm"', b'"long_alarm"'))
    clerk = new_user(database, "lin", "clerk")
    with database.transaction() as tx:
        process_instances.start(tx, clerk, "ringing")
    lease = timedelta(seconds=0.6)
    begun.clear()
    over.clear()
    node = Thread(target=jobs.run_due, args=[database, lease])
    node.start()
    assert begun.wait(20)
    other = Database(url, SystemClock())
    first = leased_until(other)
    deadline = first + 3 * lease
    while (now := leased_until(other)) < deadline:
        assert jobs.acquire(other) == [], "the lease ended although the handler runs"
        assert now - SystemClock().now() > -lease
    over.set()
    node.join(20)
    with other.reading() as tx:
        assert tx.session.scalar(select(func.count(Job.key))) == 0
    other.dispose()
    database.dispose()


def leased_until(database: Database) -> datetime:
    """Until when the only job is leased."""
    with database.reading() as tx:
        until = tx.session.scalars(select(Job.leased_until)).one()
    assert until is not None
    return until


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
