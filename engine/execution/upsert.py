"""Inserting many rows with one statement, also ``ON CONFLICT``, which SQLAlchemy offers per dialect."""

from __future__ import annotations

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


def rows_into(table: type[Base]) -> Insert:
    """A plain insert, for a list of rows: it passes by the mapper, which would look at each row by itself."""
    return insert(cast(Table, table.__table__))
