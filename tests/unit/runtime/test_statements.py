"""Statements that are compiled once: they send what SQLAlchemy would send, and leave nothing out in silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.exc import IntegrityError

from engine.database import Database
from engine.model import NumberSeries, Organisation, TaskState, UserTask
from engine.statements import Read, insert_into, upsert_into
from tests.builders import MONDAY, ORGANISATION, new_database

COUNTER = {"organisation_key": ORGANISATION, "prefix": "X", "year": 2026, "last": 1}
READ = Read(
    lambda _: select(NumberSeries.prefix, NumberSeries.last).where(NumberSeries.organisation_key == bindparam("key")),
    ["key"],
)


def counters(database: Database) -> list[list[object]]:
    with database.reading() as tx:
        return READ.rows(tx.connection, {"key": ORGANISATION})


def test_a_row_is_inserted_and_then_changed() -> None:
    database = new_database()
    write = upsert_into(NumberSeries, ("last",))
    with database.transaction() as tx:
        write.many(tx.connection, [COUNTER, COUNTER | {"prefix": "Y"}])
    with database.transaction() as tx:
        write.run(tx.connection, COUNTER | {"last": 5})
    assert sorted(counters(database), key=str) == [["X", 5], ["Y", 1]]


def test_without_rows_nothing_is_sent() -> None:
    database = new_database()
    with database.transaction() as tx:
        insert_into(NumberSeries).many(tx.connection, [])
    assert counters(database) == []


def test_what_a_row_leaves_out_gets_the_default_of_its_column() -> None:
    defaults = insert_into(UserTask).defaults
    assert (defaults["state"], defaults["revision"], defaults["due_at"]) == (TaskState.OPEN, 1, None)
    assert "key" not in insert_into(UserTask).names


def test_a_name_that_is_no_column_is_refused() -> None:
    database = new_database()
    with pytest.raises(ValueError, match="colour"), database.transaction() as tx:
        insert_into(NumberSeries).run(tx.connection, COUNTER | {"colour": "red"})


def test_a_missing_value_is_refused() -> None:
    database = new_database()
    with pytest.raises(ValueError, match="prefix"), database.transaction() as tx:
        insert_into(NumberSeries).run(tx.connection, {name: COUNTER[name] for name in ("organisation_key", "year")})


def test_errors_of_the_database_are_those_of_sqlalchemy() -> None:
    database = new_database()
    with pytest.raises(IntegrityError), database.transaction() as tx:
        insert_into(NumberSeries).many(tx.connection, [COUNTER, COUNTER])
    assert counters(database) == []


def test_who_listens_hears_every_statement() -> None:
    database = new_database()
    heard: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _cu, sql, *_: heard.append(sql))
    with database.transaction() as tx:
        insert_into(NumberSeries).run(tx.connection, COUNTER)
    assert counters(database) == [["X", 1]]
    assert [sql.split()[0] for sql in heard] == ["INSERT", "SELECT"]


def test_moments_are_stored_in_utc_and_naive_ones_refused() -> None:
    database = new_database()
    read = Read(lambda _: select(Organisation.created_at).where(Organisation.key == bindparam("key")), ["key"])
    row = {"key": "east", "name": "East", "zone": "Asia/Shanghai", "locale": "zh_CN"}
    shanghai = MONDAY.astimezone(timezone(timedelta(hours=8)))
    with database.transaction() as tx:
        insert_into(Organisation).run(tx.connection, row | {"created_at": shanghai})
    with database.reading() as tx:
        found = read.first(tx.connection, {"key": "east"})
    assert found is not None and found[0] == MONDAY and found[0].tzinfo == UTC
    with pytest.raises(ValueError, match="naive"), database.transaction() as tx:
        insert_into(Organisation).run(tx.connection, row | {"key": "west", "created_at": datetime(2026, 3, 2)})
