"""List functions that give lists, and `sort`: DMN 1.5, 10.3.4.4 and 10.3.4.8."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import Any, cast

from engine.errors import N_
from engine.feel import values
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment
from engine.feel.invocation import invoke
from engine.feel.number import to_integer
from engine.feel.values import Function


@builtin("list contains(list: list, element: any)")
def list_contains(environment: Environment, items: list[Any], element: Any) -> bool:
    """Whether the element is one of the items."""
    return _position(items, element, environment) is not None


@builtin("index of(list: list, match: any)")
def index_of(environment: Environment, items: list[Any], match: Any) -> list[Decimal]:
    """The positions of the items that equal the value."""
    environment.check_list(len(items))
    return [Decimal(index) for index, item in enumerate(items, 1) if values.same(item, match, environment)]


def _position(items: list[Any], element: Any, environment: Environment) -> int | None:
    environment.check_list(len(items))
    return next((index for index, item in enumerate(items) if values.same(item, element, environment)), None)


@builtin("append(list: list, item...: any)")
def append(environment: Environment, items: list[Any], added: list[Any]) -> list[Any]:
    """The list with more items at its end."""
    environment.check_list(len(items) + len(added))
    return [*items, *added]


@builtin("concatenate(list...: any)")
def concatenate(environment: Environment, lists: list[Any]) -> list[Any] | None:
    """The items of all lists in one."""
    joined: list[Any] = []
    for one in lists:
        if one is None:
            return environment.null(N_("concatenate: every argument must be a list."))
        joined.extend(cast("list[Any]", one) if isinstance(one, list) else [one])
        environment.check_list(len(joined))
    return joined


@builtin("union(list...: any)")
def union(environment: Environment, lists: list[Any]) -> list[Any] | None:
    """The items of all lists, each once."""
    joined = concatenate(environment, lists)
    return None if joined is None else distinct_values(environment, joined)


@builtin("distinct values(list: list)")
def distinct_values(environment: Environment, items: list[Any]) -> list[Any]:
    """The list without the items that came before."""
    # Texts and numbers are found by hash; 1 and true would be one key, hence the type.
    distinct: list[Any] = []
    seen: set[tuple[type, Any]] = set()
    others: list[Any] = []
    for item in items:
        environment.charge()
        if isinstance(item, str | Decimal):
            if (type(item), item) in seen:
                continue
            seen.add((type(item), item))
        elif _position(others, item, environment) is None:
            others.append(item)
        else:
            continue
        distinct.append(item)
    return distinct


@builtin("flatten(list: list)")
def flatten(environment: Environment, items: list[Any]) -> list[Any]:
    """The items of the list and of all lists in it."""
    flat: list[Any] = []
    _flatten_into(flat, items, environment)
    return flat


def _flatten_into(flat: list[Any], items: list[Any], environment: Environment) -> None:
    for item in items:
        environment.charge()
        if isinstance(item, list):
            _flatten_into(flat, cast("list[Any]", item), environment)
        else:
            flat.append(item)
            if len(flat) > environment.limits.list_length:
                environment.check_list(len(flat))


@builtin("reverse(list: list)")
def reverse(environment: Environment, items: list[Any]) -> list[Any]:
    """The items from the last to the first."""
    environment.check_list(len(items))
    return items[::-1]


def _index(items: list[Any], position: Decimal, environment: Environment) -> int | None:
    """The index of a position counted from 1, or from the end with -1; null outside the list."""
    place = to_integer(position)
    if place is None or not 1 <= abs(place) <= len(items):
        return environment.null(
            N_("The list of {length} items has no item number {position}."), length=len(items), position=str(position)
        )
    return place - 1 if place > 0 else len(items) + place


@builtin("sublist(list: list, start position: number, length?: number?)")
def sublist(
    environment: Environment, items: list[Any], start: Decimal, length: Decimal | None = None
) -> list[Any] | None:
    """Part of the list, from a position, of a length (or to the end)."""
    first = _index(items, start, environment)
    if first is None:
        return None
    count = len(items) - first if length is None else to_integer(length)
    if count is None or not 1 <= count <= len(items) - first:
        return environment.null(N_("sublist: from there the list has no {length} items."), length=str(length))
    environment.check_list(count)
    return items[first : first + count]


@builtin("insert before(list: list, position: number, newItem: any)")
def insert_before(environment: Environment, items: list[Any], position: Decimal, added: Any) -> list[Any] | None:
    """The list with an item more, before the position."""
    index = _index(items, position, environment)
    if index is None:
        return None
    environment.check_list(len(items) + 1)
    return [*items[:index], added, *items[index:]]


@builtin("remove(list: list, position: number)")
def remove(environment: Environment, items: list[Any], position: Decimal) -> list[Any] | None:
    """The list without the item at the position."""
    index = _index(items, position, environment)
    environment.check_list(len(items))
    return None if index is None else [*items[:index], *items[index + 1 :]]


@builtin("list replace(list: list, position: number, newItem: any)")
def list_replace(environment: Environment, items: list[Any], position: Decimal, new: Any) -> list[Any] | None:
    """The list with another item at the position."""
    index = _index(items, position, environment)
    environment.check_list(len(items))
    return None if index is None else [*items[:index], new, *items[index + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any)")
def list_replace_where(environment: Environment, items: list[Any], match: Function, new: Any) -> list[Any] | None:
    """The list with another item wherever `match(item, newItem)` is true."""
    replaced: list[Any] = []
    for item in items:
        verdict = invoke(match, [item, new], environment)
        if not isinstance(verdict, bool):
            return environment.null(N_("list replace: the function must give true or false."))
        replaced.append(new if verdict else item)
    return replaced


@builtin("sort(list: list, precedes?: function?)")
def sort(environment: Environment, items: list[Any], precedes: Function | None = None) -> list[Any] | None:
    """The list in order: that of `precedes(x, y)`, or the natural one."""
    if precedes is None:
        return _sort_naturally(items, environment)
    if len(precedes.parameters) != 2:
        return environment.null(N_("sort: the function must have two parameters."))

    def order(one: Any, other: Any) -> int:
        if invoke(precedes, [one, other], environment) is True:
            return -1
        return 1 if invoke(precedes, [other, one], environment) is True else 0

    environment.check_list(len(items))
    return sorted(items, key=cmp_to_key(order))


def _sort_naturally(items: list[Any], environment: Environment) -> list[Any] | None:
    environment.check_list(len(items))
    if any(values.compare(item, items[0]) is None for item in items):
        return environment.null(N_("sort: the items have no common order; give a function that tells it."))
    return sorted(items, key=cmp_to_key(lambda one, other: values.compare(one, other) or 0))
