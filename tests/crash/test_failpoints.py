"""Death at every named point of every command: the state is before or after, never between."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from engine.database import Database
from tests.builders import new_database
from tests.crash import steps
from tests.crash.dying import DEAD
from tests.crash.steps import STEPS, Step
from tests.postgresql import new_postgresql_database

ROOT = Path(__file__).parents[2]
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
LEAST_POINTS = 20


class Crash(BaseException):
    """The process is gone; nothing that handles errors may see it."""


class Fuse:
    """Blows at the n-th crash point that is reached."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.length:
            raise Crash(name)


def empty(kind: str, folder: Path) -> Database:
    url = f"sqlite:///{folder / 'baoxiu.db'}" if kind == "sqlite" else new_postgresql_database()
    database = new_database(url)
    steps.prepare(database)
    return database


def crash_everywhere(database: Database, step: Step) -> list[str]:
    """Run a step with a death at its first, second, … point, until it is through; gives the points' names."""
    step.ready(database)
    for length in range(1, 200):
        before = steps.contents(database)
        fuse = database.reach = Fuse(length)
        try:
            step.run(database)
        except Crash:
            pass
        finally:
            database.reach = lambda name: None
        assert steps.problems(database) == [], fuse.passed[-1]
        if step.is_done(database):
            assert fuse.passed[-1] == "committed"
            return fuse.passed
        assert steps.contents(database) == before, f"{step.name} left something at {fuse.passed[-1]}"
        steps.pass_time(database, steps.LEASE + timedelta(seconds=1))
    raise AssertionError(f"{step.name} never came to its end")


@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_leaves_the_state_before_or_after(kind: str, tmp_path: Path) -> None:
    database = empty(kind, tmp_path)
    for step in STEPS:
        points = crash_everywhere(database, step)
        assert len(set(points)) >= LEAST_POINTS, (step.name, points)
        assert steps.log(database).count(step.trace) == 1
    database.dispose()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("complete", "committing"),
        ("service job", "handler has run"),
        pytest.param("start", "events written", marks=pytest.mark.slow),
        pytest.param("complete", "job written", marks=pytest.mark.slow),
        pytest.param("service job", "jobs acquired", marks=pytest.mark.slow),
        pytest.param("message", "instance written", marks=pytest.mark.slow),
        pytest.param("incident retry", "committed", marks=pytest.mark.slow),
    ],
)
def test_a_process_that_dies_leaves_the_state_before_or_after(kind: str, name: str, point: str, tmp_path: Path) -> None:
    database = empty(kind, tmp_path)
    for step in STEPS:
        step.ready(database)
        if step.name == name:
            break
        step.run(database)
    before = steps.contents(database)
    url, time = database.engine.url.render_as_string(hide_password=False), database.clock.now().isoformat()
    command = [sys.executable, "-m", "tests.crash.dying", url, time, name, point]
    died = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert died.returncode == DEAD
    assert steps.problems(database) == []
    if step.is_done(database):
        assert point == "committed"
    else:
        assert steps.contents(database) == before
        steps.pass_time(database, steps.LEASE + timedelta(seconds=1))
        step.run(database)
    assert steps.log(database).count(step.trace) == 1
    assert steps.problems(database) == []
    database.dispose()
