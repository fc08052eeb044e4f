"""How tokens move (BPMN 2.0.2, chapter 13), without data: every condition may hold or not.

A *move* is one visible step of an element instance (it starts, it completes) or a silent one (an event fires, a join
lets its tokens go). Tokens that move by themselves do so before anything else happens from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.diagram import EventKind
from engine.semantics.catching import Catching, Path, rebuild, reframe
from engine.semantics.net import NO_SCOPE, Acts, Net, Watch, Where
from engine.semantics.state import (
    DISARMED,
    EMPTY,
    Nest,
    Record,
    Scope,
    State,
    moved,
    with_codes,
    with_nest,
    without_code,
    without_nest,
)

STARTED = "started"
COMPLETED = "completed"
FIRES = "fires"
THROWS = "throws"
SILENT = ""

_RUNS_INSIDE = (Acts.SUBPROCESS, Acts.PARALLEL, Acts.SEQUENCE, Acts.COMPENSATE, Acts.CANCEL)
_CUTS = (Acts.TERMINATE, Acts.ERROR, Acts.CANCEL, Acts.ESCALATE, Acts.COMPENSATE)


class Move(NamedTuple):
    """A step to `state`. `lifecycle` is STARTED or COMPLETED of `node`, or FIRES, THROWS or SILENT.

    `cut` holds the tokens that the step cuts off.
    """

    lifecycle: str
    node: int
    state: State
    cut: tuple[Scope, ...] = ()


class Site(NamedTuple):
    """A token that can move: in which scope, below which path; its `place` among the nested ones, else -1."""

    scope: Scope
    path: Path
    code: int
    place: int = -1


class Automaton(Catching):
    """The token game on a net. `items` is how many items a parallel multi-instance has at most (None: any number).

    `keep_all`: each completion of an activity is compensated, else an activity is compensated once.
    """

    def __init__(self, net: Net, *, items: int | None = 1, keep_all: bool = False) -> None:
        super().__init__(net)
        self.items = items
        self.keep_all = keep_all
        self.seen = bytearray(len(net.where))
        self._races = [
            where == Where.AT and net.acts[node] in _CUTS for where, node in zip(net.where, net.node_of, strict=True)
        ]
        self._has_joins = any(net.joins)

    # ---- states -----------------------------------------------------------------------------------------------------

    def initial(self, start: int) -> State:
        """The start event has happened."""
        return Scope(simple=(self.net.fired[start],))

    @staticmethod
    def is_final(state: State) -> bool:
        """The instance has ended."""
        return state.is_idle

    # ---- tokens that move by themselves -----------------------------------------------------------------------------

    def inner_moves(self, state: State) -> list[Move]:
        """The next steps of what moves by itself; an empty list when everything waits.

        Steps of different tokens do not hinder each other, so one token is enough; only those that cut others off
        are tried in every order.
        """
        racing: list[Site] = []
        for site in self.moving(state, ()):
            if self.races(site):
                racing.append(site)
            else:
                return self.step(site)
        if racing:
            return [move for site in racing for move in self.step(site)]
        releases = self.releases(state)
        parallel = [move for move in releases if self.net.joins[move.node] == "all"]
        return parallel[:1] or releases

    def races(self, site: Site) -> bool:
        """Whether the token's next step can cut others off, so that it matters who goes first."""
        return site.place < 0 and self._races[site.code]

    def all_inner_moves(self, state: State) -> list[Move]:
        """The next steps of everything that moves by itself, in any order."""
        moves = [move for site in self.moving(state, ()) for move in self.step(site)]
        return moves + self.releases(state)

    def moving(self, scope: Scope, path: Path) -> Iterator[Site]:
        """The tokens of a scope, and inside of it, that move by themselves; the one furthest upstream first."""
        net = self.net
        last = -1
        for code in scope.simple:
            if code != last and net.moves_itself[code]:
                yield Site(scope, path, code)
            last = code
        for index, nest in enumerate(scope.nested):
            if net.acts[net.node_of[nest.code]] not in _RUNS_INSIDE:
                continue
            if nest.inner.is_idle:
                yield Site(scope, path, nest.code, index)
            else:
                yield from self.moving(nest.inner, (*path, (scope, index)))

    def step(self, site: Site) -> list[Move]:
        """What a token that moves by itself can do next."""
        net, code = self.net, site.code
        node, where = net.node_of[code], net.where[code]
        if site.place >= 0:
            return self._inside_is_done(site, node)
        self.seen[code] = 1
        if where == Where.FLOW:
            if net.joins[node]:
                return [self._park(site, node)]
            return [self._begin(site, node)]
        if where == Where.BEGIN:
            return [self._begin(site, node)]
        if where == Where.FIRED:
            return [Move(STARTED, node, rebuild(site.path, moved(site.scope, code, (net.leave[node],))))]
        if where == Where.LEAVE:
            rest = without_code(site.scope, code)
            leaves = self._leave_transaction if net.acts[node] == Acts.CANCEL else self._complete
            return leaves(rest, site.path, node)
        return self._act(site, node)

    def _begin(self, site: Site, node: int) -> Move:
        net = self.net
        acts = net.acts[node]
        if acts == Acts.SUBPROCESS:
            start = net.fired[net.start_of[net.number[net.ids[node]]]]
            nest = Nest(net.at[node], 0, Scope(simple=(start,)))
        elif acts == Acts.WAIT and net.counts_hosts[node]:
            nest = Nest(net.at[node], 0, EMPTY)
        else:
            return Move(STARTED, node, rebuild(site.path, moved(site.scope, site.code, (net.at[node],))))
        return Move(STARTED, node, rebuild(site.path, with_nest(without_code(site.scope, site.code), nest)))

    def _park(self, site: Site, node: int) -> Move:
        parked = self.net.parked[self.net.flow_of[site.code]]
        return Move(STARTED, node, rebuild(site.path, moved(site.scope, site.code, (parked,))))

    def _joined(self, scope: Scope, parked: Iterable[int], node: int) -> Scope:
        for code in parked:
            scope = without_code(scope, code)
        return with_codes(scope, (self.net.at[node],))

    def releases(self, state: State) -> list[Move]:
        """Joins whose tokens may go on as one."""
        return list(self._releases(state, ())) if self._has_joins else []

    def _releases(self, scope: Scope, path: Path) -> Iterator[Move]:
        net = self.net
        for node in sorted({net.node_of[code] for code in scope.simple if net.where[code] == Where.PARK}):
            filled = [flow for flow in net.inflows[node] if net.parked[flow] in scope.simple]
            waits = len(filled) < len(net.inflows[node])
            if not waits or (net.joins[node] == "any" and not self._awaited(scope, node, filled)):
                parked = [net.parked[flow] for flow in filled]
                yield Move(SILENT, node, rebuild(path, self._joined(scope, parked, node)))
        for index, nest in enumerate(scope.nested):
            if not nest.inner.is_idle:
                yield from self._releases(nest.inner, (*path, (scope, index)))

    def _awaited(self, scope: Scope, node: int, filled: list[int]) -> bool:
        """Whether a token can still come by an empty inflow, and not (also) by one that has a token already."""
        net = self.net
        reach = net.reach[node]
        here = [*scope.simple, *(nest.code for nest in scope.nested)]
        empty = [reach[flow] for flow in net.inflows[node] if flow not in filled]
        full = [reach[flow] for flow in filled]
        own = {net.parked[flow] for flow in net.inflows[node]}
        return any(
            code not in own and any(code in places for places in empty) and not any(code in places for places in full)
            for code in here
        )

    # ---- acting -----------------------------------------------------------------------------------------------------

    def _act(self, site: Site, node: int) -> list[Move]:
        acts, rest = self.net.acts[node], without_code(site.scope, site.code)
        if acts in (Acts.PARALLEL, Acts.SEQUENCE):
            return self._begin_items(rest, site.path, node, acts)
        if acts == Acts.TERMINATE:
            scope = Scope(flags=rest.flags | DISARMED, records=rest.records)
            return [Move(COMPLETED, node, rebuild(site.path, scope), (rest,))]
        if acts == Acts.ERROR:
            return self._throw_error_at_end(site, node, rest)
        if acts == Acts.CANCEL:
            kept = Scope(flags=rest.flags | DISARMED, spent=rest.spent, records=rest.records)
            return [self._compensate(kept, site.path, node, None, (rest,))]
        if acts == Acts.ESCALATE:
            return self._escalate(site, node)
        if acts == Acts.COMPENSATE:
            reference = self.net.elements[node].event.reference
            activity = self.net.number[reference] if reference else None
            return [self._compensate(rest, site.path, node, activity)]
        return self._complete(rest, site.path, node)

    def _begin_items(self, rest: Scope, path: Path, node: int, acts: Acts) -> list[Move]:
        net = self.net
        loop = net.elements[node].loop
        moves: list[Move] = []
        if loop is None or loop.test_before:
            moves += self._complete(rest, path, node)
        most = 1 if acts == Acts.SEQUENCE or self.items is None else self.items
        for count in range(1, most + 1):
            inner = Scope(simple=(net.begin[net.item[node]],) * count)
            moves.append(Move(SILENT, node, rebuild(path, with_nest(rest, Nest(net.at[node], 0, inner)))))
        return moves

    def _complete(self, rest: Scope, path: Path, node: int, cut: tuple[Scope, ...] = ()) -> list[Move]:
        """The token has left `rest`; where it goes on."""
        net = self.net
        if net.is_item[node]:
            return self._item_done(rest, path, node)
        if node in net.handler:
            rest = self._with_record(rest, Record(node))
        return [
            Move(COMPLETED, node, rebuild(path, with_codes(rest, choice)) if choice else rebuild(path, rest), cut)
            for choice in net.choices[node]
        ]

    def _item_done(self, rest: Scope, path: Path, node: int) -> list[Move]:
        net = self.net
        element = net.elements[node]
        moves = [Move(COMPLETED, node, rebuild(path, rest))]
        if net.acts[net.number[element.id]] == Acts.SEQUENCE:
            moves.append(Move(COMPLETED, node, rebuild(path, with_codes(rest, (net.begin[node],)))))
        elif element.multi_instance and element.multi_instance.completion_condition and not rest.is_idle:
            moves.append(Move(COMPLETED, node, rebuild(path, EMPTY), (rest,)))
        return moves

    def _inside_is_done(self, site: Site, node: int) -> list[Move]:
        """Nothing is left inside a nested token."""
        net = self.net
        nest, rest = site.scope.nested[site.place], without_nest(site.scope, site.place)
        acts = net.acts[node]
        if acts in (Acts.COMPENSATE, Acts.CANCEL):
            if nest.todo:
                return [self._next_handler(rest, site.path, nest.code, nest.todo)]
            leaves = self._leave_transaction if acts == Acts.CANCEL else self._complete
            return leaves(rest, site.path, node)
        element = net.elements[node]
        if acts == Acts.SUBPROCESS and nest.inner.records and not element.triggered_by_event:
            original = net.number[element.id]
            if original not in net.handler:
                rest, path = self._remember(rest, site.path, Record(original, nest.inner.records))
                return self._complete(rest, path, node)
        return self._complete(rest, site.path, node)

    # ---- compensation -----------------------------------------------------------------------------------------------

    def _remember(self, rest: Scope, path: Path, record: Record) -> tuple[Scope, Path]:
        """The record belongs to the (sub)process; what runs inside a body hands it to the one around."""
        if self.scope_kind(path, len(path)) != NO_SCOPE:
            return self._with_record(rest, record), path
        outer, index = path[-1]
        return rest, (*path[:-1], (self._with_record(outer, record), index))

    def _with_record(self, scope: Scope, record: Record) -> Scope:
        before = scope.records
        if not self.keep_all:
            before = tuple(other for other in before if other.node != record.node)
        return Scope(scope.simple, scope.nested, scope.flags, scope.spent, (*before, record))

    def _compensate(
        self, rest: Scope, path: Path, node: int, activity: int | None, cut: tuple[Scope, ...] = ()
    ) -> Move:
        """Run the handlers of one activity or of the whole scope around `node`; `rest` is its scope without it."""
        net = self.net
        depth = len(path)
        while depth and net.elements[self.owner(path, depth)].triggered_by_event:
            depth -= 1
        scope = rest if depth == len(path) else path[depth][0]
        chosen = [record for record in scope.records if activity in (None, record.node)]
        if not chosen:
            return Move(SILENT, node, rebuild(path, with_codes(rest, (net.leave[node],))), cut)
        kept = tuple(record for record in scope.records if record not in chosen)
        if depth == len(path):
            rest = Scope(rest.simple, rest.nested, rest.flags, rest.spent, kept)
        else:
            outer = Scope(scope.simple, scope.nested, scope.flags, scope.spent, kept)
            path = (*path[:depth], (outer, path[depth][1]), *path[depth + 1 :])
        return self._next_handler(rest, path, net.at[node], tuple(_latest_first(chosen)), cut)

    def _next_handler(
        self, rest: Scope, path: Path, code: int, todo: tuple[int, ...], cut: tuple[Scope, ...] = ()
    ) -> Move:
        handler = self.net.handler[todo[0]]
        nest = Nest(code, 0, Scope(simple=(self.net.begin[handler],)), todo[1:])
        return Move(SILENT, self.net.node_of[code], rebuild(path, with_nest(rest, nest)), cut)

    def _leave_transaction(self, rest: Scope, path: Path, node: int) -> list[Move]:
        path = reframe(path, rest)
        catch = self.catcher(rest, path, node, EventKind.CANCEL, None)
        if catch is None:
            return self._complete(rest, path, node)
        state, cut = self.happen(catch, rest, path)
        return [Move(COMPLETED, node, state, cut)]

    # ---- errors and escalations -------------------------------------------------------------------------------------

    def _throw_error_at_end(self, site: Site, node: int, rest: Scope) -> list[Move]:
        moves: list[Move] = []
        path = reframe(site.path, rest)
        for catch in self.catches(rest, path, node, EventKind.ERROR, self.codes(node, EventKind.ERROR)):
            if catch is None:
                moves.append(Move(THROWS, node, EMPTY, (site.path[0][0] if site.path else site.scope,)))
            else:
                state, cut = self.happen(catch, rest, path)
                moves.append(Move(COMPLETED, node, state, cut))
        return moves

    def _escalate(self, site: Site, node: int) -> list[Move]:
        leaving = moved(site.scope, site.code, (self.net.leave[node],))
        moves: list[Move] = []
        for catch in self.catches(
            site.scope, site.path, node, EventKind.ESCALATION, self.codes(node, EventKind.ESCALATION)
        ):
            if catch is not None and catch.watch.interrupting:
                state, cut = self.happen(catch, site.scope, site.path)
                moves.append(Move(THROWS, node, state, cut))
            else:
                state = rebuild(site.path, leaving)
                if catch is not None:
                    state, _ = self.happen(catch, leaving, reframe(site.path, leaving))
                moves.append(Move(THROWS, node, state))
        return moves

    # ---- what happens from outside ----------------------------------------------------------------------------------

    def outer_moves(self, state: State) -> list[Move]:
        """Everything that can happen when all tokens wait: work gets done, events fire, errors are thrown."""
        return [move for moves in self.outer_groups(state, ()) for move in moves[1]]

    def outer_groups(self, scope: Scope, path: Path) -> Iterator[tuple[Site | None, list[Move]]]:
        """The same by waiting token; the events that watch a whole scope have no token."""
        net = self.net
        last = -1
        for code in scope.simple:
            if code != last and not net.moves_itself[code] and net.where[code] == Where.AT:
                site = Site(scope, path, code)
                yield site, self._of_waiting(site)
            last = code
        for index, nest in enumerate(scope.nested):
            site = Site(scope, path, nest.code, index)
            if net.acts[net.node_of[nest.code]] in _RUNS_INSIDE:
                fired = list(self._fired_on_host(site))
                if fired or self.items is None:
                    yield site, fired + self._another_item(site)
                yield from self.outer_groups(nest.inner, (*path, (scope, index)))
            else:
                yield site, self._of_waiting(site)
        watchers = net.scope_watchers.get(self.scope_kind(path, len(path)), ()) if net.scope_watchers else ()
        if watchers and not scope.flags & DISARMED and not scope.is_idle:
            yield None, [move for watch in watchers for move in self._fired_in_scope(watch, scope, path)]

    def _of_waiting(self, site: Site) -> list[Move]:
        net = self.net
        node = net.node_of[site.code]
        rest = without_nest(site.scope, site.place) if site.place >= 0 else without_code(site.scope, site.code)
        if net.acts[node] == Acts.RACE:
            return [self._won(site, node, flow) for flow in net.outflows[node]]
        moves = self._complete(rest, site.path, node)
        moves.extend(self._fired_on_host(site))
        for kind in net.throws[node]:
            for catch in self.catches(site.scope, site.path, node, kind, self.any_code(kind)):
                if catch is not None:
                    state, cut = self.happen(catch, site.scope, site.path, site.code, site.place)
                    moves.append(Move(FIRES, catch.watch.node, state, cut))
        return moves

    def _won(self, site: Site, node: int, flow: int) -> Move:
        net = self.net
        self.seen[net.on_flow[flow]] = 1
        target = net.fired[net.number[net.flows[flow].target]]
        return Move(COMPLETED, node, rebuild(site.path, moved(site.scope, site.code, (target,))))

    def _fired_on_host(self, site: Site) -> Iterator[Move]:
        net = self.net
        for watch in net.watchers[net.node_of[site.code]]:
            scope = site.scope
            if not watch.interrupting and watch.limit and not watch.shared:
                nest = scope.nested[site.place]
                if (nest.spent >> watch.field) & 255 >= watch.limit:
                    continue
                spent = nest.spent + (1 << watch.field)
                scope = with_nest(without_nest(scope, site.place), Nest(nest.code, spent, nest.inner, nest.todo))
            if not watch.interrupting and self.counted(scope, watch) is None:
                continue
            state, cut = self.happen_on_host(watch, scope, site.path, site.code, site.place)
            yield Move(FIRES, watch.node, state, cut)

    def _fired_in_scope(self, watch: Watch, scope: Scope, path: Path) -> Iterator[Move]:
        if not watch.interrupting and self.counted(scope, watch) is None:
            return
        state, cut = self.happen_in_scope(watch, scope, path)
        yield Move(FIRES, watch.node, state, cut)

    def _another_item(self, site: Site) -> list[Move]:
        """Where their number is not known beforehand, a further item of a parallel body may begin at any time."""
        net = self.net
        node = net.node_of[site.code]
        if self.items is not None or net.acts[node] != Acts.PARALLEL:
            return []
        nest = site.scope.nested[site.place]
        inner = with_codes(nest.inner, (net.begin[net.item[node]],))
        scope = with_nest(without_nest(site.scope, site.place), Nest(nest.code, nest.spent, inner, nest.todo))
        return [Move(FIRES, net.item[node], rebuild(site.path, scope))]


def _latest_first(records: Iterable[Record]) -> Iterator[int]:
    for record in reversed(tuple(records)):
        if record.inside:
            yield from _latest_first(record.inside)
        else:
            yield record.node
