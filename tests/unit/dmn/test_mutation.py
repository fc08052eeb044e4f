"""Every boundary of a table can be moved by one step, and the mutated file is a model."""

from __future__ import annotations

import pytest

from engine.dmn import evaluate_decision, read_dmn
from engine.dmn.mutation import mutations
from engine.feel import Environment, from_python
from tests.unit.dmn.models import component, decision, document, input_data, item, knowledge, table


def cells_of(cell: str, *others: str) -> list[str]:
    """The mutated texts of the first rule's cell."""
    rows = [(text, "1") for text in (cell, *others)]
    model = read_dmn(document(decision("d", table(["x"], ["out"], rows))))
    return [found.change.partition(" → ")[2] for found in mutations(model) if found.rule == 1]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("5000", ["5001"]),
        ("-5", ["-6"]),
        ("0.05", ["0.06"]),
        ("< 5", ["<= 5", "< 6"]),
        (">= 1.5", ["> 1.5", ">= 1.6"]),
        ("= 5", ["= 6"]),
        ("[1..5)", ["(1..5)", "[1..5]", "[2..5)", "[1..6)"]),
        ("? > 3", ["? >= 3", "? > 4"]),
        ("not(5)", ["not(6)"]),
        ("true", ["false"]),
        ("null", []),
        ("-", []),
        ("> limit", [">= limit"]),
        ('date("2026-02-28")', ['date("2026-03-01")']),
        ('@"2026-12-31T23:59:00Z"', ['@"2027-01-01T00:00:00Z"']),
        ('@"23:59:00"', ['@"00:00:00"']),
        ('< duration("PT4H")', ['<= duration("PT4H")', '< duration("PT4H1M")']),
        ('@"P1Y"', ['@"P1Y1M"']),
        ('@"nonsense"', []),
        ('date("nonsense")', []),
        ("1, 2", ["2, 2", "1, 3"]),
    ],
)
def test_a_boundary_moves_by_the_smallest_sensible_step(cell: str, expected: list[str]) -> None:
    assert cells_of(cell) == expected


def test_a_text_is_swapped_for_another_of_its_column_or_changed_when_there_is_none() -> None:
    assert cells_of('"a"', '"b"', '"c"') == ['"b"']
    assert cells_of('"a"') == ['"a?"']


def test_declared_values_come_first_when_a_text_is_swapped() -> None:
    logic = table([("x", "string", '"z", "a"')], ["out"], [('"a"', "1"), ('"b"', "2")])
    model = read_dmn(document(decision("d", logic)))
    assert [found.change for found in mutations(model)] == ['x: "a" → "z"', 'x: "b" → "z"']


def test_a_mutation_says_where_it_is_and_is_a_model_that_decides_otherwise() -> None:
    logic = table(["amount"], ["out"], [("<= 5000", '"a"'), ("> 5000", '"b"')])
    model = read_dmn(document(decision("d", logic)))
    found = list(mutations(model))
    assert [(one.decision, one.rule) for one in found] == [("d", 1), ("d", 1), ("d", 2), ("d", 2)]
    flipped = read_dmn(found[0].content)
    assert found[0].change == "amount: <= 5000 → < 5000"
    scope = {"amount": from_python(5000)}
    assert evaluate_decision(model, "d", scope, Environment()).value == "a"
    assert evaluate_decision(flipped, "d", scope, Environment()).value is None


def test_each_file_has_one_change_only() -> None:
    logic = table(["x"], ["out"], [("< 5", "1"), ("< 7", "2")])
    contents = {one.content for one in mutations(read_dmn(document(decision("d", logic))))}
    assert len(contents) == 4
    assert all(content.count(b"&lt; 5") + content.count(b"&lt; 7") == 1 for content in contents)


def test_tables_of_knowledge_models_and_within_contexts_are_mutated() -> None:
    inner = table(["x"], ["out"], [("1", "1")])
    boxed = f"<context><contextEntry><variable name='a'/>{inner}</contextEntry></context>"
    model = read_dmn(document(decision("d", boxed), knowledge("k", {"x": ""}, inner), decision("none", "")))
    assert [(one.decision, one.rule) for one in mutations(model)] == [("d", 1), ("k", 1)]


def test_names_with_operators_stay_names() -> None:
    logic = table(["x"], ["out"], [("> p.pre-tax", "1")])
    model = read_dmn(
        document(
            item("tP", inner=component("pre-tax", "number")),
            input_data("p", "tP"),
            input_data("x"),
            decision("d", logic, inputs=["i_p", "i_x"]),
        )
    )
    assert [one.change for one in mutations(model)] == ["x: > p.pre-tax → >= p.pre-tax"]


def test_a_cell_that_cannot_be_read_is_left_alone() -> None:
    assert cells_of("> >") == []
