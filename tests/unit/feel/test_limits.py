"""No expression hangs, fills the memory or nests Python's stack; each bound has its error."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.feel import (
    Environment,
    FeelError,
    Function,
    LimitExceeded,
    Limits,
    Reason,
    compile_expression,
    compile_unary_tests,
    from_json,
    to_json,
)
from engine.feel.values import literal
from tests.unit.feel.examples import evaluate


def run(text: str, scope: dict[str, Any] | None = None, **limits: Any) -> Any:
    return compile_expression(text).evaluate(scope or {}, Environment(limits=Limits(**limits)))


@pytest.mark.parametrize(
    "text",
    [
        "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
        "some a in 1..100000, b in 1..100000 satisfies false",
        "every a in 1..100000 satisfies count([a]) = 1",
        "(for a in 1..50000 return a)[item > 5]",
        "sort(for a in 1..50000 return -a)",
        "flatten(for a in 1..300 return for b in 1..300 return b)",
        "for a in 1..10000 return string join(for b in 1..10 return string(b))",
        "distinct values(for a in 1..3000 return [a])",
        'for a in 1..20000 return replace("abcabcabc", "b", "x")',
        "for a in 1..5000 return partial",
        "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), r: f(40)}.r",
        "{x: (for a in 1..60 return if a = 1 then [1] else [partial[-1], partial[-1]])[60], r: x = x}",
        "{x: (for a in 1..60 return if a = 1 then {b: 1} else {b: partial[-1], c: partial[-1]})[60], r: x = x}",
        "flatten((for a in 1..60 return if a = 1 then [] else [partial[-1], partial[-1]])[60])",
        "string((for a in 1..60 return if a = 1 then [] else [partial[-1], partial[-1]])[60])",
    ],
)
def test_work_is_bounded_by_steps(text: str) -> None:
    began = time.process_time()
    with pytest.raises(LimitExceeded):
        run(text, steps=20_000)
    assert time.process_time() - began < 2


def test_time_is_bounded_by_a_deadline() -> None:
    with pytest.raises(LimitExceeded, match="seconds"):
        run("for a in 1..90000 return a * a", steps=10**9, seconds=0.0)


def test_lists_are_bounded_before_they_are_built() -> None:
    for text in ("for a in 1..10**15 return a", "[1..10**12][1] in (for a in 1..10**18 return a)"):
        with pytest.raises(LimitExceeded, match="items in a list"):
            run(text)
    for text in ("concatenate(xs, xs)", "append(xs, 1)", "flatten([xs, xs])", "insert before(xs, 1, 0)"):
        with pytest.raises(LimitExceeded, match="items in a list"):
            run(text, {"xs": [None] * 100}, list_length=100)


def test_texts_are_bounded_before_they_are_built() -> None:
    doubling = "for a in 1..60 return if a = 1 then text else partial[-1] + partial[-1]"
    with pytest.raises(LimitExceeded, match="characters in a text"):
        run(doubling, {"text": "ab"})
    with pytest.raises(LimitExceeded, match="characters in a text"):
        run("string join(for a in 1..100 return text)", {"text": "x" * 1_000}, string_length=10_000)
    with pytest.raises(LimitExceeded, match="characters in a text"):
        run("string(for a in 1..100 return text)", {"text": "x" * 1_000}, string_length=10_000)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + "1" + ")" * 5_000,
        "[" * 5_000 + "]" * 5_000,
        "{a: " * 2_000 + "1" + "}" * 2_000,
        "-" * 5_000 + "1",
        "not(" * 2_000 + "true" + ")" * 2_000,
        "if " * 2_000,
        "function(x) " * 2_000 + "1",
        "for x in " * 2_000,
        "x in (" * 2_000 + "1",
        "1 instance of " + "list<" * 2_000 + "number" + ">" * 2_000,
        "a" + ".b" * 10_000,
        "1" + " + 1" * 10_000,
        "x" + "[1]" * 5_000,
        "f" + "(1)" * 5_000,
        "1 = " * 5_000 + "1",
    ],
)
def test_expressions_are_bounded_in_depth(text: str) -> None:
    with pytest.raises(LimitExceeded, match="nested expressions"):
        compile_expression(text)
    with pytest.raises(LimitExceeded, match="nested expressions"):
        compile_unary_tests(text)


def test_a_hundred_levels_and_long_chains_of_logic_are_no_problem() -> None:
    assert evaluate("(" * 90 + "1" + ")" * 90) == 1
    assert evaluate(" and ".join(["true"] * 3_000)) is True
    assert evaluate(" + ".join(["1"] * 200)) == 200


def test_calls_are_bounded_in_depth() -> None:
    with pytest.raises(LimitExceeded, match="nested function calls"):
        run("{f: function(n) f(n + 1), r: f(1)}.r")
    with pytest.raises(LimitExceeded, match="nested"):
        deep = "{f: function(n) " + "[" * 80 + "f(n)" + "]" * 80 + ", r: f(1)}.r"
        run(deep, calls=10**9)
    assert run("{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f(40)}.r") == 40


def test_the_text_of_an_expression_is_bounded() -> None:
    with pytest.raises(LimitExceeded, match="characters in an expression"):
        compile_expression("1 + " * 50_000 + "1")
    with pytest.raises(LimitExceeded, match="as the exponent"):
        compile_expression("9" * 7_000)
    assert compile_expression("1 + 1", limits=Limits(expression_length=5)).text == "1 + 1"


def test_values_nested_too_deep_are_refused_everywhere() -> None:
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    for attempt in (
        lambda: run("a = b", {"a": deep, "b": [deep[0]]}),
        lambda: run("string(a)", {"a": deep}),
        lambda: to_json(deep),
        lambda: literal(deep),
    ):
        with pytest.raises(LimitExceeded, match="nested values"):
            attempt()
    with pytest.raises(FeelError):
        from_json("[" * 100_000)
    with pytest.raises(LimitExceeded):
        run("flatten(a)", {"a": from_nested(3_000)})


def from_nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_value_too_large_to_store_is_refused() -> None:
    shared: Any = [None]
    for _ in range(60):
        shared = [shared, shared]
    with pytest.raises(LimitExceeded):
        to_json(shared)


def test_an_environment_renews_its_budget_for_every_evaluation() -> None:
    surroundings = Environment(limits=Limits(steps=2_000))
    loop = compile_expression("for a in 1..900 return a")
    for _ in range(5):
        loop.evaluate({}, surroundings)


def test_a_nested_evaluation_shares_the_budget_of_the_outer_one() -> None:
    surroundings = Environment(limits=Limits(steps=2_000))
    inner = compile_expression("for a in 1..900 return a")
    function = Function("again", (), lambda: inner.evaluate({}, surroundings))
    with pytest.raises(LimitExceeded, match="steps"):
        compile_expression("for b in 1..5 return again()").evaluate({"again": function}, surroundings)
    assert compile_expression("count(again())").evaluate({"again": function}, surroundings) == 900


def test_warnings_are_bounded_and_read_as_sentences() -> None:
    surroundings = Environment(limits=Limits(warnings=3))
    compile_expression("for a in 1..10 return a + null").evaluate({}, surroundings)
    assert [str(reason) for reason in surroundings.warnings] == ["“+” is not defined for number and null."] * 3
    assert isinstance(surroundings.warnings[0], Reason)
    mine: list[Reason] = []
    compile_expression("nothing").evaluate({}, Environment(warnings=mine))
    assert mine[0].params == {"name": "nothing"}


def test_without_a_clock_of_its_own_an_environment_tells_the_time() -> None:
    assert compile_expression('now() > @"2024-01-01T00:00:00Z"').evaluate({}, Environment()) is True
