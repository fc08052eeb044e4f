"""What an evaluation may know and spend: the time, the zone, the bounds, and where its warnings go."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.clock import SystemClock
from engine.errors import N_
from engine.feel.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one evaluation (and of one parse: `expression_length`, `depth`).

    `steps` counts loop rounds and calls, by the size of what they run, and every hundred characters or ten list items
    a builtin touches. A step takes one to two microseconds, so the default stops an expression within 50 ms. `depth` is
    the nesting of an expression, `calls` that of function calls, `exponent` the largest power of ten of a number,
    `regex_length` the length of a pattern, `seconds` the wall clock time of one evaluation.
    """

    steps: int = 20_000
    depth: int = 100
    calls: int = 50
    list_length: int = 100_000
    string_length: int = 1_000_000
    expression_length: int = 50_000
    exponent: int = 6_144
    regex_length: int = 1_000
    warnings: int = 100
    seconds: float = 2.0


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a result is null. `template` is a gettext message id filled with `params`."""

    template: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])

    def __str__(self) -> str:
        return self.template.format_map(dict(self.params))


CHECK_EVERY = 256


class Environment:
    """The surroundings of evaluations.

    `now` gives the moment, aware; `zone` is the organisation's IANA zone, in which `now()` and `today()` are told.
    `warnings` collects a `Reason` for every null that a wrong value caused (at most `limits.warnings`).
    One environment may serve several evaluations one after the other, not at the same time; `begin` renews the budget.
    """

    __slots__ = ("_calls", "_check_at", "_deadline", "_nesting", "limits", "now", "steps_left", "warnings", "zone")

    def __init__(
        self,
        now: Callable[[], datetime] | None = None,
        zone: str = "Asia/Shanghai",
        limits: Limits = DEFAULT_LIMITS,
        warnings: list[Reason] | None = None,
    ) -> None:
        self.now = SystemClock().now if now is None else now
        self.zone = zone
        self.limits = limits
        self.warnings: list[Reason] = [] if warnings is None else warnings
        self.steps_left = limits.steps
        self._check_at = limits.steps
        self._deadline = 0.0
        self._calls = 0
        self._nesting = 0

    def enter(self) -> None:
        """Begin an evaluation; a nested one (a function of a decision, say) shares the budget of the outermost."""
        if self._nesting == 0:
            self.steps_left = self._check_at = self.limits.steps
            self._deadline = 0.0
            self._calls = 0
        self._nesting += 1

    def leave(self) -> None:
        """End what `enter` began."""
        self._nesting -= 1

    def charge(self, steps: int = 1) -> None:
        """Spend steps; raise `LimitExceeded` when they, or the time, are used up."""
        left = self.steps_left = self.steps_left - steps
        if left < self._check_at:
            self._check(left)

    def _check(self, left: int) -> None:
        if left < 0:
            raise LimitExceeded(what=N_("steps"), limit=self.limits.steps)
        # The first check starts the clock: most expressions never come here and never ask the machine for the time.
        moment = time.monotonic()
        if self._deadline == 0.0:
            self._deadline = moment + self.limits.seconds
        elif moment > self._deadline:
            raise LimitExceeded(what=N_("seconds"), limit=self.limits.seconds)
        self._check_at = left - CHECK_EVERY

    def check_list(self, length: int) -> None:
        """Refuse a list longer than allowed, and charge for building it."""
        if length > self.limits.list_length:
            raise LimitExceeded(what=N_("items in a list"), limit=self.limits.list_length)
        self.charge(1 + length // 10)

    def check_text(self, length: int) -> None:
        """Refuse a text longer than allowed, and charge for building it."""
        if length > self.limits.string_length:
            raise LimitExceeded(what=N_("characters in a text"), limit=self.limits.string_length)
        self.charge(1 + length // 100)

    def check_regex(self, length: int) -> None:
        """Refuse a pattern longer than allowed."""
        if length > self.limits.regex_length:
            raise LimitExceeded(what=N_("characters in a pattern"), limit=self.limits.regex_length)
        self.charge(10 + length)

    def enter_call(self) -> None:
        """Count a function call inwards."""
        self.charge()
        self._calls += 1
        if self._calls > self.limits.calls:
            raise LimitExceeded(what=N_("nested function calls"), limit=self.limits.calls)

    def leave_call(self) -> None:
        """Count a function call outwards."""
        self._calls -= 1

    def null(self, template: str, **params: object) -> None:
        """Note why the result is null, and give null."""
        if len(self.warnings) < self.limits.warnings:
            self.warnings.append(Reason(template, params))
