"""Decimal arithmetic of FEEL: 34 digits, half-even, in a context of our own (never the thread's).

Every function gives None where the standard says null: division by zero, a result beyond the exponent range, a
logarithm of a negative number.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

PRECISION = 34
MAX_EXPONENT = 6_144
MIN_SCALE = -6_111
MAX_SCALE = 6_176
# An exponent lies within ±999,999,999 (table 60).
MAX_POWER_DIGITS = 9

CONTEXT = Context(
    prec=PRECISION,
    rounding=ROUND_HALF_EVEN,
    Emin=1 - MAX_EXPONENT,
    Emax=MAX_EXPONENT,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
# Rounding to a scale happens exactly, however many digits that takes.
_WIDE = Context(
    prec=2 * MAX_EXPONENT + PRECISION,
    Emin=-3 * MAX_EXPONENT,
    Emax=3 * MAX_EXPONENT,
    traps=[InvalidOperation],
)

ZERO = Decimal(0)
ONE = Decimal(1)

ROUNDINGS = {
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "half up": ROUND_HALF_UP,
    "half down": ROUND_HALF_DOWN,
    "half even": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}

add: Callable[[Decimal, Decimal], Decimal] = CONTEXT.add
subtract: Callable[[Decimal, Decimal], Decimal] = CONTEXT.subtract
multiply: Callable[[Decimal, Decimal], Decimal] = CONTEXT.multiply
divide: Callable[[Decimal, Decimal], Decimal] = CONTEXT.divide


def negative(value: Decimal) -> Decimal:
    """`-value`; never a minus zero."""
    return CONTEXT.minus(value)


def is_whole(value: Decimal) -> bool:
    """Whether the number has no fraction."""
    return value == value.to_integral_value(context=CONTEXT)


def scaled(value: int | Decimal, exponent: int) -> Decimal:
    """`value * 10**exponent`."""
    return Decimal(value).scaleb(exponent, CONTEXT)


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """`base ** exponent`; null where there is no real result or it is too large."""
    if exponent.is_zero():
        return ONE
    if exponent.adjusted() >= MAX_POWER_DIGITS:
        return None
    try:
        result = CONTEXT.power(base, exponent)
    except DecimalException:
        return None
    # 0 ** -1 is an infinity that no trap reports.
    return result if result.is_finite() else None


def remainder(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """`dividend - divisor * floor(dividend / divisor)`: the result has the sign of the divisor."""
    if divisor.is_zero() or abs(dividend.adjusted() - divisor.adjusted()) > MAX_EXPONENT:
        return None
    # The exact remainder: rounding the quotient to 34 digits first could give a result beyond the divisor.
    rest = _WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return CONTEXT.plus(rest)


def square_root(value: Decimal) -> Decimal | None:
    """The root of a number that is not negative."""
    return None if value < 0 else CONTEXT.sqrt(value)


def natural_logarithm(value: Decimal) -> Decimal | None:
    """The logarithm of a positive number."""
    return None if value <= 0 else CONTEXT.ln(value)


def exponential(value: Decimal) -> Decimal | None:
    """e to the power of the number; null when that is too large."""
    try:
        return CONTEXT.exp(value)
    except DecimalException:
        return None


def round_to(value: Decimal, scale: int, rounding: str) -> Decimal:
    """The number with at most `scale` digits after the point (negative: zeros before it)."""
    if _exponent(value) >= -scale:
        return value
    if value.adjusted() < -scale - 1 and rounding not in (ROUND_UP, ROUND_FLOOR, ROUND_CEILING):
        return ZERO
    rounded = value.quantize(Decimal((0, (1,), -scale)), rounding=rounding, context=_WIDE)
    # Rounding up may carry into a 35th digit or beyond the range; keep the number one of ours.
    return CONTEXT.plus(rounded) if len(rounded.as_tuple().digits) > PRECISION else rounded


def to_integer(value: Decimal) -> int | None:
    """The number as an int when it is small enough to be a position, a count or a component; cut towards zero."""
    return int(value) if value.adjusted() <= 18 else None


def from_text(text: str) -> Decimal | None:
    """A number of FEEL's own notation, rounded to 34 digits; None when the text is not one or it is out of range."""
    try:
        return CONTEXT.create_decimal(text)
    except DecimalException:
        return None


def canonical(value: Decimal) -> str:
    """The number as people write it: no exponent, no zeros at the end of the fraction, no minus zero."""
    if value.is_zero():
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
