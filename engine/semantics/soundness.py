"""Soundness at deployment: can every case that follows the diagram come to its end, and is every part of it of use?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.diagram import Diagram, Element
from engine.errors import N_
from engine.findings import Finding, Severity
from engine.semantics.explore import DEFAULT_CAP, Explorer, Space
from engine.semantics.moves import COMPLETED, FIRES, STARTED, Automaton, Move
from engine.semantics.net import Net, Where
from engine.semantics.state import Scope, State

_LONGEST_PATH = 30
_MOST_FINDINGS = 5


def check_soundness(specification: Diagram, cap: int = DEFAULT_CAP) -> list[Finding]:
    """What is wrong with the flow of a process that was read without errors.

    Errors: ``deadlock`` (tokens wait at a join for others that never come), ``not-synchronised`` (two tokens at one
    place), ``no-way-to-end``, ``dead-node`` and ``dead-flow`` (never reached); each but the last two with the path that
    leads there. A warning ``soundness-undecided`` when there are more than `cap` states.

    What is abstracted: every condition may hold or not; a multi-instance activity has no item or one; a
    non-interrupting event happens once in the life of its (sub)process; called processes return, fail or escalate.
    """
    if not specification.start_events:
        return []
    automaton = Automaton(Net(specification, once=True))
    return findings_in(automaton, Explorer(automaton, cap).explore())


def findings_in(automaton: Automaton, space: Space) -> list[Finding]:
    """What the states that were found say about the diagram."""
    return _Judge(automaton, space).findings()


class _Judge:
    """Reads findings from a state space."""

    def __init__(self, automaton: Automaton, space: Space) -> None:
        self.net = automaton.net
        self.automaton = automaton
        self.space = space

    def findings(self) -> list[Finding]:
        """All findings, the gravest first; dead parts only where nothing else explains them."""
        found = [*self._doubled(), *self._stuck()]
        if not self.space.is_whole:
            found.append(self._undecided())
        elif not found:
            found.extend(self._dead())
        return found

    def _undecided(self) -> Finding:
        return Finding(
            "soundness-undecided",
            N_("The process has more than {cap} states, so nothing is said about all of its paths."),
            {"cap": self.space.cap},
            N_("Move parts of it into processes of their own, or test it with scenarios."),
            element=self.net.diagram.process_id,
            severity=Severity.WARNING,
        )

    # ---- two tokens at one place ------------------------------------------------------------------------------------

    def _doubled(self) -> Iterator[Finding]:
        named: set[str] = set()
        for number, code in self.space.doubled.items():
            element = self.net.elements[self._merge(self.net.node_of[code])]
            if element.id in named or len(named) == _MOST_FINDINGS:
                continue
            named.add(element.id)
            yield self._finding(
                "not-synchronised",
                N_("Two tokens come to {name} one after the other, so it and what follows happens twice: {path}."),
                N_("Join the branches with a gateway of the kind that split them."),
                element,
                self.space.path_to(number),
            )

    def _merge(self, node: int) -> int:
        """Where the two came together: the nearest merge before, else the node itself."""
        net, place = self.net, node
        for _ in net.elements:
            if len(net.inflows[place]) > 1:
                return place
            if not net.inflows[place]:
                break
            place = net.number[net.flows[net.inflows[place][0]].source]
        return node

    # ---- no way on --------------------------------------------------------------------------------------------------

    def _stuck(self) -> Iterator[Finding]:
        named: set[str] = set()
        for number in self._deadlocks():
            element = self._who_waits(self.space.states[number])
            if element.id in named or len(named) == _MOST_FINDINGS:
                continue
            named.add(element.id)
            yield self._finding(
                "deadlock",
                N_("A token waits at {name} for others that never come: {path}."),
                N_("Join with a gateway of the kind that split the branches, or give every branch a way to the join."),
                element,
                self.space.path_to(number),
            )
        if self.space.is_whole:
            yield from self._endless()

    def _deadlocks(self) -> list[int]:
        """States that nothing follows though they are no end."""
        space = self.space
        ends = {*space.final, *space.doubled}
        unexpanded = 0 if space.is_whole else self._first_unexpanded()
        numbers = range(len(space.states)) if space.is_whole else range(unexpanded)
        return [number for number in numbers if not space.after[number] and number not in ends]

    def _first_unexpanded(self) -> int:
        """States are expanded in order: after the last one with successors everything is open."""
        return max((number for number, after in enumerate(self.space.after) if after), default=0)

    def _endless(self) -> Iterator[Finding]:
        """States from which neither an end nor anything found before can be reached."""
        space = self.space
        ends = [*space.final, *space.doubled, *self._deadlocks()]
        before: list[list[int]] = [[] for _ in space.states]
        for number, after in enumerate(space.after):
            for following in after:
                before[following].append(number)
        good = set(ends)
        todo = list(ends)
        while todo:
            for number in before[todo.pop()]:
                if number not in good:
                    good.add(number)
                    todo.append(number)
        number = next((number for number in range(len(space.states)) if number not in good), None)
        if number is not None:
            yield self._finding(
                "no-way-to-end",
                N_("From {name} on the process never ends, whatever is decided: {path}."),
                N_("Draw a way to an end event."),
                self._who_waits(space.states[number]),
                space.path_to(number),
            )

    def _who_waits(self, state: State) -> Element:
        """The element that names the state best: a join that waits, else anything with a token."""
        codes = list(_codes(state))
        parked = [code for code in codes if self.net.where[code] == Where.PARK]
        return self.net.elements[self.net.node_of[(parked or codes)[0]]]

    # ---- dead parts -------------------------------------------------------------------------------------------------

    def _dead(self) -> Iterator[Finding]:
        net, seen = self.net, self.automaton.seen
        dead = {
            node
            for node in range(len(net.elements))
            if not any(seen[code] for code in self._entries(node)) and not self._is_idle_handler(node)
        }
        for flow, drawn in enumerate(net.flows):
            if not seen[net.on_flow[flow]] and net.number[drawn.source] not in dead:
                yield Finding(
                    "dead-flow",
                    N_("The sequence flow from {source} to {target} is never taken."),
                    {"source": _name(net.elements[net.number[drawn.source]]), "target": _name(self._target(flow))},
                    N_("Remove it, or mend the gateway before it."),
                    element=drawn.id,
                )
        for node in sorted(dead):
            if not net.is_item[node] and not self._explained(node, dead):
                element = net.elements[node]
                yield Finding(
                    "dead-node",
                    N_("{name} never happens."),
                    {"name": _name(element)},
                    N_("Remove it, or mend what should lead to it."),
                    element=element.id,
                    line=element.line,
                )

    def _entries(self, node: int) -> Iterable[int]:
        net = self.net
        yield from (net.begin[node], net.fired[node])
        yield from (net.on_flow[flow] for flow in net.inflows[node])

    def _is_idle_handler(self, node: int) -> bool:
        """What belongs to compensation that nobody asks for is no mistake of the flow."""
        element: Element | None = self.net.elements[node]
        while element is not None:
            if element.is_for_compensation:
                return True
            element = self.net.diagram.elements.get(element.parent or "")
        return self.net.elements[node].type == "boundaryEvent" and self.net.elements[node].event.kind == "compensation"

    def _explained(self, node: int, dead: set[int]) -> bool:
        """Whether something before it is dead as well or a dead flow has been named."""
        net = self.net
        element = net.elements[node]
        if net.inflows[node]:
            return True
        around = element.attached_to or (element.parent if element.type == "startEvent" else None)
        return around is not None and net.number[around] in dead

    def _target(self, flow: int) -> Element:
        return self.net.elements[self.net.number[self.net.flows[flow].target]]

    # ---- helpers ----------------------------------------------------------------------------------------------------

    def _finding(self, code: str, template: str, remedy: str, element: Element, path: list[Move]) -> Finding:
        params = {"name": _name(element), "path": " → ".join(self._ids(path))}
        return Finding(code, template, params, remedy, element=element.id, line=element.line)

    def _ids(self, path: list[Move]) -> list[str]:
        """The elements of a path, the latest ones when it is long."""
        ids: list[str] = []
        for move in path:
            name = self.net.ids[move.node]
            shows = move.lifecycle in (STARTED, FIRES) or (move.lifecycle == COMPLETED and name not in ids[-1:])
            if shows and ids[-1:] != [name]:
                ids.append(name)
        return ids if len(ids) <= _LONGEST_PATH else ["…", *ids[-_LONGEST_PATH:]]


def _codes(scope: Scope) -> Iterator[int]:
    """All codes of a state, the innermost first."""
    for nest in scope.nested:
        yield from _codes(nest.inner)
        yield nest.code
    yield from scope.simple


def _name(element: Element) -> str:
    return f'"{element.name}"' if element.name else element.id
