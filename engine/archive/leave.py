"""Cases leave the database: written to a file, the file checked and on the disk, recorded in the log, then deleted.

Whatever dies in between, every case is in the database or in a file that the log names; at worst it is in both, and the
next run takes it along again. Deleting goes a hundred or so cases at a time, so that nobody waits long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, insert, select

from engine import history, migrations, verification
from engine.archive.due import families_due
from engine.backup import ROWS, new_file
from engine.database import Database, Transaction
from engine.errors import N_, BaoxiuError
from engine.history import Entry, Lifecycle
from engine.model import ArchivedCase, Attachment, Base, Document, Organisation, ProcessInstance, User, UserTask

AT_ONCE = 100
"""Cases that are copied or deleted at a time (a family of linked ones is never torn apart)."""
KEPT_WHOLE = frozenset(
    {
        "resource",
        "organisation",
        "deployment",
        "deployment_resource",
        "process_definition",
        "decision_definition",
        "form_definition",
        "user_account",
        "role",
    }
)
"""What cases refer to: copied to the archive, and stays in the database."""
OF_TASKS = frozenset({"task_candidate", "draft", "comment"})
LEFT = frozenset(
    {
        "archived_case",
        "membership",
        "team",
        "team_member",
        "superior",
        "sign_in_failures",
        "working_calendar",
        "price_list",
        "price_list_item",
        "number_series",
        "message",
    }
)
"""What belongs to no case."""


class ArchiveBroken(BaoxiuError):
    """The archive that was written does not verify."""

    template = N_("The archive {file} is not whole: {problem}. Nothing was deleted.")


@dataclass(frozen=True, slots=True)
class Archived:
    """An archive that was written: its file, its hash, and how many cases left."""

    file: Path
    sha256: str
    cases: int


def archive(database: Database, organisation_key: str, folder: Path) -> Archived | None:
    """Let the organisation's cases whose retention is over leave for a new file in `folder`; None when there are none.

    Raises `ArchiveBroken`, `engine.archive.UnreadableRetention`, `engine.backup.BackupExists`.
    """
    with database.reading(one_moment=True) as tx:
        families = families_due(tx.session, organisation_key, tx.now)
        if not families:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{organisation_key}-{tx.now:%Y%m%dT%H%M%S}.db"
        with new_file(file) as unfinished:
            _write(database, tx.session.connection(), organisation_key, families, unfinished)
    done = Archived(file, hash_of_file(file), sum(map(len, families)))
    with database.transaction("cli") as tx:
        _record(tx, organisation_key, done)
    for keys in batches(families):
        with database.transaction("cli") as tx:
            _delete(tx, keys, done)
    return done


def hash_of_file(file: Path) -> str:
    """The file's SHA-256 in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def batches(families: Sequence[list[int]]) -> Iterator[list[int]]:
    """Families together until there are enough."""
    batch: list[int] = []
    for family in families:
        batch += family
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _write(
    database: Database, source: Connection, organisation_key: str, families: Sequence[list[int]], file: Path
) -> None:
    target = Database(f"sqlite:///{file}", database.clock)
    try:
        migrations.upgrade(target)
        with target.transaction() as written:
            connection = written.session.connection()
            for table in Base.metadata.sorted_tables:
                if table.name in KEPT_WHOLE:
                    _copy(source, connection, table, _of_organisation(table, organisation_key))
            for keys in batches(families):
                _copy_cases(source, connection, keys)
        with target.reading() as tx:
            found = [*history.verify(tx.session), *verification.verify(tx.session)]
        if found:
            raise ArchiveBroken(file=file.name, problem=found[0])
    finally:
        target.dispose()


def _of_organisation(table: Table, organisation_key: str) -> Any:
    """The rows an archive of the organisation needs of a table that is kept whole."""
    if table.name == "organisation":
        return select(table).where(table.c.key == organisation_key)
    if "organisation_key" in table.c:
        return select(table).where(table.c.organisation_key == organisation_key)
    if table.name == "deployment_resource":
        deployment = Base.metadata.tables["deployment"]
        mine = select(deployment.c.key).where(deployment.c.organisation_key == organisation_key)
        return select(table).where(table.c.deployment_key.in_(mine))
    return select(table)


def _copy_cases(source: Connection, target: Connection, keys: list[int]) -> None:
    document = Document.__table__
    wanted = select(document.c.attachment_sha256).where(document.c.process_instance_key.in_(keys))
    there = set(target.scalars(select(Attachment.sha256)))
    for table in Base.metadata.sorted_tables:
        if table.name == "attachment":
            _copy(source, target, table, select(table).where(table.c.sha256.in_(wanted), table.c.sha256.not_in(there)))
        elif table.name == "process_instance" or _is_of_cases(table):
            _copy(source, target, table, select(table).where(_belongs(table, keys)))


def _copy(source: Connection, target: Connection, table: Table, query: Any) -> None:
    found = source.execution_options(yield_per=ROWS).execute(query.order_by(*table.primary_key)).mappings()
    for rows in found.partitions(ROWS):
        target.execute(insert(table), [_without_secrets(table, dict(row)) for row in rows])


def _without_secrets(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """What an archive must not hold: passwords, and the head of a chain whose events stay in the database."""
    if table.name == User.__tablename__:
        return row | {"password_hash": "", "session_stamp": "", "is_active": False}
    if table.name == Organisation.__tablename__:
        return row | {"event_sequence": 0, "event_head": ""}
    return row


def _is_of_cases(table: Table) -> bool:
    return table.name in OF_TASKS or ("process_instance_key" in table.c and table.name not in LEFT)


def _belongs(table: Table, keys: list[int]) -> Any:
    if table.name == "process_instance":
        return table.c.key.in_(keys)
    if table.name in OF_TASKS:
        return table.c.task_key.in_(select(UserTask.key).where(UserTask.process_instance_key.in_(keys)))
    return table.c.process_instance_key.in_(keys)


def _record(tx: Transaction, organisation_key: str, done: Archived) -> None:
    detail = {"file": done.file.name, "sha256": done.sha256, "cases": done.cases}
    entry = Entry(Lifecycle.ARCHIVED, tx.now, source=tx.source, detail=detail)
    history.record_for_organisation(tx.session, organisation_key, [entry], tx.now)


def _delete(tx: Transaction, keys: list[int], done: Archived) -> None:
    """Take the cases out, and leave a note where they are."""
    connection = tx.session.connection()
    cases = tx.session.execute(select(ProcessInstance).where(ProcessInstance.key.in_(keys))).scalars().all()
    notes = [_note(case, done, tx) for case in cases]
    files = set(connection.scalars(select(Document.attachment_sha256).where(Document.process_instance_key.in_(keys))))
    for table in reversed(Base.metadata.sorted_tables):
        if table.name == "process_instance" or _is_of_cases(table):
            connection.execute(delete(table).where(_belongs(table, keys)))
    still_used = exists().where(Document.attachment_sha256 == Attachment.sha256)
    connection.execute(delete(Attachment).where(Attachment.sha256.in_(files - {None}), ~still_used))
    connection.execute(insert(ArchivedCase), notes)


def _note(case: ProcessInstance, done: Archived, tx: Transaction) -> dict[str, Any]:
    return {
        "process_instance_key": case.key,
        "organisation_key": case.organisation_key,
        "process_id": case.process_id,
        "number": case.number,
        "state": case.state,
        "started_at": case.started_at,
        "ended_at": case.ended_at,
        "event_sequence": case.event_sequence,
        "event_head": case.event_head,
        "file": done.file.name,
        "sha256": done.sha256,
        "archived_at": tx.now,
    }
