"""Handlers of the financing register: opening a case, its stages, rating, approval, refusal, withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from engine.ids import new_id
from engine.services import Handler, ServiceCall
from processes.registers import financing as register
from processes.registers.client import record_client
from processes.registers.financing import Financing, locked_financing, refused_on_same_terms
from processes.services import inputs

Result = Mapping[str, object]


def open_case(call: ServiceCall, session: Session) -> Result:
    """Record the client and the financing; ``coolOff`` tells whether the same terms were refused too recently."""
    given = call.variables
    uscc, terms = inputs.text(given, "uscc"), inputs.whole(given, "termMonths")
    project, wanted = inputs.text(given, "projectName"), inputs.amount(given, "amount")
    record_client(session, uscc, inputs.text(given, "clientName"), call.now)
    since = inputs.months_later(inputs.today(call), -inputs.whole(given, "coolOffMonths"))
    cool_off = refused_on_same_terms(
        session, uscc=uscc, project_name=project, amount=wanted, term_months=terms, since=since
    )
    row = Financing(
        id=new_id(),
        case_no=call.business_key,
        root_id=call.root_id,
        uscc=uscc,
        project_name=project,
        institution_type=inputs.text(given, "institutionType"),
        industry=inputs.text(given, "industry"),
        funds_use=inputs.text(given, "fundsUse"),
        phase="CONSTRUCTION" if inputs.yes(given, "constructionPhase") else "OPERATION",
        stage=register.ASSESSMENT,
        total_investment=inputs.amount(given, "totalInvestment"),
        equity=inputs.amount(given, "equity"),
        amount=wanted,
        term_months=terms,
        commitment=Decimal(0),
        undrawn=Decimal(0),
        outstanding=Decimal(0),
        conditions=[],
        drawstop=False,
        warning_level="NONE",
        created_at=call.now,
        updated_at=call.now,
    )
    session.add(row)
    session.flush()
    return {"caseNo": call.business_key, "financingId": row.id, "coolOff": cool_off}


def set_stage(call: ServiceCall, session: Session) -> Result:
    """Show where the case stands."""
    stage = inputs.text(call.variables, "stage")
    if stage not in register.STAGES:
        raise inputs.InputFault(f"{stage!r} is not a stage; there are {', '.join(sorted(register.STAGES))}")
    row = _financing(call, session)
    row.stage = stage
    return {"stage": stage}


def record_rating(call: ServiceCall, session: Session) -> Result:
    """Record grade, score and limit; the rating expires after ``validMonths``."""
    row = _financing(call, session)
    row.grade = inputs.text(call.variables, "grade")
    row.score = inputs.amount(call.variables, "score")
    row.credit_limit = _cents(inputs.amount(call.variables, "limit"))
    row.rated_until = inputs.months_later(inputs.today(call), inputs.whole(call.variables, "validMonths"))
    row.stage = register.RATED
    return {"ratedUntil": row.rated_until}


def record_approval(call: ServiceCall, session: Session) -> Result:
    """Turn the approval into a commitment; it lapses after ``lapsesAfterDays`` unless drawn."""
    row, approval = _financing(call, session), inputs.context(call.variables, "approval")
    approved = inputs.amount(approval, "amount")
    if row.credit_limit is None or approved > row.credit_limit:
        raise inputs.InputFault(f"the approved amount {approved} exceeds the limit {row.credit_limit}")
    on = inputs.today(call)
    row.commitment = approved
    row.undrawn = approved - row.outstanding
    row.term_months = inputs.whole(approval, "termMonths")
    row.rate = inputs.amount(approval, "rate")
    row.available_until = inputs.day(approval, "availableUntil")
    row.conditions = inputs.plain(inputs.contexts(approval, "conditions"))
    row.approval_level = inputs.whole(call.variables, "approvalLevel")
    row.approved_on = on
    row.approval_lapses_on = on + timedelta(days=inputs.whole(call.variables, "lapsesAfterDays"))
    conditional = inputs.text(approval, "decision") == "APPROVE_WITH_CONDITIONS"
    row.stage = register.CONDITIONAL if conditional else register.APPROVED
    return {"approvalLapsesOn": row.approval_lapses_on}


def record_refusal(call: ServiceCall, session: Session) -> Result:
    """The financing is refused; the same terms are barred for the cool-off from this date."""
    row = _financing(call, session)
    row.refused_on = inputs.today(call)
    row.refusal_reason = inputs.text(call.variables, "reasonCode")
    row.stage = register.REJECTED
    _release(row)
    return {"refusedOn": row.refused_on}


def withdraw(call: ServiceCall, session: Session) -> Result:
    """The client gives up: what was reserved becomes free."""
    row = _financing(call, session)
    released = row.undrawn
    row.stage = register.WITHDRAWN
    _release(row)
    return {"released": released}


def end_availability(call: ServiceCall, session: Session) -> Result:
    """No more drawdowns: the undrawn amount is cancelled."""
    row = _financing(call, session)
    cancelled = row.undrawn
    _release(row)
    return {"undrawnCancelled": cancelled}


def record_first_payment(call: ServiceCall, session: Session) -> Result:
    """The loan runs from its first successful payment; ``firstValueDate`` is that of the earliest."""
    row, paid = _financing(call, session), inputs.day(call.variables, "valueDate")
    row.first_paid_on = min(row.first_paid_on or paid, paid)
    row.stage = register.RUNNING
    return {"firstValueDate": row.first_paid_on}


def monitoring(call: ServiceCall, session: Session) -> Result:
    """What decides how closely the client is followed."""
    row = _financing(call, session)
    return {"grade": row.grade, "phase": row.phase, "warningLevel": row.warning_level}


def _financing(call: ServiceCall, session: Session) -> Financing:
    row = locked_financing(session, inputs.text(call.variables, "financingId"))
    row.updated_at = call.now
    return row


def _release(row: Financing) -> None:
    row.undrawn = Decimal(0)
    row.commitment = row.outstanding


def _cents(value: Decimal) -> Decimal:
    """A limit that a table computed, in whole cents, rounded down: never more than the rule allows."""
    return value.quantize(Decimal("0.01"), rounding="ROUND_DOWN")


HANDLERS = (
    Handler("financing.open", local=open_case),
    Handler("financing.stage", local=set_stage),
    Handler("financing.rate", local=record_rating),
    Handler("financing.approve", local=record_approval),
    Handler("financing.refuse", local=record_refusal),
    Handler("financing.withdraw", local=withdraw),
    Handler("financing.end-availability", local=end_availability),
    Handler("financing.paid", local=record_first_payment),
    Handler("financing.monitoring", local=monitoring),
)
