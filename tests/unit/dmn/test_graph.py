"""Requirement graphs: decisions, knowledge models, services, imports, and what each of them can see."""

from __future__ import annotations

import pytest

from engine.dmn import DmnError, Model, UnknownDecision, evaluate_decision, read_dmn
from engine.dmn.errors import CircularRequirement
from engine.feel import Environment, LimitExceeded
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
)


def test_required_decisions_are_made_first_and_seen_by_their_names() -> None:
    model = document(
        input_data("base price", "number"),
        decision("d_net", literal("base price * 0.9"), name="net price", inputs=["i_base price"]),
        decision("d", literal("net price + 1"), decisions=["d_net"]),
    )
    assert evaluate(model, **{"base price": 100}).value == number("91")


def test_a_decision_required_twice_is_made_once() -> None:
    model = document(
        decision("a", literal("1")),
        decision("b", literal("a + 1"), decisions=["a"]),
        decision("c", literal("a + 2"), decisions=["a"]),
        decision("d", literal("b + c"), decisions=["b", "c"]),
    )
    result = evaluate(model)
    assert result.value == number(5)
    assert [entry["id"] for entry in result.trace["required"]] == ["a", "b", "c"]


def test_a_decision_is_found_by_id_and_by_name() -> None:
    model = document(decision("d_1", literal("1"), name="a decision"))
    assert evaluate(model, "d_1").value == evaluate(model, "a decision").value == number(1)


def test_an_unknown_decision_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UnknownDecision, match="It has: d_1"):
        evaluate(document(decision("d_1", literal("1"))), "d")


def test_a_circle_is_an_error_that_names_it() -> None:
    model = document(decision("d", literal("e"), decisions=["e"]), decision("e", literal("d"), decisions=["d"]))
    with pytest.raises(CircularRequirement, match="d → e → d"):
        evaluate(model)


def test_a_chain_of_a_thousand_decisions_is_no_problem() -> None:
    chain = [decision("d0", literal("0"))]
    chain += [decision(f"d{step}", literal(f"d{step - 1} + 1"), decisions=[f"d{step - 1}"]) for step in range(1, 1000)]
    assert evaluate(document(*chain), "d999").value == number(999)


def test_the_standard_lets_a_decision_see_only_what_it_requires() -> None:
    model = document(input_data("a"), input_data("b"), decision("d", literal("[a, b]"), inputs=["i_a"]))
    assert evaluate(model, standard=True, a=1, b=2).value == [number(1), None]
    assert evaluate(model, a=1, b=2).value == [number(1), number(2)]


def test_a_required_decision_is_also_known_by_its_id_as_camunda_has_it() -> None:
    model = document(
        decision("level", literal("3"), name="the level"), decision("d", literal("level"), decisions=["level"])
    )
    assert evaluate(model).value == number(3)
    assert evaluate(model, standard=True).value is None


def test_an_input_is_converted_and_null_when_it_does_not_fit() -> None:
    model = document(input_data("n", "number"), decision("d", literal("n"), inputs=["i_n"]))
    assert evaluate(model, n=[4]).value == number(4)
    assert evaluate(model, n="four").value is None
    assert evaluate(model).value is None


def test_a_result_is_converted_to_the_decisions_type() -> None:
    assert evaluate(document(decision("d", literal("[1]"), type_ref="number"))).value == number(1)
    assert evaluate(document(decision("d", literal('"a"'), type_ref="number"))).value is None


def test_a_decision_without_logic_takes_its_value_from_outside() -> None:
    model = document(decision("human", ""), decision("d", literal("human"), decisions=["human"]))
    assert evaluate(model, human="yes").value == "yes"
    assert evaluate(model).value is None


def test_a_requirement_that_leads_nowhere_is_ignored() -> None:
    assert evaluate(
        document(decision("d", literal("1"), inputs=["x"], decisions=["y"], knowledge=["z"]))
    ).value == number(1)


def test_references_may_name_the_models_own_namespace() -> None:
    model = document(decision("a", literal("1")), decision("d", literal("a"), decisions=["urn:test#a"]))
    assert evaluate(model).value == number(1)


# Knowledge models


def test_a_knowledge_model_is_a_function_with_converted_arguments() -> None:
    model = document(
        knowledge("double", {"n": "number"}, literal("n * 2")),
        decision("d", literal('[double(4), double([5]), double(n: 6), double("x")]'), knowledge=["double"]),
    )
    assert evaluate(model).value == [number(8), number(10), number(12), None]


def test_a_knowledge_model_must_be_required() -> None:
    model = document(knowledge("double", {"n": ""}, literal("n * 2")), decision("d", literal("double(4)")))
    assert evaluate(model).value is None


def test_knowledge_models_call_those_they_require_and_themselves() -> None:
    model = document(
        knowledge("one", {"n": ""}, literal("n + 1")),
        knowledge("sum", {"n": ""}, literal("if n <= 0 then 0 else one(n) - 1 + sum(n - 1)"), requires=["one"]),
        decision("d", literal("sum(10)"), knowledge=["sum"]),
    )
    assert evaluate(model, standard=True).value == number(55)


def test_knowledge_models_may_require_each_other() -> None:
    model = document(
        knowledge("even", {"n": ""}, literal("if n = 0 then true else odd(n - 1)"), requires=["odd"]),
        knowledge("odd", {"n": ""}, literal("if n = 0 then false else even(n - 1)"), requires=["even"]),
        decision("d", literal("even(7)"), knowledge=["even"]),
    )
    assert evaluate(model).value is False


def test_a_knowledge_model_that_never_ends_is_stopped() -> None:
    model = document(
        knowledge("loop", {"n": ""}, literal("loop(n + 1)")), decision("d", literal("loop(1)"), knowledge=["loop"])
    )
    with pytest.raises(LimitExceeded):
        evaluate(model)


def test_the_result_of_a_knowledge_model_is_converted() -> None:
    model = document(
        knowledge("k", {}, literal("[1]"), type_ref="number"), decision("d", literal("k()"), knowledge=["k"])
    )
    assert evaluate(model).value == number(1)


def test_a_function_type_of_a_knowledge_model_is_not_the_type_of_its_result() -> None:
    wanted = item(
        "tF", inner='<functionItem outputTypeRef="number"><parameters name="n" typeRef="number"/></functionItem>'
    )
    model = document(
        wanted, knowledge("k", {"n": ""}, literal("n"), type_ref="tF"), decision("d", literal("k(2)"), knowledge=["k"])
    )
    assert evaluate(model).value == number(2)


def test_the_type_of_the_logic_may_be_that_of_its_result() -> None:
    source = document(knowledge("k", {}, literal("[1]")), decision("d", literal("k()"), knowledge=["k"]))
    typed = source.replace(b"<encapsulatedLogic>", b'<encapsulatedLogic typeRef="number">')
    assert evaluate(typed).value == number(1)


def test_the_type_of_the_body_converts_the_result() -> None:
    model = document(knowledge("k", {}, literal("[1]", "number")), decision("d", literal("k()"), knowledge=["k"]))
    assert evaluate(model).value == number(1)


def test_a_knowledge_model_can_be_evaluated_by_itself() -> None:
    assert evaluate(document(knowledge("k", {"a": "", "b": ""}, literal("a - b"))), "k", a=5, b=2).value == number(3)


def test_a_knowledge_model_without_logic_is_null() -> None:
    model = document('<businessKnowledgeModel id="k" name="k"/>', decision("d", literal("k()"), knowledge=["k"]))
    assert evaluate(model).value is None


def test_an_external_knowledge_model_is_null_when_it_is_not_on_the_list() -> None:
    logic = context(entry("class", literal('"a.B"')), entry("method signature", literal('"c()"')))
    external = document(
        f'<businessKnowledgeModel id="k" name="k"><encapsulatedLogic kind="Java">{logic}</encapsulatedLogic>'
        "</businessKnowledgeModel>",
        decision("d", literal("k()"), knowledge=["k"]),
    )
    assert evaluate(external).value is None
    assert evaluate(external, "k").value is None


# Decision services


def service(key: str, **groups: list[str]) -> str:
    tags = {
        "outputs": "outputDecision",
        "inside": "encapsulatedDecision",
        "given": "inputDecision",
        "data": "inputData",
    }
    parts = "".join(f'<{tags[group]} href="#{target}"/>' for group, targets in groups.items() for target in targets)
    return f'<decisionService id="{key}" name="{key}">{parts}</decisionService>'


def service_model(logic: str, *more: str) -> bytes:
    return document(
        input_data("n", "number"),
        decision("given", literal("1000")),
        decision("inner", literal("n + given"), inputs=["i_n"], decisions=["given"]),
        decision("other", literal("n * 2"), inputs=["i_n"]),
        service("s", outputs=["inner"], given=["given"], data=["i_n"]),
        service("both", outputs=["inner", "other"], given=["given"], data=["i_n"]),
        decision("d", literal(logic), knowledge=["s", "both"]),
        *more,
    )


def test_a_service_is_a_function_of_its_input_data_then_its_input_decisions() -> None:
    assert evaluate(service_model("s(1, 20)"), standard=True).value == number(21)
    assert evaluate(service_model("s(given: 1, n: [30])"), standard=True).value == number(31)


def test_a_service_with_several_outputs_gives_a_context() -> None:
    assert evaluate(service_model("both(1, 20)")).value == {"inner": number(21), "other": number(2)}


def test_a_service_can_be_evaluated_by_itself() -> None:
    assert evaluate(service_model("1"), "s", n=1, given=5).value == number(6)
    assert evaluate(service_model("1"), "both", standard=True, n=1, given=5).value == {
        "inner": number(6),
        "other": number(2),
    }


def test_what_a_service_decides_does_not_leak_into_its_caller() -> None:
    assert evaluate(service_model("[s(1, 20), s(2, 20)]")).value == [number(21), number(22)]


# Imports

OTHER = document(
    item("tPrice", "number", allowed="[0..100]"),
    input_data("Person name", "string"),
    decision("greet", literal('"Hello, " + Person name'), name="Greeting", inputs=["i_Person name"]),
    decision("pair", context(entry("first part", literal("1")))),
    knowledge("double", {"n": ""}, literal("n * 2")),
    namespace="urn:other",
)


def importing(name: str, *elements: str) -> Model:
    other = read_dmn(OTHER, "other.dmn")
    head = f'<import name="{name}" namespace="urn:other" importType="x"/>'
    return read_dmn(document(head, *elements), imports={"urn:other": other})


def test_imported_decisions_are_seen_under_the_imports_name() -> None:
    model = importing("Model B", decision("d", literal('Model B.Greeting + "!"'), decisions=["urn:other#greet"]))
    assert evaluate(model, standard=True, **{"Person name": "Li"}).value == "Hello, Li!"


def test_imported_inputs_may_be_given_under_the_imports_name() -> None:
    model = importing("b", decision("d", literal("b.Person name"), inputs=["urn:other#i_Person name"]))
    assert evaluate(model, b={"Person name": "Li"}).value == "Li"
    assert evaluate(model, **{"b.Person name": "Ma"}).value == "Ma"
    assert evaluate(model, **{"Person name": "Wu"}).value == "Wu"


def test_an_import_without_a_name_brings_its_elements_in_directly() -> None:
    model = importing("", decision("d", literal("double(2)"), knowledge=["urn:other#double"]))
    assert evaluate(model, standard=True).value == number(4)


def test_imported_knowledge_models_and_decisions_live_together_under_one_name() -> None:
    model = importing(
        "b",
        decision(
            "d",
            literal("b.double(b.pair.first part)"),
            decisions=["urn:other#pair"],
            knowledge=["urn:other#double"],
        ),
    )
    assert evaluate(model, standard=True).value == number(2)


def test_imported_types_are_known_under_the_imports_name() -> None:
    model = importing("b", decision("d", literal("n"), inputs=["i_n"]), input_data("n", "b.tPrice"))
    assert evaluate(model, n=50).value == number(50)
    assert evaluate(model, n=500).value is None
    typed = importing("b", decision("d", literal("5 instance of b.tPrice")))
    assert evaluate(typed).value is True


def test_an_import_that_was_not_given_is_null() -> None:
    head = '<import name="b" namespace="urn:other" importType="x"/>'
    model = read_dmn(document(head, decision("d", literal("b.greet"), decisions=["urn:other#greet"])))
    assert evaluate(model).value is None


def test_members_of_imported_types_with_blanks_in_their_names_are_read() -> None:
    other = read_dmn(document(item("tP", inner=component("unit price", "number")), namespace="urn:other"))
    head = '<import name="b" namespace="urn:other" importType="x"/>'
    model = read_dmn(
        document(head, input_data("p", "b.tP"), decision("d", literal("p.unit price * 2"), inputs=["i_p"])),
        imports={"urn:other": other},
    )
    assert evaluate(model, p={"unit price": 3}).value == number(6)


def test_an_evaluation_leaves_the_model_as_it_was() -> None:
    model = read_dmn(document(input_data("n"), decision("d", literal("n"), inputs=["i_n"])))
    assert [evaluate(model, n=value).value for value in (1, 2)] == [number(1), number(2)]


def test_every_error_is_a_dmn_error() -> None:
    assert issubclass(UnknownDecision, DmnError)
    with pytest.raises(DmnError):
        evaluate_decision(read_dmn(document()), "d", {}, Environment())
