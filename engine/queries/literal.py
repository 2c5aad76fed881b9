"""What a person types into a search is found as it stands: ``%``, ``_`` and the backslash have no other meaning."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

_ESCAPE = "\\"


def contains(column: InstrumentedAttribute[Any] | ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """The condition that ``column`` contains ``text``. Whether A equals a is up to the database: fold both sides.

    ``text`` must be one that a database takes: see `is_storable`.
    """
    return like(column, containing(text))


def like(column: InstrumentedAttribute[Any] | ColumnElement[Any], pattern: Any) -> ColumnElement[bool]:
    """The condition that ``column`` is like ``pattern``, in which the backslash escapes; or a bound parameter of it."""
    return column.like(pattern, escape=_ESCAPE)


def containing(text: str) -> str:
    """The pattern of what contains ``text``."""
    return f"%{escaped(text)}%"


def escaped(text: str) -> str:
    """``text`` as a pattern that matches nothing else."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text


def is_storable(text: str) -> bool:
    """Whether any stored text can contain it: no database takes NUL or half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= each <= "\udfff" for each in text)
