"""What the institution knows about its clients and their money, written by the processes' service handlers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.model.base import Base
from processes.registers.client import Client
from processes.registers.drawdown import Drawdown, DrawdownPayee, LedgerEntry, PaymentInstruction
from processes.registers.financing import Financing
from processes.registers.given import insert_given
from processes.registers.visit import Visit


def case_rows(session: Session, business_key: str) -> dict[str, list[dict[str, Any]]]:
    """Every register row of the case, by table name; columns by name, amounts Decimal, instants aware (UTC)."""
    financing = select(Financing.id).where(Financing.case_no == business_key)
    drawdowns = select(Drawdown.id).where(Drawdown.financing_id.in_(financing))
    wanted: Mapping[type[Base], Select[Any]] = {
        Client: select(Client).where(Client.uscc.in_(select(Financing.uscc).where(Financing.case_no == business_key))),
        Financing: select(Financing).where(Financing.case_no == business_key),
        Drawdown: select(Drawdown).where(Drawdown.financing_id.in_(financing)).order_by(Drawdown.id),
        DrawdownPayee: select(DrawdownPayee)
        .where(DrawdownPayee.drawdown_id.in_(drawdowns))
        .order_by(DrawdownPayee.drawdown_id, DrawdownPayee.number),
        PaymentInstruction: select(PaymentInstruction)
        .where(PaymentInstruction.drawdown_id.in_(drawdowns))
        .order_by(PaymentInstruction.id),
        LedgerEntry: select(LedgerEntry).where(LedgerEntry.financing_id.in_(financing)).order_by(LedgerEntry.id),
        Visit: select(Visit).where(Visit.financing_id.in_(financing)).order_by(Visit.number),
    }
    return {table.__tablename__: _rows(session.scalars(query).all()) for table, query in wanted.items()}


def _rows(found: Sequence[Base]) -> list[dict[str, Any]]:
    return [{column.key: getattr(row, column.key) for column in type(row).__table__.columns} for row in found]


__all__ = [
    "Client",
    "Drawdown",
    "DrawdownPayee",
    "Financing",
    "LedgerEntry",
    "PaymentInstruction",
    "Visit",
    "case_rows",
    "insert_given",
]
