"""Move the due instant of a task or a job."""

from __future__ import annotations

from datetime import datetime
from typing import overload

from sqlalchemy import select

from engine.access import ADMIN, require
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.execution.holding import open_task, touch
from engine.execution.lock import Root, check_movable, lock_root_of_job
from engine.execution.payload import readable
from engine.execution.record import record
from engine.ids import is_id
from engine.model.job import READY, Job
from engine.queries import jobs
from engine.queries.jobs import JobView
from engine.queries.task import TaskView, view
from engine.runtime import Work


@overload
def change_due_date(work: Work, *, due: datetime, task_id: str, revision: int | None = None) -> TaskView: ...


@overload
def change_due_date(work: Work, *, due: datetime, job_id: str) -> JobView: ...


def change_due_date(
    work: Work,
    *,
    due: datetime,
    task_id: str | None = None,
    job_id: str | None = None,
    revision: int | None = None,
) -> TaskView | JobView:
    """Set ``due`` (aware; business time) of one open task (for who supervises its unit) or waiting job (ADMIN).

    Raises `InvalidInput` for an instant without zone, `Forbidden`, `NotFound`, `Conflict` for a job that is not
    waiting, and for a task what `open_task` raises.
    """
    if due.tzinfo is None or not 1970 <= due.year < 9999:
        raise InvalidInput("A due instant needs its zone and a year before 9999.", {"due": ["not an instant"]})
    if (task_id is None) == (job_id is None):
        raise InvalidInput("Name either a task or a job.")
    if task_id is not None:
        return _of_task(work, task_id, due, revision)
    return _of_job(work, str(job_id), due)


def _of_task(work: Work, task_id: str, due: datetime, revision: int | None) -> TaskView:
    root, task = open_task(work, task_id, revision=revision)
    if not work.principal.supervises(task.unit):
        raise Forbidden(f"Only a supervisor of {task.unit} may move the due instant of {task.name!r}.", task=task.id)
    before = task.due
    task.due = task.due_sort = due
    touch(work, task)
    payload = {"task": task.id, "before": {"due": before}, "after": {"due": due}}
    record(work, root, action="task:due-date-changed", element=task.element, payload=payload)
    return view(task)


def _of_job(work: Work, job_id: str, due: datetime) -> JobView:
    require(work.principal, ADMIN, "move the due instant of jobs")
    root, job = _locked(work, job_id)
    if job.status != READY:
        raise Conflict(f"The job is not waiting any more ({job.status}).", job=job.id, status=job.status)
    payload = {"job": job.id, "kind": job.kind, "before": {"due": job.due}, "after": {"due": due}}
    job.due = due
    if root is not None:
        record(work, root, action="job:due-date-changed", element=job.element, payload=payload)
    else:
        work.sancha.audit.append_administration(
            work.session,
            at=work.now,
            actor=work.principal.name,
            action="job:due-date-changed",
            payload=readable(payload),
            on_behalf_of=work.on_behalf_of,
        )
    return jobs.view(job)


def _locked(work: Work, job_id: str) -> tuple[Root | None, Job]:
    """The job with its root; start timers and housekeeping have none."""
    if not is_id(job_id):
        raise NotFound("There is no such job.", job=job_id[:64])
    alone = select(Job).where(Job.id == job_id, Job.root_id.is_(None)).with_for_update()
    found = work.session.scalars(alone.execution_options(populate_existing=True)).one_or_none()
    if found is not None:
        return None, found
    root, job = lock_root_of_job(work, job_id)
    check_movable(root, allow_suspended=True)
    return root, job
