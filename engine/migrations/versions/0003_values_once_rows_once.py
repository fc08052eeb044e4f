"""Large values are stored once for each case; rows that are found by their key are kept once, in the key's tree.

The indexes that go were read by nothing (variables by name), or find hardly more than the key does (a case's active
element instances), and every command wrote to them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.model.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNUSED = {
    "ix_variable_name_process_instance_key": ("variable", ["name", "process_instance_key"]),
    "ix_element_instance_process_instance_key_state": ("element_instance", ["process_instance_key", "state"]),
}
FOUND_BY_KEY = ("variable", "element_instance", "task_candidate")
CHILD = sa.text("parent_instance_key IS NOT NULL")
ALL_CASES = "ix_process_instance_parent_instance_key"
CHILDREN = "ix_process_instance_child"


def upgrade() -> None:
    op.create_table(
        "large_value",
        sa.Column("process_instance_key", engine.model.base.Key, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_logged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_large_value_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("process_instance_key", "sha256", name=op.f("pk_large_value")),
    )
    op.drop_index(ALL_CASES, "process_instance")
    op.create_index(CHILDREN, "process_instance", ["parent_instance_key"], sqlite_where=CHILD, postgresql_where=CHILD)
    for name, (table, _) in UNUSED.items():
        op.drop_index(name, table)
    _rebuild(with_rowid=False)


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM large_value")):
        raise RuntimeError("Large values are stored apart, where older versions do not look for them.")
    _rebuild(with_rowid=True)
    for name, (table, columns) in UNUSED.items():
        op.create_index(name, table, columns)
    op.drop_index(CHILDREN, "process_instance")
    op.create_index(ALL_CASES, "process_instance", ["parent_instance_key"])
    op.drop_table("large_value")


def _rebuild(*, with_rowid: bool) -> None:
    """SQLite writes a table anew to change how it keeps its rows; PostgreSQL knows one way only."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in FOUND_BY_KEY:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
