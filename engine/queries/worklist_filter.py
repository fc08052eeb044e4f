"""What can be asked of the worklist: whose tasks, which due times, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whose tasks."""

    MINE = "mine"
    CLAIMABLE = "claimable"
    OPEN = "open"
    """Mine and claimable."""
    TEAM = "team"
    """Everything offered to my roles, also what colleagues have claimed, and mine."""


class Due(StrEnum):
    """Which due times; today and this week hold what is late as well."""

    ANY = ""
    OVERDUE = "overdue"
    SOON = "soon"
    TODAY = "today"
    WEEK = "week"


class Order(StrEnum):
    """What the list can be ordered by."""

    DUE = "due"
    PRIORITY = "priority"
    TASK = "task"
    CUSTOMER = "customer"
    CASE = "case"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; every field has its address in the page's query."""

    scope: Scope = Scope.OPEN
    due: Due = Due.ANY
    process_id: str = ""
    text: str = ""
    order: Order = Order.DUE
    descending: bool = False
    page: int = 1
