"""Stored values: exact in both directions."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import YearsMonths
from engine.kernel import UnsupportedValue
from engine.kernel.values import decode, encode, text_of

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.times()
    | st.times(timezones=st.sampled_from([UTC, SHANGHAI]))
    | st.datetimes()
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), SHANGHAI, BERLIN]))
    | st.timedeltas()
    | st.builds(YearsMonths, st.integers(-10_000, 10_000))
)
KEYS = st.text(max_size=4) | st.sampled_from(["$n", "$o", "$"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


def same(left: object, right: object) -> bool:
    """Equal, of the same types, with the same digits and zones."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, datetime | time) and isinstance(right, datetime | time):
        zones = left.utcoffset() == right.utcoffset() and str(left.tzinfo) == str(right.tzinfo)
        return zones and left.replace(tzinfo=None) == right.replace(tzinfo=None)
    return str(left) == str(right) if isinstance(left, Decimal) else left == right


@settings(derandomize=True, max_examples=300)
@given(VALUES)
def test_what_is_stored_comes_back(value: object) -> None:
    stored = encode(value)
    text = json.dumps(stored)
    assert same(decode(json.loads(text)), value)
    assert encode(decode(stored)) == stored


def test_the_stored_forms() -> None:
    assert encode(Decimal("12.50")) == {"$n": "12.50"}
    assert encode(date(2026, 3, 1)) == {"$d": "2026-03-01"}
    assert encode(datetime(2026, 3, 1, 9, tzinfo=SHANGHAI)) == {"$i": "2026-03-01T09:00:00@Asia/Shanghai"}
    assert encode(timedelta(hours=1)) == {"$s": 3_600_000_000}
    assert encode(YearsMonths(14)) == {"$m": 14}
    assert encode({"$n": "1"}) == {"$o": {"$n": "1"}}
    assert encode((1, 2)) == [1, 2]


def test_a_value_of_a_subclass_is_kept_as_what_it_stands_for() -> None:
    class Grade(StrEnum):
        A = "a"

    class Money(Decimal):
        pass

    assert decode(encode([Grade.A, Money("1.10")])) == ["a", Decimal("1.10")]
    assert type(decode(encode(Grade.A))) is str


@pytest.mark.parametrize("value", [1.5, object(), {1: 2}, {1, 2}, b"x", Decimal("NaN"), Decimal("-Infinity")])
def test_what_cannot_be_kept_exactly_is_refused(value: object) -> None:
    for nested in (value, [value], {"a": value}):
        with pytest.raises(UnsupportedValue):
            encode(nested)


def test_nesting_is_bounded() -> None:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(UnsupportedValue, match="nested"):
        encode(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("PF-1", "PF-1"),
        (12, "12"),
        (Decimal("12.00"), "12"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.0"), "0"),
        (True, "true"),
        (date(2026, 3, 1), "2026-03-01"),
        (timedelta(hours=72), "P3D"),
        (None, None),
        ([1], None),
    ],
)
def test_text_of_scalars(value: object, text: str | None) -> None:
    assert text_of(value) == text
