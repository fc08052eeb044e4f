"""The laws of 34-digit decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, getcontext, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.feel import from_python
from engine.feel.number import canonical
from engine.feel.values import literal
from tests.unit.feel.examples import evaluate

ORACLE = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)


def scope(**values: Decimal) -> dict[str, object]:
    return dict(values)


@given(numbers, numbers)
def test_sums_and_products_commute(a: Decimal, b: Decimal) -> None:
    assert evaluate("a + b = b + a and a * b = b * a and a - b = -(b - a)", scope(a=a, b=b)) is True


@given(numbers, numbers)
def test_results_are_the_exact_ones_rounded_to_34_digits(a: Decimal, b: Decimal) -> None:
    assert evaluate("a + b", scope(a=a, b=b)) == ORACLE.add(a, b)
    assert evaluate("a * b", scope(a=a, b=b)) == ORACLE.multiply(a, b)
    if b:
        assert evaluate("a / b", scope(a=a, b=b)) == ORACLE.divide(a, b)


@given(numbers)
def test_zero_and_one_are_neutral(a: Decimal) -> None:
    rounded = ORACLE.plus(a)
    assert evaluate("[a + 0, a * 1, a / 1, a - 0, a ** 1, --a]", scope(a=a)) == [rounded] * 6


@given(numbers, numbers)
def test_the_remainder_lies_between_zero_and_the_divisor(a: Decimal, b: Decimal) -> None:
    if not b:
        return
    rest = evaluate("modulo(a, b)", scope(a=a, b=b))
    exact = Fraction(a) - Fraction(b) * (Fraction(a) // Fraction(b))
    assert abs(Fraction(rest) - exact) <= Fraction(abs(b)) / 10**30
    assert rest == 0 or (rest < 0) == (b < 0)


@given(numbers, st.integers(-5, 12))
def test_rounding_keeps_within_one_unit_of_the_last_place(a: Decimal, scale: int) -> None:
    a = ORACLE.plus(a)
    unit = Fraction(10) ** -scale
    given_scope = scope(a=a, s=Decimal(scale))
    low, high, near = (evaluate(f"{name}(a, s)", given_scope) for name in ("floor", "ceiling", "decimal"))
    assert Fraction(low) <= Fraction(a) <= Fraction(high)
    assert abs(Fraction(near) - Fraction(a)) <= unit / 2


@given(numbers)
def test_a_number_s_text_is_a_literal_for_it(a: Decimal) -> None:
    assert evaluate(literal(a)) == ORACLE.plus(a)
    assert "E" not in canonical(a)


def test_the_thread_s_context_neither_matters_nor_changes() -> None:
    with localcontext(Context(prec=3)):
        assert evaluate("1234.5678 * 1 + 0.0001") == Decimal("1234.5679")
        assert evaluate("sum(1234.5678, 0.0001)") == Decimal("1234.5679")
        assert evaluate("round half up(1234.5678, 3)") == Decimal("1234.568")
        assert evaluate('@"PT59.123456789S".seconds') == Decimal("59.123456789")
        assert evaluate("-1234.5678") == Decimal("-1234.5678")
        assert evaluate("time(9, 0, 12.123456789)").nanosecond == 123456789
        assert getcontext().prec == 3


def test_python_numbers_come_in_exactly() -> None:
    assert from_python(0.1) == Decimal("0.1")
    assert from_python(10**40) == Decimal(10**40)
