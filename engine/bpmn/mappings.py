"""Targets of input and output mappings: ``name`` or ``name.key.key``."""

from __future__ import annotations


def nested(values: dict[str, object], target: str, value: object) -> None:
    """Write `value` under a dotted target, adding to contexts that earlier mappings of the same list made."""
    *path, last = target.split(".")
    for key in path:
        inner = values.get(key)
        if not isinstance(inner, dict):
            inner = {}
            values[key] = inner
        values = inner
    values[last] = value
