"""Reading DMN: the five versions, what editors leave out, and what is refused."""

from __future__ import annotations

import pytest

from engine.dmn import read_dmn
from engine.dmn.errors import UnreadableModel
from engine.dmn.model import DecisionTable, HitPolicy
from engine.dmn.reader import MODEL_NAMESPACES
from engine.xml import BrokenXml
from tests.unit.dmn.models import NAMESPACE, decision, document, evaluate, item, literal, number, table


@pytest.mark.parametrize("version", sorted(MODEL_NAMESPACES))
def test_every_version_is_read(version: str) -> None:
    assert evaluate(document(decision("d", literal("1")), version=version)).value == number(1)


def test_prefixes_and_foreign_elements_do_not_matter() -> None:
    source = f"""<dmn:definitions xmlns:dmn="{NAMESPACE}" xmlns:z="urn:z" name="m" namespace="n">
      <z:decision id="no"/>
      <dmn:decision id="d"><dmn:extensionElements><z:literalExpression/></dmn:extensionElements>
        <z:literalExpression><z:text>2</z:text></z:literalExpression>
        <dmn:literalExpression><dmn:text> 1 </dmn:text></dmn:literalExpression></dmn:decision>
    </dmn:definitions>""".encode()
    model = read_dmn(source)
    assert list(model.decisions) == ["d"]
    assert evaluate(model).value == number(1)


def test_a_decision_without_a_name_is_called_by_its_id_and_one_without_a_variable_by_its_name() -> None:
    model = read_dmn(document('<decision id="d"/><decision name="  two   words "/>'))
    assert [(one.id, one.name, one.variable.name) for one in model.decisions.values()] == [
        ("d", "d", "d"),
        ("two words", "two words", "two words"),
    ]


def test_the_version_is_that_of_the_bytes() -> None:
    one, other = read_dmn(document(decision("d", "")), "a.dmn"), read_dmn(document(decision("e", "")), "a.dmn")
    assert len(one.version) == 12
    assert one.version != other.version
    assert one.version == read_dmn(document(decision("d", "")), "b.dmn").version


def test_a_decision_table_keeps_titles_annotations_and_places() -> None:
    source = document(decision("d", table(["x"], ["out"], [("1", "2", "because")], policy="RULE ORDER"))).replace(
        b"<input>", b'<input label="The x">'
    )
    logic = read_dmn(source).decisions["d"].expression
    assert isinstance(logic, DecisionTable)
    assert logic.hit_policy is HitPolicy.RULE_ORDER
    assert logic.inputs[0].title == "The x"
    assert logic.rules[0].annotations == ("because",)
    assert logic.place.id == "table"
    assert logic.rules[0].place.line > 0


def test_a_description_of_a_rule_is_its_annotation_as_the_modeler_writes_it() -> None:
    source = document(decision("d", table(["x"], ["out"], [("1", "2")]))).replace(
        b"<rule>", b"<rule><description>why</description>"
    )
    logic = read_dmn(source).decisions["d"].expression
    assert isinstance(logic, DecisionTable)
    assert logic.rules[0].annotations == ("why",)


def test_a_default_may_be_a_literal_within_the_default() -> None:
    logic = table(["x"], [("out", "", "", "7")], [("1", "2")]).replace(
        "<defaultOutputEntry><text>7</text></defaultOutputEntry>",
        f"<defaultOutputEntry>{literal('8')}</defaultOutputEntry>",
    )
    assert evaluate(document(decision("d", logic)), x=5).value == number(8)


def test_an_input_without_an_expression_is_null() -> None:
    logic = "<decisionTable><input/><output name='o'/><rule><inputEntry><text>null</text></inputEntry>"
    logic += "<outputEntry><text>1</text></outputEntry></rule></decisionTable>"
    assert evaluate(document(decision("d", logic))).value == number(1)


def test_a_type_reference_of_dmn_1_1_loses_its_prefix() -> None:
    source = document(decision("d", literal("1"), type_ref="feel:number")).replace(
        b"<definitions ", b'<definitions xmlns:feel="urn:feel" '
    )
    assert read_dmn(source).decisions["d"].variable.type_ref == "number"


def test_a_reference_without_its_number_sign_is_read() -> None:
    source = document(decision("a", literal("1")), decision("d", literal("a"), decisions=["a"])).replace(
        b'"#a"', b'"a"'
    )
    assert evaluate(source).value == number(1)


def test_further_names_are_kept_for_the_expressions() -> None:
    model = read_dmn(document(decision("d", literal("pre-tax * 2"))), names=frozenset({"pre-tax"}))
    assert evaluate(model, **{"pre-tax": 4}).value == number(8)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"<definitions/>", "no DMN model"),
        (b'<other xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"/>', "no DMN model"),
        (document(decision("d", ""), decision("d", "")), "used twice"),
        (document("<decision/>"), "neither id nor name"),
        (document(decision("d", '<decisionTable hitPolicy="BEST"/>')), "no hit policy BEST"),
        (document(decision("d", '<decisionTable aggregation="AVG"/>')), "no aggregation AVG"),
        (document(decision("d", "<decisionTable><input/><rule/></decisionTable>")), "rule 1 has not one cell"),
        (document(decision("d", f"<invocation>{literal('f')}<binding/></invocation>")), "names no parameter"),
    ],
)
def test_what_is_no_model_is_refused_with_its_line_and_the_reason(source: bytes, reason: str) -> None:
    with pytest.raises(UnreadableModel, match=reason):
        read_dmn(source)


def test_broken_xml_is_refused() -> None:
    with pytest.raises(BrokenXml):
        read_dmn(b"<definitions")


def test_item_definitions_are_read_by_name() -> None:
    assert list(read_dmn(document(item("tA", "string"))).items) == ["tA"]
