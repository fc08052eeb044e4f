"""All states a process can reach, up to a cap, with stubborn sets where branches do not hinder each other.

Where a waiting token can neither be cut off nor cut others off, what it does is the same before and after what the
others do; so it is enough to let one such token act. The one furthest upstream goes first, which brings tokens together
that can ever meet, and a state that leads back to known ones only is expanded in full, so that nobody is forgotten.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from engine.diagram import EventKind
from engine.semantics.moves import Automaton, Move, Site
from engine.semantics.net import TOP, Acts, Net, Where
from engine.semantics.state import Scope, State
from engine.settings import DEFAULT_SOUNDNESS_STATES

DEFAULT_CAP = DEFAULT_SOUNDNESS_STATES
_STEPS_AT_ONCE = 200


@dataclass(slots=True)
class Space:
    """The states found. `came` says for each state from which one it was reached and by which moves.

    `after` are the successors; states with two tokens at one place (`doubled`, with the code) are not followed further.
    `is_whole` is False when the cap was reached.
    """

    states: list[State] = field(default_factory=list[State])
    came: list[tuple[int, tuple[Move, ...]]] = field(default_factory=list[tuple[int, tuple[Move, ...]]])
    after: list[list[int]] = field(default_factory=list[list[int]])
    doubled: dict[int, int] = field(default_factory=dict[int, int])
    final: list[int] = field(default_factory=list[int])
    is_whole: bool = True
    cap: int = DEFAULT_CAP

    def path_to(self, number: int) -> list[Move]:
        """The moves that lead to a state, from the start on."""
        parts: list[tuple[Move, ...]] = []
        while number >= 0:
            number, moves = self.came[number]
            parts.append(moves)
        return [move for moves in reversed(parts) for move in moves]


class Explorer:
    """Walks the states of an automaton."""

    def __init__(self, automaton: Automaton, cap: int = DEFAULT_CAP, *, reduce: bool = True) -> None:
        self.automaton = automaton
        self.net = automaton.net
        self.cap = cap
        self.space = Space(cap=cap)
        self._numbers: dict[State, int] = {}
        self._todo: deque[int] = deque()
        self._calm = calm_scopes(self.net) if reduce else frozenset[int]()

    def explore(self) -> Space:
        """Every state from every start event on."""
        for start in self.net.starts:
            self._arrive(-1, (), self.automaton.initial(start))
        while self._todo:
            if len(self.space.states) > self.cap:
                self.space.is_whole = False
                break
            self._expand(self._todo.popleft())
        return self.space

    def _expand(self, number: int) -> None:
        state = self.space.states[number]
        moves = self.automaton.inner_moves(state)
        if moves:
            if not self._brings_news(number, moves):  # nobody is forgotten while others run in circles
                self._brings_news(number, self.automaton.all_inner_moves(state))
            return
        groups = list(self.automaton.outer_groups(state, ()))
        first = min((site for site, _ in groups if site is not None), key=_position, default=None)
        if first is not None and self._waits_alone(first):
            moves = next(moves for site, moves in groups if site is first)
            if self._brings_news(number, moves):
                return
        for _, moves in groups:
            self._brings_news(number, moves)

    def _brings_news(self, number: int, moves: list[Move]) -> bool:
        """Follow the moves of a state; whether one led to a state not known before."""
        before = len(self.space.states)
        for move in moves:
            self._arrive(number, (move,), move.state)
        return len(self.space.states) > before

    def _arrive(self, source: int, moves: tuple[Move, ...], state: State) -> None:
        """A state has been reached; go on while there is only one way."""
        inner = self.automaton.inner_moves
        doubled = two_at_one_place(self.net, state)
        trace = list(moves)
        for _ in range(_STEPS_AT_ONCE):
            if doubled >= 0 or state in self._numbers:
                break
            following = inner(state)
            if len(following) != 1:
                break
            trace.append(following[0])
            state = following[0].state
            doubled = two_at_one_place(self.net, state)
        number = self._numbers.get(state)
        if number is None:
            number = self._add(state, source, tuple(trace), doubled)
        if source >= 0:
            self.space.after[source].append(number)

    def _add(self, state: State, source: int, trace: tuple[Move, ...], doubled: int) -> int:
        space = self.space
        number = self._numbers[state] = len(space.states)
        space.states.append(state)
        space.came.append((source, trace))
        space.after.append([])
        if doubled >= 0:
            space.doubled[number] = doubled
        elif state.is_idle:
            space.final.append(number)
        else:
            self._todo.append(number)
        return number

    def _waits_alone(self, site: Site) -> bool:
        """Whether nobody else can hinder the waiting token or be hindered by it."""
        automaton, path = self.automaton, site.path
        if not self._calm or self.net.acts[self.net.node_of[site.code]] not in (Acts.WAIT, Acts.RACE):
            return False
        return all(automaton.scope_kind(path, depth) in self._calm for depth in range(len(path) + 1))


def _position(site: Site) -> tuple[int, ...]:
    """Where a token is, from the outside inwards; smaller is further upstream."""
    return (*(scope.nested[index].code for scope, index in site.path), site.code)


def two_at_one_place(net: Net, scope: Scope) -> int:
    """The code of which a scope has two tokens, or -1. Several tokens may come to an end event."""
    last = -1
    for code in scope.simple:
        if code == last and not (net.is_end[net.node_of[code]] and net.where[code] == Where.AT):
            return code
        last = code
    last = -1
    for nest in scope.nested:
        if nest.code == last:
            return last
        last = nest.code
        found = two_at_one_place(net, nest.inner)
        if found >= 0:
            return found
    return -1


def calm_scopes(net: Net) -> frozenset[int]:
    """The (sub)processes in which no token is ever cut off from outside its own activity."""
    calm = {TOP, *(node for node, acts in enumerate(net.acts) if acts == Acts.SUBPROCESS)}
    calm |= {net.number[net.ids[node]] for node in calm if node >= 0}
    loud: set[int] = set()
    for node, element in enumerate(net.elements):
        scope = TOP if element.parent is None else net.number[element.parent]
        if net.acts[node] in (Acts.TERMINATE, Acts.ERROR, Acts.CANCEL, Acts.ESCALATE, Acts.COMPENSATE):
            loud |= _around(net, scope)
        if any(catch in net.throws[node] for catch in (EventKind.ERROR, EventKind.ESCALATION)):
            own = {watch.code for watch in net.catchers[node] if watch.kind is EventKind.ERROR}
            if None not in own or EventKind.ESCALATION in net.throws[node]:
                loud |= _around(net, scope)
        if element.multi_instance is not None or element.loop is not None or element.is_for_compensation:
            loud.add(net.number[element.id])
        if net.joins[node] == "any" and net.at[node] in _again(net, node):
            loud.add(scope)
        if net.watchers[node] and net.acts[node] != Acts.WAIT:
            loud.add(node)
    loud.update(net.scope_watchers)  # the last token of the scope takes them along
    for scope, watches in net.scope_catchers.items():
        if any(watch.interrupting for watch in watches):
            loud |= _around(net, scope)
    return frozenset(calm - loud)


def _around(net: Net, scope: int) -> set[int]:
    """A scope and all around it."""
    found = {TOP}
    while scope != TOP:
        found.add(scope)
        parent = net.elements[scope].parent
        scope = TOP if parent is None else net.number[parent]
    return found


def _again(net: Net, node: int) -> frozenset[int]:
    """The places from which a token can come (back) to a join behind it."""
    seen: set[int] = set()
    todo = [net.number[net.flows[flow].target] for flow in net.outflows[node]]
    while todo:
        other = todo.pop()
        if other in seen:
            continue
        seen.add(other)
        todo.extend(net.number[net.flows[flow].target] for flow in net.outflows[other])
        todo.extend(net.number[e.id] for e in net.diagram.elements.values() if e.attached_to == net.ids[other])
    return frozenset(net.at[other] for other in seen)
