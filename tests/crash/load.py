"""A process under load, to be killed: starts cases and completes their tasks, and says on stdout what was acknowledged.

Run as ``python -m tests.crash.load DATABASE_URL SEED``; prints ``started KEY`` and ``completed TASK_KEY`` after each
commit.
"""

from __future__ import annotations

import random
import sys
from decimal import Decimal

from sqlalchemy import select

from engine import jobs
from engine.access import Actor, actor_for
from engine.clock import SystemClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.errors import BaoxiuError
from engine.model import User, UserTask


def main(url: str, seed: int) -> None:
    """Work until killed."""
    chance = random.Random(seed)
    database = Database(url, SystemClock())
    with database.reading() as tx:
        key = tx.session.scalars(select(User.key).where(User.username == "clerk")).one()
        actor = actor_for(tx.session, key, tx.now)
    print("ready", flush=True)
    while True:
        if chance.random() < 0.4:
            with database.transaction() as tx:
                case = process_instances.start(tx, actor, "small", {"amount": Decimal(chance.randrange(1, 900))})
            print(f"started {case.key}", flush=True)
        else:
            complete_one(database, actor, chance)
        jobs.run_due(database)


def complete_one(database: Database, actor: Actor, chance: random.Random) -> None:
    """Complete some open task."""
    with database.reading() as tx:
        keys = list(tx.session.scalars(select(UserTask.key).where(UserTask.state == "open").limit(50)))
    if not keys:
        return
    key = chance.choice(keys)
    try:
        with database.transaction() as tx:
            user_tasks.complete(tx, actor, key, {"note": f"done {key}"})
    except BaoxiuError:
        return  # the other process was faster
    print(f"completed {key}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
