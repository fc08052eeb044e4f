"""Backup and restore: one portable file, whichever database it comes from and goes to.

The file is an SQLite database with the schema of its time. From SQLite it is made with SQLite's online backup, from
PostgreSQL by reading every table in one REPEATABLE READ transaction; both while the nodes work. A file of an older
schema is upgraded before it is restored.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from engine import history, migrations, verification
from engine.database import Database
from engine.errors import N_, BaoxiuError
from engine.model import Base

ROWS = 500
"""How many rows are held in memory at a time."""


class BackupExists(BaoxiuError):
    """A backup never overwrites a file."""

    template = N_("{file} exists already. Give another name, or move it away.")
    status = 409


class NotEmpty(BaoxiuError):
    """Restoring never overwrites data."""

    template = N_("The database is not empty (there are rows in {table}). Restore into an empty one.")
    status = 409


class NoBackup(BaoxiuError):
    """The file is none of ours, or damaged."""

    template = N_("{file} cannot be restored: {reason}. Nothing was changed.")
    status = 422


def backup(database: Database, file: Path) -> int:
    """Write everything there is at this moment to a new file, while others work; gives the file's size in bytes.

    The file appears under its name when it is complete and on the disk. Raises `BackupExists`.
    """
    with new_file(file) as unfinished:
        if database.is_sqlite:
            _copy_sqlite(database, unfinished)
        else:
            _dump(database, unfinished)
    return file.stat().st_size


@contextmanager
def new_file(file: Path) -> Generator[Path]:
    """An SQLite file to be written in the block; it appears under its name when it is complete and on the disk.

    Raises `BackupExists`.
    """
    if file.exists():
        raise BackupExists(file=file)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        unfinished = Path(folder) / file.name
        yield unfinished
        _settle(unfinished)
        os.link(unfinished, file)  # fails where the name was taken meanwhile, unlike a rename
    _sync(file.parent)


def restore(database: Database, file: Path) -> dict[str, int]:
    """Fill an empty database from a backup: everything or nothing; gives the number of rows by table.

    The hash chains and the read models are checked before anything is kept. Raises `NotEmpty`, `NoBackup`.
    """
    with tempfile.TemporaryDirectory(prefix="baoxiu-restore-") as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(file, copy)
        source = Database(f"sqlite:///{copy}", database.clock)
        try:
            _check(source, file)
            migrations.upgrade(source)
            migrations.upgrade(database)
            return _fill(source, database, file)
        except IntegrityError as error:
            raise NoBackup(file=file, reason=f"rows do not fit together ({error.orig})") from error
        finally:
            source.dispose()


def _copy_sqlite(database: Database, file: Path) -> None:
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        connection.rollback()
        target = sqlite3.connect(file)
        try:
            raw.backup(target)  # all pages in one step: one moment, and writers (WAL) are not kept waiting
        finally:
            target.close()


def _dump(database: Database, file: Path) -> None:
    target = Database(f"sqlite:///{file}", database.clock)
    try:
        with database.reading(one_moment=True) as tx:
            source = tx.session.connection()
            revision = source.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            migrations.upgrade(target, str(revision))
            with target.transaction() as written:
                _copy_tables(source, written.session.connection())
    finally:
        target.dispose()


def _settle(file: Path) -> None:
    """One file without companions, on the disk."""
    connection = sqlite3.connect(file)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()
    _sync(file)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(source: Database, file: Path) -> None:
    try:
        with source.engine.connect() as connection:
            sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
            revision = migrations.current_revision(source)
    except DatabaseError as error:
        raise NoBackup(file=file, reason=error.orig) from error
    if sound != "ok":
        raise NoBackup(file=file, reason=f"it is damaged ({sound})")
    if revision is None:
        raise NoBackup(file=file, reason="it is no backup of Baoxiu")
    if not migrations.is_known(revision):
        raise NoBackup(file=file, reason=f"its schema {revision} is newer than this program; use a newer one")


def _fill(source: Database, database: Database, file: Path) -> dict[str, int]:
    with source.reading() as stored, database.transaction() as tx:
        target = tx.session.connection()
        for table in Base.metadata.sorted_tables:
            if target.execute(select(table).limit(1)).first() is not None:
                raise NotEmpty(table=table.name)
        counts = _copy_tables(stored.session.connection(), target)
        if not database.is_sqlite:
            _advance_sequences(target)
        found = [*history.verify(tx.session), *verification.verify(tx.session)]
        if found:
            raise NoBackup(file=file, reason=f"{len(found)} things do not fit, the first: {found[0]}")
    return counts


def _copy_tables(source: Connection, target: Connection) -> dict[str, int]:
    """Every row, parents before children; only so many at a time are in memory."""
    counts: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        rows = source.execution_options(yield_per=ROWS).execute(select(table).order_by(*table.primary_key))
        counts[table.name] = 0
        for part in rows.mappings().partitions(ROWS):
            target.execute(table.insert(), [dict(row) for row in part])
            counts[table.name] += len(part)
    return counts


def _advance_sequences(target: Connection) -> None:
    """PostgreSQL hands out keys from sequences, which do not see the rows that were brought along."""
    for table in Base.metadata.sorted_tables:
        column = _generated(table)
        if column is None:
            continue
        name = target.execute(select(func.pg_get_serial_sequence(table.name, column))).scalar_one()
        last = target.execute(select(func.max(table.c[column]))).scalar_one()
        if name is not None and last is not None:
            target.execute(select(func.setval(name, last)))


def _generated(table: Table) -> str | None:
    column = table.autoincrement_column
    return None if column is None else column.name
