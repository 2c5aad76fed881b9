"""Values of variables in a stored state: JSON, with a tag for what JSON does not have, exact in both directions.

null, booleans, whole numbers, strings, lists and objects are themselves. Everything else is an object with one key
that begins with ``$``: ``{"$n": "12.50"}`` a Decimal (digits kept as they are), ``$d`` date, ``$t`` time, ``$i``
date and time (aware or local), ``$s`` days and time duration in whole microseconds, ``$m`` years and months duration
in months, ``$o`` an object of the user's that itself has a key beginning with ``$``. A named zone is kept by its name.
Floats are refused: money and rates are Decimal. `decode(encode(x)) == x`, with equal types, for every value that
`encode` accepts (a tuple becomes a list); and `encode(decode(y)) == y`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.feel import YearsMonths, format_value
from engine.kernel.errors import UnreadableState, UnsupportedValue

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | Large | None"

MAX_DEPTH = 40
"""How deep lists and objects may nest in one variable; bounds the stack of `encode` and `decode`."""


class Large:
    """The stored text of a value that is large, read only when it is looked at: a step that does not look at a list of
    10,000 must not pay for it. Raises `UnreadableState` for damaged text.
    """

    __slots__ = ("_value", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._value: Json = None

    @property
    def value(self) -> Json:
        """The JSON form; not to be changed."""
        if self._value is None:
            try:
                self._value = json.loads(self.text)
            except ValueError as damage:
                raise UnreadableState(f"a stored value cannot be read: {damage!r}") from damage
        return self._value


_MICROSECOND = timedelta(microseconds=1)


def encode(value: object, depth: int = 0) -> Json:
    """The JSON form of a value. Raises `UnsupportedValue` for another type, NaN, infinity or too deep nesting."""
    kind = type(value)
    if value is None or kind is str or kind is bool or kind is int:
        return value  # type: ignore[return-value]  # its type was just compared
    if depth > MAX_DEPTH:
        raise UnsupportedValue(f"a value is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, list | tuple):
        return [encode(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return _encode_object(value, depth)
    tagged = _ENCODERS.get(kind)
    if tagged is not None:
        return tagged(value)
    for base in (bool, int, str, datetime, date, time, timedelta, Decimal):
        if isinstance(value, base):
            return _encode_subclass(value, base)
    raise UnsupportedValue(f"a variable cannot hold a value of type {kind.__name__}")


def decode(stored: Json) -> object:
    """The value of a JSON form that `encode` gave; a fresh copy each time."""
    if isinstance(stored, list):
        return [decode(item) for item in stored]
    if isinstance(stored, dict):
        if len(stored) == 1:
            tag, content = next(iter(stored.items()))
            if tag in _DECODERS:
                return _DECODERS[tag](content)
        return {key: decode(item) for key, item in stored.items()}
    return decode(stored.value) if isinstance(stored, Large) else stored


def encode_all(values: Mapping[str, object]) -> dict[str, Json]:
    """Each value encoded, under its name."""
    return {name: encode(value) for name, value in values.items()}


def decode_all(stored: Mapping[str, Json]) -> dict[str, object]:
    """Each value decoded, under its name."""
    return {name: decode(value) for name, value in stored.items()}


def text_of(value: object) -> str | None:
    """A scalar as text for a correlation key, an id or a name; None when it has no text (null, lists, objects).

    A number loses trailing zeros, so that 12 and 12.0 address the same subscriber.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, date | time | timedelta | YearsMonths):
        return format_value(value)
    return None


def _encode_object(value: Mapping[object, object], depth: int) -> Json:
    plain: dict[str, Json] = {}
    tagged = False
    for key, item in value.items():
        if not isinstance(key, str):
            raise UnsupportedValue(f"an object has a key of type {type(key).__name__}; only text is allowed")
        tagged = tagged or key.startswith("$")
        plain[str(key)] = encode(item, depth + 1)
    return {"$o": plain} if tagged else plain


def _encode_subclass(value: object, base: type) -> Json:
    """An int or str of a subclass (a member of an enumeration) is kept as the plain value that it stands for."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    return _ENCODERS[base](value)


def _encode_decimal(value: object) -> Json:
    assert isinstance(value, Decimal)  # noqa: S101 - chosen by type
    if not value.is_finite():
        raise UnsupportedValue(f"{value} is not a number that a variable can hold")
    return {"$n": str(value)}


def _encode_time(value: object) -> Json:
    assert isinstance(value, time)  # noqa: S101 - chosen by type
    return {"$t": _with_zone(value.replace(tzinfo=None).isoformat(), value)}


def _encode_instant(value: object) -> Json:
    assert isinstance(value, datetime)  # noqa: S101 - chosen by type
    fold = "!" if value.fold and isinstance(value.tzinfo, ZoneInfo) else ""
    return {"$i": _with_zone(value.replace(tzinfo=None).isoformat(), value) + fold}


def _with_zone(local: str, value: time | datetime) -> str:
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{local}@{value.tzinfo.key}"
    if value.tzinfo is None:
        return local
    return local + value.replace(fold=0).isoformat()[len(local) :]


def _split_zone(text: str) -> tuple[str, ZoneInfo | None]:
    local, at, zone = text.partition("@")
    return local, ZoneInfo(zone) if at else None


def _decode_time(text: Json) -> object:
    local, zone = _split_zone(str(text))
    return time.fromisoformat(local) if zone is None else time.fromisoformat(local).replace(tzinfo=zone)


def _decode_instant(text: Json) -> object:
    plain = str(text)
    local, zone = _split_zone(plain.removesuffix("!"))
    if zone is None:
        return datetime.fromisoformat(local)
    return datetime.fromisoformat(local).replace(tzinfo=zone, fold=1 if plain.endswith("!") else 0)


def _decode_object(content: Json) -> object:
    assert isinstance(content, dict)  # noqa: S101 - written by _encode_object
    return {key: decode(item) for key, item in content.items()}


_ENCODERS: dict[type, Callable[[object], Json]] = {
    Decimal: _encode_decimal,
    date: lambda value: {"$d": str(value)},
    time: _encode_time,
    datetime: _encode_instant,
    timedelta: lambda value: {"$s": value // _MICROSECOND},  # type: ignore[operator]  # chosen by type
    YearsMonths: lambda value: {"$m": value.months},  # type: ignore[attr-defined]  # chosen by type
}

_DECODERS: dict[str, Callable[[Json], object]] = {
    "$n": lambda text: Decimal(str(text)),
    "$d": lambda text: date.fromisoformat(str(text)),
    "$t": _decode_time,
    "$i": _decode_instant,
    "$s": lambda count: timedelta(microseconds=int(count)),  # type: ignore[arg-type]  # written by encode
    "$m": lambda count: YearsMonths(int(count)),  # type: ignore[arg-type]  # written by encode
    "$o": _decode_object,
}
