"""Properties over random values and random texts."""

from __future__ import annotations

import decimal
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import (
    BUILTIN_NAMES,
    DEFAULT,
    FeelError,
    FeelSyntaxError,
    FeelType,
    FeelWarning,
    Limits,
    Range,
    UnknownVariable,
    YearsMonths,
    check,
    check_tests,
    parse,
    parse_any,
    parse_unary_tests,
)
from engine.feel.builtins.conversions import render
from engine.feel.limits import Run
from engine.feel.values import NUMBERS, convert

NOW = datetime(2026, 3, 31, tzinfo=UTC)
quick = settings(derandomize=True, max_examples=150, deadline=None, print_blob=True)

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


zones = st.none() | st.sampled_from((UTC, timezone(timedelta(hours=-9, minutes=-30)), ZoneInfo("Asia/Shanghai")))
moments = (
    st.dates() | st.times() | st.datetimes() | st.datetimes(timezones=zones) | st.times(timezones=zones)
)  # fmt: skip  # one line
lengths = st.timedeltas() | st.integers(-(10**9), 10**9).map(YearsMonths)
far_days = st.integers(-999_999_999, 999_999_999).map(lambda year: parse_any(f"{year:05d}-01-31")).filter(bool)
letters = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
printable = st.recursive(
    st.none() | st.booleans() | numbers | letters | moments | lengths | far_days,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4),
    max_leaves=12,
)


@quick
@given(moments | lengths | far_days)
def test_times_and_durations_read_back_as_written(value: object) -> None:
    text = parse("string(x)").evaluate({"x": value})
    assert parse_any(text) == value
    assert parse(f'@"{text}"').evaluate({}) == value


@quick
@given(printable)
def test_what_is_printed_reads_back(value: object) -> None:
    run = Run(None, DEFAULT)
    converted = convert(value, run)
    assert parse(render(converted, run)).evaluate({}) == converted


@quick
@given(numbers, numbers, st.booleans(), st.booleans())
def test_ranges_that_are_printed_read_back(one: Decimal, other: Decimal, low: bool, high: bool) -> None:
    run = Run(None, DEFAULT)
    for bounds in (Range(one, other, low, high), Range(None, other, False, high), Range(one, None, low, False)):
        assert parse(render(bounds, run)).evaluate({}) == bounds


@quick
@given(numbers, st.integers(-30, 30))
def test_rounding_is_that_of_decimal(number: Decimal, scale: int) -> None:
    modes = {
        "decimal": decimal.ROUND_HALF_EVEN,
        "floor": decimal.ROUND_FLOOR,
        "ceiling": decimal.ROUND_CEILING,
        "round up": decimal.ROUND_UP,
        "round down": decimal.ROUND_DOWN,
        "round half up": decimal.ROUND_HALF_UP,
        "round half down": decimal.ROUND_HALF_DOWN,
    }
    wide = decimal.Context(prec=90)
    for name, mode in modes.items():
        value = parse(f"{name}(n, s)").evaluate({"n": number, "s": scale})
        assert value == number.quantize(Decimal(1).scaleb(-scale), rounding=mode, context=wide), name


@quick
@given(numbers, numbers.filter(bool), st.integers(-12, 12))
def test_modulo_and_powers_are_those_of_exact_fractions(left: Decimal, right: Decimal, exponent: int) -> None:
    quotient = Fraction(left) / Fraction(right)
    exact = Fraction(left) - Fraction(right) * quotient.__floor__()
    value = parse("modulo(a, b)").evaluate({"a": left, "b": right})
    assert value is None or abs(Fraction(value) - exact) <= abs(Fraction(right)) / 10**30
    power = parse("b ** n").evaluate({"b": right, "n": exponent})
    assert abs(Fraction(power) - Fraction(right) ** exponent) <= abs(Fraction(right) ** exponent) / 10**33


@quick
@given(texts, values, values)
def test_evaluation_by_the_standard_says_why_and_keeps_its_bounds(text: str, a: object, b: object) -> None:
    warnings: list[FeelWarning] = []
    limits = Limits(steps=2_000, size=1_000, total=20_000, depth=50)
    try:
        parse(text).evaluate({"a": a, "b": b}, now=NOW, standard=True, warnings=warnings, limits=limits)
    except UnknownVariable:
        raise
    except FeelError:
        pass
    assert all(warning.message and warning.line >= 1 and warning.column >= 1 for warning in warnings)


@quick
@given(texts)
def test_types_are_inferred_of_anything_that_reads(text: str) -> None:
    types = {"a": FeelType("number"), "b": FeelType("list", FeelType("string"))}
    with suppress(FeelSyntaxError):
        check(text, types)
    with suppress(FeelSyntaxError):
        check_tests(text, FeelType("date"), types)
