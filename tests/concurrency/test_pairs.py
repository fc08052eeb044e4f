"""Every pair of commands at one case at the same moment: no deadlock, no half state, whatever order they get."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from engine import jobs
from engine.access import engine_actor
from engine.clock import FakeClock
from engine.commands import comments, incidents, messages, process_instances, user_tasks
from engine.database import Database
from engine.errors import BaoxiuError
from engine.model import Incident, ProcessInstance
from tests.builders import MONDAY, ORGANISATION, new_database, new_user
from tests.crash import steps
from tests.postgresql import new_postgresql_database
from tests.soak import ledger

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
PATIENCE = 60


def broadcast(database: Database) -> None:
    with database.transaction() as tx:
        messages.broadcast(tx, engine_actor(ORGANISATION), "stop", {})


def retry(database: Database) -> None:
    he = steps.person(database, "he")
    with database.reading() as tx:
        key = tx.session.scalar(select(Incident.key)) or 0
    with database.transaction() as tx:
        incidents.retry(tx, he, key)


COMMANDS: dict[str, tuple[object, Callable[[Database], None]]] = {
    "claim": (user_tasks.claim, steps.claim),
    "release": (user_tasks.release, steps.release),
    "draft": (user_tasks.save_draft, steps.save_draft),
    "assign": (user_tasks.assign, steps.assign),
    "attach": (user_tasks.attach, steps.attach),
    "complete": (user_tasks.complete, steps.complete),
    "comment": (comments.add_to_task, steps.comment),
    "jobs": (jobs.run_due, steps.run_jobs),
    "message": (messages.publish, steps.send),
    "signal": (messages.broadcast, broadcast),
    "retry": (incidents.retry, retry),
    "cancel": (process_instances.cancel, steps.cancel),
}
"""What is raced: the command of the engine, and how to call it."""
ELSEWHERE = {
    "start": "makes a case that nobody else knows",
    "create": "what start does, without its checks",
    "deliver_signal": "a job's work, raced as jobs",
    "visible_task": "changes nothing",
    "running_case": "changes nothing",
}
"""Functions in the modules of commands that are not raced, and why."""
SHORT = [("complete", "jobs"), ("complete", "cancel"), ("claim", "assign"), ("attach", "complete"), ("jobs", "cancel")]
PAIRS = list(itertools.combinations_with_replacement(COMMANDS, 2))


def set_the_scene(database: Database, stopped: bool) -> None:
    """A case at its first task with a timer that is due; or, `stopped`, with an incident that can be retried."""
    steps.start(database)
    if stopped:
        steps.complete(database)
        steps.run_jobs(database)
        steps.send(database)  # names somebody who is not there yet
    new_user(database, "sun", "clerk")
    steps.pass_time(database, timedelta(hours=1))


def test_every_command_at_a_case_is_raced() -> None:
    modules = (comments, incidents, messages, process_instances, user_tasks)
    commands = {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if next(iter(inspect.signature(function).parameters), "") == "tx"
    }
    raced = {getattr(command, "__name__", "") for command, _ in COMMANDS.values()} - {"run_due"}
    assert commands == raced | (commands & set(ELSEWHERE))
    assert set(ELSEWHERE) <= commands


def race(database: Database, pair: tuple[str, str]) -> None:
    """Both at once, each on a node of its own; a refusal in words is an answer, anything else is not."""
    gate = Barrier(2)
    surprises: list[Exception] = []

    def run(name: str) -> None:
        own = Database(database.engine.url.render_as_string(hide_password=False), database.clock)
        try:
            gate.wait()
            COMMANDS[name][1](own)
        except BaoxiuError:
            pass  # the other was faster
        except Exception as error:  # noqa: BLE001 - shown by the test
            surprises.append(error)
        finally:
            own.dispose()

    threads = [Thread(target=run, args=[name], daemon=True) for name in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), f"{pair} wait for each other"
    assert surprises == [], pair


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param(SHORT, id="some"),
        pytest.param(PAIRS, marks=pytest.mark.slow, id="all"),
    ],
)
def test_pairs_of_commands_at_one_case(kind: str, pairs: list[tuple[str, str]], tmp_path: Path) -> None:
    race_all(kind, pairs, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_pairs_of_commands_thirty_times(kind: str, tmp_path: Path) -> None:
    for number in ledger.open_rounds(f"pairs of commands on {kind}", 30):
        folder = tmp_path / str(number)
        folder.mkdir()
        race_all(kind, PAIRS, folder)
        ledger.note(f"pairs of commands on {kind}", number, races=len(PAIRS), deadlocks=0)


def race_all(kind: str, pairs: list[tuple[str, str]], folder: Path) -> None:
    """Race each pair at a case of its own and look what is left."""
    for number, pair in enumerate(pairs):
        url = f"sqlite:///{folder / str(number)}.db" if kind == "sqlite" else new_postgresql_database()
        database = new_database(url, FakeClock(MONDAY))
        steps.prepare(database)
        set_the_scene(database, stopped="retry" in pair)
        race(database, pair)
        assert steps.problems(database) == [], pair
        steps.pass_time(database, steps.LEASE + timedelta(seconds=1))
        steps.run_jobs(database)
        with database.reading() as tx:
            case = tx.session.scalars(select(ProcessInstance)).one()
        assert case.incidents == 0 or set(pair) != {"retry"}, pair
        assert case.incidents == 0 or "retry" in pair, pair
        log = steps.log(database)
        assert log.count("completed check") <= 1 and log.count("timer_fired late") <= 1, pair
        assert steps.problems(database) == [], pair
        database.dispose()
