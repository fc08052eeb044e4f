"""The tree that templates show, documents and printing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.temporal import parse_date_time
from engine.form_schema import FieldView, Form, FormView, GroupView, Line, ListView, TableView
from tests.unit.form_schema.schemas import PARTS, environment, field, form


def show(
    read: Form,
    values: dict[str, Any] | None = None,
    locale: str = "zh_CN",
    scope: dict[str, Any] | None = None,
    **more: Any,
) -> FormView:
    return read.render_model(values or {}, more.pop("errors", {}), locale, scope or {}, environment(), **more)


def only(view: FormView) -> FieldView:
    (found,) = view.fields()
    return found


def list_of(view: FormView) -> ListView:
    (found,) = (item for group in view.groups for item in group.items if isinstance(item, ListView))
    return found


GROUP = {
    "type": "group",
    "id": "Group_plan",
    "label": "方案",
    "properties": {
        "label.en": "Plan",
        "standards": "方案写明故障点。\n按难易程度制定。",
        "standards.en": "The plan names the points of failure.",
        "source": "000 节点 3，标准（1）",
    },
    "components": [
        field(
            "number",
            "hours",
            label="预计工时",
            description="按 {{rate}} 元计",
            decimalDigits=1,
            validate={"required": True},
            appearance={"suffixAdorner": "小时"},
            layout={"row": "r1", "columns": 8},
            properties={"label.en": "Estimated hours", "unit.en": "h", "above": "0", "example": "6.5"},
        )
    ],
}


def test_a_group_carries_the_documents_text_beside_its_fields() -> None:
    (group,) = show(form(GROUP)).groups
    assert (group.label, group.source) == ("方案", "000 节点 3，标准（1）")
    assert group.standards == ("方案写明故障点。", "按难易程度制定。")
    (english,) = show(form(GROUP), locale="en").groups
    assert (english.label, english.standards) == ("Plan", ("The plan names the points of failure.",))


def test_a_field_has_all_that_a_template_writes() -> None:
    hours = only(show(form(GROUP), {"hours": Decimal("6.5")}, scope={"rate": Decimal(300)}))
    assert (hours.kind, hours.id, hours.name) == ("number", "field-hours", "hours")
    assert (hours.label, hours.hint, hours.unit, hours.text) == ("预计工时", "按 300 元计", "小时", "6.5")
    assert (hours.required, hours.width, hours.input_mode) == (True, "w3", "decimal")
    assert hours.described_by == "field-hours-hint"
    english = only(show(form(GROUP), locale="en"))
    assert (english.label, english.unit) == ("Estimated hours", "h")


def test_after_a_refusal_the_typed_text_and_the_message_are_shown() -> None:
    read = form(GROUP)
    sent = read.submit({"hours": ["zero"]}, {}, environment())
    view = show(read, sent.values, errors=sent.errors, typed=sent.typed)
    hours = only(view)
    assert hours.text == "zero"
    assert hours.error is not None
    assert str(hours.error) == "Enter a number, for example 6.5"
    assert hours.described_by == "field-hours-error field-hours-hint"
    assert [(problem.id, problem.label) for problem in view.problems] == [("field-hours", "预计工时")]


def test_a_field_shows_the_value_then_the_variable_then_the_default() -> None:
    read = form(field("textfield", "a", defaultValue='="de" + "fault"'))
    assert only(show(read, {"a": "value"}, scope={"a": "variable"})).text == "value"
    assert only(show(read, scope={"a": "variable"})).text == "variable"
    assert only(show(read)).text == "default"
    assert only(show(read, {"a": None}, scope={"a": "variable"})).text == ""


def test_numbers_are_shown_as_amounts_and_inputs_hide_no_digit() -> None:
    amount = form(field("number", "a", decimalDigits=2))
    assert only(show(amount, {"a": Decimal("8668")})).text == "8,668.00"
    assert only(show(amount, {"a": Decimal("0.125")})).text == "0.125"
    assert only(show(amount, {"a": Decimal("-1234.5")})).display == "−1,234.50"
    plain = form(field("number", "a"))
    assert only(show(plain, {"a": Decimal("2023")})).text == "2023"
    assert only(show(plain, {"a": Decimal("1E+3")})).text == "1000"
    assert only(show(plain, {"a": Decimal("1E+6000")})).text == "1E+6000"


def test_moments_are_shown_on_the_organisations_clocks() -> None:
    read = form(field("datetime", "a", subtype="datetime"))
    view = only(show(read, {"a": parse_date_time("2026-03-02T01:00:00Z")}))
    assert (view.text, view.display) == ("2026-03-02T09:00", "2026-03-02 09:00")


def test_options_have_labels_in_the_readers_language() -> None:
    choice = field(
        "checklist",
        "a",
        values=[{"label": "甲", "value": "one"}, {"label": "乙", "value": "two"}],
        properties={"option.one.en": "First"},
    )
    view = only(show(form(choice), {"a": ["two", "one"]}))
    assert [(option.value, option.label, option.selected) for option in view.options] == [
        ("one", "甲", True),
        ("two", "乙", True),
    ]
    assert view.display == "乙、甲"
    assert only(show(form(choice), {"a": ["one"]}, locale="en")).display == "First"


def test_hidden_components_are_left_out_and_named() -> None:
    read = form(
        field("checkbox", "a"),
        field("textfield", "b", conditional={"hide": "=not(a)"}),
        field("textfield", "c", conditional={"hide": "=a"}),
    )
    view = show(read, {"a": False})
    assert [shown.name for shown in view.fields()] == ["a", "c"]
    assert [(hidden.key, hidden.condition) for hidden in view.hidden] == [("b", "not(a)")]
    assert view.depends_on == {"a"}
    assert [shown.refreshes for shown in view.fields()] == [True, False]
    assert [shown.condition for shown in view.fields()] == ["", "a"]


def test_rows_are_a_table_with_totals() -> None:
    rows = [
        {"name": "张力传感器", "quantity": Decimal(2), "price": Decimal("1860.00")},
        {"name": "屏蔽电缆", "quantity": Decimal(40), "price": Decimal("8.50")},
    ]
    parts = list_of(show(form(PARTS), {"parts": rows}))
    assert [(head.label, head.unit, head.numeric) for head in parts.columns] == [
        ("名称", "", False),
        ("数量", "", True),
        ("单价", "元", True),
        ("小计", "", True),
    ]
    assert parts.columns[3].total == "4,060.00"
    assert parts.has_totals
    assert (parts.can_add, parts.can_remove) == (True, True)
    cells = parts.rows[1].cells
    assert [cell.name for cell in cells if cell] == [
        f"parts[1].{key}" for key in ("name", "quantity", "price", "subtotal")
    ]
    assert (cells[3].text, cells[3].readonly) == ("340.00", True)  # type: ignore[union-attr]
    assert parts.rows[1].label == "屏蔽电缆"


def test_an_empty_list_begins_with_a_blank_row_of_defaults() -> None:
    parts = list_of(show(form(PARTS)))
    assert [[cell.text for cell in row.cells if cell] for row in parts.rows] == [["", "1", "", ""]]
    assert list_of(show(form(PARTS | {"defaultRepetitions": 3}))).rows[2].name == "parts[2]"
    assert list_of(show(form(PARTS | {"defaultRepetitions": 0}))).rows == ()


def test_an_error_in_a_row_is_told_with_its_number() -> None:
    read = form(PARTS)
    sent = read.submit({"parts[4].quantity": ["x"]}, {}, environment())
    view = show(read, sent.values, errors=sent.errors, typed=sent.typed)
    assert [(problem.id, problem.label) for problem in view.problems] == [
        ("field-parts-0-name", "名称 1"),
        ("field-parts-0-quantity", "数量 1"),
    ]
    assert list_of(view).rows[0].cells[1].text == "x"  # type: ignore[union-attr]


def test_what_stands_outside_groups_is_shown_where_it_stands() -> None:
    view = show(form(field("textfield", "a"), GROUP, field("textfield", "b"), {"type": "separator"}))
    assert [group.label for group in view.groups] == ["", "方案", ""]
    assert [item.node for item in view.groups[2].items] == ["field", "rule"]


def test_text_is_text_and_says_what_feel_says() -> None:
    read = form(
        {
            "type": "text",
            "text": "## 说明 <b>\n\n共 {{count(parts)}} 项",
            "properties": {"text.en": '="Total " + string(count(parts))'},
        }
    )
    (note,) = show(read, scope={"parts": [1, 2]}).groups[0].items
    assert note.paragraphs == ("## 说明 <b>", "共 2 项")  # type: ignore[union-attr]
    (english,) = show(read, scope={"parts": [1, 2]}, locale="en").groups[0].items
    assert english.paragraphs == ("Total 2",)  # type: ignore[union-attr]


def test_a_text_says_values_as_people_read_them() -> None:
    read = form({"type": "text", "text": "{{due}}，{{is_paid}}，{{numbers}}，{{loss}}，{{nothing}}"})
    scope = {
        "due": parse_date_time("2026-03-02T01:30:00Z"),
        "is_paid": True,
        "numbers": ["A1", "B2"],
        "loss": Decimal("-2.50"),
    }
    (note,) = show(read, scope=scope).groups[0].items
    assert note.paragraphs == ("2026-03-02 09:30，是，A1、B2，−2.5，",)  # type: ignore[union-attr]
    (english,) = show(read, scope=scope, locale="en").groups[0].items
    assert english.paragraphs == ("2026-03-02 09:30，Yes，A1, B2，−2.5，",)  # type: ignore[union-attr]


def test_a_table_shows_a_list_of_the_case() -> None:
    columns = [{"key": "name", "label": "名称"}, {"key": "price", "label": "价格"}]
    read = form(
        {
            "type": "table",
            "label": "报价",
            "dataSource": "=prices",
            "columns": columns,
            "properties": {"column.name.en": "Name"},
        }
    )
    scope = {"prices": [{"name": "甲", "price": Decimal("1.50")}, {"name": "乙"}, "x"]}
    (table,) = show(read, scope=scope, locale="en").groups[0].items
    assert isinstance(table, TableView)
    assert [(head.label, head.numeric) for head in table.columns] == [("Name", False), ("价格", True)]
    assert table.rows == (("甲", "1.5"), ("乙", ""), ("", ""))


def test_layout_becomes_thirds_halves_and_whole_lines() -> None:
    widths = {None: "full", 4: "w2", 5: "w2", 8: "w3", 16: "full"}
    for columns, width in widths.items():
        assert only(show(form(field("textfield", "a", layout={"row": "r", "columns": columns})))).width == width


def test_what_must_not_be_changed_shows_its_value() -> None:
    read = form(field("number", "a", readonly=True, validate={"required": True}))
    shown = only(show(read, scope={"a": Decimal(5)}, typed={"a": ("6",)}))
    assert (shown.text, shown.readonly, shown.required) == ("5", True, False)


def test_a_record_takes_its_fields_from_the_case() -> None:
    read = form(
        field("textfield", "customer_name"),
        field("textfield", "contact", properties={"value": '=contact_person + " " + phone'}),
        field("textfield", "empty"),
        PARTS | {"properties": {"value": "=plan_parts"}},
        {
            "type": "expression",
            "key": "total",
            "label": "合计",
            "expression": "=sum(parts.subtotal)",
            "decimalDigits": 2,
        },
    )
    scope = {
        "customer_name": "恒越",
        "contact_person": "陆建平",
        "phone": "0512",
        "plan_parts": [{"name": "甲", "quantity": Decimal(2), "price": Decimal(3), "secret": "x"}],
        "other": 1,
    }
    record = read.record(scope, environment())
    assert record == {
        "customer_name": "恒越",
        "contact": "陆建平 0512",
        "empty": None,
        "parts": [{"name": "甲", "quantity": 2, "price": 3, "subtotal": 6}],
        "total": 6,
    }


def test_a_record_is_printed_with_labels_and_text() -> None:
    read = form(GROUP, PARTS, field("checkbox", "agreed", label="同意"), field("filepicker", "photo"))
    record = read.record({"hours": Decimal(6), "agreed": True, "parts": [{"name": "甲"}]}, environment())
    printed = list(read.lines(record, "en", environment()))
    assert isinstance(printed[0], GroupView)
    assert Line("hours", "Estimated hours", "6.0", "h") in printed
    assert Line("agreed", "同意", "Yes", "") in printed
    assert any(isinstance(part, ListView) and len(part.rows) == 1 for part in printed)
    assert not any(isinstance(part, Line) and part.name == "photo" for part in printed)


def test_a_record_is_printed_as_it_was_made() -> None:
    total = {"type": "expression", "key": "total", "label": "合计", "expression": "=a * rate", "decimalDigits": 2}
    hidden = field("textfield", "b", conditional={"hide": "=rate > 1"})
    read = form(field("number", "a", label="数"), total, GROUP | {"components": [hidden]})
    record = read.record({"a": Decimal(2), "b": "x", "rate": Decimal(3)}, environment())
    assert record == {"a": 2, "total": 6}
    assert list(read.lines(record, "zh_CN", environment()))[1:] == [Line("a", "数", "2"), Line("total", "合计", "6.00")]


def test_strange_variables_do_not_break_a_form() -> None:
    read = form(
        field("number", "a", decimalDigits=2), field("datetime", "b", subtype="date"), PARTS, field("checkbox", "c")
    )
    for strange in ("text", [1, [2]], {"x": 1}, Decimal("NaN"), True, 5.5, object()):
        show(read, scope={"a": strange, "b": strange, "c": strange, "parts": strange})
        show(read, scope={"parts": [strange, {"name": strange, "quantity": strange}]})
