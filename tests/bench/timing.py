"""Timing and counting for the benchmarks."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event

from engine.database import Database


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def median(values: list[float]) -> float:
    """The middle value, rounded for reading."""
    return round(statistics.median(values), 3)


@dataclass(slots=True)
class Counts:
    """SQL statements (BEGIN included) and commits."""

    statements: int = 0
    commits: int = 0


@contextmanager
def counted(database: Database) -> Iterator[Counts]:
    """Count what the block sends to the database."""
    counts = Counts()

    def statement(*_: Any) -> None:
        counts.statements += 1

    def commit(*_: Any) -> None:
        counts.commits += 1

    event.listen(database.engine, "before_cursor_execute", statement)
    event.listen(database.engine, "commit", commit)
    try:
        yield counts
    finally:
        event.remove(database.engine, "before_cursor_execute", statement)
        event.remove(database.engine, "commit", commit)


def bare_commit(folder: Path, rounds: int = 200) -> float:
    """One durable commit of one row: the price nobody can go below (median milliseconds; WAL, synchronous=FULL)."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (text TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row VALUES ('x')")
        connection.execute("COMMIT")

    values = [milliseconds(commit) for _ in range(rounds)]
    connection.close()
    return median(values)
