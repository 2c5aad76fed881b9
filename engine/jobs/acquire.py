"""Claims due jobs in batches: one short transaction that marks them as leased, before any work begins.

A job is due in business time; its lease runs in raw database time, so that moving the business clock takes no job from
a living worker. Every lease raises the job's fencing token: whoever comes back with an older one is refused. On
PostgreSQL ``SKIP LOCKED`` lets workers claim side by side; SQLite has one writer, and the status is checked again in
the ``UPDATE``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select, true, update
from sqlalchemy.orm import Session

from engine.clock import Reading, read_clock
from engine.model.job import LEASED, Job

SERVICE = "service"
LEASE = timedelta(seconds=30)
_WINDOW = 8  # how many times the batch size is looked at, to find jobs of different instances
# Literals, because neither database uses a partial index for a condition on a bound parameter.
_IS_READY = Job.status == literal_column("'ready'")
_IS_LEASED = Job.status == literal_column("'leased'")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job under lease. ``attempts`` counts this one; ``fence`` must still be the row's when the work is settled."""

    id: str
    kind: str
    root_id: str | None
    instance_id: str | None
    handle: str
    element: str
    topic: str | None
    payload: Any
    fence: int
    attempts: int
    max_attempts: int


@dataclass(frozen=True, slots=True)
class Lane:
    """Which jobs a claim looks at, by the topics whose handlers do slow I/O.

    ``remote`` True: only service jobs of these topics; False: all other jobs; None: every job. Two lanes keep a slow
    counterparty from holding up timers.
    """

    topics: frozenset[str] = frozenset()
    remote: bool | None = None

    def condition(self) -> ColumnElement[bool]:
        """The lane as a condition on job rows."""
        if self.remote is None or (not self.remote and not self.topics):
            return true()
        topics = sorted(self.topics)
        if self.remote:
            return and_(Job.kind == SERVICE, Job.topic.in_(topics))
        return or_(Job.kind != SERVICE, Job.topic.not_in(topics))


EVERY = Lane()


def claim(
    session: Session, *, owner: str, limit: int, lease: timedelta = LEASE, lane: Lane = EVERY
) -> tuple[Claimed, ...]:
    """Leases up to ``limit`` due jobs to ``owner``: first those whose lease ran out, then due ones in turn.

    Due jobs of many instances come in rounds (the first of each instance, then the second of each, ...), so that an
    instance with thousands of due timers neither fills a batch alone nor makes two workers wait for the same row lock.
    No job of a suspended instance is taken. At most four statements; the caller commits.
    """
    clock = read_clock(session)
    chosen = list(session.scalars(_expired(clock, lane, limit)))
    if len(chosen) < limit:
        chosen += session.scalars(_due(clock, lane, limit - len(chosen)))
    return _take(session, chosen, owner, clock, lease)


def _expired(clock: Reading, lane: Lane, limit: int) -> Select[str]:
    return (
        select(Job.id)
        .where(_IS_LEASED, Job.lease_until < clock.raw, Job.suspended.is_(False), lane.condition())
        .order_by(Job.lease_until, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _due(clock: Reading, lane: Lane, limit: int) -> Select[str]:
    takeable = and_(_IS_READY, Job.suspended.is_(False), Job.due <= clock.business)
    window = (
        select(Job.id, Job.root_id, Job.due)
        .where(takeable, lane.condition())
        .order_by(Job.due, Job.id)
        .limit(limit * _WINDOW)
        .subquery()
    )
    order = (window.c.due, window.c.id)
    # Jobs without an instance share no lock with anything: each is its own group.
    group = func.coalesce(window.c.root_id, window.c.id)
    turns = select(window.c.id, func.row_number().over(partition_by=group, order_by=order).label("turn")).subquery()
    return (
        select(Job.id)
        .join(turns, turns.c.id == Job.id)
        .where(takeable)  # again: a row that another worker took since the snapshot is looked at anew under its lock
        .order_by(turns.c.turn, Job.due, Job.id)
        .limit(limit)
        .with_for_update(of=Job, skip_locked=True)
    )


def _take(session: Session, ids: Collection[str], owner: str, clock: Reading, lease: timedelta) -> tuple[Claimed, ...]:
    if not ids:
        return ()
    columns = (
        *(Job.id, Job.kind, Job.root_id, Job.instance_id, Job.handle, Job.element),
        *(Job.topic, Job.payload, Job.fence, Job.attempts, Job.max_attempts),
    )
    taken = session.execute(
        update(Job)
        .where(Job.id.in_(ids), or_(_IS_READY, and_(_IS_LEASED, Job.lease_until < clock.raw)))
        .values(
            status=LEASED,
            lease_owner=owner,
            lease_until=clock.raw + lease,
            fence=Job.fence + 1,
            attempts=Job.attempts + 1,
        )
        .returning(*columns)
        .execution_options(synchronize_session=False)
    )
    found = {row.id: Claimed(*row) for row in taken}
    return tuple(found[id_] for id_ in ids if id_ in found)
