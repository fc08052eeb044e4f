"""Backup and restore: under load, between the two databases, everything or nothing."""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select

from engine import backup, migrations
from engine.access import Actor
from engine.clock import SystemClock
from engine.commands import organisations, process_instances, user_tasks
from engine.database import Database
from engine.model import ProcessInstance, UserTask
from tests.builders import deploy, new_user, organisation_data, small_process
from tests.crash.steps import contents, problems
from tests.postgresql import new_postgresql_database
from webapp import cli

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def fresh(kind: str, folder: Path, name: str = "live") -> Database:
    """A migrated, empty database."""
    url = f"sqlite:///{folder / name}.db" if kind == "sqlite" else new_postgresql_database()
    database = Database(url, SystemClock())
    migrations.upgrade(database)
    return database


def at_work(kind: str, folder: Path) -> tuple[Database, Actor]:
    database = fresh(kind, folder)
    with database.transaction() as tx:
        organisations.set_up(tx, organisation_data())
    deploy(database, small_bpmn=small_process())
    clerk = new_user(database, "lin", "clerk")
    work(database, clerk)
    return database, clerk


def work(database: Database, clerk: Actor) -> None:
    """A case, its first task done."""
    with database.transaction() as tx:
        case = process_instances.start(tx, clerk, "small", {"amount": 3, "note": "泵"})
    with database.reading() as tx:
        key = tx.session.scalars(select(UserTask.key).where(UserTask.process_instance_key == case.key)).one()
    with database.transaction() as tx:
        user_tasks.complete(tx, clerk, key, {"amount": 4})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_a_backup_under_load_restores_whole(kind: str, times: int, tmp_path: Path) -> None:
    database, clerk = at_work(kind, tmp_path)
    over = Event()

    def load() -> int:
        done = 0
        while not over.is_set():
            work(database, clerk)
            done += 1
        return done

    with ThreadPoolExecutor(2) as pool:
        loads = [pool.submit(load) for _ in range(2)]
        try:
            for number in range(times):
                file = tmp_path / f"{number}.backup"
                assert backup.backup(database, file) > 0
                restored = fresh("sqlite", tmp_path, f"restored{number}")
                counts = backup.restore(restored, file)
                assert counts["process_instance"] > 0
                assert problems(restored) == []
                restored.dispose()
        finally:
            over.set()
        assert sum(done.result() for done in loads) > 0
    database.dispose()


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_what_is_restored_is_what_was_backed_up_and_work_goes_on(source: str, target: str, tmp_path: Path) -> None:
    database, _ = at_work(source, tmp_path)
    backup.backup(database, tmp_path / "file")
    restored = fresh(target, tmp_path, "restored")
    backup.restore(restored, tmp_path / "file")
    assert contents(restored) == contents(database)
    work(restored, new_user(restored, "chen", "clerk"))
    assert problems(restored) == []
    for one in (database, restored):
        one.dispose()


def test_a_backup_overwrites_no_file(tmp_path: Path) -> None:
    database, _ = at_work("sqlite", tmp_path)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(backup.BackupExists):
        backup.backup(database, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
    database.dispose()


def test_restoring_overwrites_no_data(tmp_path: Path) -> None:
    database, _ = at_work("sqlite", tmp_path)
    backup.backup(database, tmp_path / "file")
    before = contents(database)
    with pytest.raises(backup.NotEmpty):
        backup.restore(database, tmp_path / "file")
    assert contents(database) == before
    database.dispose()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE event SET performer = 'nobody' WHERE sequence = 2", "do not fit"),
        ("DELETE FROM user_task WHERE state = 'open'", "do not fit together"),
        ("DELETE FROM element_instance", "do not fit, the first: case"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer than this program"),
        ("DROP TABLE alembic_version", "no backup"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_nothing_is_kept(change: str, words: str, tmp_path: Path) -> None:
    database, _ = at_work("sqlite", tmp_path)
    backup.backup(database, tmp_path / "file")
    with sqlite3.connect(tmp_path / "file") as connection:
        connection.execute(change)
    connection.close()
    target = fresh("sqlite", tmp_path, "target")
    with pytest.raises(backup.NoBackup, match=words):
        backup.restore(target, tmp_path / "file")
    with target.reading() as tx:
        assert tx.session.scalars(select(ProcessInstance)).all() == []
    for one in (database, target):
        one.dispose()


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello " * 400)
    target = fresh("sqlite", tmp_path, "target")
    with pytest.raises(backup.NoBackup):
        backup.restore(target, tmp_path / "file")
    target.dispose()


def test_the_command_line_backs_up_and_restores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database, _ = at_work("sqlite", tmp_path)
    database.dispose()
    monkeypatch.setenv("BAOXIU_HOME", str(tmp_path))
    for name, *words in (("live", "backup"), ("other", "restore"), ("other", "verify-log")):
        monkeypatch.setenv("BAOXIU_DATABASE_URL", f"sqlite:///{tmp_path / name}.db")
        file = [] if words == ["verify-log"] else [str(tmp_path / "file")]
        monkeypatch.setattr(sys, "argv", ["baoxiu", *words, *file])
        cli.main()
    assert "lists and stored states agree" in capsys.readouterr().out
