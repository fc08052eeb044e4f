"""A case with every kind of command in its life, step by step, for tests that interrupt them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from engine import history, jobs, verification
from engine.access import Actor, actor_for, engine_actor
from engine.clock import FakeClock
from engine.commands import comments, incidents, messages, process_instances, user_tasks
from engine.database import Database
from engine.handling import HandlerContext, Outcome, handler
from engine.model import Base, Draft, Event, Incident, ProcessInstance, User, UserTask
from tests.builders import ORGANISATION, deploy, diagram, flow, new_user, service_task, user_task

LEASE = timedelta(seconds=60)
LEASE_COLUMNS = ("lease_token", "leased_until")
PHOTO = (
    '<zeebe:properties><zeebe:property name="produces" value="photo"/>'
    '<zeebe:property name="optional" value="photo"/></zeebe:properties>'
)
"""The evidence of the first task; it can be done without."""


@handler("ring")
def ring(context: HandlerContext) -> Outcome:
    """Outside of any transaction."""
    return Outcome(variables={"rung": context.attempt})


def pump() -> bytes:
    """start → check (a photo; 1 h timer beside it) → ring → wait for parts → approve (the message says who) → end."""
    message = (
        '<bpmn:message id="m" name="parts"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>'
    )
    approve = (
        '<bpmn:userTask id="approve"><bpmn:extensionElements><zeebe:userTask/>'
        '<zeebe:assignmentDefinition assignee="=worker"/></bpmn:extensionElements></bpmn:userTask>'
    )
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + user_task("check", extra=PHOTO)
        + '<bpmn:boundaryEvent id="late" attachedToRef="check" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + user_task("hurry", "boss")
        + '<bpmn:endEvent id="hurried"/>'
        + service_task("ring", "ring")
        + '<bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition messageRef="m"/>'
        "</bpmn:intermediateCatchEvent>"
        + approve
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "check")
        + flow("late", "hurry")
        + flow("hurry", "hurried")
        + flow("check", "ring")
        + flow("ring", "wait")
        + flow("wait", "approve")
        + flow("approve", "end"),
        "pump",
        message,
    )


def photo() -> bytes:
    """The document type of an uploaded picture."""
    properties = {"document": "attachment", "name": "照片", "name.en": "Photo"}
    return json.dumps({"id": "photo", "type": "default", "properties": properties, "components": []}).encode()


def prepare(database: Database) -> None:
    """The diagram, the document type and the people."""
    deploy(database, pump_bpmn=pump(), photo_form=photo())
    for name, role in (("lin", "clerk"), ("zhou", "boss"), ("he", "administrator")):
        new_user(database, name, role)


def person(database: Database, username: str) -> Actor:
    """A user, as signed in now."""
    with database.reading() as tx:
        key = tx.session.scalars(select(User.key).where(User.username == username)).one()
        return actor_for(tx.session, key, tx.now)


def the_task(database: Database, element_id: str) -> UserTask:
    """The user task of an element."""
    with database.reading() as tx:
        return tx.session.scalars(select(UserTask).where(UserTask.element_id == element_id)).one()


def start(database: Database) -> None:
    with database.transaction() as tx:
        process_instances.start(tx, person(database, "lin"), "pump", {"order": "A", "worker": ""})


def claim(database: Database) -> None:
    key, lin = the_task(database, "check").key, person(database, "lin")
    with database.transaction() as tx:
        user_tasks.claim(tx, lin, key)


def release(database: Database) -> None:
    key, lin = the_task(database, "check").key, person(database, "lin")
    with database.transaction() as tx:
        user_tasks.release(tx, lin, key)


def assign(database: Database, to: str = "zhou") -> None:
    key, he = the_task(database, "check").key, person(database, "he")
    with database.transaction() as tx:
        user_tasks.assign(tx, he, key, to, "holiday")


def save_draft(database: Database) -> None:
    key, lin = the_task(database, "check").key, person(database, "lin")
    with database.transaction() as tx:
        user_tasks.save_draft(tx, lin, key, {"note": ["漏"]})


def attach(database: Database) -> None:
    key, lin = the_task(database, "check").key, person(database, "lin")
    with database.transaction() as tx:
        user_tasks.attach(tx, lin, key, "photo", "pump.jpg", "image/jpeg", b"a pump that leaks")


def comment(database: Database) -> None:
    key, lin = the_task(database, "check").key, person(database, "lin")
    with database.transaction() as tx:
        comments.add_to_task(tx, lin, key, "@zhou 泵漏水")


def complete(database: Database) -> None:
    key, lin = the_task(database, "check").key, person(database, "lin")
    with database.transaction() as tx:
        user_tasks.complete(tx, lin, key, {"note": "泵漏水"})


def run_jobs(database: Database) -> None:
    jobs.run_due(database, LEASE)


def send(database: Database) -> None:
    with database.transaction() as tx:
        messages.publish(tx, engine_actor(ORGANISATION), "parts", "A", {"worker": "sun"})


def retry(database: Database) -> None:
    he = person(database, "he")
    with database.reading() as tx:
        key = tx.session.scalars(select(Incident.key)).one()
    with database.transaction() as tx:
        incidents.retry(tx, he, key)


def cancel(database: Database) -> None:
    he = person(database, "he")
    with database.reading() as tx:
        key = tx.session.scalars(select(ProcessInstance.key)).one()
    with database.transaction() as tx:
        process_instances.cancel(tx, he, key, "sold")


def log(database: Database) -> list[str]:
    """The cases' events as ``lifecycle element``."""
    with database.reading() as tx:
        rows = tx.session.execute(
            select(Event.lifecycle, Event.element_id).where(Event.process_instance_key > 0).order_by(Event.key)
        )
        return [f"{lifecycle} {element}" for lifecycle, element in rows]


def drafts(database: Database) -> list[str]:
    """What people have typed and not sent, which no log tells."""
    with database.reading() as tx:
        return [f"draft {data}" for data in tx.session.scalars(select(Draft.data))]


@dataclass(frozen=True)
class Step:
    """A command; `trace` is what tells that it happened, once, in what `told` gives: the cases' log, if nothing else.

    `ready` is what the world does before it. `is_small`: it writes without moving a case, so it passes no points but
    those of its transaction; it is interrupted before each of its statements, too.
    """

    name: str
    run: Callable[[Database], None]
    trace: str
    ready: Callable[[Database], object] = lambda database: None
    told: Callable[[Database], list[str]] = log
    is_small: bool = False

    def is_done(self, database: Database) -> bool:
        """Whether it happened."""
        return self.trace in self.told(database)


STEPS = (
    Step("start", start, "case_started "),
    Step("claim", claim, "claimed check"),
    Step("save draft", save_draft, "draft {'note': ['漏']}", told=drafts, is_small=True),
    Step("attach", attach, "evidence_attached check"),
    Step("comment", comment, "commented check", is_small=True),
    Step("release", release, "released check"),
    Step("assign", partial(assign, to="lin"), "assigned check"),
    Step("fire timer", run_jobs, "timer_fired late", lambda database: pass_time(database, timedelta(hours=1))),
    Step("complete", complete, "completed check"),
    Step("service job", run_jobs, "completed ring"),
    Step("message", send, "message_received wait"),
    Step("incident retry", retry, "incident_resolved approve", lambda database: new_user(database, "sun", "clerk")),
    Step("cancel", cancel, "case_cancelled "),
)
"""The life of a case."""


def pass_time(database: Database, by: timedelta) -> None:
    """Only the clock moves."""
    assert isinstance(database.clock, FakeClock)
    database.clock.advance(by)


def contents(database: Database) -> dict[str, set[tuple[Any, ...]]]:
    """Everything in the database, but who has leased which job."""
    with database.engine.connect() as connection:
        return {
            table.name: {
                tuple(str(value) for name, value in row.items() if name not in LEASE_COLUMNS)
                for row in connection.execute(table.select()).mappings()
            }
            for table in Base.metadata.sorted_tables
        }


def problems(database: Database) -> list[str]:
    """What the log's hashes and the read models say; empty when all is well."""
    with database.reading(one_moment=True) as tx:
        return [str(found) for found in (*history.verify(tx.session), *verification.verify(tx.session))]
