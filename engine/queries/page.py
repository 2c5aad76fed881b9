"""Keyset pages: a cursor names the last row of the page before, so that no page skips or repeats a row.

A cursor is opaque to the client and checked on the way back: it holds what the rows are ordered by, nothing else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from engine.errors import InvalidInput
from engine.ids import is_id

T = TypeVar("T")
AnySelect: TypeAlias = "Select[*tuple[Any, ...]]"
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``next`` is the cursor of the following page, None on the last one."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """One column a list is ordered by. ``kind``: instant, id, number or text."""

    column: InstrumentedAttribute[Any] | ColumnElement[Any]
    kind: str

    def dump(self, value: Any) -> object:
        """The value in a cursor."""
        return value.isoformat() if self.kind == "instant" else value

    def load(self, value: object) -> Any:
        """The value from a cursor; ValueError when it cannot be one of ours."""
        if self.kind == "number" and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62:
            return value
        if not isinstance(value, str) or self.kind == "number" or "\x00" in value:
            raise ValueError(value)
        if self.kind == "instant":
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                raise ValueError(value)
            return instant
        if self.kind == "id" and not is_id(value):
            raise ValueError(value)
        return value


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered: ``keys`` all ascending or all descending. ``name`` marks its cursors."""

    name: str
    keys: tuple[Key, ...]
    descending: bool = False

    def after(self, cursor: str | None) -> ColumnElement[bool] | None:
        """The condition that a row comes after the cursor; None for the first page. Raises `InvalidInput`."""
        if cursor is None:
            return None
        values = self._read(cursor)
        row = tuple_(*(key.column for key in self.keys))
        bound = tuple_(*values, types=[key.column.type for key in self.keys])
        return row < bound if self.descending else row > bound

    @property
    def beyond(self) -> ColumnElement[bool]:
        """`after` with `parameters`, for a statement that is made once."""
        row = tuple_(*(key.column for key in self.keys))
        bound = tuple_(*(bindparam(name, type_=key.column.type) for name, key in self._named))
        return row < bound if self.descending else row > bound

    def parameters(self, cursor: str | None) -> dict[str, Any]:
        """What `beyond` is bound to; {} for the first page. Raises `InvalidInput`."""
        if cursor is None:
            return {}
        return {name: value for (name, _), value in zip(self._named, self._read(cursor), strict=True)}

    @property
    def _named(self) -> list[tuple[str, Key]]:
        return [(f"last_{number}", key) for number, key in enumerate(self.keys)]

    def apply(self, statement: AnySelect, cursor: str | None, limit: int) -> AnySelect:
        """``statement`` in this order, after ``cursor``, with one row more than ``limit``."""
        condition = self.after(cursor)
        if condition is not None:
            statement = statement.where(condition)
        return self.sorted(statement).limit(checked_limit(limit) + 1)

    def sorted(self, statement: AnySelect) -> AnySelect:
        """``statement`` in this order."""
        return statement.order_by(*(key.column.desc() if self.descending else key.column for key in self.keys))

    def page(
        self, rows: Iterable[Any], limit: int, make: Callable[[Any], T], values: Callable[[Any], Sequence[Any]]
    ) -> Page[T]:
        """The page of ``rows`` (one more than ``limit`` if there is a next page); ``values`` gives a row's keys."""
        found = list(rows)
        following = None
        if len(found) > limit:
            found = found[:limit]
            following = self._write(values(found[-1]))
        return Page(tuple(make(row) for row in found), following)

    def _write(self, values: Sequence[Any]) -> str:
        document = [self.name, *(key.dump(value) for key, value in zip(self.keys, values, strict=True))]
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    def _read(self, cursor: str) -> list[Any]:
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            document = json.loads(text)
            if not isinstance(document, list) or document[:1] != [self.name]:
                raise ValueError(document)
            return [key.load(value) for key, value in zip(self.keys, document[1:], strict=True)]
        except (ValueError, RecursionError):
            raise InvalidInput("The cursor is not one that this list gave.", {"cursor": ["unknown"]}) from None


def checked_limit(limit: int) -> int:
    """``limit``, if it is 1 to 200. Raises `InvalidInput`."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"A page has 1 to {MAX_LIMIT} items.", {"limit": [f"1 to {MAX_LIMIT}"]})
    return limit
