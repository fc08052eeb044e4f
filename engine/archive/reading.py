"""Reading an archive where it lies, whatever version wrote it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from engine import migrations
from engine.archive.leave import hash_of_file
from engine.clock import Clock
from engine.database import Database
from engine.errors import N_, BaoxiuError


class ArchiveMissing(BaoxiuError):
    """The file is not in the archive folder."""

    template = N_("The case lies in the archive {file}, which is not in the archive folder. Put it there to read it.")
    status = 404


class ArchiveDamaged(BaoxiuError):
    """The file is not the one that was written."""

    template = N_("The archive {file} was changed: its hash is not the one in the event log. Bring back a good copy.")
    status = 409


@contextmanager
def opened(folder: Path, name: str, sha256: str, clock: Clock) -> Generator[Database]:
    """An archive as a database to be read; it is a copy, so that the file stays as it was written.

    `sha256` is the hash the event log keeps. Raises `ArchiveMissing`, `ArchiveDamaged`.
    """
    file = folder / Path(name).name
    if not file.is_file():
        raise ArchiveMissing(file=name)
    facts = file.stat()
    if _hash_of(file, facts.st_mtime_ns, facts.st_size) != sha256:
        raise ArchiveDamaged(file=name)
    with tempfile.TemporaryDirectory(prefix="baoxiu-archive-") as place:
        copy = Path(place) / "archive.db"
        shutil.copyfile(file, copy)
        database = Database(f"sqlite:///{copy}", clock)
        try:
            migrations.upgrade(database)
            yield database
        finally:
            database.dispose()


@lru_cache(maxsize=64)
def _hash_of(file: Path, _changed: int, _size: int) -> str:
    """Hashed again only when the file was touched."""
    return hash_of_file(file)
