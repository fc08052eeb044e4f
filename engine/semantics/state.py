"""States: where the tokens of an instance are, as nested tuples in a normal form (equal states are equal tuples)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.semantics.net import Net, Where

INTERRUPTED = 1
"""An interrupting event subprocess has taken the scope over: its catchers are gone."""
DISARMED = 2
"""What watched the scope is withdrawn."""


class Record(NamedTuple):
    """A completed activity that can be compensated; a subprocess without a handler by what happened `inside`."""

    node: int
    inside: tuple[Record, ...] = ()


class Scope(NamedTuple):
    """The tokens of a running (sub)process, of the items of a body, or of a compensation handler.

    `simple` are the codes of tokens that contain nothing, sorted; `nested` the others, sorted. `spent` counts firings
    of the scope's own watchers, eight bits each. `records` are what can be compensated, the latest last.
    """

    simple: tuple[int, ...] = ()
    nested: tuple[Nest, ...] = ()
    flags: int = 0
    spent: int = 0
    records: tuple[Record, ...] = ()

    @property
    def is_idle(self) -> bool:
        """Nothing runs here."""
        return not self.simple and not self.nested


class Nest(NamedTuple):
    """A token with something inside or something to remember: a subprocess, a body, a task whose timers are counted.

    `inner` is empty for a task. `todo` are the activities whose handlers a compensating token still has to run.
    """

    code: int
    spent: int
    inner: Scope
    todo: tuple[int, ...] = ()


State = Scope
EMPTY = Scope()


def with_codes(scope: Scope, codes: Iterable[int]) -> Scope:
    """More simple tokens."""
    simple = list(scope.simple)
    for code in codes:
        insort(simple, code)
    return Scope(tuple(simple), scope.nested, scope.flags, scope.spent, scope.records)


def without_code(scope: Scope, code: int) -> Scope:
    """One simple token less."""
    simple = scope.simple
    at = simple.index(code)
    return Scope(simple[:at] + simple[at + 1 :], scope.nested, scope.flags, scope.spent, scope.records)


def moved(scope: Scope, code: int, to: Iterable[int]) -> Scope:
    """A simple token goes on as others."""
    simple = list(scope.simple)
    simple.remove(code)
    for other in to:
        insort(simple, other)
    return Scope(tuple(simple), scope.nested, scope.flags, scope.spent, scope.records)


def with_nest(scope: Scope, nest: Nest) -> Scope:
    """One more nested token."""
    nested = tuple(sorted((*scope.nested, nest)))
    return Scope(scope.simple, nested, scope.flags, scope.spent, scope.records)


def without_nest(scope: Scope, index: int) -> Scope:
    """One nested token less."""
    nested = scope.nested[:index] + scope.nested[index + 1 :]
    return Scope(scope.simple, nested, scope.flags, scope.spent, scope.records)


def started_in(net: Net, scope: Scope) -> Iterator[int]:
    """The nodes of all tokens in a scope that have shown as started, the inner ones too."""
    for code in scope.simple:
        if net.where[code] in (Where.PARK, Where.AT, Where.LEAVE):
            yield net.node_of[code]
    for nest in scope.nested:
        yield net.node_of[nest.code]
        yield from started_in(net, nest.inner)
