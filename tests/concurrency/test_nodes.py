"""Nodes that are processes of their own, at one database: each timer fires once, nobody waits for each other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from engine.clock import FakeClock
from engine.commands import process_instances
from engine.database import Database
from engine.model import Event, Job
from tests.builders import MONDAY, deploy, diagram, flow, new_database, new_user
from tests.crash.steps import problems
from tests.postgresql import new_postgresql_database
from tests.soak import ledger

ROOT = Path(__file__).parents[2]
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
TIMERS = 10_000


def sleeping() -> bytes:
    """A case that waits an hour and is over."""
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        '<bpmn:endEvent id="end"/>' + flow("start", "wait") + flow("wait", "end"),
        "sleeping",
    )


def fire_together(kind: str, folder: Path, nodes: int, timers: int) -> float:
    """So many timers due at one moment, run by so many processes; gives the seconds it took."""
    url = f"sqlite:///{folder / 'baoxiu.db'}" if kind == "sqlite" else new_postgresql_database()
    clock = FakeClock(MONDAY)
    database = new_database(url, clock)
    deploy(database, sleeping_bpmn=sleeping())
    clerk = new_user(database, "lin", "clerk")
    for _ in range(timers):
        with database.transaction() as tx:
            process_instances.start(tx, clerk, "sleeping")
    clock.advance(timedelta(hours=1))
    command = [sys.executable, "-m", "tests.concurrency.node", url, clock.now().isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) for _ in range(nodes)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        begun = time.monotonic()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        answers = [worker.communicate()[0].split() for worker in workers]
        took = time.monotonic() - begun
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert sum(int(done) for done, _ in answers) == timers, answers
    assert [failed for _, failed in answers] == ["0"] * nodes
    check(database, timers)
    database.dispose()
    return took


def check(database: Database, timers: int) -> None:
    """Every timer fired once and PostgreSQL saw no deadlock."""
    with database.reading() as tx:
        fired = select(func.count(), func.count(Event.process_instance_key.distinct()))
        assert tuple(tx.session.execute(fired.where(Event.lifecycle == "timer_fired")).one()) == (timers, timers)
        assert tx.session.scalar(select(func.count(Job.key))) == 0
        if not database.is_sqlite:
            deadlocks = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            assert tx.session.scalar(deadlocks) == 0
    assert problems(database) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_fire_each_timer_once(kind: str, tmp_path: Path) -> None:
    fire_together(kind, tmp_path, nodes=2, timers=500)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("nodes", [2, 4])
def test_ten_thousand_timers_fire_once_each(kind: str, nodes: int, tmp_path: Path) -> None:
    name = f"timers due together, {nodes} nodes on {kind}"
    for number in ledger.open_rounds(name, 1):
        took = fire_together(kind, tmp_path, nodes, TIMERS)
        ledger.note(name, number, timers=TIMERS, seconds=took, deadlocks=0, doubled=0)
