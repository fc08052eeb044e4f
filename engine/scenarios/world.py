"""An organisation in memory, set up and deployed, with one test user per role; copied for every scenario.

The users have no usable password: nobody signs in, commands are called directly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select, update

from engine.access import Actor, actor_for, engine_actor
from engine.bpmn import Specification
from engine.clock import FakeClock
from engine.commands import deployments, organisations, start_timers
from engine.data_files import ORGANISATION_FILE, definition_files
from engine.database import Database
from engine.model import (
    Base,
    DecisionDefinition,
    FormDefinition,
    Membership,
    ProcessDefinition,
    Resource,
    Role,
    User,
)
from engine.runtime.definitions import specification

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""When the organisation in memory is set up: before every scenario."""
NO_PASSWORD = "!"  # noqa: S105 - no hash has this form, so no password fits it


@dataclass(frozen=True, slots=True)
class World:
    """The organisation, ready to be played in. `actors` are the test users by role, called like their roles."""

    database: Database
    clock: FakeClock
    organisation: str
    zone: ZoneInfo
    actors: Mapping[str, Actor]
    specifications: Mapping[str, Specification]
    """The deployed processes by id."""
    files: Mapping[str, bytes]
    """What was deployed, by file name."""

    def copy(self, changed: Mapping[str, bytes] | None = None) -> World:
        """A world of its own in the same state; `changed` files take the place of deployed ones."""
        clock = FakeClock(self.clock.now())
        database = Database("sqlite://", clock)
        with (
            closing(self.database.engine.raw_connection()) as source,
            closing(database.engine.raw_connection()) as target,
        ):
            cast("Any", source.driver_connection).backup(target.driver_connection)
        for name, content in (changed or {}).items():
            _replace(database, name, content)
        return World(database, clock, self.organisation, self.zone, self.actors, self.specifications, self.files)

    def moment(self, local: datetime) -> datetime:
        """A wall-clock time of the organisation as an aware moment."""
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def local(self, moment: datetime) -> str:
        """A moment as the organisation's clocks show it."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")


def build_world(folder: Path, files: Mapping[str, bytes] | None = None) -> World:
    """Set the folder's organisation up and deploy its files (or the given ones).

    Raises `FilesRefused` with all findings, `BrokenOrganisation`.
    """
    data = yaml.safe_load((folder / ORGANISATION_FILE).read_text(encoding="utf-8"))
    files = definition_files(folder) if files is None else files
    clock = FakeClock(BEGINNING)
    database = Database("sqlite://", clock)
    Base.metadata.create_all(database.engine)
    with database.transaction() as tx:
        organisation = organisations.set_up(tx, data)
        key, zone = organisation.key, ZoneInfo(organisation.zone)
    with database.transaction() as tx:
        deployments.deploy(tx, engine_actor(key), files)
        start_timers.disarm(tx, key)  # a scenario starts its case itself
    actors = _add_users(database, key)
    with database.reading() as tx:
        rows = tx.session.scalars(select(ProcessDefinition)).all()
        specifications = {row.process_id: specification(tx.session, row) for row in rows}
    return World(database, clock, key, zone, actors, specifications, dict(files))


def _add_users(database: Database, organisation_key: str) -> dict[str, Actor]:
    with database.transaction() as tx:
        roles = tx.session.scalars(select(Role.key).where(Role.organisation_key == organisation_key)).all()
        users = {role: _user(role, tx.now) for role in roles}
        tx.session.add_all(users.values())
        tx.session.flush()
        tx.session.add_all(
            Membership(
                user_key=user.key, organisation_key=organisation_key, role_key=role, valid_from=tx.now, valid_until=None
            )
            for role, user in users.items()
        )
        tx.session.flush()
        return {role: actor_for(tx.session, user.key, tx.now, organisation_key) for role, user in users.items()}


def _user(role: str, now: datetime) -> User:
    return User(username=role, display_name=role, password_hash=NO_PASSWORD, session_stamp="", created_at=now)


def _replace(database: Database, name: str, content: bytes) -> None:
    """Put other bytes in the place of a deployed file, without another deployment: bindings keep meaning the same."""
    digest = hashlib.sha256(content).hexdigest()
    tables: Iterable[type[Any]] = (ProcessDefinition, DecisionDefinition, FormDefinition)
    with database.transaction() as tx:
        if tx.session.get(Resource, digest) is None:
            tx.session.add(Resource(sha256=digest, content=content))
            tx.session.flush()
        for table in tables:
            tx.session.execute(update(table).where(table.resource_name == name).values(sha256=digest))
