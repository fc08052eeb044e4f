"""Fewer indexes for a command to write to: each is one more page, or two, in every commit.

Counts by version are read from the index of the lists, which gets the definition; the index of what somebody has
leaves out the tasks nobody has; no page reads the log by organisation.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Columns = tuple[str, list[str]]
BEFORE: dict[str, Columns] = {
    "ix_process_instance_organisation_key_state_key": ("process_instance", ["organisation_key", "state", "key"]),
    "ix_process_instance_definition_key_state": ("process_instance", ["definition_key", "state"]),
    "ix_user_task_organisation_key_state_assignee_key_due_at_key": (
        "user_task",
        ["organisation_key", "state", "assignee_key", "due_at", "key"],
    ),
    "ix_event_organisation_key_key": ("event", ["organisation_key", "key"]),
}
WITH_DEFINITION = "ix_process_instance_organisation_key_state_key_definition_key"
ASSIGNED = "ix_user_task_assigned"
HAS_ASSIGNEE = sa.text("assignee_key IS NOT NULL")


def upgrade() -> None:
    for name, (table, _) in BEFORE.items():
        op.drop_index(name, table)
    op.create_index(WITH_DEFINITION, "process_instance", ["organisation_key", "state", "key", "definition_key"])
    op.create_index(
        ASSIGNED,
        "user_task",
        ["organisation_key", "state", "assignee_key", "due_at", "key"],
        sqlite_where=HAS_ASSIGNEE,
        postgresql_where=HAS_ASSIGNEE,
    )


def downgrade() -> None:
    op.drop_index(ASSIGNED, "user_task")
    op.drop_index(WITH_DEFINITION, "process_instance")
    for name, (table, columns) in BEFORE.items():
        op.create_index(name, table, columns)
