"""Properties over random values and random texts."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import BUILTIN_NAMES, FeelError, parse, parse_any, parse_unary_tests
from engine.feel.values import NUMBERS

NOW = datetime(2026, 3, 31, tzinfo=UTC)
quick = settings(derandomize=True, max_examples=300, deadline=None)

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)
scalars = st.none() | st.booleans() | numbers | st.integers() | st.text(max_size=8) | st.datetimes() | st.timedeltas()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)
SIGNS = "( ) [ ] { } , : . .. + - * / ** < <= = != > ? @ // /* */ list<"
KEYWORDS = "and or not if then else for in return some every satisfies between function null true"
OPERANDS = 'a b c item partial number 1 2.5 0 "x" "P1D" @"2026-01-01"'
WORDS = [*f"{SIGNS} {KEYWORDS} {OPERANDS}".split(), "instance of", *sorted(BUILTIN_NAMES)]
texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)


@quick
@given(numbers, numbers)
def test_arithmetic_is_that_of_decimal(left: Decimal, right: Decimal) -> None:
    variables = {"a": left, "b": right}
    assert parse("a + b").evaluate(variables) == NUMBERS.add(left, right)
    assert parse("a - b").evaluate(variables) == NUMBERS.subtract(left, right)
    assert parse("a * b").evaluate(variables) == NUMBERS.multiply(left, right)
    assert parse("a / b").evaluate(variables) == (NUMBERS.divide(left, right) if right else None)
    assert parse("a < b").evaluate(variables) is (left < right)
    assert parse("a = b").evaluate(variables) is (left == right)


@quick
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=6), st.lists(st.sampled_from("+-*"), min_size=5, max_size=5))
def test_precedence_is_that_of_school(operands: list[int], signs: list[str]) -> None:
    text = str(operands[0])
    result, product, sign = 0, operands[0], 1
    for operator, operand in zip(signs, operands[1:], strict=False):
        text += f" {operator} {operand}"
        if operator == "*":
            product *= operand
        else:
            result, product, sign = result + sign * product, operand, 1 if operator == "+" else -1
    assert parse(text).evaluate({}) == result + sign * product


@quick
@given(texts, values, values)
def test_random_words_raise_nothing_but_errors_of_feel(text: str, a: object, b: object) -> None:
    variables = {"a": a, "b": b, "c": [a, b]}
    with suppress(FeelError):
        parse(text).evaluate(variables, now=NOW)
    with suppress(FeelError):
        parse_unary_tests(text).matches(a, variables, now=NOW)


@quick
@given(st.text(max_size=40))
def test_random_characters_raise_nothing_but_errors_of_feel(text: str) -> None:
    with suppress(FeelError):
        parse(text).evaluate({}, now=NOW)
    assert parse("string length(x) >= 0").evaluate({"x": text}) is True


@quick
@given(values, values)
def test_operators_take_any_values(a: object, b: object) -> None:
    variables = {"a": a, "b": b}
    for operator in ("+", "-", "*", "/", "**", "<", "<=", "=", "!=", "and", "or", "in"):
        parse(f"a {operator} b").evaluate(variables)
    parse("[a[b], a.b, a[item = b], for i in a return i, a between b and b, [a..b], -a, string(a)]").evaluate(variables)


@quick
@given(values)
def test_equality_is_reflexive_and_text_is_stable(value: object) -> None:
    assert parse("x = x").evaluate({"x": value}) is True
    assert parse("string(x) = string(x)").evaluate({"x": value}) is True


@quick
@given(st.datetimes() | st.dates() | st.times() | st.timedeltas())
def test_times_and_durations_read_back_as_written(value: object) -> None:
    text = parse("string(x)").evaluate({"x": value})
    assert parse_any(text) == value
