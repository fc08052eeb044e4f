"""Evaluating a text with a JSON context."""

from __future__ import annotations

import pytest

from engine.feel import Environment, FeelError, FeelSyntaxError, evaluate_text


def test_a_text_is_evaluated_with_a_json_context() -> None:
    context = '{"amount": 1200.50, "customer name": "王芳", "due": {"@": "2026-03-02"}, "parts": [{"net-price": 5}]}'
    assert evaluate_text("amount * 2", context) == "2401"
    assert evaluate_text('customer name + "！"', context) == "王芳！"
    assert evaluate_text('due + @"P1D"', context) == "2026-03-03"
    assert evaluate_text("parts.net-price", context) == "[5]"
    assert evaluate_text("1 + 1") == "2"
    assert evaluate_text("null") == "null"


def test_the_reason_of_null_stands_in_the_warnings() -> None:
    environment = Environment()
    assert evaluate_text("1 / 0", environment=environment) == "null"
    assert str(environment.warnings[0]) == "Division by zero."


def test_what_cannot_be_read_is_an_error() -> None:
    with pytest.raises(FeelSyntaxError):
        evaluate_text("1 +")
    with pytest.raises(FeelError, match="must be a JSON object"):
        evaluate_text("1", "[1]")
    with pytest.raises(FeelError, match="no stored FEEL value"):
        evaluate_text("1", "{")
