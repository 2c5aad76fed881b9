"""FEEL values as Python values, and what two of them have to do with each other (DMN 1.5, 10.3.2).

number = `Decimal` (34 digits), string = `str`, boolean = `bool`, null = None, date, time, date and time = `date`,
`time`, `datetime` (local, or aware; `FarDate` and `FarDateTime` outside the years 1 to 9999), days and time duration =
`timedelta`, years and months duration = `YearsMonths`, list = `list`, context = `dict`, range = `Range`, function =
`Function`. Values are never changed in place.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import total_ordering
from typing import Any, TypeAlias

from engine.feel import far
from engine.feel.errors import FeelEvaluationError, FeelLimitExceeded
from engine.feel.far import DATE_TIMES, FAR, FarDate, FarDateTime
from engine.feel.limits import MAX_DATA_DEPTH, Run

Value: TypeAlias = Any

NUMBERS = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""IEEE 754 decimal128, as FEEL demands (10.3.2.3.1). A trapped operation is null."""


@total_ordering
@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A years and months duration, as a signed number of ``months``."""

    months: int

    def __lt__(self, other: YearsMonths) -> bool:
        return self.months < other.months

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.months < 0 else ''}P{text or '0M'}"


@dataclass(frozen=True, slots=True)
class Range:
    """All values from ``low`` to ``high``; an end that is None is open to that side (``(>= 5)``)."""

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function value: user-defined, a business knowledge model, or a built-in passed by name.

    ``types`` are the `engine.feel.types.FeelType` of the parameters and ``result`` that of the result, None where none
    is declared.
    """

    parameters: tuple[str, ...]
    call: Callable[[Run, list[Value]], Value] = field(repr=False)
    variadic: bool = False
    types: tuple[Any, ...] = ()
    result: Any = None


PLAIN = frozenset({str, bool, type(None), date, time, datetime, timedelta, YearsMonths, Range, Function, *FAR})
"""Types that go into an expression as they are."""

ORDERED = frozenset({Decimal, str, date, timedelta, YearsMonths})
"""Types whose values Python compares as FEEL does, with each other."""


_TEMPORAL = {date: "date", FarDate: "date", time: "time", datetime: "date and time", FarDateTime: "date and time"}


def convert(value: object, run: Run, depth: int = 0) -> Value:
    """A variable's value as FEEL value: integers and floats become `Decimal`, tuples become lists, all the way down.

    Raises `FeelEvaluationError` for a value FEEL has no type for (also NaN and infinity), and `FeelLimitExceeded`
    for one that is nested more than `MAX_DATA_DEPTH` levels.
    """
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is Decimal:
        return _number(value)  # type: ignore[arg-type]  # its type was just compared
    if kind is dict or kind is list:
        return _converted(value, run, depth)
    if isinstance(value, str):
        return str.__str__(value)  # the plain text of an enumeration's member
    if isinstance(value, date | time | timedelta):
        return value
    if isinstance(value, int | float):
        if isinstance(value, int) and value.bit_length() > 20_000:
            raise FeelEvaluationError("a whole number is too large for FEEL")
        return _number(Decimal(int(value) if isinstance(value, int) else repr(float(value))))
    if isinstance(value, list | tuple | Mapping):
        return _converted(value, run, depth)
    raise FeelEvaluationError(f"FEEL has no type for a value of type {kind.__name__}")


def _converted(value: Any, run: Run, depth: int) -> Value:
    """A list, tuple or mapping with all that is in it converted; most of it stays as it is, without a call for each."""
    if depth > MAX_DATA_DEPTH:
        raise FeelLimitExceeded(f"a value is nested more than {MAX_DATA_DEPTH} levels deep")
    run.tick(len(value))
    depth += 1
    if isinstance(value, list | tuple):
        return [item if type(item) in PLAIN or _is_number(item) else convert(item, run, depth) for item in value]
    converted = {}
    for key, item in value.items():
        if type(item) not in PLAIN and not _is_number(item):
            item = convert(item, run, depth)
        converted[key if type(key) is str else str(key)] = item
    return converted


def _is_number(value: object) -> bool:
    """Whether a value is a number of FEEL as it stands."""
    return type(value) is Decimal and value.is_finite() and -7000 < value.adjusted() < 7000


def _number(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise FeelEvaluationError(f"{value} is not a number in FEEL")
    if not -7000 < value.adjusted() < 7000:
        raise FeelEvaluationError("a number is outside the range of FEEL")
    return value


def check_result(value: Value, run: Run, depth: int = 0) -> None:
    """Refuse a result that is nested too deeply or, with its shared parts written out, too large to be stored."""
    if type(value) is list or type(value) is dict:
        if depth > MAX_DATA_DEPTH:
            raise FeelLimitExceeded(f"the result is nested more than {MAX_DATA_DEPTH} levels deep")
        run.tick(len(value) + 1)
        for item in value.values() if type(value) is dict else value:
            if type(item) is list or type(item) is dict:
                check_result(item, run, depth + 1)


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None when the two cannot be ordered (different types, one with zone and one without)."""
    kind, other = type(left), type(right)
    if kind in ORDERED and kind is other:
        return int(left > right) - int(left < right)
    if kind is time and other is time:
        if (left.utcoffset() is None) != (right.utcoffset() is None):
            return None
        if left.utcoffset() is None and left.tzinfo is not right.tzinfo:
            return None  # times of day in two named zones: which comes first depends on the day
        if left.utcoffset() is None:
            left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
        return int(left > right) - int(left < right)
    if kind in DATE_TIMES and other in DATE_TIMES:
        if (left.tzinfo is None) != (right.tzinfo is None):
            return None
        order = far.order(left, right)
        return int(order > 0) - int(order < 0)
    if (kind is FarDate and other in (date, FarDate)) or (kind is date and other is FarDate):
        order = far.microseconds(left) - far.microseconds(right)
        return int(order > 0) - int(order < 0)
    return None


def equal(left: Value, right: Value, run: Run) -> bool | None:
    """FEEL's ``=`` (table 53): None for different types, null equals only null."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind in _TEMPORAL and type(right) in _TEMPORAL:
        return _same_instant(left, right)
    if kind is not type(right):
        return None
    if kind in ORDERED or kind is bool:
        return bool(left == right)
    if kind is list:
        return _equal_items(left, right, run)
    if kind is dict:
        run.tick(len(left))
        if left.keys() != right.keys():
            return False
        return _equal_items(list(left.values()), [right[key] for key in left], run)
    if kind is Range:
        closed = left.low_closed == right.low_closed and left.high_closed == right.high_closed
        return closed and _equal_items([left.low, left.high], [right.low, right.high], run)
    return left is right


def _same_instant(left: Value, right: Value) -> bool | None:
    """Equality of dates, times, and dates and times: one with a zone and one without are different, but of one type."""
    order = compare(left, right)
    if order is not None:
        return order == 0
    types = {_TEMPORAL[type(left)], _TEMPORAL[type(right)]}
    return False if len(types) == 1 else None


def _equal_items(left: list[Value], right: list[Value], run: Run) -> bool | None:
    if len(left) != len(right):
        return False
    run.tick(len(left))
    unknown = False
    for one, other in zip(left, right, strict=True):
        same = equal(one, other, run)
        if same is False:
            return False
        unknown = unknown or same is None
    return None if unknown else True


def within(value: Value, bounds: Range) -> bool | None:
    """Whether ``value`` lies in the range; None when it cannot be compared with the ends."""
    if bounds.low is not None:
        order = compare(value, bounds.low)
        if order is None or order < 0 or (order == 0 and not bounds.low_closed):
            return None if order is None else False
    if bounds.high is not None:
        order = compare(value, bounds.high)
        if order is None or order > 0 or (order == 0 and not bounds.high_closed):
            return None if order is None else False
    return None if bounds.low is None and bounds.high is None else True
