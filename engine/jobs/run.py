"""Runs one claimed job, whatever its kind, and sees to it that it ends well: done, due again, or an incident.

Only `Unavailable` comes out: then the database is away, nothing could be written, and the lease will run out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import structlog
from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.correlate_message import correlate_message
from engine.commands.fire_timer import fire_timer
from engine.commands.settle_job import perform_job, service_call, settle_job
from engine.errors import InstanceEnded, InstanceSuspended, LeaseLost, NotFound, Unavailable
from engine.execution.payload import decode
from engine.jobs.acquire import SERVICE, Claimed
from engine.jobs.broadcast import run_signal
from engine.jobs.correlation import MESSAGE
from engine.jobs.delivery import match
from engine.jobs.failure import give_up, put_aside, try_again, withdraw
from engine.jobs.lease import NotDueYet, give_back, settle
from engine.jobs.recurring import CHECKPOINT, EXPIRY, expire, make_checkpoint, run_recurring
from engine.jobs.retry import describe
from engine.jobs.signals import SIGNAL
from engine.jobs.start_timer import START_TIMER, fire_start_timer
from engine.kernel.errors import NotWaiting
from engine.model.instance import ProcessInstance
from engine.model.job import Job
from engine.runtime import Sancha, Work
from engine.services import BusinessError, BusinessEscalation, Handler, OutgoingRefused, Raised

log = structlog.get_logger(__name__)

TIMER = "timer"
NO_HANDLER = "no-handler"


class GivesUp(Exception):
    """Trying again cannot help; ``code`` is the incident's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def run_job(sancha: Sancha, job: Claimed) -> None:
    """Runs ``job``, which the caller holds under its lease, to its end or to its next attempt."""
    with structlog.contextvars.bound_contextvars(job=job.id, kind=job.kind, case=job.root_id):
        try:
            _run(sancha, job)
        except NotDueYet:
            with sancha.work(SYSTEM) as work:
                give_back(work.session, job.id, job.fence)
        except LeaseLost as error:
            log.info("job.refused", reason=error.code)
        except InstanceSuspended:
            with sancha.work(SYSTEM) as work:
                put_aside(work, job)
        except (InstanceEnded, NotFound, NotWaiting) as error:
            log.info("job.withdrawn", reason=type(error).__name__)
            with sancha.work(SYSTEM) as work:
                withdraw(work, job)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a job must not stop the others
            _failed(sancha, job, error)


def _run(sancha: Sancha, job: Claimed) -> None:
    if job.attempts > job.max_attempts:
        # Only a lease that ran out raises the count without a word: whoever ran it died or hung each time.
        raise GivesUp("job-abandoned", f"{job.attempts - 1} attempts ended with the death or hang of their worker")
    if job.kind == SERVICE:
        _run_service(sancha, job)
        return
    runner = _RUNNERS.get(job.kind)
    if runner is None:
        raise GivesUp("unknown-kind", f"nothing here runs jobs of kind {job.kind!r}")
    with sancha.work(SYSTEM) as work:
        runner(work, job)


def _run_service(sancha: Sancha, job: Claimed) -> None:
    handler = sancha.handlers.get(job.topic or "")
    if handler is None:
        raise GivesUp(NO_HANDLER, f"this installation has no handler for topic {job.topic!r}")
    if handler.local is not None:
        with sancha.work(SYSTEM) as work:
            perform_job(work, job.id, job.fence, handler.local)
    else:
        _run_remote(sancha, job, handler)


def _run_remote(sancha: Sancha, job: Claimed, handler: Handler) -> None:
    """The work runs outside any transaction; the heartbeat of the drain keeps its lease."""
    with sancha.work(SYSTEM, write=False) as work:
        row = work.session.get_one(Job, job.id)
        business_key = work.session.scalars(
            select(ProcessInstance.business_key).where(ProcessInstance.id == job.root_id)
        ).one()
        call = service_call(work, row, business_key, attempt=job.attempts)
    result: Mapping[str, object] = {}
    raised: Raised | None = None
    try:
        if handler.remote is not None:
            result = handler.remote(call, sancha.outgoing)
    except (BusinessError, BusinessEscalation) as error:
        raised = error
    except OutgoingRefused as error:
        raise GivesUp("outgoing-refused", describe(error)) from error
    try:
        with sancha.work(SYSTEM) as work:
            settle_job(work, job.id, job.fence, result=result, raised=raised)
    except InstanceSuspended:
        with sancha.work(SYSTEM) as work:
            put_aside(work, job, tried=True)


def _run_message(work: Work, job: Claimed) -> None:
    settle(work.session, job.id, job.fence, now=work.now)
    if "match" in job.payload:
        name, key = job.payload["match"]
        match(work, name, key)
        return
    correlate_message(
        work,
        source=f"instance:{job.instance_id}",
        message_id=job.id,
        name=job.payload["name"],
        key=job.payload["key"],
        payload=cast(Mapping[str, object], decode(job.payload["payload"])),
    )


def _failed(sancha: Sancha, job: Claimed, error: Exception) -> None:
    reason = describe(error)
    final = isinstance(error, GivesUp)
    # The message may hold personal data: it goes into the database, not into the log.
    log.warning("job.failed", error=type(error).__name__, attempt=job.attempts, final=final)
    try:
        with sancha.work(SYSTEM) as work:
            if not final and job.attempts < job.max_attempts:
                try_again(work, job, reason)
                return
        _give_up(sancha, job, reason, error.code if isinstance(error, GivesUp) else "job-failed")
    except LeaseLost:
        log.info("job.refused", reason="its failure came after its lease")


def _give_up(sancha: Sancha, job: Claimed, reason: str, code: str) -> None:
    try:
        with sancha.work(SYSTEM) as work:
            give_up(work, job, reason, code=code)
    except (LeaseLost, Unavailable):
        raise
    except Exception as error:  # noqa: BLE001 - the kernel cannot take the failure: the incident must not depend on it
        log.error("job.failure-refused", error=type(error).__name__)
        with sancha.work(SYSTEM) as work:
            give_up(work, job, f"{reason}; then {describe(error)}", code=code, through_kernel=False)


_RUNNERS: Mapping[str, Callable[[Work, Claimed], None]] = {
    TIMER: lambda work, job: fire_timer(work, job.id, job.fence),
    START_TIMER: fire_start_timer,
    MESSAGE: _run_message,
    SIGNAL: run_signal,
    CHECKPOINT: lambda work, job: run_recurring(work, job, make_checkpoint),
    EXPIRY: lambda work, job: run_recurring(work, job, expire),
}
