"""An hour of mixed load on a real `baoxiu serve`: people who think, timers, handlers that fail.

BAOXIU_SOAK_MINUTES (60) and BAOXIU_SOAK_USERS (200) say how long and how many.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from engine import jobs, migrations
from engine.access import engine_actor
from engine.clock import SystemClock
from engine.commands import organisations, users
from engine.database import Database
from engine.model import Event, Job, User
from tests.builders import (
    ORGANISATION,
    PASSWORD,
    deploy,
    diagram,
    flow,
    new_user,
    organisation_data,
    service_task,
    user_task,
)
from tests.crash.steps import problems
from tests.soak import failing, ledger

MINUTES = float(os.environ.get("BAOXIU_SOAK_MINUTES", "60"))
USERS = int(os.environ.get("BAOXIU_SOAK_USERS", "200"))
THINKS_SECONDS = 10.0
SIGNING_IN_SECONDS = 60
"""Everybody signs in within ten seconds, and passwords are slow on purpose; this long it is felt."""
TIMEOUT_SECONDS = 60
LATE = timedelta(seconds=jobs.LEASE.total_seconds())


def mixed() -> bytes:
    """start → first (user) → call (service, fails 5 %) → half a minute → second (user) → end."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + user_task("first")
        + service_task("call", "soak_call", retries=10)
        + '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT30S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        + user_task("second")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "first")
        + flow("first", "call")
        + flow("call", "wait")
        + flow("wait", "second")
        + flow("second", "end"),
        "mixed",
    )


class Person:
    """A browser with somebody in front of it."""

    def __init__(self, port: int, name: str, until: float) -> None:
        self.name, self.until = name, until
        self.port = port
        self.cookies: SimpleCookie = SimpleCookie()
        self.took: list[tuple[float, float]] = []
        """When each answer was asked for, and how many seconds it took."""
        self.errors: list[str] = []
        self.chance = random.Random(name)

    def ask(self, path: str, **fields: str) -> str:
        """A page, or the answer to a form; what is neither answered nor refused in words is an error."""
        headers = {"Cookie": "; ".join(f"{key}={morsel.value}" for key, morsel in self.cookies.items())}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        begun = time.monotonic()
        try:
            connection.request("POST" if fields else "GET", path, urlencode(fields) or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except OSError as error:
            self.errors.append(f"{path}: {error}")
            return ""
        finally:
            connection.close()
        self.took.append((begun, time.monotonic() - begun))
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        if answer.status >= 400 and answer.status != 409:
            self.errors.append(f"{path}: {answer.status}")
        return text

    def send(self, page: str, path: str, **fields: str) -> str:
        """Send a form with the token of a page."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        return self.ask(path, csrf_token=found[1] if found else "", **fields)

    def work(self) -> None:
        """Sign in; then look, think, do something, until it is evening."""
        time.sleep(self.chance.uniform(0, THINKS_SECONDS))
        self.send(self.ask("/sign-in"), "/sign-in", username=self.name, password=PASSWORD)
        while time.monotonic() < self.until:
            page = self.ask("/tasks")
            tasks = re.findall(r'href="(/tasks/\d+)"', page)
            if tasks and self.chance.random() < 0.7:
                task = self.chance.choice(tasks)
                self.send(self.ask(task), task)
            else:
                self.send(self.ask("/start/mixed"), "/start/mixed")
            time.sleep(self.chance.expovariate(1 / THINKS_SECONDS))


def prepare(database: Database) -> None:
    """The schema, the diagram, the people; all with the password of the first, whose hash is slow on purpose."""
    migrations.upgrade(database)
    with database.transaction() as tx:
        organisations.set_up(tx, organisation_data())
    deploy(database, mixed_bpmn=mixed())
    first = new_user(database, "person0", "clerk")
    with database.transaction() as tx:
        known = tx.session.get_one(User, first.user_key)
        for number in range(1, USERS):
            name = f"person{number}"
            user = User(username=name, display_name=name, session_stamp=name, created_at=tx.now)
            user.password_hash = known.password_hash
            tx.session.add(user)
            tx.session.flush()
            users.grant_role(tx, engine_actor(ORGANISATION), user, "clerk")


@contextmanager
def serving(home: Path, port: int) -> Generator[int]:
    """A real server; gives its process id."""
    environment = {**os.environ, "BAOXIU_HOME": str(home), "BAOXIU_HANDLERS": failing.__name__}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    environment.pop("BAOXIU_DATABASE_URL", None)
    command = [str(Path(sys.executable).with_name("baoxiu")), "serve", "--port", str(port)]
    with (home / "serve.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(port, server)
            yield server.pid
        finally:
            server.terminate()
            server.wait(60)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Until somebody answers."""
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def megabytes(pid: int) -> float:
    """The memory a process holds now (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def lateness(database: Database) -> list[float]:
    """By how many seconds each timer fired after it was due."""
    with database.reading() as tx:
        fired = select(Event.occurred_at, Event.due_at).where(Event.lifecycle == "timer_fired")
        return [(at - due).total_seconds() for at, due in tx.session.execute(fired)]


def p95_ms(took: list[tuple[float, float]]) -> float:
    """Within how many milliseconds 95 of 100 answers came."""
    return 1000 * statistics.quantiles((seconds for _, seconds in took), n=20, method="inclusive")[-1]


@pytest.mark.soak
def test_mixed_load(tmp_path: Path) -> None:
    name = f"mixed load, {USERS} users, {MINUTES:g} minutes"
    for number in ledger.open_rounds(name, 1):
        ledger.note(name, number, **run(tmp_path))


def run(home: Path) -> dict[str, float]:
    """The load once; gives its figures."""
    database = Database(f"sqlite:///{home / 'baoxiu.db'}", SystemClock())
    prepare(database)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    until = time.monotonic() + MINUTES * 60
    people = [Person(port, f"person{number}", until) for number in range(USERS)]
    memory: list[float] = []
    with serving(home, port) as pid:
        threads = [Thread(target=person.work) for person in people]
        for thread in threads:
            thread.start()
        while time.monotonic() < until:
            time.sleep(MINUTES)  # sixty looks
            memory.append(megabytes(pid))
        for thread in threads:
            thread.join()
    took = sorted(answer for person in people for answer in person.took)
    signed_in = took[0][0] + SIGNING_IN_SECONDS
    errors = [error for person in people for error in person.errors]
    late = lateness(database)
    assert errors == [], errors[:5]
    assert late, "no timer fired"
    with database.reading() as tx:
        assert tx.session.scalars(select(Job.key).where(Job.due_at < tx.now - LATE)).all() == []
    assert problems(database) == []
    database.dispose()
    return {
        "requests": len(took),
        "errors": 0,
        "timers": len(late),
        "p95_page_ms": p95_ms(took),
        "p95_page_first_minute_ms": p95_ms([answer for answer in took if answer[0] < signed_in]),
        "p95_page_later_ms": p95_ms([answer for answer in took if answer[0] >= signed_in]),
        "p95_late_s": statistics.quantiles(late, n=20, method="inclusive")[-1],
        "worst_late_s": max(late),
        "worst_memory_first_quarter_mb": max(memory[: len(memory) // 4]),
        "worst_memory_mb": max(memory),
    }
