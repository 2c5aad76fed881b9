"""A process that runs due jobs, alone (`sancha worker`) or beside the API (`sancha serve`)."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

import structlog
from sqlalchemy import delete

from engine.access import SYSTEM
from engine.errors import EngineError, Unavailable
from engine.execution.upsert import insert_into
from engine.ids import new_id
from engine.jobs.acquire import LEASE, Lane
from engine.jobs.recurring import ensure_recurring
from engine.jobs.tick import Drain, Tick
from engine.model.job import Worker as WorkerRow
from engine.runtime import Sancha

log = structlog.get_logger(__name__)

REMOTE_THREADS = 4
SEEN_EVERY_SECONDS = 5.0


def worker_name() -> str:
    """A name for this process that no other has: host, process id and a part that changes with each start."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{new_id()[-8:]}"


class Worker:
    """Ticks until it is stopped. ``kind`` is worker or serve, as the table of workers shows it.

    Two lanes tick side by side: calls to third parties, several at a time, and everything else, one after the other; so
    a third party that does not answer holds up no timer.
    """

    def __init__(
        self,
        sancha: Sancha,
        worker_id: str | None = None,
        *,
        kind: str = "worker",
        lease: timedelta = LEASE,
        tick_seconds: float = 1.0,
        checkpoint_every: timedelta = timedelta(minutes=5),
    ) -> None:
        self.id = worker_id or worker_name()
        self._sancha = sancha
        self._kind = kind
        self._tick_seconds = tick_seconds
        self._checkpoint_every = checkpoint_every
        self._stop = threading.Event()
        self._housekeeping_made = False
        self._thread: threading.Thread | None = None
        remote = frozenset(
            topic for topic in sancha.handlers if (handler := sancha.handlers.get(topic)) and handler.remote
        )
        self._lanes = {
            "due": Drain(sancha, self.id, lease=lease, lane=Lane(remote, remote=False), stop=self._stop),
        }
        if remote:
            lane = Lane(remote, remote=True)
            self._lanes["remote"] = Drain(
                sancha, self.id, lease=lease, lane=lane, threads=REMOTE_THREADS, stop=self._stop
            )

    def run(self, *, signals: bool = False) -> None:
        """Runs jobs until `stop`; the jobs at hand are finished, the others given back.

        ``signals``: stop at SIGTERM and SIGINT too (main thread only). A database that is away is waited for.
        """
        if signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
        tick = Tick()
        tick.every(SEEN_EVERY_SECONDS, self._show_up, name="seen")
        for name, drain in self._lanes.items():
            tick.every(self._tick_seconds, _enduring(name, drain), name=name)
        tick.start()
        log.info("worker.started", worker=self.id)
        try:
            self._stop.wait()
        finally:
            self._stop.set()
            tick.stop()
            self._leave()
            log.info("worker.stopped", worker=self.id)

    def start(self) -> None:
        """Runs in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name=f"worker {self.id}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Asks it to stop, and waits for the end of what `start` began. May be called from a signal handler."""
        # From a thread, because the handler may interrupt this very event's wait while that holds its lock.
        threading.Thread(target=self._stop.set, name="stop").start()
        if self._thread is not None:
            self._thread.join()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _show_up(self) -> None:
        """Writes that this process lives, and makes the housekeeping jobs if they are missing."""
        try:
            with self._sancha.work(SYSTEM) as work:
                statement = insert_into(work.session, WorkerRow).values(
                    id=self.id, kind=self._kind, started_at=work.raw_now, seen_at=work.raw_now
                )
                work.session.execute(
                    statement.on_conflict_do_update(index_elements=["id"], set_={"seen_at": work.raw_now})
                )
                if not self._housekeeping_made:
                    ensure_recurring(work, checkpoint_every=self._checkpoint_every)
            self._housekeeping_made = True
        except Unavailable as error:
            log.warning("worker.database-away", worker=self.id, error=error.code)

    def _leave(self) -> None:
        try:
            with self._sancha.store.transaction() as session:
                session.execute(delete(WorkerRow).where(WorkerRow.id == self.id))
        except EngineError as error:
            log.warning("worker.database-away", worker=self.id, error=error.code)


def _enduring(name: str, drain: Drain) -> Callable[[], None]:
    """``drain`` as a tick calls it: whatever happens, the next tick comes."""

    def tick() -> None:
        try:
            drain()
        except Unavailable as error:
            log.warning("worker.database-away", lane=name, error=error.code)
        except Exception:
            log.exception("worker.tick-failed", lane=name)

    return tick
