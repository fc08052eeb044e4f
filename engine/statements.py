"""Statements that are built and compiled once for each kind of database and then sent with values only.

SQLAlchemy makes the SQL and knows how each column's values look in the database. What it would do again at every
execution (cache keys, defaults, lists of parameters, descriptions of results) is done here when a statement is first
sent; after that the driver's cursor gets it as it is. Where somebody listens to what is sent, SQLAlchemy sends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import (
    ClauseElement,
    Column,
    Connection,
    DateTime,
    Dialect,
    Insert,
    Select,
    Table,
    TypeDecorator,
    Update,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Mapped = type[DeclarativeBase]
Process = Callable[[Any], Any]
MOMENTS = 64
_moment_processes: dict[tuple[type[Any], str], Process] = {}
"""One for all columns that keep moments, so that each moment is made into text once."""


class _Statement:
    """What reading and writing share. `names` are what is given at each execution."""

    __slots__ = ("_build", "_compiled", "names")

    def __init__(self, build: Callable[[str], ClauseElement], names: Iterable[str]) -> None:
        """`build` makes the statement for a kind of database (``sqlite`` or ``postgresql``)."""
        self._build = build
        self.names = tuple(names)
        self._compiled: dict[str, _Compiled] = {}

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._build(dialect.name), self.names, dialect)
        return compiled


class Read(_Statement):
    """A SELECT."""

    __slots__ = ()

    def rows(self, connection: Connection, values: Values) -> list[list[Any]]:
        """Everything it finds."""
        compiled = self._for(connection.dialect)
        cursor = _sent(connection, compiled.sql, compiled.bind(values))
        rows = [compiled.read(row) for row in cursor.fetchall()]
        cursor.close()
        return rows

    def first(self, connection: Connection, values: Values) -> list[Any] | None:
        """The first row it finds; None when there is none."""
        compiled = self._for(connection.dialect)
        cursor = _sent(connection, compiled.sql, compiled.bind(values))
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else compiled.read(row)


class Write(_Statement):
    """An INSERT or UPDATE of one table. `defaults` stand for names that are not given."""

    __slots__ = ("defaults",)

    def __init__(
        self, build: Callable[[str], Insert | Update], names: Iterable[str], defaults: Values | None = None
    ) -> None:
        super().__init__(build, names)
        self.defaults = dict(defaults or {})

    def run(self, connection: Connection, values: Values) -> None:
        """Send it once."""
        compiled = self._for(connection.dialect)
        _sent(connection, compiled.sql, compiled.bind(self._whole(values))).close()

    def returning(self, connection: Connection, values: Values) -> tuple[Any, ...]:
        """Send it once; gives the one row it returns, as the driver gives it."""
        compiled = self._for(connection.dialect)
        cursor = _sent(connection, compiled.sql, compiled.bind(self._whole(values)))
        (row,) = cursor.fetchall()
        cursor.close()
        return row

    def many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Send it for every row, as one statement; without rows nothing is sent."""
        if len(rows) == 1:
            self.run(connection, rows[0])
        elif rows:
            compiled = self._for(connection.dialect)
            _sent(connection, compiled.sql, [compiled.bind(self._whole(row)) for row in rows]).close()

    def _whole(self, values: Values) -> Values:
        if len(values) == len(self.names):
            return values
        whole = {**self.defaults, **values}
        if len(whole) != len(self.names):
            raise ValueError(f"what is written is not {', '.join(set(whole) ^ set(self.names))}")
        return whole


def _sent(connection: Connection, sql: str, parameters: Any) -> Any:
    """The driver's cursor after it was given a statement. Errors are SQLAlchemy's, as everywhere."""
    if connection.engine.dispatch.before_cursor_execute:
        return connection.exec_driver_sql(sql, parameters).context.cursor
    driver = cast("Any", connection.connection.dbapi_connection)
    try:
        if not isinstance(parameters, list):
            return driver.execute(sql, parameters)
        cursor = driver.cursor()
        cursor.executemany(sql, cast("list[Any]", parameters))
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(sql, cast("Any", parameters), error, base, dialect=connection.dialect) from error
    return cursor


class _Compiled:
    """The SQL for one kind of database, what makes parameters of values, and values of what is found."""

    __slots__ = ("_constants", "_get", "_named", "_processes", "_results", "sql")

    def __init__(self, statement: ClauseElement, names: Sequence[str], dialect: Dialect) -> None:
        compiled = cast("Any", statement.compile(dialect=dialect, column_keys=list(names)))
        self.sql = str(compiled)
        places: list[str] = list(compiled.positiontup if dialect.positional else compiled.binds)
        self._named = None if dialect.positional else places
        self._constants = {name: compiled.binds[name].effective_value for name in places if name not in names}
        self._get = _getter(places)
        self._processes = _present(_processor(compiled.binds[name].type, dialect) for name in places)
        columns = cast("Iterable[Column[Any]]", statement.selected_columns if isinstance(statement, Select) else ())
        self._results = _present(each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns)

    def bind(self, values: Values) -> Any:
        """The parameters as the driver takes them."""
        bound = list(self._get({**self._constants, **values} if self._constants else values))
        for place, process in self._processes:
            bound[place] = process(bound[place])
        return tuple(bound) if self._named is None else dict(zip(self._named, bound, strict=True))

    def read(self, row: Sequence[Any]) -> list[Any]:
        """A row that was found, as Python's values."""
        read = list(row)
        for place, process in self._results:
            read[place] = process(read[place])
        return read


def _getter(names: Sequence[str]) -> Callable[[Values], tuple[Any, ...]]:
    """Takes the values with these names out of a mapping."""
    if len(names) > 1:
        return cast("Callable[[Values], tuple[Any, ...]]", itemgetter(*names))
    return lambda values: tuple([values[name] for name in names])


def _present(processes: Iterable[Process | None]) -> list[tuple[int, Process]]:
    return [(place, process) for place, process in enumerate(processes) if process is not None]


def _processor(type_: TypeEngine[Any], dialect: Dialect) -> Process | None:
    """What turns a column's values into the driver's. A command writes the same few moments over and over."""
    process = type_.dialect_impl(dialect).bind_processor(dialect)
    if process is None or not isinstance(type_, TypeDecorator):
        return process
    stored_as = cast("TypeEngine[Any]", cast("Any", type_).impl_instance)
    if not isinstance(stored_as, DateTime):
        has_own = stored_as.dialect_impl(dialect).bind_processor(dialect) is not None
        return process if has_own else partial(type_.process_bind_param, dialect=dialect)  # without a step between
    return _moment_processes.setdefault((type(type_), dialect.name), lru_cache(MOMENTS)(process))


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
