"""Instants of the past as the stories name them: in working days before today, or in minutes before now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class Timetable:
    """``present`` is the instant (aware) at which the stories end; days are those of the default calendar."""

    present: datetime
    working_time: WorkingTime

    def at(self, back: int, clock: str) -> datetime:
        """``clock`` (``HH:MM``) on the working day ``back`` before today; 1 is the last one that is over."""
        calendar = self.working_time.calendar()
        day = self.today()
        for _ in range(back):
            day = calendar.previous_working_day(day - timedelta(days=1))
        return calendar.instant(day, time.fromisoformat(clock))

    def on_or_before(self, days: int, clock: str) -> datetime:
        """``clock`` on the last working day that lies at least ``days`` days (of the calendar) before today."""
        calendar = self.working_time.calendar()
        day = calendar.previous_working_day(self.today() - timedelta(days=max(days, 1)))
        return calendar.instant(day, time.fromisoformat(clock))

    def ago(self, minutes: int) -> datetime:
        """So many minutes before the stories end."""
        return self.present - timedelta(minutes=minutes)

    def after(self, instant: datetime, duration: str) -> datetime:
        """``instant`` plus ISO 8601 working time."""
        return self.working_time.add(instant, duration)

    def meeting(self, instant: datetime) -> datetime:
        """14:00 on the second working day after ``instant``: papers must be out 24 hours before."""
        calendar = self.working_time.calendar()
        day = instant.astimezone(calendar.zone_info).date()
        for _ in range(2):
            day = calendar.next_working_day(day + timedelta(days=1))
        return calendar.instant(day, time(14))

    def today(self) -> date:
        """The date of ``present`` where the business is."""
        return self.date(self.present)

    def date(self, instant: datetime) -> date:
        """The date of ``instant`` where the business is."""
        return instant.astimezone(self.working_time.calendar().zone_info).date()
