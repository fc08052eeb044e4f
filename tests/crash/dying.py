"""A process that dies at a crash point: ``python -m tests.crash.dying DATABASE_URL TIME STEP POINT``."""

from __future__ import annotations

import os
import sys
from datetime import datetime

from engine.clock import FakeClock
from engine.database import Database
from tests.crash.steps import STEPS

DEAD = 9


def main(url: str, time: str, step: str, point: str) -> None:
    """Run the step until the point; nothing is cleaned up, as with a power cut."""
    database = Database(url, FakeClock(datetime.fromisoformat(time)))

    def die(reached: str) -> None:
        if reached == point:
            os._exit(DEAD)

    database.reach = die
    next(one for one in STEPS if one.name == step).run(database)


if __name__ == "__main__":
    main(*sys.argv[1:])
