"""What handlers of several organisations read from a case: numbers, lists, days; and what they say without one."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from engine.errors import N_
from engine.feel import Date
from engine.handling import HandlerFailure

ZERO = Decimal(0)
CENT = Decimal("0.01")


class MissingInput(HandlerFailure):
    """A variable the computation needs is missing or no number."""

    template = N_("{name} is {value}; a number is wanted. Correct the variable of the case and try again.")


class MissingDate(HandlerFailure):
    """A variable the computation needs is missing or no date."""

    template = N_("{name} is {value}; a date is wanted. Correct the variable of the case and try again.")


class NoList(HandlerFailure):
    """A variable that should be a list of lines is something else."""

    template = N_("{name} is {value}; a list is wanted. Correct the variable of the case and try again.")


class NoRate(HandlerFailure):
    """The valid price list has no hourly rate of the kind of work that was chosen."""

    template = N_('The price list "{version}" has no item "{code}", the hourly rate. Add it on the price list page.')


def number(values: Mapping[str, object], name: str, default: Decimal | None = None) -> Decimal:
    """A number; `default` where the variable is missing. Raises `MissingInput`."""
    value = values.get(name)
    return default if value is None and default is not None else as_number(name, value)


def as_number(name: str, value: object) -> Decimal:
    """A value as a number; `name` is for the message. Raises `MissingInput`."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise MissingInput(name=name, value=value)
    return Decimal(value)


def rows(values: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """The lines of a list; none where it is missing. Raises `NoList`."""
    found = values.get(name) or []
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise NoList(name=name, value=found)
    return [cast("Mapping[str, object]", row) for row in cast("Sequence[object]", found) if isinstance(row, Mapping)]


def day(values: Mapping[str, object], name: str) -> date:
    """A date. Raises `MissingDate`."""
    value = values.get(name)
    if not isinstance(value, Date):
        raise MissingDate(name=name, value=value)
    return date(value.year, value.month, value.day)


def money(amount: Decimal) -> Decimal:
    """An amount in yuan, rounded to the cent, halves up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def months_after(start: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
