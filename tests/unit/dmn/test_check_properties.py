"""The checks of tables agree with what the tables do: on every finding's example, and on a grid where there is none."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dmn import SeveralRulesHit, check_model, evaluate_decision, read_dmn
from engine.dmn.mutation import mutations
from engine.feel import Environment, compile_expression
from tests.unit.dmn.models import decision, document, table

SMALL = st.integers(0, 3)
GRID = [Decimal(half) / 2 for half in range(-2, 15)]
WORDS = ["a", "b", "c"]


@st.composite
def spans(draw: st.DrawFn) -> str:
    low = draw(SMALL)
    high = low + draw(SMALL)
    return f"{draw(st.sampled_from('[('))}{low}..{high}{draw(st.sampled_from('])'))}"


comparisons = st.builds(lambda operator, end: f"{operator} {end}", st.sampled_from(["<", "<=", ">", ">="]), SMALL)
number_tests = st.one_of(spans(), comparisons, SMALL.map(str))
number_cells = st.one_of(
    st.just("-"),
    number_tests,
    st.lists(number_tests, min_size=1, max_size=2).map(lambda tests: f"not({', '.join(tests)})"),
    st.tuples(number_tests, number_tests).map(", ".join),
    st.builds(lambda end, other: f"? > {end} and ? <= {other}", SMALL, SMALL),
)
text_cells = st.one_of(
    st.just("-"),
    st.sampled_from(WORDS).map(lambda word: f'"{word}"'),
    st.sampled_from(WORDS).map(lambda word: f'not("{word}")'),
    st.just('"a", "b"'),
)
rules = st.lists(st.tuples(number_cells, text_cells), min_size=1, max_size=4)


def scope_of(example: str) -> dict[str, object]:
    pairs = (part.split(" = ", 1) for part in example.split("; ") if part)
    return {name: compile_expression(text).evaluate({}, Environment()) for name, text in pairs}


@settings(deadline=None, max_examples=150)
@given(rules)
def test_overlaps_and_gaps_are_those_that_evaluations_meet(cells: list[tuple[str, str]]) -> None:
    rows = [(*row, str(number)) for number, row in enumerate(cells, start=1)]
    inputs = [("x", "number"), ("y", "string")]
    model = read_dmn(document(decision("d", table(inputs, ["out"], rows))))
    collecting = read_dmn(document(decision("d", table(inputs, ["out"], rows, policy="COLLECT"))))

    def hits(scope: dict[str, object]) -> list[Decimal]:
        return evaluate_decision(collecting, "d", {"x": Decimal(0), "y": "a", **scope}, Environment()).value  # type: ignore[return-value]

    found = check_model(model)
    gaps = [scope_of(str(one.params["example"])) for one in found if one.code == "dmn-gap"]
    overlaps = [
        (scope_of(str(one.params["example"])), {Decimal(part) for part in str(one.params["rules"]).split(", ")})
        for one in found
        if one.code in ("dmn-overlap", "dmn-boundary")
    ]
    never = {int(str(one.params["rules"])) for one in found if one.code == "dmn-never"}
    for scope in gaps:
        assert hits(scope) == []
    for scope, numbers in overlaps:
        assert numbers <= set(hits(scope))
    grid = [hits({"x": x, "y": y}) for x, y in product(GRID, [*WORDS, "z"])]
    assert any(len(numbers) > 1 for numbers in grid) == bool(overlaps)
    assert any(not numbers for numbers in grid) == bool(gaps)
    assert all(int(number) not in never for numbers in grid for number in numbers)


@settings(deadline=None, max_examples=100)
@given(rules)
def test_a_shadowed_rule_is_one_that_never_decides(cells: list[tuple[str, str]]) -> None:
    rows = [(*row, str(number)) for number, row in enumerate(cells, start=1)]
    source = document(decision("d", table([("x", "number"), ("y", "string")], ["out"], rows, policy="FIRST")))
    model = read_dmn(source)
    silent = {int(str(one.params["rules"])) for one in check_model(model) if one.code in ("dmn-shadowed", "dmn-never")}
    deciding = {
        evaluate_decision(model, "d", {"x": x, "y": y}, Environment()).value
        for x, y in product([*GRID, None], [*WORDS, "z", None])
    }
    assert silent == set(range(1, len(rows) + 1)) - {int(value) for value in deciding if isinstance(value, Decimal)}


@settings(deadline=None, max_examples=60)
@given(rules)
def test_every_mutation_is_a_model_without_errors_in_its_cells(cells: list[tuple[str, str]]) -> None:
    rows = [(*row, "1") for row in cells]
    model = read_dmn(document(decision("d", table(["x", "y"], ["out"], rows, policy="FIRST"))))
    for one in mutations(model):
        mutated = read_dmn(one.content)
        assert "dmn-syntax" not in {finding.code for finding in check_model(mutated)}
        assert mutated.version != model.version


@settings(deadline=None, max_examples=60)
@given(rules)
def test_unique_raises_exactly_where_several_rules_hit(cells: list[tuple[str, str]]) -> None:
    rows = [(*row, str(number)) for number, row in enumerate(cells, start=1)]
    unique = read_dmn(document(decision("d", table(["x", "y"], ["out"], rows))))
    collecting = read_dmn(document(decision("d", table(["x", "y"], ["out"], rows, policy="COLLECT"))))
    for x, y in product(GRID[::2], WORDS):
        scope: dict[str, object] = {"x": x, "y": y}
        hits = evaluate_decision(collecting, "d", scope, Environment(), trace=False).value
        assert isinstance(hits, list)
        try:
            value = evaluate_decision(unique, "d", scope, Environment(), trace=False).value
        except SeveralRulesHit as error:
            assert list(error.rules) == hits
        else:
            assert [value] == (hits or [None])
