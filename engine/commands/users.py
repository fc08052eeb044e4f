"""People: adding them, giving them roles, their passwords, and slowing down whoever guesses."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, or_, select

from engine.access import BUNDLES, Actor, Permission, require
from engine.database import Transaction
from engine.errors import N_, BaoxiuError, InvalidInput, NotFound
from engine.history import Entry, Lifecycle, record_for_organisation
from engine.model import Membership, Role, SignInFailures, User
from engine.statements import dialect_insert, primary_key

MIN_PASSWORD = 8
MAX_USERNAME = 100
FREE_ATTEMPTS = 5
"""Failed sign-ins of one name before each further one has to wait."""
LONGEST_WAIT = timedelta(minutes=15)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id as the OWASP Password Storage Cheat Sheet recommends; the library's own defaults take every core and 64 MiB
for each of those who sign in together (decision 14).
"""
_NOBODY = _hasher.hash("nobody has this password")


class WrongPassword(BaoxiuError):
    """Name and password do not belong together; which of them is wrong is not told."""

    template = N_("The user name or the password is not right.")
    status = 422


class BadUsername(InvalidInput):
    """A user name that could not be told apart from others, or not be typed."""

    template = N_("{value} is no user name. Write 2 to {most} letters, digits, dots, hyphens or underscores.")


class RoleHeld(InvalidInput):
    """The user holds the role already."""

    template = N_("{username} holds the role {role} already. Take it away first to give it for another time.")


class OwnRole(InvalidInput):
    """Administrators do not lock themselves out."""

    template = N_("This role lets you manage users; another administrator has to take it from you.")


class TooManyAttempts(BaoxiuError):
    """Too many failed sign-ins of one name; it has to wait."""

    template = N_("Too many failed attempts. Try again in {seconds} seconds.")
    status = 429


class PasswordTooShort(InvalidInput):
    """The new password is shorter than `MIN_PASSWORD` characters."""

    template = N_("A password has at least {least} characters.")


def add_user(
    tx: Transaction,
    actor: Actor,
    username: str,
    display_name: str,
    password: str,
    roles: Iterable[str],
    locale: str = "",
) -> User:
    """Add a user with roles in the actor's organisation, valid from now.

    Raises `BadUsername`, `InvalidInput` for a taken name, `PasswordTooShort`, `NotFound` for a role the organisation
    does not have.
    """
    require(actor, Permission.USER_MANAGE)
    if not _is_username(username):
        raise BadUsername(value=username[:MAX_USERNAME], most=MAX_USERNAME, reason="")
    if len(password) < MIN_PASSWORD:
        raise PasswordTooShort(least=MIN_PASSWORD)
    if tx.session.scalar(select(User.key).where(User.username == username)) is not None:
        raise InvalidInput(value=username, reason="the name is taken")
    user = User(
        username=username,
        display_name=display_name or username,
        password_hash=hash_password(password),
        locale=locale,
        session_stamp=secrets.token_hex(8),
        created_at=tx.now,
    )
    tx.session.add(user)
    tx.session.flush()
    for role in roles:
        grant_role(tx, actor, user, role)
    return user


def grant_role(tx: Transaction, actor: Actor, user: User, role_key: str, until: datetime | None = None) -> Membership:
    """Give a user a role of the actor's organisation from now on (until a moment, when one is given).

    Raises `RoleHeld`, `InvalidInput` for a moment that has passed, `NotFound` for an unknown role.
    """
    require(actor, Permission.USER_MANAGE)
    if tx.session.get(Role, (actor.organisation_key, role_key)) is None:
        raise NotFound(what="role", key=role_key)
    if until is not None and until <= tx.now:
        raise InvalidInput(value=f"{until:%Y-%m-%d}", reason="the day has passed")
    if _held(tx, actor, user, role_key):
        raise RoleHeld(username=user.username, role=role_key, value="", reason="")
    membership = Membership(
        user_key=user.key,
        organisation_key=actor.organisation_key,
        role_key=role_key,
        valid_from=tx.now,
        valid_until=until,
    )
    tx.session.add(membership)
    detail = {"user": user.username, "role": role_key, "granted": True}
    entry = Entry(Lifecycle.CHANGED, tx.now, performer=actor.username, source=tx.source, detail=detail)
    record_for_organisation(tx.session, actor.organisation_key, [entry], tx.now)
    tx.session.flush()
    return membership


def revoke_role(tx: Transaction, actor: Actor, user: User, role_key: str) -> None:
    """End a user's role in the actor's organisation now; what they did in it stays theirs.

    Raises `OwnRole` for the role by which the actor manages users, `NotFound` for a role the user does not hold.
    """
    require(actor, Permission.USER_MANAGE)
    role = tx.session.get(Role, (actor.organisation_key, role_key))
    if user.key == actor.user_key and role is not None and _manages_users(role):
        raise OwnRole(value="", reason="")
    held = _held(tx, actor, user, role_key)
    if not held:
        raise NotFound(what="membership", key=f"{user.username}/{role_key}")
    for membership in held:
        membership.valid_until = tx.now
    detail = {"user": user.username, "role": role_key, "granted": False}
    entry = Entry(Lifecycle.CHANGED, tx.now, performer=actor.username, source=tx.source, detail=detail)
    record_for_organisation(tx.session, actor.organisation_key, [entry], tx.now)
    tx.session.flush()


def _held(tx: Transaction, actor: Actor, user: User, role_key: str) -> list[Membership]:
    return list(
        tx.session.scalars(
            select(Membership).where(
                Membership.user_key == user.key,
                Membership.organisation_key == actor.organisation_key,
                Membership.role_key == role_key,
                or_(Membership.valid_until.is_(None), Membership.valid_until > tx.now),
            )
        )
    )


def _manages_users(role: Role) -> bool:
    return any(Permission.USER_MANAGE in BUNDLES.get(name, ()) for name in role.bundles)


def _is_username(text: str) -> bool:
    """User names stand in addresses, candidate lists and logs: letters (of any script), digits, and a few signs."""
    return 2 <= len(text) <= MAX_USERNAME and all(sign.isalnum() or sign in "._-@" for sign in text)


def change_password(tx: Transaction, user_key: int, old: str, new: str) -> User:
    """Set a new password after the old one has been given; every other session of the user ends."""
    user = tx.session.get_one(User, user_key)
    if not _matches(user.password_hash, old):
        raise WrongPassword()
    if len(new) < MIN_PASSWORD:
        raise PasswordTooShort(least=MIN_PASSWORD)
    user.password_hash = hash_password(new)
    user.session_stamp = secrets.token_hex(8)
    tx.session.flush()
    return user


def wait_before(tx: Transaction, username: str) -> timedelta:
    """How long this name still has to wait before its next attempt is looked at; zero when it need not."""
    failures = tx.session.get(SignInFailures, username)
    if failures is None or failures.count < FREE_ATTEMPTS:
        return timedelta(0)
    wait = min(timedelta(seconds=2 ** (failures.count - FREE_ATTEMPTS + 1)), LONGEST_WAIT)
    return max(failures.last_at + wait - tx.now, timedelta(0))


def hash_password(password: str) -> str:
    """The hash that is kept of a password; slow on purpose."""
    return _hasher.hash(password)


def verify_password(user: User | None, password: str) -> bool:
    """Whether the password is the user's; takes as long for a user that does not exist. Writes nothing."""
    matches = _matches(_NOBODY if user is None else user.password_hash, password)
    return matches and user is not None and user.is_active


def note_failure(tx: Transaction, username: str) -> None:
    """Remember a failed sign-in of a name."""
    first = dialect_insert(tx.session.get_bind().dialect.name, SignInFailures)
    counted_up = first.on_conflict_do_update(
        index_elements=primary_key(SignInFailures), set_={"count": SignInFailures.count + 1, "last_at": tx.now}
    )
    tx.session.execute(counted_up, {"username": username, "count": 1, "last_at": tx.now})


def note_success(tx: Transaction, user: User, password: str) -> None:
    """Forget a name's failures; renew a hash that was made with other parameters."""
    tx.session.execute(delete(SignInFailures).where(SignInFailures.username == user.username))
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    tx.session.flush()


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
