"""Service tasks: handlers inside and outside the transaction, their failures and their late results."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.clock import read_clock
from engine.commands.cancel_instance import cancel_instance
from engine.commands.resume_instance import resume_instance
from engine.commands.retry_job import retry_job
from engine.commands.settle_job import settle_job
from engine.commands.suspend_instance import suspend_instance
from engine.errors import Forbidden, LeaseLost
from engine.ids import new_id
from engine.jobs.acquire import claim
from engine.jobs.tick import run_due
from engine.model.job import CANCELLED, FAILED, READY, Job
from engine.model.job import Worker as WorkerRow
from engine.runtime import Sancha
from engine.services import BusinessError, Outgoing, ServiceCall
from tests.cast import Cast
from tests.conftest import TestClock
from tests.faults import models, oracle


def run(sancha: Sancha) -> int:
    return run_due(sancha, "worker-1")


def test_a_job_held_while_its_case_is_suspended_is_put_aside_and_not_lost(sancha: Sancha) -> None:
    suspended: list[str] = []
    attempts: list[int] = []

    def slow(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        attempts.append(call.attempt)
        if not suspended:
            suspended.append(call.key)
            with sancha.work(SYSTEM) as work:
                suspend_instance(work, call.root_id, "audit")
        else:
            assert call.key == suspended[0], "the same work has the same key"
        return {"rating": "AA"}

    models.serve(sancha, "ask", remote=slow)
    root = models.asking(sancha)
    assert run(sancha) == 1
    assert models.open_tasks(sancha) == []
    (job,) = models.jobs(sancha)
    assert (job.status, job.suspended, job.attempts) == (READY, True, 1)
    with sancha.work(SYSTEM) as work:
        resume_instance(work, root)
    run(sancha)
    assert models.open_tasks(sancha, root) == ["visit"]
    assert attempts == [1, 2], "what got out before must not be sent as if for the first time"
    oracle.check(sancha)


def test_a_local_handler_gets_the_call_and_its_result_is_a_variable(sancha: Sancha) -> None:
    calls: list[ServiceCall] = []

    def handler(call: ServiceCall, session: Session) -> Mapping[str, object]:
        assert session.in_transaction()
        calls.append(call)
        return {"rate": Decimal("3.10")}

    models.serve(sancha, "ask", local=handler)
    root = models.asking(sancha)
    assert run(sancha) == 1
    (call,) = calls
    assert (call.topic, call.root_id, call.element, call.attempt) == ("ask", root, "ask", 1)
    assert call.variables == {"amount": Decimal("450.10")}
    assert call.business_key == models.instances(sancha)[0].business_key
    assert call.callback_url("RATING", "R-1").startswith("http://sancha.test/api/v1/callbacks/")
    assert models.open_tasks(sancha, root) == ["visit"]
    assert models.actions(sancha, root) == ["instance:started", "service:completed"]
    oracle.check(sancha)


def test_what_a_failing_local_handler_wrote_is_rolled_back(sancha: Sancha) -> None:
    def handler(_call: ServiceCall, session: Session) -> Mapping[str, object]:
        now = read_clock(session).raw
        session.execute(insert(WorkerRow).values(id="trace", kind="trace", started_at=now, seen_at=now))
        raise RuntimeError("after the write")

    models.serve(sancha, "ask", local=handler, max_attempts=1)
    models.asking(sancha)
    run(sancha)
    with sancha.store.transaction(write=False) as session:
        assert session.get(WorkerRow, "trace") is None
    oracle.check(sancha)


def test_a_failing_handler_is_tried_again_with_growing_pauses_and_then_becomes_an_incident(
    sancha: Sancha, clock: TestClock
) -> None:
    keys: set[str] = set()
    attempts: list[int] = []

    def handler(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        keys.add(call.key)
        attempts.append(call.attempt)
        try:
            raise ConnectionError("host unreachable")
        except ConnectionError as cause:
            raise RuntimeError("the agency does not answer") from cause

    models.serve(sancha, "ask", remote=handler, max_attempts=3)
    root = models.asking(sancha)
    for pause in (0, 10, 40):
        clock.move(timedelta(seconds=pause + 1))
        assert run(sancha) == 1
        assert run(sancha) == 0
    assert attempts == [1, 2, 3]
    assert len(keys) == 1
    (incident,) = models.open_incidents(sancha)
    (job,) = models.jobs(sancha)
    assert (incident.kind, incident.code, incident.job_id) == ("job", "job-failed", job.id)
    assert "the agency does not answer" in incident.message
    assert "ConnectionError: host unreachable" in incident.message
    assert (job.status, job.attempts) == (FAILED, 3)
    assert models.actions(sancha, root) == ["instance:started", "service:failed"]
    oracle.check(sancha)


def test_a_failed_service_call_can_be_retried_with_the_same_key(sancha: Sancha, cast: Cast) -> None:
    keys: list[str] = []

    def handler(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        keys.append(call.key)
        if len(keys) == 1:
            raise RuntimeError("down")
        return {}

    models.serve(sancha, "ask", remote=handler, max_attempts=1)
    root = models.asking(sancha)
    run(sancha)
    (failed,) = models.jobs(sancha)
    with pytest.raises(Forbidden), sancha.work(cast["rm-1"]) as work:
        retry_job(work, failed.id)
    with sancha.work(cast["admin-1"]) as work:
        assert retry_job(work, failed.id).status == READY
    assert models.open_incidents(sancha) == []
    run(sancha)
    assert models.open_tasks(sancha, root) == ["visit"]
    assert keys[0] == keys[1]
    oracle.check(sancha)


def test_a_business_error_goes_to_its_boundary_event(sancha: Sancha) -> None:
    def handler(_call: ServiceCall, _session: Session) -> Mapping[str, object]:
        raise BusinessError("NO_MONEY", "the account is empty")

    models.serve(sancha, "pay", local=handler)
    models.deploy_files(sancha, guarded=models.guarded_service("pay"))
    root = models.start(sancha, "guarded")
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["mend"]
    assert models.actions(sancha, root)[-1] == "service:error-thrown"
    oracle.check(sancha)


def test_a_topic_without_handler_waits_with_an_incident(sancha: Sancha, cast: Cast) -> None:
    root = models.asking(sancha, "nobody")
    assert run(sancha) == 1
    (incident,) = models.open_incidents(sancha)
    assert incident.code == "no-handler"
    assert "nobody" in incident.message
    models.serve(sancha, "nobody", local=lambda _call, _session: {})
    with sancha.work(cast["admin-1"]) as work:
        retry_job(work, models.jobs(sancha)[0].id)
    run(sancha)
    assert models.open_tasks(sancha, root) == ["visit"]


def test_a_handler_that_calls_a_host_not_on_the_list_is_not_tried_again(sancha: Sancha) -> None:
    models.serve(
        sancha, "ask", remote=lambda _call, outgoing: outgoing.get("https://evil.example.com/"), max_attempts=4
    )
    models.asking(sancha)
    assert run(sancha) == 1
    (incident,) = models.open_incidents(sancha)
    assert incident.code == "outgoing-refused"


@pytest.mark.parametrize("result", [{"rate": 3.1}, {"rate": object()}, {"text": "x" * 2_000_000}])
def test_a_result_that_variables_cannot_hold_is_a_failure(sancha: Sancha, result: dict[str, object]) -> None:
    models.serve(sancha, "ask", local=lambda _call, _session: result, max_attempts=1)
    models.asking(sancha)
    run(sancha)
    (incident,) = models.open_incidents(sancha)
    assert incident.message
    oracle.check(sancha)


def test_remote_work_runs_outside_any_transaction(sancha: Sancha) -> None:
    """Another transaction may write meanwhile; on SQLite a second writer would wait for ever."""

    def handler(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        with sancha.work(SYSTEM) as work:
            work.session.execute(update(Job).where(Job.id == new_id()).values(attempts=9))
        return {"key": call.key}

    models.serve(sancha, "ask", remote=handler)
    root = models.asking(sancha)
    run(sancha)
    assert models.open_tasks(sancha, root) == ["visit"]


def test_a_late_result_is_refused_by_its_fencing_token(sancha: Sancha) -> None:
    models.serve(sancha, "ask", remote=lambda _call, _outgoing: {})
    root = models.asking(sancha)
    with sancha.store.transaction() as session:
        (late,) = claim(session, owner="a", limit=1, lease=timedelta(0))
    time.sleep(0.01)
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    with pytest.raises(LeaseLost), sancha.work(SYSTEM) as work:
        settle_job(work, late.id, late.fence, result={})
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_work_withdrawn_by_a_cancelled_case_is_refused_quietly(sancha: Sancha) -> None:
    def handler(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        with sancha.work(SYSTEM) as work:
            cancel_instance(work, call.root_id, "withdrawn")
        return {}

    models.serve(sancha, "ask", remote=handler)
    models.asking(sancha)
    assert run(sancha) == 1
    assert [job.status for job in models.jobs(sancha)] == [CANCELLED]
    assert models.open_incidents(sancha) == []
    oracle.check(sancha)


def test_a_job_whose_workers_die_is_given_up(sancha: Sancha) -> None:
    models.serve(sancha, "ask", remote=lambda _call, _outgoing: {}, max_attempts=2)
    models.asking(sancha)
    for _ in range(2):
        with sancha.store.transaction() as session:
            assert len(claim(session, owner="dies", limit=1, lease=timedelta(0))) == 1
        time.sleep(0.01)
    assert run(sancha) == 1
    (incident,) = models.open_incidents(sancha)
    assert incident.code == "job-abandoned"
    oracle.check(sancha)


@pytest.mark.parametrize("answer", [None, ["AA"], "AA"])
def test_a_handler_that_does_not_answer_with_variables_is_named_in_the_incident(sancha: Sancha, answer: object) -> None:
    models.serve(sancha, "ask", local=lambda _call, _session: answer, max_attempts=1)
    models.asking(sancha)
    run(sancha)
    (incident,) = models.open_incidents(sancha)
    assert "handler" in incident.message
    assert type(answer).__name__ in incident.message
    oracle.check(sancha)
