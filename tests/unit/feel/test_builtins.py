"""The built-in functions, table by table of the standard."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.feel import Environment, Function, compile_expression, from_python
from engine.feel.builtins import BUILTINS
from tests.unit.feel.examples import check, evaluate, reasons

STANDARD = """
    date;time;date and time;duration;years and months duration;number;string;range;context;not;substring;string length
    upper case;lower case;substring before;substring after;replace;contains;starts with;ends with;matches;split
    string join;list contains;list replace;count;min;max;sum;mean;all;any;sublist;append;concatenate;insert before
    remove;reverse;index of;union;distinct values;flatten;product;median;stddev;mode;decimal;floor;ceiling;round up
    round down;round half up;round half down;abs;modulo;sqrt;log;exp;odd;even;is;before;after;meets;met by;overlaps
    overlaps before;overlaps after;finishes;finished by;includes;during;starts;started by;coincides;day of year
    day of week;month of year;week of year;sort;get value;get entries;context put;context merge;now;today
    random number
"""


def test_every_function_of_the_standard_is_there() -> None:
    wanted = {name.strip() for line in STANDARD.splitlines() for name in line.split(";") if name.strip()}
    assert wanted == set(BUILTINS)


def test_conversions_to_text() -> None:
    check("""
        string(null) → null
        string("a") → "a"
        string(1.10) → "1.1"
        string(10 ** 20) → "100000000000000000000"
        string(-0.0) → "0"
        string(true) → "true"
        string(@"2026-03-02") → "2026-03-02"
        string(@"P1DT26H") → "P2DT2H"
        string(@"P0D") → "PT0S"
        string(@"P14M") → "P1Y2M"
        string(@"-P2M") → "-P2M"
        string(@"P0M") → "P0M"
        string([1, "a", null, @"2026-03-02"]) → "[1, \\"a\\", null, @\\"2026-03-02\\"]"
        string({a: "x", "b c": false}) → "{a: \\"x\\", \\"b c\\": false}"
        string([1..5)) → "[1..5)"
        string((< 5)) → "< 5"
        string((>= 5)) → ">= 5"
        string(function(x, y) x) → "function(x, y)"
        string(from: 7) → "7"
    """)


def test_conversions_to_numbers() -> None:
    check("""
        number("1 234,5", " ", ",") → 1234.5
        number("1,234.5", ",", ".") → 1234.5
        number("1.234", ".", null) → 1234
        number("12.5") → 12.5
        number("-.5") → -0.5
        number("1e3") → null
        number("1.") → null
        number("abc") → null
        number("1,5", ",", ",") → null
        number("1;5", ";", ",") → null
        number("1.5", null, ",") → null
        number("1", "", ".") → null
        number(null, ",", ".") → null
    """)


def test_conversions_to_dates_and_times() -> None:
    check("""
        date("2026-03-02") → @"2026-03-02"
        date(2026, 3, 2) → @"2026-03-02"
        date(2026, 2, 29) → null
        date(2026.9, 3, 2) → @"2026-03-02"
        date(10 ** 30, 1, 1) → null
        date(@"2026-03-02T09:00:00Z") → @"2026-03-02"
        date("2026-3-2") → null
        date("2024-02-29") → @"2024-02-29"
        time("09:30:00") → @"09:30:00"
        time("09:30:00+08:00") → @"09:30:00+08:00"
        time("24:00:00") → @"00:00:00"
        time("09:30") → null
        time("25:00:00") → null
        time("09:30:00+15:00") → null
        time("09:30:00+08:60") → null
        time(9, 30, 15.25) → @"09:30:15.25"
        time(9, 30, 0, @"PT8H") → @"09:30:00+08:00"
        time(9, 30, 0, @"PT20H") → null
        time(9, 30, -1) → null
        time(9, 60, 0) → null
        time(@"2026-03-02T09:00:00Z") → @"09:00:00Z"
        time(@"09:00:00") → @"09:00:00"
        time(@"2026-03-02") → @"00:00:00Z"
        date and time("2026-03-02T09:00:00.123456789Z") → @"2026-03-02T09:00:00.123456789Z"
        date and time("2026-03-02") → @"2026-03-02T00:00:00"
        date and time("2026-03-02Z") → @"2026-03-02T00:00:00Z"
        date and time("2026-03-02+15:00") → null
        date and time("2026-02-30Z") → null
        date and time("2026-03-02T24:00:00") → @"2026-03-03T00:00:00"
        date and time("2026-03-02T24:00:01") → null
        date and time("2026-03-02T09:00:00@Asia/Shanghai") → @"2026-03-02T09:00:00@Asia/Shanghai"
        date and time("2026-03-02T09:00:00@Moon/Base") → null
        date and time(@"2026-03-02", @"09:00:00") → @"2026-03-02T09:00:00"
        date and time(@"2026-03-02T01:00:00Z", @"09:00:00") → @"2026-03-02T09:00:00"
        date and time(@"2026-03-02") → @"2026-03-02T00:00:00"
        date and time(2026, 3, 2, 9, 0, 0) → @"2026-03-02T09:00:00"
        date and time(2026, 3, 2, 9, 0, 0, @"PT8H") → @"2026-03-02T09:00:00+08:00"
        date and time(2026, 3, 2, 9, 0, 0, "Asia/Shanghai") → @"2026-03-02T09:00:00@Asia/Shanghai"
        date and time(2026, 3, 2, 9, 0, 0, "Moon/Base") → null
        date and time(2026, 3, 32, 9, 0, 0) → null
        date and time(2026, 3, 2, 24, 0, 0) → null
        duration("P1DT2H") → @"PT26H"
        duration("P1Y2M") → @"P14M"
        duration("P1M1D") → null
        duration("PT") → null
        duration("P1DT") → null
        duration("P999999999999999999Y") → null
        duration("P999999999999999999D") → null
        duration(@"P1D") → @"P1D"
        years and months duration(@"2024-01-31", @"2025-03-30") → @"P1Y1M"
        years and months duration(@"2025-03-30", @"2024-01-31") → @"-P1Y1M"
        years and months duration(@"2026-03-02T09:00:00", @"2026-05-02T08:00:00") → @"P2M"
        years and months duration("2026-03-02", @"2026-05-02") → null
    """)


def test_conversions_to_ranges_and_contexts() -> None:
    check("""
        range("[1..5)") → [1..5)
        range("(-1..5[") → (-1..5)
        range("[\\"a\\"..\\"c\\"]") → ["a".."c"]
        range("[@\\"2026-03-02\\"..date(\\"2026-03-05\\")]") → [@"2026-03-02"..@"2026-03-05"]
        range("[time(\\"09:00:00\\")..@\\"10:00:00\\"]") → [@"09:00:00"..@"10:00:00"]
        range("[1..x]") → null
        range("[upper case(\\"a\\")..\\"b\\"]") → null
        range("1..5") → null
        range("") → null
        range("[5..1]") → null
        context([{key: "a", value: 1}, {key: "b", value: null}]) → {a: 1, b: null}
        context({key: "a", value: 1}) → {a: 1}
        context([{key: "a"}]) → null
        context([{key: 1, value: 1}]) → null
        context([1]) → null
        context([{key: "a", value: 1}, {key: "a", value: 2}]) → null
    """)


def test_string_functions() -> None:
    check("""
        substring("保修服务单", 2) → "修服务单"
        substring("保修服务单", 2, 2) → "修服"
        substring("保修服务单", -2, 1) → "务"
        substring("abc", 0) → null
        substring("abc", 4) → null
        substring("abc", 2, 3) → null
        substring("abc", 2, 0) → null
        substring("abc", 2.7) → "bc"
        substring(string: "abc", start position: 2) → "bc"
        string length("保修 🐎") → 4
        upper case("aß1") → "ASS1"
        lower case("ABC") → "abc"
        substring before("SH-2026", "-") → "SH"
        substring before("SH", "-") → ""
        substring before("SH", "") → ""
        substring after("SH-2026", "-") → "2026"
        substring after("SH", "-") → ""
        substring after("SH", "") → "SH"
        contains("故障受理", "受理") → true
        contains("故障受理", "维修") → false
        contains(["故障受理"], "受理") → true
        starts with("SH-2026", "SH") → true
        ends with("SH-2026", "SH") → false
        string join(["a", null, "b"], "、") → "a、b"
        string join(["a", "b"]) → "ab"
        string join(["a", "b"], null) → "ab"
        string join([], "x") → ""
        string join("a", "x") → "a"
        string join(["a", 1]) → null
        string length(null) → null
    """)


def test_list_functions() -> None:
    check("""
        list contains([1, null], null) → true
        list contains([1, 2], 3) → false
        list contains([[1]], [1]) → true
        count([1, [2, 3]]) → 2
        count([]) → 0
        count(null) → null
        sublist([1, 2, 3], 2) → [2, 3]
        sublist([1, 2, 3], 1, 2) → [1, 2]
        sublist([1, 2, 3], -2, 1) → [2]
        sublist([1, 2, 3], 2, 3) → null
        sublist([1, 2, 3], 2, 0) → null
        sublist([1, 2, 3], 4) → null
        append([1], 2, null) → [1, 2, null]
        append([1]) → null
        append(1, 2) → [1, 2]
        concatenate([1], [2, 3], 4) → [1, 2, 3, 4]
        concatenate([[1]]) → [[1]]
        concatenate([1], null) → null
        union([1, 2], [2, 3]) → [1, 2, 3]
        union([1], null) → null
        insert before([1, 3], 2, 2) → [1, 2, 3]
        insert before([1, 3], -1, 2) → [1, 2, 3]
        insert before([1], 3, 2) → null
        remove([1, 2, 3], 2) → [1, 3]
        remove([1, 2, 3], -1) → [1, 2]
        remove([1], 0) → null
        reverse([1, 2]) → [2, 1]
        index of([1, 2, 1], 1) → [1, 3]
        index of([1], 2) → []
        distinct values([1, true, 1.0, "1", [1], [1], null, null]) → [1, true, "1", [1], null]
        flatten([1, [2, [3]], []]) → [1, 2, 3]
        list replace([1, 2, 3], 2, "x") → [1, "x", 3]
        list replace([1, 2, 3], function(item, newItem) item > 1, 0) → [1, 0, 0]
        list replace([1, 2], function(item, newItem) item, 0) → null
        list replace([1, 2], 3, 0) → null
        list replace([1, 2], "1", 0) → null
        list replace(list: [1, 2], match: function(a, b) true, newItem: 9) → [9, 9]
        sort([3, 1, 2]) → [1, 2, 3]
        sort(["b", "a"], null) → ["a", "b"]
        sort([3, "a"]) → null
        sort([3, 1, 2], function(x, y) x > y) → [3, 2, 1]
        sort(list: [{a: 2}, {a: 1}], precedes: function(x, y) x.a < y.a) → [{a: 1}, {a: 2}]
        sort([2, 2, 1], function(x, y) x < y) → [1, 2, 2]
        sort([1], function(x) true) → null
        sort([]) → []
    """)


def test_statistics() -> None:
    check("""
        min([3, 1, 2]) → 1
        min(3, 1, 2) → 1
        min("b", "a") → "a"
        min([]) → null
        min([1, "a"]) → null
        max([@"2026-03-02", @"2026-03-05"]) → @"2026-03-05"
        max(7) → 7
        sum([1, 2.5]) → 3.5
        sum(1, 2) → 3
        sum([]) → null
        sum([1, "a"]) → null
        sum(10 ** 6144, 9 * 10 ** 6144, 10 ** 6144) → null
        product([2, 3, 4]) → 24
        product([]) → null
        product(10 ** 6000, 10 ** 6000) → null
        mean([1, 2]) → 1.5
        mean([]) → null
        mean(9 * 10 ** 6144, 9 * 10 ** 6144) → null
        median([3, 1, 2]) → 2
        median([4, 1, 3, 2]) → 2.5
        median([]) → null
        stddev([2, 4, 7, 5]) → 2.081665999466132735282297706979931
        stddev([1]) → null
        stddev(9 * 10 ** 6144, 9 * 10 ** 6144) → null
        mode([6, 3, 9, 6, 3]) → [3, 6]
        mode([]) → []
        mode([null]) → null
        all([true, true]) → true
        all([true, null]) → null
        all([false, null]) → false
        all([]) → true
        all(true, false) → false
        any([false, null]) → null
        any([true, null]) → true
        any([]) → false
        any(0) → null
    """)


def test_numeric_functions() -> None:
    check("""
        decimal(2.5, 0) → 2
        decimal(3.5, 0) → 4
        decimal(1 / 3, 2) → 0.33
        decimal(1250, -2) → 1200
        decimal(1, 7000) → null
        decimal(1, -7000) → null
        floor(-1.5) → -2
        floor(1.56, 1) → 1.5
        ceiling(1.2) → 2
        ceiling(-1.56, 1) → -1.5
        ceiling(0.001, 0) → 1
        round up(1.121, 2) → 1.13
        round up(-0.001, 0) → -1
        round down(1.129, 2) → 1.12
        round down(0.001, 0) → 0
        round half up(2.5, 0) → 3
        round half up(-2.5, 0) → -3
        round half down(2.5, 0) → 2
        round half down(2.51, 0) → 3
        round half up(99999999999999999999999999999999.995, 2) → 100000000000000000000000000000000
        abs(-5) → 5
        abs(@"-P1D") → @"P1D"
        abs(@"-P1M") → @"P1M"
        abs("a") → null
        modulo(10, 4) → 2
        modulo(-10.1, 4.5) → 3.4
        modulo(10.1, -4.5) → -3.4
        modulo(1, 0) → null
        modulo(10 ** 34 + 1, 10) → 0
        modulo(10 ** 6000, 10 ** -6000) → null
        sqrt(16) → 4
        sqrt(-1) → null
        log(1) → 0
        log(0) → null
        exp(0) → 1
        exp(10 ** 6) → null
        odd(3) → true
        odd(-2) → false
        odd(2.5) → false
        even(4) → true
        even(0) → true
    """)
    assert Decimal(0) <= evaluate("random number()") < Decimal(1)
    assert evaluate("random number() = random number()") is False


def test_context_functions() -> None:
    check("""
        get value({a: 1}, "a") → 1
        get value({a: 1}, "b") → null
        get value({a: {b: 2}}, ["a", "b"]) → 2
        get value({a: 1}, ["a", "b"]) → null
        get value({a: 1}, [1]) → null
        get value({a: 1}, []) → null
        get entries({a: 1, b: 2}) → [{key: "a", value: 1}, {key: "b", value: 2}]
        context put({a: 1}, "b", 2) → {a: 1, b: 2}
        context put({a: 1}, "a", 2) → {a: 2}
        context put({a: {b: 1}}, ["a", "c"], 2) → {a: {b: 1, c: 2}}
        context put({a: 1}, ["a", "c"], 2) → null
        context put({a: 1}, [], 2) → null
        context put({a: {b: 1}}, ["a", 1], 2) → null
        context put(context: {a: 1}, keys: ["a"], value: 2) → {a: 2}
        context merge([{a: 1}, {b: 2}, {a: 3}]) → {a: 3, b: 2}
        context merge({a: 1}) → {a: 1}
        context merge([1]) → null
    """)


def test_date_functions_use_the_organisation_s_zone() -> None:
    check("""
        string(now()) → "2026-03-02T09:30:05+08:00"
        today() → @"2026-03-02"
        day of year(@"2024-12-31") → 366
        day of week(@"2026-03-02") → "Monday"
        day of week(@"2026-03-08T23:00:00Z") → "Sunday"
        month of year(@"2026-03-02") → "March"
        week of year(@"2026-01-01") → 1
        week of year(@"2027-01-01") → 53
        day of week("2026-03-02") → null
    """)


def test_is_compares_elements_and_equality_compares_values() -> None:
    check("""
        is(1, 1.0) → true
        is(1, "1") → false
        is(null, null) → true
        is(@"09:00:00Z", @"09:00:00+00:00") → true
        is(@"09:00:00Z", @"17:00:00+08:00") → false
        @"09:00:00Z" = @"17:00:00+08:00" → true
        is(@"2026-03-02T09:00:00", @"2026-03-02T09:00:00Z") → false
        is() → null
        is(value1: 1) → false
        is(value1: null) → true
    """)


def test_points_and_ranges_relate_as_allen_says() -> None:
    check("""
        before(1, 2) → true
        before(1, [1..5]) → false
        before(1, (1..5]) → true
        before([1..5), 5) → true
        before([1..5], 5) → false
        before([1..5), [5..6]) → true
        after(6, [1..5]) → true
        after(5, [1..5)) → true
        after([5..6], [1..5]) → false
        meets([1..5], [5..9]) → true
        meets([1..5), [5..9]) → false
        met by([5..9], [1..5]) → true
        overlaps([1..5], [5..9]) → true
        overlaps([1..5], (5..9]) → false
        overlaps before([1..5], [3..9]) → true
        overlaps before([1..5], [1..9]) → false
        overlaps after([3..9], [1..5]) → true
        overlaps after([1..9], [1..5]) → false
        finishes(5, [1..5]) → true
        finishes([3..5], [1..5]) → true
        finishes([3..5), [1..5]) → false
        finished by([1..5], 5) → true
        finished by([1..5], (3..5]) → true
        includes([1..5], 3) → true
        includes((1..5], 1) → false
        includes([1..5], [2..3]) → true
        includes([1..5), [2..5]) → false
        during(3, [1..5]) → true
        during([2..3], [1..5]) → true
        starts(1, [1..5]) → true
        starts([1..3], [1..5]) → true
        starts((1..3], [1..5]) → false
        started by([1..5], 1) → true
        started by([1..5], [1..3]) → true
        coincides(1, 1) → true
        coincides([1..5], [1..5]) → true
        coincides([1..5], [1..5)) → false
        before((< 5), 5) → true
        includes((> 5), 1000) → true
        includes((> 5), [6..7]) → true
        overlaps((< 5), (> 3)) → true
        coincides((< 5), (< 5)) → true
        meets((<= 5), (>= 5)) → true
        before(1, "a") → null
        before([1..2], ["a".."b"]) → null
        before(@"2026-03-02", @"2026-03-03") → true
        before(point1: 1, point2: 2) → true
        before(point: 1, range: [2..3]) → true
        meets(1, [1..2]) → null
    """)


def test_a_builtin_is_a_value_like_any_function() -> None:
    check("""
        {f: max}.f(1, 5, 3) → 5
        {f: round up}.f(1.2, 0) → 2
        (for f in [floor, ceiling] return f(1.5)) → [1, 2]
        {f: substring}.f(string: "abc", start position: 2) → "bc"
        {f: substring}.f("abc") → null
    """)


def test_further_functions_are_passed_in_the_scope() -> None:
    calls: list[tuple[object, ...]] = []

    def after(*arguments: object) -> object:
        calls.append(arguments)
        return arguments[-1]

    function = Function("working time after", ("start", "duration", "calendar"), after, optional=1)
    scope = {"working time after": function, "x": from_python(3)}
    for text in (
        "working time after(x, 2)",
        'working time after(x, 2, "shop")',
        "working time after(duration: 2, start: x)",
        'working time after(calendar: "shop", duration: 2, start: x)',
    ):
        compiled = compile_expression(text, functions=frozenset({"working time after"}))
        assert compiled.references == {"working time after", "x"}
        compiled.evaluate(scope, Environment())
    three, two = Decimal(3), Decimal(2)
    assert calls == [(three, two), (three, two, "shop"), (three, two), (three, two, "shop")]
    compiled = compile_expression("working time after(x)", functions=frozenset({"working time after"}))
    assert compiled.evaluate(scope, Environment()) is None and len(calls) == 4


def test_external_functions_have_doubles_for_a_few_pure_ones_and_no_others() -> None:
    def call(class_name: str, signature: str, *arguments: str) -> str:
        parameters = ", ".join(f"p{index}" for index in range(len(arguments)))
        mapping = f'{{java: {{class: "{class_name}", method signature: "{signature}"}}}}'
        return f"(function({parameters}) external {mapping})({', '.join(arguments)})"

    assert evaluate(call("java.lang.Math", "max(int, int)", "2", "3")) == 3
    assert evaluate(call("java.lang.Math", "min(double,double)", "2.5", "3")) == Decimal("2.5")
    assert evaluate(call("java.lang.Math", "sqrt(double)", "16")) == 4
    assert evaluate(call("java.lang.Integer", "valueOf(java.lang.String)", '"42"')) == 42
    assert evaluate(call("java.lang.Byte", "valueOf(byte)", "42")) == 42
    assert evaluate(call("java.lang.String", "valueOf(char)", '"x"')) == "x"
    assert evaluate(call("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", '"%s%%"', '"9"')) == "9%"
    for null in (
        call("java.lang.Runtime", "exit(int)", "1"),
        call("java.lang.Math", "max(java.lang.String, java.lang.String)", '"a"', '"b"'),
        call("java.lang.Math", "sqrt(double)", "-1"),
        call("java.lang.Math", "exp(double)", "99999"),
        call("java.lang.Math", "pow(double, double)", "10", "308.5"),
        call("java.lang.Math", "sqrt(double)", '"a"'),
        call("java.lang.Math", "abs(int)", "10 ** 20"),
        call("java.lang.Math", "abs(byte)", "200"),
        call("java.lang.Math", "max(int)", "1"),
        call("java.lang.String", "valueOf(char)", '"abc"'),
        call("java.lang.Integer", "valueOf(java.lang.String)", '"x"'),
        call("java.lang.Integer", "valueOf(java.lang.String)", "1"),
        call("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", '"%d"', '"9"'),
        "(function(x) external 5)(1)",
        '(function(x) external {pmml: {document: "a"}})(1)',
    ):
        assert evaluate(null) is None, null
    assert "write it in FEEL" in reasons(call("java.lang.Runtime", "exit(int)", "1"))[0]


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_no_builtin_takes_ten_arguments_of_nonsense(name: str) -> None:
    for argument in ("null", "true", "-1", '"x"', "[null]", "{}", '@"P1D"', "[1..2]", "(function() 1)"):
        for count in (1, 2, 3, 4):
            evaluate(f"{name}({', '.join([argument] * count)})")
    assert evaluate(f"{name}(nonsense: 1)") is None
