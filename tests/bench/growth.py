"""What grows with what: a command with the number of open cases, a loop, a chain, the bytes of a payload."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.access import Actor
from engine.clock import SystemClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.model import ProcessInstance, UserTask
from tests.bench.copies import grow_to
from tests.bench.timing import median, milliseconds
from tests.builders import deploy, diagram, flow, new_database, new_user, script_task, small_process, user_task

SIZES = (100, 10_000, 100_000)
ROUNDS = 200
LOOPS = 10_000
SOME = 500
"""So many loops at the beginning and at the end are compared."""
PAYLOAD = 1_000_000
TASKS = 14


def measure(folder: Path, sizes: tuple[int, ...] = SIZES, loops: int = LOOPS) -> dict[str, object]:
    """Ratios, and the milliseconds behind the first of them."""
    by_size = _by_open_cases(folder, sizes)
    return {
        "complete_task_ms": by_size,
        "complete_task_100k_over_100": round(by_size[str(sizes[-1])] / by_size[str(sizes[0])], 2),
        **_loop(folder, loops),
        "chain_1000_over_100_per_step": _chain(folder),
        "payload_factor": _payload(folder),
    }


class Office:
    """One process in a database file, and somebody who does its tasks."""

    def __init__(self, path: Path, process_id: str, definition: bytes) -> None:
        self.path = path
        self.process_id = process_id
        self.database: Database = new_database(f"sqlite:///{path}", SystemClock())
        deploy(self.database, process_bpmn=definition)
        self.clerk: Actor = new_user(self.database, "clerk", "clerk")

    def start(self, **values: object) -> int:
        """Start a case; gives its key."""
        with self.database.transaction() as tx:
            return process_instances.start(tx, self.clerk, self.process_id, values).key

    def complete(self, task: int, **values: object) -> None:
        """Complete a task."""
        with self.database.transaction() as tx:
            user_tasks.complete(tx, self.clerk, task, values)

    def open_task(self, case: int) -> int:
        """The open task of a case."""
        with self.database.reading() as tx:
            of_case = (UserTask.process_instance_key == case, UserTask.state == "open")
            return tx.session.scalars(select(UserTask.key).where(*of_case)).one()

    def bytes(self) -> int:
        """The size of the file when everything is in it."""
        with self.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size


def _by_open_cases(folder: Path, sizes: tuple[int, ...]) -> dict[str, float]:
    """One office for each size, all measured in turn, so that the machine's moods hit all alike."""
    offices = {size: Office(folder / f"open-{size}.db", "small", small_process()) for size in sizes}
    works: dict[int, Callable[[], object]] = {}
    for size, office in offices.items():
        grow_to(office.database, office.start(amount=Decimal(10)), size)
        tasks = iter([office.open_task(office.start(amount=Decimal(10))) for _ in range(ROUNDS + 20)])
        works[size] = lambda office=office, tasks=tasks: office.complete(next(tasks), note="done")
        for _ in range(20):
            works[size]()
    rounds = [{size: milliseconds(work) for size, work in works.items()} for _ in range(ROUNDS)]
    for office in offices.values():
        office.database.dispose()
    return {str(size): median([each[size] for each in rounds]) for size in sizes}


def _loop(folder: Path, loops: int) -> dict[str, object]:
    """A task that comes again and again: the last rounds beside the first ones, and what the snapshot weighs then."""
    body = (
        '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="again"/>'
        + user_task("work")
        + '<bpmn:exclusiveGateway id="enough" default="enough-again"/><bpmn:endEvent id="end"/>'
        + flow("start", "again")
        + flow("again", "work")
        + flow("work", "enough")
        + flow("enough", "again")
        + flow("enough", "end", "done = true")
    )
    office = Office(folder / "loop.db", "loop", diagram(body, "loop"))
    case = office.start(done=False)
    times: list[float] = []
    for number in range(loops):
        task = office.open_task(case)
        times.append(milliseconds(lambda: office.complete(task, note=Decimal(number))))  # noqa: B023
    with office.database.reading() as tx:
        snapshot = tx.session.get_one(ProcessInstance, case).snapshot
    office.database.dispose()
    some = min(SOME, loops // 2)
    return {
        "loop_last_over_first": round(median(times[-some:]) / median(times[:some]), 2),
        "loop_snapshot_bytes": len(snapshot.encode()),
    }


def _chain(folder: Path) -> float:
    """A step of a chain of 1,000 automatic steps beside a step of a chain of 100."""
    per_step: dict[int, float] = {}
    for length in (100, 1000):
        office = Office(folder / f"chain-{length}.db", "chain", diagram(_steps(length), "chain"))
        office.start(amount=Decimal(0))
        runs = [milliseconds(lambda: office.start(amount=Decimal(0))) for _ in range(7)]  # noqa: B023
        per_step[length] = min(runs) / length
        office.database.dispose()
    return round(per_step[1000] / per_step[100], 2)


def _steps(length: int) -> str:
    names = ["start", *(f"step{number}" for number in range(length)), "end"]
    tasks = "".join(script_task(name, "amount + 1", "amount") for name in names[1:-1])
    flows = "".join(flow(source, target) for source, target in itertools.pairwise(names))
    return f'<bpmn:startEvent id="start"/>{tasks}<bpmn:endEvent id="end"/>{flows}'


def _payload(folder: Path) -> float:
    """Bytes a megabyte of data takes in a case of fourteen tasks, beside the same case without it."""
    names = ["start", *(f"task{number}" for number in range(TASKS)), "end"]
    tasks = "".join(user_task(name) for name in names[1:-1])
    flows = "".join(flow(source, target) for source, target in itertools.pairwise(names))
    body = f'<bpmn:startEvent id="start"/>{tasks}<bpmn:endEvent id="end"/>{flows}'
    sizes: list[int] = []
    for payload in ("", "x" * PAYLOAD):
        office = Office(folder / f"payload-{len(payload)}.db", "long", diagram(body, "long"))
        values: dict[str, Any] = {"payload": payload}
        case = office.start(**values)
        for number in range(TASKS):
            office.complete(office.open_task(case), note=Decimal(number))
        sizes.append(office.bytes())
        office.database.dispose()
    return round((sizes[1] - sizes[0]) / PAYLOAD, 2)
