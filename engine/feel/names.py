"""Names of several words and with operators in them, found in the token stream by the longest match.

`Years of Service` and `Date-Time` are names only where somebody declared them. White space is no part of a name: where
`a-b` is declared, `a - b` names it too, and a subtraction is written `(a)-(b)`. Source: DMN 1.5, 10.3.1.4 and 10.3.1.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from engine.feel.errors import FeelSyntaxError
from engine.feel.scanner import END, KEYWORDS, NAME, NUMBER, STRING, Token, scan

NAME_OPERATORS = frozenset(".+-*/'’")


class Names:
    """A set of declared names, ready for matching. Names of one plain word need no entry."""

    __slots__ = ("_by_first", "all")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.all: set[str] = set()
        self._by_first: dict[str, list[tuple[tuple[Token, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Declare a name."""
        if name in self.all:
            return
        self.all.add(name)
        parts = _parts(name)
        # A name must not begin with a keyword, so that `{"if": 1, a: if b then c else d}` still reads.
        if len(parts) > 1 and parts[0].text not in KEYWORDS:
            entries = self._by_first.setdefault(parts[0].text, [])
            entries.append((parts, name))
            entries.sort(key=lambda entry: -len(entry[0]))

    def match(self, tokens: Sequence[Token], position: int) -> tuple[int, str] | None:
        """The longest declared name that begins at the position: how many tokens it takes, and the name."""
        for parts, name in self._by_first.get(tokens[position].text, ()):
            if _fits(parts, tokens, position):
                return len(parts), name
        return None


def _fits(parts: tuple[Token, ...], tokens: Sequence[Token], position: int) -> bool:
    if position + len(parts) > len(tokens):
        return False
    found = tokens[position : position + len(parts)]
    return all(
        part.text == token.text and token.kind not in (STRING, END) for part, token in zip(parts, found, strict=True)
    )


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[Token, ...]:
    try:
        tokens = scan(name)[:-1]
    except FeelSyntaxError:
        return ()  # such a name can be a key, but nobody can write it down as a name
    allowed = all(token.kind in (NAME, NUMBER) or token.text in NAME_OPERATORS for token in tokens)
    return tuple(tokens) if allowed and tokens and tokens[0].kind == NAME else ()


@lru_cache(maxsize=256)
def names_of(names: frozenset[str]) -> Names:
    """The matcher of a set of names; shared, so do not add to it."""
    return Names(names)


def join(tokens: Sequence[Token]) -> str:
    """The name that the tokens spell, with single blanks where there is white space."""
    return "".join(f" {token.text}" if token.spaced and index else token.text for index, token in enumerate(tokens))
