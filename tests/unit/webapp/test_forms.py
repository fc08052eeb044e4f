"""Forms of a schema as pages: without a script, everything is a button of the form."""

from __future__ import annotations

from tests.samples import sample_pages
from tests.web import installation, post


def test_a_refused_form_comes_back_with_what_was_typed_and_a_summary() -> None:
    client = installation(pages=sample_pages()).client("staff")
    answer = post(client, "/sample", **{"parts": "0", "parts[0].name": "<b>板</b>", "parts[0].quantity": "zwei"})
    assert answer.status_code == 422
    assert 'href="#field-points"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="zwei"' in answer.text
    assert "&lt;b&gt;板&lt;/b&gt;" in answer.text


def test_messages_of_a_form_are_in_the_users_language() -> None:
    client = installation(pages=sample_pages()).client("staff", locale="zh_CN")
    assert "故障点：请填写" in post(client, "/sample", urgent="true").text


def test_a_row_more_keeps_everything_that_was_typed() -> None:
    client = installation(pages=sample_pages()).client("staff")
    answer = post(client, "/sample", **{"points": "板", "parts": "0", "parts[0].name": "电缆", "_add": "parts"})
    assert answer.status_code == 200
    assert answer.text.count('name="parts" value=') == 2
    assert 'value="电缆"' in answer.text
    assert 'role="alert"' not in answer.text


def test_a_row_less_keeps_the_other_rows() -> None:
    client = installation(pages=sample_pages()).client("staff")
    rows = {"parts": ["0", "1"], "parts[0].name": "电缆", "parts[1].name": "传感器", "_remove": "parts[0]"}
    answer = post(client, "/sample", **rows)
    assert answer.text.count('name="parts" value=') == 1
    assert "电缆" not in answer.text
    assert 'value="传感器"' in answer.text


def test_what_depends_on_a_value_is_shown_after_a_refresh() -> None:
    client = installation(pages=sample_pages()).client("staff")
    assert 'name="why"' not in client.get("/sample").text
    assert 'name="why"' in post(client, "/sample", urgent="true", _refresh="1").text


def test_the_documents_own_text_stands_beside_the_fields() -> None:
    text = installation(pages=sample_pages()).client("staff").get("/sample").text
    assert "方案写明可能的故障点。" in text
    assert "000 节点 3" in text
