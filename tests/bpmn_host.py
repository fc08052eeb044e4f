"""A host for `engine.bpmn` in memory: variables in dicts, tasks in lists, a clock that is told.

Expressions are evaluated by `engine.feel`. `log` holds what the core said, in order, as short tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from engine.bpmn import Element, Execution, ExpressionFailed, Flow, Specification, TokenView, Waiting, read_processes
from engine.errors import NotFound
from engine.feel import Environment, FeelError, compile_expression, from_python
from engine.semantics import Follower
from tests.bpmn_xml import definitions

_SILENT = (Waiting.NOTHING, Waiting.CHILDREN, Waiting.JOIN, Waiting.COMPENSATION)
_LIFECYCLES = {"entered": "started", "completed": "completed", "terminated": "cancelled"}
_LONGEST_FOLLOWED = 500
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class MemoryScopes:
    """Variables by scope, with the scope around each."""

    def __init__(self) -> None:
        self.values: dict[int, dict[str, object]] = {0: {}}
        self.parents: dict[int, int] = {}

    def create(self, scope: int, parent: int, values: Mapping[str, object]) -> None:
        assert parent in self.values
        self.parents.setdefault(scope, parent)
        self.values.setdefault(scope, {}).update(values)

    def drop(self, scope: int) -> None:
        del self.values[scope]
        del self.parents[scope]

    def assign(self, scope: int, name: str, value: object) -> None:
        for candidate in self.chain(scope):
            if name in self.values[candidate]:
                self.values[candidate][name] = value
                return
        self.values[0][name] = value

    def assign_local(self, scope: int, name: str, value: object) -> None:
        self.values[scope][name] = value

    def get_local(self, scope: int, name: str) -> object:
        return self.values[scope].get(name)

    def chain(self, scope: int) -> list[int]:
        """From a scope outwards to the process instance."""
        found = [scope]
        while found[-1] != 0:
            found.append(self.parents[found[-1]])
        return found

    def visible(self, scope: int) -> dict[str, object]:
        """All variables at a scope."""
        merged: dict[str, object] = {}
        for candidate in reversed(self.chain(scope)):
            merged.update(self.values[candidate])
        return merged


class MemoryHost:
    """Remembers what waits, by token id; `handlers` answers jobs inline by task type."""

    def __init__(self, variables: Mapping[str, object] | None = None) -> None:
        self._scopes = MemoryScopes()
        self._scopes.values[0].update(variables or {})
        self.time = START
        self.handlers: dict[str, Callable[[TokenView], Mapping[str, object] | None]] = {}
        self.decisions: dict[str, object] = {}
        self.caller_takes_errors = False
        self.log: list[tuple[object, ...]] = []
        self.instances: dict[int, str] = {}
        self.timers: dict[int, tuple[datetime, int]] = {}
        self.messages: dict[int, tuple[str, object]] = {}
        self.signals: dict[int, str] = {}
        self.calls: dict[int, str] = {}
        self.incidents: dict[int, Exception] = {}
        self.thrown: list[tuple[object, ...]] = []
        self.ended = False

    @property
    def scopes(self) -> MemoryScopes:
        return self._scopes

    @property
    def variables(self) -> dict[str, object]:
        """Those of the process instance."""
        return self._scopes.values[0]

    def now(self) -> datetime:
        return self.time

    def zone(self) -> tzinfo:
        return UTC

    def evaluate(self, token: TokenView, expression: str, extra: Mapping[str, object] | None = None) -> object:
        if not expression.startswith("="):
            return expression
        visible = {**self._scopes.visible(token.scope), **(extra or {})}
        scope = {name: from_python(value) for name, value in visible.items()}
        try:
            return compile_expression(expression[1:]).evaluate(scope, Environment(now=self.now))
        except FeelError as error:
            raise ExpressionFailed(expression=expression, element=token.element.id, reason=str(error)) from error

    def entered(self, token: TokenView) -> None:
        assert token.id not in self.instances
        self.instances[token.id] = token.element.id
        self.log.append(("entered", token.element.id))

    def completed(self, token: TokenView) -> None:
        assert self.instances.pop(token.id) == token.element.id
        self.log.append(("completed", token.element.id))
        self._forget(token)

    def terminated(self, token: TokenView) -> None:
        assert self.instances.pop(token.id) == token.element.id
        self.log.append(("terminated", token.element.id))
        self._forget(token)

    def absorbed(self, token: TokenView, into: TokenView) -> None:
        assert self.instances.pop(token.id) == self.instances[into.id]

    def flow_taken(self, token: TokenView, flow: Flow) -> None:
        self.log.append(("flow", flow.id))

    def user_task(self, token: TokenView) -> None:
        self.log.append(("user_task", token.element.id))
        assignee = token.element.assignment.assignee
        if assignee is not None:
            self.evaluate(token, assignee)

    def job(self, token: TokenView) -> Mapping[str, object] | None:
        self.log.append(("job", token.element.id))
        handler = self.handlers.get(token.element.task_type or "")
        return None if handler is None else handler(token)

    def call(self, token: TokenView, process_id: str) -> None:
        self.calls[token.id] = process_id

    def decide(self, token: TokenView, decision_id: str) -> object:
        if decision_id not in self.decisions:
            raise NotFound(what="decision", key=decision_id)
        return self.decisions[decision_id]

    def timer(self, token: TokenView, due: datetime, repetitions_left: int) -> None:
        self.timers[token.id] = (due, repetitions_left)

    def message_wait(self, token: TokenView, name: str, correlation_key: object) -> None:
        self.messages[token.id] = (name, correlation_key)

    def signal_wait(self, token: TokenView, name: str) -> None:
        self.signals[token.id] = name

    def wait_over(self, token: TokenView) -> None:
        for waiting in (self.timers, self.messages, self.signals):
            waiting.pop(token.id, None)  # type: ignore[attr-defined]

    def throw_message(
        self, token: TokenView, name: str, correlation_key: object, payload: Mapping[str, object]
    ) -> None:
        self.thrown.append(("message", name, correlation_key, dict(payload)))

    def throw_signal(self, token: TokenView, name: str, payload: Mapping[str, object]) -> None:
        self.thrown.append(("signal", name, dict(payload)))

    def escalated(self, token: TokenView, code: str, caught: bool) -> None:
        self.thrown.append(("escalation", code, caught))

    def uncaught_error(self, token: TokenView, code: str, message: str, payload: Mapping[str, object]) -> bool:
        self.thrown.append(("error", code))
        return self.caller_takes_errors

    def incident(self, token: TokenView, error: Exception) -> None:
        self.incidents[token.id] = error

    def incident_resolved(self, token: TokenView) -> None:
        del self.incidents[token.id]

    def instance_completed(self) -> None:
        assert not self.ended
        assert not self.instances, self.instances
        self.ended = True

    def _forget(self, token: TokenView) -> None:
        self.calls.pop(token.id, None)
        assert token.id not in self.timers | self.messages | self.signals


class Case:
    """A process, its host and its execution; tokens are named by their element.

    With `restoring` the execution is thrown away and restored from its snapshot after every step, and what happened
    must fit the diagram as the automaton reads it.
    """

    def __init__(
        self, specification: Specification, variables: Mapping[str, object] | None = None, *, restoring: bool = True
    ) -> None:
        self.specification = specification
        self.host = MemoryHost(variables)
        self.restoring = restoring
        self.execution = Execution.begin(specification, self.host)
        self._replay = Follower(specification).replay()
        self._followed = 0

    def start(self, start_event: str | None = None, payload: Mapping[str, object] | None = None) -> Case:
        self.execution.start(start_event, payload)
        return self._rest()

    def complete(self, element: str, **result: object) -> Case:
        """The oldest waiting user task, job or call of the element is done."""
        self.execution.complete(self.one(element).id, result)
        return self._rest()

    def fire(self, element: str, **payload: object) -> Case:
        self.execution.fire(self.one(element, watchers=True).id, payload)
        return self._rest()

    def throw(self, element: str, code: str, **payload: object) -> bool:
        caught = self.execution.throw_error(self.one(element).id, code, "", payload)
        self._rest()
        return caught

    def retry(self, element: str) -> Case:
        self.execution.retry(
            next(token.id for token in self.execution.tokens() if token.has_incident and token.element.id == element)
        )
        return self._rest()

    def pass_time(self, **duration: float) -> Case:
        """Let time pass and fire what is due, in due order, once each."""
        self.host.time += timedelta(**duration)
        due = sorted((moment, token) for token, (moment, _) in self.host.timers.items() if moment <= self.host.time)
        for _, token in due:
            if token in self.host.timers:
                self.execution.fire(token)
                self._rest()
        return self

    def one(self, element: str, *, watchers: bool = False) -> TokenView:
        """The oldest waiting token of an element."""
        for token in self.execution.tokens():
            names_it = token.element.id == element and token.waiting not in _SILENT
            if names_it and (watchers or not token.is_watcher):
                return token
        raise AssertionError(f"nothing waits at {element}, but at {self.waiting()}")

    def waiting(self) -> list[str]:
        """The elements whose tokens wait for somebody, sorted; no bodies, subprocesses, joins and watchers."""
        return sorted(
            token.element.id
            for token in self.execution.tokens()
            if not token.is_watcher and token.waiting not in _SILENT
        )

    def armed(self) -> list[str]:
        """The watchers, sorted."""
        return sorted(token.element.id for token in self.execution.tokens() if token.is_watcher)

    @property
    def is_completed(self) -> bool:
        return self.execution.is_completed

    @property
    def variables(self) -> dict[str, object]:
        return self.host.variables

    @property
    def flows(self) -> list[object]:
        """The flows taken, in order."""
        return [entry[1] for entry in self.host.log if entry[0] == "flow"]

    def _rest(self) -> Case:
        if self.restoring:
            before = self.execution.snapshot()
            self.execution = Execution.restore(self.specification, before, self.host)
            assert self.execution.snapshot() == before
            self._follow()
        return self

    def _follow(self) -> None:
        """Longer traces are left to the tests of the automaton: it knows no numbers of items and takes its time."""
        log = self.host.log
        if len(log) > _LONGEST_FOLLOWED:
            return
        for entry in log[self._followed :]:
            if entry[0] in _LIFECYCLES:
                event = str(entry[1]), _LIFECYCLES[str(entry[0])]
                assert self._replay.see(*event), (event, self._replay.possible())
        self._followed = len(log)
        assert self._replay.ended or not self.host.ended


def specification(body: str, flows: str = "", roots: str = "", process_id: str = "process") -> Specification:
    """The specification of a process written in short (`tests.bpmn_xml`); fails on any finding."""
    resource = read_processes(definitions(body, flows, roots, process_id), "test.bpmn")
    assert not resource.findings, [str(finding) for finding in resource.findings]
    return resource.processes[0]


def case(body: str, flows: str = "", variables: Mapping[str, object] | None = None, roots: str = "") -> Case:
    """A case of a process written in short, not yet started."""
    return Case(specification(body, flows, roots), variables)


def element(specified: Specification, element_id: str) -> Element:
    return specified.elements[element_id]
