"""Every example of the guide for process owners does what the guide says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.calendar import WORKING_TIME_NAMES, Calendar, working_time_functions
from engine.feel import Environment, FeelSyntaxError, compile_expression, compile_unary_tests, from_json, names_in
from engine.feel.builtins import BUILTINS
from engine.feel.values import literal
from tests.unit.feel.examples import NOW

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "feel.md").read_text(encoding="utf-8")
OFFICE = {
    "key": "default",
    "zone": "Asia/Shanghai",
    "weekly": {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": "CN",
}
DATA: dict[str, Any] = from_json(GUIDE.partition("```json")[2].partition("```")[0])
SCOPE = {**DATA, **working_time_functions({"default": Calendar.from_data(OFFICE)})}


def quoted(line: str) -> list[str]:
    """What stands in backticks."""
    return line.split("`")[1::2]


def rows(heading: str) -> list[list[str]]:
    """The cells in backticks of the table under a heading."""
    section = GUIDE.partition(f"## {heading}")[2].partition("\n## ")[0]
    return [quoted(line) for line in section.splitlines() if line.startswith("| `")]


EXAMPLES = [quoted(line) for line in GUIDE.splitlines() if line.startswith("- `")]


def evaluate(text: str, environment: Environment) -> Any:
    return compile_expression(text, names_in(DATA), WORKING_TIME_NAMES).evaluate(SCOPE, environment)


@pytest.mark.parametrize(("expression", "result"), EXAMPLES, ids=[expression for expression, _ in EXAMPLES])
def test_an_example_gives_its_result(expression: str, result: str) -> None:
    given, wanted = (literal(evaluate(text, Environment(now=lambda: NOW))) for text in (expression, result))
    assert given == wanted


@pytest.mark.parametrize(("cell", "value", "verdict"), rows("决策表的单元格"))
def test_a_cell_lets_pass_what_the_table_says(cell: str, value: str, verdict: str) -> None:
    environment = Environment()
    given = compile_unary_tests(cell).evaluate(evaluate(value, environment), SCOPE, environment)
    assert literal(given) == verdict


@pytest.mark.parametrize(("expression", "reason"), rows("结果是 null 时"))
def test_a_null_has_the_reason_the_guide_names(expression: str, reason: str) -> None:
    environment = Environment()
    assert evaluate(expression, environment) is None
    assert str(environment.warnings[0]) == reason


@pytest.mark.parametrize(("expression", "message"), rows("写错时"))
def test_an_error_has_the_message_the_guide_names(expression: str, message: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(expression)
    assert str(caught.value) == message


def test_the_guide_lists_every_function_once() -> None:
    section = GUIDE.partition("## 全部内置函数")[2]
    assert sorted(quoted(section)) == sorted(BUILTINS)


def test_the_guide_has_examples_enough() -> None:
    assert len(EXAMPLES) > 90 and len(rows("决策表的单元格")) > 8
