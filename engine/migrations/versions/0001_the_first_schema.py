"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.model.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachment")),
    )
    op.create_table(
        "organisation",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("event_head", sa.String(length=64), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_organisation")),
    )
    op.create_table(
        "resource",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_resource")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "user_account",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_stamp", sa.String(length=32), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "deployment",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("deployed_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_deployment_organisation_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment")),
    )
    op.create_table(
        "event",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("definition_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("element_instance", sa.Integer(), nullable=True),
        sa.Column("lifecycle", sa.String(length=30), nullable=False),
        sa.Column("occurred_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("performer", sa.String(length=100), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=100), nullable=False),
        sa.Column("roles", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("detail", engine.model.base.JsonText(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digests", engine.model.base.JsonText(), nullable=False),
        sa.Column("payload", engine.model.base.JsonText(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_event_organisation_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_organisation_key_key"), ["organisation_key", "key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_event_process_instance_key_sequence"), ["process_instance_key", "sequence"], unique=False
        )

    op.create_table(
        "message",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("correlation_key", sa.String(length=500), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("published_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_message_organisation_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_message_organisation_key_name_correlation_key"),
            ["organisation_key", "name", "correlation_key"],
            unique=False,
        )

    op.create_table(
        "number_series",
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_number_series_organisation_key")
        ),
        sa.PrimaryKeyConstraint("organisation_key", "prefix", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "price_list",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=30), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_price_list_organisation_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_price_list")),
        sa.UniqueConstraint("organisation_key", "version", name=op.f("uq_price_list_organisation_key_version")),
    )
    op.create_table(
        "role",
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("bundles", engine.model.base.JsonText(), nullable=False),
        sa.Column("superior", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_role_organisation_key")),
        sa.PrimaryKeyConstraint("organisation_key", "key", name=op.f("pk_role")),
    )
    op.create_table(
        "superior",
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("user_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superior_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_superior_organisation_key")),
        sa.ForeignKeyConstraint(["superior_key"], ["user_account.key"], name=op.f("fk_superior_superior_key")),
        sa.ForeignKeyConstraint(["user_key"], ["user_account.key"], name=op.f("fk_superior_user_key")),
        sa.PrimaryKeyConstraint("organisation_key", "user_key", name=op.f("pk_superior")),
    )
    op.create_table(
        "team",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_team_organisation_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_team")),
        sa.UniqueConstraint("organisation_key", "name", name=op.f("uq_team_organisation_key_name")),
    )
    op.create_table(
        "working_calendar",
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("data", engine.model.base.JsonText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_working_calendar_organisation_key")
        ),
        sa.PrimaryKeyConstraint("organisation_key", "key", name=op.f("pk_working_calendar")),
    )
    op.create_table(
        "decision_definition",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("decision_id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("resource_name", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("deployment_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deployed_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_key"], ["deployment.key"], name=op.f("fk_decision_definition_deployment_key")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_decision_definition_organisation_key")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["resource.sha256"], name=op.f("fk_decision_definition_sha256")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision_definition")),
        sa.UniqueConstraint(
            "organisation_key",
            "decision_id",
            "version",
            name=op.f("uq_decision_definition_organisation_key_decision_id_version"),
        ),
    )
    op.create_table(
        "deployment_resource",
        sa.Column("deployment_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_key"], ["deployment.key"], name=op.f("fk_deployment_resource_deployment_key")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["resource.sha256"], name=op.f("fk_deployment_resource_sha256")),
        sa.PrimaryKeyConstraint("deployment_key", "name", name=op.f("pk_deployment_resource")),
    )
    op.create_table(
        "form_definition",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("form_id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=20), nullable=False),
        sa.Column("resource_name", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("deployment_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deployed_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_form_definition_deployment_key")),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_form_definition_organisation_key")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["resource.sha256"], name=op.f("fk_form_definition_sha256")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form_definition")),
        sa.UniqueConstraint(
            "organisation_key", "form_id", "version", name=op.f("uq_form_definition_organisation_key_form_id_version")
        ),
    )
    op.create_table(
        "membership",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("role_key", sa.String(length=100), nullable=False),
        sa.Column("valid_from", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("valid_until", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_key", "role_key"],
            ["role.organisation_key", "role.key"],
            name=op.f("fk_membership_organisation_key_role_key"),
        ),
        sa.ForeignKeyConstraint(["user_key"], ["user_account.key"], name=op.f("fk_membership_user_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_membership_organisation_key_role_key"), ["organisation_key", "role_key"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_membership_user_key"), ["user_key"], unique=False)

    op.create_table(
        "price_list_item",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("price_list_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("list_price", engine.model.base.ExactDecimal(length=60), nullable=False),
        sa.Column("cost_floor", engine.model.base.ExactDecimal(length=60), nullable=False),
        sa.ForeignKeyConstraint(["price_list_key"], ["price_list.key"], name=op.f("fk_price_list_item_price_list_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_price_list_item")),
        sa.UniqueConstraint("price_list_key", "code", name=op.f("uq_price_list_item_price_list_key_code")),
    )
    op.create_table(
        "process_definition",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("gloss", sa.String(length=300), nullable=False),
        sa.Column("resource_name", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("deployment_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deployed_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_key"], ["deployment.key"], name=op.f("fk_process_definition_deployment_key")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_process_definition_organisation_key")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["resource.sha256"], name=op.f("fk_process_definition_sha256")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_definition")),
        sa.UniqueConstraint(
            "organisation_key",
            "process_id",
            "version",
            name=op.f("uq_process_definition_organisation_key_process_id_version"),
        ),
    )
    op.create_table(
        "team_member",
        sa.Column("team_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_key"], ["team.key"], name=op.f("fk_team_member_team_key")),
        sa.ForeignKeyConstraint(["user_key"], ["user_account.key"], name=op.f("fk_team_member_user_key")),
        sa.PrimaryKeyConstraint("team_key", "user_key", name=op.f("pk_team_member")),
    )
    op.create_table(
        "process_instance",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("definition_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("subtitle", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=100), nullable=False),
        sa.Column("ended_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("parent_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parent_element_instance", sa.Integer(), nullable=True),
        sa.Column("origin_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("scopes", engine.model.base.JsonText(), nullable=False),
        sa.Column("flows", engine.model.base.JsonText(), nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("event_head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_key"], ["process_definition.key"], name=op.f("fk_process_instance_definition_key")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_process_instance_organisation_key")
        ),
        sa.ForeignKeyConstraint(
            ["origin_instance_key"], ["process_instance.key"], name=op.f("fk_process_instance_origin_instance_key")
        ),
        sa.ForeignKeyConstraint(
            ["parent_instance_key"], ["process_instance.key"], name=op.f("fk_process_instance_parent_instance_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_instance")),
        sa.UniqueConstraint("organisation_key", "number", name=op.f("uq_process_instance_organisation_key_number")),
    )
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_process_instance_definition_key_state"), ["definition_key", "state"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_process_instance_organisation_key_state_key"),
            ["organisation_key", "state", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_process_instance_parent_instance_key"), ["parent_instance_key"], unique=False
        )

    op.create_table(
        "decision_evaluation",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("element_instance", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("definition_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decision_id", sa.String(length=100), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("trace", engine.model.base.JsonText(), nullable=False),
        sa.Column("evaluated_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_key"], ["decision_definition.key"], name=op.f("fk_decision_evaluation_definition_key")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_decision_evaluation_organisation_key")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_decision_evaluation_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision_evaluation")),
    )
    with op.batch_alter_table("decision_evaluation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_decision_evaluation_organisation_key_decision_id_key"),
            ["organisation_key", "decision_id", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_decision_evaluation_process_instance_key_key"), ["process_instance_key", "key"], unique=False
        )

    op.create_table(
        "element_instance",
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("started_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_element_instance_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("process_instance_key", "id", name=op.f("pk_element_instance")),
    )
    with op.batch_alter_table("element_instance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_element_instance_process_instance_key_state"),
            ["process_instance_key", "state"],
            unique=False,
        )

    op.create_table(
        "incident",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("element_instance", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("job_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", engine.model.base.JsonText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_incident_organisation_key")),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_incident_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_incident_organisation_key_resolved_at_key"),
            ["organisation_key", "resolved_at", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_incident_process_instance_key_resolved_at"),
            ["process_instance_key", "resolved_at"],
            unique=False,
        )

    op.create_table(
        "job",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("element_instance", sa.Integer(), nullable=True),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("due_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=False),
        sa.Column("leased_until", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_job_organisation_key")),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_job_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_failed_due_at_key"), ["failed", "due_at", "key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_job_process_instance_key_element_instance"),
            ["process_instance_key", "element_instance"],
            unique=False,
        )

    op.create_table(
        "message_subscription",
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("element_instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("correlation_key", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_message_subscription_organisation_key")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_key"],
            ["process_instance.key"],
            name=op.f("fk_message_subscription_process_instance_key"),
        ),
        sa.PrimaryKeyConstraint("process_instance_key", "element_instance", name=op.f("pk_message_subscription")),
    )
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_message_subscription_organisation_key_name_correlation_key"),
            ["organisation_key", "name", "correlation_key"],
            unique=False,
        )

    op.create_table(
        "notification",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("user_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role_key", sa.String(length=100), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", engine.model.base.JsonText(), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_notification_organisation_key")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_notification_process_instance_key")
        ),
        sa.ForeignKeyConstraint(["user_key"], ["user_account.key"], name=op.f("fk_notification_user_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notification")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notification_process_instance_key"), ["process_instance_key"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_notification_user_key_read_at_key"), ["user_key", "read_at", "key"], unique=False
        )

    op.create_table(
        "signal_subscription",
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("element_instance", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_signal_subscription_organisation_key")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_signal_subscription_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("process_instance_key", "element_instance", name=op.f("pk_signal_subscription")),
    )
    with op.batch_alter_table("signal_subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_signal_subscription_organisation_key_name"), ["organisation_key", "name"], unique=False
        )

    op.create_table(
        "user_task",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("element_instance", sa.Integer(), nullable=False),
        sa.Column("definition_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_id", sa.String(length=100), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("gloss", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("assignee_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("follow_up_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("escalated_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("form_id", sa.String(length=100), nullable=False),
        sa.Column("form_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("case_number", sa.String(length=40), nullable=False),
        sa.Column("case_title", sa.String(length=300), nullable=False),
        sa.Column("case_subtitle", sa.String(length=500), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("completed_by_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("has_drafts", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assignee_key"], ["user_account.key"], name=op.f("fk_user_task_assignee_key")),
        sa.ForeignKeyConstraint(["completed_by_key"], ["user_account.key"], name=op.f("fk_user_task_completed_by_key")),
        sa.ForeignKeyConstraint(
            ["definition_key"], ["process_definition.key"], name=op.f("fk_user_task_definition_key")
        ),
        sa.ForeignKeyConstraint(["form_key"], ["form_definition.key"], name=op.f("fk_user_task_form_key")),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_user_task_organisation_key")),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_user_task_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_task")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_task_organisation_key_state_assignee_key_due_at_key"),
            ["organisation_key", "state", "assignee_key", "due_at", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_user_task_organisation_key_state_due_at_key"),
            ["organisation_key", "state", "due_at", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_user_task_process_instance_key_state"), ["process_instance_key", "state"], unique=False
        )

    op.create_table(
        "variable",
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_variable_process_instance_key")
        ),
        sa.PrimaryKeyConstraint("process_instance_key", "scope", "name", name=op.f("pk_variable")),
    )
    with op.batch_alter_table("variable", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_variable_name_process_instance_key"), ["name", "process_instance_key"], unique=False
        )

    op.create_table(
        "comment",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_key"], ["user_account.key"], name=op.f("fk_comment_author_key")),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_comment_process_instance_key")
        ),
        sa.ForeignKeyConstraint(["task_key"], ["user_task.key"], name=op.f("fk_comment_task_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_comment")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_comment_process_instance_key_key"), ["process_instance_key", "key"], unique=False
        )

    op.create_table(
        "document",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_type", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("task_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("attachment_sha256", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_sha256"], ["attachment.sha256"], name=op.f("fk_document_attachment_sha256")
        ),
        sa.ForeignKeyConstraint(["form_key"], ["form_definition.key"], name=op.f("fk_document_form_key")),
        sa.ForeignKeyConstraint(["organisation_key"], ["organisation.key"], name=op.f("fk_document_organisation_key")),
        sa.ForeignKeyConstraint(
            ["process_instance_key"], ["process_instance.key"], name=op.f("fk_document_process_instance_key")
        ),
        sa.ForeignKeyConstraint(["task_key"], ["user_task.key"], name=op.f("fk_document_task_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_organisation_key_document_type_key"),
            ["organisation_key", "document_type", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_document_process_instance_key_document_type"),
            ["process_instance_key", "document_type"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_document_task_key"), ["task_key"], unique=False)

    op.create_table(
        "draft",
        sa.Column("task_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("data", engine.model.base.JsonText(), nullable=False),
        sa.Column("saved_at", engine.model.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_key"], ["user_task.key"], name=op.f("fk_draft_task_key")),
        sa.ForeignKeyConstraint(["user_key"], ["user_account.key"], name=op.f("fk_draft_user_key")),
        sa.PrimaryKeyConstraint("task_key", "user_key", name=op.f("pk_draft")),
    )
    op.create_table(
        "task_candidate",
        sa.Column("task_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("candidate", sa.String(length=110), nullable=False),
        sa.Column("organisation_key", sa.String(length=100), nullable=False),
        sa.Column("unclaimed", sa.Boolean(), nullable=False),
        sa.Column("due_at", engine.model.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_key"], ["organisation.key"], name=op.f("fk_task_candidate_organisation_key")
        ),
        sa.ForeignKeyConstraint(["task_key"], ["user_task.key"], name=op.f("fk_task_candidate_task_key")),
        sa.PrimaryKeyConstraint("task_key", "candidate", name=op.f("pk_task_candidate")),
    )
    with op.batch_alter_table("task_candidate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_task_candidate_organisation_key_candidate_unclaimed_due_at_task_key"),
            ["organisation_key", "candidate", "unclaimed", "due_at", "task_key"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("task_candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_candidate_organisation_key_candidate_unclaimed_due_at_task_key"))

    op.drop_table("task_candidate")
    op.drop_table("draft")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_task_key"))
        batch_op.drop_index(batch_op.f("ix_document_process_instance_key_document_type"))
        batch_op.drop_index(batch_op.f("ix_document_organisation_key_document_type_key"))

    op.drop_table("document")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_process_instance_key_key"))

    op.drop_table("comment")
    with op.batch_alter_table("variable", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_variable_name_process_instance_key"))

    op.drop_table("variable")
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_task_process_instance_key_state"))
        batch_op.drop_index(batch_op.f("ix_user_task_organisation_key_state_due_at_key"))
        batch_op.drop_index(batch_op.f("ix_user_task_organisation_key_state_assignee_key_due_at_key"))

    op.drop_table("user_task")
    with op.batch_alter_table("signal_subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signal_subscription_organisation_key_name"))

    op.drop_table("signal_subscription")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_user_key_read_at_key"))
        batch_op.drop_index(batch_op.f("ix_notification_process_instance_key"))

    op.drop_table("notification")
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_subscription_organisation_key_name_correlation_key"))

    op.drop_table("message_subscription")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_process_instance_key_element_instance"))
        batch_op.drop_index(batch_op.f("ix_job_failed_due_at_key"))

    op.drop_table("job")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_process_instance_key_resolved_at"))
        batch_op.drop_index(batch_op.f("ix_incident_organisation_key_resolved_at_key"))

    op.drop_table("incident")
    with op.batch_alter_table("element_instance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_element_instance_process_instance_key_state"))

    op.drop_table("element_instance")
    with op.batch_alter_table("decision_evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_evaluation_process_instance_key_key"))
        batch_op.drop_index(batch_op.f("ix_decision_evaluation_organisation_key_decision_id_key"))

    op.drop_table("decision_evaluation")
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_instance_parent_instance_key"))
        batch_op.drop_index(batch_op.f("ix_process_instance_organisation_key_state_key"))
        batch_op.drop_index(batch_op.f("ix_process_instance_definition_key_state"))

    op.drop_table("process_instance")
    op.drop_table("team_member")
    op.drop_table("process_definition")
    op.drop_table("price_list_item")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_user_key"))
        batch_op.drop_index(batch_op.f("ix_membership_organisation_key_role_key"))

    op.drop_table("membership")
    op.drop_table("form_definition")
    op.drop_table("deployment_resource")
    op.drop_table("decision_definition")
    op.drop_table("working_calendar")
    op.drop_table("team")
    op.drop_table("superior")
    op.drop_table("role")
    op.drop_table("price_list")
    op.drop_table("number_series")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_organisation_key_name_correlation_key"))
        batch_op.drop_index(batch_op.f("ix_message_expires_at"))

    op.drop_table("message")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_process_instance_key_sequence"))
        batch_op.drop_index(batch_op.f("ix_event_organisation_key_key"))

    op.drop_table("event")
    op.drop_table("deployment")
    op.drop_table("user_account")
    op.drop_table("sign_in_failures")
    op.drop_table("resource")
    op.drop_table("organisation")
    op.drop_table("attachment")
