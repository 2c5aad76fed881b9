"""Tells the payment system of the payments that wait for it: it forgets them whenever it is stopped."""

from __future__ import annotations

import httpx
from sqlalchemy import select

from engine.model.subscription import Subscription
from engine.runtime import Sancha
from processes.registers.drawdown import PENDING, PaymentInstruction

TIMEOUT_SECONDS = 10.0


def hand_over(sancha: Sancha, parties: str) -> int:
    """Instruct the stand-ins at ``parties`` once more with every payment that a case waits for; how many those were.

    They execute them without a receipt: who asks for the status learns it, as the process does after 30 minutes.
    """
    with sancha.store.transaction(write=False) as session:
        awaited = set(session.scalars(select(Subscription.key).where(Subscription.name == "PAYMENT")))
        wanted = select(PaymentInstruction).where(PaymentInstruction.status == PENDING)
        orders = {f"{row.instruction_id}-A{row.attempt}": row for row in session.scalars(wanted)}
    found = {key: orders[key] for key in sorted(awaited & orders.keys())}
    if not found:
        return 0
    with httpx.Client(base_url=parties, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        client.post("/switches", json={"payment": {"silent": True}}).raise_for_status()
        for key, order in found.items():
            body = {
                "instructionId": order.instruction_id,
                "attempt": order.attempt,
                "amount": f"{order.amount:.2f}",
                "payee": {"name": order.payee_name, "account": order.account, "bank": order.bank},
                "callbackUrl": sancha.callbacks.address("PAYMENT", key),
            }
            client.post("/payments", json=body).raise_for_status()
        client.post("/switches", json={"payment": None}).raise_for_status()
    return len(found)
