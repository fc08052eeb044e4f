"""Forms: whatever the schema and whatever is posted, nothing is raised and everything stays bounded."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.form_schema import Form, read_form
from tests.unit.form_schema.schemas import PARTS, environment, field, form

OPTIONS = {"values": [{"label": "甲", "value": "a"}, {"label": "乙", "value": 2}]}
FORM = form(
    field("textfield", "text", validate={"required": True, "minLength": 2, "maxLength": 9, "pattern": "^[a-z]*$"}),
    field("textarea", "area", conditional={"hide": "=number > 3"}),
    field("number", "number", decimalDigits=2, validate={"min": 0, "max": "=limit"}),
    field("checkbox", "box", validate={"required": True}),
    field("select", "one", **OPTIONS),
    field("checklist", "some", **OPTIONS, validate={"required": True}),
    field("select", "open", valuesExpression="=[text, number, area]"),
    *(field("datetime", kind, subtype=kind, disallowPassedDates=True) for kind in ("date", "time", "datetime")),
    {"type": "expression", "key": "sum", "label": "和", "expression": "=number + sum(parts.subtotal)"},
    {"type": "group", "label": "组", "path": "inner", "components": [field("textfield", "text")]},
    PARTS,
)

NAMES = [
    "text",
    "area",
    "number",
    "box",
    "one",
    "some",
    "open",
    "date",
    "time",
    "datetime",
    "sum",
    "inner.text",
    "inner",
    "parts",
    "parts[0].name",
    "parts[0].quantity",
    "parts[12].price",
    "parts[99999].name",
    "parts[].name",
    "parts[0]",
    "parts[0].parts[0].name",
    "parts[-1].name",
    "",
    "__proto__",
    "x" * 300,
]
texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["1", "-0", "1,000.5", "2026-03-02", "09:00", "2026-03-02T09:00", "a", "2", "on", "９", "1e9", "\0", "9" * 50]
    ),
    st.decimals().map(str),
    st.datetimes().map(str),
)
posts = st.dictionaries(
    st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), st.lists(texts, max_size=3), max_size=20
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.floats() | texts | st.dates() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "name", "quantity"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def shown(read: Form, submission: Any, scope: dict[str, Any]) -> None:
    view = read.render_model(submission.values, submission.errors, "en", scope, environment(), typed=submission.typed)
    assert all(isinstance(item.text, str) and isinstance(item.display, str) for item in view.fields())


@given(posts, st.dictionaries(st.sampled_from([*NAMES, "limit"]), plain, max_size=4))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_posted_gives_values_and_messages(data: dict[str, list[str]], scope: dict[str, Any]) -> None:
    submission = FORM.submit(data, scope, environment())
    assert all(message.english for message in submission.errors.values())
    assert set(submission.values) <= FORM.names
    shown(FORM, submission, scope)
    shown(FORM, FORM.submit(data, scope, environment(), draft=True), scope)


@given(st.dictionaries(st.sampled_from([*NAMES, "x"]), plain, max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_json_comes_gives_values_and_messages(values: dict[str, Any]) -> None:
    submission = FORM.check(values, {}, environment())
    assert all(message.english for message in submission.errors.values())
    shown(FORM, submission, values)


@given(posts)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_was_accepted_is_accepted_again(data: dict[str, list[str]]) -> None:
    required = {"text": ["abc"], "box": ["on"], "some": ["a"], "number": ["1"]}
    first = FORM.submit(data | required, {}, environment())
    if first.is_valid:
        again = FORM.check({name: value for name, value in first.values.items() if name != "sum"}, {}, environment())
        assert again.is_valid, again.errors
        assert again.values == first.values


KEYS = [
    "type",
    "key",
    "path",
    "id",
    "label",
    "values",
    "validate",
    "conditional",
    "components",
    "properties",
    "layout",
    "defaultValue",
    "expression",
    "dataSource",
    "columns",
    "hide",
    "required",
    "pattern",
    "min",
    "value",
    "source",
    "valuesExpression",
    "decimalDigits",
    "readonly",
    "description",
    "document",
    "name",
]
VALUES = [
    "default",
    "textfield",
    "number",
    "select",
    "datetime",
    "group",
    "dynamiclist",
    "table",
    "expression",
    "text",
    "=a + 1",
    "=((",
    "{{a}}",
    "a",
    "a.b",
    "=",
    "(a+)+$",
    "image",
    "record",
]
schemas = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(VALUES) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(KEYS), schemas), posts)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_schema_comes_is_read_and_can_be_used(schema: dict[str, Any], data: dict[str, list[str]]) -> None:
    read = read_form(json.dumps(schema), "any.form")
    assert all(finding.message and isinstance(finding.advice, str) for finding in read.findings)
    shown(read, read.submit(data, {}, environment()), {})
    read.record({}, environment())
    list(read.lines(schema, "zh_CN", environment()))


@given(st.text(max_size=200) | st.binary(max_size=200))
@settings(deadline=None)
def test_whatever_text_comes_is_read(text: str | bytes) -> None:
    read_form(text, "any.form")
