"""Builders for the web application: an installation in memory with one user per bundle, and signed-in clients."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.access import BUNDLES
from engine.clock import FakeClock
from engine.commands.users import hash_password
from engine.database import Database, Transaction
from engine.model import Base, Membership, Organisation, Role, User
from engine.settings import Settings
from webapp import create_app
from webapp.access import check_declarations

NOW = datetime(2026, 11, 24, 2, 26, tzinfo=UTC)
"""10:26 in Shanghai, a Tuesday."""
PASSWORD = "a long enough one"
ORGANISATION = "huayuan"


@dataclass(frozen=True, slots=True)
class Installation:
    """A web application over an empty database: organisation, one role and one user per bundle (named like it)."""

    app: Flask
    database: Database
    clock: FakeClock

    def client(self, username: str = "", locale: str = "en") -> FlaskClient:
        """A browser; signed in when a user is named."""
        client = self.app.test_client()
        client.set_cookie("locale", locale)
        if username:
            answer = post(client, "/sign-in", username=username, password=PASSWORD)
            assert answer.status_code == 303, answer.text
        return client


def installation_on_disk(folder: Path, pages: Blueprint | None = None) -> Installation:
    """A new installation that a server with several threads can use; one in memory has a single connection."""
    return installation(Database(f"sqlite:///{folder / 'baoxiu.db'}", FakeClock(NOW)), pages)


def installation(database: Database | None = None, pages: Blueprint | None = None) -> Installation:
    """A new installation; `database` must be empty, the default is one in memory (for one thread).

    `pages` are a test's own, beside those of the product.
    """
    clock = database.clock if database else FakeClock(NOW)
    assert isinstance(clock, FakeClock)
    database = database or Database("sqlite://", clock)
    Base.metadata.create_all(database.engine)
    with database.transaction() as tx:
        tx.session.add(
            Organisation(key=ORGANISATION, name="华远智能装备有限公司", name_en="Huayuan Machinery", created_at=tx.now)
        )
        tx.session.flush()
        for bundle in BUNDLES:
            tx.session.add(
                Role(organisation_key=ORGANISATION, key=bundle, name=bundle, name_en=bundle, bundles=[bundle])
            )
            tx.session.flush()
            add_user(tx, bundle, bundle)
    settings = Settings(home=Path(), database_url=database.url, handlers=(), secret_key=secrets.token_hex(32))
    app = create_app(settings, database)
    if pages is not None:
        app.register_blueprint(pages)
        check_declarations(app)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return Installation(app, database, clock)


def add_user(tx: Transaction, username: str, role: str) -> User:
    """A user with one role from now on; the password's hash is made once for all, because that is slow on purpose."""
    user = User(
        username=username,
        display_name=username,
        password_hash=_password_hash(),
        session_stamp=secrets.token_hex(8),
        created_at=tx.now,
    )
    tx.session.add(user)
    tx.session.flush()
    tx.session.add(
        Membership(user_key=user.key, organisation_key=ORGANISATION, role_key=role, valid_from=tx.now, valid_until=None)
    )
    tx.session.flush()
    return user


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Post a form as a browser does: with the CSRF token of a page that was opened before."""
    return client.post(path, data={"csrf_token": csrf_token(client), **fields})


def csrf_token(client: FlaskClient) -> str:
    """The token of this client's session."""
    for page in ("/profile", "/sign-in"):
        answer = client.get(page)
        if answer.status_code == 200:
            found = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
            assert found, "the page carries no token"
            return found[1]
    raise AssertionError("neither page could be opened")
