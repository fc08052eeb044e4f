"""Reading schemas: everything that is not understood is a finding with the component's key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.findings import Severity
from engine.form_schema import DocumentKind, read_form
from tests.unit.form_schema.schemas import PARTS, field, form, schema


def findings(*components: dict[str, Any], **root: Any) -> dict[str, str]:
    found = read_form(schema(*components, **root), "test.form").findings
    assert all(finding.file == "test.form" for finding in found)
    assert all(finding.message and finding.advice for finding in found)
    return {finding.code: finding.element for finding in found}


def test_every_supported_component_is_read_without_a_finding() -> None:
    options = {"values": [{"label": "一", "value": "one"}]}
    read = form(
        *(field(kind, kind) for kind in ("textfield", "textarea", "number", "checkbox", "filepicker")),
        *(field(kind, kind, **options) for kind in ("radio", "select", "checklist", "taglist")),
        *(field("datetime", kind, subtype=kind) for kind in ("date", "time", "datetime")),
        {"type": "datetime", "key": "day", "dateLabel": "日期", "subtype": "date"},
        {"type": "expression", "key": "sum", "expression": "=number + 1"},
        {"type": "text", "text": "说明"},
        {"type": "separator"},
        {"type": "spacer", "height": 30},
        {"type": "button", "label": "提交", "action": "submit"},
        {"type": "group", "label": "组", "path": "inner", "components": [field("textfield", "name")]},
        {"type": "table", "label": "表", "dataSource": "=rows", "columns": [{"key": "a", "label": "甲"}]},
        {"type": "image", "source": "data:image/png;base64,AAAA", "alt": "图"},
        PARTS,
    )
    assert read.is_usable
    assert {"textfield", "sum", "inner", "parts", "day"} <= read.names
    assert "rows" in read.references
    assert read.takes_files
    assert not read.requires_files


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "html", "id": "h", "content": "<b>"}, "form-type"),
        ({"type": "iframe", "id": "h"}, "form-type"),
        ({"type": "telepathy", "id": "h"}, "form-type"),
        ({"id": "h"}, "form-type"),
        ({"type": ["textfield"], "id": "h"}, "form-type"),
        ({"type": "image", "id": "h", "source": "https://elsewhere.example/x.png"}, "form-image"),
        ({"type": "image", "id": "h", "source": "data:image/svg+xml;base64,AAAA"}, "form-image"),
        ({"type": "textfield", "id": "h", "label": "无键"}, "form-key"),
        (field("textfield", "two words"), "form-key"),
        (field("textfield", "a..b"), "form-key"),
        ({"type": "textfield", "key": "h"}, "form-label"),
        (field("textfield", "h", conditional={"hide": "=1 +"}), "form-feel"),
        (field("textfield", "h", defaultValue="=((("), "form-feel"),
        (field("textfield", "h", description="价格 {{ 1 + }}"), "form-feel"),
        (field("textfield", "h", description="价格 {{ price"), "form-template"),
        (field("textfield", "h", description="{{#if a}}x{{/if}}"), "form-template"),
        (field("textfield", "h", validate={"pattern": "(a"}), "form-pattern"),
        (field("textfield", "h", validate={"pattern": "(?=x)a"}), "form-pattern"),
        (field("textfield", "h", validate={"pattern": r"(a)\1"}), "form-pattern"),
        (field("textfield", "h", validate={"pattern": "((a{1,500}){1,500}){1,500}"}), "form-pattern"),
        (field("textfield", "h", validate={"pattern": "a" * 600}), "form-pattern"),
        (field("textfield", "h", validate={"required": "sometimes"}), "form-option"),
        (field("textfield", "h", validate={"minLength": "much"}), "form-option"),
        (field("number", "h", validate={"min": "1e999999999"}), "form-option"),
        (field("number", "h", decimalDigits=2.5), "form-option"),
        (field("number", "h", decimalDigits=-1), "form-option"),
        (field("datetime", "h", subtype="week"), "form-option"),
        (field("textfield", "h", validate="required"), "form-option"),
        (field("textfield", "h", properties={"example": 5}), "form-option"),
        (field("select", "h", values=[]), "form-no-options"),
        (field("select", "h", values=[{"label": "甲", "value": {"a": 1}}]), "form-option"),
        (
            field("select", "h", values=[{"label": "甲", "value": "a"}, {"label": "乙", "value": "a"}]),
            "form-option-twice",
        ),
        (field("select", "h", valuesExpression="=[1,"), "form-feel"),
        ({"type": "expression", "key": "h", "expression": ""}, "form-option"),
        ({"type": "table", "id": "h", "dataSource": "=rows"}, "form-table"),
        ({"type": "table", "id": "h", "dataSource": "=rows", "columnsExpression": "=c"}, "form-table"),
        ({"type": "dynamiclist", "id": "h", "components": []}, "form-key"),
        ({"type": "dynamiclist", "path": "h", "components": [PARTS]}, "form-nested-list"),
        ({"type": "group", "id": "h", "components": "many"}, "form-option"),
    ],
)
def test_what_is_not_understood_refuses_the_form(component: dict[str, Any], code: str) -> None:
    read = read_form(schema(field("textfield", "fine"), component), "test.form")
    assert code in {finding.code for finding in read.findings}
    assert not read.is_usable


def test_keys_must_differ() -> None:
    assert findings(field("textfield", "a"), field("number", "a")) == {"form-key-twice": "a"}
    assert "form-key-twice" in findings(field("textfield", "a.b"), field("textfield", "a"))
    assert "form-key-twice" in findings(PARTS, field("textfield", "parts"))
    group = {"type": "group", "id": "g", "label": "组", "path": "b", "components": [field("textfield", "a")]}
    assert findings(field("textfield", "a"), group) == {}


def test_the_key_in_a_row_is_another_than_outside() -> None:
    assert findings(field("textfield", "name"), PARTS) == {}


def test_unknown_options_are_warnings() -> None:
    read = read_form(schema(field("textfield", "a", colour="red", validate={"requird": True}), theme="x"), "test.form")
    assert {finding.severity for finding in read.findings} == {Severity.WARNING}
    assert len(read.findings) == 3
    assert read.is_usable


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"components": NaN}', "[" * 100_000, "9" * 10_000, b"\xff\xfe"]
)
def test_what_is_no_schema_is_one_finding(text: str | bytes) -> None:
    read = read_form(text, "test.form")
    assert [finding.code for finding in read.findings] == ["form-json"]
    assert not read.is_usable


def test_a_form_needs_an_id() -> None:
    assert "form-id" in findings(field("textfield", "a"), id="")


def test_hostile_sizes_are_bounded() -> None:
    assert "form-json" in {finding.code for finding in read_form(" " * 2_000_000, "test.form").findings}
    many = [field("textfield", f"f{number}") for number in range(2_000)]
    assert len(read_form(schema(*many), "test.form").components) <= 500
    nested: dict[str, Any] = field("textfield", "deep")
    for number in range(50):
        nested = {"type": "group", "id": f"g{number}", "label": "组", "components": [nested]}
    assert "form-depth" in findings(nested)
    options = [{"label": str(number), "value": str(number)} for number in range(10_000)]
    assert "form-option" in findings(field("select", "s", values=options))
    assert len(read_form(schema(*[{"type": "x"}] * 400), "test.form").findings) <= 100


def test_a_document_type_is_told_by_the_properties() -> None:
    properties = {
        "document": "record",
        "family": "service",
        "name": "《售后服务单》",
        "name.en": "Service sheet",
        "source": "000 节点 3",
    }
    document = form(field("textfield", "a"), properties=properties).document
    assert document is not None
    assert document.kind is DocumentKind.RECORD
    assert (document.name.in_locale("zh_CN"), document.name.in_locale("en")) == ("《售后服务单》", "Service sheet")
    assert form(field("textfield", "a")).document is None
    assert "form-document" in findings(field("textfield", "a"), properties={"document": "scroll", "name": "卷"})
    assert "form-document" in findings(field("textfield", "a"), properties={"document": "record"})


def test_multi_word_names_can_be_made_known() -> None:
    component = field("datetime", "due", subtype="datetime", defaultValue='=working time after(now(), @"PT2H")')
    read = read_form(schema(component), "test.form", names=frozenset({"working time after"}))
    assert not read.findings


def test_numbers_of_the_schema_keep_their_digits() -> None:
    text = json.dumps({"id": "f", "components": [field("number", "a", validate={"min": 0.1})]})
    read = read_form(text, "test.form")
    assert not read.findings
