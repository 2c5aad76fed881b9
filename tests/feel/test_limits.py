"""Each limit by itself, and the message that names it."""

from __future__ import annotations

import pytest

from engine.feel import FeelLimitExceeded, Limits, parse, parse_unary_tests

LOOP = "for i in 1..50000 return i"
FACTORIAL = "{fac: function(n) if n <= 1 then 1 else n * fac(n - 1), r: fac(20)}.r"


@pytest.mark.parametrize(
    ("text", "limits", "message"),
    [
        (LOOP, Limits(steps=5_000), "the expression took more than 5000 steps"),
        (LOOP, Limits(size=1_000), "a value grew beyond 1000 characters or items"),
        ('"abcdef" + "ghijkl"', Limits(size=10), "a value grew beyond 10 characters or items"),
        ("[[1, 2, 3], [4, 5, 6]]", Limits(total=7), "the expression produced more than 7 characters and items"),
        (FACTORIAL, Limits(depth=50), "functions call each other too deeply"),
        (LOOP, Limits(steps=10**9, seconds=0.0), "the expression took longer than 0.0 s"),
    ],
)
def test_a_limit_stops_the_evaluation(text: str, limits: Limits, message: str) -> None:
    with pytest.raises(FeelLimitExceeded, match=message):
        parse(text).evaluate({}, limits=limits)
    assert parse(text).evaluate({}) is not None


def test_unary_tests_have_limits_too() -> None:
    tests = parse_unary_tests("some i in 1..50000 satisfies ? = i")
    assert tests.matches(50_000, {}) is True
    with pytest.raises(FeelLimitExceeded):
        tests.matches(50_000, {}, limits=Limits(steps=5_000))


def test_counted_limits_stop_at_the_same_place_everywhere() -> None:
    needed = next(
        steps
        for steps in range(3_000, 9_000, 10)
        if not isinstance(_outcome("count(for i in 1..2000 return i * 2)", steps), FeelLimitExceeded)
    )
    assert isinstance(_outcome("count(for i in 1..2000 return i * 2)", needed - 10), FeelLimitExceeded)
    assert _outcome("count(for i in 1..2000 return i * 2)", needed) == 2_000


def _outcome(text: str, steps: int) -> object:
    try:
        return parse(text).evaluate({}, limits=Limits(steps=steps))
    except FeelLimitExceeded as error:
        return error
