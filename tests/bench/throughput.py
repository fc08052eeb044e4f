"""Whole cases per second: on each database, with one, two and four nodes, beside bpmn-engine; timers per second."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select

from engine import jobs
from engine.access import actor_for
from engine.clock import FakeClock, SystemClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.model import Job, User, UserTask
from tests.builders import MONDAY, ORGANISATION, deploy, diagram, flow, new_database, new_user, small_process
from tests.postgresql import new_postgresql_database

log = logging.getLogger(__name__)

SECONDS = 5.0
NODES = (1, 2, 4)
TIMERS = 500
ROOT = Path(__file__).resolve().parents[2]
BPMN_ENGINE = Path(__file__).parent / "bpmn_engine"
INSTALLED = ROOT / "var" / "bench" / "bpmn_engine"
"""Where bpmn-engine is installed on demand; not part of the source tree."""


def measure(folder: Path, seconds: float = SECONDS) -> dict[str, object]:
    """`instances_per_s` and `timers_per_s`."""
    rates: dict[str, float | None] = {"sqlite": _together(f"sqlite:///{folder / 'rate.db'}", 1, seconds)}
    for nodes in NODES:
        rates[f"postgresql_{nodes}"] = _together(new_postgresql_database(), nodes, seconds)
    rates["bpmn_engine"] = bpmn_engine(folder, seconds)
    return {"instances_per_s": rates, "timers_per_s": timers_per_s(folder)}


# ---- whole cases -----------------------------------------------------------------------------------------------------


def _together(url: str, nodes: int, seconds: float) -> float:
    """So many processes at work on one database, each with cases of its own."""
    database = new_database(url, SystemClock())
    deploy(database, small_bpmn=small_process())
    new_user(database, "clerk", "clerk")
    database.dispose()
    command = [sys.executable, "-m", "tests.bench.throughput", url, str(seconds)]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(nodes)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    answers = [_let_go(worker) for worker in workers]
    return round(sum(float(answer.communicate()[0]) for answer in answers), 1)


def _let_go(worker: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()
    return worker


def work(url: str, seconds: float) -> float:
    """Start cases and complete both of their tasks, one after the other; whole cases per second."""
    database = Database(url, SystemClock())
    with database.reading() as tx:
        user = tx.session.scalars(select(User.key).where(User.username == "clerk")).one()
        clerk = actor_for(tx.session, user, tx.now, ORGANISATION)

    def one() -> None:
        with database.transaction() as tx:
            case = process_instances.start(tx, clerk, "small", {"amount": Decimal(60)}).key
        for _ in range(2):
            with database.transaction() as tx:
                waiting = (UserTask.process_instance_key == case, UserTask.state == "open")
                task = tx.connection.scalars(select(UserTask.key).where(*waiting)).one()
                user_tasks.complete(tx, clerk, task, {"note": "done"})

    for _ in range(10):
        one()
    print("ready", flush=True)
    sys.stdin.readline()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        one()
        count += 1
    return count / (time.perf_counter() - begun)


# ---- the other engine ------------------------------------------------------------------------------------------------


def bpmn_engine(folder: Path, seconds: float) -> float | None:
    """The same diagram on bpmn-engine, its state saved to SQLite at every wait; None where there is no Node."""
    node = shutil.which("node")
    if node is None or not _install():
        log.warning("bpmn_engine is not measured: there is no Node with npm, or its packages could not be installed")
        return None
    command = [node, "bench.cjs", "small.bpmn", str(folder / "bpmn_engine.db"), str(seconds)]
    answer = subprocess.run(command, cwd=INSTALLED, check=True, capture_output=True, text=True)
    return round(json.loads(answer.stdout)["instances_per_s"], 1)


def _install() -> bool:
    """Install the packages of the lock file once."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for source in BPMN_ENGINE.iterdir():
        if source.is_file():
            shutil.copy(source, INSTALLED / source.name)
    if (INSTALLED / "node_modules" / "better-sqlite3" / "build").is_dir():
        return True
    command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel", "error"]
    return subprocess.run(command, cwd=INSTALLED, env={**os.environ, "CI": "true"}).returncode == 0


# ---- timers ----------------------------------------------------------------------------------------------------------


def timers_per_s(folder: Path, count: int = TIMERS) -> float:
    """Timers that fall due at the same moment, each in a case of its own, run by one heartbeat."""
    body = (
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        '<bpmn:endEvent id="end"/>' + flow("start", "wait") + flow("wait", "end")
    )
    clock = FakeClock(MONDAY)
    database = new_database(f"sqlite:///{folder / 'timers.db'}", clock)
    deploy(database, waiting_bpmn=diagram(body, "waiting"))
    clerk = new_user(database, "clerk", "clerk")
    for _ in range(count):
        with database.transaction() as tx:
            process_instances.start(tx, clerk, "waiting")
    clock.advance(timedelta(hours=1))
    begun = time.perf_counter()
    jobs.run_due(database)
    elapsed = time.perf_counter() - begun
    with database.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(Job)) == 0
    database.dispose()
    return round(count / elapsed, 1)


if __name__ == "__main__":
    print(work(sys.argv[1], float(sys.argv[2])), flush=True)
