"""(d) Many timers due at once on PostgreSQL: how long two workers need, and what the API's users notice meanwhile."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.orm import Session

from bench import models
from bench.databases import Databases
from bench.scale import Scale
from bench.served import client, cpu_seconds, headers, served
from bench.site import Site, new_site, site
from bench.table import Row, milli
from engine.clock import move_clock
from engine.commands.start_instance import start_instance
from engine.ids import new_id
from engine.model.base import Base
from engine.model.incident import Incident
from engine.model.instance import ProcessInstance, ScopeState, Step
from engine.model.job import DONE, Job
from engine.model.job import Worker as WorkerRow
from engine.model.task import UserTask

WORKERS = 2
AIM_SECONDS = 60.0
_PATIENCE_SECONDS = 150.0
_PACE_SECONDS = 0.05  # one request after another, about 20 a second
_LOOK_SECONDS = 0.1


def bench_timers(scale: Scale, databases: Databases, folder: Path, chance: Random) -> list[Row]:
    """The rows of (d): how many fired within `_PATIENCE_SECONDS`. Raises RuntimeError when one fired wrongly."""
    url = databases.create("timers")
    with new_site(url, folder, {"timer.bpmn": models.escalating()}) as made:
        first = _start(made, chance)
        with made.sancha.store.transaction() as session:
            _multiply(session, first, scale.timers - 1)
        tasks = _open_tasks(made)
    prepared = databases.copy(url, "due")  # with statistics, as a database that has run for a while has them
    with (
        served(prepared, folder, workers=WORKERS) as installation,
        site(prepared, folder) as watched,
        client(installation) as connection,
    ):
        if _wait_for(watched, _workers, WORKERS) < WORKERS:
            raise RuntimeError(f"the workers did not start; see {installation.log}")
        user = User(connection, itertools.cycle(tasks))
        idle = user.work_for(scale.idle_seconds)
        with user.working() as busy:
            workers = [process.pid for process in installation.workers]
            backends = _backends(watched)
            with watched.sancha.store.transaction() as session:
                move_clock(session, timedelta(hours=2))
            began = time.perf_counter()
            before = [cpu_seconds(pids) for pids in (workers, backends)]
            fired = _wait_for(watched, _fired, scale.timers)
            after = [cpu_seconds(pids) for pids in (workers, backends)]
            took = time.perf_counter() - began
        installation.stop()  # so that nothing fires between the counts
        _check(watched)
    cpu = [None if one is None or other is None else other - one for one, other in zip(before, after, strict=True)]
    return _rows(fired, took, cpu, idle, busy)


@dataclass(slots=True)
class User:
    """Sends one request after another: looks at the inbox, opens a task, claims it, gives it back."""

    connection: HTTPConnection
    tasks: Iterator[str]
    problems: list[str] = field(default_factory=list)

    def work_for(self, seconds: float) -> list[float]:
        """The seconds of each request of that time."""
        until = time.perf_counter() + seconds
        return list(itertools.takewhile(lambda _: time.perf_counter() < until, self._requests()))

    @contextmanager
    def working(self) -> Iterator[list[float]]:
        """Works while the block runs; what is yielded fills with the seconds of each request."""
        found: list[float] = []
        ended = threading.Event()

        def work() -> None:
            for seconds in self._requests():
                found.append(seconds)
                if ended.is_set():
                    return

        thread = threading.Thread(target=work, name="user", daemon=True)
        thread.start()
        try:
            yield found
        finally:
            ended.set()
            thread.join()
        if self.problems:
            raise RuntimeError(f"the API refused: {self.problems[0]}")

    def _requests(self) -> Iterator[float]:
        for task in self.tasks:
            for method, path in (
                ("GET", "/tasks?limit=20"),
                ("GET", f"/tasks/{task}"),
                ("POST", f"/tasks/{task}/claim"),
                ("POST", f"/tasks/{task}/release"),
            ):
                yield self._send(method, path)
                time.sleep(_PACE_SECONDS)

    def _send(self, method: str, path: str) -> float:
        body = b"{}" if method == "POST" else None
        began = time.perf_counter()
        self.connection.request(method, f"/api/v1{path}", body, headers(models.MAKER))
        response = self.connection.getresponse()
        answer = response.read()
        took = time.perf_counter() - began
        if response.status != 200:
            self.problems.append(f"{method} {path}: {response.status} {answer.decode()}")
        return took


def _start(made: Site, chance: Random) -> str:
    with made.sancha.work(made.who(models.MAKER)) as work:
        return start_instance(work, key="bench-timer", variables=models.case_data(chance)).id


def _multiply(session: Session, root: str, times: int) -> None:
    """``times`` cases like ``root``, the same row by row but for their ids; their audit chains begin with the next
    step.
    """
    roots = [new_id() for _ in range(times)]
    for table in (ProcessInstance, ScopeState, UserTask, Step, Job):
        columns = cast(Table, table.__table__)
        patterns = [dict(row) for row in session.execute(select(columns).where(columns.c.root_id == root)).mappings()]
        rows = [_alike(pattern, table, made) for made in roots for pattern in patterns]
        if rows:
            session.execute(insert(columns), rows)
    fresh = update(ProcessInstance).where(ProcessInstance.id != root).values(audit_seq=0, audit_head="")
    session.execute(fresh, execution_options={"synchronize_session": False})


def _alike(pattern: Mapping[str, Any], table: type[Base], root: str) -> dict[str, Any]:
    row = {**pattern, "root_id": root}
    if "id" in row:
        row["id"] = root if table is ProcessInstance else new_id()
    if "instance_id" in row:
        row["instance_id"] = root
    return row


def _open_tasks(made: Site) -> list[str]:
    with made.sancha.store.transaction(write=False) as session:
        return list(session.scalars(select(UserTask.id).order_by(UserTask.due_sort, UserTask.id).limit(200)))


def _workers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(WorkerRow)) or 0


def _fired(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(Job.kind == "timer", Job.status == DONE)) or 0


def _wait_for(watched: Site, count: Callable[[Session], int], wanted: int) -> int:
    """Wait until ``count`` gives ``wanted``, but not too long; what it gave at last."""
    until = time.perf_counter() + _PATIENCE_SECONDS
    while True:
        with watched.sancha.store.transaction(write=False) as session:
            found = count(session)
        if found >= wanted or time.perf_counter() > until:
            return found
        time.sleep(_LOOK_SECONDS)


def _check(watched: Site) -> None:
    """Every timer that fired did so exactly once, and nothing went wrong. Raises RuntimeError."""
    with watched.sancha.store.transaction(write=False) as session:
        fired = _fired(session)
        opened = session.scalar(select(func.count()).select_from(UserTask).where(UserTask.element == "chase"))
        wrong = session.scalar(select(func.count()).select_from(Incident))
    if (opened, wrong) != (fired, 0):
        raise RuntimeError(f"{fired} timers opened {opened} tasks and {wrong} incidents")


def _backends(watched: Site) -> list[int]:
    """The server's processes that work on this database."""
    wanted = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    with watched.sancha.store.transaction(write=False) as session:
        return list(session.scalars(wanted))


def _rows(fired: int, took: float, cpu: Sequence[float | None], idle: list[float], busy: list[float]) -> list[Row]:
    slow, before = _p95(busy), _p95(idle)
    medians = f"medians {milli(statistics.median(busy))} and {milli(statistics.median(idle))}"
    worker, database = ("unknown" if spent is None else milli(spent / max(fired, 1)) for spent in cpu)
    return [
        Row(
            "d",
            f"{fired:,} timers due at once, {WORKERS} workers, PostgreSQL",
            None,
            f"{took:.1f} s",
            f"{fired / took:,.0f} a second",
            f"≤ {AIM_SECONDS:.0f} s for 10,000",
        ),
        Row("d", "processor time of one of these timers", None, f"{worker} worker", f"{database} database"),
        Row("d", "API p95 meanwhile, PostgreSQL", slow / before, milli(slow), f"{milli(before)} idle; {medians}"),
    ]


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[max(int(len(seconds) * 0.95) - 1, 0)]
