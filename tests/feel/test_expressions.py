"""The language: each line is an expression and what it is worth."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import Range, YearsMonths, parse

NOW = datetime(2026, 3, 31, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
VARIABLES: dict[str, object] = {
    "a": 3,
    "b": "x",
    "empty": [],
    "limit": Decimal("100.50"),
    "loans": [{"id": "L1", "amount": 80, "grade": "AA"}, {"id": "L2", "amount": 300, "grade": "B"}, {"id": "L3"}],
    "client": {"name": "Wind", "address": {"city": "上海"}},
    "numbers": [5, 1, 4],
    "date": date(2026, 1, 31),
    "unknown": None,
}


def n(*values: object) -> object:
    """Decimals out of plain numbers; one alone stays alone."""
    converted = [Decimal(str(value)) for value in values]
    return converted[0] if len(converted) == 1 else converted


CASES = [
    # arithmetic
    ("1 + 2 * 3", n(7)),
    ("(1 + 2) * 3", n(9)),
    ("10 - 2 - 3", n(5)),
    ("2 ** 3 ** 2", n(64)),
    ("-3 ** 2", n(9)),
    ("10 ** -2", n("0.01")),
    ("1 / 3", n("0.3333333333333333333333333333333333")),
    ("0.1 + 0.2 = 0.3", True),
    ("1 / 0", None),
    ("9999999999999999999999999999999999 + 1", n("1E+34")),
    ('"a" + "b"', "ab"),
    ('"a" + 1', None),
    ("null + 1", None),
    (".5 + 1.5e1", n("15.5")),
    # comparison and logic
    ('a > 2 and b = "x"', True),
    ("1 = 1.00", True),
    ('1 = "1"', None),
    ('1 != "1"', None),
    ("null = null", True),
    ("unknown = null", True),
    ("a = null", False),
    ("a != null", True),
    ("unknown > 1", None),
    ("[1, 2] = [1, 2.0]", True),
    ("{a: 1, b: 2} = {b: 2, a: 1}", True),
    ("true and null", None),
    ("false and null", False),
    ("true or null", True),
    ("false or null", None),
    ('true and "x"', None),
    ("not(null)", None),
    ("a between 1 and 3", True),
    ("a between 4 and 5", False),
    ('a between 1 and "x"', None),
    ("if a > 2 then 1 else 2", n(1)),
    ("if null then 1 else 2", n(2)),
    ("1 + if true then 1 else 5", n(2)),
    # in and ranges
    ("a in [1..3]", True),
    ("a in [1..3)", False),
    ("a in ]1..3[ or a in ]1..3]", True),
    ("3 in (1..3)", False),
    ("a in (1, 2, 3)", True),
    ("a in (> 5, < 4)", True),
    ("a in >= 4", False),
    ("a in numbers", False),
    ("5 in (numbers)", True),
    ("4 in (1 + 3)", True),
    ("9 in (1 + 2) * 3", True),
    ("a in [[1..2], [3..4]]", True),
    ("5 in (> 3)", True),
    ("[1..5].end", n(5)),
    ("(1..5].start included", False),
    ("[1..a]", Range(n(1), n(3))),
    ('[1.."x"]', None),
    # lists, filters, paths
    ("numbers[1]", n(5)),
    ("numbers[-1]", n(4)),
    ("numbers[4]", None),
    ("numbers[0]", None),
    ("numbers[a]", n(4)),
    ("numbers[item > 3]", n(5, 4)),
    ("empty[1]", None),
    ("empty[item > 1]", []),
    ("loans[amount > limit].id", ["L2"]),
    ("loans[amount = null].id", ["L3"]),
    ("loans.amount", [n(80), n(300), None]),
    ('loans[grade = "AA"][1].amount', n(80)),
    ("a[1]", n(3)),
    ("unknown[1]", None),
    ("client.address.city", "上海"),
    ("client.missing", None),
    ("client.missing.deeper", None),
    ("[[1, 2], [3]][1][2]", n(2)),
    # contexts, functions
    ("{x: 1, y: x + 1}.y", n(2)),
    ('{"a b": 1}.a b', n(1)),
    ("{a b: 2, c: a b * 2}.c", n(4)),
    ("(function(x, y) x + y)(1, 2)", n(3)),
    ("{f: function(x: number) x * 2, r: f(x: 4)}.r", n(8)),
    ('{f: function(x: number) x, r: f("no")}.r', None),
    ("{fac: function(n) if n <= 1 then 1 else n * fac(n - 1), r: fac(10)}.r", n(3628800)),
    ("{add: function(x) function(y) x + y, r: add(1)(2)}.r", n(3)),
    ("sort(numbers, function(x, y) x > y)", n(5, 4, 1)),
    # for, some, every
    ("for i in 1..3 return i * i", n(1, 4, 9)),
    ("for i in 3..1 return i", n(3, 2, 1)),
    ("for i in [1..3) return i", n(1, 2)),
    ("for i in numbers, j in [10] return i * j", n(50, 10, 40)),
    ("for i in [[1, 2], [3]], j in i return j", n(1, 2, 3)),
    ("for i in 1..4 return if i = 1 then 1 else partial[-1] * i", n(1, 2, 6, 24)),
    ('for d in @"2026-02-27"..@"2026-03-01" return d.day', n(27, 28, 1)),
    ("for i in null return i", None),
    ("some x in numbers satisfies x > 4", True),
    ("every x in numbers satisfies x > 4", False),
    ("every x in empty satisfies x > 4", True),
    ("some x in [1, null] satisfies x > 4", None),
    ("some x in [1, 2], y in [2] satisfies x = y", True),
    # types
    ("1 instance of number", True),
    ("null instance of Any", False),
    ("[1, 2] instance of list<number>", True),
    ('[1, "x"] instance of list<number>', False),
    ("{a: 1} instance of context<a: number>", True),
    ('@"2026-01-01" instance of date', True),
    ('@"2026-01-01T00:00:00" instance of date', False),
    ('@"P1D" instance of days and time duration', True),
    ('@"P1Y" instance of years and months duration', True),
    ("[1..2] instance of range<number>", True),
    ("true instance of number", False),
    # dates and times
    ('@"2026-01-31" + @"P1M"', date(2026, 2, 28)),
    ('@"2026-03-01" - @"2026-02-01"', timedelta(days=28)),
    ('@"2026-01-01T10:00:00Z" + duration("PT36H")', datetime(2026, 1, 2, 22, tzinfo=UTC)),
    ('@"2026-01-01T08:00:00+08:00" = @"2026-01-01T00:00:00Z"', True),
    ('@"2026-01-01T00:00:00" < @"2026-01-01T00:00:00Z"', None),
    ('@"2026-03-28T12:00:00@Europe/Berlin" + @"P1D"', datetime(2026, 3, 29, 13, tzinfo=ZoneInfo("Europe/Berlin"))),
    ('@"23:30:00" + @"PT1H"', time(0, 30)),
    ('@"10:00:00" - @"08:30:00"', timedelta(minutes=90)),
    ('@"P1Y" + @"P2M"', YearsMonths(14)),
    ('@"PT1H" * 1.5', timedelta(minutes=90)),
    ('@"P1D" / @"PT6H"', n(4)),
    ('-@"P1D" = @"-P1D"', True),
    ('string(@"9999-12-31" + @"P1D")', "10000-01-01"),
    ('@"999999999-12-31" + @"P1D"', None),
    ('@"2026-01-01T10:00:00+08:00".time offset', timedelta(hours=8)),
    ('@"2026-01-01".weekday', n(4)),
    ('@"-P1DT2H".hours', n(-2)),
    ("date.month", n(1)),
    ('date("2026-02-30")', None),
    ("now()", NOW),
    ("today()", date(2026, 3, 31)),
    # text
    ('"a\\n\\u4e09\\U01F40E\\ud83d\\ude00"', "a\n三🐎😀"),
    ("// comment\n1 /* another */ + 1", n(2)),
    ('"// no comment"', "// no comment"),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_value(text: str, expected: object) -> None:
    value = parse(text).evaluate(VARIABLES, now=NOW)
    assert value == expected
    assert type(value) is type(expected)


def test_every_number_is_a_decimal_of_34_digits() -> None:
    assert parse("x * 1").evaluate({"x": 2}) == Decimal(2)
    assert type(parse("x").evaluate({"x": 2})) is Decimal
    assert parse("x").evaluate({"x": 0.1}) == Decimal("0.1")
    assert parse("x[1].y").evaluate({"x": ({"y": 7},)}) == Decimal(7)
    assert type(parse("x").evaluate({"x": True})) is bool


def test_names_with_spaces_and_signs_are_read_by_what_is_known() -> None:
    variables = {"Monthly Salary": 10, "Monthly": 1, "Approved/Declined": "A", "a-b": 5, "a": 3, "b": 2, "is in": 4}
    names = list(variables)
    assert parse("12 * Monthly Salary", names=names).evaluate(variables) == 120
    assert parse("Monthly  \n Salary", names=names).evaluate(variables) == 10
    assert parse("Monthly * 2", names=names).evaluate(variables) == 2
    assert parse('Approved/Declined = "A"', names=names).evaluate(variables) is True
    assert parse("a-b", names=names).evaluate(variables) == 5
    assert parse("b-a", names=names).evaluate(variables) == -1
    assert parse("a-b").evaluate(variables) == 1
    assert parse("is in + 1", names=names).evaluate(variables) == 5


def test_chinese_names_are_names() -> None:
    variables = {"客户等级": "AA", "申请 金额": 300}
    text = '客户等级 in ("AAA", "AA") and 申请 金额 > 100'
    assert parse(text, names=variables).evaluate(variables) is True


def test_names_lists_what_an_expression_needs() -> None:
    expression = parse("for i in loans[amount > limit] return i.x + {y: z, w: y}.w + count(numbers) + own(1)")
    assert expression.names == {"loans", "z", "numbers", "own"}
    assert expression.possible_names == {"amount", "limit"}
    assert parse("{f: function(x) x + g(x), r: f(1)}").names == {"g"}


def test_variables_may_be_called_like_built_in_functions() -> None:
    assert parse("count + sum([1, 2]) + date.year").evaluate({"count": 1, "date": date(2026, 1, 1)}) == 2030
    assert parse("for count in [[1], [2, 3]] return count[1]").evaluate({}) == [1, 2]
    assert parse("{count: function(x) 42, r: count([1])}.r").evaluate({}) == 42


def test_the_same_expression_serves_many_evaluations() -> None:
    expression = parse("a + b")
    assert [expression.evaluate({"a": i, "b": i}) for i in range(3)] == [0, 2, 4]
    assert expression.text == "a + b"
