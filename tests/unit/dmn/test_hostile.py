"""Files made to hurt: whatever is wrong with a model, nothing but our own errors comes out of it, and soon."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from engine.dmn import check_model, evaluate_decision, read_dmn
from engine.dmn.mutation import mutations
from engine.errors import BaoxiuError
from engine.feel import Environment, LimitExceeded, Limits
from tests.unit.dmn.models import (
    component,
    context,
    decision,
    document,
    entry,
    evaluate,
    input_data,
    item,
    knowledge,
    literal,
    number,
    table,
)

WHOLE = document(
    item("tLevel", "string", allowed='"low", "high"'),
    item("tPerson", inner=component("name", "string") + component("level", "tLevel")),
    input_data("amount", "number"),
    input_data("who", "tPerson"),
    knowledge("k", {"n": "number"}, context(entry("a", literal("n + 1")), entry("", literal("a * 2")))),
    decision(
        "a", table([("amount", "number", "[0..100]")], [("out", "tLevel")], [("< 5", '"low"'), (">= 5", '"high"')])
    ),
    decision(
        "d",
        table(["a", "k(amount)"], ["x", "y"], [('"low"', "-", "1", "2"), ("-", "> 3", "3", "4")], policy="FIRST"),
        inputs=["i_amount", "i_who"],
        decisions=["a"],
        knowledge=["k"],
    ),
)


def test_a_thousand_damaged_files_raise_nothing_but_our_errors() -> None:
    chance = random.Random(20260302)
    parts = [
        b"<",
        b">",
        b'"',
        b"&lt;",
        b"..",
        b"a",
        b"#",
        b"d",
        b"(",
        b"text",
        b"literalExpression",
        b"rule",
        b"list",
        b"",
    ]
    for _ in range(1000):
        damaged = bytearray(WHOLE)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randint(0, 6)] = chance.choice(parts)
        try:
            model = read_dmn(bytes(damaged))
            check_model(model)
            evaluate_decision(model, "d", {"amount": Decimal(3)}, Environment())
        except BaoxiuError:
            continue


def test_references_swapped_at_random_raise_nothing_but_our_errors() -> None:
    chance = random.Random(7)
    words = ["i_amount", "i_who", "k", "a", "d", "tLevel", "tPerson", "number", "amount", "n"]
    for _ in range(300):
        one, other = chance.sample(words, 2)
        swapped = WHOLE.replace(f'"{one}"'.encode(), f'"{other}"'.encode()).replace(
            f'"#{one}"'.encode(), f'"#{other}"'.encode()
        )
        try:
            model = read_dmn(swapped)
            check_model(model)
            list(mutations(model))
            evaluate_decision(model, "d", {"amount": Decimal(3)}, Environment())
        except BaoxiuError:
            continue


def test_contexts_within_contexts_are_bounded_by_the_depth_of_the_file() -> None:
    logic = literal("1")
    for _ in range(90):
        logic = context(entry("", logic))
    assert evaluate(document(decision("d", logic))).value == number(1)
    for _ in range(90):
        logic = context(entry("", logic))
    with pytest.raises(BaoxiuError):
        read_dmn(document(decision("d", logic)))


def test_types_that_build_on_each_other_without_end_become_any() -> None:
    chain = [item(f"t{step}", f"t{step + 1}") for step in range(2000)]
    model = document(
        *chain, item("t2000", "number"), input_data("v", "t0"), decision("d", literal("v"), inputs=["i_v"])
    )
    assert evaluate(model, v="text").value == "text"


def test_knowledge_models_that_require_each_other_without_end_are_stopped() -> None:
    chain = [knowledge(f"k{step}", {}, literal(f"k{step + 1}()"), requires=[f"k{step + 1}"]) for step in range(2000)]
    model = document(*chain, knowledge("k2000", {}, literal("1")), decision("d", literal("k0()"), knowledge=["k0"]))
    with pytest.raises(LimitExceeded):
        evaluate(model)


def test_an_evaluation_has_one_budget_for_all_its_decisions() -> None:
    loop = "count(for i in 1..1000 return i)"
    chain = [decision("d0", literal(loop))]
    chain += [decision(f"d{step}", literal(loop), decisions=[f"d{step - 1}"]) for step in range(1, 40)]
    model = read_dmn(document(*chain))
    limits = Limits(steps=20_000)
    assert evaluate_decision(model, "d5", {}, Environment(limits=limits)).value == number(1000)
    with pytest.raises(LimitExceeded):
        evaluate_decision(model, "d39", {}, Environment(limits=limits))


def test_boxed_loops_are_bounded_too() -> None:
    logic = f'<for iteratorVariable="x"><in>{literal("[1..100000]")}</in><return>{literal("partial")}</return></for>'
    with pytest.raises(LimitExceeded):
        evaluate(document(decision("d", logic)))
    match = f"<match>{literal('item > 1 and item > 2')}</match>"
    logic = f"<filter><in>{literal('for i in 1..90000 return i')}</in>{match}</filter>"
    with pytest.raises(LimitExceeded):
        evaluate_decision(read_dmn(document(decision("d", logic))), "d", {}, Environment(limits=Limits(steps=100_000)))
