"""Random sequences of commands, jobs, failures and clock jumps, held against a model of a few lines."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from engine import jobs
from engine.access import Actor
from engine.clock import FakeClock
from engine.commands import incidents, process_instances, user_tasks
from engine.database import Database
from engine.errors import BaoxiuError
from engine.handling import HandlerContext, HandlerFailure, Outcome, handler
from engine.model import Incident, Job, ProcessInstance, UserTask
from tests.builders import MONDAY, deploy, diagram, flow, new_database, new_user, service_task, user_task
from tests.crash.steps import problems
from tests.soak import ledger

WAIT = timedelta(hours=1)
RETRIES = 2
ROUNDS, RUNS_A_ROUND = 20, 500
is_broken = False
"""Whether the service that the cases call is out of order."""


@handler("model_call")
def call(context: HandlerContext) -> Outcome:
    """Fails while the service is out of order."""
    if is_broken:
        raise HandlerFailure(detail="out of order")
    return Outcome()


def modelled() -> bytes:
    """start → check (user task) → call (service) → an hour → end."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + user_task("check")
        + service_task("call", "model_call", retries=RETRIES)
        + '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        '<bpmn:endEvent id="end"/>'
        + flow("start", "check")
        + flow("check", "call")
        + flow("call", "wait")
        + flow("wait", "end"),
        "modelled",
    )


@cache
def prepared() -> tuple[Database, Actor, Actor]:
    """A database to copy for every run: the diagram, a clerk and an administrator."""
    database = new_database("sqlite://", FakeClock(MONDAY))
    deploy(database, modelled_bpmn=modelled())
    return database, new_user(database, "lin", "clerk"), new_user(database, "he", "administrator")


class Case:
    """What the model knows of a case: where it stands, and when it goes on by itself."""

    def __init__(self) -> None:
        self.at = "check"
        self.since: datetime | None = None
        self.attempts, self.left = 0, RETRIES


class Cases(RuleBasedStateMachine):
    """The engine beside the model."""

    keys = Bundle("keys")

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock(MONDAY)
        template, self.clerk, self.he = prepared()
        self.database = Database("sqlite://", self.clock)
        with closing(template.engine.raw_connection()) as full, closing(self.database.engine.raw_connection()) as empty:
            full.driver_connection.backup(empty.driver_connection)
        self.model: dict[int, Case] = {}
        self.mend()

    @rule(target=keys)
    def start(self) -> int:
        with self.database.transaction() as tx:
            key = process_instances.start(tx, self.clerk, "modelled").key
        self.model[key] = Case()
        return key

    @rule(key=keys)
    def complete(self, key: int) -> None:
        """Refused unless the case stands at its task."""
        with self.database.reading() as tx:
            task = tx.session.scalars(select(UserTask.key).where(UserTask.process_instance_key == key)).one()
        case = self.model[key]
        try:
            with self.database.transaction() as tx:
                user_tasks.complete(tx, self.clerk, task, {})
        except BaoxiuError as refusal:
            assert refusal.status == 409 and case.at != "check"
            return
        assert case.at == "check"
        case.at, case.since = "call", self.clock.now()

    @rule(key=keys)
    def cancel(self, key: int) -> None:
        case = self.model[key]
        try:
            with self.database.transaction() as tx:
                process_instances.cancel(tx, self.he, key, "sold")
        except BaoxiuError as refusal:
            assert refusal.status == 409 and case.at in ("ended", "cancelled")
            return
        assert case.at not in ("ended", "cancelled")
        case.at, case.since = "cancelled", None

    @rule(key=keys)
    def retry(self, key: int) -> None:
        """An incident is tried again, once."""
        wanted = (Incident.process_instance_key == key, Incident.resolved_at.is_(None))
        with self.database.reading() as tx:
            found = tx.session.scalars(select(Incident.key).where(*wanted)).all()
        case = self.model[key]
        assert len(found) == (case.at == "incident"), case.at
        for incident in found:
            with self.database.transaction() as tx:
                incidents.retry(tx, self.he, incident)
            case.at, case.since, case.left = "call", self.clock.now(), incidents.RETRIES

    @rule()
    def break_down(self) -> None:
        global is_broken
        is_broken = True

    @rule()
    def mend(self) -> None:
        global is_broken
        is_broken = False

    @rule(minutes=st.sampled_from([-90, -1, 1, 10, 61, 24 * 60]))
    def pass_time(self, minutes: int) -> None:
        """The clock goes on, or jumps."""
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def beat(self) -> None:
        """What is due goes on, and only that; a failed attempt waits, the last one leaves an incident."""
        jobs.run_due(self.database)
        now = self.clock.now()
        for key, case in self.model.items():
            if case.since is not None and case.at == "call" and case.since <= now:
                self._called(key, case, now)
            elif case.since is not None and case.at == "wait" and case.since + WAIT <= now:
                case.at, case.since = "ended", None

    def _called(self, key: int, case: Case, now: datetime) -> None:
        if not is_broken:
            case.at, case.since = "wait", now
            return
        case.attempts, case.left = case.attempts + 1, case.left - 1
        if not case.left:
            case.at, case.since = "incident", None
            return
        with self.database.reading() as tx:
            due = tx.session.scalars(select(Job.due_at).where(Job.process_instance_key == key)).one()
        wait = min(jobs.FIRST_WAIT * 2 ** (case.attempts - 1), jobs.LONGEST_WAIT)
        assert wait * 0.95 <= due - now <= wait * 1.05
        case.since = due

    @invariant()
    def agrees(self) -> None:
        """Every case stands where the model says, with the job or task that belongs there."""
        with self.database.reading() as tx:
            states = dict(tx.session.execute(select(ProcessInstance.key, ProcessInstance.state)).all())
            open_tasks = set(tx.session.scalars(select(UserTask.process_instance_key).where(UserTask.state == "open")))
            left = {job.process_instance_key: job for job in tx.session.scalars(select(Job))}
        over = {"ended": "completed", "cancelled": "cancelled"}
        assert states == {key: over.get(case.at, "active") for key, case in self.model.items()}
        assert open_tasks == {key for key, case in self.model.items() if case.at == "check"}
        waiting = {key: case.at for key, case in self.model.items() if case.at in ("call", "wait", "incident")}
        assert {key: "wait" if job.kind == "timer" else "call" for key, job in left.items()} == {
            key: "wait" if at == "wait" else "call" for key, at in waiting.items()
        }
        assert {key for key, job in left.items() if job.failed} == {
            key for key, at in waiting.items() if at == "incident"
        }

    def teardown(self) -> None:
        assert problems(self.database) == []
        self.database.dispose()


def run(examples: int, steps: int, derandomize: bool) -> None:
    """So many runs of at most so many steps."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Cases,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=derandomize,
            database=None,
            suppress_health_check=quiet,
        ),
    )


def test_random_lives_agree_with_the_model() -> None:
    run(40, 15, derandomize=True)


@pytest.mark.slow
def test_many_random_lives_agree_with_the_model() -> None:
    run(200, 30, derandomize=False)


@pytest.mark.soak
def test_ten_thousand_random_lives_agree_with_the_model() -> None:
    for number in ledger.open_rounds("random lives against the model", ROUNDS):
        run(RUNS_A_ROUND, 40, derandomize=False)
        ledger.note("random lives against the model", number, runs=RUNS_A_ROUND, differences=0)
