"""JSON as text: compact, Chinese stays Chinese. What is stored and hashed is written here, so that it looks the same.

A library does the work; what it refuses (whole numbers of more than 64 bits, text that is no Unicode) is written by
Python's own encoder in the same way. No floating-point numbers stand in what is hashed: the two write them differently.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_sorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def encode(value: Any) -> str:
    """The value as text, keys in their order. Raises TypeError for what has no place in JSON."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return _plain(value)


def canonical(value: Any) -> bytes:
    """The value as UTF-8 with sorted keys: equal values have equal bytes."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return _sorted(value).encode()


def decode(text: str) -> Any:
    """The value of a text; whole numbers keep all their digits. Raises ValueError for what is not JSON."""
    return json.loads(text)
