"""What the constructs of the language give."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.feel import FeelSyntaxError, compile_expression, from_python, parse_expression
from tests.unit.feel.examples import check, evaluate, reasons

CASE = from_python(
    {
        "customer name": "王芳",
        "parts": [
            {"name": "屏幕", "price": 680, "on stock": True},
            {"name": "电池", "price": 120, "on stock": False},
            {"name": "后盖", "price": 95.5, "on stock": True},
        ],
        "net-price": 100,
        "net": 1,
        "price": 2,
        "date": "a field called date",
        "nested": [[1, 2], [3]],
    }
)


def test_arithmetic_binds_as_in_school_except_that_powers_go_from_left_to_right() -> None:
    check("""
        1 + 2 * 3 → 7
        (1 + 2) * 3 → 9
        10 - 4 - 3 → 3
        2 ** 3 ** 2 → 64
        -2 ** 2 → 4
        7 / 2 → 3.5
        1 / 3 → 0.3333333333333333333333333333333333
        .5 + .25 → 0.75
        - - 3 → 3
        2 ** 0.5 → 1.414213562373095048801688724209698
        2 ** -1 → 0.5
        5 ** 0 → 1
    """)


def test_numbers_keep_34_digits_whatever_the_thread_s_context_is() -> None:
    assert evaluate("-(1234567890123456789012345678901234)") == Decimal("-1234567890123456789012345678901234")
    assert evaluate("abs(-1234567890123456789012345678901234)") == Decimal("1234567890123456789012345678901234")
    assert evaluate("0.1 + 0.2") == Decimal("0.3")


def test_what_has_no_number_is_null_with_a_reason() -> None:
    assert reasons("1 / 0") == ["Division by zero."]
    assert reasons("0 ** -1") == ["“**” is not defined for number and number."]
    assert reasons("(-8) ** 0.5") and reasons("2 ** 1000000000")
    assert reasons("9 ** 9999999") and reasons(f"{'9' * 6144} * 10")
    assert reasons('1 + "1"') == ["“+” is not defined for number and string."]
    assert reasons("-true") == ["“-” is not defined for boolean."]
    assert reasons('@"P1D" / @"P0D"') and reasons('@"P1D" * 10 ** 40') and reasons('@"P1D" / (1 / 10 ** 6143)')


def test_texts_are_joined_by_plus() -> None:
    check("""
        "故障" + "受理" → "故障受理"
        "a" + "" → "a"
        "a" - "a" → null
    """)


def test_comparison_is_null_between_kinds_and_false_against_null() -> None:
    check("""
        1 = 1.00 → true
        1 != 2 → true
        "a" < "b" → true
        "Z" < "a" → true
        1 = "1" → null
        1 != "1" → null
        1 = null → false
        null = null → true
        null != 1 → true
        null < 1 → null
        true < false → null
        [1, [2]] = [1, [2]] → true
        [1, "2"] = [1, 2] → false
        {a: 1, b: 2} = {b: 2, a: 1} → true
        {a: 1} = {a: 1, b: 2} → false
        [1..3] = [1..3] → true
        [1..3] = [1..3) → false
        (< 5) = (< 5) → true
        (< 5) = (<= 5) → false
        abs = 1 → null
        (function(x) x + 1) = (function(x) x + 1) → true
        (function(x) x + 1) = (function(x) x + 2) → false
        3 >= 3 → true
        3 <= 2 → false
        @"P1D" > @"PT23H" → true
        @"P1Y" < @"P13M" → true
        @"2026-03-02" <= @"2026-03-02" → true
    """)


def test_logic_has_three_values() -> None:
    check("""
        true and null → null
        false and null → false
        null and false → false
        null and 1 → null
        true or null → true
        null or true → true
        false or null → null
        true and true and true → true
        true and null and false → false
        true and null and true → null
        false or null or true → true
        false or false or false → false
        not(true) → false
        not(null) → null
        not(1) → null
    """)


def test_if_takes_the_first_branch_only_for_true() -> None:
    check("""
        if 1 < 2 then "yes" else "no" → "yes"
        if null then "yes" else "no" → "no"
        if "x" then "yes" else "no" → "no"
        if false then 1 else if false then 2 else if true then 3 else 4 → 3
        1 + if true then 1 else 2 → 2
    """)


def test_a_long_chain_of_else_if_is_not_deep() -> None:
    chain = " else ".join(f"if x = {index} then {index}" for index in range(300)) + " else null"
    assert compile_expression(chain).evaluate({"x": Decimal(299)}, _environment()) == Decimal(299)


def _environment() -> object:
    from tests.unit.feel.examples import environment

    return environment()


def test_for_goes_through_lists_ranges_and_products() -> None:
    check("""
        for x in [1, 2, 3] return x * 2 → [2, 4, 6]
        for x in [1, 2], y in [10, 20] return x + y → [11, 21, 12, 22]
        for x in [[1, 2], [3]], y in x return y → [1, 2, 3]
        for x in 3..1 return x → [3, 2, 1]
        for x in [1..3) return x → [1, 2]
        for x in (1..3] return x → [2, 3]
        for x in @"2026-02-28"..@"2026-03-01" return string(x) → ["2026-02-28", "2026-03-01"]
        for x in 7 return x → [7]
        for x in [] return x → []
        for x in 0..4 return if x < 2 then x else partial[-1] + partial[-2] → [0, 1, 1, 2, 3]
        for x in 1..2 return count(partial) → [0, 1]
        for x in null return x → null
        for x in "a".."c" return x → null
        for x in 1..2.5 return x → null
        for x in (< 5) return x → null
        for x in [1, 2], y in null return x → null
    """)


def test_some_and_every_are_or_and_and() -> None:
    check("""
        some x in [1, 2] satisfies x > 1 → true
        some x in [] satisfies x > 1 → false
        some x in [1, "a"] satisfies x > 1 → null
        every x in [1, 2] satisfies x > 0 → true
        every x in [] satisfies x > 1 → true
        every x in [1, "a"] satisfies x > 0 → null
        every x in ["a", 0] satisfies x > 0 → false
        some x in [1, 2], y in [2, 3] satisfies x = y → true
        every x in null satisfies x → null
    """)


def test_filters_select_by_condition_or_position() -> None:
    check(
        """
        parts[price > 100].name → ["屏幕", "电池"]
        parts[item.price > 100][1].name → "屏幕"
        parts[on stock and price < 100].name → ["后盖"]
        parts[-1].name → "后盖"
        parts[4] → null
        parts[0] → null
        parts[1.5] → null
        parts[net + 2].name → "后盖"
        [1, 2, 3, 4][item > 2] → [3, 4]
        [1, 2, 3][count([1, 2])] → 2
        [][1] → null
        [][item > 1] → []
        [][count([1])] → null
        7[1] → 7
        7[item > 5] → [7]
        7[item > 9] → []
        null[1] → null
        null[item = 1] → null
        [{item: 1}, {item: 5}][item > 2] → [{item: 5}]
        [1, 2, 3][null] → []
        """,
        CASE,
    )


def test_paths_lead_into_contexts_lists_and_properties() -> None:
    check(
        """
        {a: {b: {c: 7}}}.a.b.c → 7
        parts.price → [680, 120, 95.5]
        [[{a: 1}], {a: 2}].a → [[1], 2]
        {a: 1}.b → null
        [{a: 1}, {b: 2}].a → [1, null]
        @"2026-03-02".year → 2026
        @"2026-03-02".weekday → 1
        @"2026-03-02T09:10:11.5+08:00".second → 11.5
        @"2026-03-02T09:10:11+08:00".time offset → @"PT8H"
        @"2026-03-02T09:10:11@Asia/Shanghai".time offset → @"PT8H"
        @"2026-03-02T09:10:11@Asia/Shanghai".timezone → "Asia/Shanghai"
        @"2026-03-02T09:10:11".timezone → null
        @"2026-03-02T09:10:11".time offset → null
        [@"2026-03-02T09:10:11".month, @"2026-03-02T09:10:11".day, @"2026-03-02T09:10:11".weekday] → [3, 2, 1]
        [@"2026-03-02T09:10:11".year, @"2026-03-02T09:10:11".hour, @"2026-03-02T09:10:11".minute] → [2026, 9, 10]
        [@"2026-03-02".month, @"2026-03-02".day] → [3, 2]
        [@"09:10:11Z".hour, @"09:10:11Z".minute, @"09:10:11Z".second] → [9, 10, 11]
        [@"09:10:11Z".time offset, @"09:10:11Z".timezone] → [@"PT0S", null]
        [@"-P1DT2H3M4.5S".days, @"-P1DT2H3M4.5S".hours] → [-1, -2]
        [@"P1DT2H3M4.5S".minutes, @"P1DT2H3M4.5S".seconds, @"-PT4.5S".seconds] → [3, 4.5, -4.5]
        [@"P1Y2M".years, @"P1Y2M".months, @"-P14M".years] → [1, 2, -1]
        [[1..5).start, [1..5).end, [1..5).start included, [1..5).end included] → [1, 5, true, false]
        [(< 5).start, (< 5).end, (> 5).start included] → [null, 5, false]
        @"P1D".years → null
        """,
        CASE,
    )


def test_names_of_several_words_are_found_by_the_longest_match() -> None:
    check(
        """
        customer name + "！" → "王芳！"
        net-price → 100
        net - price → 100
        (net)-(price) → -1
        {due date: 1, a: due date + 1}.a → 2
        {net+tax: 5}.net+tax → 5
        {"two  words": 1}["x" = "x"] → [{"two  words": 1}]
        for part of it in parts return part of it.price → [680, 120, 95.5]
        (function(first value, second value) first value - second value)(5, 3) → 2
        """,
        CASE,
    )


def test_a_field_named_like_a_builtin_hides_it_only_as_a_value() -> None:
    check(
        """
        date → "a field called date"
        date("2026-03-02") → @"2026-03-02"
        [{count: 2}][count(item) = 1].count → [2]
        """,
        CASE,
    )


def test_contexts_build_on_their_earlier_entries() -> None:
    check("""
        {a: 1, b: a + 1, c: {d: a + b}}.c.d → 3
        {"any text!": 1} → {"any text!": 1}
        {a: 1, a: 2} → null
        {} → {}
        {twice: function(x) x * 2, r: twice(4)}.r → 8
        {fact: function(n) if n < 2 then 1 else n * fact(n - 1), r: fact(5)}.r → 120
    """)


def test_functions_take_positions_or_names_and_check_their_types() -> None:
    check("""
        (function(x, y) x - y)(5, 3) → 2
        (function(x, y) x - y)(y: 5, x: 3) → -2
        (function(x, y) y)(x: 3) → null
        (function(x) x)(1, 2) → null
        (function(x) x)(z: 1) → null
        (function(x: number) x)("a") → null
        (function(x: number) x)([5]) → 5
        (function(x: list<number>) x)(5) → [5]
        (function(x: date and time) x)(@"2026-03-02") → @"2026-03-02T00:00:00Z"
        (function(x: string) x)(null) → null
        (function(x: nonsense) x)(1) → null
        (function() 7)() → 7
        sort([3, 1, 2], function(x, y) x > y) → [3, 2, 1]
        {f: abs}.f(-2) → 2
        1(2) → null
        1(a: 2) → null
        nonsense(1) → null
        {f: function(x) x}.f(1) → 1
    """)


def test_calls_that_do_not_fit_say_what_is_missing() -> None:
    assert reasons("nonsense(1)")[0] == "There is no function “nonsense”."
    assert reasons("nonsense") == ["There is no variable “nonsense”."]
    assert reasons("(function(x) x)()") == ["The function does not take 0 arguments."]
    assert reasons("(function(x) x)(y: 1)") == ["The function has no arguments named y."]
    assert reasons("upper case(1)") == ["upper case: “string” must be string, not number."]
    assert reasons("upper case()") == ["upper case does not take 0 arguments."]
    assert reasons('upper case(text: "a")') == ["upper case has no arguments named text."]
    assert reasons("1 instance of nonsense") == ["There is no type “nonsense”."]
    assert reasons('@"32"') == ["“32” is no date, time, date and time or duration."]
    assert reasons("{a: 1}.b") == ["context has no “b”."]


def test_between_and_in_test_a_value() -> None:
    check("""
        5 between 1 and 10 → true
        11 between 1 and 10 → false
        5 between null and 10 → null
        0 between 1 and null → false
        5 in [1..10] → true
        10 in [1..10) → false
        10 in ]1..10[ → false
        5 in (1, 5) → true
        5 in (< 3, > 8) → false
        5 in < 8 → true
        5 in = 5 → true
        5 in != 5 → false
        5 in [1, 5] → true
        5 in [[1..3], [4..6]] → true
        [1] in [[1], [2]] → true
        [1] in [1] → true
        "a" in ["a".."c"] → true
        null in [1..10] → null
        1 in [null..10] → null
        1 in [2..1] → null
        5 in (1 + 4) → true
        5 in (1 + 2) * 2 → false
        true in (5 instance of number) → true
        1 in (? + 1 = 2) → true
        5 in [1, 2, (null..3)] → false
        5 in ([1..3], ["a".."b"]) → null
        2 in (1..3).start → false
    """)


def test_instance_of_knows_every_type() -> None:
    check("""
        1 instance of number → true
        1 instance of Any → true
        null instance of Any → false
        null instance of Null → true
        "a" instance of string → true
        true instance of boolean → true
        @"2026-03-02" instance of date → true
        @"09:00:00" instance of time → true
        @"2026-03-02T09:00:00" instance of date and time → true
        @"P1D" instance of days and time duration → true
        @"P1M" instance of years and months duration → true
        [1, 2] instance of list<number> → true
        [1, "a"] instance of list<number> → false
        [null] instance of list<number> → true
        [1] instance of list → null
        {a: 1} instance of context<a: number> → true
        {a: 1} instance of context<a: string> → false
        {b: 1} instance of context<a: number> → false
        [1..2] instance of range<number> → true
        ["a".."b"] instance of range<number> → false
        (< 5) instance of range<number> → true
        1 instance of range<number> → false
        (function(x: number) "a") instance of function<number> -> string → true
        (function(x: number) "a") instance of function<number> -> number → false
        (function(x: number) [1]) instance of function<number> -> list<number> → true
        (function(x: number) {a: 1}) instance of function<number> -> context<a: number> → true
        (function() 1 < 2) instance of function<> -> boolean → true
        (function() null) instance of function<> -> boolean → true
        (function() some x in [] satisfies x) instance of function<> -> boolean → true
        (function(x: Any) true) instance of function<number> -> boolean → true
        (function(x: number) 1) instance of function<Any> -> number → false
        (function(x) function(y: number) 1) instance of function<Any> -> function<number> -> number → true
        1 instance of function<> -> Any → false
        abs instance of function<Any> -> Any → true
        1 instance of list<nonsense> → null
        1 instance of list<number, number> → null
        {a: [1]} instance of context<a: list<number>> → true
        {f: function() 1} instance of context<f: function<> -> number> → true
    """)


def test_comments_and_line_breaks_are_white_space() -> None:
    assert evaluate("1 + /* plus\n two */ 2 // and so on") == 3
    assert evaluate("1 +\n\u30002") == 3


def test_text_escapes_make_characters_and_leave_patterns_alone() -> None:
    check(r"""
        string length("\n\t\r\"\\\'") → 6
        "\u6545" → "故"
        "\U01F40E" → "🐎"
        string length("\ud83d\udc0e") → 1
        string length("\d\s") → 4
        string length("\uZZZZ") → 6
    """)
    assert evaluate(r'"\ud83d"') == "\ufffd"


@pytest.mark.parametrize(
    ("text", "line", "column", "detail"),
    [
        ("", 1, 1, "empty"),
        ("1 +", 1, 4, "too early"),
        ("1 2", 1, 3, "did not expect “2”"),
        ("a\n  )", 2, 3, "did not expect"),
        ('"abc', 1, 1, "not closed"),
        ("1 /* two", 1, 3, "comment is not closed"),
        ("1 # 2", 1, 3, "“#” has no meaning"),
        ("(1", 1, 3, "expected “)”"),
        ("[1, 2", 1, 6, "expected “]”"),
        ("[1..2", 1, 6, "at the end of the range"),
        ("{1: 2}", 1, 2, "expected a key"),
        ("{a: 1 b: 2}", 1, 7, "expected “,”"),
        ("if a then b", 1, 12, "expected “else”"),
        ("if a b", 1, 7, "expected “then”"),
        ("for x return x", 1, 15, "expected “in”"),
        ("for 1 in xs return x", 1, 5, "name of a variable"),
        ("for in in xs return x", 1, 5, "name of a variable"),
        ("some x in xs return x", 1, 14, "expected “satisfies”"),
        ("f(1, a: 2)", 1, 2, "name all arguments"),
        ("f(a: 2, a: 3)", 1, 2, "named twice"),
        ("function(1) 2", 1, 11, "name of a parameter"),
        ("a.1x", 1, 2, "did not expect"),
        ("a.(b)", 1, 3, "after the point"),
        ("x instance number", 1, 12, "expected “of”"),
        ("x instance of 5", 1, 15, "expected a type"),
        ("x instance of context<5>", 1, 23, "expected a key"),
        ("x instance of function<number>", 1, 31, "expected “->”"),
        ("then", 1, 1, "expected a value"),
        ("* 2", 1, 1, "expected a value"),
        ("@5", 1, 1, "expected a value"),
        ("1.2e3", 1, 4, "did not expect"),
        ("5 between 1 or 2", 1, 13, "expected “and”"),
    ],
)
def test_a_syntax_error_names_line_column_and_expression(text: str, line: int, column: int, detail: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        parse_expression(text)
    error = caught.value
    assert (error.line, error.column, error.expression) == (line, column, text)
    assert detail in error.detail and detail in str(error)
    assert error.detail.template.format_map(error.detail.params) == error.detail == error.params["detail"]


def test_references_are_the_names_taken_from_outside() -> None:
    def references(text: str, *names: str) -> set[str]:
        return set(compile_expression(text, frozenset(names)).references)

    assert references("a + b.c") == {"a", "b"}
    assert references("for x in xs return x + y") == {"xs", "y"}
    assert references("some x in xs, z in x satisfies z > 1") == {"xs"}
    assert references("for x in a..b return partial[x]") == {"a", "b"}
    assert references("count(xs) + date") == {"xs", "date"}
    assert references("unknown(1)") == {"unknown"}
    assert references("{a: b, c: a}") == {"b"}
    assert references("(function(x) x + y)(z)") == {"y", "z"}
    assert references("xs[price > limit]") == {"xs", "price", "limit"}
    assert references("customer name = 1", "customer name") == {"customer name"}
    assert references("if a then -b else [c..d]") == {"a", "b", "c", "d"}
    assert references("a between b and c or d in (e, < f)") == {"a", "b", "c", "d", "e", "f"}
    assert references("a instance of number") == {"a"}
    found = compile_expression("xs[price > limit] and a").found
    assert found.perhaps_members == {"price", "limit"} and found.certain == {"xs", "a"}


def test_the_same_text_is_compiled_once() -> None:
    assert compile_expression("1 + 1 + 1") is compile_expression("1 + 1 + 1")
    assert compile_expression("a-b", frozenset({"a-b"})) is not compile_expression("a-b")
