"""Following a trace: do these element events fit the diagram, and if not, what could have happened instead?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.diagram import Diagram
from engine.semantics.moves import COMPLETED, FIRES, STARTED, Automaton, Move
from engine.semantics.net import Net
from engine.semantics.state import Scope, State, started_in

CANCELLED = "cancelled"


class Event(NamedTuple):
    """What happened to an element instance. `lifecycle` is ``started``, ``completed`` or ``cancelled``.

    These are the names of the event log. A body of a multi-instance activity and each of its items have such events
    of their own, all with the id of the activity.
    """

    element: str
    lifecycle: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`position` is that of the first event that does not fit, None when all do; `possible` is what fits there instead.

    `ended`: all fit and nothing has to follow; `possible` then says what could go on where the trace stops.
    """

    position: int | None
    possible: frozenset[Event]
    ended: bool

    @property
    def accepted(self) -> bool:
        """Every event fits."""
        return self.position is None


class Place(NamedTuple):
    """A state with the elements that have been cut off and whose ``cancelled`` has not been seen yet, sorted."""

    state: State
    owed: tuple[str, ...] = ()


class Follower:
    """A diagram prepared for many traces; safe to share by threads."""

    def __init__(self, diagram: Diagram) -> None:
        self.automaton = Automaton(Net(diagram, once=False), items=None, keep_all=True)

    def replay(self, start_event: str | None = None) -> Replay:
        """A trace that begins now; at any start event when not said at which."""
        return Replay(self.automaton, start_event)

    def follow(self, trace: Iterable[tuple[str, str]]) -> Verdict:
        """Follow a whole trace of (element id, lifecycle)."""
        running = self.replay()
        for position, (element, lifecycle) in enumerate(trace):
            if not running.see(element, lifecycle):
                return Verdict(position, running.possible(), ended=False)
        return Verdict(None, running.possible(), running.ended)


class Replay:
    """A trace in progress: all places of the automaton that fit what has been seen."""

    def __init__(self, automaton: Automaton, start_event: str | None = None) -> None:
        self._automaton = automaton
        self._net = automaton.net
        starts = [start for start in self._net.starts if start_event in (None, self._net.ids[start])]
        self._places = self._settle(Place(self._automaton.initial(start)) for start in starts)

    @property
    def ended(self) -> bool:
        """Nothing has to follow."""
        return any(not place.owed and place.state.is_idle for place in self._places)

    def possible(self) -> frozenset[Event]:
        """The events that fit now."""
        return frozenset(event for place in self._places for event, _ in self._steps(place))

    def see(self, element: str, lifecycle: str) -> bool:
        """The next event; False when it does not fit (the replay then stays where it is)."""
        wanted = (element, lifecycle)
        following = {after for place in self._places for event, after in self._steps(place) if event == wanted}
        if not following:
            return False
        self._places = self._settle(following)
        return True

    def _settle(self, places: Iterable[Place]) -> frozenset[Place]:
        """These places and all that silent steps of tokens lead to."""
        found: set[Place] = set()
        todo = list(places)
        while todo:
            place = todo.pop()
            if place in found:
                continue
            found.add(place)
            if not place.owed:
                moves = self._automaton.all_inner_moves(place.state)
                todo.extend(self._after(move) for move in moves if move.lifecycle not in (STARTED, COMPLETED))
        return frozenset(found)

    def _steps(self, place: Place) -> Iterator[tuple[Event, Place]]:
        """The visible events of a place. What is cut off says so before anything else happens."""
        if place.owed:
            yield from self._payments(place)
            return
        automaton = self._automaton
        for move in automaton.all_inner_moves(place.state):
            if move.lifecycle in (STARTED, COMPLETED):
                yield Event(self._net.ids[move.node], move.lifecycle), self._after(move)
        for move in automaton.outer_moves(place.state):
            after = self._after(move)
            if move.lifecycle != FIRES:
                yield Event(self._net.ids[move.node], move.lifecycle), after
            elif after.owed:
                yield from self._payments(after)
            else:
                yield from self._shows(move)

    def _shows(self, fired: Move) -> Iterator[tuple[Event, Place]]:
        """An event that fired without cutting anything off shows as started."""
        for move in self._automaton.all_inner_moves(fired.state):
            if move.lifecycle == STARTED and move.node == fired.node:
                yield Event(self._net.ids[move.node], STARTED), self._after(move)

    def _payments(self, place: Place) -> Iterator[tuple[Event, Place]]:
        for position, element in enumerate(place.owed):
            if element not in place.owed[:position]:
                left = place.owed[:position] + place.owed[position + 1 :]
                yield Event(element, CANCELLED), Place(place.state, left)

    def _after(self, move: Move) -> Place:
        return Place(move.state, self._cut_off(move.cut) if move.cut else ())

    def _cut_off(self, cut: tuple[Scope, ...]) -> tuple[str, ...]:
        return tuple(sorted(self._net.ids[node] for scope in cut for node in started_in(self._net, scope)))


def replay(diagram: Diagram, trace: Iterable[tuple[str, str]]) -> Verdict:
    """Follow one trace of (element id, lifecycle)."""
    return Follower(diagram).follow(trace)
