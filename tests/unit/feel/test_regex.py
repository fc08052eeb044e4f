"""Patterns in the dialect of XPath."""

from __future__ import annotations

import pytest

from engine.feel import LimitExceeded, Limits, compile_expression
from engine.feel.environment import Environment
from engine.feel.regex import BrokenRegex, regex_of
from engine.feel.regex.classes import complement, difference
from tests.unit.feel.examples import check, evaluate, reasons


def found(pattern: str, text: str, flags: str = "") -> bool:
    return regex_of(pattern, flags).found_in(text, Environment())


@pytest.mark.parametrize(
    ("pattern", "text", "flags", "expected"),
    [
        ("b+", "abba", "", True),
        ("^b", "abba", "", False),
        ("^b", "a\nb", "", False),
        ("^b", "a\nb", "m", True),
        ("a$", "a\n", "", False),
        ("a.b", "a\nb", "", False),
        ("a.b", "a\nb", "s", True),
        ("ABBA", "abba", "i", True),
        ("a b", "ab", "x", True),
        ("a[ ]b", "ab", "x", False),
        (r"^\d+$", "٣", "", True),
        (r"^\d+$", "a", "", False),
        (r"^\D$", "a", "", True),
        (r"^[\D]$", "1", "", False),
        (r"^\w+$", "保修单", "", True),
        (r"^\W$", "。", "", True),
        (r"^\s\S$", "\ta", "", True),
        (r"^\i\c*$", "a-1", "", True),
        (r"^\I\C$", "1!", "", True),
        (r"^\p{Lu}\p{Nd}\P{L}$", "A12", "", True),
        (r"^[\p{Lu}\p{P}]$", "!", "", True),
        (r"^\p{IsCJKUnifiedIdeographs}+$", "故障", "", True),
        (r"^\P{IsBasicLatin}$", "故", "", True),
        (r"^\p{ IsBasicLatin }$", "a", "x", True),
        (r"^[\P{IsBasicLatin}a]$", "b", "", False),
        (r"^\p{Cn}$", "\u0378", "", True),
        ("^[a-c]$", "b", "", True),
        ("^[^a-c]$", "b", "", False),
        ("^[a-]$", "-", "", True),
        ("^[-a]$", "-", "", True),
        (r"^[a\-c]$", "b", "", False),
        (r"^[\n-\r]$", "\x0b", "", True),
        ("^[a-z-[aeiou]]+$", "xyz", "", True),
        ("^[a-z-[aeiou]]+$", "xaz", "", False),
        (r"^[\w-[\d]]+$", "abc", "", True),
        (r"^[\w-[\d]]+$", "ab1", "", False),
        ("^[^a-c-[x]]$", "x", "", False),
        ("^a{2}$", "aa", "", True),
        ("^a{2,}$", "aaa", "", True),
        ("^a{1,2}$", "aaa", "", False),
        ("^(?:ab)*$", "abab", "", True),
        ("^(a|b)?c$", "c", "", True),
        (r"\.\*\?\+\{\}\(\)\[\]\|\^\$\\\-", r".*?+{}()[]|^$\-", "", True),
        (r"(['!]).*\1", "a 'b' c", "", True),
        (r"(['!]).*\1", "a 'b! c", "", False),
        (r"(a)(b)\2\1", "abba", "", True),
        (r"(a)\1", "aA", "i", True),
        (r"(a)\1", "aA", "", False),
        (r"^(.)\1$", "\n\n", "s", True),
        (r"^(.)\1$", "\n\n", "", False),
        (r"^(a|b)\1$", "bb", "", True),
        (r"^(?:(a)|b)\1c$", "bc", "", True),
        (r"^(a)\1{2,3}$", "aaaa", "", True),
        (r"^(a)\1{2,3}?a$", "aaaa", "", True),
        (r"^(a)(\1?)(\1+?)$", "aaa", "", True),
        (r"^(a*)*\1$", "aa", "", True),
        (r"^(b)\1$", "a\nbb\nc", "m", True),
        (r"^(b)\1$", "a\nbb\nc", "", False),
        (r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10", "abcdefghijj", "", True),
        (r"(a)\10", "aa0", "", True),
        ("", "abc", "", True),
        ("a||b", "x", "", True),
    ],
)
def test_a_pattern_matches_as_xpath_says(pattern: str, text: str, flags: str, expected: bool) -> None:
    assert found(pattern, text, flags) is expected


BROKEN = (
    *("(", "a)", "[", "[]", "[a", "a{", "a{1", "a{,2}", "a{2,1}", "a{1001}", "a{1,x}", "a**", "*a", "+", "?", "{1}"),
    *("]", "}", r"\1", r"(\1)", r"(a)[\1]", r"\0", r"\q", "\\", r"\p", r"\p{", r"\p{Xx}", r"\p{IsKlingon}", "(?=a)"),
    *("(?<n>a)", "[z-a]", r"[a-\d]b[z-\n]", "[a-z-[a]b]", "[a[b]]", "^*", "(" * 60 + ")" * 60, "()" * 100),
    *("[a-b-" + "[a-b-" * 50, "((a{1000}){1000}){1000}", r"(a)((a{1000}){1000})\1"),
)


@pytest.mark.parametrize("pattern", BROKEN)
def test_what_the_dialect_does_not_know_is_refused(pattern: str) -> None:
    with pytest.raises(BrokenRegex):
        regex_of(pattern, "")


def test_refused_patterns_give_null_with_the_reason() -> None:
    assert "a group is not closed" in reasons('matches("a", "(")')[0]
    assert "flags may be" in reasons('matches("a", "a", "q")')[0]
    assert "empty text" in reasons('replace("a", "x*", "y")')[0]
    assert "empty text" in reasons('split("a", "x*")')[0]
    assert reasons('split("a", "(")')
    assert "behind a dollar" in reasons('replace("a", "a", "$x")')[0]
    assert "backslash" in reasons(r'replace("a", "a", "\x")')[0]


def test_replacements_name_groups_and_escape_dollars() -> None:
    check(r"""
        replace("2026-03-02", "(\d+)-(\d+)-(\d+)", "$3.$2.$1") → "02.03.2026"
        replace("abab", "a", "$0$0") → "aabaab"
        replace("ab", "(a)|(b)", "[$1|$2]") → "[a|][|b]"
        replace("ab", "(a)", "$12") → "a2b"
        replace("a", "a", "\$") → "$"
        replace("ab", "(a)", "$9") → "b"
        replace("保修维修", "修", "养") → "保养维养"
        replace("Mum's the word", "([a-z])\1", "!") → "Mum's the word"
        replace("aabbc", "(.)\1", "<$1>") → "<a><b>c"
        replace("banana", "a(.)", "$1", "i") → "bnna"
        split("a, b;c", "[,;]\s*") → ["a", "b", "c"]
        split("a🐎b🐎", "🐎") → ["a", "b", ""]
        split("aabccd", "(.)\1") → ["", "b", "d"]
        split("", ",") → [""]
    """)


def test_ranges_of_characters_are_sets() -> None:
    assert complement(()) == ((0, 0x10FFFF),)
    assert complement(((0, 0x10FFFF),)) == ()
    assert difference(((97, 122),), ((98, 121),)) == ((97, 97), (122, 122))
    assert not found("[a-[a]]", "a") and found(r"[^\d\D-[x]]|b", "b")


def test_no_pattern_runs_for_ever() -> None:
    bomb = compile_expression(r'matches(text, "^(a*)*(b)\2$")')
    with pytest.raises(LimitExceeded, match="steps"):
        bomb.evaluate({"text": "a" * 5_000}, Environment(limits=Limits(steps=20_000)))
    assert evaluate('matches("' + "a" * 5_000 + '", "^(a+)+$")') is True


def test_a_pattern_longer_than_allowed_is_an_error() -> None:
    with pytest.raises(LimitExceeded, match="characters in a pattern"):
        evaluate(f'matches("a", "{"a" * 1_001}")')


def test_a_replacement_longer_than_allowed_is_an_error() -> None:
    grow = compile_expression('replace(text, ".", "0123456789")')
    with pytest.raises(LimitExceeded, match="characters in a text"):
        grow.evaluate({"text": "a" * 500}, Environment(limits=Limits(string_length=1_000)))


def test_half_a_surrogate_pair_matches_nothing() -> None:
    assert evaluate('matches(text, ".")', {"text": "\ud800"}) is False
    assert evaluate('replace(text, ".", "x")', {"text": "\ud800"}) == "\ud800"
    assert evaluate("date(text)", {"text": "\ud800"}) is None
