"""The organisation's users and the roles they hold, held, or will hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.access import Actor, Permission, require
from engine.database import Transaction
from engine.errors import NotFound
from engine.model import Membership, Role, User


@dataclass(frozen=True, slots=True)
class Held:
    """A role of a user with the time it is held; `is_now` says whether that is now."""

    role_key: str
    name: str
    name_en: str
    valid_from: datetime
    valid_until: datetime | None
    is_now: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A user with their roles in the organisation, those held now first."""

    key: int
    username: str
    display_name: str
    is_active: bool
    created_at: datetime
    roles: tuple[Held, ...]

    @property
    def held_now(self) -> tuple[Held, ...]:
        """The roles held now."""
        return tuple(role for role in self.roles if role.is_now)


def people(tx: Transaction, actor: Actor) -> list[Person]:
    """Everybody who holds or held a role of the organisation, by user name. One statement."""
    require(actor, Permission.USER_MANAGE)
    return _people(tx, actor, None)


def person(tx: Transaction, actor: Actor, key: int) -> Person:
    """One of them. Raises `NotFound`."""
    require(actor, Permission.USER_MANAGE)
    found = _people(tx, actor, key)
    if not found:
        raise NotFound(what="user", key=key)
    return found[0]


def roles(tx: Transaction, actor: Actor) -> list[Role]:
    """The organisation's roles, by key."""
    require(actor, Permission.USER_MANAGE)
    query = select(Role).where(Role.organisation_key == actor.organisation_key).order_by(Role.key)
    return list(tx.session.scalars(query))


def _people(tx: Transaction, actor: Actor, key: int | None) -> list[Person]:
    query = (
        select(User, Membership, Role.name, Role.name_en)
        .join(Membership, Membership.user_key == User.key)
        .join(Role, (Role.organisation_key == Membership.organisation_key) & (Role.key == Membership.role_key))
        .where(Membership.organisation_key == actor.organisation_key)
        .order_by(User.username, Membership.key)
    )
    if key is not None:
        query = query.where(User.key == key)
    users: dict[int, tuple[User, list[Held]]] = {}
    for user, membership, name, name_en in tx.session.execute(query):
        _, held = users.setdefault(user.key, (user, []))
        held.append(_held(membership, name, name_en, tx.now))
    return [
        Person(
            user.key,
            user.username,
            user.display_name,
            user.is_active,
            user.created_at,
            tuple(sorted(held, key=lambda each: not each.is_now)),
        )
        for user, held in users.values()
    ]


def _held(membership: Membership, name: str, name_en: str, now: datetime) -> Held:
    until = membership.valid_until
    is_now = membership.valid_from <= now and (until is None or until > now)
    return Held(membership.role_key, name, name_en, membership.valid_from, until, is_now)
