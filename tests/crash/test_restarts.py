"""PostgreSQL restarts under load: nothing acknowledged is lost, and the work goes on within a lease and ten seconds."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, select

from engine import jobs
from engine.clock import SystemClock
from engine.database import Database
from engine.model import Incident, Job, ProcessInstance, UserTask
from tests.builders import deploy, new_database, new_user
from tests.crash.restarting import calling
from tests.crash.steps import problems
from tests.postgresql import OwnServer, own_server
from tests.soak import ledger

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 3.0
GRACE_SECONDS = 10.0
NODES = 2
ROUNDS, RESTARTS_A_ROUND = 10, 10
SHUTDOWNS = (signal.SIGQUIT, signal.SIGINT)
"""At once, as when the machine dies, with recovery from the log; and with the sessions cut off in order."""


class Node:
    """A process under load and what it has said so far."""

    def __init__(self, url: str, seed: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.restarting", url, str(seed), str(LEASE_SECONDS)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.said: list[tuple[float, str]] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append((time.monotonic(), line.strip()))

    def acknowledged(self, since: float = 0.0) -> list[str]:
        """The commits it told of after a moment."""
        return [line for at, line in self.said if at > since and line != "away"]

    def stop(self) -> None:
        """Let it end by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(60) == 0, "a node did not outlive its database"

    def close(self) -> None:
        """Leave nothing behind, whatever happened."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def working(url: str, seed: int) -> Generator[list[Node]]:
    """The nodes, working; whatever happens, none is left behind."""
    nodes = [Node(url, seed * NODES + number) for number in range(NODES)]
    try:
        yield nodes
    finally:
        for node in nodes:
            node.close()


def restart_often(server: OwnServer, restarts: int, seed: int) -> tuple[int, float]:
    """Restart the server so many times; gives how much was acknowledged and the longest time until all went on."""
    chance = random.Random(seed)
    database = new_database(server.new_database(), SystemClock())
    deploy(database, calling_bpmn=calling())
    new_user(database, "clerk", "clerk")
    with working(database.engine.url.render_as_string(hide_password=False), seed) as nodes:
        wait_for_work(nodes, 0.0, 60)
        longest = 0.0
        for number in range(restarts):
            time.sleep(chance.uniform(0.3, 1.5))
            server.restart(SHUTDOWNS[number % len(SHUTDOWNS)])
            longest = max(longest, wait_for_work(nodes, time.monotonic(), LEASE_SECONDS + GRACE_SECONDS))
        for node in nodes:
            node.stop()
        said = [line for node in nodes for line in node.acknowledged()]
    longest = max(longest, finish(database))
    check(database, said)
    database.dispose()
    return len(said), longest


def wait_for_work(nodes: list[Node], since: float, patience: float) -> float:
    """Wait until every node has had a commit after a moment; gives how long that took."""
    begun = time.monotonic()
    while not all(node.acknowledged(since) for node in nodes):
        assert time.monotonic() - begun < patience, [node.said[-1:] for node in nodes]
        time.sleep(0.02)
    return time.monotonic() - begun


def finish(database: Database) -> float:
    """Run what the dead leases held; gives the seconds until no job was left."""
    begun = time.monotonic()
    while True:
        jobs.run_due(database, timedelta(seconds=LEASE_SECONDS))
        with database.reading() as tx:
            left = tx.session.scalar(select(func.count(Job.key)))
        if not left:
            return time.monotonic() - begun
        assert time.monotonic() - begun < LEASE_SECONDS + GRACE_SECONDS, f"{left} jobs are left"
        time.sleep(0.1)


def check(database: Database, said: list[str]) -> None:
    """What was acknowledged is there, once, and nothing was blamed for the outage."""
    started = {int(line.split()[1]) for line in said if line.startswith("started")}
    completed = [int(line.split()[1]) for line in said if line.startswith("completed")]
    assert len(set(completed)) == len(completed)
    with database.reading() as tx:
        assert started <= set(tx.session.scalars(select(ProcessInstance.key)))
        assert set(completed) <= set(tx.session.scalars(select(UserTask.key).where(UserTask.state == "completed")))
        assert tx.session.scalars(select(Incident.params)).all() == []
    assert problems(database) == []


@pytest.mark.postgresql
@pytest.mark.slow
def test_three_restarts_lose_nothing() -> None:
    with own_server() as server:
        restart_often(server, 3, seed=0)


@pytest.mark.postgresql
@pytest.mark.soak
def test_a_hundred_restarts_lose_nothing() -> None:
    for number in ledger.open_rounds("PostgreSQL restarts", ROUNDS):
        with own_server() as server:
            acknowledged, longest = restart_often(server, RESTARTS_A_ROUND, seed=number + 1)
        figures = {"acknowledged": acknowledged, "worst_recovery_s": longest}
        ledger.note("PostgreSQL restarts", number, restarts=RESTARTS_A_ROUND, lost=0, doubled=0, **figures)
