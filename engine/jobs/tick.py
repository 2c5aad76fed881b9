"""Drains due jobs: in one go for tests and scenarios, and at every beat of APScheduler in a worker.

APScheduler keeps nothing and decides nothing: it only ticks. What is due, and who may take it, stands in the database.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from engine.jobs.acquire import EVERY, LEASE, Claimed, Lane, claim
from engine.jobs.lease import Heartbeat, give_back
from engine.jobs.run import run_job
from engine.runtime import Sancha

BATCH = 50


class Drain:
    """Claims and runs due jobs of one lane until none is left, on behalf of ``owner``.

    ``threads``: how many jobs of a batch run at the same time. ``stop`` ends it after the jobs at hand; those that were
    claimed but not begun are given back.
    """

    def __init__(
        self,
        sancha: Sancha,
        owner: str,
        *,
        lease: timedelta = LEASE,
        lane: Lane = EVERY,
        threads: int = 1,
        stop: threading.Event | None = None,
    ) -> None:
        self._sancha = sancha
        self._owner = owner
        self._lease = lease
        self._lane = lane
        self._threads = threads
        self._stop = stop or threading.Event()

    def __call__(self, limit: int | None = None) -> int:
        """Runs up to ``limit`` jobs and returns how many were begun. Raises `Unavailable` when the database is away."""
        begun = 0
        with Heartbeat(self._sancha.store, self._owner, self._lease).beating() as heartbeat:
            while not self._stop.is_set():
                room = self._batch if limit is None else min(self._batch, limit - begun)
                jobs = self._claim(room) if room > 0 else ()
                if not jobs:
                    break
                heartbeat.hold(jobs)
                begun += self._run(jobs, heartbeat)
        return begun

    @property
    def _batch(self) -> int:
        # Slow work is claimed as it can be begun, so that another worker may take the rest.
        return BATCH if self._threads == 1 else self._threads

    def _claim(self, limit: int) -> Sequence[Claimed]:
        with self._sancha.store.transaction() as session:
            return claim(session, owner=self._owner, limit=limit, lease=self._lease, lane=self._lane)

    def _run(self, jobs: Sequence[Claimed], heartbeat: Heartbeat) -> int:
        def one(job: Claimed) -> bool:
            begins = not self._stop.is_set()
            try:
                if begins:
                    run_job(self._sancha, job)
                else:
                    self._give_back(job)
            finally:
                heartbeat.drop(job)
            return begins

        if self._threads == 1:
            return sum([one(job) for job in jobs])
        with ThreadPoolExecutor(self._threads, thread_name_prefix="remote") as pool:
            return sum(list(pool.map(one, jobs)))

    def _give_back(self, job: Claimed) -> None:
        with self._sancha.store.transaction() as session:
            give_back(session, job.id, job.fence)


def run_due(sancha: Sancha, worker_id: str, *, limit: int = 1_000, lease: timedelta = LEASE) -> int:
    """Runs what is due now, one job after the other, until nothing is or ``limit`` jobs were begun; how many that were.

    Jobs that these jobs make due are run too. Raises `Unavailable` when the database is away.
    """
    return Drain(sancha, worker_id, lease=lease)(limit)


class Tick:
    """Calls functions again and again, each in a thread of its own and never twice at the same time."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # Ticks that were missed while one ran happen once, however late.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # It warns at each tick that meets one still running, which is what we want it to skip.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def every(self, seconds: float, call: Callable[[], object], *, name: str) -> None:
        """Calls ``call`` at once and then every ``seconds``."""
        self._scheduler.add_job(call, "interval", seconds=seconds, id=name, name=name, next_run_time=datetime.now(UTC))

    def start(self) -> None:
        """Begins to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stops and waits for the calls that run."""
        self._scheduler.shutdown(wait=True)
