"""Types a model defines, and conversions to a type."""

from __future__ import annotations

from engine.feel import Environment, Type, Types, compile_expression
from engine.feel.tree import TypeNode
from engine.feel.types import ANY, SIMPLE, coerce, narrower, resolve, type_of
from tests.unit.feel.examples import evaluate

NUMBER, STRING = SIMPLE["number"], SIMPLE["string"]


def test_expressions_use_the_types_of_a_model() -> None:
    types = Types({"tPart": Type("context", fields={"price": NUMBER}), "tParts": Type("list", item=ANY)})
    types["tParts"] = Type("list", item=types["tPart"])
    types["supplier.tPart of it"] = types["tPart"]

    def test(text: str) -> object:
        return compile_expression(text, types=types).evaluate({}, Environment())

    assert test("{price: 1} instance of tPart") is True
    assert test("[{price: 1}, {price: 2}] instance of tParts") is True
    assert test('[{price: "a"}] instance of list<tPart>') is False
    assert test("{price: 1} instance of supplier.tPart of it") is True
    assert test("(function(x: tPart) x.price)({price: 3})") == 3
    assert test("(function(x: tPart) x.price)(5)") is None


def test_tables_of_types_are_compared_by_identity() -> None:
    assert Types() != Types() and len({Types(), Types()}) == 2
    same = Types()
    assert same == same


def test_coercion_wraps_and_unwraps_single_items() -> None:
    numbers = Type("list", item=NUMBER)
    assert coerce(evaluate("5"), numbers) == (True, [5])
    assert coerce(evaluate("[5]"), NUMBER) == (True, 5)
    assert coerce(evaluate('"a"'), numbers) == (False, None)
    assert coerce(evaluate('"a"'), NUMBER) == (False, None)
    assert coerce(None, NUMBER) == (True, None)
    assert coerce(evaluate('[@"2026-03-02"]'), SIMPLE["date and time"])[1] == evaluate('@"2026-03-02T00:00:00Z"')


def test_types_read_as_they_are_written() -> None:
    for text in ("list<number>", "context<a: string>", "function<number>->string", "range<date>", "date and time"):
        compiled = compile_expression(f"1 instance of {text}")
        assert compiled.evaluate({}, Environment()) is False
    assert str(type_of(evaluate('{a: [1, "x"], f: function(x: number) 1}'))) == (
        "context<a: list<Any>, f: function<number>->number>"
    )
    assert str(Type("function")) == "function<>->Any"
    assert str(type_of(evaluate("[1..2]"))) == "range<number>" and str(type_of(evaluate("(> 2)"))) == "range<number>"
    assert str(type_of(None)) == "Null" and str(type_of([])) == "list<Any>"
    assert resolve(TypeNode("number", (TypeNode("string"),), bare=False), {}) is None
    assert resolve(TypeNode("function", (), (), TypeNode("nonsense"), False), {}) is None


def test_a_narrower_type_has_fewer_values() -> None:
    small, large = (Type("context", fields=fields) for fields in ({"a": NUMBER, "b": STRING}, {"a": NUMBER}))
    assert narrower(small, large) and not narrower(large, small)
    assert narrower(NUMBER, ANY) and not narrower(ANY, NUMBER)
    assert narrower(Type("range", item=NUMBER), Type("range", item=ANY))
    one = Type("function", parameters=(large,), result=small)
    assert narrower(one, Type("function", parameters=(small,), result=large))
    assert narrower(Type("function", parameters=()), Type("function"))
    assert not narrower(Type("function", parameters=()), Type("function", parameters=(NUMBER,)))
