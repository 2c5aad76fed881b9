"""What an expression may not be, and may not do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.feel import (
    FeelEvaluationError,
    FeelSyntaxError,
    UnknownVariable,
    parse,
    parse_unary_tests,
)


def repr_short(value: object) -> str:
    return type(value).__name__


BROKEN = [
    ("", "expected a value, found the end", 1, 1),
    ("1 +", "expected a value, found the end", 1, 4),
    ("(1", "expected ')', found the end", 1, 3),
    ("1 2", "expected an operator or the end, found '2'", 1, 3),
    ("a b", "expected an operator or the end, found 'b'", 1, 3),
    ("if a then b", "expected 'else', found the end", 1, 12),
    ("for x [1] return x", "expected 'in', found '['", 1, 7),
    ('a = \n "open', 'a string is not closed: expected "', 2, 2),
    ("a /* open", "a comment is not closed: expected */", 1, 3),
    ("a = §", "unexpected character '§'", 1, 5),
    ('"\\UFFFFFF"', "no character has the code FFFFFF", 1, 2),
    ("[1, 2, ]", "expected another item, found ']'", 1, 8),
    ("{a: 1, }", "expected another entry, found '}'", 1, 8),
    ('"\\ud83d"', "the string holds half a surrogate pair", 1, 1),
    ('@"yesterday"', "no date, time or duration reads like this", 1, 1),
    ("{a: 1, a: 2}", "the key 'a' is given twice", 1, 8),
    ("[1, 2", "expected ']' or ',' after a list item, found the end", 1, 6),
    ("f(1,)", "expected another argument, found ')'", 1, 5),
    ("f(a: 1, a: 2)", "the parameter 'a' is given twice", 1, 1),
    ("1 instance of thing", "expected a type, found 'thing'", 1, 15),
    ("function(x) external {}", "external functions are not executed here, found 'external'", 1, 13),
    ("1e999999", "the number is too large", 1, 1),
    ("a.1", "expected an operator or the end, found '.1'", 1, 2),
]


@pytest.mark.parametrize(("text", "message", "line", "column"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_syntax_error_says_what_was_expected_and_where(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        parse(text)
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)
    assert caught.value.text == text


def test_an_unknown_variable_is_an_error_and_not_null() -> None:
    with pytest.raises(UnknownVariable) as caught:
        parse("amount > 10 and\n  limt > 5").evaluate({"amount": 11, "limit": 6})
    assert (caught.value.name, caught.value.line, caught.value.column) == ("limt", 2, 3)


def test_a_full_width_operator_is_pointed_out() -> None:
    with pytest.raises(UnknownVariable, match="unknown variable '金额＞100', with the full-width sign '＞' in it"):
        parse("金额＞100").evaluate({"金额": 1})
    assert parse("金额（万元）+ 1", names=["金额（万元）"]).evaluate({"金额（万元）": 1}) == 2


@pytest.mark.parametrize("text", ["unknown function(1)", "nothing(1)", "count(nothing)", "sort([2, 1], nothing)"])
def test_an_unknown_name_in_a_call_is_an_error(text: str) -> None:
    with pytest.raises(UnknownVariable):
        parse(text, names=["unknown function"]).evaluate({})


def test_a_misspelt_entry_in_a_filter_is_an_error_unless_some_item_has_it() -> None:
    loans = [{"amount": 1}, {"amount": 2, "late": True}]
    assert parse("loans[late]").evaluate({"loans": loans}) == [loans[1]]
    with pytest.raises(UnknownVariable):
        parse("loans[amuont > 1]").evaluate({"loans": loans})
    assert parse("loans[amuont > 1]").evaluate({"loans": []}) == []


def test_now_needs_an_instant() -> None:
    with pytest.raises(FeelEvaluationError, match="instant of the evaluation"):
        parse("today()").evaluate({})


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), float("inf"), object(), b"bytes", {1, 2}, 1 << 30_000], ids=repr_short
)
def test_a_value_feel_has_no_type_for_is_refused(value: object) -> None:
    with pytest.raises(FeelEvaluationError):
        parse("x").evaluate({"x": value})
    with pytest.raises(FeelEvaluationError):
        parse("x.y").evaluate({"x": {"y": [value]}})
    with pytest.raises(FeelEvaluationError):
        parse_unary_tests("> 1").matches(value, {})
