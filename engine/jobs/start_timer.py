"""Timers that start instances: the job that deploying made (`engine.deployment.starts`) starts one at each tick."""

from __future__ import annotations

from sqlalchemy import update

from engine.deployment.starts import START_TIMER, start_timer
from engine.execution.start import start_root
from engine.jobs.acquire import Claimed
from engine.jobs.lease import settle
from engine.kernel.definition import Timer, TimerKind
from engine.kernel.timers import Tick, next_due
from engine.model.job import READY, Job
from engine.runtime import Work

__all__ = ["START_TIMER", "fire_start_timer"]


def fire_start_timer(work: Work, job: Claimed) -> None:
    """Starts an instance and waits for the next tick, if there is one. Raises `LeaseLost`, `NotDueYet`, and what
    starting raises.
    """
    held = settle(work.session, job.id, job.fence, now=work.now, only_if_due=True)
    start_root(
        work,
        job.payload["key"],
        job.payload["version"],
        event=job.element,
        part=_part(job),
        variables={},
        payload={"job": job.id, "due": held.due},
    )
    following = _following(work, job)
    if following is not None:
        work.session.execute(
            update(Job)
            .where(Job.id == job.id)
            .values(
                status=READY,
                due=following.at,
                attempts=0,
                finished_at=None,
                payload={**job.payload, "tick": following.to_json()},
            )
            .execution_options(synchronize_session=False)
        )


def _part(job: Claimed) -> int:
    """Which of the event's definitions the timer is; a job of an earlier release has only one to name."""
    part: int = job.payload.get("part", 0)
    return part


def _following(work: Work, job: Claimed) -> Tick | None:
    ref = f"{job.payload['key']}:{job.payload['version']}"
    timer = work.sancha.definitions.for_work(work).get(ref).nodes[job.element].events[_part(job)]
    if not isinstance(timer, Timer) or timer.kind is not TimerKind.CYCLE or job.payload["tick"] is None:
        return None
    return next_due(start_timer(work, timer), Tick.from_json(job.payload["tick"]), work.now, timer.catch_up)
