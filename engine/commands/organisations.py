"""Setting an organisation up from its file (organisation.yaml): names, roles, calendars, price lists, demo users.

What is there already is left as it is: an administrator's edits outlive every deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import select

from engine.access import engine_actor
from engine.commands.users import add_user
from engine.database import Transaction
from engine.errors import N_, InvalidInput
from engine.model import Organisation, PriceList, PriceListItem, Role, User, WorkingCalendar

Data = Mapping[str, Any]


class BrokenOrganisation(InvalidInput):
    """The organisation's file lacks something or says something that cannot be used."""

    template = N_("organisation.yaml: {field} is missing or cannot be used: {reason}")


def set_up(tx: Transaction, data: Data) -> Organisation:
    """Create what the file names and the database does not have yet.

    `data` has the keys organisation (key, name, name.en, zone, locale), roles, calendars, price_lists; see
    docs/guide/organisation.md. Raises `BrokenOrganisation`.
    """
    head = _section(data, "organisation")
    key = str(head.get("key", ""))
    if not key:
        raise BrokenOrganisation(field="organisation.key", reason="it is empty")
    organisation = tx.session.get(Organisation, key)
    if organisation is None:
        organisation = Organisation(
            key=key,
            name=str(head.get("name", key)),
            name_en=str(head.get("name.en", "")),
            zone=str(head.get("zone", "Asia/Shanghai")),
            locale=str(head.get("locale", "zh_CN")).replace("-", "_"),
            created_at=tx.now,
        )
        tx.session.add(organisation)
        tx.session.flush()
    _add_roles(tx, key, data.get("roles", {}))
    _add_calendars(tx, key, data.get("calendars", {}))
    _add_price_lists(tx, key, data.get("price_lists", []))
    return organisation


def add_demo_users(tx: Transaction, data: Data, password: str) -> list[User]:
    """One user per line of the file's `demo_users` (username, name, roles), all with one password; never in
    production.
    """
    actor = engine_actor(str(data["organisation"]["key"]))
    known = set(tx.session.scalars(select(User.username)))
    return [
        add_user(tx, actor, line["username"], line["name"], password, line["roles"])
        for line in data.get("demo_users", [])
        if line["username"] not in known
    ]


def _section(data: Data, name: str) -> Data:
    section = data.get(name)
    if not isinstance(section, Mapping):
        raise BrokenOrganisation(field=name, reason="a mapping is wanted")
    return cast("Data", section)


def _add_roles(tx: Transaction, organisation_key: str, roles: Data) -> None:
    known = set(tx.session.scalars(select(Role.key).where(Role.organisation_key == organisation_key)))
    for key, role in roles.items():
        if key not in known:
            tx.session.add(
                Role(
                    organisation_key=organisation_key,
                    key=key,
                    name=role["name"],
                    name_en=role.get("name.en", ""),
                    bundles=list(role.get("permissions", ["staff"])),
                    superior=role.get("superior", ""),
                )
            )
    tx.session.flush()


def _add_calendars(tx: Transaction, organisation_key: str, calendars: Data) -> None:
    known = set(
        tx.session.scalars(select(WorkingCalendar.key).where(WorkingCalendar.organisation_key == organisation_key))
    )
    for key, calendar in calendars.items():
        if key not in known:
            row = WorkingCalendar(
                organisation_key=organisation_key, key=key, name=calendar.get("name", ""), data=calendar["data"]
            )
            tx.session.add(row)
    tx.session.flush()


def _add_price_lists(tx: Transaction, organisation_key: str, lists: list[Data]) -> None:
    known = set(tx.session.scalars(select(PriceList.version).where(PriceList.organisation_key == organisation_key)))
    for data in lists:
        if str(data["version"]) in known:
            continue
        price_list = PriceList(
            organisation_key=organisation_key,
            version=str(data["version"]),
            valid_from=_date(data, "valid_from"),
            valid_until=_date(data, "valid_until"),
        )
        tx.session.add(price_list)
        tx.session.flush()
        tx.session.add_all(_item(price_list.key, line) for line in data.get("items", []))
    tx.session.flush()


def _item(price_list_key: int, line: Data) -> PriceListItem:
    return PriceListItem(
        price_list_key=price_list_key,
        code=str(line["code"]),
        name=str(line["name"]),
        model=str(line.get("model", "")),
        unit=str(line.get("unit", "")),
        list_price=Decimal(str(line["list_price"])),
        cost_floor=Decimal(str(line["cost_floor"])),
    )


def _date(data: Data, field: str) -> date:
    value = data.get(field)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise BrokenOrganisation(field=field, reason=f"{value} is no date") from error
