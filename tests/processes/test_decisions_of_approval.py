"""Authority, quorum and vote at their boundaries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.processes.decisions import decide

M = 1_000_000


def level(grade: str, millions: object, **changed: Any) -> int:
    facts: dict[str, Any] = {
        "grade": grade,
        "groupExposure": 0,
        "amount": Decimal(str(millions)) * M,
        "fundsUse": "FIXED_ASSET",
        "termMonths": 120,
        "relatedParty": False,
        "esCategory": "C",
    }
    return int(decide("DMN-AUTH", **(facts | changed)))


@pytest.mark.parametrize(("grade", "bounds"), [("AAA", (50, 200, 1000)), ("AA", (30, 100, 500)), ("A", (10, 50, 300))])
def test_authority_by_grade_and_exposure(grade: str, bounds: tuple[int, int, int]) -> None:
    for number, bound in enumerate(bounds, 1):
        assert level(grade, bound) == number
        assert level(grade, f"{bound}.000001") == number + 1


def test_authority_for_the_lower_grades() -> None:
    assert [level("B", millions) for millions in (1, 20, "20.01", 100, "100.01")] == [2, 2, 3, 3, 4]
    assert level("C", 1) == 3


def test_the_exposure_is_that_of_the_group() -> None:
    assert level("AA", 20, groupExposure=10 * M) == 1
    assert level("AA", 20, groupExposure=10 * M + 1) == 2


def test_what_lifts_the_level() -> None:
    assert level("AA", 10, termMonths=121) == 3
    assert level("AA", 10, termMonths=121, fundsUse="WORKING_CAPITAL") == 1
    assert level("AA", 10, relatedParty=True) == 4
    assert level("AA", 10, esCategory="A") == 3
    assert level("AA", 600, esCategory="A") == 4


def test_the_wind_farm_goes_to_the_committee_of_the_head_office() -> None:
    assert level("AA", 450, termMonths=180) == 3
    assert level("AA", 450) == 3
    assert level("AA", 10, termMonths=180) == 3


@pytest.mark.parametrize(
    ("members", "present", "reached"),
    [(7, 5, True), (7, 4, False), (6, 4, True), (3, 2, True), (7, 0, False), (0, 0, False)],
)
def test_two_thirds_are_a_quorum(members: int, present: int, reached: bool) -> None:
    assert decide("DMN-QUORUM", membersCount=members, presentCount=present) is reached


@pytest.mark.parametrize(
    ("members", "present", "in_favour", "round_", "result"),
    [
        (7, 7, 6, 1, "PASSED"),
        (7, 6, 4, 1, "PASSED"),
        (7, 7, 4, 1, "DEFERRED"),
        (7, 6, 3, 1, "DEFERRED"),
        (7, 6, 3, 2, "NOT_PASSED"),
        (7, 6, 2, 1, "NOT_PASSED"),
        (7, 6, 5, 2, "PASSED"),
        (7, 4, 4, 1, "NO_QUORUM"),
        (7, 5, 0, 1, "NOT_PASSED"),
        (0, 0, 0, 1, "NO_QUORUM"),
    ],
)
def test_the_vote(members: int, present: int, in_favour: int, round_: int, result: str) -> None:
    counted = {"membersCount": members, "presentCount": present, "forCount": in_favour, "round": round_}
    assert decide("DMN-VOTE", **counted) == result


def test_every_outcome_of_a_full_committee_is_exact() -> None:
    for present in range(5, 8):
        for in_favour in range(present + 1):
            found = decide("DMN-VOTE", membersCount=7, presentCount=present, forCount=in_favour, round=1)
            if 3 * in_favour >= 2 * present:
                assert found == "PASSED"
            else:
                assert found == ("DEFERRED" if 2 * in_favour >= present else "NOT_PASSED")
