"""What the registers know about one case, and who did which of its tasks last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.model.instance import ProcessInstance
from engine.model.task import COMPLETED, UserTask
from processes.registers import Client, Drawdown, DrawdownPayee, Financing, PaymentInstruction, Visit


@dataclass(frozen=True, slots=True)
class Performed:
    """Who completed a task last, for whom, and when (aware, UTC)."""

    element: str
    by: str | None
    on_behalf_of: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseRows:
    """The case's register rows. ``others``: the client's other financings that are owed, and what is owed on them."""

    financing: Financing
    client: Client
    others: int
    owed_elsewhere: Decimal
    drawdowns: tuple[Drawdown, ...]
    payees: tuple[DrawdownPayee, ...]
    instructions: tuple[PaymentInstruction, ...]
    visits: tuple[Visit, ...]
    performed: Mapping[str, Performed]


def read_rows(session: Session, business_key: str) -> CaseRows | None:
    """None for a case that is not in the register of financings."""
    found = session.execute(
        select(Financing, Client).join(Client, Client.uscc == Financing.uscc).where(Financing.case_no == business_key)
    ).one_or_none()
    if found is None:
        return None
    financing, client = found
    others, owed = session.execute(
        select(func.count(), func.sum(Financing.outstanding)).where(
            Financing.uscc == client.uscc, Financing.id != financing.id, Financing.outstanding > 0
        )
    ).one()
    drawdowns = tuple(
        session.scalars(select(Drawdown).where(Drawdown.financing_id == financing.id).order_by(Drawdown.id))
    )
    return CaseRows(
        financing,
        client,
        others,
        Decimal(owed or 0),
        drawdowns,
        _payees(session, financing) if drawdowns else (),
        _instructions(session, financing) if drawdowns else (),
        tuple(session.scalars(select(Visit).where(Visit.financing_id == financing.id).order_by(Visit.number))),
        _performed(session, business_key),
    )


def _payees(session: Session, financing: Financing) -> tuple[DrawdownPayee, ...]:
    wanted = select(DrawdownPayee).join(Drawdown, Drawdown.id == DrawdownPayee.drawdown_id)
    wanted = wanted.where(Drawdown.financing_id == financing.id)
    return tuple(session.scalars(wanted.order_by(DrawdownPayee.drawdown_id, DrawdownPayee.number)))


def _instructions(session: Session, financing: Financing) -> tuple[PaymentInstruction, ...]:
    wanted = select(PaymentInstruction).join(Drawdown, Drawdown.id == PaymentInstruction.drawdown_id)
    wanted = wanted.where(Drawdown.financing_id == financing.id)
    return tuple(session.scalars(wanted.order_by(PaymentInstruction.id)))


def _performed(session: Session, business_key: str) -> dict[str, Performed]:
    columns = (UserTask.element, UserTask.completed_by, UserTask.on_behalf_of, UserTask.completed_at)
    root = select(ProcessInstance.id).where(
        ProcessInstance.business_key == business_key, ProcessInstance.parent_id.is_(None)
    )
    wanted = select(*columns).where(UserTask.root_id.in_(root), UserTask.status == COMPLETED)
    rows = session.execute(wanted.order_by(UserTask.completed_at, UserTask.id))
    return {row.element: Performed(*row) for row in rows}
