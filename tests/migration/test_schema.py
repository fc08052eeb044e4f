"""The migrations make exactly the schema that the code declares, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine import migrations
from engine.clock import SystemClock
from engine.database import Database
from engine.model import Base
from tests.postgresql import new_postgresql_database


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_migrations_make_the_declared_schema(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path / 'baoxiu.db'}" if kind == "sqlite" else new_postgresql_database()
    database = Database(url, SystemClock())
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert migrations.current_revision(database) == migrations.newest_revision()
    database.dispose()


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'baoxiu.db'}", SystemClock())
    migrations.upgrade(database)
    migrations.upgrade(database)
    assert migrations.current_revision(database) == migrations.newest_revision()
    database.dispose()
