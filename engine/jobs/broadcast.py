"""Runs signal jobs (`engine.jobs.signals`): spreads a throw, and lets each listener hear it exactly once.

Every job settles itself in the transaction that does its work, so a crash repeats all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert, select, update

from engine.execution.advance import advance_root
from engine.execution.lock import check_movable, lock_root_of_job
from engine.execution.payload import decode
from engine.execution.start import start_root
from engine.jobs.acquire import Claimed
from engine.jobs.lease import settle
from engine.jobs.signals import (
    RECEIVE,
    START,
    THROW,
    Throw,
    listening_roots,
    signal_job,
    starters,
    still_listening,
)
from engine.kernel.stimuli import DeliverSignal
from engine.model.job import READY, Job
from engine.runtime import Work

ACTION = "signal:received"
BATCH = 500
"""Roots that one transaction makes jobs for."""


def run_signal(work: Work, job: Claimed) -> None:
    """Runs a signal job, whichever it is. Raises `LeaseLost`, `InstanceEnded`, `InstanceSuspended`, and what moving or
    starting a case raises.
    """
    runners = {THROW: _spread, RECEIVE: _receive, START: _start}
    runners[job.handle](work, job)


def _spread(work: Work, job: Claimed) -> None:
    """One batch of listeners; while there may be more, the job is due again and goes on after the last root."""
    settle(work.session, job.id, job.fence, now=work.now)
    payload = job.payload
    throw = Throw(job.id, payload["name"], datetime.fromisoformat(payload["at"]), payload["thrownBy"])
    after = payload.get("after")
    told: dict[str, Any] = {"throw": throw.id, "at": payload["at"], "thrownBy": throw.thrown_by}
    rows = []
    if after is None:
        for starter in starters(work.session, throw):
            what = {"key": starter.definition_key, "version": starter.definition_version, "part": starter.part}
            rows.append(signal_job(START, throw.name, told | what, work.now) | {"element": starter.element})
    roots = listening_roots(work.session, throw, after=after, limit=BATCH)
    rows += [signal_job(RECEIVE, throw.name, told, work.now) | {"root_id": root, "instance_id": root} for root in roots]
    if rows:
        work.session.execute(insert(Job), rows)
    if len(roots) == BATCH:
        work.session.execute(
            update(Job)
            .where(Job.id == job.id)
            .values(status=READY, attempts=0, finished_at=None, payload={**payload, "after": roots[-1]})
            .execution_options(synchronize_session=False)
        )


def _receive(work: Work, job: Claimed) -> None:
    """A suspended case is left alone until it goes on; one that stopped listening meanwhile hears nothing."""
    root, _ = lock_root_of_job(work, job.id)
    check_movable(root)
    settle(work.session, job.id, job.fence, now=work.now)
    throw = _throw(job)
    element = still_listening(work.session, throw, root.id)
    if element is None:
        return
    stimulus = DeliverSignal(throw.name, _variables(work, throw))
    advance_root(work, root, stimulus, action=ACTION, element=element, payload=_described(throw))


def _start(work: Work, job: Claimed) -> None:
    settle(work.session, job.id, job.fence, now=work.now)
    throw = _throw(job)
    start_root(
        work,
        job.payload["key"],
        job.payload["version"],
        event=job.element,
        part=job.payload["part"],
        variables=_variables(work, throw),
        payload=_described(throw),
    )


def _throw(job: Claimed) -> Throw:
    told = job.payload
    return Throw(told["throw"], str(job.topic), datetime.fromisoformat(told["at"]), told["thrownBy"])


def _variables(work: Work, throw: Throw) -> Mapping[str, object]:
    """What the signal carries is kept once, with the job that spread it."""
    payload = work.session.scalars(select(Job.payload).where(Job.id == throw.id)).one()
    return cast(Mapping[str, object], decode(payload["variables"]))


def _described(throw: Throw) -> dict[str, object]:
    """What the audit trail says about it; what it carried shows as the variables that it wrote."""
    return {"signal": throw.name, "throw": throw.id, "thrownBy": throw.thrown_by, "thrownAt": throw.at}
