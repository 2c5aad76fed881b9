"""Keeps leases alive while their jobs are worked on, gives them back, and settles them once.

Settling is a conditional ``UPDATE`` on the fencing token, in the transaction that holds the root's lock: of two workers
that both believe they hold a job, exactly one finds the row as it expects it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from sqlalchemy import Table, bindparam, case, literal_column, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from engine.clock import read_clock
from engine.errors import EngineError, LeaseLost
from engine.jobs.acquire import Claimed
from engine.model.job import CANCELLED, DONE, LEASED, READY, Job
from engine.store import Store

log = structlog.get_logger(__name__)

LONGEST_HOLD = timedelta(minutes=15)
"""A job that runs longer loses its lease although its process lives: it hangs."""
_SHORTEST_BEAT = 0.05
_JOBS: Table = Job.__table__  # type: ignore[assignment]  # declared as FromClause; a mapped class has a Table


class Withdrawn(LeaseLost):
    """The work is no longer wanted: its timer was cleared, its activity interrupted, or its instance ended."""

    code = "work-withdrawn"


class NotDueYet(EngineError):
    """The due date was moved into the future while the job was held; it waits again."""

    code = "not-due-yet"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a job row said when it was settled."""

    handle: str
    element: str
    kind: str
    topic: str | None
    due: datetime
    attempts: int


def settle(
    session: Session,
    job_id: str,
    fence: int,
    *,
    now: datetime,
    status: str = DONE,
    error: str | None = None,
    only_if_due: bool = False,
) -> Settled:
    """Ends the lease ``fence`` of the job for good. One statement; the caller holds the lock of the root, if any.

    ``now`` is business time. Raises `Withdrawn` when the job was cancelled, with ``only_if_due`` `NotDueYet` when its
    due date was moved past ``now``, else `LeaseLost` when the lease went to somebody else or the job is settled.
    """
    values = {"job": job_id, "held": fence, "status": status, "finished_at": now, "last_error": error}
    if only_if_due:
        values["now"] = now
    row = session.execute(_settling(only_if_due), values).one_or_none()
    if row is None:
        raise _why_not(session, job_id, fence)
    return Settled(*row)


@cache
def _settling(only_if_due: bool) -> ReturningUpdate[Any]:
    """Built once: building takes longer than running."""
    held = update(_JOBS).where(_JOBS.c.id == bindparam("job"), _JOBS.c.fence == bindparam("held"))
    held = held.where(_JOBS.c.status == literal_column("'leased'"))
    if only_if_due:
        held = held.where(_JOBS.c.due <= bindparam("now"))
    given: dict[str, Any] = {name: bindparam(name) for name in ("status", "finished_at", "last_error")}
    columns = (getattr(_JOBS.c, name) for name in ("handle", "element", "kind", "topic", "due", "attempts"))
    return held.values(given | {"lease_owner": None, "lease_until": None}).returning(*columns)


def _why_not(session: Session, job_id: str, fence: int) -> EngineError:
    row = session.execute(select(Job.status, Job.fence).where(Job.id == job_id)).one_or_none()
    if row is None or row.status == CANCELLED:
        return Withdrawn("The work is no longer wanted.", job=job_id)
    if row.status == LEASED and row.fence == fence:
        return NotDueYet("The job's due date was moved; it waits again.", job=job_id)
    return LeaseLost("The job's lease went to another worker; this result is refused.", job=job_id, fence=fence)


def give_back(session: Session, job_id: str, fence: int, *, suspended: bool | None = None, tried: bool = False) -> bool:
    """Returns a job that was claimed; False if the lease was lost.

    ``tried``: its work got out, so the attempt counts and the next one knows that it is not the first; as it did not
    fail, one more is allowed. ``suspended`` sets whether its instance keeps it from being taken. One statement.
    """
    values: dict[str, Any] = {"status": READY, "lease_owner": None, "lease_until": None}
    if tried:
        values["max_attempts"] = Job.max_attempts + 1
    else:
        values["attempts"] = case((Job.attempts > 0, Job.attempts - 1), else_=0)
    if suspended is not None:
        values["suspended"] = suspended
    found = session.scalars(
        update(Job)
        .where(Job.id == job_id, Job.fence == fence, Job.status == LEASED)
        .values(values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return found is not None


class Heartbeat:
    """Renews the leases of one owner's jobs in a thread of its own, every third of the lease."""

    def __init__(self, store: Store, owner: str, lease: timedelta) -> None:
        self._store = store
        self._owner = owner
        self._lease = lease
        self._held: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def beating(self) -> Iterator[Heartbeat]:
        """Beats while the block runs, from the first job on that is held."""
        try:
            yield self
        finally:
            self._ended.set()
            if self._thread is not None:
                self._thread.join()

    def hold(self, jobs: Collection[Claimed]) -> None:
        """Begins to renew the leases of ``jobs``."""
        until = time.monotonic() + LONGEST_HOLD.total_seconds()
        with self._lock:
            self._held.update({job.id: until for job in jobs})
        if self._thread is None:
            self._thread = threading.Thread(target=self._beat, name=f"heartbeat {self._owner}", daemon=True)
            self._thread.start()

    def drop(self, job: Claimed) -> None:
        """Stops renewing the lease of ``job``: it is settled or given back."""
        with self._lock:
            self._held.pop(job.id, None)

    def _beat(self) -> None:
        while not self._ended.wait(max(self._lease.total_seconds() / 3, _SHORTEST_BEAT)):
            with self._lock:
                now = time.monotonic()
                self._held = {id_: until for id_, until in self._held.items() if until > now}
                ids = list(self._held)
            if not ids:
                continue
            try:
                self._renew(ids)
            except EngineError as error:
                # The database is away: the leases may run out, and then the fencing token decides.
                log.warning("jobs.heartbeat-failed", owner=self._owner, error=error.code)

    def _renew(self, ids: Collection[str]) -> None:
        with self._store.transaction() as session:
            session.execute(
                update(Job)
                .where(Job.id.in_(ids), Job.lease_owner == self._owner, Job.status == LEASED)
                .values(lease_until=read_clock(session).raw + self._lease)
                .execution_options(synchronize_session=False)
            )
