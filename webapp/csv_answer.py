"""Answering with a CSV file, line by line: the whole of it never stands in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from werkzeug.wrappers import Response

BYTE_ORDER_MARK = "﻿"
"""Without it spreadsheets take the file's Chinese for something else."""


def csv_answer(name: str, rows: Iterable[Iterable[str]]) -> Response:
    """A file to be saved under a name (without ending); `rows` begin with the head and must guard their cells."""
    response = Response(_lines(rows), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK
    buffer = StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
