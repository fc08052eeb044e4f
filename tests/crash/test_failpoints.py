"""Death at every named point of every command: the state is before or after, never between."""

from __future__ import annotations

import contextlib
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from sqlalchemy import event

from engine import commands
from engine.database import Database
from tests.builders import new_database
from tests.crash import administering, linked, steps
from tests.crash.dying import DEAD
from tests.crash.steps import STEPS, Step
from tests.postgresql import new_postgresql_database

ROOT = Path(__file__).parents[2]
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
LEAST_POINTS = 20
STATEMENT = "before "
STORIES: dict[str, tuple[Callable[[Database], None], tuple[Step, ...]]] = {
    "one case": (steps.prepare, steps.STEPS),
    "linked cases": (linked.prepare, linked.STEPS),
    "administration": (administering.prepare, administering.STEPS),
}
COMMANDS = {
    "calendars.save",
    "comments.add_to_task",
    "deployments.deploy",
    "exports.take_events",
    "exports.take_register",
    "incidents.retry",
    "messages.broadcast",
    "messages.deliver_signal",
    "messages.publish",
    "notifications.mark_read",
    "organisations.add_demo_users",
    "organisations.set_up",
    "prices.save",
    "process_instances.cancel",
    "process_instances.create",
    "process_instances.start",
    "start_timers.arm",
    "start_timers.disarm",
    "start_timers.fire",
    "user_tasks.assign",
    "user_tasks.attach",
    "user_tasks.claim",
    "user_tasks.complete",
    "user_tasks.release",
    "user_tasks.save_draft",
    "users.add_user",
    "users.change_password",
    "users.grant_role",
    "users.note_failure",
    "users.note_success",
    "users.revoke_role",
}
"""What the steps call."""
WITHOUT_STEP = {
    "deployments.check": "changes nothing",
    "deployments.surroundings": "changes nothing",
    "evidence.attach": "the part of user_tasks.attach that has no transaction of its own",
    "evidence.document_types": "changes nothing",
    "evidence.needs_of": "changes nothing",
    "evidence.settle": "changes nothing",
    "process_instances.running_case": "changes nothing",
    "user_tasks.visible_task": "changes nothing",
    "users.wait_before": "changes nothing",
}


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

    def statement(self, _connection: object, _cursor: object, text: str, *_: object) -> None:
        """A point before each statement."""
        self(f"{STATEMENT}{text}")


def empty(kind: str, folder: Path, prepare: Callable[[Database], None]) -> Database:
    url = f"sqlite:///{folder / 'baoxiu.db'}" if kind == "sqlite" else new_postgresql_database()
    database = new_database(url)
    prepare(database)
    return database


@contextmanager
def wired(database: Database, fuse: Fuse, statements: bool) -> Generator[None]:
    """The fuse at the named points, and before each statement where that is asked."""
    database.reach = fuse
    if statements:
        event.listen(database.engine, "before_cursor_execute", fuse.statement)
    try:
        yield
    finally:
        database.reach = lambda name: None
        if statements:
            event.remove(database.engine, "before_cursor_execute", fuse.statement)


def crash_everywhere(database: Database, step: Step) -> list[str]:
    """Run a step with a death at its first, second, … point, until it is through; gives the points' names."""
    step.ready(database)
    assert not step.is_done(database), step.name
    before = steps.contents(database)
    for length in range(1, 200):
        fuse = Fuse(length)
        with contextlib.suppress(Crash), wired(database, fuse, step.is_small):
            step.run(database)
        assert steps.problems(database) == [], fuse.passed[-1]
        if step.is_done(database):
            assert fuse.passed[-1] == "committed", (step.name, fuse.passed[-1])
            return fuse.passed
        assert steps.contents(database) == before, f"{step.name} left something at {fuse.passed[-1]}"
        steps.pass_time(database, steps.LEASE + timedelta(seconds=1))
    raise AssertionError(f"{step.name} never came to its end")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("story", STORIES)
def test_a_crash_leaves_the_state_before_or_after(kind: str, story: str, tmp_path: Path) -> None:
    """What moves a case passes many points in `Running.save`. What does not (`Step.is_small`) is one transaction with
    nothing between its beginning and its end but statements; it is interrupted before each of these, too.
    """
    prepare, life = STORIES[story]
    database = empty(kind, tmp_path, prepare)
    for step in life:
        points = crash_everywhere(database, step)
        named = {point for point in points if not point.startswith(STATEMENT)}
        if step.is_small:
            assert named - {"jobs acquired"} == {"begun", "committing", "committed"}, (step.name, points)
            assert len(named) < len(set(points)), f"{step.name} writes nothing"
        else:
            assert len(named) >= LEAST_POINTS, (step.name, points)
        assert step.told(database).count(step.trace) == 1, step.name
    database.dispose()


def test_every_command_is_interrupted() -> None:
    """A command that is new has to find its step, or a reason for having none."""
    modules = [import_module(f"{commands.__name__}.{found.name}") for found in iter_modules(commands.__path__)]
    public = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if next(iter(inspect.signature(function).parameters), "") in ("tx", "running")
    }
    assert public == COMMANDS | set(WITHOUT_STEP)


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
    database = empty(kind, tmp_path, steps.prepare)
    step, *_ = (each for each in STEPS if each.name == name)
    for earlier in STEPS[: STEPS.index(step)]:
        earlier.ready(database)
        earlier.run(database)
    step.ready(database)
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
    assert step.told(database).count(step.trace) == 1
    assert steps.problems(database) == []
    database.dispose()
