"""A message and the case that begins to wait for it must not miss each other.

On PostgreSQL two transactions do not see each other's rows: one would find no subscription and keep the message, the
other find no message and wait. So both hold the message's name and key until they commit. Who holds a case may wait
for this lock; who holds this lock never waits for a case. SQLite has one writer, nothing is to be held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, text

_HOLD = text("SELECT count(pg_advisory_xact_lock(number)) FROM unnest(CAST(:numbers AS bigint[])) AS number")


def hold_messages(connection: Connection, messages: Iterable[tuple[str, str, str]]) -> None:
    """Hold (organisation, name, correlation key as stored) until the transaction ends."""
    if connection.dialect.name == "postgresql":
        # always in the same order, so that two that hold several do not wait for each other
        connection.execute(_HOLD, {"numbers": sorted({_number(message) for message in messages})})


def _number(message: tuple[str, str, str]) -> int:
    digest = hashlib.sha256("\n".join(message).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
