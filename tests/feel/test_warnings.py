"""Evaluation by the standard: what is impossible is null, and a warning says why and where."""

from __future__ import annotations

import pytest

from engine.feel import FeelLimitExceeded, FeelWarning, UnknownVariable, parse

CASES = [
    ("missing + 1", "unknown variable 'missing' (line 1, column 1)"),
    ("1 +\n 2 + missing(3)", "unknown variable 'missing' (line 2, column 6)"),
    ('1 + "a"', "'+' has no result for number and string (line 1, column 3)"),
    ("1 / 0", "'/' has no result for these numbers: a division by zero, or out of range (line 1, column 3)"),
    ('-"a"', "'-' takes no string (line 1, column 1)"),
    ('1 < "a"', "'<' has no result for number and string (line 1, column 3)"),
    ('[1.."a"]', "a range has no result for number and string (line 1, column 1)"),
    ('if "x" then 1 else 2', "the condition of 'if' is a string (line 1, column 1)"),
    ('@"2026-01-01".hour', "a date has no 'hour' (line 1, column 14)"),
    ("[1..2].length", "a range has no 'length' (line 1, column 7)"),
    ("1(2)", "a number is no function (line 1, column 2)"),
    ("(function(a) a)(1, 2)", "the function takes 1 arguments and got 2 (line 1, column 16)"),
    ("(function(a) a)(b: 1)", "the function takes the arguments a (line 1, column 16)"),
    ('(function(a: number) a)("x")', "the argument 'a' is a string, not a number (line 1, column 2)"),
    ('date("2026-02-30")', "date() has no result for string (line 1, column 1)"),
    ("count(null)", "count() has no result for null (line 1, column 1)"),
    ("abs()", "abs() has no result for no arguments (line 1, column 1)"),
    (
        "for x in 1.5..2 return x",
        "there is nothing to iterate over: neither a list nor a range of whole numbers or dates (line 1, column 1)",
    ),
]


@pytest.mark.parametrize(("text", "message"), CASES, ids=[text for text, _ in CASES])
def test_a_warning_says_why_something_is_null(text: str, message: str) -> None:
    warnings: list[FeelWarning] = []
    parse(text).evaluate({}, standard=True, warnings=warnings)
    assert [str(warning) for warning in warnings] == [message]
    assert warnings[0].text == text


@pytest.mark.parametrize(
    "text", ["null + 1", "null.a", "{a: 1}.b", "null = 1", "get value({}, 1)", "[1, null][item > 1]"]
)
def test_what_is_null_for_a_reason_is_no_warning(text: str) -> None:
    warnings: list[FeelWarning] = []
    parse(text).evaluate({}, standard=True, warnings=warnings)
    assert [str(warning) for warning in warnings if "get value" not in warning.message] == []


def test_an_unknown_name_is_null_by_the_standard_and_an_error_in_a_process() -> None:
    assert parse("if a.b > 1 then 1 else 2").evaluate({}, standard=True) == 2
    assert parse("[{a: 1}][b = 1]").evaluate({}, standard=True) == []
    with pytest.raises(UnknownVariable):
        parse("if a.b > 1 then 1 else 2").evaluate({})


def test_a_place_is_reported_once_and_all_of_them_at_most_fifty_times() -> None:
    warnings: list[FeelWarning] = []
    parse("for i in 1..1000 return i / 0").evaluate({}, warnings=warnings)
    assert len(warnings) == 1
    warnings.clear()
    parse("[" + ", ".join(["1/0"] * 200) + "]").evaluate({}, warnings=warnings)
    assert len(warnings) == 50


def test_warnings_of_an_evaluation_that_is_stopped_are_reported_too() -> None:
    warnings: list[FeelWarning] = []
    with pytest.raises(FeelLimitExceeded):
        parse("[1 / 0, for i in 1..1000000 return i]").evaluate({}, warnings=warnings)
    assert len(warnings) == 1
