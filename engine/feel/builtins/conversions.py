"""Functions that make one type of another (10.3.4.1)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from engine.feel import temporal
from engine.feel.builtins.registry import builtin
from engine.feel.limits import Run
from engine.feel.values import NUMBERS, Function, Range, Value, YearsMonths

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_RANGE = re.compile(r"([\[(\]])\s*(.*?)\s*\.\.\s*(.*?)\s*([\])\[])", re.DOTALL)
_SIGNS = ((" ", ",", "."), (",", "."))


@builtin("number", "from: string, grouping separator?: any, decimal separator?: any")
def number(run: Run, text: str, grouping: Value = None, point: Value = None) -> Decimal | None:
    """The number a string shows; the grouping separator is a space, comma or point, the other one comma or point."""
    if grouping not in (None, *_SIGNS[0]) or point not in (None, *_SIGNS[1]) or (grouping and grouping == point):
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point == ",":
        text = text.replace(",", ".")
    return NUMBERS.create_decimal(text) if _NUMBER.fullmatch(text) else None


@builtin("number", "from: number")
def same_number(run: Run, value: Decimal) -> Decimal:
    """The number itself."""
    return value


@builtin("string", "from: any")
def string(run: Run, value: Value) -> str | None:
    """The value as FEEL writes it; strings inside lists and contexts in quotes."""
    return None if value is None else render(value, run, quoted=False)


def render(value: Value, run: Run, *, quoted: bool = True) -> str:
    """A value as FEEL source, as far as it has one."""
    run.tick()
    if type(value) is str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if quoted else value
    if value is None or type(value) is bool:
        return {None: "null", True: "true", False: "false"}[value]
    if type(value) is Decimal:
        return _plain(value)
    if type(value) is list:
        return _joined("[", [render(item, run) for item in value], "]", run)
    if type(value) is dict:
        return _joined("{", [f"{_key(key)}: {render(item, run)}" for key, item in value.items()], "}", run)
    if type(value) is Range:
        opening, closing = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
        return f"{opening}{render(value.low, run)}..{render(value.high, run)}{closing}"
    if type(value) is Function:
        return f"function({', '.join(value.parameters)})"
    return temporal.format_value(value)


def _joined(opening: str, parts: list[str], closing: str, run: Run) -> str:
    run.produced(sum(len(part) + 2 for part in parts))
    return opening + ", ".join(parts) + closing


def _key(key: str) -> str:
    return key if key.isidentifier() else render_key(key)


def render_key(key: str) -> str:
    """A context's key in quotes, because it is not a plain name."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(value: Decimal) -> str:
    """Without exponent, and without the zeros that only arithmetic left behind."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@builtin("date", "from: string")
def date_from_text(run: Run, text: str) -> date | None:
    """``2026-03-31``."""
    return temporal.parse_date(text)


@builtin("date", "from: date")
def date_of(run: Run, value: date) -> date:
    """The day of a date and time, on its own clock."""
    return value.date() if isinstance(value, datetime) else value


@builtin("date", "year: number, month: number, day: number")
def date_from_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> date:
    """A day of the calendar."""
    return date(int(year), int(month), int(day))


@builtin("date and time", "from: string")
def date_time_from_text(run: Run, text: str) -> datetime | None:
    """``2026-03-31T08:30:00``, with a zone if need be."""
    return temporal.parse_date_time(text)


@builtin("date and time", "from: date")
def date_time_of(run: Run, value: date) -> datetime:
    """A date and time itself, or a date's midnight UTC."""
    return value if isinstance(value, datetime) else temporal.midnight(value).replace(tzinfo=UTC)


@builtin("date and time", "date: date, time: time")
def date_time_from_parts(run: Run, day: date, clock: Value) -> datetime | None:
    """A day and a time of day, with the zone of the time."""
    return datetime.combine(date_of(run, day), clock) if type(clock) is time else None


@builtin("date and time", "date: date, timezone: string")
def date_time_in_zone(run: Run, value: date, zone: str) -> datetime | None:
    """The same instant on the clock of another zone (an addition of common engines)."""
    target = temporal.named_zone(zone)
    if target is None or not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value.astimezone(target)


@builtin("time", "from: string")
def time_from_text(run: Run, text: str) -> time | None:
    """``08:30:00``, with a zone if need be."""
    return temporal.parse_time(text)


@builtin("time", "from: time")
def time_of(run: Run, value: Value) -> time:
    """The time of day of a date and time, with its zone; midnight UTC of a date."""
    if type(value) is time:
        return value
    return value.timetz() if isinstance(value, datetime) else time(tzinfo=UTC)


@builtin("time", "hour: number, minute: number, second: number, offset?: duration")
def time_from_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None
) -> time | None:
    """A time of day; seconds may have a fraction."""
    zone = None if offset is None else temporal.offset_zone(offset)
    if offset is not None and zone is None:
        return None
    whole = int(second)
    return time(int(hour), int(minute), whole, int((second - whole) * 1_000_000), tzinfo=zone)


@builtin("duration", "from: string")
def duration(run: Run, text: str) -> Value:
    """``P3DT4H`` or ``P1Y6M``."""
    return temporal.parse_duration(text)


@builtin("duration", "from: duration")
@builtin("duration", "from: months")
def same_duration(run: Run, value: Value) -> Value:
    """The duration itself."""
    return value


@builtin("years and months duration", "from: date, to: date")
def years_months(run: Run, start: date, end: date) -> YearsMonths:
    """The full months between two days."""
    return temporal.whole_months(start, end)


@builtin("range", "from: string")
def range_from_text(run: Run, text: str) -> Range | None:
    """``[1..5]`` with ends that are numbers, strings, or dates, times and durations, as DMN 1.5 added it."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    opening, low, high, closing = found.groups()
    ends = [_end(part) for part in (low, high)]
    if ends == [None, None] or (None not in ends and type(ends[0]) is not type(ends[1])):
        return None
    if (low and ends[0] is None) or (high and ends[1] is None):
        return None
    return Range(ends[0], ends[1], opening == "[", closing == "]")


def _end(text: str) -> Value:
    if _NUMBER.fullmatch(text):
        return NUMBERS.create_decimal(text)
    wrapped = re.fullmatch(r'(@|date and time\(|date\(|time\(|duration\()?"([^"]*)"\)?', text)
    if wrapped is None:
        return None
    return temporal.parse_any(wrapped[2]) if wrapped[1] else wrapped[2]
