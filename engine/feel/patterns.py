"""The one door to google-re2, typed. Linear time whatever the pattern, so no text can hang a match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import re2  # pyright: ignore[reportMissingTypeStubs]


class BrokenPattern(ValueError):
    """RE2 does not accept the pattern."""


def _options() -> Any:
    options = cast("Any", re2).Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    return options


class Pattern:
    """A compiled pattern of RE2's syntax."""

    __slots__ = ("_compiled",)

    def __init__(self, text: str) -> None:
        try:
            self._compiled: Any = cast("Any", re2).compile(text, _options())
        except cast("Any", re2).error as error:
            raise BrokenPattern(str(error)) from error

    def groups(self, text: str) -> tuple[str | None, ...] | None:
        """The groups of the first match (number 0 first), None without a match."""
        match = self._search(text)
        return None if match is None else (match[0], *match.groups())

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere."""
        return self._search(text) is not None

    def spans(self, text: str) -> Iterator[tuple[tuple[int, int], ...]]:
        """All matches from left to right: the span of each group, (-1, -1) for one that took no part."""
        if self._search(text) is None:
            return
        for match in self._compiled.finditer(text):
            yield tuple(cast("tuple[int, int]", match.span(group)) for group in range(len(match.groups()) + 1))

    def _search(self, text: str) -> Any:
        try:
            return self._compiled.search(text)
        except UnicodeEncodeError:
            return None  # half a surrogate pair is no character, so nothing matches
