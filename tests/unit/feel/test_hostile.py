"""Whatever is written, the answer is a value, null or a FeelError, and comes soon."""

from __future__ import annotations

import pytest

from tests.unit.feel.hostile import attack


def test_three_thousand_hostile_expressions_raise_nothing_but_feel_errors() -> None:
    values, slow = attack(3_000, seed=1)
    assert values > 500 and slow == []


@pytest.mark.slow
def test_two_hundred_thousand_hostile_expressions_raise_nothing_but_feel_errors() -> None:
    values, slow = attack(200_000, seed=2)
    assert values > 30_000 and slow == []
