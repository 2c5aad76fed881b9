"""A failed attempt: tried again later, or given up with an incident that names the root cause. Nothing is dropped."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import insert, select, update

from engine.errors import InstanceEnded, InstanceSuspended
from engine.execution.advance import advance_root
from engine.execution.lock import Root, check_movable, lock_root_of_job
from engine.execution.record import record
from engine.ids import new_id
from engine.jobs.acquire import SERVICE, Claimed
from engine.jobs.lease import give_back, settle
from engine.jobs.recurring import RECURRING, come_back
from engine.jobs.retry import LONGEST_PAUSE, due_again, read_retries
from engine.kernel.stimuli import JobFailed
from engine.model.incident import OPEN, Incident
from engine.model.job import CANCELLED, FAILED, LEASED, READY, Job
from engine.runtime import Work

log = structlog.get_logger(__name__)

GAVE_UP = "job-failed"


def try_again(work: Work, job: Claimed, reason: str) -> datetime | None:
    """Makes the job due again after a pause that grows with its attempts, or that its model gives; the instant
    (business time), or None if the lease was lost. One statement, without the root's lock: a job that was cancelled
    meanwhile stays cancelled.
    """
    asked = job.payload.get("retry")
    due = due_again(job.attempts, work.now, read_retries(asked) if asked else ())
    found = work.session.scalars(
        update(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.status == LEASED)
        .values(status=READY, due=due, last_error=reason, lease_owner=None, lease_until=None)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if found is None else due


def give_up(work: Work, job: Claimed, reason: str, *, code: str = GAVE_UP, through_kernel: bool = True) -> None:
    """Ends the job as failed, with an open incident that says ``reason``.

    A service call fails in the kernel too (`JobFailed`), where its token then waits for `Retry`; ``through_kernel``
    False leaves the kernel out, for when that itself failed. Raises `LeaseLost` when the job is no longer ours.
    """
    if job.root_id is None:
        _close(work, job, reason)
        if job.kind in RECURRING:
            come_back(work, job.id, LONGEST_PAUSE)  # housekeeping goes on, and the incident says that it has trouble
        if job.kind not in RECURRING or not _has_incident(work, job):
            _open_incident(work, job, code, reason)
            _tell_administration(work, job, reason)
        return
    root, _ = lock_root_of_job(work, job.id)
    if not _is_wanted(work, root, job):
        return
    _close(work, job, reason)
    described = {"job": job.id, "kind": job.kind, "attempts": job.attempts, "reason": reason}
    if job.kind == SERVICE and through_kernel:
        advance_root(
            work,
            root,
            JobFailed(job.handle, reason),
            action="service:failed",
            element=job.element,
            payload={**described, "topic": job.topic},
        )
        _link_incident(work, job, code)
        return
    _open_incident(work, job, code, reason)
    record(work, root, action="job:failed", element=job.element, payload=described)


def put_aside(work: Work, job: Claimed, *, tried: bool = False) -> None:
    """Gives back a job whose instance is suspended; it is taken again, with the same key, when that is resumed.

    ``tried``: its handler had spoken to a third party before, so the repetition is a further attempt: a payment must
    not be sent as if for the first time.
    """
    root, _ = lock_root_of_job(work, job.id)
    if _is_wanted(work, root, job, tried=tried):
        give_back(work.session, job.id, job.fence, suspended=False, tried=tried)  # it was resumed since


def _is_wanted(work: Work, root: Root, job: Claimed, *, tried: bool = False) -> bool:
    """Whether the case can move; if not, the job is given back (suspended) or cancelled (ended)."""
    try:
        check_movable(root)
    except InstanceSuspended:
        give_back(work.session, job.id, job.fence, suspended=True, tried=tried)
        return False
    except InstanceEnded:
        withdraw(work, job)
        return False
    return True


def withdraw(work: Work, job: Claimed) -> None:
    """Cancels a job that nothing waits for any more. One statement."""
    work.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.status == LEASED)
        .values(status=CANCELLED, finished_at=work.now, lease_owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def _close(work: Work, job: Claimed, reason: str) -> None:
    settle(work.session, job.id, job.fence, now=work.now, status=FAILED, error=reason)


def _has_incident(work: Work, job: Claimed) -> bool:
    found = select(Incident.id).where(Incident.job_id == job.id, Incident.status == OPEN, Incident.root_id.is_(None))
    return work.session.scalars(found.limit(1)).one_or_none() is not None


def _open_incident(work: Work, job: Claimed, code: str, reason: str) -> None:
    work.session.execute(
        insert(Incident).values(
            id=new_id(),
            kind="job",
            root_id=job.root_id,
            instance_id=job.instance_id,
            job_id=job.id,
            handle=job.handle,
            element=job.element,
            code=code,
            message=reason,
            status=OPEN,
            created_at=work.now,
        )
    )


def _link_incident(work: Work, job: Claimed, code: str) -> None:
    """The incident that the kernel's failure opened is this job's."""
    work.session.execute(
        update(Incident)
        .where(Incident.root_id == job.root_id, Incident.handle == job.handle, Incident.status == OPEN)
        .values(kind="job", job_id=job.id, code=code)
        .execution_options(synchronize_session=False)
    )


def _tell_administration(work: Work, job: Claimed, reason: str) -> None:
    work.sancha.audit.append_administration(
        work.session,
        at=work.now,
        actor=work.principal.name,
        action="job:failed",
        payload={"job": job.id, "kind": job.kind, "attempts": job.attempts, "reason": reason},
    )
