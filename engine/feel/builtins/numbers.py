"""Numeric functions: DMN 1.5, 10.3.4.5."""

from __future__ import annotations

import secrets
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from engine.errors import N_
from engine.feel import number, values
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.operators import DEAR
from engine.feel.temporal import DaysDuration, MonthsDuration


def _round(value: Decimal, scale: Decimal, rounding: str, environment: Environment) -> Decimal | None:
    if not number.MIN_SCALE <= scale <= number.MAX_SCALE:
        return environment.null(
            N_("The scale must lie between {low} and {high}."), low=number.MIN_SCALE, high=number.MAX_SCALE
        )
    return number.round_to(value, int(scale), rounding)


@builtin("decimal(n: number, scale: number)")
def decimal(environment: Environment, value: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded to a number of digits behind the point, halves to the even neighbour."""
    return _round(value, scale, ROUND_HALF_EVEN, environment)


@builtin("floor(n: number, scale?: number)")
def floor(environment: Environment, value: Decimal, scale: Decimal = number.ZERO) -> Decimal | None:
    """Rounded down towards minus infinity."""
    return _round(value, scale, ROUND_FLOOR, environment)


@builtin("ceiling(n: number, scale?: number)")
def ceiling(environment: Environment, value: Decimal, scale: Decimal = number.ZERO) -> Decimal | None:
    """Rounded up towards plus infinity."""
    return _round(value, scale, ROUND_CEILING, environment)


@builtin("round up(n: number, scale: number)")
def round_up(environment: Environment, value: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded away from zero."""
    return _round(value, scale, ROUND_UP, environment)


@builtin("round down(n: number, scale: number)")
def round_down(environment: Environment, value: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded towards zero."""
    return _round(value, scale, ROUND_DOWN, environment)


@builtin("round half up(n: number, scale: number)")
def round_half_up(environment: Environment, value: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded, halves away from zero."""
    return _round(value, scale, ROUND_HALF_UP, environment)


@builtin("round half down(n: number, scale: number)")
def round_half_down(environment: Environment, value: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded, halves towards zero."""
    return _round(value, scale, ROUND_HALF_DOWN, environment)


@builtin(f"abs(n: number|{values.DAYS}|{values.MONTHS})")
def absolute(environment: Environment, value: Any) -> Any:
    """Without its sign."""
    if isinstance(value, DaysDuration):
        return DaysDuration(abs(value.nanoseconds))
    return MonthsDuration(abs(value.months)) if isinstance(value, MonthsDuration) else value.copy_abs()


@builtin("modulo(dividend: number, divisor: number)")
def modulo(environment: Environment, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """The remainder of a division; it has the sign of the divisor."""
    result = number.remainder(dividend, divisor)
    return environment.null(N_("modulo: the divisor must not be 0.")) if result is None else result


@builtin("sqrt(number: number)")
def square_root(environment: Environment, value: Decimal) -> Decimal | None:
    """The square root."""
    environment.charge(DEAR)
    result = number.square_root(value)
    return environment.null(N_("sqrt: the number must not be negative.")) if result is None else result


@builtin("log(number: number)")
def logarithm(environment: Environment, value: Decimal) -> Decimal | None:
    """The natural logarithm."""
    environment.charge(DEAR)
    result = number.natural_logarithm(value)
    return environment.null(N_("log: the number must be greater than 0.")) if result is None else result


@builtin("exp(number: number)")
def exponential(environment: Environment, value: Decimal) -> Decimal | None:
    """e to the power of the number."""
    environment.charge(DEAR)
    result = number.exponential(value)
    return environment.null(N_("The result is too large for a number.")) if result is None else result


@builtin("odd(number: number)")
def odd(environment: Environment, value: Decimal) -> bool | None:
    """Whether the number is a whole one and odd."""
    return _parity(value, 1)


@builtin("even(number: number)")
def even(environment: Environment, value: Decimal) -> bool | None:
    """Whether the number is a whole one and even."""
    return _parity(value, 0)


def _parity(value: Decimal, wanted: int) -> bool:
    rest = number.remainder(value, Decimal(2))
    return rest == wanted


@builtin("random number()")
def random_number(environment: Environment) -> Decimal:
    """At least 0 and less than 1, another one every time."""
    return number.scaled(secrets.randbelow(10**number.PRECISION), -number.PRECISION)
