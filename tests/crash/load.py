"""A process under load, to be killed: starts cases and completes their tasks, and says what was acknowledged."""

from __future__ import annotations

import random
from decimal import Decimal
from multiprocessing.connection import Connection

from sqlalchemy import select

from engine import jobs
from engine.access import Actor, actor_for
from engine.clock import SystemClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.errors import BaoxiuError
from engine.model import User, UserTask


def work(url: str, seed: int, said: Connection) -> None:
    """Work until killed; ``started KEY`` and ``completed TASK_KEY`` are said after each commit."""
    chance = random.Random(seed)
    database = Database(url, SystemClock())
    with database.reading() as tx:
        key = tx.session.scalars(select(User.key).where(User.username == "clerk")).one()
        actor = actor_for(tx.session, key, tx.now)
    while True:
        if chance.random() < 0.4:
            with database.transaction() as tx:
                case = process_instances.start(tx, actor, "small", {"amount": Decimal(chance.randrange(1, 900))})
            said.send(f"started {case.key}")
        elif key := complete_one(database, actor, chance):
            said.send(f"completed {key}")
        jobs.run_due(database)


def complete_one(database: Database, actor: Actor, chance: random.Random) -> int | None:
    """Complete some open task; gives its key."""
    with database.reading() as tx:
        keys = list(tx.session.scalars(select(UserTask.key).where(UserTask.state == "open").limit(50)))
    if not keys:
        return None
    key = chance.choice(keys)
    try:
        with database.transaction() as tx:
            user_tasks.complete(tx, actor, key, {"note": f"done {key}"})
    except BaoxiuError:
        return None  # the other process was faster
    return key
