"""A node as a process of its own: ``python -m tests.concurrency.node DATABASE_URL TIME``.

Says ``ready``, waits for a line, runs what is due at the time, and says how many jobs it ran and how many failed.
"""

from __future__ import annotations

import logging
import sys
from datetime import datetime

from engine import jobs
from engine.clock import FakeClock
from engine.database import Database


class Failures(logging.Handler):
    """Counts what the engine warns of."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def main(url: str, moment: str) -> None:
    """Run everything that is due."""
    failures = Failures(logging.WARNING)
    logging.getLogger("engine").addHandler(failures)
    database = Database(url, FakeClock(datetime.fromisoformat(moment)))
    print("ready", flush=True)
    sys.stdin.readline()
    done = 0
    while ran := jobs.run_due(database):
        done += ran
    print(done, failures.count, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
