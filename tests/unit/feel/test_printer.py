"""Printing and reading are inverse."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.feel import parse_expression, parse_unary_tests, print_expression, tree
from engine.feel.builtins import BUILTINS
from tests.unit.feel.trees import NAMES, expressions


def read(text: str) -> tree.Node:
    return parse_expression(text, NAMES, frozenset(BUILTINS), frozenset({"tThing"}))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(expressions)
def test_a_printed_tree_reads_back_as_itself(node: tree.Node) -> None:
    assert read(print_expression(node)) == node


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(expressions)
def test_ten_thousand_printed_trees_read_back_as_themselves(node: tree.Node) -> None:
    assert read(print_expression(node)) == node


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(expressions, max_size=3), st.booleans())
def test_printed_unary_tests_read_back_as_themselves(tests: list[tree.Node], negated: bool) -> None:
    node = tree.UnaryTests(tuple(tests), negated and bool(tests))
    text = print_expression(node)
    assert parse_unary_tests(text, NAMES, frozenset(BUILTINS), frozenset({"tThing"})) == node
