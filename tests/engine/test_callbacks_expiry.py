"""What is kept for a time only is forgotten in time, and not before."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select, update

from engine.access import SYSTEM
from engine.jobs.recurring import EXPIRY_EVERY, KEEP_ANSWERS, ensure_recurring, expire
from engine.jobs.tick import run_due
from engine.model.job import READY, Job
from engine.model.request import IdempotencyRecord
from engine.model.subscription import CallbackNonce
from engine.runtime import Sancha
from tests.conftest import TestClock
from tests.faults import models


def test_nonces_go_when_their_signature_is_out_of_tolerance(sancha: Sancha) -> None:
    tolerance = sancha.callbacks.tolerance
    with sancha.work(SYSTEM) as work:
        ages = {"fresh": timedelta(0), "usable": tolerance, "old": 3 * tolerance}
        rows = [{"source": "rating", "nonce": name, "seen_at": work.raw_now - age} for name, age in ages.items()]
        work.session.execute(insert(CallbackNonce), rows)
        expire(work)
        assert set(work.session.scalars(select(CallbackNonce.nonce))) == {"fresh", "usable"}


def test_moving_business_time_forgets_no_nonce(sancha: Sancha, clock: TestClock) -> None:
    with sancha.work(SYSTEM) as work:
        work.session.execute(insert(CallbackNonce).values(source="rating", nonce="n", seen_at=work.raw_now))
    clock.move(timedelta(days=30))
    with sancha.work(SYSTEM) as work:
        expire(work)
        assert work.session.scalars(select(CallbackNonce.nonce)).all() == ["n"]


def test_answers_to_idempotency_keys_are_kept_for_days(sancha: Sancha) -> None:
    with sancha.work(SYSTEM) as work:
        common = {"principal": "rm-1", "route": "/", "digest": "", "status": 200, "headers": "{}", "body": ""}
        ages = {"new": timedelta(0), "kept": KEEP_ANSWERS - timedelta(minutes=1), "old": KEEP_ANSWERS * 2}
        rows = [{**common, "key": name, "created_at": work.now - age} for name, age in ages.items()]
        work.session.execute(insert(IdempotencyRecord), rows)
        expire(work)
        assert set(work.session.scalars(select(IdempotencyRecord.key))) == {"new", "kept"}


def test_housekeeping_that_fails_becomes_one_incident_and_goes_on(sancha: Sancha, clock: TestClock) -> None:
    with sancha.work(SYSTEM) as work:
        ensure_recurring(work, checkpoint_every=timedelta(minutes=5))
        work.session.execute(update(Job).values(payload={"everySeconds": "broken"}))
    for _ in range(12):
        clock.move(timedelta(hours=1, minutes=1))
        assert run_due(sancha, "w") == 1
    (incident,) = models.open_incidents(sancha)
    assert incident.code == "job-failed"
    with sancha.work(SYSTEM) as work:
        ensure_recurring(work, checkpoint_every=timedelta(minutes=5))  # as every start of a worker does
    clock.move(timedelta(hours=1, minutes=1))
    run_due(sancha, "w")
    (job,) = models.jobs(sancha)
    assert (job.status, job.attempts, job.last_error) == (READY, 0, None)
    assert job.due - clock.now <= EXPIRY_EVERY
