"""What an organisation has on record, for handlers that count a day or a month (`engine.handling.Records`).

Read in the transaction of the command that runs the handler; what that same command has not written yet is not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import feel
from engine.handling import FiledPaper, PastCase, PastTask
from engine.model import Document, ElementInstance, ElementState, ProcessInstance, User, UserTask


class StoredRecords:
    """The records of one organisation, in the database."""

    def __init__(self, session: Session, organisation_key: str) -> None:
        self._session = session
        self._organisation_key = organisation_key

    def papers(self, document_type: str, since: datetime, until: datetime) -> Sequence[FiledPaper]:
        """Records and register lines of a type that were filed in the period; of a record its newest version."""
        rows = self._session.execute(
            select(Document, ProcessInstance.number)
            .join(ProcessInstance, ProcessInstance.key == Document.process_instance_key)
            .where(
                Document.organisation_key == self._organisation_key,
                Document.document_type == document_type,
                Document.created_at >= since,
                Document.created_at < until,
                Document.fields != "",
            )
            .order_by(Document.created_at, Document.key)
        )
        newest: dict[tuple[int, int], FiledPaper] = {}
        for row, number in rows:
            # A later version of a record takes the place of the earlier one; every line of a register stands.
            line = 0 if row.kind == "record" else row.key
            fields = cast("dict[str, object]", feel.from_json(row.fields))
            newest.pop((row.process_instance_key, line), None)
            newest[row.process_instance_key, line] = FiledPaper(row.document_type, number, row.created_at, fields)
        return list(newest.values())

    def cases(self, process_id: str, since: datetime, until: datetime) -> Sequence[PastCase]:
        """Cases of a process that were started in the period."""
        chosen = self._cases_of(process_id, since, until)
        ends: dict[int, list[str]] = {}
        reached = select(ElementInstance.process_instance_key, ElementInstance.element_id).where(
            ElementInstance.process_instance_key.in_(chosen.with_only_columns(ProcessInstance.key).order_by(None)),
            ElementInstance.type == "endEvent",
            ElementInstance.scope == 0,
            ElementInstance.state == ElementState.COMPLETED,
        )
        for key, element_id in self._session.execute(reached.order_by(ElementInstance.id)):
            ends.setdefault(key, []).append(element_id)
        return [
            PastCase(
                case.number, case.process_id, case.state, case.started_at, case.ended_at, tuple(ends.get(case.key, ()))
            )
            for case in self._session.execute(chosen)
        ]

    def tasks(self, process_id: str, element_id: str, since: datetime, until: datetime) -> Sequence[PastTask]:
        """Tasks of an element that appeared in the period."""
        rows = self._session.execute(
            select(
                UserTask.case_number,
                UserTask.element_id,
                UserTask.created_at,
                UserTask.due_at,
                UserTask.ended_at,
                User.username,
            )
            .outerjoin(User, User.key == UserTask.completed_by_key)
            .where(
                UserTask.organisation_key == self._organisation_key,
                UserTask.process_id == process_id,
                UserTask.element_id == element_id,
                UserTask.created_at >= since,
                UserTask.created_at < until,
            )
            .order_by(UserTask.created_at, UserTask.key)
        )
        return [
            PastTask(number, element, created, due, ended if username else None, username or "")
            for number, element, created, due, ended, username in rows
        ]

    def _cases_of(self, process_id: str, since: datetime, until: datetime) -> Any:
        return (
            select(
                ProcessInstance.key,
                ProcessInstance.number,
                ProcessInstance.process_id,
                ProcessInstance.state,
                ProcessInstance.started_at,
                ProcessInstance.ended_at,
            )
            .where(
                ProcessInstance.organisation_key == self._organisation_key,
                ProcessInstance.process_id == process_id,
                ProcessInstance.started_at >= since,
                ProcessInstance.started_at < until,
            )
            .order_by(ProcessInstance.started_at, ProcessInstance.key)
        )
