"""An administrator has a job done again, or now."""

from __future__ import annotations

from sqlalchemy import select, update

from engine.access import ADMIN
from engine.errors import Conflict, Forbidden, NotFound
from engine.execution.advance import advance_root
from engine.execution.lock import Root, check_movable, lock_root_of_job
from engine.execution.record import record
from engine.ids import is_id
from engine.jobs.acquire import SERVICE
from engine.kernel.errors import NotWaiting
from engine.kernel.stimuli import Retry
from engine.model import incident as incidents
from engine.model.incident import Incident
from engine.model.job import FAILED, LEASED, READY, Job
from engine.runtime import Work


def retry_job(work: Work, job_id: str) -> Job:
    """Has a failed job done again from its first attempt, or a waiting one at once; its incident is resolved.

    A failed service call is requested anew by the process, so the answer is a new job. ADMIN only. Raises `Forbidden`,
    `NotFound`, `Conflict` for a job that runs or is over, `InstanceEnded`, `InstanceSuspended`.
    """
    root, job = _taken(work, job_id)
    if job.status == FAILED and job.kind == SERVICE and root is not None:
        described = {"job": job.id, "topic": job.topic}
        try:
            advance_root(work, root, Retry(job.handle), action="job:retried", element=job.element, payload=described)
        except NotWaiting:
            pass  # the kernel never learnt of the failure: the job itself is still the one that it waits for
        else:
            return _requested_anew(work, job)
    elif job.status not in (FAILED, READY):
        raise _not_now(job)
    return _due_now(work, root, job, action="job:retried", attempts=0)


def execute_job(work: Work, job_id: str) -> Job:
    """Makes a waiting job due now: the next tick takes it. ADMIN only. Raises as `retry_job` does."""
    root, job = _taken(work, job_id)
    if job.status != READY:
        raise _not_now(job)
    return _due_now(work, root, job, action="job:made-due", attempts=job.attempts)


def _taken(work: Work, job_id: str) -> tuple[Root | None, Job]:
    if not work.principal.holds(ADMIN):
        raise Forbidden("Only an administrator may have jobs done again.")
    if not is_id(job_id):
        raise NotFound("There is no such job.", job=job_id[:64])
    rootless = select(Job).where(Job.id == job_id, Job.root_id.is_(None)).with_for_update()
    alone = work.session.scalars(rootless.execution_options(populate_existing=True)).one_or_none()
    if alone is not None:
        return None, alone
    root, job = lock_root_of_job(work, job_id)
    check_movable(root)
    return root, job


def _not_now(job: Job) -> Conflict:
    state = "is running now" if job.status == LEASED else f"is over ({job.status})"
    return Conflict(f"The job {state}.", job=job.id, status=job.status)


def _requested_anew(work: Work, job: Job) -> Job:
    """The job that replaced ``job``; itself, if the process took another way."""
    waiting = select(Job).where(Job.root_id == job.root_id, Job.handle == job.handle, Job.status == READY)
    return work.session.scalars(waiting.order_by(Job.id.desc()).limit(1)).one_or_none() or job


def _due_now(work: Work, root: Root | None, job: Job, *, action: str, attempts: int) -> Job:
    described = {"job": job.id, "kind": job.kind, "due": job.due, "status": job.status}
    job.status, job.due, job.attempts, job.finished_at = READY, min(job.due, work.now), attempts, None
    work.session.flush()
    work.session.execute(
        update(Incident)
        .where(Incident.job_id == job.id, Incident.status == incidents.OPEN)
        .values(status=incidents.RESOLVED, resolved_at=work.now, resolved_by=work.principal.name)
        .execution_options(synchronize_session=False)
    )
    if root is not None:
        record(work, root, action=action, element=job.element, payload=described)
    else:
        work.sancha.audit.append_administration(
            work.session, at=work.now, actor=work.principal.name, action=action, payload=described
        )
    return job
