"""Large values are stored once: where the text of a value would stand, a reference to it stands.

A variable, the events that tell of it and the decisions taken with it all hold the value's text. A text of more than
`LARGE` characters goes to `large_value` instead, once for each case, under its SHA-256; ``@<sha256>``, which no JSON
begins with, stands in its place. A value that only variables hold goes with the last of them; one the log knows stays
until it is erased or the case is archived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Delete, Insert, bindparam, delete, exists, or_, select, update

from engine.errors import N_, BaoxiuError
from engine.json_text import decode, encode
from engine.model import LargeValue, Variable
from engine.statements import Read, Write, dialect_insert, primary_key

LARGE = 4096
_SIGN = "@"


class ValueMissing(BaoxiuError):
    """A text that something refers to is not there: the database was changed by hand."""

    template = N_("The large value {sha256} of the case {case} is missing. Restore it from a backup.")


def _keep(dialect: str) -> Insert:
    statement = dialect_insert(dialect, LargeValue)
    is_logged = or_(LargeValue.is_logged, statement.excluded.is_logged)
    return statement.on_conflict_do_update(index_elements=primary_key(LargeValue), set_={"is_logged": is_logged})


_KEEP = Write(_keep, ["process_instance_key", "sha256", "text", "is_logged"])
_FIND = Read(
    lambda _: select(LargeValue.text).where(
        LargeValue.process_instance_key == bindparam("case"), LargeValue.sha256 == bindparam("sha256")
    ),
    ["case", "sha256"],
)


def shortened(connection: Connection, case: int, text: str, *, is_logged: bool = False) -> str:
    """What is stored for a value's text: itself, or a reference after the text was put where it is kept.

    `is_logged`: an event or a recorded decision refers to it.
    """
    if len(text) <= LARGE:
        return text
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    row = {"process_instance_key": case, "sha256": sha256, "text": text, "is_logged": is_logged}
    _KEEP.run(connection, row)
    return _SIGN + sha256


def shortened_context(connection: Connection, case: int, members: Mapping[str, str]) -> str:
    """What is stored for a context whose members' texts are given by name, for `full_context`.

    The context itself, or ``@{name: sha256}`` of the large members in one line and the context of the others below.
    """
    stored = {name: shortened(connection, case, text, is_logged=True) for name, text in members.items()}
    large = {name: text[1:] for name, text in stored.items() if is_reference(text)}
    others = _context({name: text for name, text in stored.items() if name not in large})
    return f"{_SIGN}{encode(large)}\n{others}" if large else others


def full(connection: Connection, case: int, text: str) -> str:
    """The text of a value of which this is stored. Raises `ValueMissing`."""
    if not is_reference(text):
        return text
    found = _FIND.first(connection, {"case": case, "sha256": text[1:]})
    if found is None:
        raise ValueMissing(sha256=text[1:], case=case)
    return found[0]


def full_context(connection: Connection, case: int, text: str) -> str:
    """The text of a context of which this is stored. Raises `ValueMissing`."""
    if not is_reference(text):
        return text
    large, _, others = text[1:].partition("\n")
    members = {name: full(connection, case, _SIGN + sha256) for name, sha256 in decode(large).items()}
    joint = ", " if others != "{}" else ""
    return others[:-1] + joint + _context(members)[1:]


def _context(members: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{encode(name)}: {text}" for name, text in members.items()) + "}"


def is_reference(text: str) -> bool:
    """Whether this stands for a large value."""
    return text.startswith(_SIGN)


def let_go(connection: Connection, case: int, texts: Iterable[str]) -> None:
    """Variables do not hold these any more (stored texts): a large value nothing else refers to is deleted."""
    gone = {text[1:] for text in texts if is_reference(text)}
    if gone:
        connection.execute(_unused(case).where(LargeValue.sha256.in_(gone)))


def erase_logged(connection: Connection, case: int) -> None:
    """The log does not refer to any large value of the case any more."""
    connection.execute(update(LargeValue).where(LargeValue.process_instance_key == case).values(is_logged=False))
    connection.execute(_unused(case))


def _unused(case: int) -> Delete:
    held = exists().where(Variable.process_instance_key == case, Variable.value == _SIGN + LargeValue.sha256)
    return delete(LargeValue).where(LargeValue.process_instance_key == case, LargeValue.is_logged.is_(False), ~held)
