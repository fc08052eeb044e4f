"""Records and case folders as PDFs."""

from __future__ import annotations

import base64
import ctypes.util
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from engine.commands import user_tasks
from engine.model import Document, UserTask
from tests.supplier import INTAKE, SOLVED, Supplier, supplier
from webapp.documents import pdf
from webapp.documents.pictures import picture_address

needs_pango = pytest.mark.skipif(
    ctypes.util.find_library("pangoft2-1.0") is None, reason="no Pango on this machine; run: make browsers"
)


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, kind)
    return written.getvalue()


def attach(shop: Supplier, case: int, filename: str, media_type: str, content: bytes) -> None:
    """A file for the open task of the case."""
    with shop.database.transaction("web") as tx:
        task = tx.session.scalars(
            select(UserTask.key).where(UserTask.process_instance_key == case, UserTask.state == "open")
        ).one()
        user_tasks.attach(tx, shop.actor, task, "remote_evidence", filename, media_type, content)


def solved_case() -> tuple[Supplier, int]:
    """A case solved by phone, with a picture and a table of the machine."""
    shop = supplier()
    case = shop.start()
    shop.complete(case, **INTAKE)
    attach(shop, case, "控制柜.png", "image/png", picture())
    attach(shop, case, "run.csv", "text/csv", b"t,weight\n1,12\n")
    shop.complete(case, **SOLVED)
    return shop, case


def read(content: bytes) -> PdfReader:
    assert content.startswith(b"%PDF-")
    return PdfReader(BytesIO(content))


def text_of(reader: PdfReader) -> str:
    return "".join(page.extract_text() for page in reader.pages)


@needs_pango
def test_a_record_is_a_pdf_in_chinese_as_written() -> None:
    shop, case = solved_case()
    with shop.database.reading() as tx:
        record = tx.session.scalars(select(Document.key).where(Document.document_type == "service_ledger")).first()
    answer = shop.built.client("clerk", locale="zh_CN").get(f"/documents/{record}.pdf")
    assert answer.mimetype == "application/pdf"
    text = text_of(read(answer.data))
    assert shop.case(case).number in text
    assert "苏州恒越精密机械有限公司" in text


@needs_pango
def test_the_folder_holds_cover_records_pictures_and_the_files_themselves() -> None:
    shop, case = solved_case()
    reader = read(shop.built.client("clerk").get(f"/documents/folder/{case}.pdf").data)
    assert reader.attachments["控制柜.png"] == [picture()]
    assert reader.attachments["run.csv"] == [b"t,weight\n1,12\n"]
    pages = [page.extract_text() for page in reader.pages]
    assert "run.csv" in pages[0]
    assert any("控制柜.png" in page for page in pages[1:])
    assert len(pages) >= 3


@needs_pango
def test_a_case_without_papers_has_a_folder_too() -> None:
    shop = supplier()
    reader = read(shop.built.client("clerk").get(f"/documents/folder/{shop.start()}.pdf").data)
    assert "There is nothing here." in reader.pages[0].extract_text()


def test_a_folder_of_somebody_else_does_not_exist() -> None:
    shop = supplier()
    case = shop.start()
    assert shop.built.client("staff").get(f"/documents/folder/{case}.pdf").status_code == 404


@needs_pango
def test_nothing_outside_the_page_is_fetched() -> None:
    page = '<img src="file:///etc/hostname"><img src="http://127.0.0.1:1/x.png"><p>text</p>'
    reader = read(pdf.pdf_of(page))
    assert reader.pages[0].extract_text().splitlines()[0] == "text"
    assert not reader.pages[0].images


def test_a_server_without_pango_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, *_: object) -> object:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpangoft2-1.0-0': no such file")
        return real(name, *_)

    real = __import__
    monkeypatch.setattr("builtins.__import__", missing)
    with pytest.raises(pdf.PdfUnavailable, match=r"libpango-1\.0-0"):
        pdf.pdf_of("<p>x</p>")


def test_a_picture_is_made_small_and_written_anew() -> None:
    address = picture_address(picture(size=(4_000, 1_000)) + b"<script>")
    content = base64.b64decode(address.removeprefix("data:image/jpeg;base64,"))
    assert b"script" not in content
    assert Image.open(BytesIO(content)).size == (1_600, 400)


def test_what_is_no_picture_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)
    broken = (b"", b"GIF89a", picture()[:40], picture(size=(100, 100)), b"<svg/>")
    assert [picture_address(content) for content in broken] == [""] * len(broken)
