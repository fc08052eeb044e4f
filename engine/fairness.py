"""Which of the due jobs come next: the oldest, in turns between organisations and between process instances.

Without a backlog this is the order of due times. Where more is due than one look takes in, whoever fills the look is
looked past, so that a case (or an organisation) with ten thousand jobs delays another's single one by a batch, not by
ten thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.model import Job

LOOK = 4
"""How many batches one look takes in."""


class Due(NamedTuple):
    """A due job; whose it is and what decides when it comes."""

    key: int
    kind: str
    organisation_key: str
    process_instance_key: int | None
    due_at: datetime
    priority: int

    @property
    def order(self) -> tuple[Any, ...]:
        """Oldest first, then the more important."""
        return (self.due_at, -self.priority, self.key)


def choose(session: Session, where: Sequence[ColumnElement[bool]], batch: int) -> list[Due]:
    """At most `batch` jobs that meet `where`, locked for this transaction, in due order. One to three statements."""
    seen = _look(session, where, batch * LOOK)
    if len(seen) == batch * LOOK:
        crowd = {job.organisation_key for job in seen}
        seen += _look(session, (*where, Job.organisation_key.not_in(crowd)), batch)
        crowded = [key for key, jobs in _grouped(seen, "process_instance_key").items() if len(jobs) > LOOK and key]
        if crowded:
            elsewhere = Job.process_instance_key.not_in(crowded)
            known = {job.key for job in seen}
            seen += [job for job in _look(session, (*where, elsewhere), batch) if job.key not in known]
    return sorted(in_turns(seen)[:batch], key=lambda job: job.order)


def in_turns(jobs: Sequence[Due]) -> list[Due]:
    """The jobs, organisation by organisation in turn, and within each one instance by instance. Pure."""
    organisations = [
        _dealt(list(_grouped(own, "process_instance_key").values()))
        for own in _grouped(sorted(jobs, key=lambda job: job.order), "organisation_key").values()
    ]
    return _dealt(organisations)


def _dealt(piles: list[list[Due]]) -> list[Due]:
    """One from each pile, round by round; within a round in the piles' order."""
    longest = max(map(len, piles), default=0)
    return [pile[index] for index in range(longest) for pile in piles if index < len(pile)]


def _grouped(jobs: Sequence[Due], column: str) -> dict[Any, list[Due]]:
    groups: defaultdict[Any, list[Due]] = defaultdict(list)
    for job in jobs:
        groups[getattr(job, column)].append(job)
    return groups


def _look(session: Session, where: Sequence[ColumnElement[bool]], most: int) -> list[Due]:
    oldest = (
        select(Job.key, Job.kind, Job.organisation_key, Job.process_instance_key, Job.due_at, Job.priority)
        .where(*where)
        .order_by(Job.due_at, Job.priority.desc(), Job.key)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [Due(*row) for row in session.execute(oldest)]
