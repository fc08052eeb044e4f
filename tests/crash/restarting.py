"""A node under load that outlives its database: ``python -m tests.crash.restarting DATABASE_URL SEED LEASE_SECONDS``.

Starts cases with a service job and completes their tasks; prints ``started KEY`` and ``completed KEY`` after each
commit, ``away`` where the database was not there. Ends when its standard input is closed.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import timedelta
from threading import Thread

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine import jobs
from engine.access import actor_for
from engine.clock import SystemClock
from engine.commands import process_instances
from engine.database import Database, is_away
from engine.handling import HandlerContext, Outcome, handler
from engine.model import User
from tests.builders import diagram, flow, service_task, user_task
from tests.crash.load import complete_one

PAUSE_SECONDS = 0.05


@handler("restarting_call")
def call(context: HandlerContext) -> Outcome:
    """Takes a moment, so that a restart may come upon it."""
    time.sleep(PAUSE_SECONDS)
    return Outcome()


def calling() -> bytes:
    """start → call (service) → first (user task) → end."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + service_task("call", "restarting_call", retries=1)
        + user_task("first")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "call")
        + flow("call", "first")
        + flow("first", "end"),
        "calling",
    )


def main(url: str, seed: int, lease: timedelta) -> None:
    """Work until standard input ends."""
    chance = random.Random(seed)
    database = Database(url, SystemClock())
    with database.reading() as tx:
        key = tx.session.scalars(select(User.key).where(User.username == "clerk")).one()
        actor = actor_for(tx.session, key, tx.now)
    over = Thread(target=sys.stdin.read, daemon=True)
    over.start()
    while over.is_alive():
        try:
            if chance.random() < 0.5:
                with database.transaction() as tx:
                    case = process_instances.start(tx, actor, "calling")
                print(f"started {case.key}", flush=True)
            elif task := complete_one(database, actor, chance):
                print(f"completed {task}", flush=True)
            jobs.run_due(database, lease)
        except DBAPIError as error:
            if not is_away(error):
                raise
            print("away", flush=True)
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), timedelta(seconds=float(sys.argv[3])))
