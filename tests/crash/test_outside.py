"""What the outside world does to us: a service that fails, and a disk that fills up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from engine import jobs
from engine.clock import FakeClock
from engine.commands import process_instances
from engine.database import Database, StorageFull
from engine.handling import HandlerContext, HandlerFailure, Outcome, handler
from tests.builders import MONDAY, deploy, diagram, flow, new_database, new_user, service_task, small_process
from tests.crash.steps import problems

PAGES_TO_GO = 4


class Bank:
    """An outside service that answers the first calls with a failure, though it has done what was asked."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls: list[str] = []

    def pay(self, key: str) -> None:
        """Pay once per key."""
        self.calls.append(key)
        if len(self.calls) <= self.failures:
            raise HandlerFailure(detail="the connection was cut")

    @property
    def paid(self) -> set[str]:
        """The payments; a key that comes again is no new one."""
        return set(self.calls)


bank = Bank(0)


@handler("pay")
def pay(context: HandlerContext) -> Outcome:
    """Asks the bank."""
    bank.pay(context.idempotency_key)
    return Outcome()


@pytest.mark.parametrize("cases", [10])
def test_every_attempt_carries_the_same_key(cases: int) -> None:
    global bank
    database = new_database(clock=FakeClock(MONDAY))
    body = '<bpmn:startEvent id="start"/>' + service_task("pay", "pay") + '<bpmn:endEvent id="end"/>'
    deploy(database, paying_bpmn=diagram(body + flow("start", "pay") + flow("pay", "end"), "paying"))
    clerk = new_user(database, "lin", "clerk")
    seen: set[str] = set()
    for _ in range(cases):
        bank = Bank(2)
        with database.transaction() as tx:
            process_instances.start(tx, clerk, "paying")
        for _ in range(3):
            jobs.run_due(database)
            assert isinstance(database.clock, FakeClock)
            database.clock.advance(timedelta(hours=1))
        assert len(bank.calls) == 3 and len(bank.paid) == 1
        seen |= bank.paid
    assert len(seen) == cases
    assert problems(database) == []


def test_a_full_disk_is_said_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baoxiu.db'}"
    database = new_database(url)
    deploy(database, small_bpmn=small_process())
    clerk = new_user(database, "lin", "clerk")
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    database.dispose()
    full = Database(url, database.clock)

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + PAGES_TO_GO}")

    event.listen(full.engine, "connect", limit)
    kept = 0
    with pytest.raises(StorageFull, match="no room"):
        for _ in range(500):
            with full.transaction() as tx:
                process_instances.start(tx, clerk, "small", {"note": "x" * 2000})
            kept += 1
    assert problems(full) == []
    full.dispose()
    again = Database(url, database.clock)
    with again.transaction() as tx:
        case = process_instances.start(tx, clerk, "small", {"note": "x"})
        assert int(case.number[-4:]) == kept + 1
    assert problems(again) == []
    again.dispose()
