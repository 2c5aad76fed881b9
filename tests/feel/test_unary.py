"""Unary tests, as in the cells of decision tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.feel import FeelSyntaxError, parse_unary_tests

CASES = [
    ("-", [1, None, "x"], []),
    ("5", [5, Decimal("5.0")], [4, "5", None]),
    ("< 5", [4], [5, None, "4"]),
    (">= 5, < 2", [5, 1], [3, None]),
    ("[1..5)", [1, 4.9], [5, 0, None]),
    ("]1..5[", [2], [1, 5]),
    ('"a", "b"', ["a", "b"], ["c", None]),
    ('not("a", "b")', ["c", None], ["a"]),
    ("not([1..5], 9)", [6], [3, 9]),
    ("null", [None], [0, False]),
    ("true", [True], [False, None]),
    ("false", [False], [True, None]),
    ("not(null)", [1], [None]),
    ("known", [7], [8]),
    ("list", [1, 2], [3]),
    ("? > 3 and ? < known", [5], [3, 7, None]),
    ("? != null", [1], [None]),
    ('ends with(?, "z")', ["xyz"], ["xya", 5]),
    ("count(?) > 1", [[1, 2]], [[1]]),
    ("other = 1", [5, "any"], []),
    ("other = 2", [], [5, "any"]),
    ('@"2026-01-01"', [date(2026, 1, 1)], [date(2026, 1, 2)]),
    ('> @"2026-01-01"', [date(2026, 1, 2)], [date(2025, 1, 1), 5]),
    ("known + 1", [8], [7]),
    ("-1", [-1], [1]),
    ("!= 3", [4], [3]),
]
VARIABLES = {"known": 7, "list": [1, 2], "other": 1}


@pytest.mark.parametrize(("text", "passing", "failing"), CASES, ids=[case[0] for case in CASES])
def test_what_passes(text: str, passing: list[object], failing: list[object]) -> None:
    tests = parse_unary_tests(text)
    assert [value for value in passing if not tests.matches(value, VARIABLES)] == []
    assert [value for value in failing if tests.matches(value, VARIABLES)] == []


def test_names_are_those_besides_the_input() -> None:
    assert parse_unary_tests("? > a, [b..c], not(d)").names == {"a", "b", "c", "d"}


@pytest.mark.parametrize("text", ["", "<", "1,", "not(1", "- 1 2", "not(1) 2"])
def test_broken_tests_are_refused(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        parse_unary_tests(text)
