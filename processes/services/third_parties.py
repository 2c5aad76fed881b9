"""Remote handlers: they ask the rating agency, the credit bureau and the payment system. Answers come as callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote

from engine.jobs.outgoing import OutgoingFailed
from engine.services import Handler, Outgoing, ServiceCall
from processes.registers.drawdown import REPORTS, UNKNOWN
from processes.services import inputs
from processes.services.counterparties import counterparties

Result = Mapping[str, object]
PAYMENT_QUERIES = 4


def request_rating(call: ServiceCall, out: Outgoing) -> Result:
    """Ask the agency. The request id makes a repetition harmless, so the same request also serves as reminder."""
    request_id = inputs.text(call.variables, "ratingRequestId")
    body = {
        "requestId": request_id,
        "caseNo": inputs.text(call.variables, "caseNo"),
        "uscc": inputs.text(call.variables, "uscc"),
        "callbackUrl": call.callback_url("RATING", request_id),
    }
    out.post(f"{counterparties().rating_url}/rating/requests", body, key=request_id)
    return {"ratingRequestId": request_id, "remindedAt": call.now}


def query_bureau(call: ServiceCall, out: Outgoing) -> Result:
    """Ask the credit bureau; each query of the process has an id of its own."""
    query_id = inputs.text(call.variables, "queryId")
    body = {
        "queryId": query_id,
        "uscc": inputs.text(call.variables, "uscc"),
        "callbackUrl": call.callback_url("BUREAU", query_id),
    }
    out.post(f"{counterparties().bureau_url}/bureau/queries", body, key=query_id)
    return {"queryId": query_id}


def send_payment(call: ServiceCall, out: Outgoing) -> Result:
    """Send the instruction, once.

    Money is never sent a second time by itself. When the exchange fails we do not know whether the instruction
    arrived, and when this is not the first attempt an earlier one may have got out before its process died. In both
    cases the process goes on as if it had been sent: without a receipt it asks for the status, and people reconcile.
    """
    order = inputs.context(call.variables, "instruction")
    reference = _reference(order)
    if call.attempt > 1:
        return {"sentAt": None, "sendProblem": "not sent again after an interrupted attempt"}
    body = {
        "instructionId": inputs.text(order, "instructionId"),
        "attempt": inputs.whole(order, "attempt"),
        "amount": f"{inputs.amount(order, 'amount').quantize(Decimal('0.01')):f}",
        "payee": {name: inputs.text(order, source) for name, source in _PAYEE.items()},
        "callbackUrl": call.callback_url("PAYMENT", reference),
    }
    try:
        out.post(f"{counterparties().payment_url}/payments", body, key=reference)
    except OutgoingFailed as problem:
        return {"sentAt": None, "sendProblem": str(problem)}
    return {"sentAt": call.now, "sendProblem": None}


def query_payment(call: ServiceCall, out: Outgoing) -> Result:
    """Ask what became of the instruction. Whatever cannot be learnt is UNKNOWN, for people to reconcile."""
    reference = _reference(inputs.context(call.variables, "instruction"))
    try:
        answer = out.get(f"{counterparties().payment_url}/payments/{quote(reference, safe='')}")
    except OutgoingFailed as problem:
        if problem.status != 404 and call.attempt < PAYMENT_QUERIES:
            raise
        answer = {"status": UNKNOWN, "reason": str(problem)[:200]}
    status = answer.get("status")
    return {
        "status": status if status in REPORTS else UNKNOWN,
        "reason": inputs.optional_text(answer, "reason"),
        "valueDate": inputs.optional_day(answer, "valueDate"),
    }


_PAYEE = {"name": "payeeName", "account": "account", "bank": "bank"}


def _reference(order: Mapping[str, object]) -> str:
    """What the instruction is known by outside, and the key its receipt is correlated with."""
    return f"{inputs.text(order, 'instructionId')}-A{inputs.whole(order, 'attempt')}"


HANDLERS = (
    Handler("rating.request", remote=request_rating),
    Handler("rating.remind", remote=request_rating),
    Handler("bureau.query", remote=query_bureau),
    Handler("payment.send", remote=send_payment),
    Handler("payment.query", remote=query_payment, max_attempts=PAYMENT_QUERIES),
)
