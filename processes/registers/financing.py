"""The financing register: what was asked for, rated, approved, drawn and owed. All amounts in yuan."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.model.base import Base
from engine.model.types import Amount, Document, Id, Name, When

ASSESSMENT, ASSESSED, RATED, RETURNED = "ASSESSMENT", "ASSESSED", "RATED", "RETURNED"
APPROVED, CONDITIONAL, REJECTED, WITHDRAWN = "APPROVED", "CONDITIONAL", "REJECTED", "WITHDRAWN"
DRAWDOWN_RETURNED, RUNNING, CLOSED = "DRAWDOWN_RETURNED", "RUNNING", "CLOSED"

STAGES = frozenset(
    {
        *(ASSESSMENT, ASSESSED, RATED, RETURNED, APPROVED, CONDITIONAL, REJECTED, WITHDRAWN),
        *(DRAWDOWN_RETURNED, RUNNING, CLOSED),
    }
)
WARNINGS = ("NONE", "YELLOW", "ORANGE", "RED")
"""Warning levels, the mildest first."""


class Financing(Base):
    """One financing of one case.

    ``credit_limit`` is what the rating allows, ``commitment`` what was approved; ``undrawn`` + ``outstanding`` never
    exceed it. ``conditions`` are those of the approval. ``drawstop`` stops every drawdown. ``phase`` is CONSTRUCTION or
    OPERATION. Dates are calendar dates of the house's zone.
    """

    __tablename__ = "financing"
    __table_args__ = (Index("ix_financing_uscc", "uscc", "refused_on"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    case_no: Mapped[Name] = mapped_column(unique=True)
    root_id: Mapped[Id]
    uscc: Mapped[Name] = mapped_column(ForeignKey("client.uscc"))
    project_name: Mapped[Name]
    institution_type: Mapped[Name]
    industry: Mapped[Name]
    funds_use: Mapped[Name]
    phase: Mapped[Name]
    stage: Mapped[Name]
    total_investment: Mapped[Amount]
    equity: Mapped[Amount]
    amount: Mapped[Amount]
    term_months: Mapped[int]
    grade: Mapped[Name | None]
    score: Mapped[Amount | None]
    credit_limit: Mapped[Amount | None]
    rated_until: Mapped[date | None]
    approval_level: Mapped[int | None]
    rate: Mapped[Amount | None]
    commitment: Mapped[Amount]
    undrawn: Mapped[Amount]
    outstanding: Mapped[Amount]
    conditions: Mapped[Document]
    approved_on: Mapped[date | None]
    approval_lapses_on: Mapped[date | None]
    available_until: Mapped[date | None]
    refused_on: Mapped[date | None]
    refusal_reason: Mapped[Name | None]
    drawstop: Mapped[bool]
    warning_level: Mapped[Name]
    first_paid_on: Mapped[date | None]
    created_at: Mapped[When]
    updated_at: Mapped[When]


def locked_financing(session: Session, financing_id: str) -> Financing:
    """The financing's row, locked until the transaction ends. Raises LookupError."""
    row = session.get(Financing, financing_id, with_for_update=True)
    if row is None:
        raise LookupError(f"there is no financing {financing_id}")
    return row


def refused_on_same_terms(
    session: Session, *, uscc: str, project_name: str, amount: object, term_months: int, since: date
) -> bool:
    """Whether the same client was refused the same terms on ``since`` or later (cool-off: six months [S])."""
    found = select(Financing.id).where(
        Financing.uscc == uscc,
        Financing.project_name == project_name,
        Financing.amount == amount,
        Financing.term_months == term_months,
        Financing.refused_on >= since,
    )
    return session.scalars(found.limit(1)).first() is not None


def worse_warning(one: str, other: str) -> str:
    """The more serious of two warning levels."""
    return max(one, other, key=WARNINGS.index)
