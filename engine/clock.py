"""The one clock.

Business time is the database's time plus a stored offset that only demo and tests may move, so that every process of
an installation agrees and one machine's wrong clock decides nothing. Leases use the raw database time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Dialect, Select, func, literal_column, select
from sqlalchemy.orm import Session

from engine.model.instance import BusinessClock
from engine.model.types import Instant


@dataclass(frozen=True, slots=True)
class Reading:
    """``raw``: the database's time; ``business``: what the business acts on. Both aware, UTC."""

    raw: datetime
    business: datetime


def database_now(dialect: Dialect) -> ColumnElement[datetime]:
    """The database's current time as a column: the wall clock, not the start of the transaction."""
    return _now(sqlite=dialect.name == "sqlite")


def _now(*, sqlite: bool) -> ColumnElement[datetime]:
    if sqlite:
        return func.strftime("%Y-%m-%d %H:%M:%f", literal_column("'now'"), type_=Instant())
    return func.clock_timestamp(type_=Instant())


def offset_column() -> ColumnElement[int]:
    """The stored offset in seconds as a scalar subquery (0 when the clock was never moved)."""
    stored = select(BusinessClock.offset_seconds).where(BusinessClock.id == 1).scalar_subquery()
    return func.coalesce(stored, 0)


def read_clock(session: Session) -> Reading:
    """One statement."""
    raw, offset = session.execute(_clock_statement(session.get_bind().dialect.name == "sqlite")).one()
    return reading(raw, offset)


@cache
def _clock_statement(sqlite: bool) -> Select[datetime, int]:
    """Built once: every transaction begins with it, and building takes as long as running."""
    return select(_now(sqlite=sqlite), offset_column())


def reading(raw: datetime, offset_seconds: int) -> Reading:
    """A reading from the two columns, for queries that select them beside other things."""
    raw = raw.astimezone(UTC)
    return Reading(raw, raw + timedelta(seconds=offset_seconds))


def move_clock(session: Session, by: timedelta) -> None:
    """Moves business time by ``by`` (whole seconds, forward only): demo and tests. Raises ValueError if backward."""
    seconds = int(by.total_seconds())
    if seconds < 0:
        raise ValueError("business time only moves forward")
    row = session.get(BusinessClock, 1, with_for_update=True)
    if row is None:
        session.add(BusinessClock(id=1, offset_seconds=seconds))
    else:
        row.offset_seconds += seconds
