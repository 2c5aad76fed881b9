"""The processes that run jobs, and whether they still show up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from engine.access import ADMIN, require
from engine.model.job import Worker
from engine.runtime import Work

STALE = timedelta(seconds=30)
"""A worker shows up every five seconds; one that did not for so long is gone, or cut off from the database."""
MOST = 200


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A process; ``kind``: worker (alone) or serve (beside the API). Instants are the database's time, aware, UTC;
    ``stale``: it did not show up for `STALE`.
    """

    id: str
    kind: str
    started_at: datetime
    seen_at: datetime
    stale: bool


def workers(work: Work) -> tuple[WorkerView, ...]:
    """The processes that showed up last, at most `MOST`. One statement. ADMIN only: raises `Forbidden`."""
    require(work.principal, ADMIN, "look after the workers")
    rows = work.session.scalars(select(Worker).order_by(Worker.seen_at.desc(), Worker.id).limit(MOST))
    return tuple(
        WorkerView(row.id, row.kind, row.started_at, row.seen_at, row.seen_at < work.raw_now - STALE) for row in rows
    )
