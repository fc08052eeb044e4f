"""Jobs: acquire what is due, run it, retry what failed, open an incident when no attempt is left.

Jobs on our own state (timers, messages, children …) lock, act and delete in one transaction: exactly once. Service jobs
take a lease, run their handler outside any transaction, and complete guarded by the lease: at least once for the
outside,
exactly once for our own state. The lock order is always process instance, then job.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from engine import fairness, feel, handling
from engine.access import engine_actor
from engine.bpmn import Binding, Waiting
from engine.commands import messages, start_timers
from engine.commands.process_instances import create
from engine.database import Database, Transaction, is_away
from engine.errors import BaoxiuError
from engine.handling import BpmnError, HandlerContext, Outcome
from engine.history import Entry, Lifecycle, record
from engine.model import Incident, InstanceState, Job, JobKind, ProcessInstance, UserTask
from engine.runtime import Running, load, load_by_job
from engine.runtime.definitions import process_definition
from engine.runtime.running import describe

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
BATCH = 50
BY_CLOCK = frozenset({JobKind.TIMER, JobKind.START_TIMER})
"""What the event log calls the work of a timer."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that this node may run until the lease ends."""

    key: int
    token: str
    kind: JobKind
    organisation_key: str


class Superseded(Exception):
    """The job is gone or belongs to another node now; what was done for it is not written."""


def run_due(database: Database, lease: timedelta = LEASE, limit: int = 10_000) -> int:
    """Run every job that is due, in order of due time and priority; gives the number of jobs run.

    A failure of one job never stops the others.
    """
    done = 0
    while done < limit:
        leases = acquire(database, lease)
        if not leases:
            break
        if len(leases) == BATCH:
            database.notify_nodes()  # there is more than one node can do at once
        with kept(database, leases[0].token, lease):
            for taken in leases:
                run(database, taken)
        done += len(leases)
    return done


def acquire(database: Database, lease: timedelta = LEASE, batch: int = BATCH) -> list[Lease]:
    """Take a lease on due jobs nobody else has: the oldest due first, but no organisation and no process instance
    makes the others wait because it has many (`engine.fairness`).
    """
    with database.reading() as tx:
        if tx.session.scalar(select(Job.key).where(*_takeable(tx.now)).order_by(Job.due_at, Job.key).limit(1)) is None:
            return []  # looking costs no write lock
    token = secrets.token_hex(16)
    with database.transaction() as tx:
        chosen = fairness.choose(tx.session, _takeable(tx.now), batch)
        if not chosen:
            return []
        keys = [job.key for job in chosen]
        tx.session.execute(update(Job).where(Job.key.in_(keys)).values(lease_token=token, leased_until=tx.now + lease))
    database.reach("jobs acquired")
    return [Lease(job.key, token, JobKind(job.kind), job.organisation_key) for job in chosen]


def _takeable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(Job.leased_until.is_(None), Job.leased_until <= now)
    return (Job.failed.is_(False), Job.due_at <= now, free)


@contextmanager
def kept(database: Database, token: str, lease: timedelta) -> Generator[None]:
    """Renew the leases with this token while the block runs, so that a long handler is not run a second time elsewhere.

    A node that dies renews no more; its jobs are free when their leases end.
    """
    if database.is_in_memory:  # nobody else could take them
        yield
        return
    over = Event()

    def renew_until_over() -> None:
        while not over.wait(lease.total_seconds() / 3):
            try:
                renew(database, token, lease)
            except SQLAlchemyError:
                log.exception("leases could not be renewed; other nodes may take the jobs")

    renewer = Thread(target=renew_until_over, name="baoxiu-leases", daemon=True)
    renewer.start()
    try:
        yield
    finally:
        over.set()
        renewer.join()


def renew(database: Database, token: str, lease: timedelta) -> int:
    """Let the leases with this token begin anew; gives their number."""
    with database.transaction() as tx:
        # a locked job is just being completed; waiting for it could be waiting for each other
        held = select(Job.key).where(Job.lease_token == token).with_for_update(skip_locked=True)
        keys = list(tx.session.scalars(held))
        tx.session.execute(update(Job).where(Job.key.in_(keys)).values(leased_until=tx.now + lease))
    return len(keys)


def next_due(database: Database) -> datetime | None:
    """When the next job can be taken: it is due, or the lease of one that is due ends. None when nothing waits."""
    with database.reading() as tx:
        waiting = Job.failed.is_(False)
        free = select(Job.due_at).where(waiting, Job.leased_until.is_(None)).order_by(Job.due_at, Job.key).limit(1)
        leased = select(func.min(Job.leased_until)).where(waiting, Job.due_at <= tx.now, Job.leased_until.is_not(None))
        moments = [tx.session.scalar(free), tx.session.scalar(leased)]
    return min((moment for moment in moments if moment is not None), default=None)


def run(database: Database, lease: Lease) -> None:
    """Run one leased job to its end: done, to be retried, or an incident.

    An outage of the database is raised: the job is not to blame, keeps its attempts and is taken again when its
    lease ends.
    """
    try:
        if lease.kind is JobKind.SERVICE:
            _run_service(database, lease)
        else:
            with database.transaction("timer" if lease.kind in BY_CLOCK else "engine") as tx:
                _RUNNERS[lease.kind](tx, lease)
    except Superseded:
        log.info("job %s is no longer ours", lease.key)
    except Exception as error:
        if is_away(error):
            raise
        log.warning("job %s failed", lease.key, exc_info=error)
        with database.transaction() as tx:
            _fail(tx, lease, error)


# ---- service jobs ----------------------------------------------------------------------------------------------------


def _run_service(database: Database, lease: Lease) -> None:
    with database.reading() as tx:
        handler, context = _prepare(tx, lease)
    try:
        outcome: Outcome | BpmnError = handler(context)
    except BpmnError as error:
        outcome = error
    database.reach("handler has run")
    with database.transaction() as tx:
        running, job = _locked(tx, lease)
        token = cast("int", job.element_instance)
        tx.session.delete(job)
        if isinstance(outcome, BpmnError):
            running.execution.throw_error(token, outcome.code, outcome.message, outcome.variables)
        else:
            view = running.execution.token(token)
            assert view is not None  # the job's token waits for it
            running.apply(view, outcome)
            values = {name: feel.from_python(value) for name, value in outcome.variables.items()}
            running.execution.complete(token, values)
        running.save()


def _prepare(tx: Transaction, lease: Lease) -> tuple[Callable[[HandlerContext], Outcome], HandlerContext]:
    """The handler and everything it may read, loaded before the reading transaction ends."""
    job = _still_ours(tx, lease)
    actor = engine_actor(lease.organisation_key)
    running = load(tx, actor, job.process_instance_key)
    token = running.execution.token(cast("int", job.element_instance))
    if token is None:
        raise Superseded
    context = running.handler_context(token, job.idempotency_key, job.attempts + 1)
    _ = running.surroundings.prices.items  # read now; the handler runs without a database
    variables = dict(context.variables)
    return handling.find_handler(job.type).function, _with_variables(context, variables)


def _with_variables(context: HandlerContext, variables: Mapping[str, object]) -> HandlerContext:
    return HandlerContext(
        variables,
        context.headers,
        context.case,
        context.organisation,
        context.now,
        context.prices,
        context.idempotency_key,
        context.attempt,
    )


# ---- jobs on our own state -------------------------------------------------------------------------------------------


def _fire_timer(tx: Transaction, lease: Lease) -> None:
    running, job = _locked(tx, lease)
    token = running.execution.token(cast("int", job.element_instance))
    if token is None:
        raise Superseded
    tx.session.delete(job)
    entry = running.entry(Lifecycle.TIMER_FIRED, due_at=job.due_at)
    entry.element_id, entry.element_instance = token.element.id, token.id
    running.entries.append(entry)
    if token.is_watcher and token.host_id is not None and not token.element.interrupting:
        _mark_escalated(tx, running, token.host_id)
    tx.session.flush()
    running.execution.fire(token.id)
    running.save()


def _mark_escalated(tx: Transaction, running: Running, host: int) -> None:
    here = (UserTask.process_instance_key == running.instance.key, UserTask.element_instance == host)
    tx.session.execute(update(UserTask).where(*here, UserTask.state == "open").values(escalated_at=tx.now))


def _start_by_timer(tx: Transaction, lease: Lease) -> None:
    job = _still_ours(tx, lease)
    _done(tx, lease)
    start_timers.fire(tx, job)


def _start_case(tx: Transaction, lease: Lease) -> None:
    job = _still_ours(tx, lease)
    payload = _payload(job)
    actor = engine_actor(lease.organisation_key)
    definition = process_definition(tx.session, lease.organisation_key, str(payload["process_id"]))
    start_event = cast("str | None", payload.get("start_event"))
    values, origin = _context(payload, "variables"), job.process_instance_key
    create(tx, actor, definition, values, start_event=start_event, origin=origin)
    _done(tx, lease)


def _call_child(tx: Transaction, lease: Lease) -> None:
    running, job = _locked(tx, lease)
    token = running.execution.token(cast("int", job.element_instance))
    if token is None or token.waiting is not Waiting.CALL or token.element.called_element is None:
        raise Superseded
    payload = _payload(job)
    called = token.element.called_element
    definition = process_definition(
        tx.session,
        lease.organisation_key,
        str(payload["process_id"]),
        Binding(called.binding),
        running.definition.deployment_key,
        called.version_tag,
    )
    tx.session.delete(job)
    parent = (running.instance.key, token.id)
    create(tx, engine_actor(lease.organisation_key), definition, _context(payload, "variables"), parent=parent)


def _resume_parent(tx: Transaction, lease: Lease) -> None:
    job = _still_ours(tx, lease)
    payload = _payload(job)
    child = tx.session.get_one(ProcessInstance, job.process_instance_key)
    actor = engine_actor(lease.organisation_key)
    running = load(tx, actor, child.parent_instance_key)
    _done(tx, lease)
    token = running.execution.token(cast("int", child.parent_element_instance))
    if token is None or running.instance.state != InstanceState.ACTIVE:
        return
    if "error" in payload:
        variables = _context(payload, "variables")
        running.execution.throw_error(token.id, str(payload["error"]), str(payload["message"]), variables)
    elif "escalation" in payload:
        running.execution.escalate(token.id, str(payload["escalation"]))
    else:
        running.execution.complete(token.id, _results(running, token.id, _context(payload, "variables")))
    running.save()


def _results(running: Running, token: int, variables: Mapping[str, object]) -> Mapping[str, object]:
    view = running.execution.token(token)
    called = view.element.called_element if view else None
    takes_all = called is None or called.propagate_child or bool(view and view.element.outputs)
    return variables if takes_all else {}


def _cancel_child(tx: Transaction, lease: Lease) -> None:
    job = _still_ours(tx, lease)
    payload = _payload(job)
    child = tx.session.scalar(
        select(ProcessInstance.key).where(
            ProcessInstance.parent_instance_key == job.process_instance_key,
            ProcessInstance.parent_element_instance == int(str(payload["token"])),
            ProcessInstance.state == InstanceState.ACTIVE,
        )
    )
    if child is not None:
        running = load(tx, engine_actor(lease.organisation_key), child)
        if running.instance.state == InstanceState.ACTIVE:
            running.cancel("the calling element was cancelled")
            running.save()
    _done(tx, lease)


def _deliver_message(tx: Transaction, lease: Lease) -> None:
    payload = _payload(_still_ours(tx, lease))
    actor = engine_actor(lease.organisation_key)
    variables = _context(payload, "variables")
    messages.publish(tx, actor, str(payload["name"]), payload["correlation_key"], variables)
    _done(tx, lease)


def _broadcast_signal(tx: Transaction, lease: Lease) -> None:
    job = _still_ours(tx, lease)
    payload = _payload(job)
    actor = engine_actor(lease.organisation_key)
    if "token" in payload:
        messages.deliver_signal(tx, actor, job.process_instance_key or 0, payload)
    else:
        messages.broadcast(tx, actor, str(payload["name"]), _context(payload, "variables"))
    _done(tx, lease)


_RUNNERS: dict[JobKind, Callable[[Transaction, Lease], None]] = {
    JobKind.TIMER: _fire_timer,
    JobKind.START_TIMER: _start_by_timer,
    JobKind.START_CASE: _start_case,
    JobKind.CALL: _call_child,
    JobKind.RESUME_PARENT: _resume_parent,
    JobKind.CANCEL_CHILD: _cancel_child,
    JobKind.MESSAGE: _deliver_message,
    JobKind.SIGNAL: _broadcast_signal,
}


# ---- taking and failing ----------------------------------------------------------------------------------------------


def _still_ours(tx: Transaction, lease: Lease) -> Job:
    job = tx.session.scalar(select(Job).where(Job.key == lease.key, Job.lease_token == lease.token))
    if job is None:
        raise Superseded
    return job


def _locked(tx: Transaction, lease: Lease) -> tuple[Running, Job]:
    """The job's instance, locked, then the job as it is now."""
    try:
        running = load_by_job(tx, engine_actor(lease.organisation_key), lease.key)
    except BaoxiuError as error:
        raise Superseded from error
    job = _still_ours(tx, lease)
    if running.instance.state != InstanceState.ACTIVE:
        tx.session.execute(delete(Job).where(Job.key == job.key))
        raise Superseded
    return running, job


def _done(tx: Transaction, lease: Lease) -> None:
    """Delete a job that stands for no waiting token, when the instance it is about is locked (the order everywhere).

    Raises `Superseded` when another node has done it meanwhile; what this one did is then rolled back.
    """
    tx.session.flush()
    ours = (Job.key == lease.key, Job.lease_token == lease.token)
    gone = tx.session.scalar(delete(Job).where(*ours).returning(Job.key).execution_options(synchronize_session=False))
    if gone is None:
        raise Superseded


def _payload(job: Job) -> Mapping[str, object]:
    return cast("Mapping[str, object]", feel.from_json(job.payload)) if job.payload else {}


def _context(payload: Mapping[str, object], name: str) -> Mapping[str, object]:
    return cast("Mapping[str, object]", payload.get(name) or {})


def _fail(tx: Transaction, lease: Lease, error: Exception) -> None:
    """Count a failed attempt: wait longer each time, then leave an incident."""
    instance = _instance_of(tx, lease)
    try:
        job = _still_ours(tx, lease)
    except Superseded:
        return
    job.attempts += 1
    job.retries = max(job.retries - 1, 0)
    job.error = f"{type(error).__name__}: {error}"[:2000]
    job.lease_token, job.leased_until = "", None
    if job.retries > 0 or job.kind == JobKind.START_TIMER:  # no case could carry its incident, so it never gives up
        job.due_at = tx.now + backoff(job.attempts)
    else:
        job.failed = True
        _open_incident(tx, job, instance, error)
    tx.session.flush()


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 10 s, doubling, up to an hour, a tenth of it at random."""
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    return wait * (0.95 + secrets.randbelow(1000) / 10_000)


def _instance_of(tx: Transaction, lease: Lease) -> ProcessInstance | None:
    of_job = select(Job.process_instance_key).where(Job.key == lease.key).scalar_subquery()
    return tx.session.scalar(select(ProcessInstance).where(ProcessInstance.key == of_job).with_for_update())


def _open_incident(tx: Transaction, job: Job, instance: ProcessInstance | None, error: Exception) -> None:
    if instance is None:
        return
    template, params = describe(error)
    tx.session.add(
        Incident(
            organisation_key=instance.organisation_key,
            process_instance_key=instance.key,
            element_instance=job.element_instance or 0,
            element_id=job.element_id,
            job_key=job.key,
            template=template,
            params=params,
            attempts=job.attempts,
            created_at=tx.now,
        )
    )
    instance.incidents += 1
    detail: dict[str, Any] = {"error": str(error)[:500], "attempts": job.attempts}
    entry = Entry(Lifecycle.INCIDENT, tx.now, job.element_id, job.element_instance, detail=detail)
    record(tx.session, instance, [entry], tx.now)
