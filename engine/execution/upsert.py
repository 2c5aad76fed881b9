"""Inserting many rows with one statement, also ``ON CONFLICT``, which SQLAlchemy offers per dialect.

Building a statement costs more time than running it, so those that every command needs are built once (``@cache``).
"""

from __future__ import annotations

from functools import cache
from typing import cast

from sqlalchemy import Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.model.base import Base


def insert_into(session: Session, table: type[Base]) -> postgresql.Insert:
    """An insert into ``table`` that offers ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)  # type: ignore[return-value]  # the two classes share what we use of them
    return postgresql.insert(table)


def upsert_rows(session: Session, table: type[Base], *changing: str, by: tuple[str, ...] = ()) -> Insert:
    """An upsert for a list of rows; of a row that is there already only ``changing`` columns change.

    ``by``: the columns of the unique index that tells which row it is; the primary key by default.
    """
    return _upsert(session.get_bind().dialect.name, table, changing, by)


@cache
def rows_into(table: type[Base]) -> Insert:
    """A plain insert, for a list of rows: it passes by the mapper, which would look at each row by itself."""
    return insert(cast(Table, table.__table__))


@cache
def _upsert(dialect: str, table: type[Base], changing: tuple[str, ...], by: tuple[str, ...]) -> Insert:
    plain = cast(Table, table.__table__)
    statement = postgresql.insert(plain)
    if dialect == "sqlite":
        statement = sqlite.insert(plain)  # type: ignore[assignment]  # the two classes share what we use of them
    given = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[plain.c[name] for name in by] or list(plain.primary_key),
        set_={name: given[name] for name in changing},
    )
