"""The static checks: what is said about a model, with rule, column and example."""

from __future__ import annotations

import pytest

from engine.dmn import check_model, read_dmn
from engine.findings import Finding, Severity
from tests.unit.dmn.models import (
    component,
    context,
    decision,
    document,
    entry,
    input_data,
    item,
    knowledge,
    literal,
    table,
)


def findings(*elements: str) -> list[Finding]:
    return check_model(read_dmn(document(*elements), "rules.dmn"))


def of_table(
    *rules: tuple[str, ...], inputs: object = None, outputs: object = None, policy: str = "UNIQUE"
) -> list[Finding]:
    columns = inputs if isinstance(inputs, list) else [("amount", "number")]
    results = outputs if isinstance(outputs, list) else ["out"]
    return findings(decision("d", table(columns, results, rules, policy=policy)))


def codes(found: list[Finding]) -> list[str]:
    return [finding.code for finding in found]


def only(found: list[Finding], code: str) -> Finding:
    matching = [finding for finding in found if finding.code == code]
    assert len(matching) == 1, [str(finding) for finding in found]
    return matching[0]


def test_a_sound_table_has_no_findings() -> None:
    assert of_table(("<= 5000", '"a"'), ("> 5000", '"b"')) == []


# Overlaps and boundaries


def test_rules_that_overlap_under_unique_are_an_error_with_their_numbers_and_an_example() -> None:
    finding = only(of_table(("<= 5000", "1"), ("> 1000", "2")), "dmn-overlap")
    assert finding.severity is Severity.ERROR
    assert finding.element == "d"
    assert finding.params["rules"] == "1, 2"
    assert finding.params["example"] == "amount = 5000"
    assert finding.file == "rules.dmn"


def test_two_ranges_that_meet_in_one_value_are_a_boundary_conflict() -> None:
    finding = only(of_table(("<= 5000", "1"), (">= 5000", "2")), "dmn-boundary")
    assert finding.message == ("Rules 1, 2 both apply exactly at amount = 5000, but the hit policy is UNIQUE.")


def test_the_same_value_in_two_rows_is_an_overlap() -> None:
    found = of_table(('"a"', "1"), ('"a", "b"', "2"), ('not("a", "b")', "3"), inputs=["kind"])
    assert only(found, "dmn-overlap").params["example"] == 'kind = "a"'


def test_rules_overlap_only_when_all_their_cells_do() -> None:
    inputs = [("amount", "number"), ("kind", "string")]
    assert of_table(("<= 10", '"a"', "1"), ("<= 10", 'not("a")', "2"), ("> 10", "-", "3"), inputs=inputs) == []


def test_under_any_only_different_outputs_are_an_error() -> None:
    assert of_table(("<= 10", '"a"'), ("> 5", '"a"'), policy="ANY") == []
    assert codes(of_table(("<= 10", '"a"'), ("> 5", '"b"'), policy="ANY")) == ["dmn-overlap"]
    assert of_table(("<= 10", "x"), ("> 5", "x + 1"), inputs=[("x", "number")], policy="ANY") == []


def test_under_first_a_common_end_is_a_warning_and_a_catch_all_row_is_none() -> None:
    finding = only(of_table(("<= 10", '"a"'), (">= 10", '"b"'), policy="FIRST"), "dmn-boundary")
    assert finding.severity is Severity.WARNING
    assert of_table(("<= 10", '"a"'), ("-", '"b"'), policy="FIRST") == []


def test_policies_of_several_hits_may_overlap_and_leave_gaps() -> None:
    for policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
        assert of_table(("> 1", "1"), ("> 2", "2"), policy=policy) == []


# Gaps


def test_a_gap_is_reported_with_its_region_and_an_example() -> None:
    finding = only(of_table(("< 0", "1"), ("(0..10)", "2"), ("> 10", "3"), ("0", "4")), "dmn-gap")
    assert finding.severity is Severity.WARNING
    assert finding.params["region"] == "amount: 10"
    assert finding.params["example"] == "amount = 10"


def test_gaps_between_whole_numbers_are_none_in_a_column_of_whole_numbers() -> None:
    rules = (("<= 17", "1"), (">= 18", "2"))
    assert of_table(*rules, inputs=[("age", "integer")]) == []
    finding = only(of_table(*rules, inputs=[("age", "number")]), "dmn-gap")
    assert finding.params["region"] == "age: (17..18)"
    assert finding.params["example"] == "age = 17.5"


def test_there_is_no_gap_between_two_days() -> None:
    rules = (('<= date("2026-03-01")', "1"), ('>= date("2026-03-02")', "2"))
    assert of_table(*rules, inputs=[("day", "date")]) == []


@pytest.mark.parametrize(
    ("low", "high", "example"),
    [
        ('@"2026-03-01T00:00:00Z"', '@"2026-03-02T00:00:00Z"', '@"2026-03-01T01:00:00Z"'),
        ('@"10:00:00"', '@"12:00:00"', '@"11:00:00"'),
        ('@"PT1H"', '@"PT3H"', '@"PT2H"'),
        ('@"P1Y"', '@"P3Y"', '@"P1Y1M"'),
        ('@"2026-03-01"', '@"2026-03-09"', '@"2026-03-02"'),
    ],
)
def test_gaps_are_found_among_all_ordered_kinds(low: str, high: str, example: str) -> None:
    finding = only(of_table((f"<= {low}", "1"), (f">= {high}", "2"), inputs=["x"]), "dmn-gap")
    assert finding.params["example"] == f"x = {example}"


def test_texts_that_no_rule_names_are_a_gap_unless_the_column_declares_its_values() -> None:
    rules = (('"a"', "1"), ('"b"', "2"))
    assert codes(of_table(*rules, inputs=[("kind", "string")])) == ["dmn-gap"]
    assert of_table(*rules, inputs=[("kind", "string", '"a", "b"')]) == []
    found = of_table(*rules, inputs=[("kind", "string", '"a", "b", "c"')])
    assert only(found, "dmn-gap").params["example"] == 'kind = "c"'


def test_values_declared_by_the_type_of_the_input_close_gaps() -> None:
    logic = table(["kind"], ["out"], [('"a"', "1"), ('"b"', "2")])
    kinds = item("tKind", "string", allowed='"a", "b"')
    assert findings(kinds, input_data("kind", "tKind"), decision("d", logic, inputs=["i_kind"])) == []


def test_one_boolean_alone_is_a_gap() -> None:
    finding = only(of_table(("true", "1"), inputs=[("sure", "boolean")]), "dmn-gap")
    assert finding.params["region"] == "sure: false"


def test_a_default_output_closes_all_gaps() -> None:
    assert of_table(("> 5", "1"), outputs=[("out", "", "", "0")]) == []


def test_null_is_no_gap() -> None:
    assert of_table(("null", "1"), ("<= 5", "2"), ("> 5", "3")) == []


def test_gaps_over_two_columns_name_both() -> None:
    inputs = [("amount", "number"), ("sure", "boolean")]
    found = of_table(("<= 5", "-", "1"), ("> 5", "true", "2"), inputs=inputs)
    assert only(found, "dmn-gap").params["region"] == "amount: > 5; sure: false"


# Rules without effect


def test_a_rule_behind_a_catch_all_is_shadowed_under_first() -> None:
    finding = only(of_table(("-", "1"), ("> 5", "2"), policy="FIRST"), "dmn-shadowed")
    assert finding.params["rules"] == "2"
    assert finding.params["others"] == "1"


def test_several_rules_together_may_shadow_one() -> None:
    finding = only(of_table(("<= 5", "1"), ("> 3", "2"), ("[1..9]", "3"), policy="FIRST"), "dmn-shadowed")
    assert finding.params["others"] == "1, 2"


def test_a_last_row_for_null_is_not_shadowed() -> None:
    assert of_table(("<= 5", "1"), ("> 5", "2"), ("-", "3"), policy="FIRST") == []


def test_rules_that_meet_only_in_null_overlap_only_where_the_table_speaks_of_null() -> None:
    inputs = [("kind", "string", '"a", "b"')]
    assert of_table(('not("a")', "1"), ('not("b")', "2"), inputs=inputs) == []
    found = of_table(("null", "1"), ("-", "2"), inputs=["x"])
    assert only(found, "dmn-overlap").params["example"] == "x = null"


def test_under_priority_outputs_decide_which_rule_is_shadowed() -> None:
    outputs = [("out", "", '"high", "low"')]
    found = of_table(("> 5", '"low"'), ("-", '"high"'), outputs=outputs, policy="PRIORITY")
    assert only(found, "dmn-shadowed").params["rules"] == "1"
    assert of_table(("> 5", '"high"'), ("-", '"low"'), outputs=outputs, policy="PRIORITY") == []
    assert of_table(("> 5", '"low"'), ("-", "amount"), outputs=outputs, policy="PRIORITY") == []


def test_a_rule_that_no_value_passes_is_reported() -> None:
    assert codes(of_table(("> 5, <= 5", "1"), ("? > 3 and ? < 2", "2"), policy="FIRST")) == ["dmn-never"]
    inputs = [("amount", "number", "[0..100]")]
    found = of_table(("<= 100", "1"), ("> 100", "2"), inputs=inputs)
    assert only(found, "dmn-never").params["rules"] == "2"


# What is beyond analysis


@pytest.mark.parametrize(
    "cell", ["> limit", 'contains(?, "x")', "? * 2 > 5", "today()", '"a" < ?', "[1, limit]", "limit + 1"]
)
def test_nothing_is_said_about_cells_beyond_analysis(cell: str) -> None:
    found = of_table((cell, "1"), ("-", "2"), inputs=["x", "limit"][:1], policy="FIRST")
    assert set(codes(found)) <= {"dmn-unknown-name"}


def test_columns_of_mixed_kinds_are_beyond_analysis() -> None:
    assert of_table(('"a"', "1"), ("5", "2"), inputs=["x"]) == []
    assert of_table(('@"2026-03-02T10:00:00"', "1"), ('@"2026-03-02T10:00:00Z"', "2"), inputs=["x"]) == []


def test_a_day_has_no_time_before_midnight_and_none_after_its_last_nanosecond() -> None:
    rules = (('>= @"00:00:00"', "1"), ('@"23:59:59.999999999"', "2"))
    assert codes(of_table(*rules, inputs=["at"])) == ["dmn-overlap"]
    finding = only(of_table(('@"10:00:00"', "1"), inputs=["at"]), "dmn-gap")
    assert finding.params["example"] == 'at = @"00:00:00"'


@pytest.mark.parametrize(
    "cells",
    [
        ("[1..3)", ">= 3", "< 1"),
        ("? >= 1 and ? < 3", "3 <= ?", "< 1"),
        ("? between 1 and 3", "> 3", "< 1"),
        ("? in [1..3]", "> 3", "< 1"),
        ("not(< 1, > 3)", "> 3", "< 1"),
        ("not(? < 1) and ? <= 3", "> 3", "< 1"),
        ("[1..3]", "> 3", "< -1, [-1..1)"),
        ("!= 5", "= 5", "> 6 and < 6"),
    ],
)
def test_every_way_of_writing_a_range_is_understood(cells: tuple[str, ...]) -> None:
    found = of_table(*((cell, str(index)) for index, cell in enumerate(cells)))
    assert [code for code in codes(found) if code in ("dmn-gap", "dmn-overlap", "dmn-boundary")] == []


def test_the_same_moment_in_two_zones_is_one_value() -> None:
    rules = (('<= @"2026-03-01T08:00:00+08:00"', "1"), ('>= @"2026-03-01T00:00:00Z"', "2"))
    assert codes(of_table(*rules, inputs=["at"])) == ["dmn-boundary"]


def test_a_thousand_rules_are_checked_in_seconds() -> None:
    rules = [(f"[{index}..{index + 1})", f'"r{index}"') for index in range(1000)]
    found = of_table(*rules)
    assert codes(found) == ["dmn-gap", "dmn-gap"] or codes(found) == ["dmn-gap"]


def test_a_table_too_intricate_is_left_alone() -> None:
    inputs = [f"x{column}" for column in range(9)]
    rules = [(*(f"[{row * 3 + column}..{row * 3 + column + 1}]" for column in range(9)), "1") for row in range(9)]
    found = of_table(*rules, inputs=inputs, policy="FIRST")
    assert set(codes(found)) <= {"dmn-gap"}


# Syntax, names, types


def test_a_cell_that_cannot_be_read_is_reported_with_rule_and_column() -> None:
    finding = only(of_table(("-", "1"), ("> >", "2")), "dmn-syntax")
    assert finding.params["rule"] == 2
    assert finding.params["column"] == "amount"
    assert finding.params["expression"] == "> >"
    assert "Rule 2, column amount" in finding.message
    assert finding.line > 0


def test_every_broken_cell_is_reported() -> None:
    assert codes(of_table(("> >", "1 +"), ("<<", "2"))) == ["dmn-syntax"] * 3


def test_a_broken_column_head_and_a_broken_literal_are_reported() -> None:
    assert "Column 1 +" in of_table(("-", "1"), inputs=["1 +"])[0].message
    assert codes(findings(decision("d", literal("1 +")))) == ["dmn-syntax"]
    assert codes(findings(knowledge("k", {"a": ""}, literal("a +")))) == ["dmn-syntax"]


def test_a_text_without_quotes_is_an_unknown_name() -> None:
    finding = only(of_table(("EU", "1"), ("-", "2"), inputs=["region"], policy="FIRST"), "dmn-unknown-name")
    assert finding.severity is Severity.WARNING
    assert finding.params["name"] == "EU"
    assert finding.params["rule"] == 1


def test_a_decision_without_declared_inputs_may_use_any_variable_in_its_columns_and_again_in_its_cells() -> None:
    assert of_table(("> 5", "amount * 2"), ("<= 5", "0")) == []
    assert findings(decision("d", literal("amount * 2"))) == []


def test_a_decision_with_declared_inputs_may_use_only_those() -> None:
    logic = table(["amount", "region"], ["out"], [("-", "-", "1")])
    finding = only(findings(input_data("amount"), decision("d", logic, inputs=["i_amount"])), "dmn-unknown-name")
    assert finding.params["name"] == "region"
    assert "Column region" in finding.message


def test_names_of_knowledge_models_are_their_parameters() -> None:
    found = findings(knowledge("k", {"a": ""}, literal("a + b + k(1)")))
    assert only(found, "dmn-unknown-name").params["name"] == "b"


def test_names_bound_by_contexts_loops_and_filters_are_known() -> None:
    logic = context(
        entry("a", literal("1")),
        entry(
            "b", "<for iteratorVariable='x'><in>" + literal("[a]") + "</in><return>" + literal("x") + "</return></for>"
        ),
        entry("c", "<filter><in>" + literal("[{n: 1}]") + "</in><match>" + literal("n > 0") + "</match></filter>"),
        entry("", literal("[a, b, c][item > 0 and n > 1]")),
    )
    assert findings(knowledge("k", {}, logic)) == []


def test_a_function_nobody_defines_is_an_error() -> None:
    finding = only(of_table(("frobnicate(?)", "1"), ("-", "max(1, 2)"), policy="FIRST"), "dmn-unknown-function")
    assert finding.severity is Severity.ERROR
    assert "Rule 1, column amount" in finding.message


def test_functions_that_the_caller_passes_in_are_known() -> None:
    logic = literal('working time after(start, @"PT4H")')
    model = read_dmn(document(decision("d", logic)), names=frozenset({"working time after"}))
    assert check_model(model) == []


def test_a_cell_of_another_kind_than_its_column_never_applies() -> None:
    finding = only(of_table(("> 5", "1"), ('"a"', "2"), inputs=[("kind", "string")], policy="FIRST"), "dmn-cell-type")
    assert finding.params["rule"] == 1
    assert finding.params["given"] == "number"


def test_an_output_of_another_kind_than_its_column_is_an_error() -> None:
    found = of_table(("<= 5", '"a"'), ("> 5", "2"), outputs=[("out", "number")])
    assert only(found, "dmn-output-type").params["rule"] == 1
    found = of_table(("<= 5", "amount > 3"), ("> 5", "2"), outputs=[("out", "number")])
    assert only(found, "dmn-output-type").params["rule"] == 1


def test_an_output_that_is_not_among_the_allowed_values_is_an_error() -> None:
    found = of_table(("<= 5", '"a"'), ("> 5", '"c"'), outputs=[("out", "string", '"a", "b"')])
    assert only(found, "dmn-output-value").params["value"] == '"c"'


def test_several_outputs_need_names_of_their_own() -> None:
    found = of_table(("-", "1", "2"), outputs=["same", "same"])
    assert only(found, "dmn-output-name").params["number"] == 2


def test_an_unknown_type_is_a_warning() -> None:
    found = findings(
        item("tList", "tNobody", inner=""),
        item("tContext", inner=component("a", "tNothing")),
        input_data("x", "tMissing"),
        decision("d", literal("1"), type_ref="tAway"),
    )
    assert codes(found) == ["dmn-unknown-type"] * 4
    assert {finding.severity for finding in found} == {Severity.WARNING}


def test_allowed_values_that_cannot_be_read_are_reported() -> None:
    assert codes(findings(item("tA", "string", allowed='"a", >'))) == ["dmn-syntax"]


# Requirements


def test_requirements_that_lead_nowhere_are_reported() -> None:
    found = findings(decision("d", literal("1"), inputs=["i_gone"]), knowledge("k", {}, literal("1"), requires=["no"]))
    assert [finding.params["target"] for finding in found] == ["i_gone", "no"]
    service = '<decisionService id="s" name="s"><outputDecision href="#gone"/></decisionService>'
    assert codes(findings(service)) == ["dmn-requirement"]


def test_a_circle_of_requirements_is_reported() -> None:
    found = findings(decision("a", literal("b"), decisions=["b"]), decision("b", literal("a"), decisions=["a"]))
    assert codes(found) == ["dmn-circle", "dmn-circle"]
    assert "a → b → a" in found[0].message


def test_a_missing_import_is_reported_once() -> None:
    found = findings(
        '<import name="other" namespace="urn:other" importType="x"/>',
        decision("d", literal("1"), decisions=["urn:other#x"]),
    )
    assert codes(found) == ["dmn-import"]


def test_a_decision_without_logic_is_a_warning() -> None:
    finding = only(findings(decision("d", "")), "dmn-no-logic")
    assert finding.severity is Severity.WARNING


def test_allowed_values_of_a_type_that_cannot_be_read_restrict_no_column() -> None:
    kinds = item("tKind", "string", allowed='"a", >')
    logic = table(["kind"], ["out"], [('"a"', "1")])
    found = findings(kinds, input_data("kind", "tKind"), decision("d", logic, inputs=["i_kind"]))
    assert codes(found) == ["dmn-syntax", "dmn-gap"]


def test_allowed_values_beyond_analysis_restrict_no_column() -> None:
    found = of_table(('"a"', "1"), inputs=[("kind", "string", 'starts with(?, "a")')])
    assert codes(found) == ["dmn-gap"]


def test_allowed_numbers_are_the_whole_world_of_a_column() -> None:
    inputs = [("amount", "number", "[0..100]")]
    assert of_table(("< 50", "1"), ("[50..100]", "2"), inputs=inputs) == []
    finding = only(of_table(("< 50", "1"), inputs=inputs), "dmn-gap")
    assert finding.params["region"] == "amount: [50..100]"
    inputs = [("amount", "number", "[0..10], [90..100]")]
    assert of_table(("<= 50", "1"), ("> 50", "2"), inputs=inputs) == []


def test_values_in_a_list_are_understood() -> None:
    assert codes(of_table(("[1, 2]", "1"), ("2", "2"), ("not(1, 2)", "3"))) == ["dmn-overlap"]


def test_an_output_that_takes_too_long_is_not_known_and_an_empty_one_is_null() -> None:
    endless = "for i in 1..1000000 return i"
    assert "dmn-overlap" not in codes(of_table(("< 7", endless), ("< 9", '"a"'), policy="ANY"))
    assert "dmn-overlap" in codes(of_table(("< 7", ""), ("< 9", '"a"'), policy="ANY"))


def test_priority_with_values_that_are_no_constants_shadows_nothing() -> None:
    for values in ("x", '"a", >'):
        found = of_table(("-", '"a"'), ("-", '"b"'), outputs=[("out", "", values)], policy="PRIORITY")
        assert "dmn-shadowed" not in codes(found)


def test_a_rule_that_never_applies_is_not_called_shadowed_too() -> None:
    found = of_table(("-", "1"), ("> 5, <= 5", "2"), ("? > 5 and ? < 5", "3"), policy="FIRST")
    assert codes(found) == ["dmn-shadowed", "dmn-never"] or codes(found) == ["dmn-never", "dmn-shadowed"]
