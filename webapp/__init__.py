"""The web application: pages over the engine's commands and queries, rendered on the server."""

from __future__ import annotations

from flask import Flask

from engine.database import Database
from engine.settings import Settings
from webapp.access import check_declarations, enforce
from webapp.assets import init_assets
from webapp.auth.identity import load_account
from webapp.failures import init_failures
from webapp.filters import init_filters
from webapp.i18n import init_languages
from webapp.security import init_security
from webapp.services import Services, keep_services
from webapp.shell import init_shell


def create_app(settings: Settings, database: Database) -> Flask:
    """The WSGI application of one node over an open database.

    Raises RuntimeError when an endpoint does not declare who may use it.
    """
    app = Flask(__name__)
    app.secret_key = settings.secret_key
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    keep_services(app, Services(settings, database))
    init_languages(app)
    init_assets(app)
    init_filters(app)
    app.before_request(load_account)
    init_security(app)
    enforce(app)
    init_failures(app)
    init_shell(app)
    _register_pages(app)
    check_declarations(app)
    return app


def _register_pages(app: Flask) -> None:
    """One blueprint per kind of page."""
    from webapp.admin.pages import pages as admin
    from webapp.auth.pages import pages as auth
    from webapp.cases.pages import pages as cases
    from webapp.compliance.pages import pages as compliance
    from webapp.documents.pages import pages as documents
    from webapp.notifications.pages import pages as notifications
    from webapp.operations.pages import pages as operations
    from webapp.owners.pages import pages as owners
    from webapp.preferences import pages as preferences
    from webapp.search.pages import pages as search
    from webapp.start.pages import pages as start
    from webapp.tasks.pages import pages as tasks

    daily = (auth, cases, documents, notifications, preferences, search, start, tasks)
    for blueprint in (*daily, admin, compliance, operations, owners):
        app.register_blueprint(blueprint)
