"""Pages over many open tasks: the worklist, a task, operations, a submit; beside a signed-in page without a query."""

from __future__ import annotations

import itertools
import secrets
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from engine.access import Actor
from engine.clock import SystemClock
from engine.commands import process_instances
from engine.database import Database
from engine.model import ProcessInstance, TaskCandidate, UserTask
from engine.settings import Settings
from tests.bench.copies import grow_to
from tests.bench.timing import median, milliseconds, percentile
from tests.builders import PASSWORD, deploy, new_database, new_user, small_process
from tests.web import csrf_token, post
from webapp import create_app

SIZES = (1_000, 100_000)
ROUNDS = 40


def measure() -> dict[str, object]:
    """Median and 95th percentile in milliseconds, by number of open tasks (as text)."""
    with tempfile.TemporaryDirectory() as name:
        figures: dict[str, Any] = {"worklist": {}, "task_page": {}, "operations": {}}
        office = Office(Path(name))
        for size in SIZES:
            office.grow_to(size)
            client = office.client("clerk")
            figures["floor_ms"] = timed(client, itertools.repeat("/profile"))["p50_ms"]
            figures["worklist"][str(size)] = timed(client, itertools.repeat("/tasks"))
            figures["task_page"][str(size)] = timed(client, (f"/tasks/{key}" for key in office.open_tasks()))
            figures["operations"][str(size)] = timed(office.client("administrator"), itertools.repeat("/operations"))
        figures["submit"] = office.submits()
        return figures


def timed(client: FlaskClient, addresses: Iterator[str]) -> dict[str, float]:
    """Open pages one after the other."""
    values: list[float] = []
    for address in itertools.islice(addresses, ROUNDS + 5):
        answer: list[int] = []
        values.append(milliseconds(lambda: answer.append(client.get(address).status_code)))  # noqa: B023
        assert answer == [200], f"{address}: {answer}"
    return _figures(values[5:])


def _figures(values: list[float]) -> dict[str, float]:
    return {"p50_ms": median(values), "p95_ms": round(percentile(values, 0.95), 3)}


class Office:
    """A server over a database file with one process and many open tasks, half of them claimed, with due times."""

    def __init__(self, folder: Path) -> None:
        self.database: Database = new_database(f"sqlite:///{folder / 'baoxiu.db'}", SystemClock())
        deploy(self.database, small_bpmn=small_process())
        self.clerk: Actor = new_user(self.database, "clerk", "clerk")
        new_user(self.database, "administrator", "administrator")
        settings = Settings(folder, self.database.url, (), secrets.token_hex(32))
        self.app = create_app(settings, self.database)
        with self.database.transaction() as tx:
            self.first = process_instances.start(tx, self.clerk, "small", {"amount": Decimal(10)}).key

    def client(self, username: str) -> FlaskClient:
        """A signed-in browser."""
        client = self.app.test_client()
        answer = post(client, "/sign-in", username=username, password=PASSWORD)
        assert answer.status_code == 303
        return client

    def grow_to(self, size: int) -> None:
        """Copy the first case until there are so many."""
        grow_to(self.database, self.first, size, self._changed)

    def _changed(self, table: Any, number: int) -> dict[str, Any]:
        """Every second task is free, a few are the clerk's; they are due at different times."""
        due = self.database.clock.now() + timedelta(minutes=(number * 37) % 20_000 - 3_000)
        if table is ProcessInstance:
            return {"title": f"客户 {number}"}
        if table is TaskCandidate:
            return {"due_at": due, "unclaimed": number % 2 == 0}
        if table is UserTask:
            mine = None if number % 2 == 0 else (self.clerk.user_key if number % 40 == 1 else None)
            return {"due_at": due, "assignee_key": mine}
        return {}

    def open_tasks(self) -> Iterator[int]:
        """Keys of open tasks the clerk may do."""
        with self.database.reading() as tx:
            query = select(UserTask.key).where(UserTask.state == "open").order_by(UserTask.key.desc()).limit(ROUNDS + 5)
            return iter(list(tx.session.scalars(query)))

    def submits(self) -> dict[str, float]:
        """Submit one task after the other through the page."""
        client = self.client("clerk")
        token = csrf_token(client)
        values: list[float] = []
        for key in self.open_tasks():
            answer: list[int] = []
            send = lambda: answer.append(client.post(f"/tasks/{key}", data={"csrf_token": token}).status_code)  # noqa: B023, E731
            values.append(milliseconds(send))
            assert answer == [303], f"submit: {answer}"
        return _figures(values)
