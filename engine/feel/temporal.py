"""Dates, times and durations: reading, writing and arithmetic (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.9).

Years 1 to 9999 and microseconds, as in Python; what lies outside is null. Sums of an instant and a duration are
elapsed time: across a change to daylight saving the clock shows what a stopwatch says.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel.values import NUMBERS, Value, YearsMonths, instant

MICROSECOND = timedelta(microseconds=1)
_DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME = (
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?:(?P<utc>Z)|(?P<offset>[+-]\d\d:\d\d(?::\d\d)?)|@(?P<zone>[A-Za-z0-9_+\-/]{1,64}))?"
)
_DATE_ONLY = re.compile(_DATE, re.ASCII)
_TIME_ONLY = re.compile(rf"T?{_TIME}", re.ASCII)
_DATE_TIME = re.compile(rf"{_DATE}T{_TIME}", re.ASCII)
_DAYS = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,12})H)?(?:(?P<minutes>\d{1,14})M)?"
    r"(?:(?P<seconds>\d{1,15})(?:\.(?P<fraction>\d+))?S)?)?",
    re.ASCII,
)
_MONTHS = re.compile(r"(?P<sign>-)?P(?=.)(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,10})M)?", re.ASCII)


def parse_date(text: str) -> date | None:
    """``2026-03-31``; None for anything else, also for a day that does not exist."""
    found = _DATE_ONLY.fullmatch(text)
    return None if found is None else _date(found)


def parse_time(text: str) -> time | None:
    """``08:30:00``, with fraction, and with ``Z``, an offset or ``@Asia/Shanghai``; None for anything else."""
    found = _TIME_ONLY.fullmatch(text)
    return None if found is None else _time(found)


def parse_date_time(text: str) -> datetime | None:
    """A date, ``T`` and a time; a date alone is its midnight. None for anything else."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        day = parse_date(text)
        return None if day is None else midnight(day)
    day, clock = _date(found), _time(found)
    return None if day is None or clock is None else datetime.combine(day, clock)


def parse_duration(text: str) -> timedelta | YearsMonths | None:
    """``P3DT4H`` or ``P1Y6M``; None for anything else, also for months mixed with days."""
    found = _DAYS.fullmatch(text)
    if found is not None:
        whole = {key: int(found[key] or 0) for key in ("days", "hours", "minutes", "seconds")}
        try:
            length = timedelta(microseconds=_microseconds(found["fraction"]), **whole)
        except OverflowError:
            return None
        return -length if found["sign"] else length
    found = _MONTHS.fullmatch(text)
    if found is None:
        return None
    months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
    return YearsMonths(-months if found["sign"] else months)


def parse_any(text: str) -> Value:
    """What an at-literal (``@"..."``) stands for; None when it is no date, time or duration."""
    if text[:1] in ("P", "-"):
        return parse_duration(text)
    if "T" in text[1:]:
        return parse_date_time(text)
    return parse_time(text) if ":" in text else parse_date(text)


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def _time(found: re.Match[str]) -> time | None:
    zone: tzinfo | None = UTC if found["utc"] else None
    if found["offset"]:
        zone = _offset(found["offset"])
    elif found["zone"]:
        zone = named_zone(found["zone"])
    if zone is None and (found["offset"] or found["zone"]):
        return None
    try:
        return time(
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"]),
            _microseconds(found["fraction"]),
            tzinfo=zone,
        )
    except ValueError:
        return None


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _offset(text: str) -> tzinfo | None:
    hours, minutes, seconds = (int(part) for part in (text[1:] + ":00").split(":")[:3])
    if hours > 14 or minutes > 59 or seconds > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return offset_zone(-length if text[0] == "-" else length)


def offset_zone(length: timedelta) -> tzinfo | None:
    """A zone at a fixed distance from UTC; None beyond 14 hours, or finer than a second."""
    if abs(length) > timedelta(hours=14) or length % timedelta(seconds=1):
        return None
    return timezone(length) if length else UTC


def named_zone(name: str) -> tzinfo | None:
    """A zone of the IANA data base; None when there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def midnight(day: date) -> datetime:
    """The local date and time at which ``day`` begins."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  # FEEL's local date and time has no zone


def format_value(value: Value) -> str:
    """As `parse_any` reads it, with the shortest form of a duration."""
    if type(value) is timedelta:
        return _format_duration(value)
    if type(value) is datetime or type(value) is time:
        local = value.replace(tzinfo=None).isoformat()
        fraction = local.rstrip("0") if "." in local else local
        zone = value.tzinfo
        if zone is None:
            return fraction
        if isinstance(zone, ZoneInfo):
            return f"{fraction}@{zone.key}"
        return fraction + ("Z" if zone is UTC else zone.tzname(None) or "").removeprefix("UTC")
    return str(value)


def _format_duration(length: timedelta) -> str:
    days, rest = divmod(abs(length), timedelta(days=1))
    hours, rest = divmod(rest, timedelta(hours=1))
    minutes, rest = divmod(rest, timedelta(minutes=1))
    seconds = f"{rest.seconds}.{rest.microseconds:06d}".rstrip("0").rstrip(".")
    clock = "".join(f"{part}{unit}" for part, unit in ((hours, "H"), (minutes, "M")) if part)
    clock += f"{seconds}S" if rest else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if length < timedelta() else ''}P{text or 'T0S'}"


def shift_months(day: date, months: int) -> date | None:
    """``day`` so many months later, on the last day of a month that is too short; keeps a datetime's time."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        return None
    return day.replace(year=years, month=month + 1, day=min(day.day, monthrange(years, month + 1)[1]))


def add(left: Value, right: Value) -> Value:
    """``left + right`` where at least one is a duration (table 55); None when they do not add up."""
    if type(left) in (timedelta, YearsMonths) and type(right) in (date, datetime, time):
        left, right = right, left
    try:
        if type(right) is YearsMonths:
            if type(left) is YearsMonths:
                return YearsMonths(left.months + right.months)
            return shift_months(left, right.months) if type(left) in (date, datetime) else None
        if type(right) is not timedelta:
            return None
        if type(left) is datetime and left.tzinfo is not None:
            return (instant(left) + right).astimezone(left.tzinfo)
        if type(left) is time:
            moved = datetime.combine(date(2000, 1, 2), left.replace(tzinfo=None)) + right % timedelta(days=1)
            return moved.time().replace(tzinfo=left.tzinfo)
        if type(left) is date:
            return (midnight(left) + right).date()
        return left + right if type(left) in (timedelta, datetime) else None
    except (OverflowError, ValueError):
        return None


def subtract(left: Value, right: Value) -> Value:
    """``left - right`` for temporal values (table 55); None when there is no difference."""
    try:
        if type(right) in (timedelta, YearsMonths):
            negative = YearsMonths(-right.months) if type(right) is YearsMonths else -right
            return None if type(left) not in (date, datetime, time, type(right)) else add(left, negative)
        if type(left) is time and type(right) is time:
            today = date(2000, 1, 1)
            left, right = datetime.combine(today, left), datetime.combine(today, right)
        elif type(left) in (date, datetime) and type(right) in (date, datetime):
            left, right = _as_date_time(left, right), _as_date_time(right, left)
        else:
            return None
        if (left.tzinfo is None) != (right.tzinfo is None):
            return None
        return left - right if left.tzinfo is None else instant(left) - instant(right)
    except (OverflowError, ValueError):
        return None


def _as_date_time(value: date, other: date) -> datetime:
    """A date beside a date and time counts as its midnight UTC (10.3.2.3.6), beside a local one as its midnight."""
    if isinstance(value, datetime):
        return value
    aware = isinstance(other, datetime) and other.tzinfo is not None
    return midnight(value).replace(tzinfo=UTC if aware else None)


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


def whole_months(start: date, end: date) -> YearsMonths:
    """The full months from ``start`` to ``end``, negative when ``end`` comes first."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)


def part(value: Value, name: str) -> Value:
    """A property such as ``year`` or ``time offset`` (table 65); None when the value has no such part."""
    read = _PARTS.get(type(value), {}).get(name)
    result = None if read is None else read(value)
    return Decimal(result) if type(result) is int else result


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
        "seconds": lambda value: _signed(value, timedelta(seconds=1), 60),
    },
    YearsMonths: {
        "years": lambda value: int(value.months / 12),
        "months": lambda value: value.months - int(value.months / 12) * 12,
    },
}
PART_NAMES = tuple({name for parts in _PARTS.values() for name in parts})
"""All property names; the ones of several words have to be known to the parser."""
