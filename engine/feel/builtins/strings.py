"""String functions: DMN 1.5, 10.3.4.3."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.errors import N_
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.number import to_integer
from engine.feel.regex import BrokenRegex, Regex, regex_of


@builtin("substring(string: string, start position: number, length?: number?)")
def substring(environment: Environment, text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """A part of the text, from a position (negative: from the end), of a length (or to the end)."""
    first = to_integer(start) or 0
    if not 1 <= abs(first) <= len(text):
        return environment.null(N_("substring: the text has no position {position}."), position=str(start))
    begin = first - 1 if first > 0 else len(text) + first
    count = len(text) - begin if length is None else to_integer(length)
    if count is None or not 1 <= count <= len(text) - begin:
        return environment.null(N_("substring: from there the text has no {length} characters."), length=str(length))
    return text[begin : begin + count]


@builtin("string length(string: string)")
def string_length(environment: Environment, text: str) -> Decimal:
    """How many characters (code points) the text has."""
    return Decimal(len(text))


@builtin("upper case(string: string)")
def upper_case(environment: Environment, text: str) -> str:
    """The text in capitals."""
    environment.check_text(len(text))
    return text.upper()


@builtin("lower case(string: string)")
def lower_case(environment: Environment, text: str) -> str:
    """The text in small letters."""
    environment.check_text(len(text))
    return text.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(environment: Environment, text: str, match: str) -> str:
    """What stands before the first occurrence; empty without one."""
    position = text.find(match)
    return text[:position] if position > 0 else ""


@builtin("substring after(string: string, match: string)")
def substring_after(environment: Environment, text: str, match: str) -> str:
    """What stands behind the first occurrence; empty without one."""
    position = text.find(match)
    return text[position + len(match) :] if position >= 0 else ""


@builtin("contains(string: string, match: string)")
def contains(environment: Environment, text: str, match: str) -> bool:
    """Whether the text occurs in the other."""
    environment.check_text(len(text))
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(environment: Environment, text: str, match: str) -> bool:
    """Whether the text begins so."""
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(environment: Environment, text: str, match: str) -> bool:
    """Whether the text ends so."""
    return text.endswith(match)


@builtin("matches(input: string, pattern: string, flags?: string?)")
def matches(environment: Environment, text: str, pattern: str, flags: str | None = None) -> bool | None:
    """Whether the pattern (in the dialect of XPath) occurs in the text."""
    regex = _regex(pattern, flags, environment)
    return None if regex is None else regex.found_in(text, environment)


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string?)")
def replace(
    environment: Environment, text: str, pattern: str, replacement: str, flags: str | None = None
) -> str | None:
    """The text with every match replaced; `$1` stands for the first group, `\\$` for a dollar."""
    regex = _regex(pattern, flags, environment)
    if regex is None:
        return None
    try:
        return regex.replace(text, replacement, environment)
    except BrokenRegex as error:
        return environment.null(N_("replace: {reason}"), reason=str(error))


@builtin("split(string: string, delimiter: string)")
def split(environment: Environment, text: str, delimiter: str) -> list[str] | None:
    """The parts of the text between matches of the delimiter, which is a pattern."""
    regex = _regex(delimiter, None, environment)
    if regex is None:
        return None
    try:
        return regex.split(text, environment)
    except BrokenRegex as error:
        return environment.null(N_("split: {reason}"), reason=str(error))


@builtin("string join(list: list, delimiter?: string?)")
def string_join(environment: Environment, items: list[Any], delimiter: str | None = None) -> str | None:
    """The texts of a list in one, nulls left out."""
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        return environment.null(N_("string join: every item of the list must be a text or null."))
    environment.check_text(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (delimiter or "").join(texts)


def _regex(pattern: str, flags: str | None, environment: Environment) -> Regex | None:
    environment.check_regex(len(pattern))
    try:
        return regex_of(pattern, flags or "")
    except BrokenRegex as error:
        return environment.null(N_("“{pattern}” is no pattern: {reason}"), pattern=pattern[:80], reason=str(error))
