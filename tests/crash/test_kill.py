"""kill -9 during load: no acknowledged completion is lost, none happens twice, the event log is whole."""

from __future__ import annotations

import multiprocessing
import random
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import history
from engine.database import Database
from engine.model import ElementInstance, Event, ProcessInstance, UserTask
from tests.builders import deploy, new_database, new_user, small_process
from tests.crash.load import work
from tests.postgresql import new_postgresql_database
from tests.soak import ledger

PROCESSES = 2
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
ROUNDS, KILLS_A_ROUND = 20, 50
nursery = multiprocessing.get_context("forkserver")
"""Workers are forked from a process that has imported everything, so that the time goes into the kills."""
nursery.set_forkserver_preload(["tests.crash.load"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_processes_lose_and_double_nothing(kind: str, kills: int, tmp_path: Path) -> None:
    kill_often(kind, tmp_path, kills, seed=kills)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_thousand_kills_lose_and_double_nothing(kind: str, tmp_path: Path) -> None:
    for number in ledger.open_rounds(f"kill -9 on {kind}", ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        acknowledged = kill_often(kind, folder, KILLS_A_ROUND, seed=number)
        ledger.note(f"kill -9 on {kind}", number, kills=KILLS_A_ROUND, acknowledged=acknowledged, lost=0, doubled=0)


def kill_often(kind: str, folder: Path, kills: int, seed: int) -> int:
    """Kill the processes under load so many times and look what is left; gives how much they acknowledged."""
    database = new_database(new_postgresql_database() if kind == "postgresql" else f"sqlite:///{folder / 'baoxiu.db'}")
    deploy(database, small_bpmn=small_process())
    new_user(database, "clerk", "clerk")
    chance = random.Random(seed)
    url = database.engine.url.render_as_string(hide_password=False)
    acknowledged: list[str] = []
    for number in range(kills):
        acknowledged += run_and_kill(url, seed * kills + number, chance)
    started = {int(line.split()[1]) for line in acknowledged if line.startswith("started")}
    completed = [int(line.split()[1]) for line in acknowledged if line.startswith("completed")]
    assert len(completed) > kills, "the load was too light to show anything"
    assert len(set(completed)) == len(completed), "a task was completed twice"
    check(database, started, set(completed))
    database.dispose()
    return len(started) + len(completed)


def run_and_kill(url: str, seed: int, chance: random.Random) -> list[str]:
    """Two processes under load, both killed after a random number of acknowledgements; gives what they said."""
    processes: list[BaseProcess] = []
    hears: list[Connection] = []
    for number in range(PROCESSES):
        hear, say = nursery.Pipe(duplex=False)
        process = nursery.Process(target=work, args=(url, seed * PROCESSES + number, say))
        process.start()
        say.close()  # the only one left is the worker's: its death ends what can be heard
        processes.append(process)
        hears.append(hear)
    said = [hears[0].recv() for _ in range(chance.randrange(2, 40))]
    for process in processes:
        process.kill()
    for process, hear in zip(processes, hears, strict=True):
        process.join()
        said += rest_of(hear)
    return said


def rest_of(hear: Connection) -> list[str]:
    """What a dead process had still said; a message the kill cut off acknowledges nothing."""
    said: list[str] = []
    try:
        while True:
            said.append(hear.recv())
    except (EOFError, OSError):
        hear.close()
        return said


def check(database: Database, started: set[int], completed: set[int]) -> None:
    with database.reading() as tx:
        session = tx.session
        assert started <= set(session.scalars(select(ProcessInstance.key)))
        done = set(session.scalars(select(UserTask.key).where(UserTask.state == "completed")))
        assert completed <= done
        assert not list(history.verify(session))
        twice = session.execute(
            select(Event.process_instance_key, Event.element_instance)
            .where(Event.lifecycle == "completed", Event.element_id.in_(["first", "second"]))
            .group_by(Event.process_instance_key, Event.element_instance)
            .having(func.count() > 1)
        ).all()
        assert not twice
        for instance in session.scalars(select(ProcessInstance)):
            tasks = select(UserTask.element_instance).where(
                UserTask.process_instance_key == instance.key, UserTask.state == "open"
            )
            active = select(ElementInstance.id).where(
                ElementInstance.process_instance_key == instance.key, ElementInstance.state == "active"
            )
            assert set(session.scalars(tasks)) == set(session.scalars(active)), "read models and tokens differ"
            assert (instance.state == "completed") == (not set(session.scalars(active)))
