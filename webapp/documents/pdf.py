"""HTML on paper: WeasyPrint, which is asked for only when somebody wants a PDF.

It needs the Pango library of the system; where that is missing, everything but the PDF works. Nothing outside the page
is ever fetched: our pages carry their pictures with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import N_, BaoxiuError

STYLE = Path(__file__).with_name("paper.css")


class PdfUnavailable(BaoxiuError):
    """The system lacks a library that WeasyPrint needs."""

    template = N_(
        "PDFs cannot be made on this server: {detail}. Install the Pango library (Debian: libpango-1.0-0, "
        "libpangoft2-1.0-0), or print the page from the browser."
    )
    status = 503


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that lies inside the PDF, byte for byte; `sha256` is its hash in the event log."""

    name: str
    content: bytes
    sha256: str


def pdf_of(html: str, enclosed: Sequence[Enclosure] = ()) -> bytes:
    """A page of ours as a PDF with files enclosed. Raises `PdfUnavailable`."""
    try:
        import weasyprint
    except OSError as error:
        raise PdfUnavailable(detail=str(error).split(":")[0]) from error
    attachments = [
        weasyprint.Attachment(string=each.content, name=each.name, description=f"SHA-256 {each.sha256}")
        for each in enclosed
    ]
    page = weasyprint.HTML(string=html, base_url=None, url_fetcher=_only_what_the_page_carries())
    written = page.write_pdf(stylesheets=[weasyprint.CSS(filename=STYLE)], attachments=attachments)
    assert isinstance(written, bytes)  # without a target it is handed back
    return written


def _only_what_the_page_carries() -> Any:
    from weasyprint.urls import URLFetcher

    fetcher: Any = URLFetcher  # untyped
    return fetcher(allowed_protocols=("data",), allow_redirects=False)
