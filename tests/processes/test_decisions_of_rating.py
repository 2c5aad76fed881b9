"""Eligibility, score card, grade, override, policy and limit at their boundaries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.processes.decisions import decide


@pytest.mark.parametrize(
    ("industry", "qualifying", "least"),
    [
        ("RAIL", False, 20),
        ("RAIL", True, 15),
        ("ROAD", False, 20),
        ("METRO", True, 15),
        ("PORT", False, 20),
        ("SHIPPING", True, 15),
        ("AIRPORT", False, 25),
        ("AIRPORT", True, 20),
        ("STEEL", False, 40),
        ("STEEL", True, 40),
        ("ALUMINIUM", False, 40),
        ("CEMENT", False, 35),
        ("CORN", False, 20),
        ("ORDINARY_HOUSING", False, 20),
        ("OTHER_PROPERTY", False, 25),
        ("WIND", False, 20),
        ("UTILITIES", True, 15),
        ("OTHER", True, 15),
    ],
)
def test_minimum_equity_of_an_industry(industry: str, qualifying: bool, least: int) -> None:
    assert decide("DMN-MIN-EQUITY", industry=industry, qualifyingInfrastructure=qualifying) == least


def eligibility(**changed: Any) -> tuple[str, str]:
    facts: dict[str, Any] = {
        "industry": "STEEL",
        "qualifyingInfrastructure": False,
        "permitsComplete": True,
        "coolOff": False,
        "equityPct": Decimal(40),
    }
    found = decide("DMN-ELIG", **(facts | changed))
    return found["result"], found["reason"]


def test_eligibility() -> None:
    assert eligibility() == ("ELIGIBLE", "WITHIN_POLICY")
    assert eligibility(equityPct=Decimal("39.99")) == ("REJECT", "EQUITY_TOO_LOW")
    assert eligibility(equityPct=Decimal(35)) == ("REJECT", "EQUITY_TOO_LOW")
    assert eligibility(permitsComplete=False) == ("REJECT", "PERMIT_MISSING")
    assert eligibility(permitsComplete=None) == ("REJECT", "PERMIT_MISSING")
    assert eligibility(coolOff=True) == ("REJECT", "COOL_OFF")
    assert eligibility(industry="PROHIBITED", equityPct=Decimal(100)) == ("REJECT", "PROHIBITED_INDUSTRY")


def test_eligibility_hands_on_the_minimum() -> None:
    facts = {"qualifyingInfrastructure": False, "permitsComplete": True, "coolOff": False, "equityPct": 25}
    assert decide("DMN-ELIG", industry="WIND", **facts) == {
        "result": "ELIGIBLE",
        "reason": "WITHIN_POLICY",
        "minEquityPct": Decimal(20),
    }


@pytest.mark.parametrize(
    ("dscr", "llcr", "equity", "overdue", "agency", "points"),
    [
        ("1.5", "1.6", 30, 0, "AAA", 100),
        ("1.3", "1.4", 25, 1, "AA", 24 + 20 + 16 + 8 + 8),
        ("1.15", "1.2", 20, 30, "A", 16 + 12 + 12 + 8 + 6),
        ("1.05", "1.19", 19, 31, "BBB", 8 + 4 + 0 + 0 + 2),
        ("1.04", "1.39", 24, 0, None, 0 + 12 + 12 + 15 + 4),
    ],
)
def test_the_score_card_adds_five_items(
    dscr: str, llcr: str, equity: int, overdue: int, agency: str | None, points: int
) -> None:
    facts = {"minDSCR": Decimal(dscr), "llcr": Decimal(llcr), "equity": equity, "totalInvestment": 100}
    assert decide("DMN-SCORECARD", **facts, overdueMaxDays=overdue, externalRating=agency) == points


def grade(**changed: Any) -> str:
    facts: dict[str, Any] = {
        "dishonestList": False,
        "bankruptcy": False,
        "score": Decimal("84.5"),
        "overdueMaxDays": 0,
        "minDSCR": Decimal("1.32"),
        "auditOpinion": "CLEAN",
        "agencyTimedOut": False,
    }
    found: str = decide("DMN-GRADE", **(facts | changed))
    return found


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        *[("100", "AAA"), ("90", "AAA"), ("89.99", "AA"), ("84.5", "AA"), ("80", "AA"), ("79.99", "A"), ("70", "A")],
        *[("69.99", "B"), ("60", "B"), ("59.99", "C"), ("0", "C")],
    ],
)
def test_the_grade_follows_the_score(score: str, expected: str) -> None:
    assert grade(score=Decimal(score)) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"dishonestList": True, "score": 99}, "C"),
        ({"bankruptcy": True, "score": 99}, "C"),
        ({"overdueMaxDays": 30}, "AA"),
        ({"overdueMaxDays": 31}, "B"),
        ({"overdueMaxDays": 31, "score": 59}, "C"),
        ({"minDSCR": Decimal("1.05")}, "AA"),
        ({"minDSCR": Decimal("1.0499")}, "B"),
        ({"auditOpinion": "QUALIFIED", "score": 95}, "A"),
        ({"auditOpinion": "QUALIFIED", "score": 80}, "A"),
        ({"auditOpinion": "QUALIFIED", "score": Decimal("79.9")}, "A"),
        ({"auditOpinion": "QUALIFIED", "score": 65}, "B"),
        ({"agencyTimedOut": True, "score": 95}, "A"),
        ({"agencyTimedOut": True, "score": 65}, "B"),
    ],
)
def test_what_holds_a_grade_down(changed: dict[str, Any], expected: str) -> None:
    assert grade(**changed) == expected


@pytest.mark.parametrize(
    ("model", "override", "timed_out", "expected"),
    [
        *[("AAA", "NONE", False, "AAA"), ("AAA", "UP", False, "AAA"), ("AA", "UP", False, "AAA")],
        *[("A", "UP", False, "AA"), ("A", "UP", True, "A"), ("B", "UP", True, "A"), ("B", "UP", False, "A")],
        *[("C", "UP", False, "C"), ("AAA", "DOWN", False, "AA"), ("AA", "DOWN", False, "A")],
        *[("A", "DOWN", False, "B"), ("B", "DOWN", False, "C"), ("C", "DOWN", True, "C")],
    ],
)
def test_an_override_is_one_notch_and_never_lifts_a_cap(
    model: str, override: str, timed_out: bool, expected: str
) -> None:
    assert decide("DMN-OVERRIDE", modelGrade=model, override=override, agencyTimedOut=timed_out) == expected


@pytest.mark.parametrize(
    ("client_grade", "multiple", "days", "monitoring", "new_credit"),
    [
        ("AAA", "1.5", 180, "STANDARD", True),
        ("AA", "1.2", 90, "STANDARD", True),
        ("A", "0.8", 60, "ENHANCED", True),
        ("B", "0.4", 30, "KEY", True),
        ("C", "0", 15, "INTENSIVE", False),
    ],
)
def test_policy(client_grade: str, multiple: str, days: int, monitoring: str, new_credit: bool) -> None:
    assert decide("DMN-POLICY", grade=client_grade) == {
        "multiple": Decimal(multiple),
        "visitDays": Decimal(days),
        "monitoring": monitoring,
        "newCredit": new_credit,
    }


@pytest.mark.parametrize(
    ("client_grade", "worth", "invested", "least", "capacity", "limit"),
    [
        ("AA", 900_000_000, 600_000_000, 20, 470_000_000, 470_000_000),
        ("AA", 300_000_000, 600_000_000, 20, 470_000_000, 360_000_000),
        ("AA", 900_000_000, 600_000_000, 25, 470_000_000, 450_000_000),
        ("C", 900_000_000, 600_000_000, 20, 470_000_000, 0),
    ],
)
def test_the_limit_is_the_least_of_three(
    client_grade: str, worth: int, invested: int, least: int, capacity: int, limit: int
) -> None:
    facts = {"adjustedNetWorth": worth, "totalInvestment": invested, "minEquityPct": least, "debtCapacity": capacity}
    assert decide("DMN-LIMIT", grade=client_grade, **facts) == limit
