"""A pattern of XPath's dialect in the syntax of RE2."""

from __future__ import annotations

from engine.feel.regex.classes import category
from engine.feel.regex.syntax import (
    Anchor,
    AnyCharacter,
    Atom,
    BackReference,
    BrokenRegex,
    Characters,
    Choice,
    Group,
    Repeat,
)


def translate(choice: Choice, flags: str) -> str:
    """The pattern for RE2. Back-references have no translation and raise BrokenRegex."""
    modes = "".join(flag for flag in "ims" if flag in flags)
    return f"(?{modes}){_choice(choice)}" if modes else _choice(choice)


def one_character(found: Characters) -> str:
    """A set as a class of RE2."""
    parts = [f"\\x{{{low:X}}}" if low == high else f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in found.ranges]
    for name in found.categories:
        # RE2 does not know the category of unassigned characters.
        if name == "Cn":
            parts.extend(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in category(name))
        else:
            parts.append(f"\\p{{{name}}}")
    if not parts:
        return "[\\x{0}-\\x{10FFFF}]" if found.negated else "[^\\x{0}-\\x{10FFFF}]"
    return f"[{'^' if found.negated else ''}{''.join(parts)}]"


def _choice(choice: Choice) -> str:
    return "|".join("".join(map(_atom, branch)) for branch in choice.branches)


def _atom(atom: Atom) -> str:
    match atom:
        case Characters():
            return one_character(atom)
        case AnyCharacter():
            return "."
        case Anchor(sign):
            return sign
        case Group(inner, number):
            return f"({_choice(inner)})" if number else f"(?:{_choice(inner)})"
        case Repeat(inner, least, most, greedy):
            return f"(?:{_atom(inner)}){_count(least, most)}{'' if greedy else '?'}"
        case BackReference():
            raise BrokenRegex("back-reference")


def _count(least: int, most: int | None) -> str:
    if most is None and least <= 1:
        return "+" if least else "*"
    return f"{{{least},{'' if most is None else most}}}"
