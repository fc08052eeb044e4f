"""Every boxed expression."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.dmn import BrokenExpression
from engine.feel import Function
from tests.unit.dmn.models import (
    context,
    decision,
    document,
    entry,
    evaluate,
    knowledge,
    literal,
    number,
    table,
    value_of,
)


def loop(kind: str, source: str, body: str, variable: str = "x") -> str:
    part = "return" if kind == "for" else "satisfies"
    return f'<{kind} iteratorVariable="{variable}"><in>{literal(source)}</in><{part}>{literal(body)}</{part}></{kind}>'


def conditional(condition: str) -> str:
    parts = (("if", condition), ("then", '"yes"'), ("else", '"no"'))
    return f"<conditional>{''.join(f'<{tag}>{literal(text)}</{tag}>' for tag, text in parts)}</conditional>"


def filtered(source: str, match: str) -> str:
    return f"<filter><in>{literal(source)}</in><match>{literal(match)}</match></filter>"


def function(parameters: str, body: str, kind: str = "") -> str:
    kind_attribute = f' kind="{kind}"' if kind else ""
    formal = "".join(f'<formalParameter name="{name}"/>' for name in parameters.split())
    return f"<functionDefinition{kind_attribute}>{formal}{body}</functionDefinition>"


def invocation(called: str, **arguments: str) -> str:
    bindings = "".join(
        f'<binding><parameter name="{name}"/>{literal(text)}</binding>' for name, text in arguments.items()
    )
    return f"<invocation>{literal(called)}{bindings}</invocation>"


def test_a_literal_is_a_feel_expression() -> None:
    assert value_of(literal("amount * 2"), amount=21) == number(42)


def test_an_empty_literal_is_null() -> None:
    assert value_of(literal("")) is None


def test_a_literal_that_cannot_be_read_is_an_error_and_null_in_the_standard() -> None:
    with pytest.raises(BrokenExpression, match="d"):
        value_of(literal("1 +"))
    assert value_of(literal("1 +"), standard=True) is None


def test_another_expression_language_is_refused() -> None:
    logic = '<literalExpression expressionLanguage="groovy"><text>1</text></literalExpression>'
    with pytest.raises(BrokenExpression, match="groovy"):
        value_of(logic)


@pytest.mark.parametrize("language", ["feel", "FEEL", "https://www.omg.org/spec/DMN/20191111/FEEL/"])
def test_feel_has_several_names(language: str) -> None:
    logic = f'<literalExpression expressionLanguage="{language}"><text>1</text></literalExpression>'
    assert value_of(logic) == number(1)


def test_the_type_of_a_literal_converts_its_value() -> None:
    assert value_of(literal("[5]", "number")) == number(5)
    result = evaluate(document(decision("d", literal('"a"', "number"))))
    assert result.value is None
    assert "no number" in result.trace["warnings"][0]


def test_entries_of_a_context_see_those_above_them() -> None:
    logic = context(entry("a", literal("1")), entry("b c", literal("a + 1")))
    assert value_of(logic) == {"a": number(1), "b c": number(2)}


def test_an_entry_without_a_name_is_the_result() -> None:
    logic = context(entry("first value", literal("20")), entry("", literal("first value + 1")))
    assert value_of(logic) == number(21)


def test_entries_are_converted_to_their_types() -> None:
    logic = context(entry("a", literal("[1]"), "number"), entry("b", literal('"x"'), "number"))
    assert value_of(logic) == {"a": number(1), "b": None}


def test_a_list_has_all_its_items() -> None:
    assert value_of(f"<list>{literal('1')}{literal('n')}</list>", n=2) == [number(1), number(2)]


def test_a_relation_is_a_list_of_contexts() -> None:
    rows = "".join(f"<row>{literal(name)}{literal(price)}</row>" for name, price in (('"a"', "1"), ('"b"', '"x"')))
    logic = f'<relation><column name="name"/><column name="price" typeRef="number"/>{rows}</relation>'
    assert value_of(logic) == [{"name": "a", "price": number(1)}, {"name": "b", "price": None}]


@pytest.mark.parametrize(("condition", "expected"), [("true", "yes"), ("false", "no"), ("null", None), ("1", None)])
def test_a_conditional_needs_true_or_false(condition: str, expected: str | None) -> None:
    assert value_of(conditional(condition)) == expected


@pytest.mark.parametrize(
    ("source", "match", "expected"),
    [
        ("[1, 2, 3]", "item > 1", [number(2), number(3)]),
        ("[1, 2, 3]", "item > 9", []),
        ("[{n: 1}, {n: 2}]", "n = 2", [{"n": number(2)}]),
        ("5", "item = 5", [number(5)]),
        ("null", "true", []),
        ("[1, 2]", '"no"', None),
        ("[1, null]", "item > 0", None),
    ],
)
def test_a_filter_gives_a_list_or_null(source: str, match: str, expected: object) -> None:
    assert value_of(filtered(source, match)) == expected


def test_for_maps_and_knows_the_results_so_far() -> None:
    assert value_of(loop("for", "[1, 2]", "x * 2")) == [number(2), number(4)]
    assert value_of(loop("for", "[1..4]", "if count(partial) < 2 then x else partial[-1] + partial[-2]")) == [
        number(1),
        number(2),
        number(3),
        number(5),
    ]
    assert value_of(loop("for", "[]", "x")) == []
    assert value_of(loop("for", "null", "x")) is None


@pytest.mark.parametrize(
    ("kind", "source", "body", "expected"),
    [
        ("some", "[1, 2]", "x > 1", True),
        ("some", "[1, 2]", "x > 2", False),
        ("some", "[]", "true", False),
        ("some", "[1, 2]", 'if x = 1 then true else "no"', None),
        ("some", "null", "true", None),
        ("every", "[1, 2]", "x > 0", True),
        ("every", "[1, 2]", "x > 1", False),
        ("every", "[]", "false", True),
        ("every", "[1, 2]", "null", None),
    ],
)
def test_some_and_every_need_a_verdict_on_every_item(kind: str, source: str, body: str, expected: bool | None) -> None:
    assert value_of(loop(kind, source, body)) is expected


def test_a_boxed_function_can_be_called_and_call_itself() -> None:
    logic = context(
        entry("factorial", function("n", literal("if n <= 1 then 1 else n * factorial(n - 1)"))),
        entry("", literal("factorial(5)")),
    )
    assert value_of(logic) == number(120)


def test_a_boxed_function_sees_what_surrounds_it() -> None:
    logic = context(
        entry("a", literal("10")), entry("f", function("b", literal("a + b"))), entry("", literal("f(b: 5)"))
    )
    assert value_of(logic) == number(15)


def test_a_function_without_a_body_gives_null() -> None:
    assert value_of(context(entry("f", function("", "")), entry("", literal("f()")))) is None


def test_an_invocation_binds_arguments_by_name() -> None:
    logic = context(entry("f", function("a b", literal("a - b"))), entry("", invocation("f", b="1", a="10")))
    assert value_of(logic) == number(9)


def test_an_invocation_of_a_builtin_works_too() -> None:
    assert value_of(invocation("floor", n="1.7")) == number(1)


def test_an_invocation_of_nothing_or_with_unknown_names_is_null() -> None:
    assert value_of(invocation("nobody", a="1")) is None
    logic = context(entry("f", function("a", literal("a"))), entry("", invocation("f", wrong="1")))
    assert value_of(logic) is None


def test_a_pure_java_function_has_a_double_and_others_are_null() -> None:
    def java(class_name: str, signature: str) -> str:
        source = context(
            entry("class", literal(f'"{class_name}"')), entry("method signature", literal(f'"{signature}"'))
        )
        return context(entry("f", function("a b", source, "Java")), entry("", literal("f(123, 456)")))

    assert value_of(java("java.lang.Math", "max(double,double)")) == number(456)
    assert value_of(java("java.lang.Runtime", "exit(int,int)")) is None


def test_pmml_functions_are_null() -> None:
    logic = context(entry("f", function("a", literal("{}"), "PMML")), entry("", literal("f(1)")))
    assert value_of(logic) is None


def test_a_table_may_stand_inside_a_context() -> None:
    inner = table(["n"], ["out"], [("> 1", '"many"'), ("<= 1", '"one"')])
    assert value_of(context(entry("size", inner), entry("", literal("size"))), n=3) == "many"


def test_a_function_may_be_passed_in() -> None:
    result = evaluate(
        document(decision("d", literal("twice(4)"))), "d", twice=Function("twice", ("n",), lambda n: n * 2)
    )
    assert result.value == Decimal(8)


def test_functions_that_are_passed_in_are_seen_by_knowledge_models() -> None:
    model = document(knowledge("k", {"n": ""}, literal("twice(n)")), decision("d", literal("k(4)"), knowledge=["k"]))
    assert evaluate(model, twice=Function("twice", ("n",), lambda n: n * 2)).value == Decimal(8)
