"""The lines of the worklist as its template shows them: words, addresses and levels, made once for each line.

A template that calls a function for each of fifty lines spends most of its time on the calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from engine.queries.worklist import Row
from webapp.filters import Due, due
from webapp.i18n import gettext, speaks_english


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a task or process: what is read, in which language, and what stands in its title."""

    text: str
    lang: str
    """Empty where it is the page's own."""
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list. `due` is None without a deadline."""

    row: Row
    task: Name
    process: Name
    due: Due | None
    level: int
    level_name: str
    address: str
    claim_address: str
    select_label: str
    claim_label: str
    initial: str
    """The first character of whoever has it."""


class _Words:
    """What is the same for all lines."""

    def __init__(self) -> None:
        self.is_english = speaks_english()
        self.levels = {1: gettext("Low"), 2: gettext("Normal"), 3: gettext("High"), 4: gettext("Urgent")}
        self.select = gettext("Select %(task)s")
        self.claim = gettext("Claim %(task)s")
        self.show = url_for("tasks.show", key=0).removesuffix("0")
        self.claiming = url_for("tasks.claim", key=0).rsplit("0", 1)

    def name(self, chinese: str, english: str) -> Name:
        if self.is_english and english:
            return Name(english, "", chinese)
        return Name(chinese, "zh-CN", "")


def lines_of(rows: Sequence[Row]) -> list[Line]:
    """The lines of a page."""
    words = _Words()
    return [_line(row, words) for row in rows]


def _line(row: Row, words: _Words) -> Line:
    task, level = words.name(row.name, row.gloss), priority_level(row)
    named = {"task": f"{row.case_number} {task.text}"}
    return Line(
        row=row,
        task=task,
        process=words.name(row.process_name, row.process_gloss),
        due=due(row.due_at, row.left, row.severity) if row.due_at else None,
        level=level,
        level_name=words.levels[level],
        address=f"{words.show}{row.key}",
        claim_address=str(row.key).join(words.claiming),
        select_label=words.select % named,
        claim_label=words.claim % named,
        initial=(row.assignee or "?")[:1],
    )


def priority_level(row: Row) -> int:
    """Priorities from 0 to 100 as four levels: low, normal, high, urgent."""
    return 1 if row.priority < 30 else 2 if row.priority < 65 else 3 if row.priority < 80 else 4
