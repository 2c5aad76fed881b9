"""Business calendars: which days are worked, between which hours, in which zone.

A calendar file is TOML. Its top level describes the calendar ``default``; further ones inherit from it::

    zone = "Asia/Shanghai"
    hours = ["09:00-12:00", "13:00-18:00"]
    weekdays = ["mon", "tue", "wed", "thu", "fri"]
    holidays = "CN"                 # public holidays and make-up workdays of a country, or "none"

    [days]                          # decide before everything else
    2026-10-01 = "holiday"
    2026-10-10 = "workday"

    [calendars.hotline]
    hours = ["08:00-20:00"]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays as library

DEFAULT = "default"
Hours = tuple[tuple[time, time], ...]
HOURS: Hours = ((time(9), time(12)), (time(13), time(18)))
MONDAY_TO_FRIDAY = frozenset(range(5))
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BLOCK = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")
_LONGEST_SEARCH = 3_660
"""Days: a calendar with no working day in ten years has a mistake in it."""


class CalendarError(ValueError):
    """A calendar cannot be used as it is written; the message names the value."""


@dataclass(frozen=True)
class Calendar:
    """``hours`` are clock times in ``zone``, in order, without overlap; 24:00 is written 00:00 as an end.

    ``weekdays``: 0 is Monday. ``holidays`` is a country code of the `holidays` library (with make-up workdays, 调休; in
    years of which the library knows nothing, weekdays alone decide), or None. ``overrides`` decide before all:
    True makes a date a workday, False a holiday. Raises `CalendarError`.
    """

    zone: str = "Asia/Shanghai"
    hours: Hours = HOURS
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: str | None = "CN"
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _zone(self.zone)
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise CalendarError(f"weekdays must be some of 0 (Monday) to 6 (Sunday), not {sorted(self.weekdays)}")
        if not self.hours:
            raise CalendarError("a calendar needs at least one block of hours")
        previous = 0
        for begin, end in self.hours:
            if _minutes(begin) < previous or _last_minute(end) <= _minutes(begin):
                raise CalendarError(f"the hours {begin:%H:%M}-{end:%H:%M} do not follow those before them")
            previous = _last_minute(end)
        if self.holidays is not None and self.holidays not in library.list_supported_countries():
            raise CalendarError(f"the holidays of {self.holidays!r} are not known")

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone of ``hours``."""
        return ZoneInfo(self.zone)

    def is_working_day(self, day: date) -> bool:
        """Whether people work on ``day``."""
        override = self.overrides.get(day)
        if override is not None:
            return override
        off, made_up = _public(self.holidays, day.year) if self.holidays else (frozenset(), frozenset())
        if day in made_up:
            return True
        return day.weekday() in self.weekdays and day not in off

    def next_working_day(self, day: date) -> date:
        """``day`` itself if it is worked, else the first one after it that is. Raises `CalendarError`."""
        return self._search(day, 1)

    def previous_working_day(self, day: date) -> date:
        """``day`` itself if it is worked, else the last one before it that is. Raises `CalendarError`."""
        return self._search(day, -1)

    def blocks(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The working hours of ``day`` as pairs of instants (UTC), whether or not the day is worked, without overlap.

        A clock time that the zone skips counts from after the gap; one that it repeats means the first of the two.
        """
        previous = None
        for begin, end in self.hours:
            opens, closes = self.instant(day, begin), self.instant(day + timedelta(end == time()), end)
            opens = opens if previous is None else max(opens, previous)
            if opens < closes:
                yield opens, closes
                previous = closes

    def instant(self, day: date, clock: time) -> datetime:
        """``clock`` on ``day`` in the calendar's zone, as an instant (UTC)."""
        return datetime.combine(day, clock, self.zone_info).astimezone(UTC)

    def _search(self, day: date, step: int) -> date:
        for distance in range(_LONGEST_SEARCH):
            try:
                found = day + timedelta(step * distance)
            except OverflowError:
                break
            if self.is_working_day(found):
                return found
        raise CalendarError(f"there is no working day within ten years of {day}")


def load_calendars(file: Path | None) -> dict[str, Calendar]:
    """The calendars of a TOML file by name, ``default`` among them; without a file the built-in one alone.

    Raises `CalendarError`, naming file and value.
    """
    if file is None:
        return {DEFAULT: Calendar()}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise CalendarError(f"{file}: {problem}") from None
    named = _table(content.pop("calendars", {}), f"{file}: calendars")
    calendars = {DEFAULT: _calendar(Calendar(), content, str(file))}
    for name, described in named.items():
        where = f"{file}: calendars.{name}"
        if name in calendars:
            raise CalendarError(f"{where}: the calendar {DEFAULT!r} is described at the top of the file")
        calendars[name] = _calendar(calendars[DEFAULT], _table(described, where), where)
    return calendars


def _calendar(base: Calendar, given: Mapping[str, object], where: str) -> Calendar:
    known = ("zone", "hours", "weekdays", "holidays", "days")
    for name in given:
        if name not in known:
            raise CalendarError(f"{where}: {name!r} is not one of {', '.join(known)}")
    try:
        country = given.get("holidays", base.holidays)
        return replace(
            base,
            zone=_typed(given.get("zone", base.zone), str, "zone"),
            hours=tuple(map(_block, _texts(given, "hours"))) if "hours" in given else base.hours,
            weekdays=frozenset(map(_weekday, _texts(given, "weekdays"))) if "weekdays" in given else base.weekdays,
            holidays=None if country in (None, "none") else _typed(country, str, "holidays"),
            overrides={**base.overrides, **_days(_table(given.get("days", {}), "days"))},
        )
    except CalendarError as problem:
        raise CalendarError(f"{where}: {problem}") from None


def _days(given: Mapping[str, object]) -> dict[date, bool]:
    days = {}
    for text, kind in given.items():
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise CalendarError(f"{text!r} is not a date such as 2026-10-01") from None
        if kind not in ("holiday", "workday"):
            raise CalendarError(f"{text} is neither holiday nor workday but {kind!r}")
        days[day] = kind == "workday"
    return days


def _block(text: str) -> tuple[time, time]:
    found = _BLOCK.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        begin, end = found.groups()
        return time.fromisoformat(begin), time() if end == "24:00" else time.fromisoformat(end)
    except ValueError:
        raise CalendarError(f"{text!r} is not a block of hours such as 09:00-12:00") from None


def _weekday(text: str) -> int:
    if text not in _WEEKDAYS:
        raise CalendarError(f"{text!r} is not one of {', '.join(_WEEKDAYS)}")
    return _WEEKDAYS.index(text)


def _texts(given: Mapping[str, object], name: str) -> list[str]:
    return [_typed(item, str, name) for item in _typed(given[name], list, name)]


def _table(value: object, name: str) -> dict[str, object]:
    return dict(_typed(value, dict, name))


T = TypeVar("T")


def _typed(value: object, kind: type[T], name: str) -> T:
    if not isinstance(value, kind):
        raise CalendarError(f"{name} cannot be {value!r}")
    return value


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _last_minute(end: time) -> int:
    return _minutes(end) or 24 * 60


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CalendarError(f"there is no time zone {name!r}") from None


@lru_cache(maxsize=256)
def _public(country: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Public holidays and make-up workdays of ``year``; both empty where the library knows nothing.

    The years beside it are asked too, because days are swapped across New Year.
    """
    found = library.country_holidays(country, years=range(max(year - 1, 1), min(year + 1, 9999) + 1), expand=False)
    made_up = cast("set[date]", getattr(found, "weekend_workdays", set()))
    return (
        frozenset(day for day in found if day.year == year),
        frozenset(day for day in made_up if day.year == year),
    )
