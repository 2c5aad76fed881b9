"""Timers: ISO 8601 dates, durations and repeating intervals, and the arithmetic of when they are due.

A timer is parsed once (`parse_timer`); arming it gives its first `Tick` (`first_due`), firing it the next one
(`next_due`, None when it has no more). A tick is all a state must remember of an armed timer. Every ``now`` is aware;
every instant that comes out is in UTC.

Rules (ISO 8601-1:2019, BPMN 2.0.2 section 10.5.5.1):

- Years, months, weeks and days are *calendar* units of the timer's zone: one month after 31 January is the last of
  February, and a day keeps the time on the clock when the clock changes. Hours, minutes and seconds are elapsed time.
- Tick *k* is counted from the anchor, never from tick *k-1*, so the 31st comes back after February.
- A clock time that a zone skips is moved forward by the gap; one that it repeats means the first of the two.
- An instant without a zone (``2026-03-01T09:00:00``) is clock time in the timer's zone; ``@Europe/Berlin`` names one.
- ``Rn/...`` has *n* ticks, ``R/...`` has no end. Without a start the first tick is one period after arming; with a
  start it is the start, or the first later tick when that is past. If all are past, the last one is due at once: a
  timer that was armed fires.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.kernel.definition import HOUSE_ZONE, TimerKind

_Reached = Callable[[datetime], bool]

_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:[.,]([0-9]{1,6}))?S)?)?"
)
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6})[0-9]{0,3})?)?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2}|@[A-Za-z0-9_+/-]{1,60})?"
)
_REPEAT = re.compile(r"R([0-9]{0,6})")
_MAX_TEXT = 200


class TimerSyntaxError(ValueError):
    """The text is not an ISO 8601 date, duration or repeating interval; the message says why."""


class TimerOutOfRange(ValueError):
    """The timer would be due after the year 9999."""


@dataclass(frozen=True, slots=True)
class Period:
    """A duration: calendar months and days, and elapsed time. None is negative."""

    months: int = 0
    days: int = 0
    elapsed: timedelta = timedelta()

    def __bool__(self) -> bool:
        return bool(self.months or self.days or self.elapsed)


@dataclass(frozen=True, slots=True)
class ParsedTimer:
    """``kind`` DATE: ``start`` is the instant. DURATION: ``period``. CYCLE: ``period``, which is never empty,
    ``count`` (None: without end) and optionally ``start`` and ``end``. Instants are UTC; ``zone`` is the one whose
    calendar counts.
    """

    kind: TimerKind
    zone: tzinfo
    period: Period = Period()
    start: datetime | None = None
    end: datetime | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One due instant of an armed timer: the ``number``-th from 0, counted from ``anchor``. Both instants UTC."""

    at: datetime
    number: int
    anchor: datetime

    def to_json(self) -> list[str | int]:
        """Three plain values for a stored state; `from_json` is the inverse."""
        return [self.at.isoformat(), self.number, self.anchor.isoformat()]

    @classmethod
    def from_json(cls, stored: list[str | int]) -> Tick:
        """The tick that `to_json` stored."""
        at, number, anchor = stored
        return cls(datetime.fromisoformat(str(at)), int(number), datetime.fromisoformat(str(anchor)))


def parse_timer(kind: TimerKind, value: object, *, zone: str = HOUSE_ZONE) -> ParsedTimer:
    """Reads a timer.

    ``value`` is ISO 8601 text, or what an expression gave: a datetime or date (DATE), a timedelta or a years-and-months
    duration (an object with ``months``; DURATION). Raises `TimerSyntaxError`, also for an unknown ``zone``.
    """
    where = zone_named(zone)
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _MAX_TEXT:
            raise TimerSyntaxError(f"the timer text has {len(text)} characters, at most {_MAX_TEXT} are allowed")
        if kind is TimerKind.DATE:
            return ParsedTimer(kind, where, start=_instant(text, where))
        if kind is TimerKind.DURATION:
            return ParsedTimer(kind, where, period=_period(text))
        return _cycle(text, where)
    if kind is TimerKind.DATE and isinstance(value, date):
        return ParsedTimer(kind, where, start=_from_date(value, where))
    if kind is TimerKind.DURATION:
        return ParsedTimer(kind, where, period=_from_duration(value))
    raise TimerSyntaxError(f"a {kind.value} timer cannot be made from {type(value).__name__}")


def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name; raises `TimerSyntaxError` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimerSyntaxError(f"there is no time zone {name!r}") from None


def first_due(parsed: ParsedTimer, now: datetime) -> Tick:
    """The first tick of a timer armed at ``now``; it may lie in the past (then it is due at once).

    Raises `TimerOutOfRange`.
    """
    now = now.astimezone(UTC)
    if parsed.kind is TimerKind.DATE:
        assert parsed.start is not None  # noqa: S101 - parse_timer always gives a date its start
        return Tick(parsed.start, 0, parsed.start)
    if parsed.kind is TimerKind.DURATION or parsed.start is None:
        return Tick(_tick_at(parsed, now, 1), 1, now)
    anchor = parsed.start
    number = _first_number_from(parsed, anchor, 0, lambda at: at >= now)
    last = _last_number(parsed, anchor)
    if last is not None and number > last:
        number = last
    return Tick(_tick_at(parsed, anchor, number), number, anchor)


def next_due(parsed: ParsedTimer, previous: Tick, now: datetime, catch_up: str = "once") -> Tick | None:
    """The tick after ``previous``, which fired at ``now``; None when the timer has no more.

    ``catch_up`` ``once`` passes over every tick that is due by ``now`` (they count as fired together with
    ``previous``); ``all`` gives the very next one, due at once when it is past.
    """
    if parsed.kind is not TimerKind.CYCLE:
        return None
    now = now.astimezone(UTC)
    number = previous.number + 1
    if catch_up != "all":
        number = _first_number_from(parsed, previous.anchor, number, lambda at: at > now)
    last = _last_number(parsed, previous.anchor)
    if last is not None and number > last:
        return None
    try:
        return Tick(_tick_at(parsed, previous.anchor, number), number, previous.anchor)
    except TimerOutOfRange:
        return None


def _last_number(parsed: ParsedTimer, anchor: datetime) -> int | None:
    """The number of the last tick; without a start the first tick has number 1, else 0. None: no end."""
    first = 0 if parsed.start is not None else 1
    last = None if parsed.count is None else first + parsed.count - 1
    if parsed.end is not None:
        end = parsed.end
        by_end = max(first, _first_number_from(parsed, anchor, first, lambda at: at > end) - 1)
        last = by_end if last is None else min(last, by_end)
    return last


def _first_number_from(parsed: ParsedTimer, anchor: datetime, low: int, reached: _Reached) -> int:
    """The smallest number from ``low`` whose instant ``reached`` accepts, found by doubling and halving: a timer of
    one second that slept for a year is found in 50 steps. Instants beyond the calendar count as reached.
    """

    def holds(number: int) -> bool:
        try:
            return reached(_tick_at(parsed, anchor, number))
        except TimerOutOfRange:
            return True

    if holds(low):
        return low
    step = 1
    while not holds(low + step):
        step *= 2
    below, above = low + step // 2, low + step
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if holds(middle) else (middle, above)
    return above


def _tick_at(parsed: ParsedTimer, anchor: datetime, number: int) -> datetime:
    """``anchor`` plus ``number`` periods: calendar part on the zone's clock, then elapsed time."""
    period = parsed.period
    at = anchor
    try:
        if number and (period.months or period.days):
            local = anchor.astimezone(parsed.zone).replace(tzinfo=None)
            local = add_months(local, period.months * number) + timedelta(days=period.days * number)
            at = local.replace(tzinfo=parsed.zone, fold=0).astimezone(UTC)
        return at + period.elapsed * number
    except (OverflowError, ValueError):
        raise TimerOutOfRange("the timer would be due after the year 9999") from None


def add_months(at: datetime, months: int) -> datetime:
    """``at`` moved by whole months; a day that the month lacks becomes its last day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    next_month = date(year + month // 11, (month + 1) % 12 + 1, 1)
    last_day = (next_month - timedelta(days=1)).day
    return at.replace(year=year, month=month + 1, day=min(at.day, last_day))


def _cycle(text: str, zone: tzinfo) -> ParsedTimer:
    parts = text.split("/")
    repeat = _REPEAT.fullmatch(parts[0])
    if repeat is None or len(parts) not in (2, 3):
        raise TimerSyntaxError(
            f"{text!r} is not a repeating interval: write R/PT1H (without end), R5/PT1H, R5/2026-01-31T09:00:00/P1M"
            " or R/PT1H/2026-12-31; cron expressions are not read"
        )
    count = int(repeat[1]) if repeat[1] else None
    if count == 0:
        raise TimerSyntaxError(f"{text!r} repeats zero times")
    start = end = None
    if len(parts) == 2:
        period = _period(parts[1])
    elif parts[1].startswith("P"):
        period, end = _period(parts[1]), _instant(parts[2], zone)
    elif parts[2].startswith("P"):
        start, period = _instant(parts[1], zone), _period(parts[2])
    else:
        start = _instant(parts[1], zone)
        length = _instant(parts[2], zone) - start
        if length < timedelta():
            raise TimerSyntaxError(f"{text!r} ends before it begins")
        period = Period(elapsed=length)
    if not period:
        raise TimerSyntaxError(f"{text!r} has an empty period and would fire without end at one instant")
    return ParsedTimer(TimerKind.CYCLE, zone, period, start, end, count)


def _period(text: str) -> Period:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise TimerSyntaxError(f"{text!r} is not a duration such as PT72H, P10D or P1M")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:7])
    micros = int((match[8] or "").ljust(6, "0"))
    return Period(
        months=years * 12 + months,
        days=weeks * 7 + days,
        elapsed=timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros),
    )


def _instant(text: str, zone: tzinfo) -> datetime:
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise TimerSyntaxError(f"{text!r} is not a date and time such as 2026-03-01T09:00:00+08:00")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micros = int((match[7] or "").ljust(6, "0"))
    try:
        local = datetime(year, month, day, hour, minute, second, micros)  # noqa: DTZ001 - its zone follows below
        if match[8] is None:
            return local.replace(tzinfo=zone).astimezone(UTC)
        if match[8].startswith("@"):
            return local.replace(tzinfo=zone_named(match[8][1:])).astimezone(UTC)
        return datetime.fromisoformat(local.isoformat() + match[8]).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise TimerSyntaxError(f"{text!r} is not a date and time: {problem}") from None


def _from_date(value: date, zone: tzinfo) -> datetime:
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    try:
        return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise TimerSyntaxError(f"{value} is outside the calendar") from None


def _from_duration(value: object) -> Period:
    if isinstance(value, timedelta):
        period = Period(elapsed=value)
    elif isinstance(months := getattr(value, "months", None), int):
        period = Period(months=months)
    else:
        raise TimerSyntaxError(f"a duration cannot be made from {type(value).__name__}")
    if period.months < 0 or period.elapsed < timedelta():
        raise TimerSyntaxError(f"the duration {value} is negative")
    return period
