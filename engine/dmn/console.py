"""Evaluating a file with JSON inputs, for a command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

from engine.dmn.errors import DmnError
from engine.dmn.evaluation import evaluate_decision
from engine.dmn.reader import read_dmn
from engine.errors import N_
from engine.feel import from_json, to_json
from engine.feel.console import names_in
from engine.feel.environment import Environment


class NoInputs(DmnError):
    """The JSON text is no object."""

    template = N_('The inputs must be a JSON object such as {{"amount": 1200}}, not {text}.')


def evaluate_file(
    content: bytes, name: str, decision: str, inputs: str = "{}", now: Callable[[], datetime] | None = None
) -> str:
    """The value of a decision as one line of JSON.

    `decision` is an id or a name, `inputs` a JSON object; temporal values in it and in the result are
    `{"@": "2026-03-02"}`. Raises `DmnError`, `FeelError` and `BrokenXml`.
    """
    context = from_json(inputs)
    if not isinstance(context, dict):
        raise NoInputs(text=inputs)
    scope = cast("dict[str, object]", context)
    model = read_dmn(content, name, names=names_in(scope))
    return to_json(evaluate_decision(model, decision, scope, Environment(now=now), trace=False).value)
