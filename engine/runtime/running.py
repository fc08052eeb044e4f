"""One process instance during one command: locked, loaded, moved, written back.

`Running` is the `engine.bpmn.Host` over the database. The tokens move in `Running.execution`; what they ask for is
gathered in
`Changes` and in the event log's entries, and `Running.save` writes the difference.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import select, update

from engine import feel, handling, large_values
from engine.access import Actor, members_of
from engine.bpmn import Binding, Execution, ExpressionFailed, Flow, Specification, TokenView, Waiting
from engine.database import Transaction
from engine.dmn import evaluate_decision
from engine.errors import N_, BaoxiuError, NotFound
from engine.handling import BpmnError, CaseFacts, HandlerContext, Outcome
from engine.history import Entry, Lifecycle, link, write
from engine.model import (
    ElementState,
    InstanceState,
    JobKind,
    Message,
    User,
    UserTask,
)
from engine.runtime import definitions, storage
from engine.runtime.changes import Changes, NewTask, Row, instance_columns, subscription
from engine.runtime.correlation import hold_messages
from engine.runtime.definitions import Definition
from engine.runtime.documents import register_entry
from engine.runtime.environment import NAMES, Later, ScopeView, Surroundings
from engine.runtime.offers import offer_of
from engine.runtime.records import StoredRecords
from engine.runtime.storage import InstanceRow
from engine.runtime.variables import INSTANCE, Variables
from engine.statements import Read

log = logging.getLogger(__name__)


class Unassignable(BaoxiuError):
    """A user task is to go to somebody the organisation does not know."""

    template = N_('The task {element} is assigned to "{value}", who is not a user of the organisation.')


class Running:
    """A process instance while tokens move; implements `engine.bpmn.Host`."""

    def __init__(
        self,
        tx: Transaction,
        instance: InstanceRow,
        definition: Definition,
        actor: Actor,
    ) -> None:
        self.tx = tx
        self.instance = instance
        self.definition = definition
        self.actor = actor
        self.specification: Specification = definitions.specification(tx.connection, definition)
        self.surroundings = Surroundings(tx, instance.organisation_key, definition.zone)
        self.scopes = Variables(instance.scopes)
        self.changes = Changes()
        self.entries: list[Entry] = []
        self.execution: Execution
        self._flows: dict[str, int] = dict(instance.flows)
        self._is_new = False
        self._case = Later[object](lambda: {"case": self.case})

    # ---- loading and saving -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Set out with a new instance; nothing is loaded, and `save` writes its row."""
        self._is_new = True
        self.execution = Execution.begin(self.specification, self)

    def restore(self) -> None:
        """Continue where the instance's snapshot stands."""
        self.scopes.load(self.tx.connection, self.instance.key)
        self.execution = Execution.restore(self.specification, self.instance.snapshot, self)

    def save(self) -> None:
        """Write the difference: snapshot, variables, tasks, jobs, subscriptions, incidents, documents, events."""
        instance, connection, reach = self.instance, self.tx.connection, self.tx.reach
        reach("moved")
        self._refresh_titles()
        reach("titles written")
        instance.snapshot = self.execution.snapshot()
        instance.scopes = self.scopes.parents
        instance.flows = dict(self._flows)
        instance.revision += 1
        instance.incidents += len(self.changes.incidents) - len(self.changes.resolved)
        events = link(instance, self.entries, self.tx.now)
        if self._is_new:
            storage.add_instance(connection, instance)  # before what refers to it
        reach("instance added")
        self.scopes.save(connection, instance.key)
        reach("variables written")
        self._take_kept_messages()
        reach("kept messages taken")
        self.changes.save(connection, instance, self.tx.now, reach)
        write(connection, events)
        reach("events written")
        if not self._is_new:
            storage.write_instance(connection, instance)
        self._is_new = False
        self.tx.flush()
        reach("instance written")
        earliest = self.changes.earliest_job
        if earliest is not None:
            self.tx.leaves_job(earliest)
        self.entries = []
        self.changes = Changes()

    def _refresh_titles(self) -> None:
        """The case's title and subtitle follow its variables; open tasks show them too."""
        if not self.scopes.has_changed:
            return
        texts = [self._title(name, length) for name, length in (("case_title", 300), ("case_subtitle", 500))]
        if [self.instance.title, self.instance.subtitle] == texts:
            return
        self.instance.title, self.instance.subtitle = texts
        for task in self.changes.tasks.values():
            task.row["case_title"], task.row["case_subtitle"] = texts
        if self.instance.event_sequence:
            self.tx.connection.execute(
                update(UserTask)
                .where(UserTask.process_instance_key == self.instance.key, UserTask.state == "open")
                .values(case_title=texts[0], case_subtitle=texts[1])
            )

    def _title(self, name: str, length: int) -> str:
        expression = self.specification.properties.get(name, "")
        if not expression.startswith("="):
            return expression[:length]
        value = self.evaluate_in(INSTANCE, expression, self.specification.process_id)
        return "" if value is None else feel.to_text(value)[:length]

    # ---- expressions ------------------------------------------------------------------------------------------------

    @property
    def case(self) -> dict[str, object]:
        """The FEEL context ``case``."""
        instance = self.instance
        started = feel.from_python(instance.started_at.astimezone(self.surroundings.zone))
        return {
            "key": feel.from_python(instance.key),
            "number": instance.number,
            "started_at": started,
            "started_by": instance.started_by,
        }

    def scope(self, scope: int, extra: Mapping[str, object] | None = None) -> ScopeView:
        """What an expression sees from a variable scope."""
        variables = self.scopes.visible(scope)
        return ScopeView(extra or {}, variables, self._case, self.surroundings.functions)

    def evaluate(self, token: TokenView, expression: str, extra: Mapping[str, object] | None = None) -> object:
        """The value of ``=FEEL`` at a token; static text is returned as it is. Raises `ExpressionFailed`."""
        if not expression.startswith("="):
            return expression
        return self.evaluate_in(token.scope, expression, token.element.id, extra)

    def evaluate_in(
        self, scope: int, expression: str, element_id: str, extra: Mapping[str, object] | None = None
    ) -> object:
        """The value of ``=FEEL`` in a variable scope, said of an element in messages."""
        try:
            compiled = feel.compile_expression(expression[1:], names=NAMES)
            return compiled.evaluate(self.scope(scope, extra), self.surroundings.environment())
        except feel.FeelError as error:
            raise ExpressionFailed(expression=expression, element=element_id, reason=str(error)) from error

    def now(self) -> datetime:
        return self.tx.now

    def zone(self) -> tzinfo:
        return self.surroundings.zone

    # ---- element instances ------------------------------------------------------------------------------------------

    def entered(self, token: TokenView) -> None:
        self.changes.elements[token.id] = self._element_row(token, ElementState.ACTIVE)

    def completed(self, token: TokenView) -> None:
        self._ended(token, ElementState.COMPLETED)
        if not token.is_body:
            performer = self.actor if token.element.type == "userTask" else None
            self._log(Lifecycle.COMPLETED, token, performer=performer)

    def terminated(self, token: TokenView) -> None:
        self._ended(token, ElementState.TERMINATED)
        waiting = self.changes.tasks.pop(token.id, None)
        if token.element.type == "userTask" and waiting is None:
            self.changes.cancelled_tasks.add(token.id)
        if token.waiting in (Waiting.JOB, Waiting.CALL) or token.element.called_element or token.element.task_type:
            self._withdraw(token)
        if token.element.called_element is not None:
            self._queue(JobKind.CANCEL_CHILD, token.element.id, {"token": feel.from_python(token.id)})
        self._log(Lifecycle.CANCELLED, token)

    def absorbed(self, token: TokenView, into: TokenView) -> None:
        self._ended(token, ElementState.COMPLETED)

    def flow_taken(self, token: TokenView, flow: Flow) -> None:
        self._flows[flow.id] = self._flows.get(flow.id, 0) + 1

    def _element_row(self, token: TokenView, state: ElementState) -> Row:
        return {
            "process_instance_key": self.instance.key,
            "id": token.id,
            "element_id": token.element.id,
            "type": token.element.type,
            "state": str(state),
            "scope": token.flow_scope,
            "started_at": self.tx.now,
            "ended_at": None if state is ElementState.ACTIVE else self.tx.now,
        }

    def _ended(self, token: TokenView, state: ElementState) -> None:
        row = self.changes.elements.setdefault(token.id, self._element_row(token, state))
        row["state"], row["ended_at"] = str(state), self.tx.now

    # ---- user tasks -------------------------------------------------------------------------------------------------

    def user_task(self, token: TokenView) -> None:
        element = token.element
        offer = offer_of(element, lambda expression: self.evaluate(token, expression), self.surroundings.zone)
        assignee = self._assignee(element.id, offer.assignee)
        row: Row = {
            **instance_columns(self.instance),
            "element_instance": token.id,
            "definition_key": self.definition.key,
            "process_id": self.definition.process_id,
            "element_id": element.id,
            "name": element.name or element.id,
            "gloss": element.gloss,
            "state": "open",
            "assignee_key": assignee.key if assignee else None,
            "priority": offer.priority,
            "due_at": offer.due_at,
            "follow_up_at": offer.follow_up_at,
            "severity": element.properties.get("severity", ""),
            "form_id": element.form_id or "",
            "organisation": self.instance.organisation_key,
            "form": element.form_id or "",
            "case_number": self.instance.number,
            "case_title": self.instance.title,
            "case_subtitle": self.instance.subtitle,
            "created_at": self.tx.now,
            "claimed_at": self.tx.now if assignee else None,
            "revision": 1,
        }
        self.changes.tasks[token.id] = NewTask(row, offer.candidates)
        self._log(Lifecycle.ENABLED, token, due_at=offer.due_at, detail={"candidates": offer.candidates})
        if assignee is not None:
            self._log(Lifecycle.ASSIGNED, token, detail={"assignee": assignee.username})

    def _assignee(self, element_id: str, username: str) -> User | None:
        if not username:
            return None
        user = self.tx.session.scalar(select(User).where(User.username == username, User.is_active))
        if user is None:
            raise Unassignable(element=element_id, value=username)
        return user

    # ---- jobs, calls, decisions -------------------------------------------------------------------------------------

    def job(self, token: TokenView) -> Mapping[str, object] | None:
        handler = handling.find_handler(token.element.task_type or "")
        key = secrets.token_hex(16)
        failure = ""
        if handler.inline:
            try:
                outcome = handler.function(self.handler_context(token, key))
            except BpmnError:
                raise
            except Exception as error:
                log.exception("handler %s failed inline in %s", handler.type, self.instance.number)
                failure = f"{type(error).__name__}: {error}"
            else:
                self.apply(token, outcome)
                return {name: feel.from_python(value) for name, value in outcome.variables.items()}
        self._token_job(
            token,
            JobKind.SERVICE,
            type=handler.type,
            idempotency_key=key,
            attempts=1 if failure else 0,
            error=failure,
            retries=max(int(token.element.retries or "3") - (1 if failure else 0), 1),
        )
        self._log(Lifecycle.ENABLED, token)
        return None

    def handler_context(self, token: TokenView, idempotency_key: str, attempt: int = 1) -> HandlerContext:
        """What a handler may read at this token."""
        instance = self.instance
        return HandlerContext(
            variables=self.scopes.visible(token.scope),
            headers=token.element.headers,
            case=CaseFacts(instance.key, instance.number, instance.process_id, instance.started_at),
            organisation=instance.organisation_key,
            now=self.tx.now,
            prices=self.surroundings.prices,
            idempotency_key=idempotency_key,
            attempt=attempt,
            records=StoredRecords(self.tx.session, instance.organisation_key),
        )

    def apply(self, token: TokenView, outcome: Outcome) -> None:
        """Write what a handler wants written besides variables: register entries, notices, linked cases."""
        for entry in outcome.entries:
            row = register_entry(self.tx.connection, self.instance, entry, token.element.id, self.actor, self.tx.now)
            self.changes.documents.append(row)
            detail = {"document": entry.register, "sha256": row["sha256"]}
            self._log(Lifecycle.EVIDENCE_ATTACHED, token, detail=detail)
        for notice in outcome.notifications:
            self._notify(token, notice)
        for case in outcome.cases:
            payload = {"process_id": case.process_id, "variables": dict(case.variables)}
            self._queue(JobKind.START_CASE, token.element.id, payload)

    def _notify(self, token: TokenView, notice: handling.Notice) -> None:
        session, instance = self.tx.session, self.instance
        if notice.username:
            users = list(session.scalars(select(User).where(User.username == notice.username, User.is_active)))
        else:
            users = members_of(session, instance.organisation_key, notice.role, self.tx.now)
        self.changes.notifications.extend(
            {
                **instance_columns(instance),
                "user_key": user.key,
                "role_key": notice.role,
                "severity": notice.severity,
                "template": notice.template,
                "params": dict(notice.params),
                "created_at": self.tx.now,
            }
            for user in users
        )
        detail = {"role": notice.role, "users": [user.username for user in users], "severity": notice.severity}
        self._log(Lifecycle.NOTIFIED, token, detail=detail)

    def call(self, token: TokenView, process_id: str) -> None:
        called = token.element.called_element
        assert called is not None  # the core calls this for call activities only
        definitions.process_definition(
            self.tx.connection,
            self.instance.organisation_key,
            process_id,
            called.binding,
            self.definition.deployment_key,
            called.version_tag,
        )
        own = self.scopes.visible(token.scope)
        names = list(own) if called.propagate_parent else [mapping.target for mapping in token.element.inputs]
        payload: dict[str, object] = {
            "process_id": process_id,
            "variables": {name: own[name] for name in names if name in own},
        }
        self._token_job(token, JobKind.CALL, payload=feel.to_json(payload))

    def decide(self, token: TokenView, decision_id: str) -> object:
        called = token.element.called_decision
        binding = called.binding if called else Binding.LATEST
        definition = definitions.decision_definition(
            self.tx.connection,
            self.instance.organisation_key,
            decision_id,
            binding,
            self.definition.deployment_key,
            called.version_tag if called else None,
        )
        model = definitions.decision_model(self.tx.connection, definition)
        scope = self.scopes.visible(token.scope)
        context = {name: scope[name] for name in scope}
        names = {**self.surroundings.functions, "case": self.case, **context}
        evaluation = evaluate_decision(model, decision_id, names, self.surroundings.environment())
        self.changes.decisions.append(
            {
                **instance_columns(self.instance),
                "element_instance": token.id,
                "element_id": token.element.id,
                "definition_key": definition.key,
                "decision_id": decision_id,
                "inputs": self._stored_context(context),
                "output": feel.to_json(evaluation.value),
                "trace": evaluation.trace,
                "evaluated_at": self.tx.now,
            }
        )
        detail = {"decision": decision_id, "version": definition.version, "sha256": definition.sha256}
        self._log(Lifecycle.DECISION_EVALUATED, token, detail=detail, values={"output": evaluation.value})
        return evaluation.value

    def _stored_context(self, context: Mapping[str, object]) -> str:
        texts = {name: feel.to_json(value) for name, value in context.items()}
        return large_values.shortened_context(self.tx.connection, self.instance.key, texts)

    def _token_job(self, token: TokenView, kind: JobKind, **columns: Any) -> None:
        self.changes.token_jobs[token.id] = {
            **self._job_row(kind, token.element.id),
            "element_instance": token.id,
        } | columns

    def _queue(self, kind: JobKind, element_id: str, payload: Mapping[str, object]) -> None:
        self.changes.jobs.append({**self._job_row(kind, element_id), "payload": feel.to_json(dict(payload))})

    def _job_row(self, kind: JobKind, element_id: str) -> Row:
        return {
            **instance_columns(self.instance),
            "element_instance": None,
            "element_id": element_id,
            "kind": str(kind),
            "type": "",
            "payload": "",
            "due_at": self.tx.now,
            "retries": 3,
            "attempts": 0,
            "error": "",
            "idempotency_key": secrets.token_hex(16),
            "created_at": self.tx.now,
        }

    def _withdraw(self, token: TokenView) -> None:
        """Whatever waits in the database for this token goes (or is not written at all)."""
        fresh = [
            held.pop(token.id, None) for held in (self.changes.token_jobs, self.changes.messages, self.changes.signals)
        ]
        if not any(fresh):
            self.changes.waits_over.add(token.id)

    # ---- timers, messages, signals ----------------------------------------------------------------------------------

    def timer(self, token: TokenView, due: datetime, repetitions_left: int) -> None:
        if token.id not in self.changes.token_jobs:
            self.changes.waits_over.add(token.id)
        self._token_job(token, JobKind.TIMER, due_at=due)

    def message_wait(self, token: TokenView, name: str, correlation_key: object) -> None:
        row = subscription(self.instance, token.id, name)
        self.changes.messages[token.id] = {**row, "correlation_key": feel.to_json(correlation_key)}

    def _take_kept_messages(self) -> None:
        """Messages that were kept because nobody waited yet are delivered to the tokens that begin to wait, as jobs."""
        if not self.changes.messages:
            return
        wanted = self.changes.messages.values()
        organisation = self.instance.organisation_key
        hold_messages(self.tx.connection, [(organisation, row["name"], row["correlation_key"]) for row in wanted])
        kept = self.tx.session.scalars(
            select(Message)
            .where(
                Message.organisation_key == self.instance.organisation_key,
                Message.name.in_({row["name"] for row in wanted}),
                Message.correlation_key.in_({row["correlation_key"] for row in wanted}),
                Message.expires_at > self.tx.now,
            )
            .order_by(Message.key)
            .with_for_update(skip_locked=True)
        ).all()
        waiting = {(row["name"], row["correlation_key"]): token for token, row in self.changes.messages.items()}
        for found in kept:
            token = waiting.pop((found.name, found.correlation_key), None)
            if token is None:
                continue
            self.tx.session.delete(found)
            content = {
                "name": found.name,
                "correlation_key": feel.from_json(found.correlation_key),
                "variables": feel.from_json(found.payload),
            }
            self._queue(JobKind.MESSAGE, self._element_of(token), content)

    def _element_of(self, token: int) -> str:
        view = self.execution.token(token)
        return view.element.id if view else ""

    def signal_wait(self, token: TokenView, name: str) -> None:
        self.changes.signals[token.id] = subscription(self.instance, token.id, name)

    def wait_over(self, token: TokenView) -> None:
        self._withdraw(token)

    def throw_message(
        self, token: TokenView, name: str, correlation_key: object, payload: Mapping[str, object]
    ) -> None:
        content: dict[str, object] = {"name": name, "correlation_key": correlation_key, "variables": dict(payload)}
        self._queue(JobKind.MESSAGE, token.element.id, content)

    def throw_signal(self, token: TokenView, name: str, payload: Mapping[str, object]) -> None:
        self._queue(JobKind.SIGNAL, token.element.id, {"name": name, "variables": dict(payload)})

    def escalated(self, token: TokenView, code: str, caught: bool) -> None:
        self._log(Lifecycle.ESCALATED, token, detail={"code": code, "caught": caught})
        if not caught and self.instance.parent_element_instance is not None:
            self._queue(JobKind.RESUME_PARENT, token.element.id, {"escalation": code})

    def uncaught_error(self, token: TokenView, code: str, message: str, payload: Mapping[str, object]) -> bool:
        if self.instance.parent_element_instance is None:
            return False
        content: dict[str, object] = {"error": code, "message": message, "variables": dict(payload)}
        self._queue(JobKind.RESUME_PARENT, token.element.id, content)
        self._end(InstanceState.CANCELLED, Lifecycle.CASE_CANCELLED, reason=f"error {code}")
        return True

    # ---- incidents and the end --------------------------------------------------------------------------------------

    def incident(self, token: TokenView, error: Exception) -> None:
        template, params = describe(error)
        self.changes.incidents[token.id] = {
            **instance_columns(self.instance),
            "element_instance": token.id,
            "element_id": token.element.id,
            "job_key": None,
            "template": template,
            "params": params,
            "attempts": 1,
            "created_at": self.tx.now,
        }
        self._log(Lifecycle.INCIDENT, token, detail={"error": str(error)[:500]})

    def incident_resolved(self, token: TokenView) -> None:
        if self.changes.incidents.pop(token.id, None) is None:
            self.changes.resolved.add(token.id)
            self._log(Lifecycle.INCIDENT_RESOLVED, token, performer=self.actor)

    def instance_completed(self) -> None:
        self._end(InstanceState.COMPLETED, Lifecycle.CASE_COMPLETED)
        if self.instance.parent_element_instance is not None:
            own = self.scopes.visible()
            self._queue(JobKind.RESUME_PARENT, "", {"variables": {name: own[name] for name in own}})

    def cancel(self, reason: str) -> None:
        """End the whole instance, for a reason."""
        self.execution.cancel()
        self._end(InstanceState.CANCELLED, Lifecycle.CASE_CANCELLED, reason=reason)

    def _end(self, state: InstanceState, lifecycle: Lifecycle, reason: str = "") -> None:
        self.instance.state = str(state)
        self.instance.ended_at = self.tx.now
        self.entries.append(self.entry(lifecycle, reason=reason, performer=self.actor))

    # ---- the event log ----------------------------------------------------------------------------------------------

    def entry(self, lifecycle: Lifecycle, *, performer: Actor | None = None, **columns: Any) -> Entry:
        """An event of this case, now; `performer` is who did it, None for the engine."""
        return Entry(
            lifecycle,
            self.tx.now,
            performer=performer.username if performer else "",
            roles=" ".join(sorted(performer.roles)) if performer else "",
            source=self.tx.source if performer else "engine",
            **columns,
        )

    def _log(self, lifecycle: Lifecycle, token: TokenView, *, performer: Actor | None = None, **columns: Any) -> None:
        entry = self.entry(lifecycle, performer=performer, **columns)
        entry.element_id, entry.element_instance = token.element.id, token.id
        self.entries.append(entry)


def describe(error: Exception) -> tuple[str, dict[str, str]]:
    """An error as a gettext message id with its parameters, for an incident."""
    if isinstance(error, BaoxiuError):
        return error.template, {name: str(value)[:500] for name, value in error.params.items()}
    return N_("{kind}: {detail}"), {"kind": type(error).__name__, "detail": str(error)[:500]}


def load(tx: Transaction, actor: Actor, key: int | None) -> Running:
    """Lock and load a process instance. Raises `NotFound` outside the actor's organisation."""
    return _load(tx, actor, storage.BY_KEY, "case", key)


def load_by_task(tx: Transaction, actor: Actor, task_key: int) -> Running:
    """Lock and load the process instance of a user task. Raises `NotFound`."""
    return _load(tx, actor, storage.BY_TASK, "task", task_key)


def load_by_job(tx: Transaction, actor: Actor, job_key: int) -> Running:
    """Lock and load the process instance of a job. Raises `NotFound`."""
    return _load(tx, actor, storage.BY_JOB, "job", job_key)


def _load(tx: Transaction, actor: Actor, by: Read, what: str, key: int | None) -> Running:
    found = storage.read_instance(tx.connection, by, actor.organisation_key, key)
    if found is None:
        raise NotFound(what=what, key=key)
    tx.reach("instance locked")
    running = Running(tx, *found, actor)
    running.restore()
    tx.reach("instance loaded")
    return running
