"""Since when a version of a decision counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision_definition", sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise RuntimeError("there is no way back: restore the backup that was made before the upgrade")
