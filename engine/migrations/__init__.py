"""The schema, by Alembic, on both databases."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from engine.database import Database

FOLDER = Path(__file__).parent


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to a revision (the newest when not said); an empty database gets everything."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # Alembic alters SQLite tables by copying them; foreign keys must not look on meanwhile.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
        command.upgrade(_config(connection), revision)
        connection.commit()
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.rollback()


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision the code wants."""
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    assert head is not None  # there is always a first migration
    return head


def revisions() -> list[str]:
    """All revisions the code knows, the oldest first."""
    return [script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]


def is_known(revision: str) -> bool:
    """Whether the code knows this revision: it is the newest or an older one."""
    return revision in revisions()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
