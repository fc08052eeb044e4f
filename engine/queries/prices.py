"""Price lists as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.errors import NotFound
from engine.model import PriceList, PriceListItem


@dataclass(frozen=True, slots=True)
class Prices:
    """A price list with its lines, and all lists of the organisation, the newest first."""

    chosen: PriceList
    items: tuple[PriceListItem, ...]
    lists: tuple[PriceList, ...]


def prices(tx: Transaction, actor: Actor, version: str = "") -> Prices | None:
    """A list (default: the one valid today, else the newest); None where the organisation has none.

    Two statements. Raises `NotFound` for a version there is not.
    """
    require(actor, Permission.PRICE_LIST_READ)
    lists = tx.session.scalars(
        select(PriceList)
        .where(PriceList.organisation_key == actor.organisation_key)
        .order_by(PriceList.valid_from.desc())
    ).all()
    if not lists and not version:
        return None
    today = tx.now.date()
    valid = next((each for each in lists if each.valid_from <= today <= each.valid_until), lists[0] if lists else None)
    chosen = next((each for each in lists if each.version == version), None) if version else valid
    if chosen is None:
        raise NotFound(what="price list", key=version)
    items = tx.session.scalars(
        select(PriceListItem).where(PriceListItem.price_list_key == chosen.key).order_by(PriceListItem.key)
    )
    return Prices(chosen, tuple(items), tuple(lists))
