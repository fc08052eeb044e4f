"""List functions that make one value of many: DMN 1.5, 10.3.4.4."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import Any

from engine.errors import N_
from engine.feel import number, values
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.operators import DEAR
from engine.feel.values import kind


@builtin("count(list: list)")
def count(environment: Environment, items: list[Any]) -> Decimal:
    """How many items there are."""
    return Decimal(len(items))


@builtin("min(list...: list)")
def minimum(environment: Environment, items: list[Any]) -> Any:
    """The smallest item; null for none, or where items have no common order."""
    return _extreme(items, -1, environment)


@builtin("max(list...: list)")
def maximum(environment: Environment, items: list[Any]) -> Any:
    """The largest item; null for none, or where items have no common order."""
    return _extreme(items, 1, environment)


def _extreme(items: list[Any], wanted: int, environment: Environment) -> Any:
    environment.check_list(len(items))
    if not items:
        return environment.null(N_("An empty list has no smallest or largest item."))
    best = items[0]
    for item in items:
        order = values.compare(item, best)
        if order is None:
            return environment.null(
                N_("{left} and {right} cannot be compared with “{operator}”."),
                left=kind(item),
                right=kind(best),
                operator="min" if wanted < 0 else "max",
            )
        if order == wanted:
            best = item
    return best


def _numbers(items: list[Any], environment: Environment, least: int = 1) -> list[Decimal] | None:
    environment.check_list(len(items))
    if not all(type(item) is Decimal for item in items):
        return environment.null(N_("Every item of the list must be a number."))
    if len(items) < least:
        return environment.null(N_("The list needs at least {least} items."), least=least)
    return items


def _sum(numbers: list[Decimal]) -> Decimal:
    total = number.ZERO
    for item in numbers:
        total = number.add(total, item)
    return total


def _overflow(environment: Environment) -> None:
    environment.null(N_("The result is too large for a number."))


@builtin("sum(list...: list)")
def total(environment: Environment, items: list[Any]) -> Decimal | None:
    """The sum of numbers; null for none."""
    numbers = _numbers(items, environment)
    try:
        return None if numbers is None else _sum(numbers)
    except DecimalException:
        return _overflow(environment)


@builtin("product(list...: list)")
def product(environment: Environment, items: list[Any]) -> Decimal | None:
    """The product of numbers; null for none."""
    numbers = _numbers(items, environment)
    if numbers is None:
        return None
    result = number.ONE
    try:
        for item in numbers:
            result = number.multiply(result, item)
    except DecimalException:
        return _overflow(environment)
    return result


@builtin("mean(list...: list)")
def mean(environment: Environment, items: list[Any]) -> Decimal | None:
    """The arithmetic mean of numbers; null for none."""
    numbers = _numbers(items, environment)
    try:
        return None if numbers is None else number.divide(_sum(numbers), Decimal(len(numbers)))
    except DecimalException:
        return _overflow(environment)


@builtin("median(list...: list)")
def median(environment: Environment, items: list[Any]) -> Decimal | None:
    """The middle of the numbers in order, or the mean of the two in the middle; null for none."""
    numbers = _numbers(items, environment)
    if numbers is None:
        return None
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return number.divide(number.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev(list...: list)")
def standard_deviation(environment: Environment, items: list[Any]) -> Decimal | None:
    """The standard deviation of a sample of at least two numbers."""
    numbers = _numbers(items, environment, least=2)
    if numbers is None:
        return None
    environment.charge(DEAR)
    try:
        centre = number.divide(_sum(numbers), Decimal(len(numbers)))
        squares = [number.power(number.subtract(item, centre), Decimal(2)) or number.ZERO for item in numbers]
        return number.square_root(number.divide(_sum(squares), Decimal(len(numbers) - 1)))
    except DecimalException:
        return _overflow(environment)


@builtin("mode(list...: list)")
def mode(environment: Environment, items: list[Any]) -> list[Decimal] | None:
    """The most frequent numbers, in ascending order; the empty list for none."""
    numbers = _numbers(items, environment, least=0)
    if numbers is None:
        return None
    frequency: dict[Decimal, int] = {}
    for item in numbers:
        frequency[item] = frequency.get(item, 0) + 1
    highest = max(frequency.values(), default=0)
    return sorted(item for item, often in frequency.items() if often == highest)


@builtin("all(list...: list)")
def every(environment: Environment, items: list[Any]) -> bool | None:
    """Whether no item is false; null where that is open."""
    return _judge(items, False, environment)


@builtin("any(list...: list)")
def some(environment: Environment, items: list[Any]) -> bool | None:
    """Whether an item is true; null where that is open."""
    return _judge(items, True, environment)


def _judge(items: list[Any], decisive: bool, environment: Environment) -> bool | None:
    environment.check_list(len(items))
    if any(item is decisive for item in items):
        return decisive
    if all(item is (not decisive) for item in items):
        return not decisive
    return environment.null(N_("Every item of the list must be true or false."))
