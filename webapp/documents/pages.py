"""A record as an A4 page or a PDF, the folder of a case as one PDF, and the files that were uploaded."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, g, render_template, send_file

from engine.access import Permission
from engine.queries import cases, documents
from webapp.access import requires
from webapp.cases.words import event_text
from webapp.documents.pdf import Enclosure, pdf_of
from webapp.documents.pictures import is_picture, picture_address
from webapp.documents.sheets import kind_of, rows_of, sheet
from webapp.services import services

pages = Blueprint("documents", __name__, url_prefix="/documents")

SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
"""Media types a browser may show by itself; everything else is downloaded."""
NOT_ON_PAPER = frozenset({"changed", "enabled"})
"""What the folder's timeline leaves out: which fields were filled in, and that a step could be begun."""


@pages.get("/<int:key>")
@requires(Permission.DOCUMENT_READ)
def show(key: int) -> str:
    """A record, ready to be printed on A4."""
    with services().database.reading() as tx:
        laid_out = sheet(tx, documents.record(tx, g.actor, key))
    return render_template(
        "documents/show.html",
        record=laid_out.record,
        sections=laid_out.sections,
        kind_of=kind_of,
        rows_of=rows_of,
    )


@pages.get("/<int:key>.pdf")
@requires(Permission.DOCUMENT_READ)
def pdf(key: int) -> Response:
    """A record as a PDF."""
    with services().database.reading() as tx:
        laid_out = sheet(tx, documents.record(tx, g.actor, key))
    html = render_template("documents/paper.html", sheets=[laid_out], kind_of=kind_of, rows_of=rows_of)
    record = laid_out.record
    return _as_pdf(pdf_of(html), f"{record.instance.number} {record.definition.name.strip('《》')}")


@pages.get("/folder/<int:case_key>.pdf")
@requires(Permission.DOCUMENT_READ)
def folder(case_key: int) -> Response:
    """Everything on paper about a case in one PDF: a cover, the records, the pictures; the files are enclosed in it."""
    with services().database.reading() as tx:
        case = cases.show(tx, g.actor, case_key)
        papers = documents.folder(tx, g.actor, case_key)
        sheets = [sheet(tx, record) for record in papers.records]
        happened = [entry for entry in reversed(cases.timeline(tx, case)) if entry.event.lifecycle not in NOT_ON_PAPER]
    pictures = {file.document.key: address for file in papers.files if (address := _picture(file))}
    html = render_template(
        "documents/folder.html",
        case=case,
        organisation=papers.organisation,
        sheets=sheets,
        files=papers.files,
        pictures=pictures,
        happened=happened,
        event_text=event_text,
        kind_of=kind_of,
        rows_of=rows_of,
    )
    enclosed = [Enclosure(file.document.filename, file.content, file.document.sha256) for file in papers.files]
    return _as_pdf(pdf_of(html, enclosed), case.instance.number)


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


def _picture(file: documents.File) -> str:
    """The file as a picture for the folder; empty where it is none."""
    return picture_address(file.content) if is_picture(file.document.media_type) else ""


def _as_pdf(content: bytes, name: str) -> Response:
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"{name}.pdf")
