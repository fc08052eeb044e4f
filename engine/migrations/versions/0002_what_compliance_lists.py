"""What compliance lists: indexes over late tasks and overridden evidence, and where archived cases lie."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.model.base

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
    op.create_table(
        "archived_case",
        sa.Column("process_instance_key", engine.model.base.Key, autoincrement=False, nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("event_head", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("archived_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_archived_case_organisation_key")
        ),
        sa.PrimaryKeyConstraint("process_instance_key", name=op.f("pk_archived_case")),
    )
    op.create_index(op.f("ix_archived_case_organisation_key_number"), "archived_case", ["organisation_key", "number"])


def downgrade() -> None:
    op.drop_table("archived_case")
    op.drop_index("ix_event_overridden", "event")
    op.drop_index("ix_user_task_late", "user_task")
