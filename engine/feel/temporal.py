"""Dates, times and durations: arithmetic and properties (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.9).

Sums of an instant and a duration are elapsed time: across a change to daylight saving the clock shows what a stopwatch
says.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.feel import far
from engine.feel.far import DATE_TIMES, DATES, FarDate, FarDateTime, Instant
from engine.feel.values import NUMBERS, Value, YearsMonths

MICROSECOND = timedelta(microseconds=1)
DURATIONS = frozenset({timedelta, YearsMonths})


def shift_months(value: Instant, months: int) -> Instant:
    """So many months later, on the last day of a month that is too short. Raises OverflowError beyond FEEL's years."""
    cycles, near = far.split(value)
    year, month = divmod(near.year * 12 + near.month - 1 + months, 12)
    more, rest = divmod(year - 2000, 400)
    year, month = 2000 + rest, month + 1
    return far.join(cycles + more, near.replace(year=year, month=month, day=min(near.day, monthrange(year, month)[1])))


def add(left: Value, right: Value) -> Value:
    """``left + right`` where at least one is a duration (table 55); None when they do not add up."""
    if type(left) in DURATIONS and type(right) not in DURATIONS:
        left, right = right, left
    try:
        if type(right) is YearsMonths:
            if type(left) is YearsMonths:
                return YearsMonths(left.months + right.months)
            return shift_months(left, right.months) if type(left) in DATES or type(left) in DATE_TIMES else None
        if type(right) is not timedelta:
            return None
        if type(left) is timedelta:
            return left + right
        if type(left) is time:
            moved = datetime.combine(date(2000, 1, 2), left.replace(tzinfo=None)) + right % timedelta(days=1)
            return moved.time().replace(tzinfo=left.tzinfo)
        return far.shift(left, right) if type(left) in DATES or type(left) in DATE_TIMES else None
    except (OverflowError, ValueError):
        return None


def subtract(left: Value, right: Value) -> Value:
    """``left - right`` for temporal values (table 55); None when there is no difference."""
    try:
        if type(right) in DURATIONS:
            negative = YearsMonths(-right.months) if type(right) is YearsMonths else -right
            return None if type(left) in DURATIONS and type(left) is not type(right) else add(left, negative)
        if type(left) is time and type(right) is time:
            today = date(2000, 1, 1)
            left, right = datetime.combine(today, left), datetime.combine(today, right)
        elif type(left) in DATES and type(right) in DATES:
            return far.difference(left, right)
        elif {type(left), type(right)} <= DATES | DATE_TIMES:
            left, right = as_date_time(left), as_date_time(right)
        else:
            return None
        return None if (left.tzinfo is None) != (right.tzinfo is None) else far.difference(left, right)
    except (OverflowError, ValueError):
        return None


def as_date_time(value: Instant) -> Instant:
    """FEEL's conversion of a date to a date and time: its midnight UTC (10.3.2.9.4)."""
    return value if far.is_date_time(value) else far.combine(value, time(tzinfo=UTC))


def scale(length: timedelta | YearsMonths, factor: Decimal, divide: bool) -> Value:
    """A duration times, or divided by, a number; None when the result is out of range or the divisor is 0."""
    amount = Decimal(length.months if isinstance(length, YearsMonths) else length // MICROSECOND)
    try:
        whole = int(NUMBERS.divide(amount, factor) if divide else NUMBERS.multiply(amount, factor))
        return YearsMonths(whole) if isinstance(length, YearsMonths) else whole * MICROSECOND
    except (ArithmeticError, ValueError):
        return None


def ratio(left: Value, right: Value) -> Decimal | None:
    """How often one duration goes into another of its kind; None for a divisor of 0."""
    if type(left) is YearsMonths:
        return None if right.months == 0 else NUMBERS.divide(Decimal(left.months), Decimal(right.months))
    return None if not right else NUMBERS.divide(Decimal(left // MICROSECOND), Decimal(right // MICROSECOND))


def whole_months(start: Instant, end: Instant) -> YearsMonths:
    """The full months from ``start`` to ``end``, negative when ``end`` comes first."""
    first, last = far.split(start)[1], far.split(end)[1]
    months = (far.year_of(end) - far.year_of(start)) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonths(months)


def part(value: Value, name: str) -> Value:
    """A property such as ``year`` or ``time offset`` (table 65); None when the value has no such part."""
    if isinstance(value, FarDate | FarDateTime):
        return Decimal(far.year_of(value)) if name == "year" else part(value.near, name)
    read = _PARTS.get(type(value), {}).get(name)
    result = None if read is None else read(value)
    return Decimal(result) if type(result) is int else result


def part_names(value: Value) -> frozenset[str]:
    """The properties that values of this type have."""
    kind = type(value.near) if isinstance(value, FarDate | FarDateTime) else type(value)
    return frozenset(_PARTS.get(kind, ()))


def _zone_name(value: datetime | time) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _seconds(value: datetime | time) -> Decimal:
    return Decimal(value.second) + Decimal(value.microsecond).scaleb(-6)


def _signed(length: timedelta, unit: timedelta, modulus: int) -> int:
    """One part of a duration, with the sign of the whole: -P1DT2H has -1 days and -2 hours."""
    whole = abs(length) // unit % modulus
    return -whole if length < timedelta() else whole


_DATE_PARTS = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.isoweekday(),
}
_TIME_PARTS = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": _seconds,
    "time offset": lambda value: value.utcoffset(),
    "timezone": _zone_name,
}
_PARTS: dict[type, dict[str, Value]] = {
    date: _DATE_PARTS,
    time: _TIME_PARTS,
    datetime: _DATE_PARTS | _TIME_PARTS,
    timedelta: {
        "days": lambda value: _signed(value, timedelta(days=1), 1_000_000_000),
        "hours": lambda value: _signed(value, timedelta(hours=1), 24),
        "minutes": lambda value: _signed(value, timedelta(minutes=1), 60),
        "seconds": lambda value: Decimal(_signed(value, MICROSECOND, 60_000_000)).scaleb(-6),
    },
    YearsMonths: {
        "years": lambda value: int(value.months / 12),
        "months": lambda value: value.months - int(value.months / 12) * 12,
    },
}
PART_NAMES = tuple({name for parts in _PARTS.values() for name in parts})
"""All property names; the ones of several words have to be known to the parser."""
