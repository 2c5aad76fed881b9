"""The database server dies in the middle of the work and comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from engine.clock import move_clock
from engine.model.audit import AuditEvent
from engine.services import Handlers
from tests.cast import insert_cast
from tests.databases import Postgres, PostgresUnavailable, connected, create_schema, run_folder, start_postgres
from tests.faults import models, oracle
from tests.faults.node import running, until, wired

CASES = 80


@pytest.fixture
def own_server(postgres: Postgres) -> Iterator[Postgres]:
    """A server for this test alone, because it is crashed; ``postgres`` decides whether there can be one."""
    server = Postgres(run_folder())
    try:
        yield start_postgres(server.folder)
    except PostgresUnavailable as problem:
        pytest.fail(f"a second PostgreSQL cannot start: {problem}")
    finally:
        server.remove()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_fires_twice(own_server: Postgres, tmp_path: Path) -> None:
    url = own_server.create("crashed")
    with connected(url) as engine:
        create_schema(engine)
        with engine.begin() as connection:
            connection.execute(text("ALTER DATABASE crashed SET synchronous_commit = on"))
    sancha = wired(url, Handlers())
    try:
        with sancha.store.transaction() as session:
            insert_cast(session)
        roots = models.timed(sancha, CASES)
        with sancha.store.transaction() as session:
            move_clock(session, timedelta(hours=2))
        options = ["--lease", "2"]
        with running(tmp_path, url, "worker-1", "worker-2", options=options) as nodes:
            until(lambda: len(models.open_tasks(sancha)) >= CASES // 4, "the workers are busy", *nodes)
            own_server.stop("immediate")
            own_server.start()
            until(lambda: len(models.open_tasks(sancha)) == CASES, "all timers fired after the crash", *nodes)
            assert [node.stop() for node in nodes] == [0, 0]
        fired = select(AuditEvent.stream).where(AuditEvent.action == "timer:fired")
        with sancha.store.transaction(write=False) as session:
            assert Counter(session.scalars(fired)) == Counter(roots)
        oracle.check(sancha)
    finally:
        sancha.store.engine.dispose()
