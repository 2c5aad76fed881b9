"""What holds of the packaged decisions for all values, where a suite of cases can only show some."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.processes.decisions import decide

GRADES = ("AAA", "AA", "A", "B", "C")
LEVELS = ("NONE", "YELLOW", "ORANGE", "RED")
CLASSES = ("NORMAL", "SPECIAL_MENTION", "SUBSTANDARD", "DOUBTFUL", "LOSS")
FLAGS = ("technicalOverdue", "liquidation", "debtEvasion", "creditImpaired", "restructured")
yuan = st.decimals(0, 5_000_000_000, places=2)
shares = st.decimals(0, 100, places=2)


def test_every_outcome_of_committees_of_up_to_15_is_exact() -> None:
    for members in range(16):
        for present in range(members + 1):
            quorum = decide("DMN-QUORUM", membersCount=members, presentCount=present)
            assert quorum is (members > 0 and 3 * present >= 2 * members)
            for in_favour, turn in itertools.product(range(present + 1), (1, 2)):
                counted = {"presentCount": present, "forCount": in_favour, "round": turn}
                found = decide("DMN-VOTE", membersCount=members, **counted)
                if not quorum:
                    assert found == "NO_QUORUM"
                elif 3 * in_favour >= 2 * present:
                    assert found == "PASSED"
                else:
                    assert found == ("DEFERRED" if 2 * in_favour >= present and turn == 1 else "NOT_PASSED")


@given(amount=yuan, more=yuan, other=yuan)
def test_a_larger_exposure_or_a_worse_grade_never_lowers_the_level(
    amount: Decimal, more: Decimal, other: Decimal
) -> None:
    facts: dict[str, Any] = {"fundsUse": "FIXED_ASSET", "termMonths": 120, "relatedParty": False, "esCategory": "C"}
    levels = [decide("DMN-AUTH", grade=grade, groupExposure=other, amount=amount, **facts) for grade in GRADES[:4]]
    assert levels == sorted(levels)
    assert all(
        decide("DMN-AUTH", grade=grade, groupExposure=other, amount=amount + more, **facts) >= level
        for grade, level in zip(GRADES, levels, strict=False)
    )


@given(score=st.decimals(0, 100, places=2), overdue=st.integers(0, 400), dscr=st.decimals(0, 3, places=4))
def test_every_client_has_a_grade_and_troubles_never_raise_it(score: Decimal, overdue: int, dscr: Decimal) -> None:
    facts = {"dishonestList": False, "bankruptcy": False, "auditOpinion": "CLEAN", "agencyTimedOut": False}
    sound = decide("DMN-GRADE", score=score, overdueMaxDays=0, minDSCR=2, **facts)
    troubled = decide("DMN-GRADE", score=score, overdueMaxDays=overdue, minDSCR=dscr, **facts)
    assert GRADES.index(troubled) >= GRADES.index(sound)


@given(overdue=st.integers(0, 500), percents=st.tuples(shares, shares, shares), flags=st.sets(st.sampled_from(FLAGS)))
def test_one_more_trouble_never_improves_the_class(
    overdue: int, percents: tuple[Decimal, Decimal, Decimal], flags: set[str]
) -> None:
    facts = dict(zip(("eclPct", "overdue90AllBanksPct", "ownBankNplPct"), percents, strict=True))
    given_ = {**facts, **{flag: flag in flags for flag in FLAGS}, "overdueDays": overdue, "fundDiversion": "NONE"}
    found = CLASSES.index(decide("DMN-CLASS", **given_))
    for flag in FLAGS[1:]:
        assert CLASSES.index(decide("DMN-CLASS", **(given_ | {flag: True}))) >= found
    assert CLASSES.index(decide("DMN-CLASS", **(given_ | {"overdueDays": overdue + 1}))) >= found


@given(
    numbers=st.fixed_dictionaries(
        {
            "dscr": st.none() | st.decimals(0, 2, places=2),
            "llcr": st.none() | st.decimals(0, 2, places=2),
            "overdueDays": st.none() | st.integers(0, 60),
            "costOverrunPct": st.none() | shares,
            "delayDays": st.none() | st.integers(0, 400),
            "dsraFundedPct": st.none() | shares,
            "ltvPct": st.none() | shares,
            "litigationPct": st.none() | shares,
            "ratingCutNotches": st.none() | st.integers(0, 5),
            "statementsLateDays": st.none() | st.integers(0, 90),
            "fundDiversion": st.sampled_from([None, "NONE", "SUSPECTED", "PROVEN"]),
            "yellowIn90Days": st.integers(0, 4),
            "orangeOpen": st.integers(0, 3),
        }
    )
)
def test_the_warning_is_the_highest_of_signals_and_aggregation(numbers: dict[str, object]) -> None:
    known = numbers | dict.fromkeys(("costOverrunFunded", "longStopPassed", "assetsFrozen", "ratedDefault"), False)
    signals = decide("DMN-EWS-SIGNALS", **known)
    levels = [signal["level"] for signal in signals]
    assert "NONE" not in levels
    aggregation = decide("DMN-EWS-AGGREGATION", **known)
    if levels.count("ORANGE") + int(str(numbers["orangeOpen"])) >= 2:
        assert aggregation == "RED"
    elif levels.count("YELLOW") + int(str(numbers["yellowIn90Days"])) >= 3:
        assert aggregation == "ORANGE"
    else:
        assert aggregation == "NONE"
    assert decide("DMN-EWS", **known) == max([*levels, aggregation], key=LEVELS.index)
