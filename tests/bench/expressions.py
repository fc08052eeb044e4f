"""FEEL and DMN beside SpiffWorkflow's own evaluation, in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

from engine.bpmn.floor import ExpressionFloor
from engine.dmn import evaluate_decision, read_dmn
from engine.feel import Environment, compile_expression, parse_expression

GUARD = 'amount > 1000 and region = "EU"'
SCOPE = {"amount": Decimal(1200), "region": "EU"}
RULES = 10


def measure() -> dict[str, object]:
    """Microseconds of a cached guard, a 10-rule table whose last rule hits, and of parsing the guard."""
    guard, environment = compile_expression(GUARD), Environment()
    model = read_dmn(_table(RULES), name="table.dmn")
    inputs = {"amount": Decimal(RULES * 100 - 50), "region": "EU"}
    floor = ExpressionFloor(RULES)
    return {
        "guard_us": _microseconds(lambda: guard.evaluate(SCOPE, environment), 20_000),
        "table10_us": _microseconds(lambda: evaluate_decision(model, "d", inputs, environment, trace=False), 5_000),
        "parse_us": _microseconds(lambda: parse_expression(GUARD), 1_000),
        "spiff_guard_us": _microseconds(floor.guard, 5_000),
        "spiff_table10_us": _microseconds(floor.table, 1_000),
        "table1000_us": _table_of(1_000),
    }


def _table_of(rules: int) -> float:
    """A table of so many rules whose last one hits."""
    model, environment = read_dmn(_table(rules), name="table.dmn"), Environment()
    inputs = {"amount": Decimal(rules * 100 - 50), "region": "EU"}
    return _microseconds(lambda: evaluate_decision(model, "d", inputs, environment, trace=False), 200)


def _microseconds(work: Callable[[], object], rounds: int) -> float:
    for _ in range(rounds // 10):
        work()
    begun = time.perf_counter()
    for _ in range(rounds):
        work()
    return round((time.perf_counter() - begun) / rounds * 1_000_000, 2)


def _table(rules: int) -> bytes:
    rows = "".join(
        f'<rule id="r{number}"><inputEntry id="i{number}">'
        f"<text>[{number * 100}..{number * 100 + 100})</text></inputEntry>"
        f'<inputEntry id="j{number}"><text>"EU"</text></inputEntry>'
        f'<outputEntry id="o{number}"><text>{number}</text></outputEntry></rule>'
        for number in range(rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="bench">'
        '<decision id="d" name="d"><decisionTable id="t" hitPolicy="UNIQUE">'
        '<input id="a"><inputExpression id="ae"><text>amount</text></inputExpression></input>'
        '<input id="b"><inputExpression id="be"><text>region</text></inputExpression></input>'
        f'<output id="o" name="o"/>{rows}</decisionTable></decision></definitions>'
    ).encode()
