"""The archive: ended cases whose retention is over leave the database for a file that can be read for ever.

An archive is an SQLite file with the schema of its time, like a backup, so `engine.backup.restore` fills an empty
database from it and the compliance pages read it (`opened`). The event log keeps the file's hash.
"""

from engine.archive.due import DEFAULT_RETENTION, UnreadableRetention, families_due
from engine.archive.leave import Archived, archive
from engine.archive.reading import ArchiveDamaged, ArchiveMissing, opened

__all__ = [
    "DEFAULT_RETENTION",
    "ArchiveDamaged",
    "ArchiveMissing",
    "Archived",
    "UnreadableRetention",
    "archive",
    "families_due",
    "opened",
]
