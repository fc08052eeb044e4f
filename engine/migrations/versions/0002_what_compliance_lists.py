"""Indexes over what compliance lists: tasks that were late, and evidence that was overridden."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LATE = sa.text("state = 'completed' AND ended_at > due_at")
OVERRIDDEN = sa.text("lifecycle = 'overridden'")


def upgrade() -> None:
    op.create_index(
        "ix_user_task_late",
        "user_task",
        ["organisation_key", "state", "key", "severity"],
        sqlite_where=LATE,
        postgresql_where=LATE,
    )
    op.create_index(
        "ix_event_overridden",
        "event",
        ["organisation_key", "key"],
        sqlite_where=OVERRIDDEN,
        postgresql_where=OVERRIDDEN,
    )


def downgrade() -> None:
    op.drop_index("ix_event_overridden", "event")
    op.drop_index("ix_user_task_late", "user_task")
