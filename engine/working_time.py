"""Deadline arithmetic in business calendars.

Working time is the time inside the hours of working days. Adding hours gives the first instant at which they have
passed, subtracting them the last one from which they still pass; so 16 hours from Wednesday 15:00 end on Friday 15:00.

A working day counts as in the computation of time limits: the day of the event is not counted, the clock time stays
(moved into the span from the first to the last hour of the day). An event on another day counts as one at the end of
the working day before it (when subtracting: the begin of the one after it); so one working day after Saturday ends when
Monday's hours end. A week is as many working days as a calendar has weekdays; months and years have no number of
working days and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine.business_calendar import DEFAULT, Calendar, CalendarError, load_calendars

__all__ = [
    "Calendar",
    "CalendarError",
    "DurationError",
    "UnknownCalendar",
    "WorkingDuration",
    "WorkingTime",
    "load_calendars",
]

_DURATION = re.compile(
    r"([+-]?)P(?=[0-9T])(?:([0-9]{1,5})W)?(?:([0-9]{1,5})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,7}(?:[.,][0-9]{1,6})?)H)?(?:([0-9]{1,7}(?:[.,][0-9]{1,6})?)M)?"
    r"(?:([0-9]{1,9}(?:[.,][0-9]{1,6})?)S)?)?"
)
_LONGEST = timedelta(hours=1_000_000)
_MOST_DAYS = 100_000


class DurationError(ValueError):
    """A text is not a duration of working time, or leads past the years that can be written; the message names it."""


class UnknownCalendar(ValueError):
    """No calendar has this name; the message names it and those there are."""


@dataclass(frozen=True, slots=True)
class WorkingDuration:
    """Weeks and days of work, then time of work; ``sign`` is 1 or -1 for all of them."""

    sign: int
    weeks: int
    days: int
    hours: timedelta

    @classmethod
    def parse(cls, text: str) -> WorkingDuration:
        """Read ISO 8601: ``PT16H``, ``P10D``, ``-P5D``, ``P1DT4H``. Raises `DurationError`."""
        found = _DURATION.fullmatch(text.strip())
        if found is None:
            raise DurationError(f"{text!r} is not a duration of working time such as PT16H, P10D or -P5D")
        sign, weeks, days, *clock = found.groups()
        units = (Decimal(3600), Decimal(60), Decimal(1))
        seconds = sum(
            (Decimal((part or "0").replace(",", ".")) * unit for part, unit in zip(clock, units, strict=True)),
            Decimal(),
        )
        hours = timedelta(microseconds=int(seconds * 1_000_000))
        if hours > _LONGEST or int(weeks or 0) * 7 + int(days or 0) > _MOST_DAYS:
            raise DurationError(f"the duration {text!r} is too long")
        return cls(-1 if sign == "-" else 1, int(weeks or 0), int(days or 0), hours)


class WorkingTime:
    """Working time in named calendars; ``default`` must be among them. All instants that come out are UTC."""

    def __init__(self, calendars: Mapping[str, Calendar] | None = None) -> None:
        self._calendars = dict(calendars) if calendars is not None else load_calendars(None)
        if DEFAULT not in self._calendars:
            raise UnknownCalendar(f"there is no calendar {DEFAULT!r}; there are {', '.join(sorted(self._calendars))}")

    def calendar(self, name: str | None = None) -> Calendar:
        """The calendar of that name, the default one for None or "". Raises `UnknownCalendar`."""
        try:
            return self._calendars[name or DEFAULT]
        except KeyError:
            known = ", ".join(sorted(self._calendars))
            raise UnknownCalendar(f"there is no calendar {name!r}; there are: {known}") from None

    def add(self, start: datetime, duration: str, calendar: str | None = None) -> datetime:
        """``start`` (aware) plus an ISO 8601 ``duration`` of working time, which may be negative. Nothing added is
        ``start`` itself.

        Raises `DurationError`, `UnknownCalendar`, and ValueError for a naive ``start``.
        """
        used = self.calendar(calendar)
        parsed = WorkingDuration.parse(duration)
        instant = _utc(start)
        days = parsed.weeks * len(used.weekdays) + parsed.days
        try:
            if days:
                instant = _add_days(used, instant, parsed.sign * days)
            if parsed.hours:
                instant = (_add_hours if parsed.sign > 0 else _subtract_hours)(used, instant, parsed.hours)
        except (OverflowError, CalendarError) as problem:
            raise DurationError(f"{duration!r} from {start.isoformat()} cannot be counted: {problem}") from None
        return instant

    def between(self, start: datetime, end: datetime, calendar: str | None = None) -> timedelta:
        """The working time from ``start`` to ``end`` (aware); negative when ``end`` is earlier. Raises as `add`."""
        used = self.calendar(calendar)
        begin, finish = _utc(start), _utc(end)
        if finish < begin:
            return -self.between(end, start, calendar)
        total = timedelta()
        for opens, closes in _forward(used, begin):
            if opens >= finish:
                break
            total += min(closes, finish) - max(opens, begin)
        return total

    def is_working_day(self, day: date, calendar: str | None = None) -> bool:
        """Whether ``day`` is worked. Raises `UnknownCalendar`."""
        return self.calendar(calendar).is_working_day(day)

    def next_working_day(self, day: date, calendar: str | None = None) -> date:
        """``day`` itself if it is worked, else the next that is. Raises `UnknownCalendar`, `CalendarError`."""
        return self.calendar(calendar).next_working_day(day)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone")
    return instant.astimezone(UTC)


def _forward(calendar: Calendar, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The blocks of work that end after ``instant``, in order, without end. The day before may reach past midnight."""
    day = instant.astimezone(calendar.zone_info).date() - timedelta(1)
    while True:
        day = calendar.next_working_day(day)
        for opens, closes in calendar.blocks(day):
            if closes > instant:
                yield opens, closes
        day += timedelta(1)


def _backward(calendar: Calendar, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The blocks of work that begin before ``instant``, the last one first, without end."""
    day = instant.astimezone(calendar.zone_info).date() + timedelta(1)
    while True:
        day = calendar.previous_working_day(day)
        for opens, closes in reversed(tuple(calendar.blocks(day))):
            if opens < instant:
                yield opens, closes
        day -= timedelta(1)


def _add_hours(calendar: Calendar, instant: datetime, hours: timedelta) -> datetime:
    for opens, closes in _forward(calendar, instant):
        begin = max(opens, instant)
        if hours <= closes - begin:
            return begin + hours
        hours -= closes - begin
    raise AssertionError("blocks have no end")


def _subtract_hours(calendar: Calendar, instant: datetime, hours: timedelta) -> datetime:
    for opens, closes in _backward(calendar, instant):
        end = min(closes, instant)
        if hours <= end - opens:
            return end - hours
        hours -= end - opens
    raise AssertionError("blocks have no end")


def _add_days(calendar: Calendar, instant: datetime, days: int) -> datetime:
    day, position = _working_position(calendar, instant, forward=days > 0)
    step, search = (1, calendar.next_working_day) if days > 0 else (-1, calendar.previous_working_day)
    reached = day
    for _ in range(abs(days)):
        reached = search(reached + timedelta(step))
    # Hours may end at midnight, which is already the next date.
    return calendar.instant(reached + (position.date() - day), position.time())


def _working_position(calendar: Calendar, instant: datetime, *, forward: bool) -> tuple[date, datetime]:
    """The working day that ``instant`` counts for, and the local time on it."""
    zone = calendar.zone_info
    day = instant.astimezone(zone).date()
    if calendar.is_working_day(day):
        if blocks := tuple(calendar.blocks(day)):
            instant = min(max(instant, blocks[0][0]), blocks[-1][1])
    elif forward:
        day = calendar.previous_working_day(day)
        instant = max(closes for _, closes in calendar.blocks(day))
    else:
        day = calendar.next_working_day(day)
        instant = min(opens for opens, _ in calendar.blocks(day))
    return day, instant.astimezone(zone)
