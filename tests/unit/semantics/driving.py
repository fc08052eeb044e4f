"""Driving the engine through everything it can do with a diagram, and seeing its states as the automaton's.

The engine's questions about data are answered in every possible way, one after the other; what comes of a step is the
set of all outcomes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn import Execution, Specification, TokenView, Waiting
from engine.diagram import EventKind
from engine.errors import BaoxiuError
from engine.semantics.moves import COMPLETED, FIRES, Automaton, Move
from engine.semantics.net import TOP, Acts, Net, Watch
from engine.semantics.replay import Follower, Replay
from engine.semantics.state import DISARMED, EMPTY, INTERRUPTED, Nest, Record, Scope
from tests.bpmn_host import MemoryHost

LIFECYCLES = {"entered": "started", "completed": "completed", "terminated": "cancelled"}
TIMES = {"date": "2026-03-02T12:00:00Z", "duration": "PT1H", "cycle": "R/PT1H"}
MOST_ANSWERS = 10
MOST_OUTCOMES = 48
MOST_TOKENS = 7
MOST_ITEMS = 2


class TooMuch(Exception):
    """The diagram has too many outcomes to compare them all."""


class Impossible(Exception):
    """The answers lead to an incident or to an error that nobody catches: nothing to compare."""


class Questions:
    """What the expressions of a diagram ask for: yes or no, a list, or when an event's condition holds."""

    def __init__(self, specification: Specification) -> None:
        elements = list(specification.elements.values())
        loops = [element.loop for element in elements if element.loop]
        many = [element.multi_instance for element in elements if element.multi_instance]
        self.lists = {one.collection for one in many} - {None}
        self.conditions = {element.event.condition for element in elements if element.event.condition}
        self.decisions = {flow.condition for flow in specification.flows.values()}
        self.decisions |= {loop.condition for loop in loops} | {one.completion_condition for one in many}
        self.times = {
            element.event.timer_value: TIMES[element.event.timer]
            for element in elements
            if element.event.timer is not None
        }


class ScriptedHost(MemoryHost):
    """Answers from a list; asks for more by noting how many answers there would be."""

    def __init__(self, questions: Questions) -> None:
        super().__init__({"key": 1})
        self.questions = questions
        self.answers: list[int] = []
        self.asked: list[int] = []
        self.lengths: dict[int, int] = {}
        self.true_condition = 0
        self.caller_takes_errors = True

    def copied(self) -> ScriptedHost:
        other = copy.copy(self)
        other._scopes = copy.deepcopy(self._scopes)
        for name in ("instances", "timers", "messages", "signals", "calls", "incidents", "lengths"):
            setattr(other, name, dict(getattr(self, name)))
        other.log, other.thrown, other.asked, other.answers = [], [], [], []
        return other

    def evaluate(self, token: TokenView, expression: str, extra: Mapping[str, object] | None = None) -> object:
        questions = self.questions
        if expression in questions.conditions:
            return token.id == self.true_condition
        if expression in questions.lists:
            if token.id not in self.lengths:
                self.lengths[token.id] = self._answer(MOST_ITEMS + 1)
            return [0] * self.lengths[token.id]
        if expression in questions.decisions:
            return self._answer(2) == 0
        if not expression.startswith("="):
            return expression
        return questions.times.get(expression, "text")

    def decide(self, token: TokenView, decision_id: str) -> object:
        return 1

    def _answer(self, arity: int) -> int:
        position = len(self.asked)
        if position == MOST_ANSWERS:
            raise TooMuch
        self.asked.append(arity)
        return self.answers[position] if position < len(self.answers) else 0


@dataclass
class Rest:
    """The engine at rest: its snapshot and host, what it is as a state, what nobody sees, and its trace so far."""

    snapshot: str
    host: ScriptedHost
    state: Scope
    hidden: object
    replay: Replay


Key = tuple[str, str]


class Driver:
    """Compares the engine and the automaton on one diagram."""

    def __init__(self, specification: Specification, most: int = 25) -> None:
        self.specification = specification
        self.most = most
        self.net = Net(specification, once=False)
        self.automaton = Automaton(self.net, items=MOST_ITEMS, keep_all=True)
        self.edges = 0
        self.events = 0
        self.one_way = 0
        self.rests: dict[tuple[Scope, object], Rest] = {}
        self.results: dict[Scope, dict[Key, set[Scope]]] = {}
        self.is_whole = True

    def compare(self) -> None:
        """Explore the engine; AssertionError at the first difference."""
        for start in self.specification.start_events:
            self._start(start.id)
        todo = list(self.rests.values())
        while todo:
            if len(self.rests) > self.most:
                self.is_whole = False
                break
            todo.extend(self._drive(todo.pop(0)))
        self._judge({rest.state for rest in todo})

    def _start(self, start: str) -> None:
        initial = self.automaton.initial(self.net.number[start])

        def begin(host: ScriptedHost) -> Execution:
            execution = Execution.begin(self.specification, host)
            execution.start(start)
            return execution

        outcomes = list(
            self._outcomes(begin, ScriptedHost(Questions(self.specification)), Follower(self.specification).replay())
        )
        for rest in outcomes:
            self._is_new(rest)
        states, raced = self._macro(initial)
        self._same({rest.state for rest in outcomes}, states, ("start", start), not raced)

    def _is_new(self, rest: Rest) -> bool:
        return self.rests.setdefault((rest.state, repr(rest.hidden)), rest) is rest

    # ---- the engine -------------------------------------------------------------------------------------------------

    def _drive(self, rest: Rest) -> list[Rest]:
        found: list[Rest] = []
        if not rest.snapshot:
            return found
        if weight(rest.state) > MOST_TOKENS:
            self.is_whole = False
            return found
        execution = Execution.restore(self.specification, rest.snapshot, rest.host)
        mine = self.results.setdefault(rest.state, {})
        for key, action in self._actions(execution):
            for outcome in self._outcomes(lambda host, act=action: self._act(rest, host, act), rest.host, rest.replay):
                mine.setdefault(key, set()).add(outcome.state)
                if self._is_new(outcome):
                    found.append(outcome)
        return found

    def _act(self, rest: Rest, host: ScriptedHost, action: Callable[[Execution], object]) -> Execution:
        execution = Execution.restore(self.specification, rest.snapshot, host)
        if action(execution) is False:
            raise Impossible
        return execution

    def _actions(self, execution: Execution) -> Iterator[tuple[Key, Callable[[Execution], object]]]:
        for token in execution.tokens():
            number, waiting = token.id, token.waiting
            key = self._key(execution, token)
            if waiting in (Waiting.USER_TASK, Waiting.JOB, Waiting.CALL):
                yield key, lambda run, number=number: run.complete(number)
                for code in ("E1", "E2", "other"):
                    yield ("throw", ""), lambda run, number=number, code=code: run.throw_error(number, code)
            if waiting is Waiting.CALL:
                for code in ("X1", "other"):
                    yield ("throw", ""), lambda run, number=number, code=code: run.escalate(number, code)
            if waiting in (Waiting.TIMER, Waiting.MESSAGE, Waiting.SIGNAL):
                yield key, lambda run, number=number: run.fire(number)
            if waiting is Waiting.CONDITION:
                yield key, lambda run, number=number: self._becomes_true(run, number)

    @staticmethod
    def _becomes_true(execution: Execution, token: int) -> None:
        host = execution._workflow.host
        assert isinstance(host, ScriptedHost)
        host.true_condition = token
        execution.variables_changed()
        host.true_condition = 0
        execution.variables_changed()

    def _key(self, execution: Execution, token: TokenView) -> Key:
        if not token.is_watcher:
            return "complete", token.element.id
        if token.element.type == "startEvent":
            return "fire", token.element.parent or ""
        if token.element.type == "boundaryEvent":
            return "fire", token.element.id
        host = execution.token(token.host_id or 0)
        assert host is not None
        return "complete", host.element.id

    def _outcomes(
        self, act: Callable[[ScriptedHost], Execution], before: ScriptedHost, replay: Replay
    ) -> Iterator[Rest]:
        """Every outcome of a step: one for each way to answer what is asked."""
        answers: list[int] = []
        for _ in range(MOST_OUTCOMES):
            host = before.copied()
            host.answers = answers
            try:
                execution = act(host)
                if not host.incidents:
                    yield self._rest(execution, host, replay)
            except Impossible:
                pass
            except BaoxiuError as error:
                if "runs in circles" in str(error):
                    raise TooMuch from error
            answers = _next(host)
            if not answers:
                return
        raise TooMuch

    def _rest(self, execution: Execution, host: ScriptedHost, replay: Replay) -> Rest:
        followed = copy.copy(replay)
        for entry in host.log:
            if entry[0] in LIFECYCLES:
                event = (str(entry[1]), LIFECYCLES[str(entry[0])])
                self.events += 1
                assert followed.see(*event), (event, host.log, followed.possible())
        workflow = execution._workflow
        assert followed.ended == (execution.is_completed), (host.log,)
        state = EMPTY if execution.is_completed else seen(workflow, self.net)
        hidden = sorted(
            (token.element.id, token.internal_data.get("total", 0) - token.internal_data.get("done", 0))
            for scope in workflow.scopes()
            for token in scope.live.values()
            if token.is_body
        )
        return Rest("" if execution.is_completed else execution.snapshot(), host, state, hidden, followed)

    # ---- the automaton ----------------------------------------------------------------------------------------------

    def _macro(self, state: Scope) -> tuple[set[Scope], bool]:
        """The states at rest that follow from a state by inner moves.

        True when tokens raced that cut each other off: the engine lets the older one go first, BPMN leaves it open.
        """
        found, raced = self._rests_after(state, self.automaton.inner_moves)
        return self._rests_after(state, self.automaton.all_inner_moves) if raced else (found, False)

    def _rests_after(self, state: Scope, moves_of: Callable[[Scope], list[Move]]) -> tuple[set[Scope], bool]:
        found: set[Scope] = set()
        known: set[Scope] = set()
        raced = False
        todo = [state]
        while todo:
            state = todo.pop()
            if state in known:
                continue
            known.add(state)
            if len(known) > 3_000:
                raise TooMuch
            sites = list(self.automaton.moving(state, ()))
            raced = raced or (len(sites) > 1 and any(self.automaton.races(site) for site in sites))
            moves = moves_of(state)
            todo.extend(move.state for move in moves)
            if not moves:
                found.add(normal(state))
        return found, raced

    def _judge(self, open_states: set[Scope]) -> None:
        bodies = any(e.multi_instance or e.loop for e in self.specification.elements.values())
        every = not bodies or (self.is_whole and not self.net.handler)
        for state, found in self.results.items():
            expected: dict[Key, set[Scope]] = {}
            racing: set[Key] = set()
            for move in self.automaton.outer_moves(state):
                states, raced = self._macro(move.state)
                expected.setdefault(self._move_key(move), set()).update(states)
                racing |= {self._move_key(move)} if raced else set()
            complete = every and state not in open_states
            for key in found.keys() | (expected.keys() if complete else set()):
                both_ways = complete and key not in racing
                self._same(found.get(key, set()), expected.get(key, set()), (key, state), both_ways)
                self.edges += len(found.get(key, set()))
                self.one_way += not both_ways

    def _move_key(self, move: Move) -> Key:
        name = self.net.ids[move.node]
        if move.lifecycle == COMPLETED:
            return "complete", name
        assert move.lifecycle == FIRES
        caught = any(
            watch.node == move.node
            for watches in [*self.net.catchers, *self.net.scope_catchers.values()]
            for watch in watches
        )
        return ("throw", "") if caught else ("fire", name)

    def _same(self, engine: set[Scope], automaton: set[Scope], where: object, complete: bool = True) -> None:
        only_engine = [self.show(state) for state in engine - automaton]
        only_automaton = [self.show(state) for state in automaton - engine] if complete else []
        assert not only_engine and not only_automaton, (where, "engine:", only_engine, "automaton:", only_automaton)

    def show(self, state: Scope) -> list[object]:
        """A state in words."""
        net = self.net
        words: list[object] = [f"{net.where[code].real}:{net.ids[net.node_of[code]]}" for code in state.simple]
        words += [
            (net.ids[net.node_of[nest.code]], nest.spent, *self.show(nest.inner), nest.todo) for nest in state.nested
        ]
        return [
            *words,
            *([state.flags] if state.flags else []),
            *([state.spent] if state.spent else []),
            *state.records,
        ]


def _next(host: ScriptedHost) -> list[int]:
    """The next list of answers; empty when all have been given."""
    given = (host.answers + [0] * len(host.asked))[: len(host.asked)]
    while given and given[-1] == host.asked[len(given) - 1] - 1:
        given.pop()
    if given:
        given[-1] += 1
    return given


def weight(scope: Scope) -> int:
    """How many tokens there are."""
    return len(scope.simple) + sum(1 + weight(nest.inner) for nest in scope.nested)


def normal(scope: Scope, top: bool = True) -> Scope:
    """Without what makes no difference any more."""
    if top and scope.is_idle:
        return EMPTY
    nested = tuple(sorted(Nest(n.code, n.spent, normal(n.inner, False), n.todo) for n in scope.nested))
    return Scope(scope.simple, nested, scope.flags, 0 if scope.flags & DISARMED else scope.spent, scope.records)


# ---- the engine's state as the automaton's --------------------------------------------------------------------------


def seen(workflow: Any, net: Net, kind: int = TOP) -> Scope:
    """A (sub)process of the engine."""
    tokens = [token for token in workflow.live.values() if not token.is_watcher]
    flags = INTERRUPTED | DISARMED if workflow.interrupted else 0
    if any(token.element.event.kind is EventKind.CANCEL and "todo" in token.internal_data for token in tokens):
        flags |= DISARMED
    spent = 0
    if not flags & DISARMED:
        spent = _spent(workflow, net.scope_watchers.get(kind, ()), -1, net)
    outer = [token for token in tokens if "n" not in token.internal_data and "for" not in token.internal_data]
    simple, nested = _tokens(outer, workflow, net)
    return Scope(simple, nested, flags, spent, _records(workflow.compensable, net))


def _tokens(tokens: list[Any], workflow: Any, net: Net) -> tuple[tuple[int, ...], tuple[Nest, ...]]:
    found = [_token(token, workflow, net) for token in tokens]
    simple = sorted(one for one in found if isinstance(one, int))
    return tuple(simple), tuple(sorted(one for one in found if isinstance(one, Nest)))


def _token(token: Any, workflow: Any, net: Net) -> int | Nest:
    node = net.number[token.element.id]
    if "n" in token.internal_data:
        node = net.item[node]
    inside = workflow.top_workflow.subprocesses.get(token.id)
    spent = _spent(workflow, net.watchers[node], token.id, net)
    if token.is_body:
        items = [other for other in workflow.live.values() if "n" in other.internal_data and other.body is token]
        return Nest(net.at[node], spent, Scope(*_tokens(items, workflow, net)))
    if inside is not None:
        return Nest(net.at[node], spent, seen(inside, net, net.number[token.element.id]))
    if "todo" in token.internal_data:
        handlers = [other for other in workflow.live.values() if other.internal_data.get("for") == token.id]
        todo = tuple(net.number[activity] for activity in token.internal_data["todo"])
        return Nest(net.at[node], 0, Scope(*_tokens(handlers, workflow, net)), todo)
    if token.waiting is Waiting.JOIN:
        return net.parked[net.flow_number[token.internal_data["flow"]]]
    assert net.acts[node] in (Acts.WAIT, Acts.RACE), token.element.id
    return Nest(net.at[node], spent, EMPTY) if net.counts_hosts[node] else net.at[node]


def _spent(workflow: Any, watches: tuple[Watch, ...], host: int, net: Net) -> int:
    """How often the counted watchers of a host have fired."""
    spent = 0
    for watch in watches:
        if watch.interrupting or not watch.limit:
            continue
        left = 0
        for token in workflow.live.values():
            if token.is_watcher and token.internal_data["host"] == host and token.element.id == watch.event_id:
                left = token.internal_data["cycle"][1] if "cycle" in token.internal_data else 1
        spent += (watch.limit - left) << watch.field
    return spent


def _records(records: list[list[Any]], net: Net) -> tuple[Record, ...]:
    return tuple(
        Record(net.number[record[0]], _records(record[1], net) if len(record) > 1 else ()) for record in records
    )
