"""From a session cookie to the actor, and from a name and password to a session.

The cookie holds the user's key, their organisation and their session stamp. The stamp changes with the password, so a
changed password ends every other session at its next request.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request, session
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import Actor, actor_for
from engine.commands import users
from engine.database import Transaction
from engine.errors import N_, BaoxiuError, NotFound
from engine.model import Organisation, Role, SignInFailures, User
from webapp.services import services

LONGEST_NAME = 100
LONGEST_PASSWORD = 1000
_WITHOUT_IDENTITY = ("static", "health")


class SignInRefused(BaoxiuError):
    """Name and password do not belong together; `attempts_left` before the name has to wait."""

    template = N_("The user name or the password is not right.")
    status = 422

    def __init__(self, attempts_left: int) -> None:
        super().__init__()
        self.attempts_left = attempts_left


class WithoutRole(BaoxiuError):
    """The user exists but holds no role now."""

    template = N_("You have no role at the moment. Ask an administrator to give you one.")
    status = 403


@dataclass(frozen=True, slots=True)
class Account:
    """The actor of a request with what the frame of the page shows.

    Names are (Chinese, English); English may be empty.
    """

    actor: Actor
    locale: str
    zone: str
    organisation: tuple[str, str]
    roles: tuple[tuple[str, str], ...]


def load_account() -> None:
    """Put the signed-in user on ``g.account`` and ``g.actor``; both are None when nobody is."""
    g.account = None
    g.actor = None
    if request.endpoint in _WITHOUT_IDENTITY or "user" not in session:
        return
    with services().database.reading() as tx:
        user = tx.session.get(User, session["user"])
        if user is not None and user.is_active and user.session_stamp == session.get("stamp"):
            g.account = _account(tx, user, session.get("organisation", ""))
    if g.account is None:
        session.clear()
        return
    g.actor = g.account.actor
    session["organisation"] = g.actor.organisation_key


def sign_in(username: str, password: str) -> User:
    """The user whose name and password these are; starts their session.

    Every attempt counts as a failure until it has succeeded, so that guesses made at the same time are all counted.
    Raises `SignInRefused`, `users.TooManyAttempts`, `WithoutRole`.
    """
    database = services().database
    username = username.strip()[:LONGEST_NAME]
    with database.transaction("web") as tx:
        wait = users.wait_before(tx, username)
        if wait:
            raise users.TooManyAttempts(seconds=int(wait.total_seconds()) + 1)
        users.note_failure(tx, username)
        failures = tx.session.get_one(SignInFailures, username).count
        user = tx.session.scalar(select(User).where(User.username == username))
    if len(password) > LONGEST_PASSWORD or not users.verify_password(user, password) or user is None:
        raise SignInRefused(max(users.FREE_ATTEMPTS - failures, 0))
    with database.transaction("web") as tx:
        user = tx.session.get_one(User, user.key)
        users.note_success(tx, user, password)
        if _actor(tx, user, "") is None:
            raise WithoutRole()
    start_session(user)
    return user


def start_session(user: User) -> None:
    """Begin a new session for the user; nothing of an older one survives."""
    session.clear()
    session.permanent = True
    session["user"] = user.key
    session["stamp"] = user.session_stamp


def end_session() -> None:
    """Sign out."""
    session.clear()
    g.account = None
    g.actor = None


def change_password(actor: Actor, old: str, new: str) -> None:
    """Set a new password; every other session of the user ends, this one goes on.

    Raises `users.WrongPassword`, `users.PasswordTooShort`.
    """
    with services().database.transaction("web") as tx:
        user = users.change_password(tx, actor.user_key, old, new)
    session["stamp"] = user.session_stamp


def set_locale(actor: Actor, locale: str) -> None:
    """Remember the user's language."""
    with services().database.transaction("web") as tx:
        tx.session.get_one(User, actor.user_key).locale = locale
        tx.session.flush()


def only_organisation() -> tuple[str, str]:
    """The names of the organisation when this installation has exactly one, for the sign-in page; else empty."""
    with services().database.reading() as tx:
        found = tx.session.execute(select(Organisation.name, Organisation.name_en).limit(2)).all()
    return (found[0].name, found[0].name_en) if len(found) == 1 else ("", "")


def _account(tx: Transaction, user: User, organisation_key: str) -> Account | None:
    actor = _actor(tx, user, organisation_key)
    if actor is None:
        return None
    organisation = tx.session.get_one(Organisation, actor.organisation_key)
    return Account(
        actor,
        user.locale,
        organisation.zone,
        (organisation.name, organisation.name_en),
        _role_names(tx.session, actor),
    )


def _actor(tx: Transaction, user: User, organisation_key: str) -> Actor | None:
    """The actor in the wanted organisation, or in another one the user belongs to; None without any role."""
    for wanted in dict.fromkeys((organisation_key, "")):
        try:
            return actor_for(tx.session, user.key, tx.now, wanted)
        except NotFound:
            continue
    return None


def _role_names(session_: Session, actor: Actor) -> tuple[tuple[str, str], ...]:
    rows = session_.execute(
        select(Role.name, Role.name_en)
        .where(Role.organisation_key == actor.organisation_key, Role.key.in_(actor.roles))
        .order_by(Role.key)
    )
    return tuple((row.name, row.name_en) for row in rows)
