"""Claiming and settling on rows alone, without processes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from engine.clock import move_clock, read_clock
from engine.errors import LeaseLost
from engine.ids import new_id
from engine.jobs.acquire import Claimed, Lane, claim
from engine.jobs.lease import Heartbeat, NotDueYet, Withdrawn, give_back, settle
from engine.jobs.retry import describe, pause_after, root_cause
from engine.model.job import CANCELLED, DONE, LEASED, READY, Job
from engine.store import Store
from tests.databases import Statements

EARLIER = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def add_jobs(store: Store, count: int = 1, **values: object) -> list[str]:
    """Ready timers that have been due since 2026, a second after one another."""
    rows = [
        {
            "id": new_id(),
            "kind": "timer",
            "handle": f"1:{number}",
            "element": "wait",
            "payload": {},
            "due": EARLIER + timedelta(seconds=number),
            "status": READY,
            "created_at": EARLIER,
            **values,
        }
        for number in range(count)
    ]
    with store.transaction() as session:
        session.execute(insert(Job), rows)
    return [str(row["id"]) for row in rows]


def take(
    store: Store, owner: str = "a", limit: int = 50, lease: float = 30, lane: Lane | None = None
) -> Sequence[Claimed]:
    with store.transaction() as session:
        return claim(session, owner=owner, limit=limit, lease=timedelta(seconds=lease), lane=lane or Lane())


def row(store: Store, id_: str) -> Job:
    with store.transaction(write=False) as session:
        return session.get_one(Job, id_)


def change(store: Store, id_: str, **values: object) -> None:
    with store.transaction() as session:
        session.execute(update(Job).where(Job.id == id_).values(**values))


def settle_now(store: Store, job: Claimed, **options: bool) -> None:
    with store.transaction() as session:
        settle(session, job.id, job.fence, now=read_clock(session).business, **options)


def test_a_claim_leases_due_jobs_in_order_of_their_due_instants(store: Store) -> None:
    ids = add_jobs(store, 5)
    jobs = take(store, owner="worker-1", limit=3)
    assert [job.id for job in jobs] == ids[:3]
    assert {(job.fence, job.attempts) for job in jobs} == {(1, 1)}
    leased = row(store, ids[0])
    assert (leased.status, leased.lease_owner, leased.fence) == (LEASED, "worker-1", 1)
    assert [job.id for job in take(store)] == ids[3:]
    assert take(store) == ()


def test_what_is_not_due_stays(store: Store) -> None:
    with store.transaction(write=False) as session:
        now = read_clock(session).business
    add_jobs(store, due=now + timedelta(hours=1))
    assert take(store) == ()
    with store.transaction() as session:
        move_clock(session, timedelta(hours=2))
    assert len(take(store)) == 1


def test_moving_business_time_ends_no_lease(store: Store) -> None:
    add_jobs(store)
    (job,) = take(store, lease=30)
    with store.transaction() as session:
        move_clock(session, timedelta(days=30))
    assert take(store, owner="b") == ()
    settle_now(store, job)


def test_jobs_of_a_suspended_case_are_left_alone(store: Store) -> None:
    waiting, held = add_jobs(store, suspended=True) + add_jobs(store)
    assert [job.id for job in take(store, lease=0)] == [held]
    change(store, held, suspended=True)
    time.sleep(0.01)
    assert take(store) == ()
    change(store, held, suspended=False)
    change(store, waiting, suspended=False)
    assert {job.id for job in take(store)} == {waiting, held}


def test_a_lease_that_ran_out_is_taken_over_and_the_late_result_refused(store: Store) -> None:
    (id_,) = add_jobs(store)
    (first,) = take(store, owner="a", lease=0)
    time.sleep(0.01)
    (second,) = take(store, owner="b")
    assert (second.fence, second.attempts) == (2, 2)
    with pytest.raises(LeaseLost) as refused:
        settle_now(store, first)
    assert not isinstance(refused.value, Withdrawn)
    assert row(store, id_).status == LEASED
    settle_now(store, second)
    assert row(store, id_).status == DONE
    with pytest.raises(LeaseLost):
        settle_now(store, second)


def test_a_cancelled_job_is_withdrawn(store: Store) -> None:
    (id_,) = add_jobs(store)
    (job,) = take(store)
    change(store, id_, status=CANCELLED)
    with pytest.raises(Withdrawn):
        settle_now(store, job)


def test_a_timer_moved_into_the_future_while_held_does_not_fire(store: Store) -> None:
    (id_,) = add_jobs(store)
    (job,) = take(store)
    change(store, id_, due=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(NotDueYet):
        settle_now(store, job, only_if_due=True)
    assert row(store, id_).status == LEASED


def test_a_job_given_back_has_not_been_tried(store: Store) -> None:
    (id_,) = add_jobs(store)
    (job,) = take(store)
    with store.transaction() as session:
        assert give_back(session, id_, job.fence)
        assert not give_back(session, id_, job.fence)
    assert (row(store, id_).status, row(store, id_).attempts, row(store, id_).lease_owner) == (READY, 0, None)
    (again,) = take(store)
    assert (again.attempts, again.fence) == (1, 2)


def test_a_case_with_many_due_timers_leaves_room_for_others(store: Store) -> None:
    crowd, single = new_id(), new_id()
    add_jobs(store, 100, root_id=crowd)
    add_jobs(store, 1, root_id=single, due=EARLIER + timedelta(hours=1))
    add_jobs(store, 3, due=EARLIER + timedelta(hours=2))
    first = take(store, limit=20)
    assert Counter(job.root_id for job in first) == {crowd: 16, single: 1, None: 3}
    assert len(take(store, limit=20)) == 20  # and the crowd still fills what nobody else needs


def test_two_lanes_share_the_work(store: Store) -> None:
    (slow,) = add_jobs(store, kind="service", topic="agency")
    (quick,) = add_jobs(store, kind="service", topic="book")
    (timer,) = add_jobs(store)
    topics = frozenset({"agency"})
    assert [job.id for job in take(store, lane=Lane(topics, remote=True))] == [slow]
    assert {job.id for job in take(store, lane=Lane(topics, remote=False))} == {quick, timer}
    assert take(store, lane=Lane(frozenset(), remote=False)) == ()


def test_a_claim_takes_few_statements(store: Store, statements: Statements) -> None:
    add_jobs(store, 50)
    statements.clear()
    assert len(take(store)) == 50
    assert len(statements) <= 4, str(statements)
    assert statements.commits == 1


def test_workers_that_claim_side_by_side_never_get_the_same_job(store: Store) -> None:
    add_jobs(store, 300)
    taken: list[str] = []

    def work(owner: str) -> None:
        while jobs := take(store, owner=owner, limit=7):
            taken.extend(job.id for job in jobs)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 300
    with store.transaction(write=False) as session:
        assert set(session.scalars(select(Job.fence))) == {1}


def test_the_heartbeat_keeps_a_lease_alive_until_the_job_is_dropped(store: Store) -> None:
    add_jobs(store)
    (job,) = take(store, owner="a", lease=0.3)
    with Heartbeat(store, "a", timedelta(seconds=0.3)).beating() as heartbeat:
        heartbeat.hold([job])
        time.sleep(0.6)
        assert take(store, owner="b") == ()
        heartbeat.drop(job)
        time.sleep(0.5)
        assert len(take(store, owner="b")) == 1


def test_the_heartbeat_renews_no_lease_of_another(store: Store) -> None:
    (id_,) = add_jobs(store)
    (job,) = take(store, owner="a", lease=0)
    time.sleep(0.01)
    take(store, owner="b", lease=30)
    until = row(store, id_).lease_until
    with Heartbeat(store, "a", timedelta(seconds=0.1)).beating() as heartbeat:
        heartbeat.hold([job])
        time.sleep(0.15)
    assert row(store, id_).lease_until == until


def test_pauses_grow_and_are_bounded() -> None:
    seconds = [pause_after(attempt).total_seconds() for attempt in range(1, 8)]
    assert seconds == [10, 40, 160, 640, 2560, 3600, 3600]
    assert pause_after(10**6) == timedelta(hours=1)
    assert pause_after(0) == timedelta(seconds=10)


def test_a_failure_names_its_root_cause() -> None:
    try:
        try:
            raise KeyError("account")
        except KeyError as cause:
            raise RuntimeError("cannot book") from cause
    except RuntimeError as error:
        found = error
    assert isinstance(root_cause(found), KeyError)
    assert describe(found) == "RuntimeError: cannot book (because of KeyError: 'account')"
    assert describe(ValueError()) == "ValueError"
    assert len(describe(ValueError("x" * 9_000))) == 2_000
    assert "\x00" not in describe(ValueError("a\x00b"))
