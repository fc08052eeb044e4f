"""Who may do what: one list of permissions, checked by every command and query.

A user holds roles in an organisation; a role carries bundles; a bundle is a set of permissions. An `Actor` is a user
at work
in one organisation at one moment; everything it sees is filtered by that organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BindParameter, ClauseElement, ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from engine.errors import NotAllowed, NotFound
from engine.model import Membership, Organisation, Role, User
from engine.statements import Read


class Permission(StrEnum):
    """Everything that can be allowed, as ``resource:action``, in alphabetical order."""

    CALENDAR_EDIT = "calendar:edit"
    CALENDAR_READ = "calendar:read"
    COMMENT_CREATE = "comment:create"
    DECISION_READ = "decision:read"
    DEPLOYMENT_CREATE = "deployment:create"
    DOCUMENT_CREATE = "document:create"
    DOCUMENT_READ = "document:read"
    EVENT_EXPORT = "event:export"
    EVENT_READ = "event:read"
    INCIDENT_READ = "incident:read"
    INCIDENT_RESOLVE = "incident:resolve"
    NOTIFICATION_READ = "notification:read"
    PRICE_LIST_EDIT = "price_list:edit"
    PRICE_LIST_READ = "price_list:read"
    PROCESS_DEFINITION_READ = "process_definition:read"
    PROCESS_INSTANCE_CANCEL = "process_instance:cancel"
    PROCESS_INSTANCE_CREATE = "process_instance:create"
    PROCESS_INSTANCE_READ = "process_instance:read"
    PROCESS_INSTANCE_READ_ALL = "process_instance:read_all"
    PROFILE_EDIT = "profile:edit"
    REGISTER_READ = "register:read"
    USER_MANAGE = "user:manage"
    USER_TASK_ASSIGN = "user_task:assign"
    USER_TASK_CLAIM = "user_task:claim"
    USER_TASK_COMPLETE = "user_task:complete"
    USER_TASK_READ = "user_task:read"


_EVERYBODY = frozenset({Permission.NOTIFICATION_READ, Permission.PROFILE_EDIT})
_STAFF = _EVERYBODY | {
    Permission.CALENDAR_READ,
    Permission.COMMENT_CREATE,
    Permission.DECISION_READ,
    Permission.DOCUMENT_CREATE,
    Permission.DOCUMENT_READ,
    Permission.PRICE_LIST_READ,
    Permission.PROCESS_INSTANCE_CREATE,
    Permission.PROCESS_INSTANCE_READ,
    Permission.REGISTER_READ,
    Permission.USER_TASK_CLAIM,
    Permission.USER_TASK_COMPLETE,
    Permission.USER_TASK_READ,
}
_OVERSEER = _EVERYBODY | {
    Permission.CALENDAR_READ,
    Permission.DECISION_READ,
    Permission.DOCUMENT_READ,
    Permission.PRICE_LIST_READ,
    Permission.PROCESS_DEFINITION_READ,
    Permission.PROCESS_INSTANCE_READ,
    Permission.PROCESS_INSTANCE_READ_ALL,
    Permission.REGISTER_READ,
}
BUNDLES: dict[str, frozenset[Permission]] = {
    "staff": _STAFF,
    "owner": _OVERSEER | {Permission.DEPLOYMENT_CREATE},
    "administrator": _OVERSEER
    | {
        Permission.CALENDAR_EDIT,
        Permission.COMMENT_CREATE,
        Permission.DEPLOYMENT_CREATE,
        Permission.EVENT_READ,
        Permission.INCIDENT_READ,
        Permission.INCIDENT_RESOLVE,
        Permission.PROCESS_INSTANCE_CANCEL,
        Permission.USER_MANAGE,
        Permission.USER_TASK_ASSIGN,
        Permission.USER_TASK_READ,
    },
    "compliance": _OVERSEER | {Permission.EVENT_EXPORT, Permission.EVENT_READ},
    "price_editor": frozenset({Permission.PRICE_LIST_EDIT, Permission.PRICE_LIST_READ}),
    "calendar_editor": frozenset({Permission.CALENDAR_EDIT, Permission.CALENDAR_READ}),
}
"""What a role's bundles allow."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at work in one organisation. `roles` are role keys held now; `user_key` 0 is the engine itself."""

    user_key: int
    username: str
    display_name: str
    organisation_key: str
    roles: frozenset[str]
    permissions: frozenset[Permission]

    @property
    def candidates(self) -> list[str]:
        """The names under which tasks may be offered to this actor (`TaskCandidate.candidate`)."""
        return sorted({f"role:{role}" for role in self.roles} | {f"user:{self.username}"})

    def may(self, permission: Permission) -> bool:
        """Whether the actor holds the permission."""
        return permission in self.permissions


def engine_actor(organisation_key: str) -> Actor:
    """The engine, acting by itself (timers, jobs, the command line): everything is allowed, nobody is named."""
    return Actor(0, "", "", organisation_key, frozenset(), frozenset(Permission))


def require(actor: Actor, permission: Permission) -> None:
    """Raise `NotAllowed` when the actor lacks the permission."""
    if permission not in actor.permissions:
        raise NotAllowed(permission=permission.value)


def roles_of(session: Session, user_key: int, organisation_key: str, now: datetime) -> frozenset[str]:
    """Keys of the roles a user holds in an organisation at a moment."""
    rows = session.scalars(
        select(Membership.role_key).where(
            Membership.user_key == user_key,
            Membership.organisation_key == organisation_key,
            *holds_at(now),
        )
    )
    return frozenset(rows)


def holds_at(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    """What is true of a membership that counts at a moment: from its first moment on, and before its last."""
    return (Membership.valid_from <= now, or_(Membership.valid_until.is_(None), Membership.valid_until > now))


@dataclass(frozen=True, slots=True)
class Member:
    """A user in one organisation at a moment: who acts, and what the frame of every page shows.

    Names are (Chinese, English), English may be empty; `roles` in the order of their keys. `locale` is empty where the
    user follows the browser, `zone` is the organisation's.
    """

    actor: Actor
    session_stamp: str
    locale: str
    zone: str
    organisation: tuple[str, str]
    roles: tuple[tuple[str, str], ...]


class _Held(NamedTuple):
    """A role that a user holds now, beside the user and the organisation."""

    username: str
    display_name: str
    session_stamp: str
    locale: str
    organisation_key: str
    organisation_name: str
    organisation_name_en: str
    zone: str
    role_key: str
    role_name: str
    role_name_en: str
    bundles: list[str]


def _roles_held(_: str) -> ClauseElement:
    return (
        select(
            User.username,
            User.display_name,
            User.session_stamp,
            User.locale,
            Organisation.key,
            Organisation.name,
            Organisation.name_en,
            Organisation.zone,
            Role.key,
            Role.name,
            Role.name_en,
            Role.bundles,
        )
        .join(Membership, Membership.user_key == User.key)
        .join(Organisation, Organisation.key == Membership.organisation_key)
        .join(Role, and_(Role.organisation_key == Membership.organisation_key, Role.key == Membership.role_key))
        .where(
            User.key == bindparam("user"),
            User.is_active,
            *holds_at(bindparam("now", type_=Membership.__table__.c.valid_from.type)),
        )
        .order_by(Membership.key)
    )


_ROLES_HELD = Read(_roles_held, ["user", "now"])
"""Every request begins with it, so it is one statement for everything that has to be known of whoever asks."""


def member_for(session: Session, user_key: int, now: datetime, organisation_key: str = "") -> Member:
    """The user in the given organisation, or else in the first one they belong to.

    Raises `NotFound` for an unknown or inactive user, or one without any membership at that moment.
    """
    session.flush()  # what was just granted counts
    rows = [_Held(*row) for row in _ROLES_HELD.rows(session.connection(), {"user": user_key, "now": now})]
    wanted = organisation_key or (rows[0].organisation_key if rows else "")
    held = {row.role_key: row for row in rows if row.organisation_key == wanted}
    if not held:
        raise _no_member(session, user_key)
    roles = [held[key] for key in sorted(held)]
    one = roles[0]
    permissions = frozenset[Permission]().union(*(BUNDLES[name] for role in roles for name in role.bundles))
    return Member(
        Actor(user_key, one.username, one.display_name, wanted, frozenset(held), permissions),
        one.session_stamp,
        one.locale,
        one.zone,
        (one.organisation_name, one.organisation_name_en),
        tuple((role.role_name, role.role_name_en) for role in roles),
    )


def actor_for(session: Session, user_key: int, now: datetime, organisation_key: str = "") -> Actor:
    """The actor a user is at a moment; organisation and errors as for `member_for`."""
    return member_for(session, user_key, now, organisation_key).actor


def _no_member(session: Session, user_key: int) -> NotFound:
    user = session.get(User, user_key)
    if user is None or not user.is_active:
        return NotFound(what="user", key=user_key)
    return NotFound(what="membership", key=user.username)


def members_of(session: Session, organisation_key: str, role_key: str, now: datetime) -> list[User]:
    """The active users who hold a role at a moment, by name."""
    return list(
        session.scalars(
            select(User)
            .join(Membership, Membership.user_key == User.key)
            .where(
                Membership.organisation_key == organisation_key,
                Membership.role_key == role_key,
                *holds_at(now),
                User.is_active,
            )
            .order_by(User.username)
        )
    )
