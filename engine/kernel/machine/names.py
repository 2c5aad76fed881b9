"""What a step computes for the world outside: people, groups, keys, numbers. It must fit where it will be looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.values import text_of

LONGEST: int = 255
"""Characters of a name, a key or an id."""
LONGEST_PATH: int = 200
"""Characters of the id of a scope that may hold further ones; with them, and a token's number, it stays a name."""
LARGEST: int = 2**31 - 1
_DIGITS = re.compile(r"-?[0-9]{1,20}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def name_of(value: object, what: str) -> str | None:
    """The value as a name; None for null and empty text. Raises `StepFailure` for what is no name."""
    if value is None or value == "":
        return None
    text = text_of(value)
    if text is None:
        raise StepFailure(Code.BAD_VALUE, f"{what}: a value of type {type(value).__name__} is no text")
    if len(text) > LONGEST:
        raise StepFailure(Code.BAD_VALUE, f"{what}: {len(text)} characters are more than the {LONGEST} allowed")
    if _CONTROL.search(text):
        raise StepFailure(Code.BAD_VALUE, f"{what}: the text holds a control character")
    return text


def names_of(value: object, what: str) -> tuple[str, ...]:
    """A list of names, or text with commas between them; null is none. Raises `StepFailure`."""
    parts: Sequence[object] = [value]
    if isinstance(value, str):
        parts = value.split(",")
    elif isinstance(value, list | tuple):
        parts = value
        if None in parts:
            raise StepFailure(Code.BAD_VALUE, f"{what}: an id is null")
    names = (name_of(part.strip() if isinstance(part, str) else part, what) for part in parts)
    return tuple(dict.fromkeys(name for name in names if name))


def whole_number(value: object, what: str) -> int:
    """A whole number, or digits. Raises `StepFailure`, also for one that no column can hold."""
    number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value.strip()) else value
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        raise StepFailure(Code.BAD_VALUE, f"the {what} is no whole number")
    exact = Decimal(number)
    if abs(exact) > LARGEST:
        raise StepFailure(Code.BAD_VALUE, f"the {what} is larger than {LARGEST}")
    if exact != int(exact):
        raise StepFailure(Code.BAD_VALUE, f"the {what} is no whole number")
    return int(exact)


def check_depth(scope: str) -> None:
    """Raises `StepFailure` where scopes nest too deep for another one: a process that calls itself stops here."""
    if len(scope) > LONGEST_PATH:
        depth = scope.count(".")
        raise StepFailure(Code.LOOP_LIMIT, f"calls and subprocesses nest too deep: {depth} levels already")
