"""The financing register as its handlers write it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from processes.registers import Client, Financing, case_rows
from processes.services import financing, inputs
from tests.processes.calls import NOW, call

REQUEST: dict[str, Any] = {
    "clientName": "蒙东风电",
    "uscc": "91350100M000100Y43",
    "projectName": "80 MW",
    "institutionType": "BANK",
    "industry": "WIND",
    "fundsUse": "FIXED_ASSET",
    "constructionPhase": True,
    "coolOffMonths": Decimal(6),
    "totalInvestment": Decimal(600_000_000),
    "equity": Decimal(150_000_000),
    "amount": Decimal(450_000_000),
    "termMonths": Decimal(180),
}
APPROVAL: dict[str, Any] = {
    "decision": "APPROVE_WITH_CONDITIONS",
    "amount": Decimal(450_000_000),
    "termMonths": Decimal(180),
    "rate": Decimal("3.65"),
    "availableUntil": date(2027, 12, 31),
    "conditions": [{"code": "CP-01", "type": "PRECEDENT", "text": "抵押登记", "dueDate": date(2026, 12, 31)}],
}


def opened(session: Session, **changed: Any) -> Financing:
    result = financing.open_case(call(**(REQUEST | changed)), session)
    return session.get_one(Financing, result["financingId"])


def rated(session: Session) -> Financing:
    row = opened(session)
    facts = {"grade": "AA", "score": Decimal("84.5"), "limit": Decimal(470000000), "validMonths": "12"}
    financing.record_rating(call(financingId=row.id, **facts), session)
    return row


def approved(session: Session) -> Financing:
    row = rated(session)
    financing.record_approval(
        call(financingId=row.id, approval=APPROVAL, approvalLevel=Decimal(3), lapsesAfterDays=Decimal(180)), session
    )
    return row


def test_opening_a_case_records_client_and_financing(session: Session) -> None:
    result = financing.open_case(call(**REQUEST), session)
    row = session.get_one(Financing, result["financingId"])
    assert (result["caseNo"], result["coolOff"]) == ("PF-2026-0001", False)
    assert (row.stage, row.phase, row.undrawn) == ("ASSESSMENT", "CONSTRUCTION", 0)
    assert session.get_one(Client, "91350100M000100Y43").name == "蒙东风电"


def test_a_client_has_one_row_whatever_name_is_given(session: Session) -> None:
    opened(session)
    financing.open_case(call(business_key="PF-2026-0002", **(REQUEST | {"clientName": "蒙东新能源"})), session)
    assert [client.name for client in session.query(Client)] == ["蒙东新能源"]


@pytest.mark.parametrize(
    ("later", "changed", "barred"),
    [
        (datetime(2026, 12, 1, tzinfo=UTC), {}, True),
        (datetime(2026, 12, 2, 2, tzinfo=UTC), {}, True),
        (datetime(2026, 12, 3, 2, tzinfo=UTC), {}, False),
        (datetime(2026, 7, 1, tzinfo=UTC), {"amount": Decimal(400_000_000)}, False),
        (datetime(2026, 7, 1, tzinfo=UTC), {"termMonths": Decimal(120)}, False),
        (datetime(2026, 7, 1, tzinfo=UTC), {"projectName": "二期"}, False),
    ],
)
def test_the_same_terms_are_barred_for_six_months(
    session: Session, later: datetime, changed: dict[str, Any], barred: bool
) -> None:
    row = opened(session)
    financing.record_refusal(call(financingId=row.id, reasonCode="RISK_TOO_HIGH"), session)
    again = financing.open_case(call(now=later, business_key="PF-2026-0002", **(REQUEST | changed)), session)
    assert again["coolOff"] is barred


def test_a_rating_expires_after_its_months_and_its_limit_is_rounded_down(session: Session) -> None:
    row = opened(session)
    facts = {"grade": "AA", "score": Decimal("84.5"), "limit": Decimal("100.019999"), "validMonths": "12"}
    financing.record_rating(call(financingId=row.id, **facts), session)
    assert (row.grade, row.credit_limit, row.rated_until) == ("AA", Decimal("100.01"), date(2027, 6, 2))


def test_an_approval_becomes_a_commitment(session: Session) -> None:
    row = approved(session)
    assert (row.stage, row.commitment, row.undrawn, row.outstanding) == ("CONDITIONAL", 450_000_000, 450_000_000, 0)
    assert (row.approval_lapses_on, row.available_until) == (date(2026, 11, 29), date(2027, 12, 31))
    session.commit()
    session.expire_all()
    assert row.conditions == [{"code": "CP-01", "type": "PRECEDENT", "text": "抵押登记", "dueDate": "2026-12-31"}]


def test_no_approval_beyond_the_limit(session: Session) -> None:
    row = rated(session)
    above = APPROVAL | {"amount": Decimal("470000000.01")}
    with pytest.raises(inputs.InputFault, match="exceeds the limit"):
        financing.record_approval(
            call(financingId=row.id, approval=above, approvalLevel=Decimal(3), lapsesAfterDays=Decimal(180)), session
        )
    assert row.commitment == 0


def test_withdrawal_frees_what_was_reserved(session: Session) -> None:
    row = approved(session)
    assert financing.withdraw(call(financingId=row.id), session) == {"released": Decimal(450_000_000)}
    assert (row.stage, row.commitment, row.undrawn) == ("WITHDRAWN", 0, 0)


def test_the_first_payment_is_the_earliest(session: Session) -> None:
    row = approved(session)
    for day, first in ((date(2026, 6, 5), 5), (date(2026, 6, 2), 2), (date(2026, 7, 1), 2)):
        result = financing.record_first_payment(call(financingId=row.id, valueDate=day), session)
        assert result == {"firstValueDate": date(2026, 6, first)}
    assert row.stage == "RUNNING"


def test_dates_are_those_of_the_house_not_of_greenwich(session: Session) -> None:
    row = opened(session)
    midnight = datetime(2026, 6, 2, 16, 30, tzinfo=UTC)
    financing.record_refusal(call(now=midnight, financingId=row.id, reasonCode="OTHER"), session)
    assert row.refused_on == date(2026, 6, 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"stage": "SOMEWHERE"}, "is not a stage"),
        ({"stage": ""}, "must be a text"),
        ({"stage": None}, "must be a text"),
    ],
)
def test_what_a_model_gets_wrong_is_named(session: Session, given: dict[str, Any], message: str) -> None:
    row = opened(session)
    with pytest.raises(inputs.InputFault, match=message):
        financing.set_stage(call(financingId=row.id, **given), session)


def test_an_unknown_financing_is_named(session: Session) -> None:
    missing = "0197a000-0000-7000-8000-00000000dead"
    with pytest.raises(LookupError, match=missing):
        financing.set_stage(call(financingId=missing, stage="CLOSED"), session)


def test_the_rows_of_a_case_are_its_own(session: Session) -> None:
    row = approved(session)
    financing.open_case(call(now=NOW, business_key="PF-2026-0002", **(REQUEST | {"projectName": "二期"})), session)
    found = case_rows(session, "PF-2026-0001")
    assert [entry["id"] for entry in found["financing"]] == [row.id]
    assert found["financing"][0]["commitment"] == Decimal(450_000_000)
    assert [entry["uscc"] for entry in found["client"]] == ["91350100M000100Y43"]
    assert found["drawdown"] == found["visit"] == []
    assert case_rows(session, "PF-1999-0001")["client"] == []
