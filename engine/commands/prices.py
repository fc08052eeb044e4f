"""Price lists: editing the yearly list (年度《售后服务报价》). Every change is logged with what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.errors import N_, Conflict, InvalidInput, NotFound
from engine.history import Entry, Lifecycle, record_for_organisation
from engine.model import PriceList, PriceListItem

MAX_ITEMS = 5000


class PriceListChanged(Conflict):
    """Somebody else saved the list since the page was loaded."""

    template = N_("The price list {version} was changed since the page was loaded. Check it and save again.")


class BadPrice(InvalidInput):
    """A line of the list cannot be used."""

    template = N_("Line {line}, {code}: {reason}")


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A line as it is to be; amounts in yuan per unit."""

    code: str
    name: str
    model: str
    unit: str
    list_price: Decimal
    cost_floor: Decimal


def save(tx: Transaction, actor: Actor, version: str, lines: Sequence[PriceLine], revision: int) -> PriceList:
    """Replace the lines of a list. Raises `BadPrice`, `PriceListChanged`, `NotFound`."""
    require(actor, Permission.PRICE_LIST_EDIT)
    price_list = tx.session.scalar(
        select(PriceList)
        .where(PriceList.organisation_key == actor.organisation_key, PriceList.version == version)
        .with_for_update()
    )
    if price_list is None:
        raise NotFound(what="price list", key=version)
    if price_list.revision != revision:
        raise PriceListChanged(version=version, detail="")
    _check(lines)
    known = {
        row.code: row
        for row in tx.session.scalars(select(PriceListItem).where(PriceListItem.price_list_key == price_list.key))
    }
    changes = _apply(tx, price_list, known, lines)
    price_list.revision += 1
    detail = {"price_list": version, "changes": changes}
    entry = Entry(Lifecycle.CHANGED, tx.now, performer=actor.username, source=tx.source, detail=detail)
    record_for_organisation(tx.session, actor.organisation_key, [entry], tx.now)
    tx.session.flush()
    return price_list


def _check(lines: Sequence[PriceLine]) -> None:
    if len(lines) > MAX_ITEMS:
        raise InvalidInput(value=len(lines), reason=f"a price list has at most {MAX_ITEMS} lines")
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        reason = _problem(line, seen)
        if reason:
            raise BadPrice(line=number, code=line.code, reason=reason, value="")
        seen.add(line.code)


def _problem(line: PriceLine, seen: set[str]) -> str:
    if not line.code.strip() or not line.name.strip():
        return N_("code and name must be filled in")
    if line.code in seen:
        return N_("the code stands in another line already")
    if line.list_price < 0 or line.cost_floor < 0:
        return N_("prices are not negative")
    if line.cost_floor > line.list_price:
        return N_("the cost floor is above the list price")
    return ""


def _apply(
    tx: Transaction, price_list: PriceList, known: dict[str, PriceListItem], lines: Sequence[PriceLine]
) -> list[dict[str, str]]:
    changes: list[dict[str, str]] = []
    for line in lines:
        row = known.pop(line.code, None)
        before = f"{row.name} {row.model} {row.unit} {row.list_price}/{row.cost_floor}" if row else ""
        after = f"{line.name} {line.model} {line.unit} {line.list_price}/{line.cost_floor}"
        if row is None:
            row = PriceListItem(price_list_key=price_list.key, code=line.code)
            tx.session.add(row)
        row.name, row.model, row.unit = line.name, line.model, line.unit
        row.list_price, row.cost_floor = line.list_price, line.cost_floor
        if before != after:
            changes.append({"code": line.code, "before": before, "after": after})
    for row in known.values():
        changes.append({"code": row.code, "before": f"{row.name} {row.list_price}/{row.cost_floor}", "after": ""})
        tx.session.delete(row)
    return changes
