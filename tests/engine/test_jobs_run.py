"""Timers, housekeeping and the worker; services have a file of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.audit.chain import AuditTrail
from engine.commands.cancel_instance import cancel_instance
from engine.commands.resume_instance import resume_instance
from engine.commands.retry_job import execute_job, retry_job
from engine.commands.suspend_instance import suspend_instance
from engine.errors import Conflict, Forbidden, NotFound
from engine.ids import new_id
from engine.jobs.recurring import CHECKPOINT, EXPIRY, ensure_recurring
from engine.jobs.tick import run_due
from engine.jobs.worker import Worker
from engine.model.audit import AuditCheckpoint
from engine.model.job import CANCELLED, DONE, READY, Job
from engine.model.job import Worker as WorkerRow
from engine.runtime import Sancha
from engine.services import Outgoing, ServiceCall
from tests.cast import Cast
from tests.conftest import TestClock
from tests.faults import models, oracle

HOUR = timedelta(hours=1, seconds=1)


def run(sancha: Sancha) -> int:
    return run_due(sancha, "worker-1")


def test_a_timer_fires_when_it_is_due_and_not_before(sancha: Sancha, clock: TestClock) -> None:
    (root,) = models.timed(sancha)
    clock.move(timedelta(minutes=59))
    assert run(sancha) == 0
    assert models.open_tasks(sancha) == []
    clock.move(timedelta(minutes=2))
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    assert models.actions(sancha, root) == ["instance:started", "timer:fired"]
    assert run(sancha) == 0
    oracle.check(sancha)


def test_a_timer_of_an_ended_case_never_fires(sancha: Sancha, clock: TestClock) -> None:
    (root,) = models.timed(sancha)
    with sancha.work(SYSTEM) as work:
        cancel_instance(work, root, "withdrawn by the client")
    clock.move(HOUR)
    assert run(sancha) == 0
    assert [job.status for job in models.jobs(sancha)] == [CANCELLED]
    oracle.check(sancha)


def test_a_suspended_case_waits_until_it_is_resumed(sancha: Sancha, clock: TestClock) -> None:
    (root,) = models.timed(sancha)
    with sancha.work(SYSTEM) as work:
        suspend_instance(work, root, "audit")
    clock.move(HOUR)
    assert run(sancha) == 0
    with sancha.work(SYSTEM) as work:
        resume_instance(work, root)
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_a_poison_job_holds_up_nobody(sancha: Sancha, clock: TestClock) -> None:
    def poison(_call: ServiceCall, _session: Session) -> Mapping[str, object]:
        raise SystemError("poison")

    models.serve(sancha, "poison", local=poison, max_attempts=2)
    models.asking(sancha, "poison")
    roots = models.timed(sancha, 5)
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
    (root,) = models.timed(sancha)
    (job,) = models.jobs(sancha)
    with pytest.raises(Forbidden), sancha.work(cast["rm-1"]) as work:
        execute_job(work, job.id)
    with sancha.work(cast["admin-1"]) as work:
        execute_job(work, job.id)
    assert run(sancha) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    assert models.actions(sancha, root) == ["instance:started", "job:made-due", "timer:fired"]
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
    models.timed(sancha)
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
    models.timed(sancha, 5)
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

    models.serve(sancha, "ask", remote=slow)
    models.asking(sancha)
    worker = Worker(sancha, tick_seconds=0.05)
    worker.start()
    assert blocked.wait(10)
    (root,) = models.timed(sancha)
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
