"""Many open cases at once: copies of one, written directly, as if they had been started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, insert, select

from engine.database import Database
from engine.model import ElementInstance, Event, ProcessInstance, TaskCandidate, UserTask, Variable

CHUNK = 5_000
Changed = Callable[[Any, int], Mapping[str, Any]]
"""What differs in the copy of a table's row, by the copy's number."""


def grow_to(database: Database, first: int, size: int, changed: Changed = lambda _table, _number: {}) -> None:
    """Copy the case `first` (its key) until there are so many cases."""
    with database.reading() as tx:
        count = tx.session.scalar(select(func.count()).select_from(ProcessInstance)) or 0
    for begin in range(count + 1, size + 1, CHUNK):
        _copy(database, first, range(begin, min(begin + CHUNK, size + 1)), changed)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _copy(database: Database, first: int, numbers: range, changed: Changed) -> None:
    with database.transaction() as tx:
        session = tx.session
        last = session.scalar(select(func.max(ProcessInstance.key))) or 0
        task_key = session.scalar(select(func.max(UserTask.key))) or 0
        for table in (ProcessInstance, Variable, ElementInstance, Event, UserTask, TaskCandidate):
            rows = [dict(row) for row in session.execute(_rows_of(table, first)).mappings()]
            copies = [
                {**_renumbered(table, row, last + index, task_key + index, number), **changed(table, number)}
                for index, number in enumerate(numbers, start=1)
                for row in rows
            ]
            session.execute(insert(table.__table__), copies)  # type: ignore[arg-type]


def _rows_of(table: Any, first: int) -> Any:
    columns = table.__table__.c
    if table is ProcessInstance:
        return select(*columns).where(columns.key == first)
    if table is TaskCandidate:
        return select(*columns).where(
            columns.task_key.in_(select(UserTask.key).where(UserTask.process_instance_key == first))
        )
    return select(*columns).where(columns.process_instance_key == first)


def _renumbered(table: Any, row: dict[str, Any], case: int, task: int, number: int) -> dict[str, Any]:
    if table is ProcessInstance:
        return row | {"key": case, "number": f"COPY-2026-{number:06d}"}
    if table is TaskCandidate:
        return row | {"task_key": task}
    copy = row | {"process_instance_key": case}
    if table is UserTask:
        copy |= {"key": task, "case_number": f"COPY-2026-{number:06d}"}
    if table is Event:
        copy.pop("key")
    return copy
