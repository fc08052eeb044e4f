"""Many people at one task at the same moment: one wins, the others are told who and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from engine import history
from engine.access import Actor, actor_for, engine_actor
from engine.clock import SystemClock
from engine.commands import process_instances, user_tasks, users
from engine.commands.user_tasks import TaskAlreadyDone, TaskTaken
from engine.database import Database, Transaction
from engine.model import Event, User, UserTask
from tests.builders import ORGANISATION, deploy, new_database, small_process
from tests.postgresql import new_postgresql_database

PEOPLE = 100
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def started(kind: str, folder: Path) -> tuple[Database, list[Actor], int]:
    """A case with one open task, and a hundred people to whom it is offered."""
    url = f"sqlite:///{folder / 'baoxiu.db'}" if kind == "sqlite" else new_postgresql_database()
    database = new_database(url, SystemClock())
    deploy(database, small_bpmn=small_process())
    with database.transaction() as tx:
        people = [colleague(tx, number) for number in range(PEOPLE)]
    with database.transaction() as tx:
        process_instances.start(tx, people[0], "small", {"amount": 1})
    with database.reading() as tx:
        return database, people, tx.session.scalars(select(UserTask.key)).one()


def colleague(tx: Transaction, number: int) -> Actor:
    """A clerk who cannot sign in; a password's hash is slow on purpose."""
    name = f"clerk{number}"
    user = User(username=name, display_name=name, password_hash="", session_stamp="", created_at=tx.now)
    tx.session.add(user)
    tx.session.flush()
    users.grant_role(tx, engine_actor(ORGANISATION), user, "clerk")
    return actor_for(tx.session, user.key, tx.now)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("claimed", [False, True])
def test_one_of_many_submits_wins(kind: str, claimed: bool, tmp_path: Path) -> None:
    database, people, key = started(kind, tmp_path)
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
            assert error.params["at"] is not None and error.status == 409
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


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_many_claims_wins(kind: str, tmp_path: Path) -> None:
    database, people, key = started(kind, tmp_path)
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
