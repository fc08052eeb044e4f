"""Read models against snapshots: a case of every kind agrees, and any row that is taken or planted is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from engine import jobs, verification
from engine.commands import process_instances
from engine.database import Database
from engine.handling import HandlerContext, HandlerFailure, Outcome, handler
from engine.model import ElementInstance, Incident, Job, MessageSubscription, ProcessInstance, UserTask
from tests.builders import deploy, diagram, flow, new_database, new_user, service_task
from tests.crash import steps


@handler("torn")
def torn(context: HandlerContext) -> Outcome:
    """Never works."""
    raise HandlerFailure(detail="torn paper")


def problems(database: Database) -> list[str]:
    with database.reading(one_moment=True) as tx:
        return [found.problem for found in verification.verify(tx.session)]


def at(name: str) -> Database:
    """The case after this step."""
    database = new_database()
    steps.prepare(database)
    for step in steps.STEPS:
        step.ready(database)
        step.run(database)
        if step.name == name:
            return database
    raise AssertionError(name)


@pytest.mark.parametrize("step", [step.name for step in steps.STEPS])
def test_what_the_engine_writes_agrees(step: str) -> None:
    assert problems(at(step)) == []


@pytest.mark.parametrize(
    ("step", "change", "words"),
    [
        ("start", delete(Job), "the timer of element instance"),
        ("start", update(UserTask).values(state="cancelled"), "the open user task"),
        ("start", update(ElementInstance).values(state="active"), "is left, no token wants it"),
        ("start", update(ProcessInstance).values(state="completed"), "it is completed with"),
        ("start", update(ProcessInstance).values(snapshot="[1]"), "its snapshot cannot be read"),
        ("complete", delete(Job).where(Job.kind == "service"), "the service job"),
        ("service job", delete(MessageSubscription), "the message subscription"),
        ("message", delete(Incident), "the incident of element instance"),
        ("message", update(ProcessInstance).values(incidents=4), "it counts 4 incidents, 1 are open"),
    ],
)
def test_a_row_that_does_not_fit_is_named(step: str, change: object, words: str) -> None:
    database = at(step)
    with database.transaction() as tx:
        tx.session.execute(change)  # type: ignore[call-overload]
    assert any(words in problem for problem in problems(database))


def test_a_cancelled_case_takes_the_incidents_of_its_jobs_along() -> None:
    database = new_database()
    body = '<bpmn:startEvent id="start"/>' + service_task("print", "torn") + '<bpmn:endEvent id="end"/>'
    body += flow("start", "print") + flow("print", "end")
    deploy(database, torn_bpmn=diagram(body, "torn"))
    he = new_user(database, "he", "administrator", "clerk")
    with database.transaction() as tx:
        key = process_instances.start(tx, he, "torn").key
    for _ in range(3):
        jobs.run_due(database)
        steps.pass_time(database, timedelta(hours=1))
    with database.transaction() as tx:
        assert tx.session.get_one(ProcessInstance, key).incidents == 1
        process_instances.cancel(tx, he, key, "no printer")
    with database.reading() as tx:
        assert tx.session.get_one(ProcessInstance, key).incidents == 0
    assert problems(database) == []
