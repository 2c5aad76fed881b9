"""Variables as JSON documents: exact for rows that are read back, plain for people and the audit trail.

`encode` and `decode` are the kernel's own, so that a job or message carries values exactly as a state does. `readable`
is one way: decimals and instants become strings, as RFC 8785 canonical JSON wants them.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from engine.errors import DataTooLarge, InvalidInput
from engine.feel import YearsMonths
from engine.kernel.errors import UnsupportedValue
from engine.kernel.values import Json, decode, encode

__all__ = ["Json", "check_variables", "decode", "encode", "readable"]

_MAX_EXACT_INTEGER = 2**53 - 1
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""NUL in JSON text: PostgreSQL stores it in no text column, so no variable may bring it there."""


def readable(value: object) -> Any:
    """``value`` as plain JSON for a reader: numbers with a fraction and instants as strings, UTC with ``Z``."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return readable(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if -_MAX_EXACT_INTEGER <= value <= _MAX_EXACT_INTEGER else str(value)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() and abs(value.adjusted()) < 40 else str(value)
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"PT{format(Decimal(str(value.total_seconds())).normalize(), 'f')}S"
    if isinstance(value, Mapping):
        return {str(name): readable(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [readable(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, YearsMonths):
            return str(value)
        return {field.name: readable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return str(value)


def check_variables(variables: Mapping[str, object], limit: int) -> dict[str, object]:
    """``variables`` from outside, as a process may hold them.

    Raises `InvalidInput` naming the variable: for a name that is empty or too long, a value of a type no variable can
    have (NaN and infinity too), or one nested too deeply; `DataTooLarge` for one that takes the whole over ``limit``
    bytes of UTF-8.
    """
    total = 0
    for name, value in variables.items():
        if not 0 < len(name) <= 255:
            raise InvalidInput("A variable needs a name of 1 to 255 characters.", {name[:255]: ["invalid name"]})
        try:
            text = json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"))
            total += len(name.encode()) + len(text.encode())
            if "\x00" in name or _NUL.search(text):
                raise ValueError("it contains the character NUL")
        except (UnsupportedValue, ValueError, RecursionError) as error:
            raise InvalidInput(f"Variable {name!r} cannot be stored: {error}.", {name: [str(error)]}) from None
        if total > limit:
            text = f"Variable {name!r} takes the data over {limit} bytes."
            raise DataTooLarge(text, {name: ["too large"]}, limit=limit)
    return dict(variables)
