"""Item definitions: what conforms, what is converted, and what becomes null."""

from __future__ import annotations

import datetime

import pytest

from engine.feel import parse_expression
from engine.feel.temporal import Date, DateTime, Time
from tests.unit.dmn.models import component, decision, document, evaluate, input_data, item, literal, number


def through(type_ref: str, value: object, *definitions: str) -> object:
    """The value after it has passed an input of that type."""
    model = document(*definitions, input_data("v", type_ref), decision("d", literal("v"), inputs=["i_v"]))
    return evaluate(model, standard=True, v=value).value


LEVEL = item("tLevel", "string", allowed='"low", "high"')
PERSON = item("tPerson", inner=component("name", "string") + component("level", "tLevel"))
NUMBERS = item("tNumbers", "number", collection=True)


@pytest.mark.parametrize(
    ("type_ref", "value", "expected"),
    [
        ("number", 1, number(1)),
        ("number", "1", None),
        ("number", None, None),
        ("number", [1], number(1)),
        ("number", [1, 2], None),
        ("Any", "x", "x"),
        ("", [1], [number(1)]),
        ("tMissing", "x", "x"),
        ("integer", 5, number(5)),
        ("string", ["a"], "a"),
        ("boolean", True, True),
        ("dateTime", datetime.date(2026, 3, 2), DateTime(Date(2026, 3, 2), Time(0, 0, 0, zone=0))),
        ("dayTimeDuration", "x", None),
        ("context", {"a": 1}, {"a": number(1)}),
        ("list", 1, [number(1)]),
    ],
)
def test_simple_types(type_ref: str, value: object, expected: object) -> None:
    assert through(type_ref, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [([1, 2], [number(1), number(2)]), (1, [number(1)]), ([1, "a"], None), ("a", None)]
)
def test_a_collection_takes_one_item_for_a_list_of_it(value: object, expected: object) -> None:
    assert through("tNumbers", value, NUMBERS) == expected


@pytest.mark.parametrize(("value", "expected"), [("low", "low"), ("medium", None), (["high"], "high"), (None, None)])
def test_only_allowed_values_pass(value: object, expected: object) -> None:
    assert through("tLevel", value, LEVEL) == expected


def test_a_context_needs_all_its_members_and_may_have_more() -> None:
    definitions = (LEVEL, PERSON)
    full = {"name": "Li", "level": "low", "age": 40}
    assert through("tPerson", full, *definitions) == {"name": "Li", "level": "low", "age": number(40)}
    assert through("tPerson", {"name": "Li"}, *definitions) is None
    assert through("tPerson", {"name": "Li", "level": "medium"}, *definitions) is None
    assert through("tPerson", {"name": "Li", "level": None}, *definitions) == {"name": "Li", "level": None}
    assert through("tPerson", "Li", *definitions) is None


def test_allowed_values_of_a_collection_are_those_of_its_items() -> None:
    levels = item("tLevels", "string", allowed='"low", "high"', collection=True)
    assert through("tLevels", ["low", "high"], levels) == ["low", "high"]
    assert through("tLevels", ["low", "medium"], levels) is None


def test_a_constraint_of_a_collection_is_that_of_the_whole() -> None:
    pair = item("tPair", "number", constraint="count(?) = 2", collection=True)
    assert through("tPair", [1, 2], pair) == [number(1), number(2)]
    assert through("tPair", [1], pair) is None


def test_conditions_of_a_type_and_of_the_one_it_builds_on_hold_both() -> None:
    base = item("tBase", "number", allowed="> 0")
    narrow = item("tNarrow", "tBase", allowed="< 10")
    assert through("tNarrow", 5, base, narrow) == number(5)
    assert through("tNarrow", -5, base, narrow) is None
    assert through("tNarrow", 50, base, narrow) is None


def test_the_order_of_definitions_does_not_matter() -> None:
    assert through("tPerson", {"name": "Li", "level": "medium"}, PERSON, LEVEL) is None


def test_a_type_that_occurs_in_itself_is_any_there() -> None:
    tree = item("tTree", inner=component("label", "string") + component("children", "tTree", collection=True))
    value = {"label": "a", "children": [{"label": "b", "children": []}]}
    assert through("tTree", value, tree) == value
    assert through("tTree", {"label": 1, "children": []}, tree) is None
    assert through("tSelf", 5, item("tSelf", "tSelf")) == number(5)


def test_functions_are_types_too() -> None:
    wanted = item(
        "tF", inner='<functionItem outputTypeRef="number"><parameters name="n" typeRef="number"/></functionItem>'
    )
    for text, expected in (
        ("(function(n: number) 1) instance of tF", True),
        ("(function(n: string) 1) instance of tF", False),
    ):
        assert parse_expression(text) is not None
        assert evaluate(document(wanted, decision("d", literal(text)))).value is expected


def test_types_of_the_model_are_known_to_its_expressions() -> None:
    model = document(
        LEVEL, PERSON, decision("d", literal('[{name: "a", level: "b"} instance of tPerson, 1 instance of tLevel]'))
    )
    assert evaluate(model).value == [True, False]


def test_allowed_values_that_cannot_be_read_allow_everything() -> None:
    assert through("tA", "x", item("tA", "string", allowed='"a", >')) == "x"


def test_a_value_that_does_not_fit_leaves_a_reason() -> None:
    model = document(LEVEL, input_data("v", "tLevel"), decision("d", literal("v"), inputs=["i_v"]))
    [reason] = evaluate(model, v="medium").trace["warnings"] or ["none"]
    assert reason == "none" or "tLevel" in reason
