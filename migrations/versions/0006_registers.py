"""Registers of clients, financings, drawdowns and visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("uscc", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("uscc", name=op.f("pk_client")),
    )
    op.create_table(
        "financing",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.String(length=255), nullable=False),
        sa.Column("root_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("uscc", sa.String(length=255), nullable=False),
        sa.Column("project_name", sa.String(length=255), nullable=False),
        sa.Column("institution_type", sa.String(length=255), nullable=False),
        sa.Column("industry", sa.String(length=255), nullable=False),
        sa.Column("funds_use", sa.String(length=255), nullable=False),
        sa.Column("phase", sa.String(length=255), nullable=False),
        sa.Column("stage", sa.String(length=255), nullable=False),
        sa.Column("total_investment", sa.BigInteger(), nullable=False),
        sa.Column("equity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=255), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("credit_limit", sa.BigInteger(), nullable=True),
        sa.Column("rated_until", sa.Date(), nullable=True),
        sa.Column("approval_level", sa.Integer(), nullable=True),
        sa.Column("rate", sa.BigInteger(), nullable=True),
        sa.Column("commitment", sa.BigInteger(), nullable=False),
        sa.Column("undrawn", sa.BigInteger(), nullable=False),
        sa.Column("outstanding", sa.BigInteger(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("approval_lapses_on", sa.Date(), nullable=True),
        sa.Column("available_until", sa.Date(), nullable=True),
        sa.Column("refused_on", sa.Date(), nullable=True),
        sa.Column("refusal_reason", sa.String(length=255), nullable=True),
        sa.Column("drawstop", sa.Boolean(), nullable=False),
        sa.Column("warning_level", sa.String(length=255), nullable=False),
        sa.Column("first_paid_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["uscc"], ["client.uscc"], name=op.f("fk_financing_uscc")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing")),
        sa.UniqueConstraint("case_no", name=op.f("uq_financing_case_no")),
    )
    op.create_index("ix_financing_uscc", "financing", ["uscc", "refused_on"], unique=False)
    op.create_table(
        "drawdown",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("financing_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tranche_no", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("equity_paid_in", sa.BigInteger(), nullable=False),
        sa.Column("contract_no", sa.String(length=255), nullable=False),
        sa.Column("contract_signed_on", sa.Date(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["financing_id"], ["financing.id"], name=op.f("fk_drawdown_financing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawdown")),
        sa.UniqueConstraint("financing_id", "tranche_no", name=op.f("uq_drawdown_financing_id_tranche_no")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("financing_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("interval_days", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=255), nullable=False),
        sa.Column("overdue_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("warning", sa.String(length=255), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["financing_id"], ["financing.id"], name=op.f("fk_visit_financing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("financing_id", "number", name=op.f("uq_visit_financing_id_number")),
    )
    op.create_table(
        "drawdown_payee",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("drawdown_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("bank", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=255), nullable=False),
        sa.Column("contract_ref", sa.String(length=255), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["drawdown_id"], ["drawdown.id"], name=op.f("fk_drawdown_payee_drawdown_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawdown_payee")),
        sa.UniqueConstraint("drawdown_id", "number", name=op.f("uq_drawdown_payee_drawdown_id_number")),
    )
    op.create_table(
        "payment_instruction",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("drawdown_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("payee_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instruction_id", sa.String(length=255), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("payee_name", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("bank", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("conflict", sa.String(length=255), nullable=True),
        sa.Column("principal_reversed", sa.Boolean(), nullable=False),
        sa.Column("interest_reversed", sa.Boolean(), nullable=False),
        sa.Column("limit_restored", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["drawdown_id"], ["drawdown.id"], name=op.f("fk_payment_instruction_drawdown_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["drawdown_payee.id"], name=op.f("fk_payment_instruction_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_instruction")),
        sa.UniqueConstraint("instruction_id", "attempt", name=op.f("uq_payment_instruction_instruction_id_attempt")),
    )
    op.create_index("ix_payment_instruction_drawdown_id", "payment_instruction", ["drawdown_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("financing_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("instruction", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("kind", sa.String(length=255), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["financing_id"], ["financing.id"], name=op.f("fk_ledger_entry_financing_id")),
        sa.ForeignKeyConstraint(["instruction"], ["payment_instruction.id"], name=op.f("fk_ledger_entry_instruction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index("ix_ledger_entry_financing", "ledger_entry", ["financing_id", "id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("there is no way back: restore the backup that was made before the upgrade")
