"""Jobs of every kind, run to their end by `run_due`."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.audit.chain import AuditTrail
from engine.clock import read_clock
from engine.commands.cancel_instance import cancel_instance
from engine.commands.resume_instance import resume_instance
from engine.commands.retry_job import execute_job, retry_job
from engine.commands.settle_job import settle_job
from engine.commands.suspend_instance import suspend_instance
from engine.errors import Conflict, Forbidden, LeaseLost, NotFound
from engine.ids import new_id
from engine.jobs.acquire import claim
from engine.jobs.recurring import CHECKPOINT, EXPIRY, ensure_recurring
from engine.jobs.tick import run_due
from engine.jobs.worker import Worker
from engine.model.audit import AuditCheckpoint, AuditEvent
from engine.model.job import CANCELLED, DONE, FAILED, READY, Job
from engine.model.job import Worker as WorkerRow
from engine.runtime import Sancha
from engine.services import BusinessError, Handler, Outgoing, ServiceCall
from tests.cast import Cast
from tests.conftest import TestClock
from tests.faults import models, oracle

HOUR = timedelta(hours=1, seconds=1)


def run(sancha: Sancha) -> int:
    return run_due(sancha, "worker-1")


def serve(sancha: Sancha, topic: str, **handler: object) -> None:
    sancha.handlers.register(Handler(topic, **handler))  # type: ignore[arg-type]


def asking(sancha: Sancha, topic: str = "ask") -> str:
    """A case whose service task has asked ``topic``."""
    models.deploy_files(sancha, asking=models.process("asking", models.service(topic)))
    return models.start(sancha, "asking", {"amount": Decimal("450.10")})


def timed(sancha: Sancha, count: int = 1) -> list[str]:
    models.deploy_files(sancha, timed=models.process("timed", models.timer("PT1H")))
    return [models.start(sancha, "timed") for _ in range(count)]


def actions(sancha: Sancha, root_id: str) -> list[str]:
    with sancha.store.transaction(write=False) as session:
        return list(
            session.scalars(select(AuditEvent.action).where(AuditEvent.stream == root_id).order_by(AuditEvent.seq))
        )


def test_a_timer_fires_when_it_is_due_and_not_before(sancha: Sancha, clock: TestClock) -> None:
    (root,) = timed(sancha)
    clock.move(timedelta(minutes=59))
    assert run(sancha) == 0
    assert models.open_tasks(sancha) == []
    clock.move(timedelta(minutes=2))
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    assert actions(sancha, root) == ["instance:started", "timer:fired"]
    assert run(sancha) == 0
    oracle.check(sancha)


def test_a_timer_of_an_ended_case_never_fires(sancha: Sancha, clock: TestClock) -> None:
    (root,) = timed(sancha)
    with sancha.work(SYSTEM) as work:
        cancel_instance(work, root, "withdrawn by the client")
    clock.move(HOUR)
    assert run(sancha) == 0
    assert [job.status for job in models.jobs(sancha)] == [CANCELLED]
    oracle.check(sancha)


def test_a_suspended_case_waits_until_it_is_resumed(sancha: Sancha, clock: TestClock) -> None:
    (root,) = timed(sancha)
    with sancha.work(SYSTEM) as work:
        suspend_instance(work, root, "audit")
    clock.move(HOUR)
    assert run(sancha) == 0
    with sancha.work(SYSTEM) as work:
        resume_instance(work, root)
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_a_job_held_while_its_case_is_suspended_is_put_aside_and_not_lost(sancha: Sancha) -> None:
    suspended: list[str] = []

    def slow(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        if not suspended:
            suspended.append(call.key)
            with sancha.work(SYSTEM) as work:
                suspend_instance(work, call.root_id, "audit")
        else:
            assert call.key == suspended[0], "the same work has the same key"
        return {"rating": "AA"}

    serve(sancha, "ask", remote=slow)
    root = asking(sancha)
    assert run(sancha) == 1
    assert models.open_tasks(sancha) == []
    (job,) = models.jobs(sancha)
    assert (job.status, job.suspended, job.attempts) == (READY, True, 0)
    with sancha.work(SYSTEM) as work:
        resume_instance(work, root)
    run(sancha)
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_a_local_handler_gets_the_call_and_its_result_is_a_variable(sancha: Sancha) -> None:
    calls: list[ServiceCall] = []

    def handler(call: ServiceCall, session: Session) -> Mapping[str, object]:
        assert session.in_transaction()
        calls.append(call)
        return {"rate": Decimal("3.10")}

    serve(sancha, "ask", local=handler)
    root = asking(sancha)
    assert run(sancha) == 1
    (call,) = calls
    assert (call.topic, call.root_id, call.element, call.attempt) == ("ask", root, "ask", 1)
    assert call.variables == {"amount": Decimal("450.10")}
    assert call.business_key == models.instances(sancha)[0].business_key
    assert call.callback_url("RATING", "R-1").startswith("http://sancha.test/api/v1/callbacks/")
    assert models.open_tasks(sancha, root) == ["visit"]
    assert actions(sancha, root) == ["instance:started", "service:completed"]
    oracle.check(sancha)


def test_what_a_failing_local_handler_wrote_is_rolled_back(sancha: Sancha) -> None:
    def handler(_call: ServiceCall, session: Session) -> Mapping[str, object]:
        now = read_clock(session).raw
        session.execute(insert(WorkerRow).values(id="trace", kind="trace", started_at=now, seen_at=now))
        raise RuntimeError("after the write")

    serve(sancha, "ask", local=handler, max_attempts=1)
    asking(sancha)
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

    serve(sancha, "ask", remote=handler, max_attempts=3)
    root = asking(sancha)
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
    assert actions(sancha, root) == ["instance:started", "service:failed"]
    oracle.check(sancha)


def test_a_failed_service_call_can_be_retried_with_the_same_key(sancha: Sancha, cast: Cast) -> None:
    keys: list[str] = []

    def handler(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        keys.append(call.key)
        if len(keys) == 1:
            raise RuntimeError("down")
        return {}

    serve(sancha, "ask", remote=handler, max_attempts=1)
    root = asking(sancha)
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

    serve(sancha, "pay", local=handler)
    models.deploy_files(sancha, guarded=models.guarded_service("pay"))
    root = models.start(sancha, "guarded")
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["mend"]
    assert actions(sancha, root)[-1] == "service:error-thrown"
    oracle.check(sancha)


def test_a_topic_without_handler_waits_with_an_incident(sancha: Sancha, cast: Cast) -> None:
    root = asking(sancha, "nobody")
    assert run(sancha) == 1
    (incident,) = models.open_incidents(sancha)
    assert incident.code == "no-handler"
    assert "nobody" in incident.message
    serve(sancha, "nobody", local=lambda _call, _session: {})
    with sancha.work(cast["admin-1"]) as work:
        retry_job(work, models.jobs(sancha)[0].id)
    run(sancha)
    assert models.open_tasks(sancha, root) == ["visit"]


def test_a_handler_that_calls_a_host_not_on_the_list_is_not_tried_again(sancha: Sancha) -> None:
    serve(sancha, "ask", remote=lambda _call, outgoing: outgoing.get("https://evil.example.com/"), max_attempts=4)
    asking(sancha)
    assert run(sancha) == 1
    (incident,) = models.open_incidents(sancha)
    assert incident.code == "outgoing-refused"


@pytest.mark.parametrize("result", [{"rate": 3.1}, {"rate": object()}, {"text": "x" * 2_000_000}])
def test_a_result_that_variables_cannot_hold_is_a_failure(sancha: Sancha, result: dict[str, object]) -> None:
    serve(sancha, "ask", local=lambda _call, _session: result, max_attempts=1)
    asking(sancha)
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

    serve(sancha, "ask", remote=handler)
    root = asking(sancha)
    run(sancha)
    assert models.open_tasks(sancha, root) == ["visit"]


def test_a_late_result_is_refused_by_its_fencing_token(sancha: Sancha) -> None:
    serve(sancha, "ask", remote=lambda _call, _outgoing: {})
    root = asking(sancha)
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

    serve(sancha, "ask", remote=handler)
    asking(sancha)
    assert run(sancha) == 1
    assert [job.status for job in models.jobs(sancha)] == [CANCELLED]
    assert models.open_incidents(sancha) == []
    oracle.check(sancha)


def test_a_job_whose_workers_die_is_given_up(sancha: Sancha) -> None:
    serve(sancha, "ask", remote=lambda _call, _outgoing: {}, max_attempts=2)
    asking(sancha)
    for _ in range(2):
        with sancha.store.transaction() as session:
            assert len(claim(session, owner="dies", limit=1, lease=timedelta(0))) == 1
        time.sleep(0.01)
    assert run(sancha) == 1
    (incident,) = models.open_incidents(sancha)
    assert incident.code == "job-abandoned"
    oracle.check(sancha)


def test_a_poison_job_holds_up_nobody(sancha: Sancha, clock: TestClock) -> None:
    def poison(_call: ServiceCall, _session: Session) -> Mapping[str, object]:
        raise SystemError("poison")

    serve(sancha, "poison", local=poison, max_attempts=2)
    asking(sancha, "poison")
    roots = timed(sancha, 5)
    clock.move(HOUR)
    assert run(sancha) == 6
    assert all(models.open_tasks(sancha, root) == ["visit"] for root in roots)
    clock.move(HOUR)
    assert run(sancha) == 1
    assert [incident.code for incident in models.open_incidents(sancha)] == ["job-failed"]
    oracle.check(sancha)


def test_a_job_of_an_unknown_kind_becomes_an_incident(sancha: Sancha, cast: Cast) -> None:
    id_ = new_id()
    with sancha.work(SYSTEM) as work:
        row = {"id": id_, "kind": "dance", "handle": "", "element": "", "payload": {}, "status": READY}
        work.session.execute(insert(Job).values(**row, due=work.now, created_at=work.now))
    assert run(sancha) == 1
    (incident,) = models.open_incidents(sancha)
    assert (incident.code, incident.job_id) == ("unknown-kind", id_)
    with sancha.work(cast["admin-1"]) as work:
        assert retry_job(work, id_).status == READY
    assert models.open_incidents(sancha) == []


def test_an_administrator_can_have_a_timer_fire_now(sancha: Sancha, cast: Cast) -> None:
    (root,) = timed(sancha)
    (job,) = models.jobs(sancha)
    with pytest.raises(Forbidden), sancha.work(cast["rm-1"]) as work:
        execute_job(work, job.id)
    with sancha.work(cast["admin-1"]) as work:
        execute_job(work, job.id)
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    assert actions(sancha, root) == ["instance:started", "job:made-due", "timer:fired"]
    with pytest.raises(Conflict, match="is over"), sancha.work(cast["admin-1"]) as work:
        execute_job(work, job.id)
    for unknown in (new_id(), "nonsense"):
        with pytest.raises(NotFound), sancha.work(cast["admin-1"]) as work:
            retry_job(work, unknown)
    oracle.check(sancha)


def test_a_timer_starts_a_case_at_each_tick_and_a_missed_one_once(sancha: Sancha, clock: TestClock) -> None:
    models.deploy_files(sancha, periodic=models.started_by_timer("R/PT1H"))
    assert run(sancha) == 0
    clock.move(HOUR)
    assert run(sancha) == 1
    assert len(models.instances(sancha)) == 1
    clock.move(timedelta(hours=5))
    assert run(sancha) == 1
    assert len(models.instances(sancha)) == 2
    clock.move(timedelta(minutes=30))
    assert run(sancha) == 0
    (job,) = models.jobs(sancha)
    assert job.status == READY
    assert timedelta(0) < job.due - clock.now <= timedelta(minutes=30)
    oracle.check(sancha)


def test_housekeeping_exists_once_and_comes_back(sancha: Sancha, clock: TestClock) -> None:
    sancha = replace(sancha, audit=AuditTrail(bytes(range(32)), signing_key=bytes(32)))
    for _ in range(2):
        with sancha.work(SYSTEM) as work:
            ensure_recurring(work, checkpoint_every=timedelta(minutes=5))
    assert sorted(job.kind for job in models.jobs(sancha)) == [CHECKPOINT, EXPIRY]
    for _ in range(3):
        clock.move(timedelta(minutes=6))
        assert run(sancha) == 2
        assert run(sancha) == 0
    assert {job.status for job in models.jobs(sancha)} == {READY}
    assert {job.attempts for job in models.jobs(sancha)} == {0}
    timed(sancha)
    clock.move(timedelta(minutes=6))
    run(sancha)
    with sancha.store.transaction(write=False) as session:
        numbers = session.scalars(select(AuditCheckpoint.number).order_by(AuditCheckpoint.number)).all()
    assert numbers == [1], "one for what was deployed and started, none while nothing changed"


def test_checkpoints_are_made_only_with_a_signing_key(sancha: Sancha) -> None:
    with sancha.work(SYSTEM) as work:
        ensure_recurring(work, checkpoint_every=timedelta(minutes=5))
    assert [job.kind for job in models.jobs(sancha)] == [EXPIRY]


def test_a_limit_bounds_a_drain(sancha: Sancha, clock: TestClock) -> None:
    timed(sancha, 5)
    clock.move(HOUR)
    assert run_due(sancha, "worker-1", limit=2) == 2
    assert run_due(sancha, "worker-1", limit=0) == 0
    assert [job.status for job in models.jobs(sancha)].count(DONE) == 2
    assert run(sancha) == 3


def test_a_worker_ticks_until_it_is_stopped(sancha: Sancha, clock: TestClock) -> None:
    blocked, release = threading.Event(), threading.Event()

    def slow(_call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        blocked.set()
        assert release.wait(10)
        return {}

    serve(sancha, "ask", remote=slow)
    asking(sancha)
    worker = Worker(sancha, tick_seconds=0.05)
    worker.start()
    assert blocked.wait(10)
    (root,) = timed(sancha)
    clock.move(HOUR)
    end = time.monotonic() + 10
    while models.open_tasks(sancha, root) != ["visit"]:
        assert time.monotonic() < end, "the timer waited for the slow service"
        time.sleep(0.02)
    with sancha.store.transaction(write=False) as session:
        assert session.get_one(WorkerRow, worker.id).kind == "worker"
    release.set()
    worker.stop()
    with sancha.store.transaction(write=False) as session:
        assert session.get(WorkerRow, worker.id) is None
    oracle.check(sancha)


def test_a_worker_lives_through_an_absent_database(sancha: Sancha, caplog: pytest.LogCaptureFixture) -> None:
    from engine.store import Store, connect

    away = replace(sancha, store=Store(connect("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")))
    worker = Worker(away, tick_seconds=0.05)
    worker.start()
    time.sleep(0.3)
    worker.stop()
    assert "Traceback" not in caplog.text
    away.store.engine.dispose()
