"""Evaluating a file with JSON, as the command line does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.dmn import evaluate_file
from engine.dmn.console import NoInputs
from tests.unit.dmn.models import decision, document, literal


def run(text: str, inputs: str = "{}") -> str:
    return evaluate_file(
        document(decision("d", literal(text))), "f.dmn", "d", inputs, lambda: datetime(2026, 3, 2, tzinfo=UTC)
    )


def test_the_value_is_json_with_all_digits() -> None:
    assert run("amount * 1.10", '{"amount": 12345678901234567890.12}') == "13580246791358024679.1320"


def test_temporal_values_are_marked_on_the_way_in_and_out() -> None:
    assert run('day + duration("P1D")', '{"day": {"@": "2026-03-02"}}') == '{"@": "2026-03-03"}'


def test_the_time_is_that_of_the_caller() -> None:
    assert run("today()") == '{"@": "2026-03-02"}'


def test_inputs_must_be_an_object() -> None:
    with pytest.raises(NoInputs):
        run("1", "[1]")
