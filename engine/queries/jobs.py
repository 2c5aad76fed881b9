"""Jobs: timers, service calls and messages on their way."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true

from engine.access import may_see_case
from engine.errors import NotFound
from engine.ids import is_id
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


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Exact values; ``root_id``: of one case."""

    status: str | None = None
    kind: str | None = None
    root_id: str | None = None


def view(row: Any) -> JobView:
    """The view of a `Job`, or of a row with its columns."""
    return JobView(**{field.name: getattr(row, field.name) for field in fields(JobView)})


def jobs(work: Work, wanted: JobFilter = JobFilter(), *, cursor: str | None = None, limit: int = 50) -> Page[JobView]:
    """Jobs of the cases that the principal may see, by due instant. Raises `InvalidInput` for a strange cursor."""
    statement = select(*_COLUMNS).where(_seen(work))
    if wanted.root_id is not None:
        if not is_id(wanted.root_id):
            return Page(())
        statement = statement.where(Job.root_id == wanted.root_id)
    if wanted.status is not None:
        statement = statement.where(Job.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(Job.kind == wanted.kind)
    rows = work.session.execute(_BY_DUE.apply(statement, cursor, limit))
    return _BY_DUE.page(rows, limit, view, lambda row: (row.due, row.id))


def job(work: Work, job_id: str) -> JobView:
    """Raises `NotFound`."""
    row = None
    if is_id(job_id):
        row = work.session.execute(select(*_COLUMNS).where(Job.id == job_id, _seen(work))).one_or_none()
    if row is None:
        raise NotFound("There is no such job.", job=job_id[:64])
    return view(row)


def _seen(work: Work) -> ColumnElement[bool]:
    """A job without a case (housekeeping, start timers) is for those who observe all cases."""
    if work.principal.sees_every_case:
        return true()
    return and_(Job.root_id.is_not(None), may_see_case(work.principal, Job.root_id))
