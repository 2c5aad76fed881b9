"""The result of a service or send task's work goes back into its case."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import cast

from engine.execution.advance import advance_root
from engine.execution.lock import Root, check_movable, lock_root_of_job
from engine.execution.payload import check_variables, decode
from engine.jobs.lease import Settled, settle
from engine.kernel.errors import NotWaiting
from engine.kernel.stimuli import JobDone, Stimulus, ThrowError, ThrowEscalation
from engine.model.instance import ACTIVE
from engine.model.job import Job
from engine.runtime import Work
from engine.services import BusinessError, BusinessEscalation, LocalHandler, Raised, ServiceCall


def settle_job(
    work: Work,
    job_id: str,
    fence: int,
    *,
    result: Mapping[str, object] | None = None,
    raised: Raised | None = None,
) -> None:
    """Settles work that was done outside: ``result`` are the variables it returned, or ``raised`` the BPMN error or
    escalation that it ended with. The caller held the job under the lease ``fence``.

    Raises `LeaseLost` when that lease is no longer the job's (the late result is refused), `Withdrawn` when the work is
    no longer wanted, `InvalidInput` for a result that variables cannot hold, `InstanceEnded`, `InstanceSuspended`,
    `NotFound`.
    """
    root, _ = lock_root_of_job(work, job_id)
    check_movable(root)
    held = settle(work.session, job_id, fence, now=work.now)
    _go_on(work, root, job_id, held, {} if result is None else checked(result), raised)


def perform_job(work: Work, job_id: str, fence: int, handler: LocalHandler) -> None:
    """Lets a local ``handler`` do the work inside this transaction and settles it: registers and case change together.

    Raises what `settle_job` raises and whatever the handler raises, except `BusinessError` and `BusinessEscalation`.
    """
    root, job = lock_root_of_job(work, job_id)
    check_movable(root)
    held = settle(work.session, job_id, fence, now=work.now)
    call = service_call(work, job, root.row.business_key, attempt=held.attempts)
    result: Mapping[str, object] = {}
    raised: Raised | None = None
    try:
        result = handler(call, work.session)
    except (BusinessError, BusinessEscalation) as error:
        raised = error  # the work is done and stays; only its outcome is for the process to catch
    work.session.flush()
    _go_on(work, root, job_id, held, checked(result), raised)


def checked(result: object) -> Mapping[str, object]:
    """What a handler answered, when it is variables by name. Raises TypeError that says what it was instead."""
    if not isinstance(result, Mapping):
        raise TypeError(f"the handler answered with {type(result).__name__}, not with variables by name")
    return result


def service_call(work: Work, job: Job, business_key: str, *, attempt: int) -> ServiceCall:
    """What the handler of ``job`` is told. Its ``key`` is that of the token, which stands for one visit of the task (of
    one item, in a multi-instance), so it stays the same when the work is tried again, even after an incident.
    """
    if job.root_id is None or job.instance_id is None or job.topic is None:
        raise ValueError(f"job {job.id} is no service call")
    return ServiceCall(
        topic=job.topic,
        root_id=job.root_id,
        instance_id=job.instance_id,
        business_key=business_key,
        element=job.element,
        key=f"{job.root_id}/{job.handle}",
        attempt=attempt,
        now=work.now,
        variables=cast(Mapping[str, object], decode(job.payload["variables"])),
        working_time=work.sancha.working_time,
        callback_url=work.sancha.callbacks.address,
    )


def _go_on(
    work: Work,
    root: Root,
    job_id: str,
    held: Settled,
    result: Mapping[str, object],
    raised: Raised | None,
) -> None:
    limit = work.sancha.limits.variables_bytes
    described: dict[str, object] = {"job": job_id, "topic": held.topic, "attempt": held.attempts}

    def move(stimulus: Stimulus, action: str, **more: object) -> None:
        advance_root(work, root, stimulus, action=action, element=held.element, payload=described | more)

    if isinstance(raised, BusinessError):
        error = ThrowError(held.handle, raised.code, raised.message, check_variables(raised.variables, limit))
        move(error, "service:error-thrown", code=raised.code, message=raised.message)
        return
    if raised is None:
        move(JobDone(held.handle, check_variables(result, limit)), "service:completed")
        return
    done = JobDone(held.handle, check_variables(raised.result, limit))
    escalation = ThrowEscalation(held.handle, raised.code, check_variables(raised.variables, limit))
    move(escalation, "service:escalation-raised", code=raised.code)
    if root.row.status == ACTIVE:
        with suppress(NotWaiting):  # what caught the escalation may have interrupted the task
            move(done, "service:completed")
