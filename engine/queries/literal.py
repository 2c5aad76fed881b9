"""What a person types into a search is found as it stands: ``%``, ``_`` and the backslash have no other meaning."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import InstrumentedAttribute

_ESCAPE = "\\"


def contains(column: InstrumentedAttribute[Any] | ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """The condition that ``column`` contains ``text``. Whether A equals a is up to the database: fold both sides."""
    return column.like(f"%{escaped(text)}%", escape=_ESCAPE) if _storable(text) else false()


def begins(column: InstrumentedAttribute[Any] | ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """The condition that ``column`` begins with ``text``; see `contains`."""
    return column.like(f"{escaped(text)}%", escape=_ESCAPE) if _storable(text) else false()


def escaped(text: str) -> str:
    """``text`` as a pattern of LIKE that matches nothing else, where the backslash escapes."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text


def _storable(text: str) -> bool:
    """Whether any stored text can contain it: no database takes NUL or half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= each <= "\udfff" for each in text)
