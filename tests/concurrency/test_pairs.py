"""Every pair of commands at one case at the same moment: no deadlock, no half state, whatever order they get."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from engine.clock import FakeClock
from engine.commands import user_tasks
from engine.database import Database
from engine.errors import BaoxiuError
from engine.model import ProcessInstance
from tests.builders import MONDAY, new_database, new_user
from tests.crash import steps
from tests.postgresql import new_postgresql_database

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
PATIENCE = 60


def release(database: Database) -> None:
    key, lin = steps.the_task(database, "check").key, steps.person(database, "lin")
    with database.transaction() as tx:
        user_tasks.release(tx, lin, key)


def save_draft(database: Database) -> None:
    key, lin = steps.the_task(database, "check").key, steps.person(database, "lin")
    with database.transaction() as tx:
        user_tasks.save_draft(tx, lin, key, {"note": ["漏"]})


def assign(database: Database) -> None:
    key, he = steps.the_task(database, "check").key, steps.person(database, "he")
    with database.transaction() as tx:
        user_tasks.assign(tx, he, key, "zhou", "holiday")


COMMANDS: dict[str, Callable[[Database], None]] = {
    "claim": steps.claim,
    "release": release,
    "draft": save_draft,
    "assign": assign,
    "complete": steps.complete,
    "jobs": steps.run_jobs,
    "message": steps.send,
    "cancel": steps.cancel,
}
SHORT = [("complete", "jobs"), ("complete", "cancel"), ("claim", "assign"), ("jobs", "cancel")]
PAIRS = list(itertools.combinations_with_replacement(COMMANDS, 2))


def race(database: Database, pair: tuple[str, str]) -> None:
    """Both at once, each on a node of its own; a refusal in words is an answer, anything else is not."""
    gate = Barrier(2)
    surprises: list[Exception] = []

    def run(name: str) -> None:
        own = Database(database.engine.url.render_as_string(hide_password=False), database.clock)
        try:
            gate.wait()
            COMMANDS[name](own)
        except BaoxiuError:
            pass  # the other was faster
        except Exception as error:  # noqa: BLE001 - shown by the test
            surprises.append(error)
        finally:
            own.dispose()

    threads = [Thread(target=run, args=[name], daemon=True) for name in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), f"{pair} wait for each other"
    assert surprises == [], pair


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param(SHORT, id="some"),
        pytest.param(PAIRS, marks=pytest.mark.slow, id="all"),
        pytest.param(PAIRS * 30, marks=pytest.mark.soak, id="all, thirty times"),
    ],
)
def test_pairs_of_commands_at_one_case(kind: str, pairs: list[tuple[str, str]], tmp_path: Path) -> None:
    for number, pair in enumerate(pairs):
        url = f"sqlite:///{tmp_path / str(number)}.db" if kind == "sqlite" else new_postgresql_database()
        database = new_database(url, FakeClock(MONDAY))
        steps.prepare(database)
        new_user(database, "sun", "clerk")  # whom the message names
        steps.start(database)
        steps.pass_time(database, timedelta(hours=1))  # its timer is due as well
        race(database, pair)
        assert steps.problems(database) == [], pair
        steps.pass_time(database, steps.LEASE + timedelta(seconds=1))
        steps.run_jobs(database)
        with database.reading() as tx:
            case = tx.session.scalars(select(ProcessInstance)).one()
        assert case.incidents == 0, pair
        log = steps.log(database)
        assert log.count("completed check") <= 1 and log.count("timer_fired late") <= 1, pair
        assert steps.problems(database) == [], pair
        database.dispose()
