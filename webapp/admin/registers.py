"""Registers (台账): searching them, and taking them away as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Actor, Permission
from engine.commands import exports
from engine.database import Database
from engine.queries import registers as register_queries
from engine.queries.events import guarded
from webapp.access import requires
from webapp.admin.blueprint import Answer, pages
from webapp.csv_answer import csv_answer
from webapp.i18n import form_locale, in_language
from webapp.services import services

LAST_PAGE = 200


@pages.get("/registers")
@requires(Permission.REGISTER_READ)
def registers() -> Answer:
    """The registers; where there is only one, that one."""
    with services().database.reading() as tx:
        found = register_queries.registers(tx, g.actor)
    if len(found) == 1:
        return redirect(url_for("admin.register", key=found[0].key))
    return render_template("admin/registers.html", registers=found)


@pages.get("/registers/<key>")
@requires(Permission.REGISTER_READ)
def register(key: str) -> str:
    """A register's lines, the newest first."""
    text = request.args.get("q", "").strip()
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    with services().database.reading() as tx:
        found = register_queries.entries(tx, g.actor, key, text, page, form_locale())
        others = register_queries.registers(tx, g.actor)
    return render_template(
        "admin/register.html",
        found=found,
        registers=others,
        text=text,
        page=page,
        first=(page - 1) * register_queries.PAGE + 1,
        counted=counted,
    )


@pages.post("/registers/<key>/export")
@requires(Permission.REGISTER_READ)
def export_register(key: str) -> Response:
    """A register as CSV, narrowed like the page; who took it is recorded."""
    text, database = request.form.get("q", "").strip(), services().database
    with database.transaction("web") as tx:
        found = register_queries.register_of(tx, g.actor, key)
        exports.take_register(tx, g.actor, key)
    name = in_language(found.name, found.name_en) or key
    return csv_answer(name, _rows(database, g.actor, key, text, form_locale()))


def _rows(database: Database, actor: Actor, key: str, text: str, locale: str) -> Iterator[list[str]]:
    """The lines; the transaction stays open while the file is being sent."""
    with database.reading() as tx:
        for cells in register_queries.lines(tx, actor, key, text, locale):
            yield [guarded(cell) for cell in cells]


def counted(number: int) -> str:
    """A count as the page shows it: 1,204, or 10,000+ where counting stopped."""
    return f"{register_queries.COUNTED:,}+" if number > register_queries.COUNTED else f"{number:,}"
