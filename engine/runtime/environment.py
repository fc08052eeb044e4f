"""What FEEL expressions of an organisation can see besides variables: its zone, the time, working time, its prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from engine import feel
from engine.calendar import WORKING_TIME_NAMES, Calendar, working_time_functions
from engine.database import Transaction
from engine.handling import PriceItem
from engine.model import Organisation, PriceList, PriceListItem, WorkingCalendar
from engine.runtime.people import people_functions
from engine.statements import Read

NAMES = WORKING_TIME_NAMES
"""Multi-word names that expressions of diagrams may use."""


class Prices:
    """The price list valid on a day (`engine.handling.PriceBook`), read when it is first asked for."""

    def __init__(self, read: Callable[[], tuple[str, list[PriceItem]]]) -> None:
        self._read = read

    @cached_property
    def _content(self) -> tuple[str, list[PriceItem]]:
        return self._read()

    @property
    def version(self) -> str:
        """The list's name; empty when no list is valid."""
        return self._content[0]

    @property
    def items(self) -> list[PriceItem]:
        """All lines, by code."""
        return self._content[1]

    def find(self, code_or_name: str, model: str = "") -> PriceItem | None:
        """The item with this code, else with this name (and model, where one is given)."""
        wanted = code_or_name.strip()
        for item in self.items:
            if item.code == wanted:
                return item
        named = [item for item in self.items if item.name == wanted]
        exact = [item for item in named if item.model == model.strip()] if model.strip() else []
        return (exact or named or [None])[0]


class Surroundings:
    """The FEEL environment of one organisation during one command. What it needs is read when it is first needed."""

    def __init__(self, tx: Transaction, organisation_key: str, zone_name: str = "") -> None:
        """`zone_name` saves a query where the caller knows the organisation's zone already."""
        self._tx = tx
        self._organisation_key = organisation_key
        self._zone_name = zone_name
        self.now = tx.now

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's zone."""
        return ZoneInfo(self._zone_name or zone_of(self._tx.connection, self._organisation_key))

    @cached_property
    def functions(self) -> Mapping[str, feel.Function]:
        """Working time over the organisation's calendars, and the organisation's people."""
        return Later(
            lambda: {
                **working_time_functions(_Calendars(self._tx, self._organisation_key)),
                **people_functions(self._tx, self._organisation_key),
            }
        )

    @cached_property
    def prices(self) -> Prices:
        """The price list that is valid today in the organisation's zone."""
        return Prices(lambda: read_prices(self._tx.session, self._organisation_key, self.now.astimezone(self.zone)))

    def environment(self) -> feel.Environment:
        """A fresh environment for one evaluation (warnings are collected per evaluation)."""
        return feel.Environment(now=lambda: self.now, zone=self.zone.key)


Value = TypeVar("Value")


class Later(Mapping[str, Value]):
    """A mapping that is made when somebody looks into it; most expressions find all their names before."""

    def __init__(self, make: Callable[[], Mapping[str, Value]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Value]:
        return self._make()

    def __getitem__(self, name: str) -> Value:
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


_ZONE = select(Organisation.zone).where(Organisation.key == bindparam("organisation"))


def zone_of(connection: Connection, organisation_key: str) -> str:
    """The name of an organisation's zone."""
    return str(connection.scalars(_ZONE, {"organisation": organisation_key}).one())


_CALENDARS = Read(
    lambda _: select(WorkingCalendar.key, WorkingCalendar.data).where(
        WorkingCalendar.organisation_key == bindparam("organisation")
    ),
    ["organisation"],
)


class _Calendars(Mapping[str, Calendar]):
    """The organisation's calendars by key, read all at once when the first one is asked for."""

    def __init__(self, tx: Transaction, organisation_key: str) -> None:
        self._tx = tx
        self._organisation_key = organisation_key

    @cached_property
    def _all(self) -> dict[str, Calendar]:
        rows = _CALENDARS.rows(self._tx.connection, {"organisation": self._organisation_key})
        return {key: Calendar.from_data({**data, "key": key}) for key, data in rows}

    def __getitem__(self, key: str) -> Calendar:
        return self._all[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def read_prices(session: Session, organisation_key: str, today: datetime) -> tuple[str, list[PriceItem]]:
    """The version and the lines of the price list valid on a local day; empty when there is none."""
    day = today.date()
    found = session.scalar(
        select(PriceList)
        .where(
            PriceList.organisation_key == organisation_key, PriceList.valid_from <= day, PriceList.valid_until >= day
        )
        .order_by(PriceList.valid_from.desc())
        .limit(1)
    )
    if found is None:
        return "", []
    rows = session.scalars(
        select(PriceListItem).where(PriceListItem.price_list_key == found.key).order_by(PriceListItem.code)
    )
    return found.version, [
        PriceItem(row.code, row.name, row.model, row.unit, Decimal(row.list_price), Decimal(row.cost_floor))
        for row in rows
    ]


class ScopeView(Mapping[str, object]):
    """Names for one evaluation: extra ones first, then variables, then the case's own facts, then functions."""

    __slots__ = ("_layers",)

    def __init__(self, *layers: Mapping[str, object]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> object:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for layer in self._layers for name in layer))

    def __len__(self) -> int:
        return len(set[str]().union(*self._layers))
