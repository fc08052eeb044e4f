"""Many people at one task at the same moment: one wins, the others are told who and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from engine import history
from engine.access import Actor
from engine.clock import SystemClock
from engine.commands import process_instances, user_tasks
from engine.commands.user_tasks import TaskAlreadyDone, TaskTaken
from engine.database import Database
from engine.model import Event, UserTask
from tests.builders import default_url, deploy, new_database, new_user, small_process

PEOPLE = 20


def started(folder: Path) -> tuple[Database, list[Actor], int]:
    url = default_url()
    database = new_database(f"sqlite:///{folder / 'baoxiu.db'}" if url == "sqlite://" else url, SystemClock())
    deploy(database, small_bpmn=small_process())
    people = [new_user(database, f"clerk{number}", "clerk") for number in range(PEOPLE)]
    with database.transaction() as tx:
        process_instances.start(tx, people[0], "small", {"amount": 1})
    with database.reading() as tx:
        return database, people, tx.session.scalars(select(UserTask.key)).one()


@pytest.mark.parametrize("claimed", [False, True])
def test_one_of_many_submits_wins(tmp_path: Path, claimed: bool) -> None:
    database, people, key = started(tmp_path)
    if claimed:
        with database.transaction() as tx:
            user_tasks.claim(tx, people[0], key)
    gate = Barrier(PEOPLE)

    def submit(actor: Actor) -> str:
        gate.wait()
        try:
            with database.transaction() as tx:
                user_tasks.complete(tx, actor, key, {"note": actor.username})
        except (TaskAlreadyDone, TaskTaken) as error:
            assert error.params["at"] is not None
            return str(error.params.get("performer") or error.params.get("assignee"))
        return "won"

    with ThreadPoolExecutor(PEOPLE) as pool:
        outcomes = list(pool.map(submit, people))
    assert outcomes.count("won") == 1
    winner = people[outcomes.index("won")]
    assert set(outcomes) <= {"won", winner.display_name, people[0].display_name}
    with database.reading() as tx:
        completed = select(func.count()).where(Event.lifecycle == "completed", Event.element_id == "first")
        assert tx.session.scalar(completed) == 1
        assert not list(history.verify(tx.session))
    database.dispose()


def test_one_of_many_claims_wins(tmp_path: Path) -> None:
    database, people, key = started(tmp_path)
    gate = Barrier(PEOPLE)

    def claim(actor: Actor) -> bool:
        gate.wait()
        try:
            with database.transaction() as tx:
                user_tasks.claim(tx, actor, key)
        except TaskTaken:
            return False
        return True

    with ThreadPoolExecutor(PEOPLE) as pool:
        assert sum(pool.map(claim, people)) == 1
    database.dispose()
