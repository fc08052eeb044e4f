"""Where transactions get their connection to the database, and what is said when there is none."""

from __future__ import annotations

from contextlib import suppress
from threading import Condition
from time import monotonic

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as PoolIsEmpty

from engine.errors import N_, BaoxiuError

BUSY_SECONDS = 30
CONNECTIONS = 30
"""To one database, from one process."""


class DatabaseBusy(BaoxiuError):
    """Others kept the database to themselves for too long; nothing of the command was done."""

    template = N_("The database was busy for {seconds} seconds. Nothing was changed; try again.")
    status = 503


class Connections:
    """The connections of one process to one database.

    SQLite's stay open between transactions: taking one from the pool and giving it back costs as much as four
    statements. There are as many as a pool would have, the last used first (it still knows the pages), and who comes
    when all are in use waits as at a pool. PostgreSQL's go back to the pool, which looks whether they are still alive.
    """

    def __init__(self, engine: Engine, most: int = CONNECTIONS, patience: float = BUSY_SECONDS) -> None:
        """`most` connections; who finds none waits `patience` seconds."""
        self._engine = engine
        self._stay = engine.dialect.name == "sqlite"
        self._most = most
        self._patience = patience
        self._idle: list[Connection] = []
        self._open = 0
        self._waiting = 0
        self._changed = Condition()

    def take(self) -> Connection:
        """A connection without a transaction. Raises `DatabaseBusy` when none comes free."""
        if self._stay:
            try:
                return self._idle.pop()  # what usually happens needs no lock: one step of the interpreter
            except IndexError:
                return self._next()
        try:
            return self._engine.connect()
        except PoolIsEmpty as error:
            raise DatabaseBusy(seconds=BUSY_SECONDS) from error

    def _next(self) -> Connection:
        until = monotonic() + self._patience
        with self._changed:
            self._waiting += 1  # before looking, so that who gives back after the look tells us
            try:
                while True:
                    with suppress(IndexError):
                        return self._idle.pop()
                    if self._open < self._most:
                        self._open += 1
                        break
                    if not self._changed.wait(until - monotonic()):
                        raise DatabaseBusy(seconds=self._patience)
            finally:
                self._waiting -= 1
        try:
            return self._engine.connect()
        except BaseException:
            self._closed()
            raise

    def give_back(self, connection: Connection) -> None:
        """Roll back what was not committed, and keep or close the connection."""
        if not self._stay:
            connection.close()
            return
        try:
            if connection.in_transaction():
                connection.rollback()
        except BaseException:
            connection.invalidate()
            self._close(connection)
            raise
        if connection.invalidated:
            self._close(connection)
            return
        self._idle.append(connection)
        if self._waiting:
            with self._changed:
                self._changed.notify()

    def _close(self, connection: Connection) -> None:
        try:
            connection.close()
        finally:
            self._closed()

    def _closed(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify()

    def close(self) -> None:
        """Close those that are not in use."""
        while self._idle:
            self._close(self._idle.pop())
