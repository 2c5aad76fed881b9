"""Databases to measure on: made once, then copied, so that every way of doing the same work begins alike."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from engine.store import normalised_url
from tests.databases import Postgres, run_folder, start_postgres

# The tests' server does without them; an installation does not, and neither does what is compared with it.
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class Databases(Protocol):
    """Databases of one kind. Names consist of letters and underscores."""

    @property
    def name(self) -> str:
        """SQLite or PostgreSQL."""
        ...

    def create(self, name: str) -> str:
        """The address of a new database without tables."""
        ...

    def copy(self, url: str, name: str) -> str:
        """The address of a copy of the database at ``url``, to which nobody is connected."""
        ...


@dataclass(frozen=True, slots=True)
class SqliteFiles:
    """SQLite files in ``folder``."""

    folder: Path
    name: str = "SQLite"

    def create(self, name: str) -> str:
        """See `Databases`."""
        for file in self.folder.glob(f"{name}.sqlite3*"):
            file.unlink()
        return f"sqlite:///{self.folder / name}.sqlite3"

    def copy(self, url: str, name: str) -> str:
        """See `Databases`. The last one to disconnect has moved the write-ahead log into the file."""
        made = self.create(name)
        shutil.copy(str(make_url(url).database), str(make_url(made).database))
        return made


@dataclass(frozen=True, slots=True)
class PostgresDatabases:
    """Databases of a PostgreSQL server, their names beginning with ``prefix``."""

    server: Postgres
    name: str = "PostgreSQL"
    prefix: str = "bench"

    def create(self, name: str) -> str:
        """See `Databases`."""
        return self.server.create(f"{self.prefix}_{name}")

    def copy(self, url: str, name: str) -> str:
        """See `Databases`; with fresh statistics, so that no later analysis changes plans in the middle."""
        made = f"{self.prefix}_{name}"
        self._administer(self.server.url("postgres"), f'DROP DATABASE IF EXISTS "{made}" WITH (FORCE)')
        source = make_url(url).database
        self._administer(self.server.url("postgres"), f'CREATE DATABASE "{made}" TEMPLATE "{source}"')
        self._administer(self.server.url(made), "ANALYZE")
        return self.server.url(made)

    def make_durable(self) -> None:
        """From now on a commit is on disk when it returns, as in an installation."""
        changes = [f"ALTER SYSTEM SET {setting} = on" for setting in _DURABLE]
        self._administer(self.server.url("postgres"), *changes, "SELECT pg_reload_conf()")

    def _administer(self, url: str, *statements: str) -> None:
        engine = create_engine(normalised_url(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()


@contextmanager
def own_postgres() -> Iterator[PostgresDatabases]:
    """A PostgreSQL server for this run. Raises `PostgresUnavailable`."""
    folder = run_folder()
    try:
        databases = PostgresDatabases(start_postgres(folder))
        databases.make_durable()
        yield databases
    finally:
        Postgres(folder).remove()
