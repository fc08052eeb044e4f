"""Regular expressions in the dialect of XPath (flags s, m, i, x), for matches, replace and split.

RE2 runs them in linear time; only patterns with back-references need a machine that goes back, and that one pays a
step for each instruction.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.patterns import BrokenPattern, Pattern
from engine.feel.regex.backtrack import Machine, Spans
from engine.feel.regex.syntax import BrokenRegex, read_pattern
from engine.feel.regex.translate import translate

FLAGS = frozenset("smix")

__all__ = ["BrokenRegex", "Regex", "regex_of"]


class Regex:
    """A pattern ready to run."""

    __slots__ = ("_runs", "groups", "matches_nothing")

    def __init__(self, pattern: str, flags: str) -> None:
        if not FLAGS.issuperset(flags):
            raise BrokenRegex(N_("the flags may be s, m, i and x"))
        syntax = read_pattern(pattern, "x" in flags)
        self.groups = syntax.groups
        try:
            self._runs: Pattern | Machine = (
                Machine(syntax.choice, syntax.groups, flags)
                if syntax.has_references
                else Pattern(translate(syntax.choice, flags))
            )
        except BrokenPattern as error:
            raise BrokenRegex(N_("the pattern is too large")) from error
        self.matches_nothing = next(self._spans("", Environment()), None) is not None

    def found_in(self, text: str, environment: Environment) -> bool:
        """Whether the pattern occurs in the text."""
        environment.check_text(len(text))
        return next(self._spans(text, environment), None) is not None

    def replace(self, text: str, replacement: str, environment: Environment) -> str:
        """The text with every match replaced. Raises BrokenRegex for a replacement that does not fit."""
        template = _read_replacement(replacement, self.groups)
        self._refuse_empty()
        environment.check_text(len(text))
        parts: list[str] = []
        size, behind = 0, 0
        for spans in self._spans(text, environment):
            environment.charge()
            pieces = [text[behind : spans[0][0]], *(_fill(piece, text, spans) for piece in template)]
            size += sum(map(len, pieces))
            if size > environment.limits.string_length:
                environment.check_text(size)
            parts.extend(pieces)
            behind = spans[0][1]
        return "".join((*parts, text[behind:]))

    def split(self, text: str, environment: Environment) -> list[str]:
        """The parts of the text between matches."""
        self._refuse_empty()
        environment.check_text(len(text))
        parts: list[str] = []
        behind = 0
        for spans in self._spans(text, environment):
            environment.charge()
            parts.append(text[behind : spans[0][0]])
            behind = spans[0][1]
        environment.check_list(len(parts) + 1)
        return [*parts, text[behind:]]

    def _spans(self, text: str, environment: Environment) -> Iterator[Spans]:
        if isinstance(self._runs, Machine):
            return self._runs.spans(text, environment)
        return self._runs.spans(text)

    def _refuse_empty(self) -> None:
        if self.matches_nothing:
            raise BrokenRegex(N_("the pattern matches the empty text"))


def _read_replacement(replacement: str, groups: int) -> list[str | int]:
    """Pieces of text and numbers of groups."""
    pieces: list[str | int] = []
    position = 0
    while position < len(replacement):
        char, following = replacement[position], replacement[position + 1 : position + 2]
        if char == "\\":
            if following not in ("\\", "$"):
                raise BrokenRegex(N_("in a replacement a backslash stands before a backslash or a dollar"))
            pieces.append(following)
            position += 2
        elif char == "$":
            end = position + 1
            while end < len(replacement) and replacement[end] in "0123456789":
                # More digits belong to the number as long as there are that many groups.
                if end > position + 1 and int(replacement[position + 1 : end + 1]) > groups:
                    break
                end += 1
            if end == position + 1:
                raise BrokenRegex(N_("in a replacement the number of a group stands behind a dollar"))
            pieces.append(int(replacement[position + 1 : end]))
            position = end
        else:
            pieces.append(char)
            position += 1
    return pieces


def _fill(piece: str | int, text: str, spans: Spans) -> str:
    if isinstance(piece, str):
        return piece
    if piece >= len(spans) or spans[piece][0] < 0:
        return ""
    return text[spans[piece][0] : spans[piece][1]]


@lru_cache(maxsize=512)
def regex_of(pattern: str, flags: str) -> Regex:
    """The pattern ready to run; cached. Raises BrokenRegex."""
    return Regex(pattern, flags)
