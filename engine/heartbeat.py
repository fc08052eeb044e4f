"""The heartbeat of a node: sleeps until the next job is due or somebody wakes it. The only place for APScheduler.

The scheduler keeps one job, the next look, in memory and is never the truth; the truth is the job table, which every
node sees. Commits of this process wake it directly; on PostgreSQL other processes do so by NOTIFY. `longest` bounds
the sleep, for a node that died between its commit and its NOTIFY.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any

import psycopg
from apscheduler.schedulers.background import BackgroundScheduler  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy.exc import SQLAlchemyError

from engine import jobs
from engine.database import CHANNEL, Database
from engine.errors import BaoxiuError

log = logging.getLogger(__name__)

LOOK = "look"
RECONNECT_SECONDS = 1.0
LISTEN_SECONDS = 0.2


class Heartbeat:
    """Runs due jobs at their time, and at the latest every `longest` seconds looks whether there are any."""

    def __init__(self, database: Database, longest: float, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._longest = timedelta(seconds=longest)
        self._scheduler: Any = BackgroundScheduler(timezone="UTC")
        self._round = Lock()
        self._plan = Lock()
        self._planned: datetime | None = None
        """When the next look is planned; None while one runs and nobody has asked for another."""
        self._stopping = Event()
        self._listener = Thread(target=self._listen, name="baoxiu-listen", daemon=True)

    def start(self) -> None:
        """Begin; commits of this process that leave jobs tell this heartbeat when they are due."""
        self._scheduler.start()
        self._database.wake = self.wake
        self.wake(self._database.clock.now())
        if not self._database.is_sqlite:
            self._listener.start()

    def stop(self) -> None:
        """End after the round that is running."""
        self._database.wake = None
        with self._plan:
            self._stopping.set()
        self._scheduler.shutdown(wait=True)
        if self._listener.ident is not None:
            self._listener.join()

    def wake(self, due: datetime) -> None:
        """Look at the jobs at this moment, or earlier where that is planned already."""
        with self._plan:
            if self._stopping.is_set() or (self._planned is not None and self._planned <= due):
                return
            self._planned = due
            delay = max(due - self._database.clock.now(), timedelta(0))
            # two at once: the round that runs, and the one that was asked for meanwhile and waits for it
            self._scheduler.add_job(
                self.beat,
                "date",
                run_date=datetime.now(UTC) + delay,
                id=LOOK,
                replace_existing=True,
                max_instances=2,
                misfire_grace_time=None,
            )

    def beat(self) -> None:
        """One round: run what is due, then plan the next look. A database that is away is tried again later."""
        with self._round:
            with self._plan:
                self._planned = None
            following: datetime | None = None
            try:
                jobs.run_due(self._database, self._lease)
                following = jobs.next_due(self._database)
            except (SQLAlchemyError, BaoxiuError):
                log.exception("the database cannot be reached or is full; jobs wait for the next look")
            finally:
                latest = self._database.clock.now() + self._longest
                self.wake(latest if following is None else min(following, latest))

    def _listen(self) -> None:
        """Hear what other nodes and programs say, on a connection of its own."""
        address = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stopping.is_set():
            try:
                with psycopg.connect(address, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection)
            except psycopg.Error:
                log.warning("other nodes cannot be heard; connecting again", exc_info=True)
                self._stopping.wait(RECONNECT_SECONDS)

    def _hear(self, connection: psycopg.Connection) -> None:
        while not self._stopping.is_set():
            for _ in connection.notifies(timeout=LISTEN_SECONDS):
                self.wake(self._database.clock.now())
