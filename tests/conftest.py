"""Fixtures of all tests. Those that need a database run on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from engine.access import Principal
from engine.clock import move_clock, read_clock
from engine.model.instance import BusinessClock
from engine.store import Store
from tests.cast import Cast, insert_cast, the_cast
from tests.databases import (
    Postgres,
    PostgresUnavailable,
    Statements,
    connected,
    create_schema,
    empty_tables,
    run_folder,
    start_postgres,
)

if TYPE_CHECKING:
    from engine.audit.chain import AuditTrail
    from engine.runtime import Sancha
    from engine.working_time import WorkingTime

# The engine itself is imported where it is wired, so that tests of the kernel alone start fast and stand on their own.
DATABASES = ("sqlite", "postgresql")
_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """The process that runs the session owns the folder of the PostgreSQL server; xdist's workers are told where."""
    given = getattr(config, "workerinput", None)
    config.stash[_FOLDER] = Path(given["sancha_postgres"]) if given else run_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker where the PostgreSQL server of this run lives."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]  # xdist publishes no type for its nodes
    node.workerinput["sancha_postgres"] = str(config.stash[_FOLDER])  # type: ignore[attr-defined]  # as above


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if it was ever started."""
    if not hasattr(config, "workerinput") and _FOLDER in config.stash:
        Postgres(config.stash[_FOLDER]).remove()


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Postgres:
    """The PostgreSQL server of this run."""
    try:
        return start_postgres(pytestconfig.stash[_FOLDER])
    except PostgresUnavailable as problem:
        reason = f"PostgreSQL cannot start here: {problem}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        print(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def worker_name() -> str:
    """The name of this xdist worker, ``main`` without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def _postgres_database(postgres: Postgres, worker_name: str) -> str:
    url = postgres.create(f"sancha_{worker_name}")
    with connected(url) as engine:
        create_schema(engine)
    return url


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.sqlite"
    with connected(f"sqlite:///{file}") as engine:
        create_schema(engine)
    return file


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Which database: the test runs once with each."""
    return str(request.param)


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with all tables and no rows; other processes can use it too."""
    if database == "sqlite":
        template: Path = request.getfixturevalue("_sqlite_template")
        return f"sqlite:///{shutil.copy(template, tmp_path / 'sancha.sqlite')}"
    url: str = request.getfixturevalue("_postgres_database")
    with connected(url) as engine:
        empty_tables(engine)
    return url


@pytest.fixture
def empty_database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create(f"sancha_{request.getfixturevalue('worker_name')}_empty")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a database with all tables and no rows."""
    with connected(database_url) as engine:
        yield Store(engine)


@pytest.fixture
def statements(store: Store) -> Iterator[Statements]:
    """What ``store`` sends, recorded: ``len(statements)``, ``statements.commits``, ``statements.clear()``."""
    with Statements(store.engine) as recorded:
        yield recorded


@pytest.fixture
def working_time() -> WorkingTime:
    """The acceptance scenarios' calendar: an override table, so that no library's data decides."""
    from engine.working_time import Calendar, WorkingTime

    holidays = {date(2026, 10, day): False for day in range(1, 8)}
    return WorkingTime({"default": Calendar(holidays=None, overrides={**holidays, date(2026, 10, 10): True})})


@pytest.fixture
def audit_trail() -> AuditTrail:
    """An audit trail under a fixed master key."""
    from engine.audit.chain import AuditTrail

    return AuditTrail(bytes(range(32)))


@pytest.fixture
def cast(store: Store) -> Cast:
    """The fixed cast, stored."""
    with store.transaction() as session:
        return insert_cast(session)


@pytest.fixture
def outsider() -> Principal:
    """Somebody of another branch, who must see nothing of this one's cases."""
    return the_cast()["outsider"]


def _any_form(
    _form: bytes, data: Mapping[str, object], _visible: Mapping[str, object], _now: datetime, _documents: object
) -> Mapping[str, object]:
    return dict(data)


@pytest.fixture
def sancha(store: Store, cast: Cast, working_time: WorkingTime, audit_trail: AuditTrail) -> Sancha:
    """A wired engine with the cast stored, no handlers (``sancha.handlers.register``) and forms that accept all."""
    from engine.callbacks import CallbackKeys
    from engine.definitions import DefinitionCache
    from engine.runtime import Sancha
    from engine.services import Handlers

    return Sancha(
        store=store,
        definitions=DefinitionCache(),
        working_time=working_time,
        audit=audit_trail,
        handlers=Handlers(),
        check_form=_any_form,
        callbacks=CallbackKeys(bytes(range(32, 64)), "http://sancha.test"),
    )


@dataclass(frozen=True)
class TestClock:
    """Business time of a store."""

    __test__ = False
    store: Store

    @property
    def now(self) -> datetime:
        """Business time now, aware, UTC."""
        with self.store.transaction(write=False) as session:
            return read_clock(session).business

    def move(self, by: timedelta) -> datetime:
        """Move business time forward; returns the new time."""
        with self.store.transaction() as session:
            move_clock(session, by)
        return self.now

    def move_to(self, instant: datetime) -> datetime:
        """Move business time forward to ``instant`` (rounded up to the second); returns the new time."""
        return self.move(timedelta(seconds=int((instant - self.now).total_seconds()) + 1))

    def start_at(self, instant: datetime) -> datetime:
        """Set business time, in the past too; only before anything has happened. Returns the new time."""
        with self.store.transaction() as session:
            raw = read_clock(session).raw
            session.execute(delete(BusinessClock))
            seconds = int((instant.astimezone(UTC) - raw).total_seconds()) + 1
            session.add(BusinessClock(id=1, offset_seconds=seconds))
        return self.now


@pytest.fixture
def clock(store: Store) -> TestClock:
    """Moves business time (``engine.clock``); raw database time goes on as it is."""
    return TestClock(store)
