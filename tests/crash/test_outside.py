"""What the outside world does to us: a service that fails, and a disk that fills up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import jobs
from engine.clock import FakeClock
from engine.commands import process_instances
from engine.database import Database, StorageFull
from engine.handling import HandlerContext, HandlerFailure, Outcome, handler
from engine.model import ProcessInstance
from tests.builders import MONDAY, deploy, diagram, flow, new_database, new_user, service_task, small_process
from tests.crash.steps import problems
from tests.postgresql import new_postgresql_database

PAGES_TO_GO = 4
CASES = 100


class Bank(ThreadingHTTPServer):
    """A bank that pays once per Idempotency-Key, and after the first two payments cuts the line instead of answering.

    The first two for each account: it has done what was asked, and nobody knows.
    """

    CUTS = 2

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Teller)
        self.asked: dict[str, list[str]] = defaultdict(list)
        """The keys by account, in order."""


class Teller(BaseHTTPRequestHandler):
    """Takes in one request."""

    server: Bank

    def do_POST(self) -> None:
        """Pay to the account in the address."""
        keys = self.server.asked[self.path]
        keys.append(self.headers["Idempotency-Key"])
        if len(keys) <= Bank.CUTS:
            self.connection.shutdown(SHUT_RDWR)
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@handler("pay")
def pay(context: HandlerContext) -> Outcome:
    """Asks the bank."""
    line = HTTPConnection("127.0.0.1", int(str(context.variables["port"])), timeout=10)
    try:
        line.request("POST", f"/{context.case.number}", headers={"Idempotency-Key": context.idempotency_key})
        line.getresponse().read()
    except (OSError, HTTPException) as error:
        raise HandlerFailure(detail=str(error)) from error
    finally:
        line.close()
    return Outcome()


@contextmanager
def bank_is_open() -> Generator[Bank]:
    """A bank that can be asked."""
    with Bank() as bank:
        thread = Thread(target=bank.serve_forever)
        thread.start()
        yield bank
        bank.shutdown()
        thread.join()


def test_every_attempt_carries_the_same_key() -> None:
    database = new_database(clock=FakeClock(MONDAY))
    body = '<bpmn:startEvent id="start"/>' + service_task("pay", "pay") + '<bpmn:endEvent id="end"/>'
    deploy(database, paying_bpmn=diagram(body + flow("start", "pay") + flow("pay", "end"), "paying"))
    clerk = new_user(database, "lin", "clerk")
    with bank_is_open() as bank:
        for _ in range(CASES):
            with database.transaction() as tx:
                process_instances.start(tx, clerk, "paying", {"port": bank.server_port})
        for _ in range(Bank.CUTS + 1):
            jobs.run_due(database)
            assert isinstance(database.clock, FakeClock)
            database.clock.advance(timedelta(hours=1))
    assert [len(keys) for keys in bank.asked.values()] == [Bank.CUTS + 1] * CASES
    paid = [set(keys) for keys in bank.asked.values()]
    assert all(len(keys) == 1 for keys in paid), "a retry came with another key"
    assert len(set.union(*paid)) == CASES, "two cases came with the same key"
    with database.reading() as tx:
        assert set(tx.session.scalars(select(ProcessInstance.state))) == {"completed"}
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


FULL = """
CREATE FUNCTION say_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM event WHERE process_instance_key > 0) >= 20 THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION say_full();
"""


@pytest.mark.postgresql
def test_a_full_disk_under_postgresql_is_said_and_leaves_nothing_half_done() -> None:
    database = new_database(new_postgresql_database())
    deploy(database, small_bpmn=small_process())
    clerk = new_user(database, "lin", "clerk")
    run(database, FULL)
    kept = 0
    with pytest.raises(StorageFull, match="no room"):
        for _ in range(500):
            with database.transaction() as tx:
                process_instances.start(tx, clerk, "small", {"note": "x"})
            kept += 1
    assert kept > 0
    assert problems(database) == []
    run(database, "DROP TRIGGER full_disk ON event")
    with database.transaction() as tx:
        case = process_instances.start(tx, clerk, "small", {"note": "x"})
        assert int(case.number[-4:]) == kept + 1
    assert problems(database) == []
    database.dispose()


def run(database: Database, sql: str) -> None:
    """Change the database behind the program's back."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql(sql)
