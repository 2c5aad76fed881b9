"""JSON as the API speaks it: exact numbers in, decimals and instants as strings out.

A fraction in a request becomes a Decimal, never a float. In answers a Decimal is a string, an instant ISO 8601 in UTC
with ``Z``, a duration ISO 8601.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask.json.provider import JSONProvider

MAX_DIGITS = 400
"""Longest number accepted in a request: more digits cost time and mean nothing."""


def loads(text: str | bytes) -> Any:
    """The value of JSON ``text``. Raises ValueError for malformed text, NaN, Infinity, or a number too long."""
    try:
        return json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: object) -> str:
    """``value`` as compact JSON text, non-ASCII characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain)


def plain(value: object) -> object:
    """The JSON form of a value that JSON has no type for; raises TypeError for the rest."""
    match value:
        case Decimal():
            return format(value, "f") if value.is_finite() else str(value)
        case datetime():
            return instant(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return f"PT{format(Decimal(str(value.total_seconds())).normalize(), 'f')}S"
        case set() | frozenset() | tuple():
            return list(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def instant(value: datetime) -> str:
    """``value`` (aware) as ISO 8601 in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _decimal(text: str) -> Decimal:
    value = Decimal(_short(text))
    if abs(value.adjusted()) > MAX_DIGITS:
        raise ValueError(f"the number {text[:20]} is out of range")
    return value


def _integer(text: str) -> int:
    return int(_short(text))


def _short(text: str) -> str:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"the number {text[:20]}... is too long")
    return text


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is not a JSON number")


class ExactJson(JSONProvider):
    """Flask's JSON with the rules above."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """See `dumps`."""
        return dumps(obj)

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """See `loads`."""
        return loads(s)
