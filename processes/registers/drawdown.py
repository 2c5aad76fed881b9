"""The drawdown register: drawdowns, their payees, the payment instructions, and the ledger of principal and interest.

The first terminal state of an instruction wins: a later report that contradicts it changes nothing and is kept as a
conflict, for people to reconcile. RETURNED after SUCCESS is a new event, not a contradiction. All amounts in yuan.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.model.base import Base
from engine.model.types import Amount, Document, Id, Name, When

PENDING, UNKNOWN = "PENDING", "UNKNOWN"
SUCCESS, FAILED, RETURNED = "SUCCESS", "FAILED", "RETURNED"
REPORTS = frozenset({PENDING, UNKNOWN, SUCCESS, FAILED, RETURNED})

_NEXT = {
    PENDING: frozenset({PENDING, UNKNOWN, SUCCESS, FAILED}),
    UNKNOWN: frozenset({PENDING, UNKNOWN, SUCCESS, FAILED}),
    SUCCESS: frozenset({SUCCESS, RETURNED}),
    FAILED: frozenset({FAILED}),
    RETURNED: frozenset({RETURNED}),
}
TERMINAL = frozenset({SUCCESS, FAILED, RETURNED})

PRINCIPAL, INTEREST = "PRINCIPAL", "INTEREST"


class Drawdown(Base):
    """One drawdown of a financing: ``tranche_no`` T1, T2, ... ``contract_no`` and its date decide the payment rules."""

    __tablename__ = "drawdown"
    __table_args__ = (UniqueConstraint("financing_id", "tranche_no"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    financing_id: Mapped[Id] = mapped_column(ForeignKey("financing.id"))
    tranche_no: Mapped[Name]
    amount: Mapped[Amount]
    equity_paid_in: Mapped[Amount]
    contract_no: Mapped[Name]
    contract_signed_on: Mapped[date]
    value_date: Mapped[date]
    booked_at: Mapped[When]


class DrawdownPayee(Base):
    """Who is paid for what. ``method``: ENTRUSTED, SELF_PAY or DIRECT; ``invoice`` are document ids."""

    __tablename__ = "drawdown_payee"
    __table_args__ = (UniqueConstraint("drawdown_id", "number"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    drawdown_id: Mapped[Id] = mapped_column(ForeignKey("drawdown.id"))
    number: Mapped[int]
    name: Mapped[Name]
    account: Mapped[Name]
    bank: Mapped[Name]
    amount: Mapped[Amount]
    purpose: Mapped[Name]
    contract_ref: Mapped[Name]
    invoice: Mapped[Document]
    method: Mapped[Name]


class PaymentInstruction(Base):
    """One order to the payment system. ``instruction_id`` (case, tranche, payee) with ``attempt`` is what it is known
    by outside. ``conflict`` keeps a report that contradicts the final state.
    """

    __tablename__ = "payment_instruction"
    __table_args__ = (
        UniqueConstraint("instruction_id", "attempt"),
        Index("ix_payment_instruction_drawdown_id", "drawdown_id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    drawdown_id: Mapped[Id] = mapped_column(ForeignKey("drawdown.id"))
    payee_id: Mapped[Id] = mapped_column(ForeignKey("drawdown_payee.id"))
    instruction_id: Mapped[Name]
    attempt: Mapped[int]
    payee_name: Mapped[Name]
    account: Mapped[Name]
    bank: Mapped[Name]
    amount: Mapped[Amount]
    status: Mapped[Name]
    reason: Mapped[Name | None]
    value_date: Mapped[date | None]
    conflict: Mapped[Name | None]
    principal_reversed: Mapped[bool]
    interest_reversed: Mapped[bool]
    limit_restored: Mapped[bool]
    created_at: Mapped[When]
    settled_at: Mapped[When | None]


class LedgerEntry(Base):
    """A posting to a financing: ``kind`` PRINCIPAL or INTEREST, ``amount`` signed, effective on ``value_date``."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_financing", "financing_id", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    financing_id: Mapped[Id] = mapped_column(ForeignKey("financing.id"))
    instruction: Mapped[Id | None] = mapped_column(ForeignKey("payment_instruction.id"))
    kind: Mapped[Name]
    amount: Mapped[Amount]
    value_date: Mapped[date]
    text: Mapped[Name]
    booked_at: Mapped[When]


def next_status(current: str, reported: str) -> tuple[str, bool]:
    """(state after the report, whether the report contradicts it). Raises ValueError for an unknown report."""
    if reported not in REPORTS:
        raise ValueError(f"{reported!r} is not a payment state")
    return (reported, False) if reported in _NEXT[current] else (current, reported in TERMINAL)


def locked_instruction(session: Session, instruction_id: str, attempt: int) -> PaymentInstruction:
    """The instruction's row, locked until the transaction ends. Raises LookupError."""
    wanted = select(PaymentInstruction).where(
        PaymentInstruction.instruction_id == instruction_id, PaymentInstruction.attempt == attempt
    )
    row = session.scalars(wanted.with_for_update()).first()
    if row is None:
        raise LookupError(f"there is no payment instruction {instruction_id}-A{attempt}")
    return row
