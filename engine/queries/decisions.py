"""Decisions taken in past cases, and what a changed table would have made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import select

from engine import feel, large_values
from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.dmn import Model
from engine.dmn.backtest import Backtest, Recorded
from engine.dmn.backtest import backtest as evaluate_again
from engine.model import DecisionEvaluation, ProcessInstance
from engine.runtime import Surroundings


def backtest(tx: Transaction, actor: Actor, model: Model) -> Backtest:
    """Evaluate a changed model on every recorded evaluation of its decisions in the actor's organisation.

    Cases are named by their number. Expressions that ask for the time get the moment of this call.
    """
    require(actor, Permission.DECISION_READ)
    surroundings = Surroundings(tx, actor.organisation_key)
    recorded = _recorded(tx, actor.organisation_key, set(model.decisions))
    return evaluate_again(model, recorded, surroundings.environment(), surroundings.functions)


def _recorded(tx: Transaction, organisation_key: str, decisions: set[str]) -> Iterator[Recorded]:
    rows = tx.session.execute(
        select(
            DecisionEvaluation.decision_id,
            DecisionEvaluation.inputs,
            DecisionEvaluation.output,
            ProcessInstance.number,
            ProcessInstance.key,
        )
        .join(ProcessInstance, ProcessInstance.key == DecisionEvaluation.process_instance_key)
        .where(DecisionEvaluation.organisation_key == organisation_key, DecisionEvaluation.decision_id.in_(decisions))
        .order_by(DecisionEvaluation.key)
        .execution_options(yield_per=500)
    )
    for decision, inputs, output, number, case in rows:
        text = large_values.full_context(tx.connection, case, inputs)
        context = cast("dict[str, object]", feel.from_json(text))
        yield Recorded(decision, context, feel.from_json(output), number)
