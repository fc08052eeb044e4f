"""Examples as lines `expression → result`, both FEEL; a result may also be read for its text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.feel import Environment, compile_expression, names_in
from engine.feel.values import literal

NOW = datetime(2026, 3, 2, 1, 30, 5, tzinfo=UTC)
ARROW = "→"


def environment() -> Environment:
    return Environment(now=lambda: NOW)


def evaluate(text: str, scope: Mapping[str, Any] | None = None) -> Any:
    variables = dict(scope or {})
    return compile_expression(text, names_in(variables)).evaluate(variables, environment())


def reasons(text: str, scope: Mapping[str, Any] | None = None) -> list[str]:
    """Why the value is null."""
    variables, surroundings = dict(scope or {}), environment()
    assert compile_expression(text, names_in(variables)).evaluate(variables, surroundings) is None
    return [str(reason) for reason in surroundings.warnings]


def check(lines: str, scope: Mapping[str, Any] | None = None) -> None:
    """Every line's left side gives its right side."""
    for line in filter(None, map(str.strip, lines.splitlines())):
        expression, _, expected = line.partition(ARROW)
        given = literal(evaluate(expression.strip(), scope))
        assert given == literal(evaluate(expected.strip(), scope)), f"{line} but gives {given}"
