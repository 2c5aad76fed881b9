"""Real processes on one PostgreSQL, stopped and killed in the middle of their work."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.access import SYSTEM
from engine.execution.scopes import DatabaseScopes
from engine.kernel import State
from engine.model.audit import AuditEvent
from engine.model.job import DONE, LEASED, Job
from engine.model.job import Worker as WorkerRow
from engine.runtime import Sancha
from engine.services import Handler
from tests.conftest import TestClock
from tests.faults import models, oracle
from tests.faults.node import running, until

LEASE = 1.0


@pytest.fixture
def database() -> str:
    """SQLite has one process at a time."""
    return "postgresql"


def fired(sancha: Sancha) -> Counter[str]:
    """How often a timer fired, by case."""
    counted = select(AuditEvent.stream, func.count()).where(AuditEvent.action == "timer:fired")
    with sancha.store.transaction(write=False) as session:
        return Counter(dict(session.execute(counted.group_by(AuditEvent.stream)).all()))


def the_job(sancha: Sancha) -> Job:
    (job,) = models.jobs(sancha, "service")
    return job


def asking(sancha: Sancha) -> str:
    """A case that waits for the remote handler ``ask``, which only the other processes have."""
    sancha.handlers.register(Handler("ask", remote=lambda _call, _outgoing: {}))
    models.deploy_files(sancha, asking=models.process("asking", models.service("ask")))
    return models.start(sancha, "asking")


def variables(sancha: Sancha, root: str) -> Mapping[str, object]:
    with sancha.work(SYSTEM, write=False) as work:
        return State.stored(DatabaseScopes(work.session, root)).variables("1")


def test_workers_and_a_web_process_never_fire_a_timer_twice(
    sancha: Sancha, clock: TestClock, database_url: str, tmp_path: Path
) -> None:
    count = 200
    models.deploy_files(sancha, timed=models.process("timed", models.timer("PT1H")))
    roots = [models.start(sancha, "timed") for _ in range(count)]
    clock.move(timedelta(hours=2))
    with running(tmp_path, database_url, "worker-1", "worker-2", "web") as nodes:
        until(lambda: len(models.open_tasks(sancha)) == count, "all timers fired", *nodes)
        time.sleep(0.2)  # time for a second firing, if there were one
        assert [node.stop() for node in nodes] == [0, 0, 0]
    assert fired(sancha) == Counter(roots)
    timers = models.jobs(sancha, "timer")
    assert {(job.status, job.fence, job.attempts) for job in timers} == {(DONE, 1, 1)}
    with sancha.store.transaction(write=False) as session:
        assert session.scalars(select(WorkerRow)).all() == []
    oracle.check(sancha)


def test_a_stopped_workers_late_result_is_refused(sancha: Sancha, database_url: str, tmp_path: Path) -> None:
    root = asking(sancha)
    begun, go = tmp_path / "begun", tmp_path / "go"
    holding = ["--lease", str(LEASE), "--begun", str(begun), "--hold", str(go)]
    with running(tmp_path, database_url, "slow", options=holding) as (slow,):
        until(begun.exists, "the slow worker began", slow)
        slow.send(signal.SIGSTOP)
        with running(tmp_path, database_url, "other", options=["--lease", str(LEASE)]) as (other,):
            until(lambda: models.open_tasks(sancha, root) == ["visit"], "the other took over", other)
            go.touch()
            slow.send(signal.SIGCONT)
            until(lambda: b"lease-lost" in slow.log.read_bytes(), "the late result was refused", slow)
            assert other.stop() == 0
        assert slow.stop() == 0
    assert variables(sancha, root)["answer"] == {"by": "other"}
    job = the_job(sancha)
    assert (job.status, job.fence, job.attempts) == (DONE, 2, 2)
    oracle.check(sancha)


def test_a_killed_workers_job_is_taken_over_after_its_lease(sancha: Sancha, database_url: str, tmp_path: Path) -> None:
    root = asking(sancha)
    begun = tmp_path / "begun"
    holding = ["--lease", str(LEASE), "--begun", str(begun), "--hold", str(tmp_path / "never")]
    with running(tmp_path, database_url, "doomed", options=holding) as (doomed,):
        until(begun.exists, "the worker began", doomed)
        with running(tmp_path, database_url, "heir", options=["--lease", str(LEASE)]) as (heir,):
            time.sleep(2 * LEASE)
            assert the_job(sancha).lease_owner == "doomed", "its heartbeat keeps the lease while it lives"
            doomed.send(signal.SIGKILL)
            killed = time.monotonic()
            until(lambda: models.open_tasks(sancha, root) == ["visit"], "the heir took over", heir)
            assert time.monotonic() - killed < LEASE + 5
            assert heir.stop() == 0
    assert variables(sancha, root)["answer"] == {"by": "heir"}
    assert the_job(sancha).attempts == 2
    assert [line.split()[0] for line in begun.read_text().splitlines()] == ["doomed"]
    oracle.check(sancha)


def test_a_worker_asked_to_stop_finishes_what_it_has_begun(sancha: Sancha, database_url: str, tmp_path: Path) -> None:
    root = asking(sancha)
    begun, go = tmp_path / "begun", tmp_path / "go"
    with running(tmp_path, database_url, "polite", options=["--begun", str(begun), "--hold", str(go)]) as (polite,):
        until(begun.exists, "the worker began", polite)
        polite.send(signal.SIGTERM)
        time.sleep(0.3)
        assert polite.process.poll() is None
        go.touch()
        assert polite.process.wait(10) == 0
    assert models.open_tasks(sancha, root) == ["visit"]
    with sancha.store.transaction(write=False) as session:
        assert session.scalars(select(Job).where(Job.status == LEASED)).all() == []
        assert session.scalars(select(WorkerRow)).all() == []
    oracle.check(sancha)
