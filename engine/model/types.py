"""Column types that keep the same value on SQLite and PostgreSQL.

SQLite stores neither zones nor decimals, so instants are kept in UTC and money as scaled integers; JSON is text with
exact decimals, because a database's own JSON type would round or reorder it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, String, Text, TypeDecorator, Uuid
from sqlalchemy.orm import mapped_column

MONEY_SCALE = 4


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC; a naive one is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An amount with up to four decimal places, stored as an integer of 1/10,000; more places raise ValueError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(MONEY_SCALE)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {MONEY_SCALE} decimal places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-MONEY_SCALE)


class Json(TypeDecorator[Any]):
    """JSON text; numbers with a fraction come back as Decimal. Values must already be plain JSON (or Decimal)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value, parse_float=Decimal)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not plain JSON")


Id = Annotated[str, mapped_column(Uuid(as_uuid=False))]
"""UUIDv7 as text with hyphens; native uuid on PostgreSQL."""
Name = Annotated[str, mapped_column(String(255))]
"""Keys, element ids, user names, roles."""
ScopePath = Annotated[str, mapped_column(String(255))]
"""A kernel scope, token or wait id."""
When = Annotated[datetime, mapped_column(Instant)]
Document = Annotated[Any, mapped_column(Json)]
Amount = Annotated[Decimal, mapped_column(Money)]
LongText = Annotated[str, mapped_column(Text)]
