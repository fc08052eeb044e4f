"""The cells of decision tables."""

from __future__ import annotations

from typing import Any

import pytest

from engine.feel import Environment, FeelSyntaxError, LimitExceeded, Limits, compile_unary_tests, from_python
from tests.unit.feel.examples import evaluate


def passes(cell: str, value: Any, **scope: Any) -> bool | None:
    tests = compile_unary_tests(cell, frozenset(scope))
    return tests.evaluate(from_python(value), {name: from_python(one) for name, one in scope.items()}, Environment())


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", 5, True),
        ("-", None, True),
        ("", 5, True),
        ("5", 5, True),
        ("5", 6, False),
        ("1", True, False),
        ("5", None, False),
        ("5", "5", False),
        ('"a"', "a", True),
        ('"a","b"', "b", True),
        ('"a", "b"', "c", False),
        ("true", True, True),
        ("false", None, False),
        ("null", None, True),
        ("null", 5, False),
        ("< 5", 4, True),
        (">= 5", 4, False),
        ("< 5", None, None),
        ("< 5", "a", None),
        ("= 5", 5, True),
        ("!= 5", 5, False),
        ("[5000..10000]", 5000, True),
        ("(5000..10000]", 5000, False),
        ("]5000..10000[", 10000, False),
        ("[1..3), 7, > 10", 7, True),
        ("[1..3), 7, > 10", 3, False),
        ("[5..1]", 3, None),
        ("not(5)", 5, False),
        ("not(5)", 6, True),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "b", False),
        ("not([1..5))", 5, True),
        ("not((1..5])", 1, True),
        ("not(< 5)", None, None),
        ("not(? > 5)", 6, False),
        ("? > 5", 6, True),
        ("? > 5 and ? < 7", 6, True),
        ('contains(?, "x")', "axb", True),
        ('contains(?, "x")', 1, None),
        ("? + 1", 5, False),
        ("[1, 2, 3]", 2, True),
        ("[[1..3], 9]", 2, True),
        ("[1, 2]", [1, 2], True),
        ("{a: 1}", {"a": 1}, True),
        ('@"2026-03-02"', 5, False),
        ("not(true) and false", "any", False),
        ("not(true) or true", "any", True),
        ("limit", 10, True),
        ("< limit", 9, True),
        ("[1..limit]", 10, True),
        ("[limit..1]", 10, None),
        ("limit - 1, limit", 10, True),
        ("limit > 5", "text", True),
        ("limit > 5", False, False),
        ("count(allowed) = 2", "text", True),
        ("allowed", "a", True),
        ("allowed", "c", False),
        ("flag", True, True),
        ("flag", "text", False),
    ],
)
def test_a_cell_lets_values_pass(cell: str, value: Any, expected: bool | None) -> None:
    assert passes(cell, value, limit=10, allowed=["a", "b"], flag=True) is expected


def test_names_with_operators_are_found_in_cells_too() -> None:
    assert passes("< net-price", 5, **{"net-price": 10}) is True
    assert compile_unary_tests("< a-b, ? = c").references == {"a", "b", "c"}


@pytest.mark.parametrize("cell", ["1 2", "not(1", "not(1))", "<", "1,", ",", "- 5 -"])
def test_a_broken_cell_is_a_syntax_error(cell: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests(cell)


def test_a_cell_that_goes_on_for_ever_is_stopped() -> None:
    cell = compile_unary_tests("for x in 1..90000 return x")
    with pytest.raises(LimitExceeded):
        cell.evaluate(1, {}, Environment(limits=Limits(steps=1_000)))
    deep = compile_unary_tests("{f: function(x) f(x)}.f(?)")
    with pytest.raises(LimitExceeded):
        deep.evaluate(1, {}, Environment())


def test_a_unary_range_of_something_without_order_is_null() -> None:
    assert evaluate("(< [1])") is None and evaluate("(!= 5)") is None
    assert evaluate("(= 5)") == evaluate("[5..5]")
