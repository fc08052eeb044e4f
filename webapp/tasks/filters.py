"""The worklist's filters as addresses: every list that can be asked for has exactly one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import url_for

from engine.queries.worklist_filter import Due, Filter, Order, Scope

Choice = TypeVar("Choice", bound=StrEnum)
_DEFAULT = Filter()


def filter_from(query: Mapping[str, str]) -> Filter:
    """What an address asks for; what it says wrong counts as not said."""
    sort = query.get("sort", "")
    return Filter(
        scope=_choice(Scope, query.get("scope", ""), Scope.OPEN),
        due=_choice(Due, query.get("due", ""), Due.ANY),
        process_id=query.get("process", "")[:100],
        text=query.get("q", "").strip(),
        order=_choice(Order, sort.removeprefix("-"), Order.DUE),
        descending=sort.startswith("-"),
        page=_number(query.get("page", "")),
    )


def address(wanted: Filter, **changes: Any) -> str:
    """The address of a filter with some changes; whoever changes what is listed begins on the first page again."""
    changed = replace(wanted, **{"page": 1, **changes})
    query = urlencode(query_of(changed))
    return url_for("tasks.worklist") + (f"?{query}" if query else "")


def query_of(wanted: Filter) -> dict[str, str]:
    """A filter as query parameters; defaults are left out, so that every list has one address."""
    sort = f"-{wanted.order}" if wanted.descending else str(wanted.order)
    given = {
        "scope": str(wanted.scope) if wanted.scope is not _DEFAULT.scope else "",
        "due": str(wanted.due),
        "process": wanted.process_id,
        "q": wanted.text,
        "sort": sort if sort != str(_DEFAULT.order) else "",
        "page": str(wanted.page) if wanted.page > 1 else "",
    }
    return {name: value for name, value in given.items() if value}


def sort_address(wanted: Filter, order: Order) -> str:
    """The address a column's head leads to: ordered by it, or the other way round when it already is."""
    return address(wanted, order=order, descending=wanted.order is order and not wanted.descending)


def sort_state(wanted: Filter, order: Order) -> str:
    """``ascending`` or ``descending`` on the column the list is ordered by, else empty."""
    if wanted.order is not order:
        return ""
    return "descending" if wanted.descending else "ascending"


def _choice(kind: type[Choice], text: str, default: Choice) -> Choice:
    try:
        return kind(text)
    except ValueError:
        return default


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
