"""Who catches what is thrown, and what an event does to the tokens it watches (BPMN 2.0.2, 10.5.6 and 10.5.7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.diagram import EventKind
from engine.semantics.net import NO_SCOPE, TOP, Acts, Net, Watch
from engine.semantics.state import (
    DISARMED,
    INTERRUPTED,
    Nest,
    Scope,
    State,
    moved,
    with_codes,
    with_nest,
    without_nest,
)

Path = tuple[tuple[Scope, int], ...]
"""From the process inwards: each scope with the index of the nested token that contains the next."""

_NEVER_CAUGHT_BY_NAME = "\0"


class Catch(NamedTuple):
    """Who catches: `watch`, on the activity (`of_scope` False) or in the scope at this depth of the path."""

    watch: Watch
    depth: int
    of_scope: bool


class Catching:
    """Looks for catchers outwards from a token, and lets them happen."""

    def __init__(self, net: Net) -> None:
        self.net = net

    def codes(self, node: int, kind: EventKind) -> Iterable[str | None]:
        """What an event can throw; any code where it is an expression."""
        code = self.net.elements[node].event.code or ""
        return self.any_code(kind) if code.startswith("=") else (code,)

    def any_code(self, kind: EventKind) -> list[str | None]:
        return [*sorted(code for code in self.net.codes_caught[kind] if code is not None), _NEVER_CAUGHT_BY_NAME]

    def catches(
        self, scope: Scope, path: Path, node: int, kind: EventKind, codes: Iterable[str | None]
    ) -> list[Catch | None]:
        found: list[Catch | None] = []
        for code in codes:
            catch = self.catcher(scope, path, node, kind, code)
            if catch not in found:
                found.append(catch)
        return found

    def catcher(self, scope: Scope, path: Path, node: int, kind: EventKind, code: str | None) -> Catch | None:
        """The nearest that catches: on the activity, then in its scope, then the same for the activity around it."""
        net = self.net
        depth = len(path)
        while True:
            watch = _pick(net.catchers[node], kind, code)
            if watch is not None:
                return Catch(watch, depth, of_scope=False)
            around = self.scope_kind(path, depth)
            if not scope.flags & INTERRUPTED:
                catchers = net.scope_catchers.get(around, ())
                watch = _pick([other for other in catchers if other.node != node], kind, code)
                if watch is not None:
                    return Catch(watch, depth, of_scope=True)
            if depth == 0:
                return None
            node = self.owner(path, depth)
            depth -= 1
            scope = path[depth][0]

    def happen(
        self, catch: Catch, scope: Scope, path: Path, code: int = -1, index: int = -1
    ) -> tuple[State, tuple[Scope, ...]]:
        """The catcher happens; `code` or `index` say which token of `scope` throws where that is cut off itself."""
        depth, watch = catch.depth, catch.watch
        here = scope if depth == len(path) else path[depth][0]
        if catch.of_scope:
            return self.happen_in_scope(watch, here, path[:depth])
        if depth < len(path):
            index = path[depth][1]
            code = -1
        return self.happen_on_host(watch, here, path[:depth], code, index)

    def happen_in_scope(self, watch: Watch, scope: Scope, path: Path) -> tuple[State, tuple[Scope, ...]]:
        begin = self.net.begin[watch.node]
        if watch.interrupting:
            flags = scope.flags | INTERRUPTED | DISARMED
            return rebuild(path, Scope((begin,), (), flags, scope.spent, scope.records)), (scope,)
        counted = self.counted(scope, watch)
        return rebuild(path, scope if counted is None else with_codes(counted, (begin,))), ()

    def happen_on_host(
        self, watch: Watch, scope: Scope, path: Path, code: int, index: int
    ) -> tuple[State, tuple[Scope, ...]]:
        fired = (self.net.fired[watch.node],)
        if watch.interrupting:
            if index >= 0:
                cut = Scope(nested=(scope.nested[index],))
                return rebuild(path, with_codes(without_nest(scope, index), fired)), (cut,)
            return rebuild(path, moved(scope, code, fired)), (Scope(simple=(code,)),)
        counted = self.counted(scope, watch)
        return rebuild(path, scope if counted is None else with_codes(counted, fired)), ()

    @staticmethod
    def counted(scope: Scope, watch: Watch) -> Scope | None:
        """The scope with one more firing counted; None when the event has fired as often as it does."""
        if not watch.limit or not watch.shared:
            return scope
        if (scope.spent >> watch.field) & 255 >= watch.limit:
            return None
        return Scope(scope.simple, scope.nested, scope.flags, scope.spent + (1 << watch.field), scope.records)

    def scope_kind(self, path: Path, depth: int) -> int:
        """Which (sub)process the scope at this depth is: TOP, a node, or NO_SCOPE for what runs inside a body."""
        if depth == 0:
            return TOP
        owner = self.owner(path, depth)
        if self.net.acts[owner] != Acts.SUBPROCESS:
            return NO_SCOPE
        return self.net.number[self.net.ids[owner]]

    def owner(self, path: Path, depth: int) -> int:
        scope, index = path[depth - 1]
        return self.net.node_of[scope.nested[index].code]


def rebuild(path: Path, scope: Scope) -> State:
    """The whole state with `scope` at the end of the path."""
    for outer, index in reversed(path):
        nest = outer.nested[index]
        nested = list(outer.nested)
        nested[index] = Nest(nest.code, nest.spent, scope, nest.todo)
        nested.sort()
        scope = Scope(outer.simple, tuple(nested), outer.flags, outer.spent, outer.records)
    return scope


def reframe(path: Path, scope: Scope) -> Path:
    """The path to `scope`, which has replaced what was at its end."""
    frames: list[tuple[Scope, int]] = []
    for outer, index in reversed(path):
        nest = outer.nested[index]
        changed = Nest(nest.code, nest.spent, scope, nest.todo)
        scope = with_nest(without_nest(outer, index), changed)
        frames.append((scope, scope.nested.index(changed)))
    return tuple(reversed(frames))


def _pick(watches: Iterable[Watch], kind: EventKind, code: str | None) -> Watch | None:
    """The one with exactly this code, else the one that catches every code."""
    catches_all = None
    for watch in watches:
        if watch.kind is not kind:
            continue
        if code is not None and watch.code == code:
            return watch
        if watch.code is None and catches_all is None:
            catches_all = watch
    return catches_all
