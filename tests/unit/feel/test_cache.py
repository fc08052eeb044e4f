"""The cache of compiled texts."""

from __future__ import annotations

import pytest

from engine.feel.cache import TextCache


def test_what_was_not_used_for_longest_leaves_first() -> None:
    cache: TextCache[str] = TextCache(10)
    made: list[str] = []

    def get(text: str) -> str:
        return cache.get(text, None, lambda: made.append(text) or text.upper())

    assert [get("aaaa"), get("bbbb"), get("aaaa"), get("cccc"), get("aaaa")] == ["AAAA", "BBBB", "AAAA", "CCCC", "AAAA"]
    assert made == ["aaaa", "bbbb", "cccc"]
    get("bbbb")
    assert made == ["aaaa", "bbbb", "cccc", "bbbb"]


def test_a_text_longer_than_the_cache_is_made_every_time() -> None:
    cache: TextCache[object] = TextCache(3)
    assert cache.get("long text", None, object) is not cache.get("long text", None, object)


def test_an_error_is_not_remembered_and_clearing_forgets() -> None:
    cache: TextCache[int] = TextCache(100)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", None, lambda: 1 // 0)
    assert cache.get("a", None, lambda: 1) == 1 == cache.get("a", None, lambda: 2)
    assert cache.get("a", "another key", lambda: 2) == 2
    cache.clear()
    assert cache.get("a", None, lambda: 3) == 3
