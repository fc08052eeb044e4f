"""Values as text: in an input (to be typed over), and to be read (on paper, in tables, in what is computed)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import cast

from engine.feel import Environment
from engine.feel.temporal import DateTime, Time
from engine.form_schema.coerce import on_local_clocks
from engine.form_schema.expressions import plain
from engine.form_schema.messages import Bilingual
from engine.form_schema.model import Field, Kind, Option

YES, NO = Bilingual("是", "Yes"), Bilingual("否", "No")
_PRECISION = 60


def number_text(value: Decimal, decimals: int | None) -> str:
    """A number for reading: amounts (with decimals) get thousands separators and all their decimals."""
    if not value.is_finite():
        return str(value)
    if abs(value.adjusted()) > _PRECISION // 2:
        return f"{value:E}"
    if decimals:
        with localcontext(prec=_PRECISION):
            return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
    if decimals == 0:
        with localcontext(prec=_PRECISION):
            return f"{value.to_integral_value(ROUND_HALF_UP):f}"
    return _shortest(value)


def _shortest(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def input_text(field: Field, value: object, environment: Environment) -> str:
    """What stands in the input for a value."""
    if isinstance(value, Decimal) and field.kind is Kind.COMPUTED:
        return number_text(value, field.decimals)
    if isinstance(value, Decimal) and field.kind is Kind.NUMBER:
        rounded = number_text(value, field.decimals)
        # An input never hides digits: what is sent back must be what was there.
        exact = Decimal(rounded.replace(",", "")) == value if "E" not in rounded else False
        return rounded if exact else _shortest(value) if abs(value.adjusted()) <= _PRECISION // 2 else str(value)
    if isinstance(value, DateTime) and field.kind is Kind.DATETIME:
        return moment_text(value, environment, "T")
    if isinstance(value, Time):
        return _clock(value)
    return plain(value)


def moment_text(value: DateTime, environment: Environment, between: str = " ") -> str:
    """Date and time to the minute on the organisation's clocks."""
    local = on_local_clocks(value, environment)
    return f"{local.date}{between}{_clock(local.time)}"


def _clock(time: Time) -> str:
    seconds = f":{time.second:02d}" if time.second else ""
    return f"{time.hour:02d}:{time.minute:02d}{seconds}"


def display_text(
    value: object, locale: str, environment: Environment, field: Field | None = None, options: Sequence[Option] = ()
) -> str:
    """A value to be read: labels instead of option values, local time, 是 and 否; empty for nothing."""
    if isinstance(value, list):
        items = cast(list[object], value)
        shown = [display_text(item, locale, environment, field, options) for item in items]
        return ("、" if not locale.lower().startswith("en") else ", ").join(shown)
    text = plain(value) if options else ""
    for option in options:
        if option.text == text and value is not None:
            return option.label.in_locale(locale)
    if isinstance(value, bool):
        return (YES if value else NO).in_locale(locale)
    if isinstance(value, Decimal):
        return number_text(value, field.decimals if field else None).replace("-", "−")
    if isinstance(value, DateTime):
        return moment_text(value, environment)
    return _clock(value) if isinstance(value, Time) else plain(value)
