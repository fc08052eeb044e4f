"""A record laid out as a sheet of paper: its answers in rows, its lists and tables under the heading of their group."""

from __future__ import annotations

from dataclasses import dataclass

from engine.database import Transaction
from engine.form_schema import GroupView, Line, ListView, TableView
from engine.queries.documents import Record
from engine.runtime import Surroundings
from webapp.i18n import form_locale

SHORT = 20
"""Characters of an answer that leaves room for another one beside it."""

Section = tuple[GroupView | None, list[Line | ListView | TableView]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What `documents/sheet.html` shows."""

    record: Record
    sections: list[Section]


def sheet(tx: Transaction, record: Record) -> Sheet:
    """A record's answers in the user's language."""
    surroundings = Surroundings(tx, record.instance.organisation_key)
    return Sheet(record, _sections(list(record.form.lines(record.fields, form_locale(), surroundings.environment()))))


def rows_of(lines: list[Line | ListView | TableView]) -> list[list[Line]]:
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


def kind_of(line: Line | ListView | TableView) -> str:
    """``line``, ``list`` or ``table``."""
    return {Line: "line", ListView: "list", TableView: "table"}[type(line)]


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


def _is_short(line: Line) -> bool:
    return len(line.text) + len(line.unit) <= SHORT
