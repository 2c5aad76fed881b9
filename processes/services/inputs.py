"""Reads what a service task gives its handler. A value that is missing or of another kind is a fault of the model and
fails the step by name, so that an incident says what to mend.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.services import ServiceCall

HOUSE_ZONE = ZoneInfo("Asia/Shanghai")


class InputFault(ValueError):
    """A service task gives its handler something it cannot use; the message names it."""


def today(call: ServiceCall) -> date:
    """The calendar date of business time in the house's zone."""
    return call.now.astimezone(HOUSE_ZONE).date()


def text(given: Mapping[str, object], name: str) -> str:
    """A text that is not empty."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise InputFault(f"input {name!r} must be a text, not {value!r}")
    return value


def optional_text(given: Mapping[str, object], name: str) -> str | None:
    """A text, or None when there is none."""
    return None if given.get(name) in (None, "") else text(given, name)


def amount(given: Mapping[str, object], name: str) -> Decimal:
    """A number."""
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise InputFault(f"input {name!r} must be a number, not {value!r}")
    return Decimal(value)


def whole(given: Mapping[str, object], name: str) -> int:
    """A whole number; FEEL's numbers are Decimal, and a literal in the model is text."""
    value = given.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    number = amount(given, name)
    if number != number.to_integral_value():
        raise InputFault(f"input {name!r} must be a whole number, not {number}")
    return int(number)


def day(given: Mapping[str, object], name: str) -> date:
    """A date; of an instant, its date in the house's zone."""
    value = given.get(name)
    if isinstance(value, datetime):
        return value.astimezone(HOUSE_ZONE).date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise InputFault(f"input {name!r} must be a date, not {value!r}")


def optional_day(given: Mapping[str, object], name: str) -> date | None:
    """A date, or None when there is none."""
    return None if given.get(name) in (None, "") else day(given, name)


def yes(given: Mapping[str, object], name: str) -> bool:
    """Whether a flag is set; unset is no."""
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise InputFault(f"input {name!r} must be yes or no, not {value!r}")
    return value is True


def context(given: Mapping[str, object], name: str) -> Mapping[str, object]:
    """A context (an object with named entries)."""
    value = given.get(name)
    if not isinstance(value, Mapping):
        raise InputFault(f"input {name!r} must be a context, not {type(value).__name__}")
    return value


def contexts(given: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """A list of contexts."""
    value = given.get(name)
    if not isinstance(value, list | tuple) or not all(isinstance(item, Mapping) for item in value):
        raise InputFault(f"input {name!r} must be a list of contexts")
    return list(value)


def plain(value: object) -> object:
    """``value`` as plain JSON for a register's document column: dates and instants as ISO text, numbers kept exact."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return f"PT{int(value.total_seconds())}S"
    return value


def months_later(start: date, months: int) -> date:
    """The same day ``months`` later (earlier when negative), or the last of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(start.day, (following - timedelta(days=1)).day))
