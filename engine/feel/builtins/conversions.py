"""Functions that make one type of another (10.3.4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal

from engine.feel import far, literals, temporal
from engine.feel.builtins.registry import builtin
from engine.feel.far import Instant
from engine.feel.limits import Run
from engine.feel.values import NUMBERS, Function, Range, Value, YearsMonths, compare

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_OPENING = ("[", "(", "]")
_CLOSING = ("]", ")", "[")
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_LITERAL = re.compile(rf"(date and time|date|time|duration)\(\s*{_TEXT}\s*\)|(@?){_TEXT}", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_READERS: dict[str, Callable[[str], Value]] = {
    "@": literals.parse_any,
    "date": literals.parse_date,
    "time": literals.parse_time,
    "date and time": literals.parse_date_time,
    "duration": literals.parse_duration,
}
_SIGNS = ((" ", ",", "."), (",", "."))


@builtin("number", "from: string")
def number(run: Run, text: str) -> Decimal | None:
    """The number a string shows (an addition: the standard has all three arguments)."""
    return NUMBERS.create_decimal(text) if _NUMBER.fullmatch(text) else None


@builtin("number", "from: string, grouping separator: any, decimal separator: any")
def grouped_number(run: Run, text: str, grouping: Value, point: Value) -> Decimal | None:
    """The number a string shows; the grouping separator is a space, comma or point, the other one comma or point."""
    if grouping not in (None, *_SIGNS[0]) or point not in (None, *_SIGNS[1]) or (grouping and grouping == point):
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return number(run, text)


@builtin("number", "from: number")
def same_number(run: Run, value: Decimal) -> Decimal:
    """The number itself."""
    return value


@builtin("string", "from: any")
def string(run: Run, value: Value) -> str | None:
    """The value as FEEL writes it; strings inside lists and contexts in quotes."""
    return None if value is None else render(value, run, quoted=False)


def render(value: Value, run: Run, *, quoted: bool = True) -> str:
    """A value as FEEL source, as far as it has one; without ``quoted``, strings, dates and durations as plain text."""
    run.tick()
    if type(value) is list:
        return _joined("[", [render(item, run) for item in value], "]", run)
    if type(value) is dict:
        return _joined("{", [f"{_key(key)}: {render(item, run)}" for key, item in value.items()], "}", run)
    if type(value) is Function:
        return f"function({', '.join(value.parameters)})"
    if quoted or value is None or type(value) in (bool, Decimal):
        return literals.source(value)
    return value if type(value) is str else literals.format_value(value)


def _joined(opening: str, parts: list[str], closing: str, run: Run) -> str:
    run.produced(sum(len(part) + 2 for part in parts))
    return opening + ", ".join(parts) + closing


def _key(key: str) -> str:
    return key if key.isidentifier() else literals.source(key)


@builtin("date", "from: string")
def date_from_text(run: Run, text: str) -> Instant | None:
    """``2026-03-31``."""
    return literals.parse_date(text)


@builtin("date", "from: date")
def date_of(run: Run, value: Instant) -> Instant:
    """The day of a date and time, on its own clock."""
    return far.day_of(value)


@builtin("date", "year: number, month: number, day: number")
def date_from_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Instant:
    """A day of the calendar."""
    return far.day(int(year), int(month), int(day))


@builtin("date and time", "from: string")
def date_time_from_text(run: Run, text: str) -> Instant | None:
    """``2026-03-31T08:30:00``, with a zone if need be."""
    return literals.parse_date_time(text)


@builtin("date and time", "from: date")
def date_time_of(run: Run, value: Instant) -> Instant:
    """A date and time itself, or a date's midnight UTC."""
    return temporal.as_date_time(value)


@builtin("date and time", "date: date, time: time")
def date_time_from_parts(run: Run, day: Instant, clock: time) -> Instant:
    """A day and a time of day, with the zone of the time."""
    return far.combine(day, clock)


@builtin("date and time", "date: date, timezone: string")
def date_time_in_zone(run: Run, value: Instant, zone: str) -> datetime | None:
    """The same instant on the clock of another zone (an addition of common engines)."""
    target = literals.named_zone(zone)
    if target is None or not isinstance(value, datetime) or value.tzinfo is None:
        return None
    return value.astimezone(target)


@builtin("time", "from: string")
def time_from_text(run: Run, text: str) -> time | None:
    """``08:30:00``, with a zone if need be."""
    return literals.parse_time(text)


@builtin("time", "from: time")
def same_time(run: Run, value: time) -> time:
    """The time itself."""
    return value


@builtin("time", "from: date")
def time_of(run: Run, value: Instant) -> time:
    """The time of day of a date and time, with its zone; midnight UTC of a date."""
    near = far.split(temporal.as_date_time(value))[1]
    return near.timetz() if isinstance(near, datetime) else time()


@builtin("time", "hour: number, minute: number, second: number")
def local_time_from_parts(run: Run, hour: Decimal, minute: Decimal, second: Decimal) -> time:
    """A local time of day; seconds may have a fraction."""
    whole = int(second)
    return time(int(hour), int(minute), whole, int((second - whole) * 1_000_000))


@builtin("time", "hour: number, minute: number, second: number, offset?: duration")
def time_from_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None
) -> time | None:
    """A time of day at a distance from UTC; null for the distance makes it a local time."""
    zone = None if offset is None else literals.offset_zone(offset)
    if offset is not None and zone is None:
        return None
    return local_time_from_parts(run, hour, minute, second).replace(tzinfo=zone)


@builtin("duration", "from: string")
def duration(run: Run, text: str) -> Value:
    """``P3DT4H`` or ``P1Y6M``."""
    return literals.parse_duration(text)


@builtin("duration", "from: duration")
@builtin("duration", "from: months")
def same_duration(run: Run, value: Value) -> Value:
    """The duration itself."""
    return value


@builtin("years and months duration", "from: date, to: date")
def years_months(run: Run, start: Instant, end: Instant) -> YearsMonths:
    """The full months between two days."""
    return temporal.whole_months(start, end)


@builtin("range", "from: string")
def range_from_text(run: Run, text: str) -> Range | None:
    """``[1..5]`` with ends that are numbers, strings, or dates, times and durations; ``[1..)`` has no end."""
    text = text.strip()
    opening, closing = text[:1], text[1:][-1:]
    middle = _middle(text)
    if opening not in _OPENING or closing not in _CLOSING or middle < 0:
        return None
    low, high = text[1:middle].strip(), text[middle + 2 : -1].strip()
    start, end = _end(low), _end(high)
    if (low and start is None) or (high and end is None) or (start is None and end is None):
        return None
    if (start is None and opening == "[") or (end is None and closing == "]"):
        return None
    if start is not None and end is not None and compare(start, end) is None:
        return None
    return Range(start, end, opening == "[", closing == "]")


def _middle(text: str) -> int:
    """Where the two dots stand that are in no string; -1 without them."""
    quoted = False
    at = 0
    while at < len(text):
        if quoted and text[at] == "\\":
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        elif not quoted and text.startswith("..", at):
            return at
        at += 1
    return -1


def _end(text: str) -> Value:
    """An end of a range: the literals that the grammar has, nothing that would have to be computed."""
    if _NUMBER.fullmatch(text):
        return NUMBERS.create_decimal(text)
    found = _LITERAL.fullmatch(text)
    if found is None:
        return None
    function, argument, sign, quoted = found.groups()
    value = _ESCAPED.sub(lambda escape: escape[1], argument or quoted or "")
    reader = _READERS.get(function or sign)
    return value if reader is None else reader(value)
