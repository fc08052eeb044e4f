"""The commands, the runtime and the jobs on real diagrams: what a case leaves in the database, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from engine import history, jobs
from engine.access import Actor, engine_actor
from engine.clock import FakeClock
from engine.commands import incidents, messages, process_instances, user_tasks
from engine.database import Database
from engine.handling import HandlerContext, HandlerFailure, Outcome, handler
from engine.model import (
    ElementInstance,
    Event,
    Incident,
    InstanceState,
    Job,
    Notification,
    ProcessInstance,
    UserTask,
)
from engine.runtime.variables import load_variables
from tests.builders import (
    MONDAY,
    ORGANISATION,
    deploy,
    diagram,
    flow,
    new_database,
    new_user,
    service_task,
    small_process,
    user_task,
)
from tests.company import CLERK, company
from tests.supplier import INTAKE, REPORT

MOST_STATEMENTS = 15
broken: set[str] = set()
"""Case numbers for which the handler ``shaky`` fails."""


@handler("shaky")
def shaky(context: HandlerContext) -> Outcome:
    """Works outside of the transaction, and fails for the cases in `broken`."""
    if context.case.number in broken:
        raise HandlerFailure(detail="the printer is out of paper")
    return Outcome(variables={"printed": context.attempt})


@handler("doubled", inline=True)
def doubled(context: HandlerContext) -> Outcome:
    """Computes inside of the transaction."""
    return Outcome(variables={"twice": context.variables["amount"] * 2})  # type: ignore[operator]


def repair() -> bytes:
    """start → user task (1 h boundary timer tells the boss) → inline → job → gateway → user task → end."""
    timer = (
        '<bpmn:boundaryEvent id="late" attachedToRef="check" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:serviceTask id="tell"><bpmn:extensionElements><zeebe:taskDefinition type="notify"/><zeebe:taskHeaders>'
        '<zeebe:header key="role" value="boss"/><zeebe:header key="message" value="还没有检查"/>'
        "</zeebe:taskHeaders></bpmn:extensionElements></bpmn:serviceTask>"
        '<bpmn:endEvent id="told"/>' + flow("late", "tell") + flow("tell", "told")
    )
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + user_task("check", extra='<zeebe:taskSchedule dueDate="=now() + duration(&quot;PT2H&quot;)"/>')
        + timer
        + service_task("sum", "doubled")
        + service_task("print", "shaky")
        + '<bpmn:exclusiveGateway id="choice" default="choice-approve"/>'
        + user_task("approve", "boss")
        + '<bpmn:endEvent id="end"/><bpmn:endEvent id="cheap"/>'
        + flow("start", "check")
        + flow("check", "sum")
        + flow("sum", "print")
        + flow("print", "choice")
        + flow("choice", "cheap", "twice &lt; 100")
        + flow("choice", "approve")
        + flow("approve", "end"),
        "repair",
    )


def workshop(**files: bytes) -> Database:
    """A database with the files deployed, at nine on a Monday."""
    database = new_database()
    deploy(database, **(files or {"repair_bpmn": repair()}))
    return database


def clock_of(database: Database) -> FakeClock:
    assert isinstance(database.clock, FakeClock)
    return database.clock


def pass_time(database: Database, by: timedelta) -> None:
    """Time passes; what is due then runs."""
    clock_of(database).advance(by)
    jobs.run_due(database)


def start(database: Database, actor: Actor, process_id: str = "repair", **values: object) -> int:
    with database.transaction("web") as tx:
        return process_instances.start(tx, actor, process_id, values).key


def task_at(database: Database, element_id: str) -> UserTask:
    """The newest user task of an element."""
    with database.reading() as tx:
        found = tx.session.scalar(
            select(UserTask).where(UserTask.element_id == element_id).order_by(UserTask.key.desc()).limit(1)
        )
    assert found is not None, element_id
    return found


def complete(database: Database, actor: Actor, element_id: str, **values: object) -> None:
    key = task_at(database, element_id).key
    with database.transaction("web") as tx:
        user_tasks.complete(tx, actor, key, values)


def instance(database: Database, key: int) -> ProcessInstance:
    with database.reading() as tx:
        return tx.session.get_one(ProcessInstance, key)


def variables(database: Database, key: int) -> Mapping[str, object]:
    with database.reading() as tx:
        return load_variables(tx.session, key)


def log(database: Database, key: int) -> list[str]:
    """The case's events as ``lifecycle element``."""
    with database.reading() as tx:
        rows = tx.session.execute(
            select(Event.lifecycle, Event.element_id).where(Event.process_instance_key == key).order_by(Event.sequence)
        )
        return [f"{lifecycle} {element}".strip() for lifecycle, element in rows]


def is_whole(database: Database) -> bool:
    with database.reading() as tx:
        return list(history.verify(tx.session)) == []


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements sent meanwhile; BEGIN is not counted, a COMMIT is the text ``COMMIT``."""
    statements: list[str] = []

    def sent(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    def committed(_connection: object) -> None:
        statements.append("COMMIT")

    event.listen(database.engine, "before_cursor_execute", sent)
    event.listen(database.engine, "commit", committed)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", sent)
        event.remove(database.engine, "commit", committed)


def test_starting_a_case_offers_its_first_task_to_the_role() -> None:
    database = workshop()
    clerk = new_user(database, "lin", "clerk")
    key = start(database, clerk, amount=20)
    case, task = instance(database, key), task_at(database, "check")
    assert (case.number, case.state, case.started_by) == ("C-2026-0001", InstanceState.ACTIVE, "lin")
    assert (task.state, task.assignee_key, task.due_at) == ("open", None, MONDAY + timedelta(hours=2))
    assert variables(database, key) == {"amount": 20}
    assert log(database, key) == ["case_started", "completed start", "enabled check"]


def test_a_case_runs_from_start_to_end_through_task_handler_job_and_gateway() -> None:
    database = workshop()
    clerk, boss = new_user(database, "lin", "clerk"), new_user(database, "zhou", "boss")
    key = start(database, clerk, amount=20)
    with database.transaction("web") as tx:
        user_tasks.claim(tx, clerk, task_at(database, "check").key)
    complete(database, clerk, "check", amount=60)
    assert variables(database, key) == {"amount": 60, "twice": 120}
    jobs.run_due(database)
    complete(database, boss, "approve", approved=True)
    case = instance(database, key)
    assert case.state == InstanceState.COMPLETED
    assert variables(database, key) == {"amount": 60, "twice": 120, "printed": 1, "approved": True}
    assert case.flows == {
        "start-check": 1,
        "check-sum": 1,
        "sum-print": 1,
        "print-choice": 1,
        "choice-approve": 1,
        "approve-end": 1,
    }
    assert log(database, key) == [
        "case_started",
        "completed start",
        "enabled check",
        "claimed check",
        "changed check",
        "completed check",
        "completed sum",
        "enabled print",
        "completed print",
        "completed choice",
        "enabled approve",
        "changed approve",
        "completed approve",
        "completed end",
        "case_completed",
    ]
    assert is_whole(database)
    with database.reading() as tx:
        assert tx.session.scalars(select(Job)).all() == []
        states = set(tx.session.scalars(select(ElementInstance.state)))
    assert states == {"completed"}


def test_a_condition_sends_the_case_the_other_way() -> None:
    database = workshop()
    clerk = new_user(database, "lin", "clerk")
    key = start(database, clerk)
    complete(database, clerk, "check", amount=7)
    jobs.run_due(database)
    assert instance(database, key).state == InstanceState.COMPLETED
    assert "choice-cheap" in instance(database, key).flows


def test_a_boundary_timer_tells_the_superior_once_and_the_task_stays() -> None:
    database = workshop()
    clerk, boss = new_user(database, "lin", "clerk"), new_user(database, "zhou", "boss")
    key = start(database, clerk)
    pass_time(database, timedelta(minutes=59))
    assert task_at(database, "check").escalated_at is None
    pass_time(database, timedelta(minutes=1))
    task = task_at(database, "check")
    assert (task.state, task.escalated_at) == ("open", MONDAY + timedelta(hours=1))
    with database.reading() as tx:
        notices = tx.session.scalars(select(Notification)).all()
    assert [(notice.user_key, notice.template) for notice in notices] == [(boss.user_key, "还没有检查")]
    pass_time(database, timedelta(hours=5))
    assert log(database, key).count("timer_fired late") == 1
    assert is_whole(database)


def test_a_timer_goes_with_the_task_it_stands_on() -> None:
    database = workshop()
    clerk = new_user(database, "lin", "clerk")
    key = start(database, clerk)
    complete(database, clerk, "check", amount=60)
    pass_time(database, timedelta(hours=5))
    assert "timer_fired late" not in log(database, key)


def test_a_failing_job_is_retried_becomes_an_incident_and_goes_on_after_a_retry() -> None:
    database = workshop()
    clerk = new_user(database, "lin", "clerk")
    administrator = new_user(database, "he", "administrator")
    key = start(database, clerk)
    broken.add("C-2026-0001")
    try:
        complete(database, clerk, "check", amount=60)
        for _ in range(3):
            pass_time(database, timedelta(minutes=5))
    finally:
        broken.clear()
    with database.reading() as tx:
        incident = tx.session.scalars(select(Incident)).one()
        job = tx.session.scalars(select(Job)).one()
    assert (incident.element_id, incident.attempts, incident.params) == (
        "print",
        3,
        {"detail": "the printer is out of paper"},
    )
    assert (job.failed, job.retries, instance(database, key).incidents) == (True, 0, 1)
    with database.transaction("web") as tx:
        incidents.retry(tx, administrator, incident.key)
    jobs.run_due(database)
    assert instance(database, key).incidents == 0
    assert task_at(database, "approve").state == "open"
    assert [line for line in log(database, key) if "incident" in line] == ["incident print", "incident_resolved print"]
    assert is_whole(database)


def test_a_retried_job_waits_longer_each_time() -> None:
    assert jobs.backoff(1) < timedelta(seconds=11) < jobs.backoff(2) < jobs.backoff(3)
    assert jobs.backoff(40) < timedelta(minutes=64)


def test_who_comes_second_is_told_who_was_first() -> None:
    database = workshop()
    lin, chen = new_user(database, "lin", "clerk"), new_user(database, "chen", "clerk")
    start(database, lin)
    key = task_at(database, "check").key
    with database.transaction() as tx:
        user_tasks.claim(tx, lin, key)
    with pytest.raises(user_tasks.TaskTaken, match="lin"), database.transaction() as tx:
        user_tasks.claim(tx, chen, key)
    complete(database, lin, "check", amount=60)
    with pytest.raises(user_tasks.TaskAlreadyDone, match="lin"), database.transaction() as tx:
        user_tasks.complete(tx, lin, key, {"amount": 1})


def called() -> bytes:
    """A process that is called: a user task whose amount becomes a result."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + user_task("weigh")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "weigh")
        + flow("weigh", "end"),
        "weighing",
    )


def caller(boundary: str = "") -> bytes:
    """A process that calls it and then asks the boss."""
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:callActivity id="call"><bpmn:extensionElements>'
        '<zeebe:calledElement processId="weighing" propagateAllChildVariables="true"/>'
        "</bpmn:extensionElements></bpmn:callActivity>"
        + boundary
        + user_task("approve", "boss")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "call")
        + flow("call", "approve")
        + flow("approve", "end"),
        "calling",
    )


def children(database: Database, key: int) -> list[ProcessInstance]:
    with database.reading() as tx:
        return list(tx.session.scalars(select(ProcessInstance).where(ProcessInstance.parent_instance_key == key)))


def test_a_call_activity_starts_a_child_and_goes_on_with_its_results() -> None:
    database = workshop(calling_bpmn=caller(), weighing_bpmn=called())
    clerk = new_user(database, "lin", "clerk")
    key = start(database, clerk, "calling", crate="A7")
    jobs.run_due(database)
    [child] = children(database, key)
    assert variables(database, child.key) == {"crate": "A7"}
    complete(database, clerk, "weigh", kilograms=12)
    jobs.run_due(database)
    assert instance(database, child.key).state == InstanceState.COMPLETED
    assert variables(database, key)["kilograms"] == 12
    assert task_at(database, "approve").state == "open"
    assert is_whole(database)


def test_cancelling_a_case_cancels_the_child_it_waits_for() -> None:
    database = workshop(calling_bpmn=caller(), weighing_bpmn=called())
    clerk, administrator = new_user(database, "lin", "clerk"), new_user(database, "he", "administrator")
    key = start(database, clerk, "calling")
    jobs.run_due(database)
    with database.transaction() as tx:
        process_instances.cancel(tx, administrator, key, "the crate is lost")
    jobs.run_due(database)
    [child] = children(database, key)
    assert (child.state, task_at(database, "weigh").state) == (InstanceState.CANCELLED, "cancelled")
    assert is_whole(database)


def waiting_for_parts() -> bytes:
    """start → wait for the message "parts arrived" of this order → end."""
    message = (
        '<bpmn:message id="m" name="parts arrived"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>'
    )
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition'
        ' messageRef="m"/></bpmn:intermediateCatchEvent><bpmn:endEvent id="end"/>'
        + flow("start", "wait")
        + flow("wait", "end"),
        "parts",
        message,
    )


def send(database: Database, order: str, **values: object) -> ProcessInstance | None:
    with database.transaction() as tx:
        return messages.publish(tx, engine_actor(ORGANISATION), "parts arrived", order, values)


def test_a_message_reaches_the_one_case_with_its_key() -> None:
    database = workshop(parts_bpmn=waiting_for_parts())
    clerk = new_user(database, "lin", "clerk")
    first, second = start(database, clerk, "parts", order="A"), start(database, clerk, "parts", order="B")
    got = send(database, "B", crates=3)
    assert got is not None and got.key == second
    assert (instance(database, first).state, instance(database, second).state) == ("active", "completed")
    assert variables(database, second)["crates"] == 3


def test_a_message_that_comes_early_is_kept_for_the_case() -> None:
    database = workshop(parts_bpmn=waiting_for_parts())
    clerk = new_user(database, "lin", "clerk")
    assert send(database, "C", crates=4) is None
    key = start(database, clerk, "parts", order="C")
    jobs.run_due(database)
    assert (instance(database, key).state, variables(database, key)["crates"]) == ("completed", 4)
    again = start(database, clerk, "parts", order="C")
    jobs.run_due(database)
    assert instance(database, again).state == "active"


def test_a_message_that_comes_much_too_early_is_not_kept() -> None:
    database = workshop(parts_bpmn=waiting_for_parts())
    clerk = new_user(database, "lin", "clerk")
    send(database, "C")
    clock_of(database).advance(timedelta(days=2))
    key = start(database, clerk, "parts", order="C")
    jobs.run_due(database)
    assert instance(database, key).state == "active"


def test_a_command_takes_few_statements_and_one_commit() -> None:
    database = workshop(small_bpmn=small_process())
    clerk = new_user(database, "lin", "clerk")
    start(database, clerk, "small", amount=1)
    with counting(database) as starting:
        start(database, clerk, "small", amount=1)
    key = task_at(database, "first").key
    with counting(database) as claiming, database.transaction() as tx:
        user_tasks.claim(tx, clerk, key)
    with counting(database) as completing, database.transaction() as tx:
        user_tasks.complete(tx, clerk, key, {"amount": 2})
    assert [len(statements) - 1 for statements in (starting, claiming, completing)] == [8, 7, 11]
    for statements in (starting, claiming, completing):
        assert_few(statements)


def test_a_shipped_process_takes_few_statements_too(tmp_path: Path) -> None:
    place = company(tmp_path)
    clerk = place.actor(CLERK)
    with place.database.transaction() as tx:
        process_instances.start(tx, clerk, "after_sales_service", REPORT)
    with counting(place.database) as starting, place.database.transaction() as tx:
        process_instances.start(tx, clerk, "after_sales_service", REPORT)
    with place.database.reading() as tx:
        first, second = tx.session.scalars(select(UserTask.key).where(UserTask.state == "open"))
    with place.database.transaction() as tx:
        user_tasks.complete(tx, clerk, first, INTAKE)
    with counting(place.database) as completing, place.database.transaction() as tx:
        user_tasks.complete(tx, clerk, second, INTAKE)
    assert_few(starting)
    assert_few(completing)


def test_a_timer_takes_few_statements_and_one_commit() -> None:
    database = workshop(waiting_bpmn=waiting_an_hour())
    clerk = new_user(database, "lin", "clerk")
    start(database, clerk, "waiting")
    start(database, clerk, "waiting")
    clock_of(database).advance(timedelta(hours=1))
    first, second = jobs.acquire(database)
    jobs.run(database, first)
    with counting(database) as firing:
        jobs.run(database, second)
    assert_few(firing)


def waiting_an_hour() -> bytes:
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        '<bpmn:endEvent id="end"/>' + flow("start", "wait") + flow("wait", "end"),
        "waiting",
    )


def assert_few(statements: list[str]) -> None:
    assert statements.count("COMMIT") == 1
    assert len(statements) - 1 <= MOST_STATEMENTS, "\n".join(statements)
