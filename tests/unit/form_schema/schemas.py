"""Schemas for the tests of forms, and what is needed around them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from engine.feel import Environment
from engine.form_schema import Form, read_form

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""09:30 in Shanghai, a Monday."""


def environment() -> Environment:
    return Environment(now=lambda: NOW, zone="Asia/Shanghai")


def schema(*components: dict[str, Any], **root: Any) -> str:
    return json.dumps(
        {"type": "default", "id": "test_form", "schemaVersion": 16, "components": list(components)} | root,
        ensure_ascii=False,
    )


def form(*components: dict[str, Any], **root: Any) -> Form:
    """A form without findings."""
    found = read_form(schema(*components, **root), "test.form")
    assert not found.findings, [str(finding) for finding in found.findings]
    return found


def field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "id": f"Field_{key}", "label": f"{key} 标签"} | more


PARTS = {
    "type": "dynamiclist",
    "path": "parts",
    "id": "Parts",
    "label": "部件与报价",
    "properties": {"label.en": "Parts"},
    "components": [
        field("textfield", "name", label="名称", validate={"required": True}),
        field("number", "quantity", label="数量", decimalDigits=0, defaultValue=1, properties={"above": "0"}),
        field("number", "price", label="单价", decimalDigits=2, appearance={"suffixAdorner": "元"}),
        {
            "type": "expression",
            "key": "subtotal",
            "id": "Subtotal",
            "label": "小计",
            "expression": "=quantity * price",
            "decimalDigits": 2,
            "properties": {"total": "true"},
        },
    ],
}
