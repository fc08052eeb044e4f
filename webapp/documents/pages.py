"""A record as an A4 page, and the files that were uploaded."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, g, render_template, send_file

from engine.access import Permission
from engine.form_schema import GroupView, Line, ListView, TableView
from engine.queries import documents
from engine.runtime import Surroundings
from webapp.access import requires
from webapp.i18n import form_locale
from webapp.services import services

pages = Blueprint("documents", __name__, url_prefix="/documents")

SHORT = 20
"""Characters of an answer that leaves room for another one beside it."""
SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
"""Media types a browser may show by itself; everything else is downloaded."""


@pages.get("/<int:key>")
@requires(Permission.DOCUMENT_READ)
def show(key: int) -> str:
    """A record, ready to be printed on A4."""
    with services().database.reading() as tx:
        record = documents.record(tx, g.actor, key)
        surroundings = Surroundings(tx.session, record.instance.organisation_key, tx.now)
        lines = list(record.form.lines(record.fields, form_locale(), surroundings.environment()))
    return render_template(
        "documents/show.html", record=record, sections=_sections(lines), kind_of=_kind_of, rows_of=_rows_of
    )


@pages.get("/<int:key>/file")
@requires(Permission.DOCUMENT_READ)
def file(key: int) -> Response:
    """An uploaded file; shown in the browser only where that is harmless."""
    with services().database.reading() as tx:
        document, content = documents.file(tx, g.actor, key)
    harmless = document.media_type in SHOWN
    response = send_file(
        BytesIO(content),
        mimetype=document.media_type if harmless else "application/octet-stream",
        as_attachment=not harmless,
        download_name=document.filename,
        etag=document.sha256,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


Section = tuple[GroupView | None, list[Line | ListView | TableView]]


def _sections(lines: list[GroupView | Line | ListView | TableView]) -> list[Section]:
    """Lines under the heading of their group."""
    sections: list[Section] = []
    for line in lines:
        if isinstance(line, GroupView):
            sections.append((line, []))
        elif sections:
            sections[-1][1].append(line)
        else:
            sections.append((None, [line]))
    return sections


def _rows_of(lines: list[Line | ListView | TableView]) -> list[list[Line]]:
    """The answers as rows of the sheet: two short ones beside each other."""
    rows: list[list[Line]] = []
    for line in lines:
        if isinstance(line, Line):
            fits = bool(rows) and len(rows[-1]) == 1 and _is_short(rows[-1][0]) and _is_short(line)
            if fits:
                rows[-1].append(line)
            else:
                rows.append([line])
    return rows


def _is_short(line: Line) -> bool:
    return len(line.text) + len(line.unit) <= SHORT


def _kind_of(line: Line | ListView | TableView) -> str:
    return {Line: "line", ListView: "list", TableView: "table"}[type(line)]
