"""Backtest: which past cases would have come out otherwise, and how many per outcome."""

from __future__ import annotations

from decimal import Decimal

from engine.dmn import read_dmn
from engine.dmn.backtest import Backtest, backtest
from engine.feel import Environment, Function
from tests.unit.dmn.models import decision, document, literal, table


def run(limit: int, amounts: list[int]) -> Backtest:
    old = [
        ("d", {"amount": Decimal(amount)}, "low" if amount <= 100 else "high", f"case {amount}") for amount in amounts
    ]
    logic = table(["amount"], ["out"], [(f"<= {limit}", '"low"'), (f"> {limit}", '"high"')])
    return backtest(read_dmn(document(decision("d", logic))), old, Environment())


def test_an_unchanged_table_changes_no_case() -> None:
    result = run(100, [1, 100, 101])
    assert (result.evaluated, result.unchanged, result.changed) == (3, 3, ())


def test_changed_cases_are_named_with_both_outcomes_and_the_rule_that_applies_now() -> None:
    result = run(50, [1, 60, 70, 200])
    assert [(one.label, one.before, one.after, one.rules) for one in result.changed] == [
        ("case 60", '"low"', '"high"', (2,)),
        ("case 70", '"low"', '"high"', (2,)),
    ]
    assert result.transitions == {("d", '"low"', '"high"'): 2}
    assert list(result.lines())[-2:] == [
        '2 × d: "low" → "high"',
        "4 evaluated, 2 would come out otherwise, 2 as before",
    ]


def test_a_decision_that_can_no_longer_be_made_counts_as_changed() -> None:
    logic = table(["amount"], ["out"], [("<= 100", '"low"'), (">= 100", '"high"')])
    result = backtest(
        read_dmn(document(decision("d", logic))), [("d", {"amount": Decimal(100)}, "low", "c")], Environment()
    )
    [one] = result.changed
    assert one.after == "no decision: SeveralRulesHit"
    assert "rules 1, 2" in one.error


def test_decisions_the_model_no_longer_has_are_counted_apart() -> None:
    model = read_dmn(document(decision("d", literal("1"))))
    result = backtest(model, [("gone", {}, None, "c")], Environment())
    assert (result.evaluated, result.unknown) == (0, 1)


def test_functions_of_the_engine_are_passed_in() -> None:
    model = read_dmn(document(decision("d", literal("twice(n)"))))
    twice = Function("twice", ("n",), lambda n: n * 2)
    result = backtest(model, [("d", {"n": Decimal(2)}, Decimal(4), "c")], Environment(), {"twice": twice})
    assert result.unchanged == 1
