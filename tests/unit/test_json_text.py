"""What is stored and hashed looks the same whoever writes it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.json_text import canonical, decode, encode

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_the_library_writes_what_python_writes(value: object) -> None:
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert encode(value) == plain
    assert decode(plain) == value
    assert canonical(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        encode(object())
    with pytest.raises(ValueError, match="Expecting"):
        decode("{")
