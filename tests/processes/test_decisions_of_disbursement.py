"""Payment method, drawdown gate, visit interval and visit result."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.processes.decisions import decide

M = 1_000_000


def method(millions: object, **changed: Any) -> str:
    facts: dict[str, Any] = {
        "institutionType": "BANK",
        "fundsUse": "FIXED_ASSET",
        "signedOn": date(2026, 5, 20),
        "totalInvestment": 600 * M,
        "newClient": False,
        "ordinaryCredit": False,
        "payeeAmount": Decimal(str(millions)) * M,
    }
    found: str = decide("DMN-PAY", **(facts | changed))
    return found


def test_the_wind_farms_payees() -> None:
    assert [method(millions) for millions in (96, 18, 6)] == ["ENTRUSTED", "ENTRUSTED", "SELF_PAY"]


@pytest.mark.parametrize(
    ("millions", "changed", "expected"),
    [
        (1, {"institutionType": "LEASING"}, "DIRECT"),
        (10, {}, "SELF_PAY"),
        ("10.01", {}, "ENTRUSTED"),
        ("10.01", {"signedOn": date(2024, 7, 1)}, "ENTRUSTED"),
        (6, {"signedOn": date(2024, 7, 1)}, "SELF_PAY"),
        (6, {"signedOn": date(2024, 6, 30)}, "ENTRUSTED"),
        (5, {"signedOn": date(2024, 6, 30)}, "SELF_PAY"),
        (5, {"signedOn": date(2024, 6, 30), "totalInvestment": 99 * M}, "ENTRUSTED"),
        (5, {"signedOn": date(2024, 6, 30), "totalInvestment": 100 * M}, "SELF_PAY"),
        (10, {"fundsUse": "WORKING_CAPITAL"}, "SELF_PAY"),
        (11, {"fundsUse": "WORKING_CAPITAL"}, "ENTRUSTED"),
        (1, {"fundsUse": "WORKING_CAPITAL", "newClient": True, "ordinaryCredit": True}, "ENTRUSTED"),
        (1, {"fundsUse": "WORKING_CAPITAL", "newClient": True}, "SELF_PAY"),
    ],
)
def test_payment_method(millions: object, changed: dict[str, Any], expected: str) -> None:
    assert method(millions, **changed) == expected


def gate(**changed: Any) -> tuple[bool, str]:
    facts: dict[str, Any] = {
        "drawstop": False,
        "warningLevel": "NONE",
        "conditionsOpen": 0,
        "certificateMissing": False,
        "equityPaidIn": 45 * M,
        "equityRequired": 40 * M,
        "drawdownAmount": 120 * M,
        "undrawn": 450 * M,
        "approvalLapsed": False,
        "ratingExpired": False,
    }
    found = decide("DMN-GATE", **(facts | changed))
    return found["open"], found["reason"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"drawstop": True}, "DRAWSTOP"),
        ({"drawstop": True, "conditionsOpen": 1}, "DRAWSTOP"),
        ({"warningLevel": "ORANGE"}, "WARNING"),
        ({"warningLevel": "RED"}, "WARNING"),
        ({"approvalLapsed": True}, "APPROVAL_LAPSED"),
        ({"ratingExpired": True}, "RATING_EXPIRED"),
        ({"conditionsOpen": 1}, "CONDITION_OPEN"),
        ({"certificateMissing": True}, "CERTIFICATE_MISSING"),
        ({"equityPaidIn": 40 * M - 1}, "EQUITY_NOT_PAID_IN"),
        ({"drawdownAmount": 450 * M + 1}, "LIMIT_EXCEEDED"),
    ],
)
def test_what_shuts_the_drawdown_gate(changed: dict[str, Any], reason: str) -> None:
    assert gate(**changed) == (False, reason)


@pytest.mark.parametrize(
    "changed", [{}, {"warningLevel": "YELLOW"}, {"equityPaidIn": 40 * M}, {"drawdownAmount": 450 * M}]
)
def test_when_the_drawdown_gate_opens(changed: dict[str, Any]) -> None:
    assert gate(**changed) == (True, "CONDITIONS_MET")


@pytest.mark.parametrize(
    ("policy", "first", "phase", "warning", "days"),
    [
        (90, True, "CONSTRUCTION", "NONE", 15),
        (90, False, "CONSTRUCTION", "NONE", 30),
        (90, False, "OPERATION", "NONE", 90),
        (180, False, "OPERATION", "YELLOW", 180),
        (180, False, "OPERATION", "ORANGE", 30),
        (180, False, "CONSTRUCTION", "RED", 15),
        (15, False, "CONSTRUCTION", "ORANGE", 15),
        (180, True, "OPERATION", "NONE", 15),
    ],
)
def test_visits_come_at_the_shortest_interval(policy: int, first: bool, phase: str, warning: str, days: int) -> None:
    facts = {"policyDays": policy, "firstVisit": first, "phase": phase, "warningLevel": warning}
    assert decide("DMN-VISIT", **facts) == days


@pytest.mark.parametrize(
    ("held", "funds", "collateral", "result", "warning"),
    [
        ("HELD", "OK", "INTACT", "DONE", None),
        ("HELD", "OK", "NONE", "DONE", None),
        ("HELD", "OK", "IMPAIRED", "ISSUE", "YELLOW"),
        ("HELD", "DEVIATION", "IMPAIRED", "ISSUE", "ORANGE"),
        ("REFUSED", None, None, "ISSUE", "ORANGE"),
    ],
)
def test_what_a_visit_leads_to(
    held: str, funds: str | None, collateral: str | None, result: str, warning: str | None
) -> None:
    found = decide("DMN-VISIT-RESULT", held=held, useOfFunds=funds, collateralState=collateral)
    assert found == {"visitResult": result, "warning": warning}
