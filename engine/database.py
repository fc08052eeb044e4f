"""One door to the database, the same for SQLite and PostgreSQL: write transactions, reading, and what happens after
commit.

SQLite runs in WAL mode with synchronous=FULL and foreign keys on; a write transaction takes the write lock at its
beginning
(BEGIN IMMEDIATE), so it can never fail half-way because somebody else wrote. PostgreSQL runs at READ COMMITTED and
commands
lock the process instance's row first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection, StaticPool

from engine.clock import Clock
from engine.connections import BUSY_SECONDS, CONNECTIONS, Connections, DatabaseBusy
from engine.errors import N_, BaoxiuError

_PRAGMAS = (
    "page_size=2048",  # of a new file: a command touches some 20 pages, and their bytes are what a commit writes
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "cache_size=-16384",  # KiB per connection: the upper pages of the indexes of many cases
    "wal_autocheckpoint=8000",  # pages: pages that are written again and again reach the file less often
)
_POOL: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": CONNECTIONS - 10,
    "pool_timeout": BUSY_SECONDS,
    "pool_pre_ping": True,
}
_WRITES = "baoxiu_writes"
CHANNEL = "baoxiu_jobs"
"""Where PostgreSQL tells other nodes that jobs were left."""


class StorageFull(BaoxiuError):
    """The database has no room left; nothing of the command was kept."""

    template = N_("The database has no room left ({detail}). Nothing was changed; free some disk space and try again.")
    status = 507


def _pass_by(_name: str) -> None:
    """What happens at a crash point outside of tests."""


class Transaction:
    """What a command works in: the connection, the moment (one for the whole command, aware UTC) and who asks.

    Two ways lead to the one connection: `connection` for statements, which cost little, and `session` for mapped
    objects, which is made when somebody asks for it. Neither is opened before it is needed.
    """

    __slots__ = ("_connection", "_connections", "_session", "_writes", "next_job", "now", "reach", "source")

    def __init__(
        self,
        connections: Connections,
        now: datetime,
        source: str = "engine",
        reach: Callable[[str], None] = _pass_by,
        *,
        writes: bool = False,
    ) -> None:
        """`source` says who asks, for the event log: ``web``, ``cli``, ``api``, ``timer`` or ``engine``; `reach` is
        called at the named places where a test may let the process die (`Database.reach`).
        """
        self.now = now
        self.source = source
        self.reach = reach
        self.next_job: datetime | None = None
        """When the first of the jobs that were left is due; the heartbeat is told after the commit."""
        self._connections = connections
        self._writes = writes
        self._connection: Connection | None = None
        self._session: Session | None = None

    @property
    def connection(self) -> Connection:
        """The connection, its transaction begun."""
        if self._connection is None:
            self._connection = self._connections.take()
            if self._writes:
                self._connection.info[_WRITES] = True
            self._connection.begin()
        return self._connection

    @property
    def session(self) -> Session:
        """A session over the same connection and transaction."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False, autoflush=False)
        return self._session

    def flush(self) -> None:
        """Write what was changed in mapped objects, if there are any."""
        if self._session is not None:
            self._session.flush()

    def commit(self) -> None:
        """Keep everything."""
        self.flush()
        if self._connection is not None:
            self._connection.commit()

    def close(self) -> None:
        """Give the connection back; what was not committed is rolled back."""
        if self._session is not None:
            self._session.close()
        if self._connection is not None:
            if not self._connection.invalidated:
                self._connection.info.pop(_WRITES, None)
            self._connections.give_back(self._connection)

    def leaves_job(self, due: datetime) -> None:
        """A job was written that is due at this moment."""
        self.next_job = due if self.next_job is None else min(due, self.next_job)


class Database:
    """A database and the clock that stamps what is written to it. Safe to share by threads."""

    def __init__(self, url: str, clock: Clock) -> None:
        """`url` is SQLAlchemy's; ``sqlite://`` alone is a database in memory, for scenarios and tests."""
        self.url = url
        self.clock = clock
        self.engine = _engine(url)
        self._connections = Connections(self.engine)
        self.wake: Callable[[datetime], None] | None = None
        """Called after a commit that left jobs, with the first due time; the heartbeat of this process sets it."""
        self.reach: Callable[[str], None] = _pass_by
        """The crash points' hook: tests set it to die at a name; see tests/crash."""

    @property
    def is_in_memory(self) -> bool:
        """Whether it lives in this process alone, on one connection."""
        return isinstance(self.engine.pool, StaticPool)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self, source: str = "engine") -> Generator[Transaction]:
        """A write transaction: commits when the block ends, rolls back when it raises."""
        transaction = Transaction(self._connections, self.clock.now(), source, self.reach, writes=True)
        try:
            self.reach("begun")
            yield transaction
            self.reach("committing")
            transaction.commit()
        except OperationalError as error:
            if _is_full(error):
                raise StorageFull(detail=str(error.orig)) from error
            if _is_locked(error):
                raise DatabaseBusy(seconds=BUSY_SECONDS) from error
            raise
        finally:
            transaction.close()
        self.reach("committed")
        if transaction.next_job is not None:
            self._announce(transaction.next_job)

    def _announce(self, due: datetime) -> None:
        """Say that a job was left: to this process's heartbeat, or, where there is none, to the other nodes'."""
        if self.wake is not None:
            self.wake(due)
        else:
            self.notify_nodes()

    def notify_nodes(self) -> None:
        """Ask the heartbeats of all nodes to look at the jobs; on SQLite there are no others."""
        if not self.is_sqlite:
            # after the commit and by itself: a NOTIFY inside would make all commits of the database wait in line
            with self.engine.connect() as connection:
                connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                connection.commit()

    @contextmanager
    def reading(self, *, one_moment: bool = False) -> Generator[Transaction]:
        """A read transaction; nothing written in it is kept.

        `one_moment`: every statement sees the database as it was at the first one. SQLite always does so.
        """
        connections = self._connections
        if one_moment and not self.is_sqlite:
            connections = Connections(self.engine.execution_options(isolation_level="REPEATABLE READ"))
        transaction = Transaction(connections, self.clock.now())
        try:
            yield transaction
        finally:
            transaction.close()

    def dispose(self) -> None:
        """Close every connection."""
        self._connections.close()
        self.engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, **_POOL)
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": BUSY_SECONDS}}
    if parsed.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool
    else:
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        options |= {"pool_size": CONNECTIONS, "max_overflow": -1}
    engine = create_engine(parsed.set(drivername="sqlite+baoxiu"), **options)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


class SqliteDialect(SQLiteDialect_pysqlite):
    """The driver of the standard library, which begins no transactions of its own, with transactions that begin.

    A listener to ``begin`` could do that too, but one listener makes every statement look for others.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Take the write lock at once where something will be written (`Transaction`)."""
        writes = dbapi_connection.info.get(_WRITES, False)
        dbapi_connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")  # pyright: ignore


registry.register("sqlite.baoxiu", __name__, SqliteDialect.__name__)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def is_away(error: Exception) -> bool:
    """Whether the database could not be worked with (gone, restarting, full, or locked for long), whatever was asked.

    A deadlock or a statement that is refused is no outage. PostgreSQL: classes 08 (connection), 57P (shutdown).
    """
    if isinstance(error, StorageFull | DatabaseBusy):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or (state is not None and state.startswith(("08", "57P"))):
        return True
    return isinstance(error, OperationalError) and state is None


def _is_locked(error: OperationalError) -> bool:
    """SQLITE_BUSY: somebody held the write lock for longer than we wait."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _is_full(error: OperationalError) -> bool:
    """SQLITE_FULL, or PostgreSQL's disk_full (class 53, insufficient resources)."""
    cause = error.orig
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", "") == "53100"
