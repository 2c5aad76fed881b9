"""Dates, times and durations of FEEL against an arithmetic that counts days itself, without any of `datetime`."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import parse
from tests.feel.gives import shown

quick = settings(derandomize=True, max_examples=100, deadline=None, print_blob=True)
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MICROSECONDS_OF_A_DAY = 86_400_000_000

years = (
    st.integers(-9_999, 29_999) | st.integers(1, 9_999) | st.sampled_from((-400, -1, 0, 1, 1900, 2000, 9999, 10_000))
)
days = st.builds(
    lambda year, month, day: (year, month, min(day, length_of(year, month))),
    years,
    st.integers(1, 12),
    st.integers(1, 31),
)
microseconds = st.integers(0, MICROSECONDS_OF_A_DAY - 1) | st.integers(0, 86_399).map(lambda second: second * 1_000_000)
offsets = st.integers(-14 * 60, 14 * 60)
spans = st.integers(-(10**15), 10**15) | st.integers(-400, 400).map(lambda count: count * MICROSECONDS_OF_A_DAY)


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def length_of(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else LENGTHS[month - 1]


def number_of(year: int, month: int, day: int) -> int:
    """Days since 0000-01-01."""
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400 + 1  # year 0 has 366 days
    return 365 * year + leaps + sum(length_of(year, each) for each in range(1, month)) + day - 1


def day_number(number: int) -> tuple[int, int, int]:
    """The other way round, by looking for it."""
    year = number * 400 // 146_097
    while number_of(year, 1, 1) > number:
        year -= 1
    while number_of(year + 1, 1, 1) <= number:
        year += 1
    rest, month = number - number_of(year, 1, 1), 1
    while rest >= length_of(year, month):
        rest -= length_of(year, month)
        month += 1
    return year, month, rest + 1


def written(year: int, month: int, day: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"


def clock(microsecond: int) -> str:
    second, fraction = divmod(microsecond, 1_000_000)
    text = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def zone(offset: int) -> str:
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"


def duration(span: int) -> str:
    seconds, fraction = divmod(abs(span), 1_000_000)
    return f"{'-' if span < 0 else ''}PT{seconds}.{fraction:06d}S"


def same(text: str, other: str) -> None:
    assert shown(f"[{text}]") == shown(f"[{other}]"), text


@quick
@given(days, st.integers(-1_000_000, 1_000_000))
def test_a_day_and_so_many_days(day: tuple[int, int, int], count: int) -> None:
    later = day_number(number_of(*day) + count)
    length = f'@"{"-" if count < 0 else ""}P{abs(count)}D"'
    same(f'@"{written(*day)}" + {length}', f'@"{written(*later)}"')
    same(f'@"{written(*later)}" - @"{written(*day)}"', length)
    same(f'@"{written(*day)}" < @"{written(*later)}"', str(count > 0).lower())
    same(f'@"{written(*day)}".weekday', str((number_of(*day) + 5) % 7 + 1))
    same(f'day of year(@"{written(*day)}")', str(number_of(*day) - number_of(day[0], 1, 1) + 1))


@quick
@given(days, st.integers(-50_000, 50_000))
def test_a_day_and_so_many_months(day: tuple[int, int, int], count: int) -> None:
    year, month = divmod(day[0] * 12 + day[1] - 1 + count, 12)
    later = year, month + 1, min(day[2], length_of(year, month + 1))
    length = f'@"{"-" if count < 0 else ""}P{abs(count)}M"'
    same(f'@"{written(*day)}" + {length}', f'@"{written(*later)}"')
    whole = count - (count > 0 and later[2] < day[2]) + (count < 0 and later[2] > day[2])
    same(
        f'years and months duration(@"{written(*day)}", @"{written(*later)}")',
        f'@"{"-" if whole < 0 else ""}P{abs(whole)}M"',
    )


@quick
@given(days, microseconds, offsets, days, microseconds, offsets, spans)
def test_instants_are_points_on_one_line(
    day: tuple[int, int, int], at: int, offset: int, other: tuple[int, int, int], then: int, away: int, span: int
) -> None:
    one = number_of(*day) * MICROSECONDS_OF_A_DAY + at
    two = number_of(*other) * MICROSECONDS_OF_A_DAY + then
    first, second = (f'@"{written(*day)}T{clock(at)}{zone(offset)}"', f'@"{written(*other)}T{clock(then)}{zone(away)}"')
    minute = 60_000_000
    distance = (one - offset * minute) - (two - away * minute)
    same(f"{first} - {second}", f'@"{duration(distance)}"')
    same(f"[{first} < {second}, {first} = {second}]", f"[{str(distance < 0).lower()}, {str(distance == 0).lower()}]")
    number, rest = divmod(one + span, MICROSECONDS_OF_A_DAY)
    same(f'{first} + @"{duration(span)}"', f'@"{written(*day_number(number))}T{clock(rest)}{zone(offset)}"')


@quick
@given(microseconds, spans)
def test_times_of_day_go_round(at: int, span: int) -> None:
    same(f'@"{clock(at)}" + @"{duration(span)}"', f'@"{clock((at + span) % MICROSECONDS_OF_A_DAY)}"')


@quick
@given(spans, spans, st.integers(-1_000, 1_000))
def test_durations_are_numbers_with_a_unit(one: int, other: int, factor: int) -> None:
    first, second = timedelta(microseconds=one), timedelta(microseconds=other)
    value = parse("[a + b, a - b, a * n, -a, abs(a), a < b, a = b]").evaluate({"a": first, "b": second, "n": factor})
    assert value == [first + second, first - second, first * factor, -first, abs(first), one < other, one == other]
    if other:
        ratio = parse("a / b").evaluate({"a": first, "b": second})
        assert abs(Fraction(ratio) - Fraction(one, other)) <= abs(Fraction(one, other)) / 10**33


@quick
@given(st.integers(-100_000, 100_000), st.integers(-1_000, 1_000), st.integers(1, 1_000))
def test_months_are_scaled_towards_zero(count: int, over: int, under: int) -> None:
    exact = Fraction(count * over, under)
    towards_zero = abs(exact).__floor__() * (-1 if exact < 0 else 1)
    text = f'@"{"-" if count < 0 else ""}P{abs(count)}M" * {over} / {under}'
    same(text, f'@"{"-" if towards_zero < 0 else ""}P{abs(towards_zero)}M"')
