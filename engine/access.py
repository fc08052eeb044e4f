"""Who may do what: one list of permissions, checked by every command and query.

A user holds roles in an organisation; a role carries bundles; a bundle is a set of permissions. An `Actor` is a user
at work
in one organisation at one moment; everything it sees is filtered by that organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import NotAllowed, NotFound
from engine.model import Membership, Organisation, Role, User


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
            Membership.valid_from <= now,
            or_(Membership.valid_until.is_(None), Membership.valid_until > now),
        )
    )
    return frozenset(rows)


def actor_for(session: Session, user_key: int, now: datetime, organisation_key: str = "") -> Actor:
    """The actor a user is at a moment, in the given organisation or else the first one they belong to.

    Raises `NotFound` for an unknown or inactive user, or one without any membership at that moment.
    """
    user = session.get(User, user_key)
    if user is None or not user.is_active:
        raise NotFound(what="user", key=user_key)
    organisation_key = organisation_key or _first_organisation(session, user_key, now)
    roles = roles_of(session, user_key, organisation_key, now)
    if not roles:
        raise NotFound(what="membership", key=user.username)
    bundles = session.scalars(
        select(Role.bundles).where(Role.organisation_key == organisation_key, Role.key.in_(roles))
    )
    permissions = frozenset[Permission]().union(*(BUNDLES[name] for names in bundles for name in names))
    return Actor(user.key, user.username, user.display_name, organisation_key, roles, permissions)


def _first_organisation(session: Session, user_key: int, now: datetime) -> str:
    found = session.scalar(
        select(Membership.organisation_key)
        .join(Organisation, Organisation.key == Membership.organisation_key)
        .where(
            Membership.user_key == user_key,
            Membership.valid_from <= now,
            or_(Membership.valid_until.is_(None), Membership.valid_until > now),
        )
        .order_by(Membership.key)
        .limit(1)
    )
    return found or ""


def members_of(session: Session, organisation_key: str, role_key: str, now: datetime) -> list[User]:
    """The active users who hold a role at a moment, by name."""
    return list(
        session.scalars(
            select(User)
            .join(Membership, Membership.user_key == User.key)
            .where(
                Membership.organisation_key == organisation_key,
                Membership.role_key == role_key,
                Membership.valid_from <= now,
                or_(Membership.valid_until.is_(None), Membership.valid_until > now),
                User.is_active,
            )
            .order_by(User.username)
        )
    )
