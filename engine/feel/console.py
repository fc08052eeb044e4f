"""Evaluating a text with a JSON context, for a command line."""

from __future__ import annotations

from typing import Any, cast

from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.errors import FeelError
from engine.feel.expression import compile_expression
from engine.feel.serialize import from_json
from engine.feel.values import to_text


class NoContext(FeelError):
    """The JSON text is no object."""

    template = N_('The context must be a JSON object such as {{"amount": 1200}}, not {kind}.')


def evaluate_text(expression: str, context: str = "{}", environment: Environment | None = None) -> str:
    """The value of an expression, as FEEL writes it (null as `null`).

    `context` is a JSON object; temporal values in it are `{"@": "2026-03-02"}`. Why a result is null stands in the
    environment's warnings. Raises FeelError.
    """
    surroundings = environment or Environment()
    scope = from_json(context)
    if not isinstance(scope, dict):
        raise NoContext(kind=type(scope).__name__)
    variables = cast("dict[str, Any]", scope)
    compiled = compile_expression(expression, names_in(variables))
    return to_text(compiled.evaluate(variables, surroundings), surroundings)


def names_in(value: Any) -> frozenset[str]:
    """All names in a context and the contexts within it: what the parser must know of names of several words."""
    found: set[str] = set()
    rest: list[Any] = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            context = cast("dict[str, Any]", one)
            found.update(context)
            rest.extend(context.values())
        elif isinstance(one, list):
            rest.extend(cast("list[Any]", one))
    return frozenset(found)
