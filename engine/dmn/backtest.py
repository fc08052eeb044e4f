"""What a changed decision model would have made of past cases. Nothing is written, nothing is asked but the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.dmn.errors import DmnError
from engine.dmn.evaluation import evaluate_decision
from engine.dmn.model import Model
from engine.dmn.trace import show
from engine.errors import N_
from engine.feel import FeelError
from engine.feel.environment import Environment
from engine.feel.values import same

FAILED = N_("no decision: {reason}")
"""How an outcome reads that the changed model refuses to give."""


class Recorded(NamedTuple):
    """A decision that was made: its id, the context it was made in, what came out, and whose it was."""

    decision: str
    inputs: Mapping[str, object]
    output: object
    label: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that would have come out otherwise. `before` and `after` are FEEL texts; `error` is empty when the changed
    model decides, and `rules` are the rules of its tables that apply now."""

    label: str
    decision: str
    before: str
    after: str
    error: str = ""
    rules: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Backtest:
    """The result. `unknown` counts evaluations of decisions that the changed model does not have."""

    evaluated: int
    unknown: int
    changed: tuple[Outcome, ...]
    transitions: Mapping[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    """How many cases go from which outcome to which: (decision, before, after), most frequent first."""

    @property
    def unchanged(self) -> int:
        """How many come out as they did."""
        return self.evaluated - len(self.changed)

    def lines(self) -> Iterator[str]:
        """The result in English, for a terminal: cases, then sums."""
        for outcome in self.changed:
            yield f"{outcome.label}: {outcome.decision} {outcome.before} → {outcome.after}"
        for (decision, before, after), count in self.transitions.items():
            yield f"{count} × {decision}: {before} → {after}"
        yield f"{self.evaluated} evaluated, {len(self.changed)} would come out otherwise, {self.unchanged} as before"


def backtest(
    model: Model,
    recorded: Iterable[tuple[str, Mapping[str, object], object, str]],
    environment: Environment,
    functions: Mapping[str, object] | None = None,
) -> Backtest:
    """Evaluate a changed model on recorded evaluations, and say which would come out otherwise.

    `recorded` are (decision id, inputs, output, case label), in FEEL values; `functions` are those the engine passes in
    besides (working time, say). A decision that can no longer be made counts as changed.
    """
    changed: list[Outcome] = []
    evaluated = unknown = 0
    for one in map(Recorded._make, recorded):
        if one.decision not in model.decisions:
            unknown += 1
            continue
        evaluated += 1
        outcome = _again(model, one, environment, functions or {})
        if outcome is not None:
            changed.append(outcome)
    counted = Counter((outcome.decision, outcome.before, outcome.after) for outcome in changed)
    return Backtest(evaluated, unknown, tuple(changed), dict(counted.most_common()))


def _again(model: Model, one: Recorded, environment: Environment, functions: Mapping[str, object]) -> Outcome | None:
    """The changed outcome of one evaluation; None when it is the same."""
    before = show(one.output)
    context = {**functions, **one.inputs}
    try:
        value = evaluate_decision(model, one.decision, context, environment, trace=False).value
        if same(one.output, value):
            return None
        # The trace costs more than the decision; only those that changed are worth it.
        trace = evaluate_decision(model, one.decision, context, environment).trace
    except (DmnError, FeelError) as error:
        return Outcome(one.label, one.decision, before, FAILED.format(reason=type(error).__name__), str(error))
    hits = (number for table in trace["tables"] for number in table["hits"])
    return Outcome(one.label, one.decision, before, show(value), rules=tuple(hits))
