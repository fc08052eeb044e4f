"""What waits to be done: user tasks for people, jobs for machines."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import ONE_TREE, Base, JsonText, Key, partial_index


class TaskState(StrEnum):
    """Where a user task stands."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class UserTask(Base):
    """A user task. What lists show of its case stands here too, so that no list joins or loads a snapshot."""

    __tablename__ = "user_task"
    __table_args__ = (
        Index(None, "process_instance_key", "state"),
        partial_index(
            "ix_user_task_assigned",
            "assignee_key IS NOT NULL",
            "organisation_key",
            "state",
            "assignee_key",
            "due_at",
            "key",
        ),
        Index(None, "organisation_key", "state", "due_at", "key"),
        partial_index(
            "ix_user_task_late",
            "state = 'completed' AND ended_at > due_at",
            "organisation_key",
            "state",
            "key",
            "severity",
        ),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"))
    element_instance: Mapped[int]
    definition_key: Mapped[int] = mapped_column(Key, ForeignKey("process_definition.key"))
    process_id: Mapped[str] = mapped_column(String(100))
    element_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    gloss: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[str] = mapped_column(String(12), default=TaskState.OPEN)
    assignee_key: Mapped[int | None] = mapped_column(Key, ForeignKey("user_account.key"))
    priority: Mapped[int] = mapped_column(default=50)
    due_at: Mapped[datetime | None]
    follow_up_at: Mapped[datetime | None]
    severity: Mapped[str] = mapped_column(String(10), default="")
    """``warning`` where the document says 原则上 (in principle): past due is shown in amber and is no violation."""
    escalated_at: Mapped[datetime | None]
    """When a boundary timer of the task last fired."""
    form_id: Mapped[str] = mapped_column(String(100), default="")
    form_key: Mapped[int | None] = mapped_column(Key, ForeignKey("form_definition.key"))
    case_number: Mapped[str] = mapped_column(String(40))
    case_title: Mapped[str] = mapped_column(String(300), default="")
    case_subtitle: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    completed_by_key: Mapped[int | None] = mapped_column(Key, ForeignKey("user_account.key"))
    has_drafts: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    """Counts up with every change; a form carries it, so that two people at once are noticed."""


class TaskCandidate(Base):
    """A role (``role:<key>``) or a person (``user:<username>``) that may do a task; kept afterwards, it opens the
    case to them.

    The columns of the worklist's order are repeated here: the list of "what may I claim" is one index scan over the
    rows with `unclaimed` (the task is open and nobody has it).
    """

    __tablename__ = "task_candidate"
    __table_args__ = (Index(None, "organisation_key", "candidate", "unclaimed", "due_at", "task_key"), ONE_TREE)

    task_key: Mapped[int] = mapped_column(Key, ForeignKey("user_task.key"), primary_key=True)
    candidate: Mapped[str] = mapped_column(String(110), primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    unclaimed: Mapped[bool] = mapped_column(default=True)
    due_at: Mapped[datetime | None]


class Draft(Base):
    """What a user has typed into a task's form without submitting it: {field: [texts]}."""

    __tablename__ = "draft"

    task_key: Mapped[int] = mapped_column(Key, ForeignKey("user_task.key"), primary_key=True)
    user_key: Mapped[int] = mapped_column(Key, ForeignKey("user_account.key"), primary_key=True)
    data: Mapped[Any] = mapped_column(JsonText)
    saved_at: Mapped[datetime]


class Comment(Base):
    """A remark on a case, shown on all of its tasks."""

    __tablename__ = "comment"
    __table_args__ = (Index(None, "process_instance_key", "key"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    process_instance_key: Mapped[int] = mapped_column(Key, ForeignKey("process_instance.key"))
    task_key: Mapped[int | None] = mapped_column(Key, ForeignKey("user_task.key"))
    author_key: Mapped[int] = mapped_column(Key, ForeignKey("user_account.key"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class JobKind(StrEnum):
    """What running a job means."""

    SERVICE = "service"
    TIMER = "timer"
    START_TIMER = "start_timer"
    """Start a case at a timer start event; `type` is the process, `payload` how often it still fires."""
    START_CASE = "start_case"
    """Start a process instance that nobody waits for."""
    CALL = "call"
    """Start the child instance of a call activity."""
    RESUME_PARENT = "resume_parent"
    """A child instance ended: complete the call activity of its parent."""
    CANCEL_CHILD = "cancel_child"
    MESSAGE = "message"
    """Correlate a thrown message."""
    SIGNAL = "signal"
    """Deliver a thrown signal to one waiting instance."""


class Job(Base):
    """Work for a machine. A row that is due, not leased and not failed may be taken by any node."""

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "failed", "due_at", "key"),
        Index(None, "process_instance_key", "element_instance"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_instance_key: Mapped[int | None] = mapped_column(Key, ForeignKey("process_instance.key"))
    element_instance: Mapped[int | None]
    element_id: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(16))
    type: Mapped[str] = mapped_column(String(100), default="")
    """The handler's type for a service job."""
    payload: Mapped[str] = mapped_column(Text, default="")
    """What the job carries, FEEL's typed JSON of a context."""
    due_at: Mapped[datetime]
    priority: Mapped[int] = mapped_column(default=50)
    retries: Mapped[int] = mapped_column(default=3)
    """Attempts that are left."""
    attempts: Mapped[int] = mapped_column(default=0)
    failed: Mapped[bool] = mapped_column(default=False)
    """No attempt is left; an incident says why."""
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    leased_until: Mapped[datetime | None]
    idempotency_key: Mapped[str] = mapped_column(String(32))
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
