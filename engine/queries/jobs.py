"""Jobs: timers, service calls and messages on their way."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, select, true

from engine.access import may_see_case
from engine.errors import InvalidInput, NotFound
from engine.ids import is_id
from engine.model import job as job_rows
from engine.model.job import Job
from engine.queries.page import Key, Order, Page
from engine.runtime import Work

_BY_DUE = Order("jobs", (Key(Job.due, "instant"), Key(Job.id, "id")))


@dataclass(frozen=True, slots=True)
class JobView:
    """See `engine.model.job.Job`; the payload is left out. Instants are aware, UTC; ``due`` is business time."""

    id: str
    kind: str
    root_id: str | None
    instance_id: str | None
    handle: str
    element: str
    topic: str | None
    due: datetime
    status: str
    suspended: bool
    attempts: int
    max_attempts: int
    last_error: str | None
    lease_owner: str | None
    lease_until: datetime | None
    created_at: datetime
    finished_at: datetime | None


_COLUMNS = tuple(getattr(Job, field.name) for field in fields(JobView))


DUE, RUNNING, WAITING, SUSPENDED, FAILED = "due", "running", "waiting", "suspended", "failed"
STATES = (DUE, RUNNING, WAITING, SUSPENDED, FAILED)
"""What a job that is not over is doing, for people: it could be taken now, is held by a worker, waits for its instant,
belongs to a suspended case, or used up its attempts."""
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Exact values; ``root_id``: of one case; ``state``: one of `STATES`."""

    status: str | None = None
    kind: str | None = None
    root_id: str | None = None
    state: str | None = None


def view(row: Any) -> JobView:
    """The view of a `Job`, or of a row with its columns."""
    return JobView(**{field.name: getattr(row, field.name) for field in fields(JobView)})


def jobs(work: Work, wanted: JobFilter = JobFilter(), *, cursor: str | None = None, limit: int = 50) -> Page[JobView]:
    """Jobs of the cases that the principal may see, by due instant.

    Raises `InvalidInput` for a state that is none, and for a strange cursor.
    """
    statement = select(*_COLUMNS).where(_seen(work))
    if wanted.root_id is not None:
        if not is_id(wanted.root_id):
            return Page(())
        statement = statement.where(Job.root_id == wanted.root_id)
    if wanted.status is not None:
        statement = statement.where(Job.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(Job.kind == wanted.kind)
    if wanted.state is not None:
        statement = statement.where(_is(work, wanted.state))
    rows = work.session.execute(_BY_DUE.apply(statement, cursor, limit))
    return _BY_DUE.page(rows, limit, view, lambda row: (row.due, row.id))


def state_of(found: JobView, now: datetime) -> str:
    """One of `STATES`; for a job that is over its status: done or cancelled."""
    if found.status == job_rows.READY:
        return SUSPENDED if found.suspended else DUE if found.due <= now else WAITING
    return {job_rows.LEASED: RUNNING}.get(found.status, found.status)


def job_counts(work: Work) -> dict[str, int]:
    """How many jobs are in each of `STATES`, counted up to one more than `MOST_COUNTED`. One statement."""
    counts = []
    for state in STATES:
        found = select(Job.id).where(_seen(work), _is(work, state)).limit(MOST_COUNTED + 1).subquery()
        counts.append(select(func.count()).select_from(found).scalar_subquery().label(state))
    row = work.session.execute(select(*counts)).one()
    return dict(zip(STATES, row, strict=True))


def job(work: Work, job_id: str) -> JobView:
    """Raises `NotFound`."""
    row = None
    if is_id(job_id):
        row = work.session.execute(select(*_COLUMNS).where(Job.id == job_id, _seen(work))).one_or_none()
    if row is None:
        raise NotFound("There is no such job.", job=job_id[:64])
    return view(row)


def _is(work: Work, state: str) -> ColumnElement[bool]:
    # Literals, because neither database uses a partial index for a condition on a bound parameter.
    ready = Job.status == literal_column("'ready'")
    conditions = {
        DUE: and_(ready, Job.suspended.is_(False), Job.due <= work.now),
        RUNNING: Job.status == literal_column("'leased'"),
        WAITING: and_(ready, Job.suspended.is_(False), Job.due > work.now),
        SUSPENDED: and_(ready, Job.suspended.is_(True)),
        FAILED: Job.status == literal_column("'failed'"),
    }
    if state not in conditions:
        raise InvalidInput(f"A job is in one of the states {', '.join(STATES)}.", {"state": [*STATES]})
    return conditions[state]


def _seen(work: Work) -> ColumnElement[bool]:
    """A job without a case (housekeeping, start timers) is for those who observe all cases."""
    if work.principal.sees_every_case:
        return true()
    return and_(Job.root_id.is_not(None), may_see_case(work.principal, Job.root_id))
