"""External functions. Nothing outside is ever called; a few pure functions of Java's library have a double here, so
that models written for other engines keep working. All others are null, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.number import from_text, to_integer
from engine.feel.values import Function

Double = Callable[..., Any]


class _Unfit(ValueError):
    """The arguments are not of the types of the signature."""


def external_function(parameters: tuple[str, ...], body: Any, environment: Environment) -> Function | None:
    """The double of `function(…) external {java: {class: …, method signature: …}}`; null where there is none."""
    described = cast("dict[str, Any]", body).get("java") if isinstance(body, dict) else None
    fields = cast("dict[str, Any]", described) if isinstance(described, dict) else {}
    said = f"{fields.get('class')}.{fields.get('method signature')}".replace(" ", "")
    method, _, rest = said.partition("(")
    double = _DOUBLES.get(method)
    types = [name for name in rest.rstrip(")").split(",") if name]
    readers = [_READERS.get(name) for name in types]
    if double is None or None in readers or len(readers) != len(parameters):
        return environment.null(
            N_("The external function {function} is not available; write it in FEEL."), function=said
        )
    known = [reader for reader in readers if reader is not None]

    def call(*arguments: Any) -> Any:
        try:
            given = [read(argument) for read, argument in zip(known, arguments, strict=True)]
            return _number(double(*given))
        except (ValueError, OverflowError, ArithmeticError, TypeError):
            return environment.null(N_("{function} cannot take these arguments."), function=said)

    return Function("", parameters, call)


def _number(result: Any) -> Any:
    if isinstance(result, float):
        if not math.isfinite(result):
            raise _Unfit
        return Decimal(repr(result))
    return Decimal(result) if isinstance(result, int) else result


def _whole(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        whole = to_integer(value) if isinstance(value, Decimal) else None
        if whole is None or not -(1 << (bits - 1)) <= whole < 1 << (bits - 1):
            raise _Unfit
        return whole

    return read


def _decimal(value: Any) -> float:
    if not isinstance(value, Decimal):
        raise _Unfit
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Unfit
    return value


def _character(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1:
        raise _Unfit
    return value


def _anything(value: Any) -> Any:
    return value


def _value_of(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    result = from_text(value)
    if result is None or not result.is_finite():
        raise _Unfit
    return result


def _format(template: str, argument: Any) -> str:
    """Java's String.format for `%s` alone."""
    if template.replace("%%", "").count("%") != template.count("%s") or template.count("%s") > 1:
        raise _Unfit
    return template.replace("%s", str(argument)).replace("%%", "%")


def _of_numbers(choose: Callable[[Any, Any], Any]) -> Double:
    def double(one: Any, other: Any) -> Any:
        if isinstance(one, str):
            raise _Unfit
        return choose(one, other)

    return double


_READERS: dict[str, Callable[[Any], Any]] = {
    "byte": _whole(8),
    "short": _whole(16),
    "int": _whole(32),
    "long": _whole(64),
    "float": _decimal,
    "double": _decimal,
    "char": _character,
    "java.lang.String": _text,
    "[Ljava.lang.Object;": _anything,
}

_DOUBLES: dict[str, Double] = {
    "java.lang.Math.abs": abs,
    "java.lang.Math.max": _of_numbers(max),
    "java.lang.Math.min": _of_numbers(min),
    "java.lang.Math.pow": math.pow,
    "java.lang.Math.sqrt": math.sqrt,
    "java.lang.Math.cbrt": math.cbrt,
    "java.lang.Math.exp": math.exp,
    "java.lang.Math.log": math.log,
    "java.lang.Math.log10": math.log10,
    "java.lang.Math.sin": math.sin,
    "java.lang.Math.cos": math.cos,
    "java.lang.Math.tan": math.tan,
    "java.lang.Math.asin": math.asin,
    "java.lang.Math.acos": math.acos,
    "java.lang.Math.atan": math.atan,
    "java.lang.Math.atan2": math.atan2,
    "java.lang.Math.hypot": math.hypot,
    "java.lang.Math.floor": math.floor,
    "java.lang.Math.ceil": math.ceil,
    "java.lang.Byte.valueOf": _value_of,
    "java.lang.Short.valueOf": _value_of,
    "java.lang.Integer.valueOf": _value_of,
    "java.lang.Long.valueOf": _value_of,
    "java.lang.Float.valueOf": _value_of,
    "java.lang.Double.valueOf": _value_of,
    "java.lang.String.valueOf": str,
    "java.lang.String.format": _format,
}
