"""Waits for signals beside those for messages, which part of a multiple event they are, and data stores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SIGNAL = sa.text("kind = 'signal'")


def upgrade() -> None:
    with op.batch_alter_table("subscription") as batch:
        batch.add_column(sa.Column("kind", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("part", sa.Integer(), nullable=True))
    op.execute("UPDATE subscription SET kind = 'message', part = 0")
    with op.batch_alter_table("subscription") as batch:
        batch.alter_column("kind", existing_type=sa.String(length=255), nullable=False)
        batch.alter_column("part", existing_type=sa.Integer(), nullable=False)
    op.create_index(
        "ix_subscription_signal",
        "subscription",
        ["name", "root_id"],
        unique=False,
        sqlite_where=_SIGNAL,
        postgresql_where=_SIGNAL,
    )
    op.create_table(
        "data_store",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("root_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_data_store")),
    )


def downgrade() -> None:
    raise RuntimeError("there is no way back: restore the backup that was made before the upgrade")
