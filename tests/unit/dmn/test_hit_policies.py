"""The seven hit policies, the aggregators, defaults and allowed values."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.dmn import BrokenExpression, SeveralRulesHit, ValueNotAllowed
from tests.unit.dmn.models import decision, document, evaluate, item, number, requiring, table, value_of

AMOUNTS = [("<= 100", '"low"'), (">= 100", '"high"')]


def amounts(policy: str, **more: object) -> str:
    return table(["amount"], ["out"], AMOUNTS, policy=policy)


def test_unique_gives_the_one_hit() -> None:
    assert value_of(amounts("UNIQUE"), amount=5) == "low"


def test_unique_with_two_hits_is_an_error_that_names_both_rules_and_the_input() -> None:
    with pytest.raises(SeveralRulesHit) as caught:
        value_of(amounts("UNIQUE"), amount=100)
    assert caught.value.rules == (1, 2)
    assert caught.value.inputs == (("amount", "100"),)
    assert "rules 1, 2" in str(caught.value)


def test_unique_with_two_hits_is_null_in_the_standard_mode() -> None:
    result = evaluate(requiring(amounts("UNIQUE"), "amount"), standard=True, amount=100)
    assert result.value is None
    assert "rules 1, 2" in result.trace["warnings"][0]


def test_no_hit_is_null() -> None:
    assert value_of(table(["x"], ["out"], [("1", "2")]), x=7) is None


def test_a_null_input_hits_no_comparison() -> None:
    assert value_of(amounts("UNIQUE"), amount=None) is None


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT"])
def test_the_default_output_stands_for_no_hit(policy: str) -> None:
    logic = table(["x"], [("out", "", '"a", "z"', '"z"')], [("1", '"a"')], policy=policy)
    assert value_of(logic, x=7) == "z"


def test_the_default_of_several_outputs_is_a_context_with_null_where_none_is_named() -> None:
    logic = table(["x"], [("one", "", "", '"z"'), "two"], [("1", '"a"', '"b"')])
    assert value_of(logic, x=7) == {"one": "z", "two": None}


def test_any_accepts_several_hits_with_the_same_output() -> None:
    logic = table(["x"], ["out"], [("< 5", '"a"'), ("< 10", '"a"')], policy="ANY")
    assert value_of(logic, x=3) == "a"


def test_any_with_different_outputs_is_an_error_that_names_the_rules() -> None:
    logic = table(["x"], ["out"], [("< 5", '"a"'), ("< 10", '"b"')], policy="ANY")
    with pytest.raises(SeveralRulesHit) as caught:
        value_of(logic, x=3)
    assert caught.value.policy == "ANY"
    assert value_of(logic, x=3, standard=True) is None


def test_first_takes_the_first_in_rule_order() -> None:
    assert value_of(amounts("FIRST"), amount=100) == "low"


def test_priority_takes_the_output_that_stands_first_in_the_allowed_values() -> None:
    logic = table(["amount"], [("out", "", '"high", "low"')], AMOUNTS, policy="PRIORITY")
    assert value_of(logic, amount=100) == "high"


def test_priority_goes_by_the_first_column_then_by_the_second() -> None:
    logic = table(
        ["x"],
        [("one", "", '"a", "b"'), ("two", "", "2, 1")],
        [("-", '"b"', "2"), ("-", '"a"', "1"), ("-", '"a"', "2")],
        policy="PRIORITY",
    )
    assert value_of(logic, x=1) == {"one": "a", "two": number(2)}


def test_priority_without_allowed_values_keeps_rule_order() -> None:
    assert value_of(amounts("PRIORITY"), amount=100) == "low"


def test_rule_order_lists_the_hits_from_top_to_bottom() -> None:
    assert value_of(amounts("RULE ORDER"), amount=100) == ["low", "high"]


def test_output_order_lists_the_hits_by_priority() -> None:
    logic = table(["amount"], [("out", "", '"high", "low"')], AMOUNTS, policy="OUTPUT ORDER")
    assert value_of(logic, amount=100) == ["high", "low"]


def test_collect_lists_the_hits() -> None:
    assert value_of(amounts("COLLECT"), amount=100) == ["low", "high"]


def test_collect_of_several_outputs_lists_contexts() -> None:
    logic = table(["x"], ["a", "b"], [("-", "1", "2"), ("-", "3", "4")], policy="COLLECT")
    assert value_of(logic, x=1) == [{"a": number(1), "b": number(2)}, {"a": number(3), "b": number(4)}]


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", "60"), ("MIN", "10"), ("MAX", "30"), ("COUNT", "3")])
def test_collect_aggregates(aggregation: str, expected: str) -> None:
    logic = table(["x"], ["out"], [("-", "20"), ("-", "10"), ("-", "30")], policy="COLLECT", aggregation=aggregation)
    assert value_of(logic, x=1) == Decimal(expected)


def test_collect_of_nothing_is_an_empty_list_a_count_of_zero_and_otherwise_null() -> None:
    for aggregation, expected in (("", []), ("COUNT", Decimal(0)), ("SUM", None), ("MIN", None)):
        logic = table(["x"], ["out"], [("1", "20")], policy="COLLECT", aggregation=aggregation)
        assert value_of(logic, x=2) == expected


def test_collect_aggregates_every_output_by_itself() -> None:
    logic = table(["x"], ["a", "b"], [("-", "1", "9"), ("-", "3", "4")], policy="COLLECT", aggregation="MAX")
    assert value_of(logic, x=1) == {"a": number(3), "b": number(9)}


def test_collect_aggregates_dates_and_texts_by_their_order() -> None:
    logic = table(["x"], ["out"], [("-", '"b"'), ("-", '"a"')], policy="COLLECT", aggregation="MIN")
    assert value_of(logic, x=1) == "a"


@pytest.mark.parametrize("aggregation", ["SUM", "MIN", "MAX"])
def test_what_cannot_be_aggregated_is_null_with_a_reason(aggregation: str) -> None:
    logic = table(["x"], ["out"], [("-", '"b"'), ("-", "1")], policy="COLLECT", aggregation=aggregation)
    result = evaluate(document(decision("d", logic)), x=1)
    assert result.value is None
    assert "cannot be" in result.trace["warnings"][0]


def test_the_sum_keeps_all_digits() -> None:
    logic = table(["x"], ["out"], [("-", "0.1"), ("-", "0.2")], policy="COLLECT", aggregation="SUM")
    assert value_of(logic, x=1) == Decimal("0.3")


def test_a_rule_hits_only_when_every_cell_does() -> None:
    logic = table(["a", "b"], ["out"], [("> 1", '"x", "y"', "1"), ("-", 'not("x")', "2")], policy="COLLECT")
    assert value_of(logic, a=2, b="x") == [number(1)]
    assert value_of(logic, a=2, b="y") == [number(1), number(2)]
    assert value_of(logic, a=0, b="y") == [number(2)]


def test_an_input_that_the_column_does_not_allow_is_an_error_and_null_in_the_standard() -> None:
    logic = table([("region", "string", '"EU", "US"')], ["out"], [("-", "1")])
    with pytest.raises(ValueNotAllowed, match="region"):
        value_of(logic, region="CN")
    assert value_of(logic, region="CN", standard=True) is None
    assert value_of(logic, region="EU") == number(1)
    assert value_of(logic, region=None) == number(1)


def test_an_output_that_the_column_does_not_allow_is_an_error_and_null_in_the_standard() -> None:
    logic = table(["x"], [("out", "", '"a"')], [("-", "y")])
    with pytest.raises(ValueNotAllowed):
        value_of(logic, x=1, y="b")
    assert value_of(logic, x=1, y=None) is None
    assert value_of(logic, standard=True, x=1, y="b") is None


def test_priority_takes_its_order_from_the_type_when_the_column_has_no_values() -> None:
    logic = table(["amount"], [("out", "tLevel")], AMOUNTS, policy="PRIORITY")
    model = document(item("tLevel", "string", allowed='"high", "low"'), decision("d", logic))
    assert evaluate(model, amount=100).value == "high"


def test_a_cell_that_cannot_be_read_refuses_the_table_even_when_another_rule_would_hit() -> None:
    logic = table(["x"], ["out"], [("-", "1"), ("> >", "2")], policy="FIRST")
    with pytest.raises(BrokenExpression):
        value_of(logic, x=1)
    assert value_of(logic, x=1, standard=True) is None


def test_a_list_type_of_a_column_means_the_whole_list_where_several_rules_may_hit() -> None:
    numbers = item("tNumbers", "number", collection=True)
    rules = [("-", "1"), ("-", "2")]
    for policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
        logic = table(["x"], [("out", "tNumbers")], rules, policy=policy)
        assert evaluate(document(numbers, decision("d", logic)), x=1).value == [number(1), number(2)]
    logic = table(["x"], [("out", "tNumbers")], rules, policy="FIRST")
    assert evaluate(document(numbers, decision("d", logic)), x=1).value == [number(1)]


def test_the_type_of_a_table_converts_where_it_can_and_otherwise_does_no_harm() -> None:
    logic = table(["x"], ["out"], [("-", "1"), ("-", "2")], policy="COLLECT").replace("id=", 'typeRef="number" id=')
    assert value_of(logic, x=1) == [number(1), number(2)]
    logic = table(["x"], ["out"], [("-", "1")], policy="COLLECT").replace("id=", 'typeRef="number" id=')
    assert value_of(logic, x=1) == number(1)


def test_an_input_is_converted_to_its_columns_type_where_that_works() -> None:
    logic = table([("x", "number")], ["out"], [("5", '"five"'), ('"a"', '"text"')])
    assert value_of(logic, x=[5]) == "five"
    assert value_of(logic, x="a") == "text"


def test_cells_in_another_language_are_refused() -> None:
    logic = table(["x"], ["out"], [("5", "1")]).replace("<inputEntry>", '<inputEntry expressionLanguage="juel">')
    with pytest.raises(BrokenExpression, match="juel is not FEEL"):
        value_of(logic, x=5)


@pytest.mark.parametrize("cell", ["? > 5", "not(? > 5)", "? > 5 and ? < 9", "? between 1 and 9", 'contains(?, "a")'])
def test_a_cell_that_cannot_tell_anything_about_null_does_not_hit(cell: str) -> None:
    assert value_of(table(["x"], ["out"], [(cell, "1")]), x=None) is None
