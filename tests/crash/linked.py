"""Cases that begin by themselves, call each other, wait for signals and fail: as in `tests.crash.steps`."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from engine.access import engine_actor
from engine.commands import messages, process_instances, user_tasks
from engine.database import Database
from engine.handling import HandlerContext, HandlerFailure, Outcome, handler
from engine.model import Job, Message, ProcessInstance
from tests.builders import ORGANISATION, deploy, diagram, flow, new_user, service_task, user_task
from tests.crash import steps
from tests.crash.steps import Step, run_jobs


@handler("jam")
def jam(context: HandlerContext) -> Outcome:
    """Works the second time only."""
    if context.attempt == 1:
        raise HandlerFailure(detail="paper jam")
    return Outcome()


def order() -> bytes:
    """order (message) → call the repair → pay → end."""
    called = (
        '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="repair"/>'
        "</bpmn:extensionElements></bpmn:callActivity>"
    )
    return diagram(
        '<bpmn:startEvent id="begin"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
        + called
        + user_task("pay", "boss")
        + '<bpmn:endEvent id="end"/>'
        + flow("begin", "call")
        + flow("call", "pay")
        + flow("pay", "end"),
        "order",
        '<bpmn:message id="m" name="order"/>',
    )


def repair() -> bytes:
    """start → wait for the signal → mend → end."""
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait"><bpmn:signalEventDefinition'
        ' signalRef="s"/></bpmn:intermediateCatchEvent>'
        + user_task("mend")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "wait")
        + flow("wait", "mend")
        + flow("mend", "end"),
        "repair",
        '<bpmn:signal id="s" name="shop opens"/>',
    )


def beginning(process_id: str, definition: str, messages: str = "") -> bytes:
    """A process that begins by itself and has one task."""
    return diagram(
        f'<bpmn:startEvent id="begin">{definition}</bpmn:startEvent>'
        + user_task("look")
        + '<bpmn:endEvent id="end"/>'
        + flow("begin", "look")
        + flow("look", "end"),
        process_id,
        messages,
    )


def daily() -> bytes:
    """Begins twice, an hour apart."""
    return beginning(
        "daily",
        "<bpmn:timerEventDefinition><bpmn:timeCycle>R2/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>",
    )


def alarm() -> bytes:
    """Begins when the signal is given."""
    return beginning(
        "alarm", '<bpmn:signalEventDefinition signalRef="s"/>', '<bpmn:signal id="s" name="smoke detected"/>'
    )


def printing() -> bytes:
    """start → print (one attempt) → end."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + service_task("print", "jam", retries=1)
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "print")
        + flow("print", "end"),
        "printing",
    )


def prepare(database: Database) -> None:
    """The diagrams and the people."""
    deploy(database, order_bpmn=order(), repair_bpmn=repair(), alarm_bpmn=alarm(), printing_bpmn=printing())
    for name, role in (("lin", "clerk"), ("zhou", "boss"), ("he", "administrator")):
        new_user(database, name, role)


def order_arrives(database: Database) -> None:
    with database.transaction() as tx:
        messages.publish(tx, engine_actor(ORGANISATION), "order", "A", {"pump": "P-1"})


def keep_message(database: Database) -> None:
    with database.transaction() as tx:
        messages.publish(tx, engine_actor(ORGANISATION), "nobody waits", "A", {})


def broadcast(database: Database, name: str = "shop opens") -> None:
    with database.transaction() as tx:
        messages.broadcast(tx, engine_actor(ORGANISATION), name, {})


def mend(database: Database) -> None:
    key, lin = steps.the_task(database, "mend").key, steps.person(database, "lin")
    with database.transaction() as tx:
        user_tasks.complete(tx, lin, key, {})


def order_and_call(database: Database) -> None:
    """Another order, with its repair."""
    order_arrives(database)
    run_jobs(database)


def cancel_order(database: Database) -> None:
    """The order that came last."""
    he = steps.person(database, "he")
    with database.reading() as tx:
        orders = select(ProcessInstance.key).where(ProcessInstance.process_id == "order")
        key = tx.session.scalars(orders.order_by(ProcessInstance.key.desc())).first()
    assert key is not None
    with database.transaction() as tx:
        process_instances.cancel(tx, he, key, "sold")


def print_something(database: Database) -> None:
    with database.transaction() as tx:
        process_instances.start(tx, steps.person(database, "lin"), "printing")


def wait_for_daily(database: Database) -> None:
    deploy(database, daily_bpmn=daily())
    steps.pass_time(database, timedelta(hours=1))


def cases(database: Database) -> list[str]:
    """The cases as ``process state``."""
    with database.reading() as tx:
        return [f"{case.process_id} {case.state}" for case in tx.session.scalars(select(ProcessInstance))]


def job_kinds(database: Database) -> list[str]:
    """What is to be done."""
    with database.reading() as tx:
        return list(tx.session.scalars(select(Job.kind)))


def kept_messages(database: Database) -> list[str]:
    """The messages nobody has got."""
    with database.reading() as tx:
        return list(tx.session.scalars(select(Message.name)))


STEPS = (
    Step("keep message", keep_message, "nobody waits", told=kept_messages, is_small=True),
    Step("start by message", order_arrives, "order active", told=cases),
    Step("call", run_jobs, "repair active", told=cases),
    Step("broadcast", broadcast, "signal", told=job_kinds, is_small=True),
    Step("signal", run_jobs, "completed wait"),
    Step("end of the called", mend, "repair completed", told=cases),
    Step("resume", run_jobs, "completed call"),
    Step("cancel a caller", cancel_order, "order cancelled", order_and_call, told=cases),
    Step("cancel the called", run_jobs, "repair cancelled", told=cases),
    Step("start by signal", run_jobs, "alarm active", lambda database: broadcast(database, "smoke detected"), cases),
    Step("failing job", run_jobs, "incident print", print_something, is_small=True),
    Step("retry of a job", steps.retry, "incident_resolved print"),
    Step("retried job", run_jobs, "printing completed", told=cases),
    Step("start by timer", run_jobs, "daily active", wait_for_daily, cases),
)
"""What happens without anybody's task."""
