"""A timer is due: its case moves on."""

from __future__ import annotations

from engine.execution.advance import advance_root
from engine.execution.lock import check_movable, lock_root_of_job
from engine.jobs.lease import settle
from engine.kernel.stimuli import FireTimer
from engine.runtime import Work


def fire_timer(work: Work, job_id: str, fence: int) -> None:
    """Fires the timer of job ``job_id``, which the caller holds under the lease ``fence``.

    Raises `LeaseLost` when the lease went to another worker or the timer has fired, `Withdrawn` when it was cleared,
    `NotDueYet` when its due date was moved into the future, `InstanceEnded`, `InstanceSuspended` and `NotFound`.
    """
    root, _ = lock_root_of_job(work, job_id)
    check_movable(root)
    held = settle(work.session, job_id, fence, now=work.now, only_if_due=True)
    advance_root(
        work,
        root,
        FireTimer(held.handle),
        action="timer:fired",
        element=held.element,
        payload={"job": job_id, "due": held.due},
    )
