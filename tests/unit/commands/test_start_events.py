"""Cases that nobody starts by hand: timer and signal start events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import jobs
from engine.access import engine_actor
from engine.clock import FakeClock
from engine.commands import messages, start_timers
from engine.database import Database
from engine.model import Event, Job, ProcessInstance
from tests.builders import MONDAY, ORGANISATION, deploy, diagram, flow, new_database, user_task

SIGNAL = '<bpmn:signal id="S" name="alarm"/>'


def process(definition: str, process_id: str = "p") -> bytes:
    """A process with one start event and one task."""
    body = f'<bpmn:startEvent id="begin">{definition}</bpmn:startEvent>' + user_task("do")
    body += '<bpmn:endEvent id="end"/>' + flow("begin", "do") + flow("do", "end")
    return diagram(body, process_id, SIGNAL)


def timer(kind: str, value: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition>"


def clock_of(database: Database) -> FakeClock:
    assert isinstance(database.clock, FakeClock)
    return database.clock


def starts(database: Database) -> list[datetime]:
    with database.reading() as tx:
        return list(tx.session.scalars(select(ProcessInstance.started_at).order_by(ProcessInstance.key)))


def due(database: Database) -> list[datetime]:
    with database.reading() as tx:
        return list(tx.session.scalars(select(Job.due_at).where(Job.kind == "start_timer")))


def pass_to(database: Database, moment: datetime) -> None:
    clock_of(database).set(moment)
    jobs.run_due(database)


def test_a_cron_starts_a_case_each_time_on_the_organisations_clock() -> None:
    database = new_database()
    deploy(database, p_bpmn=process(timer("timeCycle", "0 0 16 * * *")))
    four = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert due(database) == [four]
    pass_to(database, four - timedelta(seconds=1))
    assert starts(database) == []
    for day in range(3):
        pass_to(database, four + timedelta(days=day))
    assert starts(database) == [four + timedelta(days=day) for day in range(3)]
    assert due(database) == [four + timedelta(days=3)]
    with database.reading() as tx:
        sources = set(tx.session.scalars(select(Event.source).where(Event.lifecycle == "case_started")))
    assert sources == {"timer"}


def test_missed_times_are_one_case() -> None:
    database = new_database()
    deploy(database, p_bpmn=process(timer("timeCycle", "0 0 16 * * *")))
    pass_to(database, MONDAY + timedelta(days=10))
    assert starts(database) == [MONDAY + timedelta(days=10)]
    assert due(database) == [datetime(2026, 3, 12, 8, 0, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("kind", "value", "times"),
    [
        ("timeDuration", "PT1H", 1),
        ("timeDate", "2026-03-02T10:00:00+08:00", 1),
        ("timeDate", '=working time after(now(), duration("PT1H"))', 1),
        ("timeCycle", "R3/PT1H", 3),
    ],
)
def test_a_timer_fires_as_often_as_it_says(kind: str, value: str, times: int) -> None:
    database = new_database()
    deploy(database, p_bpmn=process(timer(kind, value.replace('"', "&quot;"))))
    for hour in range(1, 6):
        pass_to(database, MONDAY + timedelta(hours=hour))
    assert starts(database) == [MONDAY + timedelta(hours=hour) for hour in range(1, times + 1)]
    assert due(database) == []


def test_a_start_that_fails_is_tried_again_until_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    database = new_database()
    deploy(database, p_bpmn=process(timer("timeDuration", "PT1H")))

    def broken(*_: object) -> None:
        raise RuntimeError("the disk is away")

    with monkeypatch.context() as patch:
        patch.setattr(start_timers, "fire", broken)
        for hour in range(1, 60):
            pass_to(database, MONDAY + timedelta(hours=2 * hour))
    assert starts(database) == []
    pass_to(database, MONDAY + timedelta(days=6))
    assert len(starts(database)) == 1


def test_a_new_version_takes_the_place_of_the_old_ones_timer() -> None:
    database = new_database()
    deploy(database, p_bpmn=process(timer("timeCycle", "0 0 16 * * *")))
    deploy(database, p_bpmn=process(timer("timeCycle", "0 0 17 * * *")))
    assert due(database) == [datetime(2026, 3, 2, 9, 0, tzinfo=UTC)]
    deploy(database, p_bpmn=process(""))
    assert due(database) == []


def test_deploying_the_same_again_leaves_the_timer_alone() -> None:
    database = new_database()
    deploy(database, p_bpmn=process(timer("timeDuration", "PT1H")))
    clock_of(database).advance(timedelta(minutes=30))
    deploy(database, p_bpmn=process(timer("timeDuration", "PT1H")), q_bpmn=process("", "q"))
    assert due(database) == [MONDAY + timedelta(hours=1)]


def test_timers_can_be_taken_away_and_armed_again() -> None:
    database = new_database()
    deploy(database, p_bpmn=process(timer("timeCycle", "0 0 16 * * *")))
    with database.transaction() as tx:
        start_timers.disarm(tx, ORGANISATION)
    assert due(database) == []
    with database.transaction() as tx:
        start_timers.arm(tx, ORGANISATION)
    assert due(database) == [datetime(2026, 3, 2, 8, 0, tzinfo=UTC)]


def test_a_signal_starts_every_process_that_waits_for_it() -> None:
    database = new_database()
    waits = process('<bpmn:signalEventDefinition signalRef="S"/>')
    deploy(database, p_bpmn=waits, q_bpmn=process("", "q"))
    with database.transaction() as tx:
        assert messages.broadcast(tx, engine_actor(ORGANISATION), "alarm", {"floor": "three"}) == 1
        assert messages.broadcast(tx, engine_actor(ORGANISATION), "other", {}) == 0
    jobs.run_due(database)
    with database.reading() as tx:
        assert list(tx.session.scalars(select(ProcessInstance.process_id))) == ["p"]
