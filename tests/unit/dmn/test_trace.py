"""The trace: what happened, as plain JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.dmn import SeveralRulesHit, evaluate_decision, read_dmn
from engine.dmn.run import Run
from engine.dmn.trace import MAX_TEXT, Recorder, TableTrace, show
from engine.feel import Environment, from_python
from tests.unit.dmn.models import decision, document, evaluate, input_data, knowledge, literal, table

LOGIC = table(
    ["amount", "region"],
    ["level", "days"],
    [("> 1000", '"EU"', '"high"', "3", "big"), ("> 1000", '"US"', '"mid"', "5"), ("-", "-", '"low"', "9")],
    policy="FIRST",
)
MODEL = document(
    input_data("amount", "number"),
    input_data("region", "string"),
    decision("d", LOGIC, name="The level", inputs=["i_amount", "i_region"]),
)


def trace(source: bytes = MODEL, **inputs: object) -> dict[str, Any]:
    return evaluate(source, **inputs).trace


def test_a_trace_is_plain_json() -> None:
    found = trace(amount=2000, region="US")
    assert json.loads(json.dumps(found)) == found


def test_a_trace_names_the_decision_the_file_and_its_version() -> None:
    found = trace(amount=2000, region="US")
    model = read_dmn(MODEL)
    assert (found["format"], found["id"], found["name"]) == (1, "d", "The level")
    assert found["model"] == {"name": "Test model", "file": "file.dmn", "version": model.version}


def test_a_trace_has_the_inputs_with_their_values_as_feel() -> None:
    found = trace(amount=2000, region="US")
    assert found["inputs"] == [{"name": "amount", "value": "2000"}, {"name": "region", "value": '"US"'}]
    assert found["tables"][0]["inputs"] == [
        {"title": "amount", "expression": "amount", "value": "2000"},
        {"title": "region", "expression": "region", "value": '"US"'},
    ]


def test_every_cell_has_its_verdict() -> None:
    rules = trace(amount=2000, region="US")["tables"][0]["rules"]
    assert [rule["verdicts"] for rule in rules] == [["yes", "no"], ["yes", "yes"], ["untried", "untried"]]
    assert [rule["hit"] for rule in rules] == [False, True, False]
    rules = trace(amount=20, region="US")["tables"][0]["rules"]
    assert [rule["verdicts"] for rule in rules] == [["no", "untried"], ["no", "untried"], ["yes", "yes"]]


def test_a_rule_shows_its_cells_outputs_and_annotations() -> None:
    rule = trace(amount=2000, region="EU")["tables"][0]["rules"][0]
    assert rule["cells"] == ["> 1000", '"EU"']
    assert rule["outputs"] == ['"high"', "3"]
    assert rule["annotations"] == ["big"]


def test_hits_results_and_the_value_are_there() -> None:
    found = trace(amount=2000, region="US")
    assert found["tables"][0]["hits"] == [2]
    assert found["tables"][0]["results"] == [{"rule": 2, "values": ['"mid"', "5"]}]
    assert found["value"] == '{level: "mid", days: 5}'


def test_required_decisions_have_traces_of_their_own() -> None:
    model = document(decision("a", table(["1"], ["x"], [("1", "7")])), decision("d", literal("a + 1"), decisions=["a"]))
    found = trace(model)
    assert found["requires"] == ["a"]
    assert found["inputs"] == [{"name": "a", "value": "7"}]
    assert [(entry["id"], entry["value"]) for entry in found["required"]] == [("a", "7")]
    assert found["required"][0]["tables"][0]["hits"] == [1]


def test_tables_of_called_functions_belong_to_the_decision_that_called() -> None:
    model = document(
        knowledge("k", {"n": ""}, table(["n"], ["x"], [("> 1", "7")])),
        decision("d", literal("k(2) + k(3)"), knowledge=["k"]),
    )
    assert [table["name"] for table in trace(model)["tables"]] == ["k", "k"]


def test_reasons_for_null_are_told() -> None:
    assert trace(document(decision("d", literal("1 + null"))))["warnings"] != []


def test_without_a_trace_nothing_is_recorded() -> None:
    assert evaluate(MODEL, trace=False, amount=1, region="EU").trace == {}


def test_the_value_is_the_same_with_and_without_a_trace() -> None:
    for amount, region in ((2000, "EU"), (2000, "US"), (2000, "CN"), (None, None)):
        with_trace = evaluate(MODEL, amount=amount, region=region)
        assert evaluate(MODEL, trace=False, amount=amount, region=region).value == with_trace.value


def test_a_knowledge_model_by_itself_has_no_trace() -> None:
    assert trace(document(knowledge("d", {"n": ""}, table(["n"], ["x"], [("> 1", "7")]))), n=4) == {}


def test_a_value_too_long_to_look_at_is_cut_off() -> None:
    assert len(show("x" * 5000)) == MAX_TEXT + 2


def test_a_failed_decision_leaves_the_recorder_whole() -> None:
    model = read_dmn(document(decision("d", table(["x"], ["out"], [("-", "1"), ("-", "2")]))))
    environment = Environment()
    with pytest.raises(SeveralRulesHit):
        evaluate_decision(model, "d", {"x": from_python(1)}, environment)
    assert evaluate_decision(model, "d", {}, environment, standard=True).value is None


def test_a_table_outside_any_decision_is_not_recorded() -> None:
    recorder = Recorder(Environment())
    logic = read_dmn(MODEL).decisions["d"].expression
    recorder.table(TableTrace("x", logic, [1, 2]))  # type: ignore[arg-type]
    assert recorder.result() == {}
    assert Run(Environment(), {}, recorder=recorder).recorder is recorder
