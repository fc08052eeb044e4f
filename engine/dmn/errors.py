"""What can go wrong with a DMN model: reading it, and evaluating it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import N_, BaoxiuError


class DmnError(BaoxiuError):
    """A decision model that cannot be read, or a decision that cannot be made."""

    template = N_("The decision model cannot be used: {detail}")
    status = 422


class UnreadableModel(DmnError):
    """The file is XML but no DMN model we can read."""

    template = N_("{name}, line {line}: {detail}")


class UnknownDecision(DmnError):
    """The model has no such decision."""

    template = N_("The decision model {model} has no decision {decision}. It has: {known}.")
    status = 404


class CircularRequirement(DmnError):
    """A decision needs, directly or through others, its own result."""

    template = N_("The decision {decision} needs its own result: {path}. Remove one of these requirements.")


class BrokenExpression(DmnError):
    """An expression of the model is no FEEL; it was reached during an evaluation."""

    template = N_("The decision {decision} cannot be made, because an expression of it cannot be read: {detail}")


class SeveralRulesHit(DmnError):
    """A table that promises one hit has several: UNIQUE always, ANY when the outputs differ.

    `rules` are the numbers of the rules as the table shows them, from 1; `inputs` pairs of column title and value text.
    """

    template = N_(
        "The decision table {decision} has the hit policy {policy}, but rules {rules} all apply to {inputs}. "
        "Make these rules exclude each other, or choose another hit policy."
    )

    def __init__(self, *, decision: str, policy: str, rules: Sequence[int], inputs: Sequence[tuple[str, str]]) -> None:
        self.decision = decision
        self.policy = policy
        self.rules = tuple(rules)
        self.inputs = tuple(inputs)
        super().__init__(
            decision=decision,
            policy=policy,
            rules=", ".join(str(number) for number in self.rules),
            inputs="; ".join(f"{title} = {text}" for title, text in self.inputs),
        )


class ValueNotAllowed(DmnError):
    """An input or output of a table is not among the values the column declares."""

    template = N_(
        "The decision table {decision} allows {allowed} in the column {column}, not {value}. "
        "Correct the value, or add it to the column's values."
    )
