"""Values to JSON and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import BrokenJson, Function, NotStorable, from_json, from_python, to_json
from engine.feel.values import same
from tests.unit.feel.examples import evaluate

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("Cs",))),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.times(),
)
keys = st.sampled_from(("a", "@", "两 字", ""))
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))


@given(values)
def test_what_is_stored_comes_back_the_same(value: Any) -> None:
    ours = from_python(value)
    text = to_json(ours)
    json.loads(text)
    back = from_json(text)
    assert back == ours and to_json(back) == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("null", "null"),
        ("1.50", "1.50"),
        ('[1, true, "故障"]', '[1, true, "故障"]'),
        ('@"2026-03-02T09:00:00+08:00"', '{"@": "2026-03-02T09:00:00+08:00"}'),
        ('{a: @"P1D"}', '{"a": {"@": "P1D"}}'),
        ('{"@": 1}', '{"@": {"context": {"@": 1}}}'),
        ('{"@": "x", b: 2}', '{"@": {"context": {"@": "x", "b": 2}}}'),
        ("[1..5)", '{"@": {"range": [1, 5], "included": [true, false]}}'),
        ("(< 5)", '{"@": {"range": [null, 5], "included": [false, false]}}'),
    ],
)
def test_values_have_one_text(expression: str, text: str) -> None:
    value = evaluate(expression)
    assert to_json(value) == text
    assert same(from_json(text), value)


def test_numbers_keep_all_digits() -> None:
    digits = "1234567890.123456789012345678901234"
    assert to_json(Decimal(digits)) == digits and str(from_json(digits)) == digits
    assert from_json("[1, 2.0, 1e3]") == [Decimal(1), Decimal("2.0"), Decimal(1000)]


@pytest.mark.parametrize(
    "text",
    ["", "{", "NaN", "Infinity", '{"@": "nonsense"}', '{"@": 5}', '{"@": {"x": 1}}', '{"@": {"context": 5}}',
     '{"@": {"range": [1], "included": [true, true]}}', '{"@": {"range": 5, "included": 6}}'],
)  # fmt: skip
def test_what_to_json_never_writes_is_refused(text: str) -> None:
    with pytest.raises(BrokenJson):
        from_json(text)


def test_a_function_cannot_be_stored() -> None:
    with pytest.raises(NotStorable):
        to_json([Function("f", (), lambda: 1)])


def test_only_values_of_feel_are_stored_and_only_known_values_come_in() -> None:
    for attempt in (lambda: to_json(5), lambda: from_python(object()), lambda: from_python({1, 2})):
        with pytest.raises(TypeError):
            attempt()
    for number in (float("nan"), float("inf"), Decimal("NaN")):
        with pytest.raises(ValueError, match="is no number"):
            from_python(number)
    with pytest.raises(TypeError, match="from_python"):
        evaluate("x + 1", {"x": 5})


def test_python_s_containers_come_in_as_lists_and_contexts() -> None:
    assert from_python((1, [2.5], {"a": (3,)})) == [Decimal(1), [Decimal("2.5")], {"a": [Decimal(3)]}]
    function = Function("f", (), lambda: 1)
    assert from_python([function, evaluate("[1..2]"), evaluate('@"P1D"')])[0] is function
