"""The connections of one process: how many, which one, and what is said when none comes free."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Lock, Thread
from time import sleep
from typing import Any

import pytest
from sqlalchemy import create_engine, event

from engine.clock import FakeClock
from engine.connections import Connections, DatabaseBusy
from engine.database import Database, is_away
from tests.builders import MONDAY, new_database


def connections(folder: Path, most: int, patience: float = 5) -> Connections:
    engine = create_engine(f"sqlite:///{folder / 'some.db'}", connect_args={"check_same_thread": False}, max_overflow=9)
    return Connections(engine, most, patience)


def together(*work: Callable[[], object]) -> None:
    threads = [Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_last_used_comes_first(tmp_path: Path) -> None:
    some = connections(tmp_path, 3)
    first, second = some.take(), some.take()
    some.give_back(first)
    some.give_back(second)
    assert some.take() is second


def test_who_finds_none_waits_for_one(tmp_path: Path) -> None:
    some = connections(tmp_path, 1)
    only = some.take()
    got: list[object] = []

    def return_it() -> None:
        sleep(0.1)
        some.give_back(only)

    together(lambda: got.append(some.take()), return_it)
    assert got == [only]


def test_who_waits_in_vain_is_told_so(tmp_path: Path) -> None:
    some = connections(tmp_path, 1, patience=0.05)
    some.take()
    with pytest.raises(DatabaseBusy, match=r"busy for 0\.05 seconds"):
        some.take()


def test_one_that_broke_makes_room(tmp_path: Path) -> None:
    some = connections(tmp_path, 1, patience=0.05)
    broken = some.take()
    broken.invalidate()
    some.give_back(broken)
    assert some.take() is not broken


def test_there_are_never_more_and_everybody_gets_one(tmp_path: Path) -> None:
    some, lock, in_use, most, served = connections(tmp_path, 3), Lock(), 0, 0, 0

    def work() -> None:
        nonlocal in_use, most, served
        for _ in range(200):
            connection = some.take()
            with lock:
                in_use += 1
                most = max(most, in_use)
            sleep(0)
            with lock:
                in_use -= 1
                served += 1
            some.give_back(connection)

    together(*[work] * 12)
    assert (most, served) == (3, 12 * 200)


def test_a_write_lock_that_does_not_come_free_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baoxiu.db'}"
    new_database(url).dispose()
    database = Database(url, FakeClock(MONDAY))

    def impatient(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    event.listen(database.engine, "connect", impatient)
    with closing(sqlite3.connect(tmp_path / "baoxiu.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match="try again") as caught, database.transaction() as tx:
            assert tx.connection
    assert is_away(caught.value)
    with database.transaction() as tx:
        assert tx.connection.in_transaction()
    database.dispose()
