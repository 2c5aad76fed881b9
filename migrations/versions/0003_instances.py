"""Process instances with their state, steps, tasks and incidents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "business_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offset_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_clock")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=255), nullable=False),
        sa.Column("root_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("instance_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("handle", sa.String(length=255), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_handle", "incident", ["root_id", "handle"], unique=False)
    op.create_index(
        "ix_incident_open",
        "incident",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("root_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("called_from", sa.String(length=255), nullable=True),
        sa.Column("definition_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=False),
        sa.Column("unit", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(length=255), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_event", sa.String(length=255), nullable=True),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("audit_seq", sa.Integer(), nullable=False),
        sa.Column("audit_head", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_process_instance_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index("ix_process_instance_business_key", "process_instance", ["business_key"], unique=False)
    op.create_index(
        "ix_process_instance_definition", "process_instance", ["definition_key", "status", "id"], unique=False
    )
    op.create_index("ix_process_instance_root", "process_instance", ["root_id", "scope"], unique=True)
    op.create_index("ix_process_instance_started_by", "process_instance", ["started_by", "id"], unique=False)
    op.create_table(
        "scope_state",
        sa.Column("root_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("parent", sa.String(length=255), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name=op.f("fk_scope_state_root_id")),
        sa.PrimaryKeyConstraint("root_id", "scope", name=op.f("pk_scope_state")),
    )
    op.create_index("ix_scope_state_parent", "scope_state", ["root_id", "parent"], unique=False)
    op.create_table(
        "step",
        sa.Column("root_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=255), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=255), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name=op.f("fk_step_root_id")),
        sa.PrimaryKeyConstraint("root_id", "number", name=op.f("pk_step")),
    )
    op.create_index("ix_step_instance", "step", ["instance_id", "number"], unique=False)
    op.create_table(
        "user_task",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("root_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instance_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("definition_key", sa.String(length=255), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=False),
        sa.Column("token", sa.String(length=255), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=True),
        sa.Column("role", sa.String(length=255), nullable=True),
        sa.Column("unit", sa.String(length=255), nullable=False),
        sa.Column("assignee", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=255), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_sort", sa.DateTime(timezone=True), nullable=False),
        sa.Column("follow_up", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sla", sa.String(length=255), nullable=True),
        sa.Column("calendar", sa.String(length=255), nullable=True),
        sa.Column("escalation", sa.String(length=255), nullable=True),
        sa.Column("clock", sa.String(length=255), nullable=False),
        sa.Column("form", sa.String(length=255), nullable=True),
        sa.Column("excludes", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("drafted_by", sa.String(length=255), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.String(length=255), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=255), nullable=True),
        sa.Column("changed_by", sa.String(length=255), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name=op.f("fk_user_task_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    op.create_index(
        "ix_user_task_assignee",
        "user_task",
        ["assignee", "due_sort", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_user_task_completed_by", "user_task", ["completed_by", "completed_at", "id"], unique=False)
    op.create_index(
        "ix_user_task_due",
        "user_task",
        ["due_sort", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_user_task_group",
        "user_task",
        ["role", "unit", "due_sort", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_user_task_root", "user_task", ["root_id", "element"], unique=False)
    op.create_index("ix_user_task_token", "user_task", ["root_id", "token"], unique=False)
    op.create_table(
        "task_candidate",
        sa.Column("task_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=255), nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_task_candidate_task_id")),
        sa.PrimaryKeyConstraint("task_id", "kind", "who", name=op.f("pk_task_candidate")),
    )
    op.create_index("ix_task_candidate_who", "task_candidate", ["kind", "who", "task_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("there is no way back: restore the backup that was made before the upgrade")
