"""Booking, settling and undoing: the money always adds up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.services import BusinessError
from processes.registers import Financing, LedgerEntry, PaymentInstruction
from processes.registers.drawdown import REPORTS, TERMINAL, next_status
from processes.services import drawdown, inputs
from tests.processes.calls import CASE, call
from tests.processes.test_financing_handlers import approved


def payee(amount: int, method: str = "ENTRUSTED") -> dict[str, Any]:
    return {
        "name": f"收款人{amount}",
        "account": "6222000011112222",
        "bank": "工商银行",
        "amount": Decimal(amount),
        "purpose": "设备款",
        "contractRef": "SB-01",
        "invoice": ["doc"],
        "method": method,
    }


def book(session: Session, row: Financing, *payees: Mapping[str, Any], amount: int | None = None) -> Any:
    total = sum(entry["amount"] for entry in payees) if amount is None else Decimal(amount)
    request = {
        "trancheNo": drawdown.facts(call(financingId=row.id), session)["trancheNo"],
        "amount": total,
        "equityPaidIn": Decimal(45_000_000),
        "contractNo": "HT-1",
        "signedOn": date(2026, 5, 20),
        "borrowerAccount": "15000100200300400",
        "borrowerBank": "第一分行",
    }
    told = {"caseNo": CASE, "clientName": "蒙东风电", "drawdown": request, "payees": list(payees)}
    return drawdown.book(call(financingId=row.id, valueDate=date(2026, 6, 2), **told), session)


def settle(session: Session, order: Mapping[str, Any], status: str, **more: Any) -> Any:
    return drawdown.settle(call(instruction=order, status=status, **more), session)


def undo(session: Session, row: Financing, order: Mapping[str, Any], now: datetime | None = None) -> None:
    moment = {} if now is None else {"now": now}
    for step in (drawdown.reverse_principal, drawdown.reverse_interest, drawdown.restore_limit):
        step(call(financingId=row.id, instruction=order, **moment), session)


def principal(session: Session, row: Financing) -> Decimal:
    entries = select(LedgerEntry).where(LedgerEntry.financing_id == row.id, LedgerEntry.kind == "PRINCIPAL")
    return sum((entry.amount for entry in session.scalars(entries)), Decimal(0))


def test_the_wind_farms_first_drawdown(session: Session) -> None:
    row = approved(session)
    result = book(session, row, payee(96_000_000), payee(18_000_000), payee(6_000_000, "SELF_PAY"))
    orders = result["instructions"]
    assert [order["instructionId"] for order in orders] == [f"{CASE}-T1-P{number}" for number in (1, 2, 3)]
    assert [order["account"] for order in orders] == ["6222000011112222", "6222000011112222", "15000100200300400"]
    assert orders[2]["payeeName"] == "蒙东风电"
    assert (row.undrawn, row.outstanding) == (Decimal(330_000_000), Decimal(120_000_000))
    assert principal(session, row) == row.outstanding


def test_the_next_drawdown_is_the_next_tranche(session: Session) -> None:
    row = approved(session)
    book(session, row, payee(10))
    assert drawdown.facts(call(financingId=row.id), session)["trancheNo"] == "T2"
    assert book(session, row, payee(5))["instructions"][0]["instructionId"] == f"{CASE}-T2-P1"


@pytest.mark.parametrize(
    ("prepare", "code"), [({"drawstop": True}, "DRAWSTOP"), ({"undrawn": Decimal(9)}, "LIMIT_EXCEEDED")]
)
def test_what_changed_after_the_gate_still_stops_the_booking(
    session: Session, prepare: dict[str, Any], code: str
) -> None:
    row = approved(session)
    for name, value in prepare.items():
        setattr(row, name, value)
    before = (row.undrawn, row.outstanding)
    with pytest.raises(BusinessError, match=code) as problem:
        book(session, row, payee(10))
    assert problem.value.code == code
    assert (row.undrawn, row.outstanding) == before
    assert session.scalar(select(func.count()).select_from(PaymentInstruction)) == 0


def test_payees_that_do_not_add_up_are_refused(session: Session) -> None:
    with pytest.raises(inputs.InputFault, match="do not add up"):
        book(session, approved(session), payee(10), amount=11)


def test_facts_of_the_gate(session: Session) -> None:
    row = approved(session)
    facts = drawdown.facts(call(financingId=row.id), session)
    assert facts == {
        "trancheNo": "T1",
        "commitment": Decimal(450_000_000),
        "undrawn": Decimal(450_000_000),
        "outstanding": Decimal(0),
        "drawstop": False,
        "warningLevel": "NONE",
        "approvalLapsed": False,
        "ratingExpired": False,
    }
    lapsed = drawdown.facts(call(financingId=row.id, now=datetime(2026, 11, 30, tzinfo=UTC)), session)
    assert (lapsed["approvalLapsed"], lapsed["ratingExpired"]) == (True, False)
    row.first_paid_on = date(2026, 6, 2)
    later = drawdown.facts(call(financingId=row.id, now=datetime(2027, 6, 3, tzinfo=UTC)), session)
    assert (later["approvalLapsed"], later["ratingExpired"]) == (False, True)


def test_success_takes_the_value_date_of_the_receipt_or_of_today(session: Session) -> None:
    row = approved(session)
    one, other = book(session, row, payee(1), payee(2))["instructions"]
    assert settle(session, one, "SUCCESS", valueDate=date(2026, 6, 1))["valueDate"] == date(2026, 6, 1)
    assert settle(session, other, "SUCCESS", valueDate=None)["valueDate"] == date(2026, 6, 2)


def test_a_failed_payment_is_undone_with_interest_from_its_value_date(session: Session) -> None:
    row = approved(session)
    (order,) = book(session, row, payee(30_000_000))["instructions"]
    settle(session, order, "FAILED", reason="ACCT_NAME_MISMATCH")
    undo(session, row, order, datetime(2026, 6, 12, 2, tzinfo=UTC))
    assert (row.undrawn, row.outstanding, principal(session, row)) == (Decimal(450_000_000), 0, 0)
    interest = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "INTEREST")).one()
    assert interest.amount == -Decimal("30416.67"), "30m x 3.65 % x 10 / 360"
    assert interest.value_date == date(2026, 6, 2)


def test_undoing_twice_changes_nothing_more(session: Session) -> None:
    row = approved(session)
    (order,) = book(session, row, payee(30))["instructions"]
    settle(session, order, "FAILED")
    undo(session, row, order)
    undo(session, row, order)
    assert (row.undrawn, row.outstanding, principal(session, row)) == (Decimal(450_000_000), 0, 0)


def test_a_payment_that_succeeded_is_never_undone(session: Session) -> None:
    row = approved(session)
    (order,) = book(session, row, payee(30))["instructions"]
    settle(session, order, "SUCCESS")
    with pytest.raises(inputs.InputFault, match="only a failure is undone"):
        undo(session, row, order)


def test_the_first_terminal_state_wins_and_a_conflict_is_kept(session: Session) -> None:
    row = approved(session)
    (order,) = book(session, row, payee(30))["instructions"]
    assert settle(session, order, "FAILED", reason="ACCT_NAME_MISMATCH")["conflict"] is False
    late = settle(session, order, "SUCCESS", valueDate=date(2026, 6, 3))
    assert (late["status"], late["conflict"], late["valueDate"]) == ("FAILED", True, None)
    stored = session.scalars(select(PaymentInstruction)).one()
    assert (stored.status, stored.conflict, stored.reason) == ("FAILED", "SUCCESS", "ACCT_NAME_MISMATCH")


def test_a_payment_may_come_back_after_success(session: Session) -> None:
    row = approved(session)
    (order,) = book(session, row, payee(30))["instructions"]
    settle(session, order, "SUCCESS")
    assert settle(session, order, "RETURNED", reason="CLOSED_ACCOUNT")["status"] == "RETURNED"


@given(st.lists(st.sampled_from(sorted(REPORTS)), max_size=12))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_no_order_of_reports_changes_a_final_state(reports: list[str]) -> None:
    status, final = "PENDING", None
    for report in reports:
        status, conflict = next_status(status, report)
        if final is not None:
            assert status in (final, "RETURNED")
            assert final != "FAILED" or status == "FAILED"
            assert conflict is (report in TERMINAL and report != status)
        if status in TERMINAL:
            final = status


def test_an_unknown_report_is_refused() -> None:
    with pytest.raises(ValueError, match="'MAYBE' is not a payment state"):
        next_status("PENDING", "MAYBE")


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans()), min_size=1, max_size=6))
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example rolls the session back
)
def test_undrawn_and_outstanding_always_make_the_commitment(session: Session, payments: list[tuple[int, bool]]) -> None:
    session.rollback()
    row = approved(session)
    row.commitment = row.undrawn = Decimal(6 * 10**9)
    orders = book(session, row, *(payee(amount) for amount, _ in payments))["instructions"]
    for order, (_, fails) in zip(orders, payments, strict=True):
        settle(session, order, "FAILED" if fails else "SUCCESS")
        if fails:
            undo(session, row, order)
    assert row.undrawn + row.outstanding == row.commitment
    assert row.outstanding == sum(amount for amount, fails in payments if not fails) == principal(session, row)
