"""The equipment supplier as `baoxiu serve --demo` sets it up, behind a server: its people sign in with their own names.

`company` has nobody's cases yet, `company_at_work` all cases of the demo. Both live on disk, for servers with threads.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from sqlalchemy import select

from engine import jobs
from engine.access import Actor, actor_for, engine_actor
from engine.clock import FakeClock
from engine.commands import deployments, organisations, users
from engine.data_files import ORGANISATION_FILE, definition_files, processes_root
from engine.database import Database
from engine.demo import PASSWORD, create_demo
from engine.handling import load_handlers
from engine.model import Base, User
from engine.scenarios import run_until
from engine.settings import Settings
from webapp import create_app

ORGANISATION = "equipment_supplier"
HANDLERS = ("handlers.equipment_supplier",)
NOW = datetime(2026, 11, 24, 2, 26, tzinfo=UTC)
"""10:26 in Shanghai, a Tuesday."""
OPENING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""09:00 of the same day, when the office opens."""

CLERK, SECOND_CLERK, SUPERVISOR, MANAGER = "linxiaoyan", "zhangyun", "zhoumin", "sunguoqiang"
ACCOUNTANT, SALES, REPAIR_SUPERVISOR, TECHNICIAN = "zhengli", "wuying", "qianjianjun", "zhaohaitao"
OWNER, ADMINISTRATOR, COMPLIANCE = "chenyu", "hezhiqiang", "maolan"


@dataclass(frozen=True, slots=True)
class Company:
    """The application, its database, and the clock that the test moves."""

    app: Flask
    database: Database
    clock: FakeClock
    archive: Path

    def until(self, moment: datetime) -> None:
        """Let time pass; what falls due on the way runs at its own time, as the heartbeat would run it."""
        run_until(self.database, self.clock, moment)

    def settle(self) -> None:
        """Run what is due now."""
        jobs.run_due(self.database)

    def actor(self, username: str) -> Actor:
        """A user at work now."""
        with self.database.reading() as tx:
            key = tx.session.scalars(select(User.key).where(User.username == username)).one()
            return actor_for(tx.session, key, tx.now)


def company(folder: Path, now: datetime = OPENING) -> Company:
    """Set up and deployed at `now`, with a second clerk beside the demo's people, and no case."""
    database = _database(folder, now)
    source = processes_root() / ORGANISATION
    data: dict[str, Any] = yaml.safe_load((source / ORGANISATION_FILE).read_text(encoding="utf-8"))
    with database.transaction("cli") as tx:
        organisations.set_up(tx, data)
        organisations.add_demo_users(tx, data, PASSWORD)
        users.add_user(tx, engine_actor(ORGANISATION), SECOND_CLERK, "张芸", PASSWORD, ["cs_clerk"])
    with database.transaction("cli") as tx:
        deployments.deploy(tx, engine_actor(ORGANISATION), definition_files(source), "首次部署")
    return _served(folder, database)


def company_at_work(folder: Path, now: datetime = NOW) -> Company:
    """The demo as it stands at `now`: forty-odd cases spread over the process, one of them stopped."""
    database = _database(folder, now)
    create_demo(database, processes_root().parent, now, (ORGANISATION,))
    return _served(folder, database)


def _database(folder: Path, now: datetime) -> Database:
    load_handlers(HANDLERS)
    database = Database(f"sqlite:///{folder / 'baoxiu.db'}", FakeClock(now))
    Base.metadata.create_all(database.engine)
    return database


def _served(folder: Path, database: Database) -> Company:
    assert isinstance(database.clock, FakeClock)
    settings = Settings(
        home=folder,
        database_url=database.url,
        handlers=HANDLERS,
        secret_key=secrets.token_hex(32),
        archive=folder / "archive",
    )
    app = create_app(settings, database)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return Company(app, database, database.clock, settings.archive)
