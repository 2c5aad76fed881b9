"""``INSERT ... ON CONFLICT``, which SQLAlchemy offers per dialect with one and the same interface."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.model.base import Base


def insert_into(session: Session, table: type[Base]) -> postgresql.Insert:
    """An insert into ``table`` that offers ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)  # type: ignore[return-value]  # the two classes share what we use of them
    return postgresql.insert(table)
