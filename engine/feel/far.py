"""Dates outside the years 1 to 9999 of Python's calendar: FEEL's go from -999,999,999 to 999,999,999 (10.3.2.3.5).

The Gregorian calendar repeats every 400 years, days of the week included. So a far date is a number of such cycles and
a near date of the years 2000 to 2399, on which Python does the work; a year that Python has is never a far date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

LAST_YEAR = 999_999_999
_CYCLE_YEARS = 400
_CYCLE = timedelta(days=146_097)
_FIRST_NEAR_YEAR = 2000
_MICROSECOND = timedelta(microseconds=1)
_ORIGIN = datetime(_FIRST_NEAR_YEAR, 1, 1)  # noqa: DTZ001  # subtracted from clock readings without their zone


@dataclass(frozen=True, slots=True)
class FarDate:
    """The day ``near``, 400 years times ``cycles`` away."""

    cycles: int
    near: date


@dataclass(frozen=True, slots=True)
class FarDateTime:
    """The date and time ``near``, 400 years times ``cycles`` away."""

    cycles: int
    near: datetime

    @property
    def tzinfo(self) -> tzinfo | None:
        """The zone of ``near``."""
        return self.near.tzinfo


Instant: TypeAlias = date | FarDate | FarDateTime
"""A date or date and time (`datetime` is a `date`)."""

FAR = frozenset({FarDate, FarDateTime})
DATES = frozenset({date, FarDate})
DATE_TIMES = frozenset({datetime, FarDateTime})


def split(value: Instant) -> tuple[int, date]:
    """The cycles and the near date or date and time of any."""
    if isinstance(value, FarDate | FarDateTime):
        return value.cycles, value.near
    cycles = (value.year - _FIRST_NEAR_YEAR) // _CYCLE_YEARS
    return cycles, value.replace(year=value.year - _CYCLE_YEARS * cycles)


def join(cycles: int, near: date) -> Instant:
    """The other way round. Raises OverflowError outside the years of FEEL."""
    more, near = split(near)
    cycles += more
    year = near.year + _CYCLE_YEARS * cycles
    if 1 <= year <= 9999:
        return near.replace(year=year)
    if abs(year) > LAST_YEAR:
        raise OverflowError(f"year {year}")
    return FarDateTime(cycles, near) if isinstance(near, datetime) else FarDate(cycles, near)


def day(year: int, month: int, day: int) -> Instant:
    """A day of the calendar. Raises ValueError when there is none, OverflowError outside the years of FEEL."""
    if 1 <= year <= 9999:
        return date(year, month, day)
    cycles, rest = divmod(year - _FIRST_NEAR_YEAR, _CYCLE_YEARS)
    return join(cycles, date(_FIRST_NEAR_YEAR + rest, month, day))


def combine(value: Instant, clock: time) -> Instant:
    """A day, or that of a date and time, with a time of day and its zone."""
    cycles, near = split(value)
    return join(cycles, datetime.combine(near, clock))


def day_of(value: Instant) -> Instant:
    """The day of a date or date and time."""
    cycles, near = split(value)
    return join(cycles, near.date() if isinstance(near, datetime) else near)


def year_of(value: Instant) -> int:
    """The year."""
    cycles, near = split(value)
    return near.year + _CYCLE_YEARS * cycles


def is_date_time(value: Instant) -> bool:
    """Whether there is a time of day."""
    return isinstance(value, datetime | FarDateTime)


def shift(value: Instant, length: timedelta) -> Instant:
    """So much elapsed time later; a day stays a day. Raises OverflowError outside the years of FEEL."""
    if type(value) is date:
        try:
            return value + length  # takes the whole days of the length, rounded down
        except OverflowError:
            pass
    cycles, near = split(value)
    more, rest = divmod(length, _CYCLE)
    if not isinstance(near, datetime):
        near = (datetime.combine(near, time()) + rest).date()
    elif near.tzinfo is None:
        near += rest
    else:
        near = (near.astimezone(UTC) + rest).astimezone(near.tzinfo)
    return join(cycles + more, near)


def order(left: Instant, right: Instant) -> int:
    """Less than, equal to or greater than 0, as ``left`` is earlier than, at or later than ``right``."""
    if isinstance(left, datetime) and isinstance(right, datetime) and left.tzinfo is None and right.tzinfo is None:
        return (left > right) - (left < right)
    return microseconds(left) - microseconds(right)


def microseconds(value: Instant) -> int:
    """From the beginning of the year 2000, in UTC if the value has a zone."""
    cycles, near = split(value)
    if not isinstance(near, datetime):
        near = datetime.combine(near, time())
    since = near.replace(tzinfo=None) - _ORIGIN - (near.utcoffset() or timedelta())
    return (cycles * _CYCLE.days * 86_400_000_000) + since // _MICROSECOND


def difference(left: Instant, right: Instant) -> timedelta:
    """The elapsed time between two. Raises OverflowError beyond 999,999,999 days."""
    if type(left) is date and type(right) is date:
        return left - right
    return timedelta(microseconds=microseconds(left) - microseconds(right))
