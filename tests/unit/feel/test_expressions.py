"""What expressions give, by the rule of the language they show."""

from __future__ import annotations

from decimal import Decimal

from engine.feel import Environment, compile_expression


def evaluate(text: str, **scope: object) -> object:
    return compile_expression(text, frozenset(scope)).evaluate(scope, Environment())


def test_arithmetic_binds_as_in_school() -> None:
    assert evaluate("1 + 2 * 3") == Decimal(7)
