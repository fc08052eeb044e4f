"""From a session cookie to the actor, and from a name and password to a session.

The cookie holds the user's key, their organisation and their session stamp. The stamp changes with the password, so a
changed password ends every other session at its next request.
"""

from __future__ import annotations

from flask import g, request, session
from sqlalchemy import select

from engine.access import Actor, Member, member_for
from engine.commands import users
from engine.database import Transaction
from engine.errors import N_, BaoxiuError, NotFound
from engine.model import Organisation, SignInFailures, User
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


def load_account() -> None:
    """Put the signed-in user on ``g.account`` (an `engine.access.Member`) and ``g.actor``; both are None when nobody
    is.
    """
    g.account = None
    g.actor = None
    if request.endpoint in _WITHOUT_IDENTITY or "user" not in session:
        return
    with services().database.reading() as tx:
        member = _member(tx, session["user"], session.get("organisation", ""))
    if member is None or member.session_stamp != session.get("stamp"):
        session.clear()
        return
    g.account = member
    g.actor = member.actor
    session["organisation"] = member.actor.organisation_key


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
        if _member(tx, user.key, "") is None:
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


def _member(tx: Transaction, user_key: int, organisation_key: str) -> Member | None:
    """The user in the wanted organisation, or in another one they belong to; None without any role."""
    for wanted in dict.fromkeys((organisation_key, "")):
        try:
            return member_for(tx.session, user_key, tx.now, wanted)
        except NotFound:
            continue
    return None
