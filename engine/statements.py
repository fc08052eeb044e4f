"""Statements that write rows: built and compiled once for each kind of database, then sent with values only.

SQLAlchemy makes the SQL and knows how each column's values look in the database. What it would do again at every
execution (cache keys, defaults, lists of parameters) is done here when a statement is first sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import Column, Connection, DateTime, Dialect, Insert, Table, TypeDecorator, Update, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Mapped = type[DeclarativeBase]
MOMENTS = 64


class Write:
    """An INSERT or UPDATE. `names` are what is given at each execution, `defaults` what stands for a missing name."""

    __slots__ = ("_build", "_compiled", "_defaults", "_names")

    def __init__(
        self, build: Callable[[str], Insert | Update], names: Iterable[str], defaults: Values | None = None
    ) -> None:
        """`build` makes the statement for a kind of database (``sqlite`` or ``postgresql``)."""
        self._build = build
        self._names = tuple(names)
        self._defaults = dict(defaults or {})
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Values) -> None:
        """Send it once."""
        compiled = self._for(connection.dialect)
        connection.exec_driver_sql(compiled.sql, compiled.bind(self._whole(values)))

    def returning(self, connection: Connection, values: Values) -> Any:
        """Send it once; gives the one value it returns."""
        compiled = self._for(connection.dialect)
        return connection.exec_driver_sql(compiled.sql, compiled.bind(self._whole(values))).scalar_one()

    def many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Send it for every row, as one statement; without rows nothing is sent."""
        if len(rows) == 1:
            self.run(connection, rows[0])
        elif rows:
            compiled = self._for(connection.dialect)
            connection.exec_driver_sql(compiled.sql, [compiled.bind(self._whole(row)) for row in rows])

    def _whole(self, values: Values) -> Values:
        whole = {**self._defaults, **values} if self._defaults else values
        if len(whole) != len(self._names):
            raise ValueError(f"what is written is not {', '.join(set(whole) ^ set(self._names))}")
        return whole

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._build(dialect.name), self._names, dialect)
        return compiled


class _Compiled:
    """The SQL for one kind of database, and what makes parameters of values."""

    __slots__ = ("_constants", "_places", "_positional", "sql")

    def __init__(self, statement: Insert | Update, names: Sequence[str], dialect: Dialect) -> None:
        compiled = cast("Any", statement.compile(dialect=dialect, column_keys=list(names)))
        self.sql = str(compiled)
        self._positional = bool(dialect.positional)
        places: list[str] = list(compiled.positiontup if self._positional else compiled.binds)
        self._constants = {name: compiled.binds[name].value for name in places if name not in names}
        self._places = [(name, _processor(compiled.binds[name].type, dialect)) for name in places]

    def bind(self, values: Values) -> Any:
        """The parameters as the driver takes them."""
        if self._constants:
            values = {**self._constants, **values}
        if self._positional:
            return tuple([process(values[name]) if process else values[name] for name, process in self._places])
        return {name: process(values[name]) if process else values[name] for name, process in self._places}


def _processor(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What turns a column's values into the driver's. A command writes the same few moments over and over."""
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    is_moment = isinstance(type_, TypeDecorator) and isinstance(cast("Any", type_).impl_instance, DateTime)
    return lru_cache(MOMENTS)(process) if is_moment and process is not None else process


@cache
def insert_into(mapped: Mapped) -> Write:
    """An INSERT of whole rows; what a row leaves out gets the column's default, or null."""
    columns = _columns(mapped)
    return Write(lambda _: insert(_table(mapped)), [column.key for column in columns], _defaults(columns))


@cache
def upsert_into(mapped: Mapped, update: tuple[str, ...]) -> Write:
    """The same; where the primary key exists already, the columns `update` are written instead."""
    columns = _columns(mapped)

    def build(dialect: str) -> Insert:
        statement = dialect_insert(dialect, mapped)
        changes = {name: statement.excluded[name] for name in update}
        return statement.on_conflict_do_update(index_elements=primary_key(mapped), set_=changes)

    return Write(build, [column.key for column in columns], _defaults(columns))


def dialect_insert(dialect: str, mapped: Mapped) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of a database's own dialect (``sqlite`` or ``postgresql``), which knows ON CONFLICT."""
    return sqlite.insert(_table(mapped)) if dialect == "sqlite" else postgresql.insert(_table(mapped))


def primary_key(mapped: Mapped) -> list[str]:
    """The names of a table's key columns."""
    return [column.key for column in _table(mapped).primary_key]


def _table(mapped: Mapped) -> Table:
    return cast("Table", mapped.__table__)


def _columns(mapped: Mapped) -> list[Column[Any]]:
    """The columns a row brings: all but a key the database counts."""
    table = _table(mapped)
    return [column for column in table.columns if column is not table.autoincrement_column]


def _defaults(columns: Sequence[Column[Any]]) -> Values:
    found: dict[str, Any] = {}
    for column in columns:
        default = cast("Any", column.default)
        if default is not None:
            found[column.key] = default.arg if default.is_scalar else default.arg(None)
        elif column.nullable:
            found[column.key] = None
    return found
