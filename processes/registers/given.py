"""Register rows to begin with: what a scenario file or the demonstration gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date
from sqlalchemy.orm import Session

from engine.model.base import Base
from engine.model.types import Instant, Money
from processes.registers.client import Client
from processes.registers.financing import ASSESSMENT, Financing

_TABLES: Mapping[str, type[Base]] = {"client": Client, "financing": Financing}
_USUAL: Mapping[str, Mapping[str, Any]] = {
    "financing": {
        "stage": ASSESSMENT,
        "institution_type": "BANK",
        "industry": "OTHER",
        "funds_use": "FIXED_ASSET",
        "phase": "OPERATION",
        "warning_level": "NONE",
        "drawstop": False,
        "conditions": [],
        "commitment": Decimal(0),
        "undrawn": Decimal(0),
        "outstanding": Decimal(0),
    }
}


def insert_given(session: Session, given: Mapping[str, Any], now: datetime) -> None:
    """Insert rows by table name: ``{"client": [{"uscc": ..., "name": ...}], "financing": [...]}``.

    Columns by name; amounts and instants may be text. Raises ValueError for an unknown table or column.
    """
    for name, rows in given.items():
        table = _TABLES.get(name)
        if table is None:
            raise ValueError(f"there is no register {name!r}; there are {', '.join(sorted(_TABLES))}")
        for row in rows:
            values = {**_USUAL.get(name, {}), "created_at": now, "updated_at": now, **row}
            session.add(table(**{column: _value(table, column, value) for column, value in values.items()}))
        session.flush()


def _value(table: type[Base], column: str, value: object) -> object:
    if column not in table.__table__.columns:
        raise ValueError(f"the register {table.__tablename__!r} has no column {column!r}")
    kind = table.__table__.columns[column].type
    if isinstance(kind, Money) and isinstance(value, str | int | float):
        return Decimal(str(value))
    if isinstance(kind, Instant) and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date) and isinstance(value, str):
        return date.fromisoformat(value)
    return value
