"""Making a decision: the way in for the rest of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.dmn.errors import UnknownDecision
from engine.dmn.graph import graph_of, make
from engine.dmn.model import Decision, Model
from engine.dmn.run import Run
from engine.dmn.trace import Recorder
from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out. `trace` is plain JSON (see engine.dmn.trace), empty when it was not asked for."""

    value: object
    trace: dict[str, Any]


def evaluate_decision(
    model: Model,
    decision: str,
    context: Mapping[str, object],
    environment: Environment,
    *,
    trace: bool = True,
    standard: bool = False,
) -> Evaluation:
    """Make a decision, or call a decision service or knowledge model, found by id or else by name.

    `context` are FEEL values by name (`from_python` makes them): the input data, and in the product anything else the
    expressions use, functions included. `standard` is the mode of DMN itself: a decision sees only what it requires,
    and null stands where the product raises. Raises `UnknownDecision`, `SeveralRulesHit`, `ValueNotAllowed`,
    `BrokenExpression`, `CircularRequirement` (all `DmnError`) and `LimitExceeded`.
    """
    graph = graph_of(model)
    element = model.find(decision)
    if element is None:
        known = ", ".join(sorted(model.decisions)) or "none"
        raise UnknownDecision(model=model.name or model.file, decision=decision, known=known)
    recorder = Recorder(environment) if trace else None
    run = Run(environment, context, standard=standard, recorder=recorder)
    environment.enter()
    try:
        if isinstance(element, Decision):
            value = make(graph.unit(element.id), run)
        else:
            value = graph.callable(element.id).invoke(run)
    except RecursionError as error:
        raise LimitExceeded(what=N_("nested calls"), limit=environment.limits.calls) from error
    finally:
        environment.leave()
    return Evaluation(value, {} if recorder is None else recorder.result())
