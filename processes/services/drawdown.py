"""Handlers of the drawdown register: the facts of the gate, booking, settling payments, undoing a failed one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.ids import new_id
from engine.services import BusinessError, Handler, ServiceCall
from processes.registers import drawdown as register
from processes.registers.drawdown import Drawdown, DrawdownPayee, LedgerEntry, PaymentInstruction, locked_instruction
from processes.registers.financing import Financing, locked_financing
from processes.services import inputs

Result = Mapping[str, object]
DAYS_OF_YEAR = 360
"""Interest is counted in actual days over 360, the convention of loans in yuan."""


def facts(call: ServiceCall, session: Session) -> Result:
    """What the drawdown gate needs to know, read from the register now."""
    row = locked_financing(session, inputs.text(call.variables, "financingId"))
    drawn = session.scalar(select(func.count()).select_from(Drawdown).where(Drawdown.financing_id == row.id)) or 0
    on = inputs.today(call)
    return {
        "trancheNo": f"T{drawn + 1}",
        "commitment": row.commitment,
        "undrawn": row.undrawn,
        "outstanding": row.outstanding,
        "drawstop": row.drawstop,
        "warningLevel": row.warning_level,
        # An approval lapses when nothing was drawn in time; once the loan runs, its availability period decides.
        "approvalLapsed": row.first_paid_on is None
        and row.approval_lapses_on is not None
        and on > row.approval_lapses_on,
        "ratingExpired": row.rated_until is None or on > row.rated_until,
    }


def book(call: ServiceCall, session: Session) -> Result:
    """Book the drawdown: principal owed, limit used, one payment instruction for each payee.

    The gate was decided earlier; whatever changed since then (a drawstop, another drawdown) is refused here, under the
    financing's lock.
    """
    given = call.variables
    financing = locked_financing(session, inputs.text(given, "financingId"))
    request, payees = inputs.context(given, "drawdown"), inputs.contexts(given, "payees")
    wanted = inputs.amount(request, "amount")
    if financing.drawstop:
        raise BusinessError("DRAWSTOP", f"drawdowns of {financing.case_no} are stopped")
    if wanted > financing.undrawn:
        raise BusinessError("LIMIT_EXCEEDED", f"{wanted} is more than the undrawn {financing.undrawn}")
    if sum(inputs.amount(payee, "amount") for payee in payees) != wanted:
        raise inputs.InputFault("the payees' amounts do not add up to the drawdown")
    row = Drawdown(
        id=new_id(),
        financing_id=financing.id,
        tranche_no=inputs.text(request, "trancheNo"),
        amount=wanted,
        equity_paid_in=inputs.amount(request, "equityPaidIn"),
        contract_no=inputs.text(request, "contractNo"),
        contract_signed_on=inputs.day(request, "signedOn"),
        value_date=inputs.day(given, "valueDate"),
        booked_at=call.now,
    )
    session.add(row)
    session.flush()
    financing.undrawn -= wanted
    financing.outstanding += wanted
    financing.updated_at = call.now
    instructions = [_instruct(call, session, row, number, payee) for number, payee in enumerate(payees, 1)]
    return {"drawdownId": row.id, "instructions": instructions}


def _instruct(
    call: ServiceCall, session: Session, drawdown: Drawdown, number: int, payee: Mapping[str, object]
) -> dict[str, object]:
    """The payee's row, its instruction and the posting of its principal; what the payment process is told of it."""
    request, method = inputs.context(call.variables, "drawdown"), inputs.text(payee, "method")
    row = DrawdownPayee(
        id=new_id(),
        drawdown_id=drawdown.id,
        number=number,
        name=inputs.text(payee, "name"),
        account=inputs.text(payee, "account"),
        bank=inputs.text(payee, "bank"),
        amount=inputs.amount(payee, "amount"),
        purpose=inputs.text(payee, "purpose"),
        contract_ref=inputs.text(payee, "contractRef"),
        invoice=inputs.plain(payee.get("invoice") or []),
        method=method,
    )
    # What the borrower pays itself goes to the borrower's own account first.
    own = method == "SELF_PAY"
    order = PaymentInstruction(
        id=new_id(),
        drawdown_id=drawdown.id,
        payee_id=row.id,
        instruction_id=f"{inputs.text(call.variables, 'caseNo')}-{drawdown.tranche_no}-P{number}",
        attempt=1,
        payee_name=inputs.text(call.variables, "clientName") if own else row.name,
        account=inputs.text(request, "borrowerAccount") if own else row.account,
        bank=inputs.text(request, "borrowerBank") if own else row.bank,
        amount=row.amount,
        status=register.PENDING,
        principal_reversed=False,
        interest_reversed=False,
        limit_restored=False,
        created_at=call.now,
    )
    session.add(row)
    session.flush()
    session.add(order)
    session.flush()
    _post(call, session, drawdown, order, register.PRINCIPAL, row.amount, "drawdown")
    return {
        "instructionId": order.instruction_id,
        "attempt": order.attempt,
        "amount": order.amount,
        "payeeName": order.payee_name,
        "account": order.account,
        "bank": order.bank,
        "method": method,
    }


def settle(call: ServiceCall, session: Session) -> Result:
    """Record what became of the instruction. The first terminal state wins: the answer is the state that holds."""
    order = _instruction(call, session)
    reported = inputs.text(call.variables, "status")
    status, conflict = register.next_status(order.status, reported)
    if conflict:
        order.conflict = reported
    elif status != order.status:
        order.status = status
        order.reason = inputs.optional_text(call.variables, "reason")
        order.settled_at = call.now
        if status == register.SUCCESS:
            order.value_date = inputs.optional_day(call.variables, "valueDate") or inputs.today(call)
    return {
        "instructionId": order.instruction_id,
        "attempt": order.attempt,
        "status": order.status,
        "reason": order.reason,
        "valueDate": order.value_date,
        "conflict": conflict,
    }


def reverse_principal(call: ServiceCall, session: Session) -> Result:
    """The payment failed: what was booked as owed is not owed, from the value date."""
    order, drawdown, financing = _failed(call, session)
    if not order.principal_reversed:
        _post(call, session, drawdown, order, register.PRINCIPAL, -order.amount, "reversal: payment failed")
        financing.outstanding -= order.amount
        order.principal_reversed = True
    return {"principalReversed": order.amount}


def reverse_interest(call: ServiceCall, session: Session) -> Result:
    """Take back the interest that the failed payment accrued from its value date until now."""
    order, drawdown, financing = _failed(call, session)
    days = max((inputs.today(call) - drawdown.value_date).days, 0)
    rate = (financing.rate or Decimal(0)) / 100
    interest = (order.amount * rate * days / DAYS_OF_YEAR).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    if not order.interest_reversed:
        _post(call, session, drawdown, order, register.INTEREST, -interest, f"reversal: {days} days")
        order.interest_reversed = True
    return {"interestReversed": interest}


def restore_limit(call: ServiceCall, session: Session) -> Result:
    """What was not paid out can be drawn again."""
    order, _, financing = _failed(call, session)
    if not order.limit_restored:
        financing.undrawn += order.amount
        order.limit_restored = True
    return {"undrawn": financing.undrawn}


def _instruction(call: ServiceCall, session: Session) -> PaymentInstruction:
    told = inputs.context(call.variables, "instruction")
    return locked_instruction(session, inputs.text(told, "instructionId"), inputs.whole(told, "attempt"))


def _failed(call: ServiceCall, session: Session) -> tuple[PaymentInstruction, Drawdown, Financing]:
    """The failed instruction with its drawdown and financing; a payment that succeeded is never undone."""
    financing = locked_financing(session, inputs.text(call.variables, "financingId"))
    order = _instruction(call, session)
    if order.status not in (register.FAILED, register.RETURNED):
        raise inputs.InputFault(f"{order.instruction_id}-A{order.attempt} is {order.status}; only a failure is undone")
    financing.updated_at = call.now
    return order, session.get_one(Drawdown, order.drawdown_id), financing


def _post(
    call: ServiceCall,
    session: Session,
    drawdown: Drawdown,
    order: PaymentInstruction,
    kind: str,
    value: Decimal,
    explanation: str,
) -> None:
    session.add(
        LedgerEntry(
            id=new_id(),
            financing_id=drawdown.financing_id,
            instruction=order.id,
            kind=kind,
            amount=value,
            value_date=drawdown.value_date,
            text=explanation,
            booked_at=call.now,
        )
    )


HANDLERS = (
    Handler("drawdown.facts", local=facts),
    Handler("drawdown.book", local=book),
    Handler("payment.settle", local=settle),
    Handler("drawdown.reverse-principal", local=reverse_principal),
    Handler("drawdown.reverse-interest", local=reverse_interest),
    Handler("drawdown.restore-limit", local=restore_limit),
)
