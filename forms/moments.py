"""marshmallow fields for dates, times of day and instants.

Dates are ``date``, times ``time`` on the house's clock, instants aware and in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields

from forms.definition import Limits
from forms.values import refuse

HOUSE_ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of a date and time that a form submits without one (``timeSerializingFormat: no_timezone``)."""

_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}", re.ASCII)


class Day(fields.Field[date | None]):
    """A calendar date."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> date | None:
        if value == "":
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
            raise refuse("not-date")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refuse("not-date") from None


class Clock(fields.Field[time | None]):
    """A time of day on the house's clock; one that is given with an offset is turned into it."""

    def __init__(self, limits: Limits, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self.limits = limits

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> time | None:
        if value == "":
            return None
        try:
            at = time.fromisoformat(value) if isinstance(value, str) and _CLOCK.match(value) else value
        except ValueError:
            raise refuse("not-time") from None
        if not isinstance(at, time):
            raise refuse("not-time")
        if at.tzinfo is not None:
            # Some day without summer time, which the house's zone has not had since 1991.
            at = datetime.combine(date(2000, 1, 1), at).astimezone(HOUSE_ZONE).time()
        _on_the_grid(at, self.limits)
        return at


class Moment(fields.Field[datetime | None]):
    """A date and time with its zone, given back in UTC; without zone only if the form says so (house zone)."""

    def __init__(self, limits: Limits, *, naive: bool, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self.limits = limits
        self.naive = naive

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> datetime | None:
        if value == "":
            return None
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else value
        except ValueError:
            raise refuse("not-instant") from None
        if not isinstance(at, datetime):
            raise refuse("not-instant")
        if at.tzinfo is None:
            if not self.naive:
                raise refuse("not-instant")
            at = at.replace(tzinfo=HOUSE_ZONE)
        try:
            found = at.astimezone(UTC)
            _on_the_grid(at.astimezone(HOUSE_ZONE).time(), self.limits)
        except OverflowError:
            raise refuse("not-instant") from None
        return found


def _on_the_grid(at: time, limits: Limits) -> None:
    if limits.minutes and (at.hour * 60 + at.minute) % limits.minutes:
        raise refuse("minutes", minutes=limits.minutes)
