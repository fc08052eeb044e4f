"""The heartbeat of a node: runs due jobs, early when it is woken. The only place for APScheduler.

The scheduler keeps its one interval job in memory and is never the truth; the truth is the job table, which every node
sees. `max_instances=1` and `coalesce=True`: a slow round is never joined by a second one.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Event, Lock, Thread

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from engine import jobs
from engine.database import Database

log = logging.getLogger(__name__)


class Heartbeat:
    """Runs due jobs every `seconds` and whenever `wake` is called."""

    def __init__(self, database: Database, seconds: float, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._seconds = seconds
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._woken = Event()
        self._stopping = Event()
        self._round = Lock()
        self._waker = Thread(target=self._wait_for_wakes, name="baoxiu-wake", daemon=True)

    def start(self) -> None:
        """Begin; the database wakes this heartbeat after commits that left jobs due."""
        self._scheduler.add_job(self.beat, "interval", seconds=self._seconds, max_instances=1, coalesce=True)
        self._scheduler.start()
        self._waker.start()
        self._database.wake = self._woken.set

    def stop(self) -> None:
        """End after the round that is running."""
        self._database.wake = lambda: None
        self._stopping.set()
        self._woken.set()
        self._scheduler.shutdown(wait=True)
        self._waker.join()

    def beat(self) -> None:
        """One round: run what is due. A database that is away is tried again at the next beat."""
        with self._round:
            try:
                jobs.run_due(self._database, self._lease)
            except SQLAlchemyError:
                log.exception("the database cannot be reached; jobs wait for the next beat")

    def _wait_for_wakes(self) -> None:
        while True:
            self._woken.wait()
            self._woken.clear()
            if self._stopping.is_set():
                return
            self.beat()
