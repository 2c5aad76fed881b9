"""Dates, times and durations as text: what at-literals and conversion functions read, and ``string()`` writes.

The forms are those of XML Schema, with a zone of the IANA data base after ``@`` (DMN 1.5, 10.3.4.1). Microseconds are
kept, finer fractions are cut off.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel import far
from engine.feel.far import FarDate, FarDateTime, Instant
from engine.feel.values import Range, Value, YearsMonths

_DATE = r"(?P<year>-?(?:[1-9]\d{4,8}|\d{4}))-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME = (
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?:(?P<utc>[Zz])|(?P<offset>[+-]\d\d:\d\d(?::\d\d)?)|@(?P<zone>[A-Za-z0-9_+\-/]{1,64}))?"
)
_DATE_ONLY = re.compile(_DATE, re.ASCII)
_TIME_ONLY = re.compile(_TIME, re.ASCII)
_DATE_TIME = re.compile(rf"{_DATE}T{_TIME}", re.ASCII)
_DAYS = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,12})H)?(?:(?P<minutes>\d{1,14})M)?"
    r"(?:(?P<seconds>\d{1,15})(?:\.(?P<fraction>\d+))?S)?)?",
    re.ASCII,
)
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_MONTHS = re.compile(r"(?P<sign>-)?P(?=.)(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,10})M)?", re.ASCII)


def parse_date(text: str) -> Instant | None:
    """``2026-03-31``, ``-0044-03-15``, ``12026-03-31``; None for anything else, also for a day that does not exist."""
    found = _DATE_ONLY.fullmatch(text)
    return None if found is None else _date(found)


def parse_time(text: str) -> time | None:
    """``08:30:00``, with fraction, and with ``Z``, an offset or ``@Asia/Shanghai``; None for anything else."""
    found = _TIME_ONLY.fullmatch(text)
    return None if found is None else _time(found)


def parse_date_time(text: str) -> Instant | None:
    """A date, ``T`` and a time; a date alone is its midnight. None for anything else."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        day = parse_date(text)
        return None if day is None else midnight(day)
    day, clock = _date(found), _time(found)
    return None if day is None or clock is None else far.combine(day, clock)


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
    if text[:1] == "P" or text[:2] == "-P":
        return parse_duration(text)
    if text[2:3] == ":":
        return parse_time(text)
    return parse_date_time(text) if "T" in text else parse_date(text)


def _date(found: re.Match[str]) -> Instant | None:
    if found["year"] == "-0000":
        return None
    try:
        return far.day(int(found["year"]), int(found["month"]), int(found["day"]))
    except (ValueError, OverflowError):
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


def midnight(day: Instant) -> Instant:
    """The local date and time at which ``day`` begins."""
    return far.combine(day, time())


def source(value: Value) -> str:
    """A scalar or a range as FEEL source."""
    if type(value) is str:
        for sign, escape in _ESCAPES:
            value = value.replace(sign, escape)
        return f'"{value}"'
    if value is None or type(value) is bool:
        return {None: "null", True: "true", False: "false"}[value]
    if type(value) is Decimal:
        return _plain(value)
    return format_value(value) if type(value) is Range else f'@"{format_value(value)}"'


def _plain(value: Decimal) -> str:
    """Without exponent, and without the zeros and the sign that only arithmetic left behind."""
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _range(value: Range) -> str:
    if value.low is None:
        return f"({'<=' if value.high_closed else '<'} {source(value.high)})"
    if value.high is None:
        return f"({'>=' if value.low_closed else '>'} {source(value.low)})"
    opening, closing = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    return f"{opening}{source(value.low)}..{source(value.high)}{closing}"


def format_value(value: Value) -> str:
    """A date, time or duration as `parse_any` reads it, with the shortest form of a duration; a range as source."""
    if type(value) is Range:
        return _range(value)
    if type(value) is timedelta:
        return _format_duration(value)
    if isinstance(value, FarDate | FarDateTime):
        year = far.year_of(value)
        return f"{'-' if year < 0 else ''}{abs(year):04d}{format_value(value.near)[4:]}"
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
