"""FEEL, the expression language of DMN 1.5: the only language in a diagram, a table or a form.

Compile once, evaluate often::

    expression = compile_expression("amount > limit and region = \"EU\"")
    expression.evaluate({"amount": Decimal(1200), "limit": Decimal(1000), "region": "EU"}, Environment())

Values are None, bool, str, Decimal, list, dict, the temporal types, Range and Function.
"""

from __future__ import annotations

from engine.feel.console import evaluate_text, names_in
from engine.feel.environment import Environment, Limits, Reason
from engine.feel.errors import FeelError, FeelSyntaxError, LimitExceeded, NotStorable, Said
from engine.feel.expression import Expression, UnaryTestsExpression, compile_expression, compile_unary_tests
from engine.feel.external import external_function
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.printer import print_expression
from engine.feel.serialize import BrokenJson, from_json, from_python, to_json
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.types import Type, Types
from engine.feel.values import Function, Range, to_text

__all__ = [
    "BrokenJson",
    "Date",
    "DateTime",
    "DaysDuration",
    "Environment",
    "Expression",
    "FeelError",
    "FeelSyntaxError",
    "Function",
    "LimitExceeded",
    "Limits",
    "MonthsDuration",
    "NotStorable",
    "Range",
    "Reason",
    "Said",
    "Time",
    "Type",
    "Types",
    "UnaryTestsExpression",
    "compile_expression",
    "compile_unary_tests",
    "evaluate_text",
    "external_function",
    "from_json",
    "from_python",
    "names_in",
    "parse_expression",
    "parse_unary_tests",
    "print_expression",
    "to_json",
    "to_text",
]
