"""Taking in form posts and JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.feel.temporal import Date, Time
from engine.form_schema import Form, Submission, add_row, remove_row
from tests.unit.form_schema.schemas import PARTS, environment, field, form


def post(read: Form, data: dict[str, list[str] | str], scope: dict[str, Any] | None = None, **more: Any) -> Submission:
    return read.submit(data, scope or {}, environment(), **more)


def value_of(component: dict[str, Any], *texts: str, scope: dict[str, Any] | None = None) -> object:
    submission = post(form(component), {"a": list(texts)}, scope)
    assert not submission.errors, submission.errors
    return submission.values["a"]


def error_of(component: dict[str, Any], *texts: str, scope: dict[str, Any] | None = None) -> str:
    submission = post(form(component), {"a": list(texts)}, scope)
    assert submission.typed == ({"a": texts} if texts else {})
    return str(submission.errors["a"])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6.5", "6.5"),
        ("1,860.00", "1860.00"),
        ("１，８６０．００", "1860.00"),
        (" 12 ", "12"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("+3", "3"),
        (".5", "0.5"),
        ("￥ 8,668.00 元", "8668.00"),
        ("1 860", "1860"),
        ("12 元", "12"),
        ("9" * 34, "9" * 34),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: str) -> None:
    assert value_of(field("number", "a", appearance={"suffixAdorner": "元"}), text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["x", "1,86", "1..2", "1e5", "NaN", "Infinity", "0x10", "½", "--1", "9" * 60, ",", "."]
)
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    assert error_of(field("number", "a"), text) == "Enter a number, for example 12.5"


@pytest.mark.parametrize(
    ("options", "text", "message"),
    [
        ({"properties": {"above": "0", "example": "6.5"}}, "0", "Enter a number greater than 0, for example 6.5"),
        ({"properties": {"above": "0"}, "decimalDigits": 1}, "-1", "Enter a number greater than 0, for example 1"),
        ({"validate": {"min": 5}}, "4.99", "Enter a number of at least 5, for example 5"),
        ({"validate": {"max": 5}}, "5.01", "Enter a number of at most 5, for example 5"),
        ({"validate": {"min": "=floor"}}, "4", "Enter a number of at least 10, for example 10"),
        ({"decimalDigits": 2}, "1.001", "Enter a number with at most 2 decimal places, for example 12.5"),
        ({"decimalDigits": 0}, "1.5", "Enter a whole number, for example 12"),
        ({"validate": {"required": True}}, "", "Enter a number, for example 12.5"),
    ],
)
def test_numbers_keep_their_limits(options: dict[str, Any], text: str, message: str) -> None:
    assert error_of(field("number", "a", **options), text, scope={"floor": Decimal(10)}) == message


def test_limits_themselves_are_inside() -> None:
    assert value_of(field("number", "a", validate={"min": 5, "max": 5}), "5.00") == 5
    assert value_of(field("number", "a", decimalDigits=2), "1.500") == Decimal("1.5")


@pytest.mark.parametrize(
    ("options", "text", "message"),
    [
        ({"validate": {"required": True}}, "  ", "Fill this in"),
        ({"validate": {"required": True}, "properties": {"example": "甲"}}, "", "Fill this in, for example 甲"),
        ({"validate": {"minLength": 3}}, "ab", "Write at least 3 characters; there are 2"),
        ({"validate": {"maxLength": 3}}, "abcd", "Shorten this to at most 3 characters; it has 4"),
        ({}, "x" * 1001, "Shorten this to at most 1000 characters; it has 1001"),
        ({"validate": {"validationType": "email"}}, "a@b", "Enter an e-mail address, for example name@example.com"),
        ({"validate": {"validationType": "phone"}}, "call me", "Enter a telephone number, for example 021-5555 0123"),
        ({"validate": {"pattern": "^[A-Z]{2}$"}}, "abc", "This does not have the form that is asked for"),
        (
            {"validate": {"pattern": "^[A-Z]{2}$"}, "properties": {"example": "AB"}},
            "abc",
            "Write it in this form: AB",
        ),
    ],
)
def test_texts_keep_their_rules(options: dict[str, Any], text: str, message: str) -> None:
    assert error_of(field("textfield", "a", **options), text) == message


def test_the_authors_own_message_is_given_in_both_languages() -> None:
    rules = {"pattern": "^x$", "patternErrorMessage": "写 x"}
    read = form(field("textfield", "a", validate=rules, properties={"patternErrorMessage.en": "Write x"}))
    message = post(read, {"a": "y"}).errors["a"]
    assert message.in_locale("zh_CN").params["text"] == "写 x"
    assert message.english == "Write x"


@pytest.mark.parametrize("phone", ["021-5555 0123", "+86 138 0000 0000", "13800000000", "(0512) 0000 0000 转 12"])
def test_telephone_numbers_are_written_in_many_ways(phone: str) -> None:
    assert value_of(field("textfield", "a", validate={"validationType": "phone"}), phone) == phone


def test_texts_are_trimmed_and_cleaned() -> None:
    assert value_of(field("textfield", "a"), "  a\0b\x07 \r\n c ") == "ab   c"
    assert value_of(field("textarea", "a"), " a\r\nb\rc\n") == "a\nb\nc"
    assert value_of(field("textfield", "a"), "") is None
    assert value_of(field("textfield", "a"), "\ud800x") in ("x", "?x")


CHOICE = {"values": [{"label": "是", "value": "yes"}, {"label": "三", "value": 3}, {"label": "否", "value": "no"}]}


def test_options_give_their_own_value_and_no_other() -> None:
    assert value_of(field("select", "a", **CHOICE), "3") == Decimal(3)
    assert value_of(field("radio", "a", **CHOICE), "yes") == "yes"
    assert value_of(field("checklist", "a", **CHOICE), "no", "yes", "no") == ["yes", "no"]
    assert value_of(field("taglist", "a", **CHOICE)) == []
    assert error_of(field("select", "a", **CHOICE), "other").startswith("other is not one of the options")
    assert error_of(field("checklist", "a", **CHOICE), "yes", "x").startswith("x is not one of the options")
    assert error_of(field("select", "a", **CHOICE, validate={"required": True})) == "Choose one of the options"
    assert (
        error_of(field("taglist", "a", **CHOICE, validate={"required": True})) == "Choose at least one of the options"
    )


def test_options_may_come_from_the_case() -> None:
    people = [{"label": "赵海涛", "value": "zhao"}, {"label": "林晓燕", "value": "lin"}]
    for source in ({"valuesKey": "people"}, {"valuesExpression": "=people"}):
        assert value_of(field("select", "a", **source), "lin", scope={"people": people}) == "lin"
        assert "not one" in error_of(field("select", "a", **source), "lin", scope={"people": []})
        assert "not one" in error_of(field("select", "a", **source), "lin", scope={})
    assert value_of(field("select", "a", valuesKey="names"), "甲", scope={"names": ["甲", None, ["x"]]}) == "甲"


def test_check_boxes_are_true_or_false() -> None:
    assert value_of(field("checkbox", "a"), "on") is True
    assert value_of(field("checkbox", "a")) is False
    assert error_of(field("checkbox", "a", validate={"required": True})) == "Tick this box to go on"


@pytest.mark.parametrize("text", ["2026-03-02", "2026/3/2", "2026.3.2", "2026年3月2日", "２０２６-０３-０２"])
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert value_of(field("datetime", "a", subtype="date"), text) == Date(2026, 3, 2)


def test_times_and_moments_are_read() -> None:
    assert value_of(field("datetime", "a", subtype="time"), "9:05") == Time(9, 5, 0)
    for text in ("2026-03-02T09:00", "2026-03-02 09:00", "2026-03-02T01:00:00Z", "2026年3月2日 9:00"):
        found = value_of(field("datetime", "a", subtype="datetime"), text)
        assert found.to_python().isoformat() == "2026-03-02T01:00:00+00:00"  # type: ignore[attr-defined]
    moment = value_of(field("datetime", "a", subtype="datetime"), "2026-03-02T09:00")
    assert str(moment) == "2026-03-02T09:00:00+08:00"


@pytest.mark.parametrize(
    ("subtype", "text", "message"),
    [
        ("date", "2026-02-30", "Enter a date, for example 2026-03-02"),
        ("date", "0001-01-01", "Enter a date, for example 2026-03-02"),
        ("date", "tomorrow", "Enter a date, for example 2026-03-02"),
        ("time", "25:00", "Enter a time, for example 09:30"),
        ("datetime", "2026-03-02", "Enter a date and time, for example 2026-03-02 09:30"),
    ],
)
def test_what_is_no_date_is_refused_with_today_as_example(subtype: str, text: str, message: str) -> None:
    assert error_of(field("datetime", "a", subtype=subtype), text) == message


def test_a_date_may_be_forbidden_to_lie_in_the_past() -> None:
    future = field("datetime", "a", subtype="date", disallowPassedDates=True)
    assert value_of(future, "2026-03-02") == Date(2026, 3, 2)
    assert error_of(future, "2026-03-01") == "Enter a date that is not in the past, for example 2026-03-02"


def test_a_file_is_asked_for_until_it_is_attached() -> None:
    read = form(field("filepicker", "photo", validate={"required": True}))
    assert str(post(read, {}).errors["photo"]) == "Add a file"
    assert not post(read, {}, attached=frozenset({"photo"})).errors
    assert read.requires_files


def test_what_is_not_in_the_form_is_ignored() -> None:
    assert post(form(field("textfield", "a")), {"a": "x", "role": "admin", "csrf_token": "t"}).values == {"a": "x"}


def test_what_may_not_be_changed_is_not_changed() -> None:
    read = form(
        field("number", "fixed", readonly=True),
        field("number", "off", disabled=True),
        field("number", "maybe", readonly="=locked"),
    )
    sent: dict[str, list[str] | str] = {"fixed": "1", "off": "2", "maybe": "3"}
    scope = {"fixed": Decimal(10), "off": Decimal(20), "maybe": Decimal(30), "locked": True}
    assert post(read, sent, scope).values == {"fixed": 10, "maybe": 30}
    assert post(read, sent, scope | {"locked": False}).values["maybe"] == 3


def test_hidden_fields_count_for_nothing() -> None:
    read = form(
        field("radio", "warranty", values=[{"label": "内", "value": "in"}, {"label": "外", "value": "out"}]),
        field("number", "price", validate={"required": True}, conditional={"hide": '=warranty = "in"'}),
        field("textfield", "reason", validate={"required": True}, conditional={"hide": "=price = null or price < 100"}),
    )
    inside = post(read, {"warranty": "in", "price": "500", "reason": "x"})
    assert inside.values == {"warranty": "in"}
    assert not inside.errors
    assert inside.typed["price"] == ("500",)
    outside = post(read, {"warranty": "out", "price": "500"})
    assert outside.values == {"warranty": "out", "price": 500, "reason": None}
    assert list(outside.errors) == ["reason"]


def test_a_hidden_group_hides_all_that_is_in_it() -> None:
    inner = {
        "type": "group",
        "label": "内",
        "id": "i",
        "components": [field("textfield", "b", validate={"required": True})],
    }
    outer = {
        "type": "group",
        "label": "外",
        "id": "o",
        "components": [inner, PARTS],
        "conditional": {"hide": "=not(a)"},
    }
    read = form(field("checkbox", "a"), outer)
    assert post(read, {"parts[0].name": "x"}).values == {"a": False}
    assert set(post(read, {"a": "on"}).errors) == {"b"}


def test_conditions_that_chase_each_other_come_to_an_end() -> None:
    read = form(
        field("textfield", "a", conditional={"hide": "=b = null"}),
        field("textfield", "b", conditional={"hide": "=a != null"}),
    )
    post(read, {"a": "x", "b": "y"})


def test_requirement_may_depend_on_another_answer() -> None:
    read = form(field("checkbox", "broken"), field("textfield", "why", properties={"required": "=broken"}))
    assert not post(read, {}).errors
    assert list(post(read, {"broken": "on"}).errors) == ["why"]


def test_groups_with_a_path_make_contexts() -> None:
    group = {
        "type": "group",
        "label": "客户",
        "path": "customer",
        "components": [field("textfield", "name"), field("textfield", "a.b")],
    }
    assert post(form(group), {"customer.name": "恒越", "customer.a.b": "x"}).values == {
        "customer": {"name": "恒越", "a": {"b": "x"}}
    }


def test_computed_values_are_computed_here_whatever_was_sent() -> None:
    read = form(
        field("number", "quantity"),
        {"type": "expression", "key": "double", "expression": "=2 * quantity"},
        {"type": "expression", "key": "next", "expression": "=double + 1"},
    )
    values = post(read, {"quantity": "4", "double": "999"}).values
    assert values == {"quantity": 4, "double": 8, "next": 9}


# --- rows

ROWS: dict[str, list[str] | str] = {
    "parts[0].name": "张力传感器",
    "parts[0].quantity": "2",
    "parts[0].price": "1,860.00",
    "parts[3].name": "模拟量输入板",
    "parts[3].quantity": "1",
    "parts[3].price": "2,450.00",
}


def test_rows_are_lists_of_contexts() -> None:
    read = form(PARTS, {"type": "expression", "key": "total", "expression": "=sum(parts.subtotal)"})
    submission = post(read, ROWS)
    assert not submission.errors
    assert [row["name"] for row in submission.values["parts"]] == ["张力传感器", "模拟量输入板"]
    assert [row["subtotal"] for row in submission.values["parts"]] == [3720, 2450]
    assert submission.values["total"] == 6170
    assert submission.typed["parts[1].name"] == ("模拟量输入板",)


def test_errors_name_the_row_as_it_will_be_shown() -> None:
    submission = post(form(PARTS), ROWS | {"parts[3].quantity": "0", "parts[3].name": " "})
    assert {name: str(error) for name, error in submission.errors.items()} == {
        "parts[1].name": "Fill this in",
        "parts[1].quantity": "Enter a number greater than 0, for example 1",
    }


def test_a_row_with_nothing_in_it_does_not_count() -> None:
    blank: dict[str, list[str] | str] = {"parts[1].name": " ", "parts[1].quantity": "1", "parts[1].price": ""}
    submission = post(form(PARTS), ROWS | blank)
    assert len(submission.values["parts"]) == 2
    assert submission.typed["parts[1].name"] == ("模拟量输入板",)
    assert not submission.errors


def test_the_number_of_rows_is_bounded() -> None:
    few = PARTS | {"properties": {"minRows": "1", "maxRows": "2"}}
    assert str(post(form(few), {}).errors["parts"]) == "Add at least one row"
    many: dict[str, list[str] | str] = {f"parts[{number}].name": "x" for number in range(5)}
    submission = post(form(few), many)
    assert str(submission.errors["parts"]) == "Keep at most 2 rows; there are 5"
    assert len(submission.values["parts"]) == 2


def test_rows_of_empty_boxes_are_kept_by_their_number() -> None:
    boxes = {
        "type": "dynamiclist",
        "path": "boxes",
        "label": "箱",
        "components": [field("checkbox", "a"), field("textfield", "b")],
    }
    submission = post(form(boxes), {"boxes": ["0", "1", "x", "-1"], "boxes[1].b": "有"}, draft=True)
    assert submission.values == {"boxes": [{"a": False, "b": None}, {"a": False, "b": "有"}]}


def test_a_fixed_list_neither_gains_nor_loses_rows() -> None:
    fixed = PARTS | {"allowAddRemove": False}
    scope = {"parts": [{"name": "甲"}, {"name": "乙"}]}
    submission = post(form(fixed), {"parts[0].name": "丙", "parts[7].name": "丁"}, scope)
    assert [row["name"] for row in submission.values["parts"]] == ["丙", None]


def test_read_only_cells_keep_the_value_of_their_own_row() -> None:
    rows = {
        "type": "dynamiclist",
        "path": "rows",
        "label": "行",
        "components": [field("textfield", "a"), field("textfield", "b", readonly=True)],
    }
    scope = {"rows": [{"b": "零"}, {"b": "一"}, {"b": "二"}]}
    submission = post(form(rows), {"rows[0].a": "x", "rows[2].a": "y", "rows[2].b": "假"}, scope)
    assert submission.values["rows"] == [{"a": "x", "b": "零"}, {"a": "y", "b": "二"}]


def test_conditions_in_rows_see_the_row_its_number_and_the_form() -> None:
    rows = {
        "type": "dynamiclist",
        "path": "rows",
        "label": "行",
        "components": [
            field("textfield", "a"),
            field("textfield", "b", conditional={"hide": '=a != "show"'}),
            {"type": "expression", "key": "n", "expression": "=i + parent.base + base"},
        ],
    }
    read = form(field("number", "base"), rows)
    sent: dict[str, list[str] | str] = {
        "base": "10",
        "rows[0].a": "show",
        "rows[0].b": "1",
        "rows[1].a": "x",
        "rows[1].b": "2",
    }
    assert post(read, sent).values["rows"] == [{"a": "show", "b": "1", "n": 21}, {"a": "x", "n": 22}]


def test_rows_are_added_and_removed_without_javascript() -> None:
    data = {name: [text] if isinstance(text, str) else text for name, text in ROWS.items()}
    added = form(PARTS).submit(add_row(data, "parts"), {}, environment(), draft=True)
    assert [row["name"] for row in added.values["parts"]] == ["张力传感器", "模拟量输入板", None]
    assert not added.errors
    removed = form(PARTS).submit(remove_row(data, "parts[0]"), {}, environment(), draft=True)
    assert [row["name"] for row in removed.values["parts"]] == ["模拟量输入板"]
    assert add_row({}, "parts") == {"parts": ["0"]}
    assert remove_row({"parts": ["0", "1"], "parts[1].a": ["x"]}, "parts[1]") == {"parts": ["0"]}


# --- JSON


def check(read: Form, values: dict[str, Any], scope: dict[str, Any] | None = None) -> Submission:
    return read.check(values, scope or {}, environment())


def test_json_passes_the_same_checks() -> None:
    read = form(field("number", "hours", properties={"above": "0"}), PARTS)
    good = check(read, {"hours": 6.5, "parts": [{"name": "甲", "quantity": 2, "price": Decimal("1.5")}]})
    assert not good.errors
    assert good.values["parts"][0]["subtotal"] == 3
    bad = check(read, {"hours": 0, "parts": [{"quantity": 2}]})
    assert set(bad.errors) == {"hours", "parts[0].name"}


def test_json_keeps_what_is_not_given_and_refuses_what_the_form_does_not_have() -> None:
    read = form(field("textfield", "a", defaultValue="甲"), field("textfield", "b"))
    submission = check(read, {"c": 1}, {"b": "乙"})
    assert submission.values == {"a": "甲", "b": "乙"}
    assert str(submission.errors["c"]) == "The form has no field c. Remove it"


@pytest.mark.parametrize(
    ("component", "given", "value"),
    [
        (field("number", "a"), "1,860.00", Decimal(1860)),
        (field("datetime", "a", subtype="date"), "2026-03-02", Date(2026, 3, 2)),
        (field("datetime", "a", subtype="date"), Date(2026, 3, 2), Date(2026, 3, 2)),
        (field("checkbox", "a"), True, True),
        (field("checkbox", "a"), None, False),
        (field("select", "a", **CHOICE), 3, Decimal(3)),
        (field("checklist", "a", **CHOICE), ["no", 3], [Decimal(3), "no"]),
        (field("textarea", "a"), "a\nb", "a\nb"),
    ],
)
def test_json_values_are_typed_or_text(component: dict[str, Any], given: object, value: object) -> None:
    submission = check(form(component), {"a": given})
    assert not submission.errors
    assert submission.values["a"] == value


@pytest.mark.parametrize(
    ("component", "given"),
    [
        (field("number", "a"), True),
        (field("number", "a"), [1]),
        (field("textfield", "a"), 5),
        (field("textfield", "a"), {"x": 1}),
        (field("textfield", "a"), object()),
        (field("checkbox", "a"), "yes"),
        (field("datetime", "a", subtype="date"), 5),
        (field("checklist", "a", **CHOICE), "yes"),
        (field("select", "a", **CHOICE), ["yes"]),
        (PARTS | {"path": "a"}, "rows"),
        (PARTS | {"path": "a"}, [1]),
    ],
)
def test_json_of_the_wrong_kind_is_refused(component: dict[str, Any], given: object) -> None:
    assert "a" in check(form(component), {"a": given}).errors


# --- hostile posts


def test_a_post_of_thousands_of_values_is_refused() -> None:
    submission = post(form(PARTS), {f"parts[{number}].name": "x" for number in range(5_000)})
    assert "more than 2000" in str(submission.errors[""])
    assert len(submission.values["parts"]) == 200


def test_a_very_long_text_is_kept_only_so_far() -> None:
    submission = post(form(field("textarea", "a")), {"a": "x" * 1_000_000})
    assert "Shorten this" in str(submission.errors["a"])
    assert len(submission.typed["a"][0]) == 50_000
