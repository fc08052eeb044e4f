"""The engine against the floor: start a case and complete a task, on the same diagram, in the same run; beside them a
real process, what grows with what, and how many whole cases and timers a second takes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from engine.access import Actor
from engine.bpmn.floor import Floor
from engine.clock import SystemClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.model import ProcessInstance, UserTask
from tests.bench import growth, throughput
from tests.bench.timing import bare_commit, counted, median, milliseconds, percentile
from tests.builders import deploy, new_database, new_user, small_process
from tests.company import CLERK, company
from tests.supplier import INTAKE, REPORT

WARM_UP = 600
"""So many that both write-ahead logs have their final size: while they grow, a commit costs more."""
ROUNDS = 200
SOME = 100
SOME_BEFORE = 20


def measure() -> dict[str, object]:
    """`complete_task` and `start` beside the floor, and how they grow with the number of cases."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        house = House(folder)
        floor = Floor(folder / "floor.db")
        figures = {
            "start": house.compare(house.start, floor.start),
            "complete_task": house.compare(house.complete_prepared(), _floor_prepared(floor)),
        }
        commit = bare_commit(folder)
        for figure in figures.values():
            figure["commit_ms"] = commit
        return {
            **figures,
            "bytes_per_instance": house.bytes_per_instance(),
            "after_sales_service": _after_sales_service(folder),
            "growth": growth.measure(folder),
            **throughput.measure(folder),
        }


def _floor_prepared(floor: Floor) -> Callable[[], object]:
    """Completes the first task of another fresh instance of the floor at each call."""
    keys = iter([floor.start() for _ in range(WARM_UP + ROUNDS)])
    return lambda: floor.complete_task(next(keys))


def _after_sales_service(folder: Path) -> dict[str, object]:
    """The same two commands on a shipped process: with forms, documents, decisions, deadlines on a working calendar."""
    place = company(folder)
    clerk = place.actor(CLERK)

    def start() -> int:
        with place.database.transaction() as tx:
            return process_instances.start(tx, clerk, "after_sales_service", REPORT).key

    def complete(task: int) -> None:
        with place.database.transaction() as tx:
            user_tasks.complete(tx, clerk, task, INTAKE)

    cases = [start() for _ in range(SOME_BEFORE + SOME + 1)]
    with place.database.reading() as tx:
        first = (UserTask.process_instance_key.in_(cases), UserTask.state == "open")
        tasks = iter(list(tx.session.scalars(select(UserTask.key).where(*first))))
    return {
        "start": _alone(place.database, start),
        "complete_task": _alone(place.database, lambda: complete(next(tasks))),
    }


def _alone(database: Database, work: Callable[[], object]) -> dict[str, float]:
    for _ in range(SOME_BEFORE):
        work()
    times = [milliseconds(work) for _ in range(SOME)]
    with counted(database) as counts:
        work()
    return {"ms": median(times), "statements": counts.statements, "commits": counts.commits}


class House:
    """Our engine on a database file of its own, with the benchmark's diagram deployed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "baoxiu.db"
        self.database: Database = new_database(f"sqlite:///{self._path}", SystemClock())
        deploy(self.database, small_bpmn=small_process())
        self.actor: Actor = new_user(self.database, "clerk", "clerk")

    def start(self) -> int:
        """Start a case; gives its key."""
        with self.database.transaction() as tx:
            return process_instances.start(tx, self.actor, "small", {"amount": Decimal(10)}).key

    def complete_prepared(self) -> Callable[[], object]:
        """Completes the first task of another fresh case at each call."""
        keys = [self.start() for _ in range(WARM_UP + ROUNDS + 1)]
        with self.database.reading() as tx:
            first = (UserTask.process_instance_key.in_(keys), UserTask.state == "open")
            tasks = iter(list(tx.session.scalars(select(UserTask.key).where(*first))))
        return lambda: self.complete(next(tasks))

    def complete(self, key: int) -> None:
        """Complete a task."""
        with self.database.transaction() as tx:
            user_tasks.complete(tx, self.actor, key, {"note": "done"})

    def compare(self, ours: Callable[[], object], floor: Callable[[], object]) -> dict[str, float]:
        """Both in turn, so that the machine's moods hit both alike."""
        for _ in range(WARM_UP):
            ours()
            floor()
        pairs = [(milliseconds(ours), milliseconds(floor)) for _ in range(ROUNDS)]
        with counted(self.database) as counts:
            ours()
        ours_ms, floors_ms = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return {
            "ms": median(ours_ms),
            "floor_ms": median(floors_ms),
            "ratio": round(median(ours_ms) / median(floors_ms), 2),
            "p10_ms": round(percentile(ours_ms, 0.1), 3),
            "floor_p10_ms": round(percentile(floors_ms, 0.1), 3),
            "statements": counts.statements,
            "commits": counts.commits,
        }

    def bytes_per_instance(self) -> int:
        """Bytes of the database file per case, everything counted."""
        with self.database.reading() as tx:
            cases = len(list(tx.session.scalars(select(ProcessInstance.key))))
        with self.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return self._path.stat().st_size // cases
