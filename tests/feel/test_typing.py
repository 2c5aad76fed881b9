"""Types known before evaluation: what can only be null is reported, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest

from engine.feel import FeelType, check, check_tests, infer, parse

NUMBER, STRING, DATE = FeelType("number"), FeelType("string"), FeelType("date")
LOAN = FeelType("context", members=(("amount", NUMBER), ("grade", STRING), ("due", DATE)))
TYPES = {
    "a": NUMBER,
    "b": STRING,
    "day": DATE,
    "at": FeelType("dateTime"),
    "flag": FeelType("boolean"),
    "loan": LOAN,
    "loans": FeelType("list", LOAN),
    "numbers": FeelType("list", NUMBER),
    "names": FeelType("list", STRING),
    "open": FeelType("Any"),
    "Monthly Salary": NUMBER,
    "f": FeelType("function", parameters=(NUMBER,), result=STRING),
}
WRONG = [
    ('a = "x"', "'=' compares a number with a string", 3),
    ("a > b", "'>' compares a number with a string", 3),
    ("flag < true", "'<' does not take a boolean", 6),
    ("Monthly Salary > day", "'>' compares a number with a date", 16),
    ("a + b", "'+' does not take a number and a string", 3),
    ("day + day", "'+' does not take a date and a date", 5),
    ("day - day + 1", "'+' does not take a days and time duration and a number", 5),
    ("-b", "'-' takes no string", 1),
    ("a and flag", "'and' takes booleans, not a number", 1),
    ("if a then 1 else 2", "the condition of 'if' is a number", 1),
    ("a between 1 and b", "'between' compares a number with a string", 3),
    ('a in ("x", 1)', "'=' compares a number with a string", 7),
    ("b in [1..2]", "'in' compares a string with a number", 6),
    ("b in > 1", "'>' compares a string with a number", 6),
    ("[1..b]", "a range from a number to a string", 1),
    ("[flag..true]", "a range of a boolean, which has no order", 1),
    ("upper case(a)", "upper case() does not take number", 1),
    ("substring(b)", "substring() does not take 1 arguments; it knows: string, start position, length", 1),
    ("upper case(text: b)", "upper case() does not take the arguments text; it knows: string", 1),
    ("mean(names)", "mean() takes numbers, not a list<string>", 1),
    ("day.hour", "a date has no 'hour'", 4),
    ("at.hours", "a date and time has no 'hours'", 3),
    ("loan.grad", "a context<amount: number, grade: string, due: date> has no 'grad'", 5),
    ("loans.grad", "a context<amount: number, grade: string, due: date> has no 'grad'", 6),
    ("loans[grade > 1]", "'>' compares a string with a number", 13),
    ("loans[1].amount + b", "'+' does not take a number and a string", 17),
    ("loans[amount > 1].due[1].hour", "a date has no 'hour'", 25),
    ("loans[b]", "the filter is a string, neither a condition nor a position", 6),
    ("for x in loans return x.amount + x.grade", "'+' does not take a number and a string", 32),
    ("some x in numbers satisfies x + 1", "'some' asks for a number, not a boolean", 1),
    ("{x: a, y: x + b}", "'+' does not take a number and a string", 13),
    ("(function(x: number) x + b)(1)", "'+' does not take a number and a string", 24),
    ("f(1, 2)", "the function takes 1 arguments, not 2", 1),
    ("f(1) + 1", "'+' does not take a string and a number", 6),
    ("a(1)", "a number is no function", 1),
]
RIGHT = [
    "a = null",
    "unknown + a > 1",
    "open + b",
    "day + @\"P1D\" > @\"2026-01-01\"",
    "at - day < duration(\"P1D\")",
    "a in (1, > 5, [7..9], numbers)",
    "day.year + at.hour",
    "loans[amount > a and due < day].grade[1] + b",
    "loans[unknown = 1]",
    "numbers[item > 1][1] + 1",
    "sum(loans.amount) + count(loans)",
    "upper case(names[1])",
    "upper case(names)",
    "min(a, 1) + max(numbers)",
    "sort(numbers, function(x, y) x < y)[1] + 1",
    "if flag then a else null",
    "[1..5].start + 1",
    "for i in 1..3 return i + 1",
    "{x: 1, f: function(y: number) y + x, r: f(2) + 1}.r + a",
    "number(b, \",\", \".\") + 1",
    "number(from: b, grouping separator: \",\", decimal separator: \".\")",
    "not(flag) or flag",
    "string(a) + b",
    "b instance of string and flag",
    "duration(b) + day",
    "[1, \"a\"][1] = a",
]  # fmt: skip  # one quote style for strings of FEEL
INFERRED = [
    ("a + 1", "number"),
    ("day - day", "days and time duration"),
    ("loans[amount > 1].amount", "list<number>"),
    ("loans[1]", "context<amount: number, grade: string, due: date>"),
    ("for x in names return string length(x)", "list<number>"),
    ("{x: a, y: {z: b}}.y.z", "string"),
    ("function(x: number) x > 1", "function<number>->boolean"),
    ("if flag then a else b", "Any"),
    ("if flag then a else null", "number"),
    ("[1..a]", "range<number>"),
    ("reverse(names)", "list<string>"),
    ("a in (1, 2)", "boolean"),
    ("f(1)", "string"),
]


@pytest.mark.parametrize(("text", "message", "column"), WRONG, ids=[case[0] for case in WRONG])
def test_what_can_only_be_null_is_reported(text: str, message: str, column: int) -> None:
    problems = check(text, TYPES)
    assert [(problem.message, problem.line, problem.column) for problem in problems] == [(message, 1, column)]


@pytest.mark.parametrize("text", RIGHT)
def test_nothing_else_is_reported(text: str) -> None:
    assert check(text, TYPES) == []


@pytest.mark.parametrize(("text", "kind"), INFERRED)
def test_the_type_of_an_expression(text: str, kind: str) -> None:
    assert str(infer(text, TYPES)) == kind


@pytest.mark.parametrize(
    ("text", "tested", "messages"),
    [
        ("> 5, [1..2], -1, ? > a, null", NUMBER, []),
        ("names", STRING, []),
        ('"x"', NUMBER, ["'=' compares a number with a string"]),
        ("not(< day)", NUMBER, ["'<' compares a number with a date"]),
        ("? + 1 > 2", STRING, ["'+' does not take a string and a number"]),
    ],
)
def test_unary_tests_are_checked_against_what_they_test(text: str, tested: FeelType, messages: list[str]) -> None:
    assert [problem.message for problem in check_tests(text, tested, TYPES)] == messages


@pytest.mark.parametrize(
    "text", ['a = "x"', "a > b", "flag < true", "a + b", "day + day", "-b", "mean(names)", "day.hour"]
)
def test_what_is_reported_is_really_null(text: str) -> None:
    values = {"a": 1, "b": "x", "day": date(2026, 1, 1), "flag": True, "names": ["x"]}
    assert check(text, TYPES)
    assert parse(text, names=TYPES).evaluate(values) is None
