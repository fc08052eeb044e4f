"""New code on the data of every version before: three cases of the small process, at its two tasks and ended.

``data/<revision>.sql`` holds the rows as the program of that revision left them. A migration brings its predecessor's.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import backup, history, migrations, verification
from engine.access import actor_for
from engine.clock import FakeClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.model import ProcessInstance, TaskState, User, UserTask
from tests.builders import MONDAY
from tests.postgresql import new_postgresql_database

DATA = Path(__file__).with_name("data")
OLDER = sorted(file.stem for file in DATA.glob("*.sql"))


def database_of(revision: str, file: Path) -> Database:
    """A database as the program of a revision left it."""
    database = Database(f"sqlite:///{file}", FakeClock(MONDAY))
    migrations.upgrade(database, revision)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("PRAGMA foreign_keys=OFF;" + (DATA / f"{revision}.sql").read_text(encoding="utf-8"))
    return database


def work_to_the_end(database: Database) -> None:
    """Do all tasks there are, and play a new case; nothing may be broken afterwards."""
    with database.reading() as tx:
        key = tx.session.scalars(select(User.key).where(User.username == "li")).one()
        li = actor_for(tx.session, key, tx.now)
    with database.transaction("web") as tx:
        process_instances.start(tx, li, "small", {"amount": 10})
    while True:
        with database.transaction("web") as tx:
            task = tx.session.scalars(select(UserTask.key).where(UserTask.state == TaskState.OPEN)).first()
            if task is None:
                break
            user_tasks.complete(tx, li, task, {})
    with database.reading() as tx:
        assert set(tx.session.scalars(select(ProcessInstance.state))) == {"completed"}
        assert [*history.verify(tx.session), *verification.verify(tx.session)] == []


def test_every_revision_but_the_newest_has_data() -> None:
    assert [*OLDER, migrations.newest_revision()] == migrations.revisions()


@pytest.mark.parametrize("revision", OLDER)
def test_cases_of_an_older_version_go_on_after_the_upgrade(revision: str, tmp_path: Path) -> None:
    database = database_of(revision, tmp_path / "old.db")
    migrations.upgrade(database)
    work_to_the_end(database)
    database.dispose()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize("revision", OLDER)
def test_a_backup_of_an_older_version_is_restored_and_goes_on(revision: str, kind: str, tmp_path: Path) -> None:
    old = database_of(revision, tmp_path / "old.db")
    backup.backup(old, tmp_path / "backup.db")
    old.dispose()
    url = f"sqlite:///{tmp_path / 'new.db'}" if kind == "sqlite" else new_postgresql_database()
    database = Database(url, FakeClock(MONDAY))
    backup.restore(database, tmp_path / "backup.db")
    work_to_the_end(database)
    database.dispose()
