"""Expressions nobody would write: generated ones, and texts broken on purpose."""

from __future__ import annotations

import gc
import sys
import time
from random import Random

from engine.feel import Environment, FeelError, compile_expression, compile_unary_tests, from_python, to_json
from engine.feel.builtins import BUILTINS

ATOMS = (
    *(
        "1",
        "0",
        "-1",
        "2.5",
        '"abc"',
        '"a.b"',
        '"(a)"',
        "true",
        "null",
        "x",
        "text",
        "item",
        "xs",
        "partial",
        "[]",
        "{}",
    ),
    *('@"2026-03-02"', '@"P1D"', '@"P1Y"', '@"09:00:00Z"', '@"2026-03-02T09:00:00@Asia/Shanghai"', '"2026-03-02"'),
    *("[1, 2, 3]", '{a: 1, b: "x"}', "[1..5]", "(< 5)", "1..100000", "function(a, b) a < b", "function(x) x"),
    *("{}", "99999999", "10 ** 6144", '"P1D"', '"[a-z]+"', '"(a*)*\\1b"', '"smix"', '"[1..3]"'),
)
PIECES = (
    *("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in", "between", "..", ",", ".", "->"),
    *("[", "]", "(", ")", "{", "}", "if", "then", "else", "for", "return", "some", "every", "satisfies", "instance"),
    *("of", "number", "list<number>", ":", "?", "not", "@", '"', "//", "/*", "*/", "external", "'", "\\", "\u3000"),
    *("\ud800", "\x00", "context<a:", "range<date>>"),
)
FUNCTIONS = tuple(BUILTINS)
SCOPE = {"x": from_python(3), "text": "abc", "xs": from_python([1, 2, {"a": 1}])}
LONGEST = 0.05


def generate(random: Random, depth: int = 0) -> str:
    """An expression that reads, most of the time."""
    if depth > 4 or random.random() < 0.25:
        return random.choice(ATOMS)

    def inner() -> str:
        return generate(random, depth + 1)

    arguments = ", ".join(inner() for _ in range(random.randrange(4)))
    shapes = (
        lambda: f"{inner()} {random.choice(('+', '-', '*', '/', '**'))} {inner()}",
        lambda: f"{inner()} {random.choice(('=', '!=', '<', '<=', '>', '>=', 'and', 'or'))} {inner()}",
        lambda: f"({inner()})",
        lambda: f"[{inner()}, {inner()}]",
        lambda: f"{{a: {inner()}, b c: {inner()}}}",
        lambda: f"{inner()}[{inner()}]",
        lambda: f"if {inner()} then {inner()} else {inner()}",
        lambda: f"for x in {inner()} return {inner()}",
        lambda: f"for x in {inner()}..{inner()}, y in {inner()} return {inner()}",
        lambda: f"{random.choice(('some', 'every'))} x in {inner()} satisfies {inner()}",
        lambda: f"{inner()}.{random.choice(('a', 'year', 'time offset', 'start'))}",
        lambda: f"{inner()} in ({inner()}, {inner()})",
        lambda: f"(function(x, y) {inner()})({inner()}, {inner()})",
        lambda: f"{random.choice(FUNCTIONS)}({arguments})",
        lambda: f"{random.choice(FUNCTIONS)}({arguments})",
    )
    return random.choice(shapes)()


def mutate(random: Random, text: str) -> str:
    """The text with a few pieces put in, taken out or doubled."""
    for _ in range(random.randrange(1, 4)):
        at, to, chance = random.randrange(len(text) + 1), random.randrange(len(text) + 1), random.random()
        if chance < 0.4:
            text = f"{text[:at]} {random.choice((*PIECES, *ATOMS, *FUNCTIONS))} {text[at:]}"
        elif chance < 0.7:
            text = text[:at] + text[at + random.randrange(4) :]
        else:
            text = text[:at] + text[min(at, to) : max(at, to)] + text[at:]
    return text


def attack(count: int, seed: int) -> tuple[int, list[str]]:
    """Evaluate so many texts. How many gave a value, and those that took more than `LONGEST` seconds of the processor.

    What is not a FeelError leaves this function.
    """
    random = Random(seed)
    values, slow = 0, list[str]()
    gc.collect()
    gc.freeze()
    for _ in range(count):
        text = generate(random)
        if random.random() < 0.5:
            text = mutate(random, text)
        gave_value, seconds = timed(text)
        values += gave_value
        # What was slow once may have met a busy machine; what is slow three times is slow. A tracer (coverage, a
        # debugger) makes everything slow; then only the errors count.
        if seconds > LONGEST and sys.gettrace() is None and min(timed(text)[1] for _ in range(2)) > LONGEST:
            slow.append(text)
    gc.unfreeze()
    return values, slow


def timed(text: str) -> tuple[bool, float]:
    """Whether the text gave a value, and the seconds of the processor that took."""
    began = time.process_time()
    try:
        evaluate(text)
    except FeelError:
        return False, time.process_time() - began
    return True, time.process_time() - began


def evaluate(text: str) -> None:
    """Compile and evaluate as an expression; every other one also as a cell."""
    environment = Environment()
    value = compile_expression(text).evaluate(SCOPE, environment)
    to_json(value)
    if len(text) % 2:
        compile_unary_tests(text).evaluate(value, SCOPE, environment)
