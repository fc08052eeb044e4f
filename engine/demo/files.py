"""Small files for the demo's uploads that every viewer opens: a picture, a page, a table."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 320, 200


def content_of(filename: str) -> bytes:
    """A file's content by its ending; the same name gives the same bytes."""
    ending = filename.rsplit(".", 1)[-1].lower()
    if ending == "png":
        return _picture(zlib.crc32(filename.encode()))
    if ending == "pdf":
        return _page()
    return f"time,value\n08:00,12.4\n09:00,12.9\n10:00,17.8\n# {filename}\n".encode()


def _picture(seed: int) -> bytes:
    """A PNG with a soft gradient, its colour chosen by the seed."""
    red, green, blue = 90 + seed % 80, 90 + seed // 80 % 80, 90 + seed // 6400 % 80
    lines = bytearray()
    for y in range(HEIGHT):
        shade = y * 60 // HEIGHT
        lines += b"\x00" + bytes((red + shade, green + shade, blue + shade)) * WIDTH
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(lines), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _page() -> bytes:
    """A PDF with one empty A4 page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    body = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%sendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(body)
