"""The one transaction helper.

A command runs in one database transaction with one commit. On PostgreSQL row locks serialise writers of one root
instance. SQLite has one writer at a time, so writers of this process queue on a lock before ``BEGIN IMMEDIATE``:
they wait in turn instead of meeting "database is locked". No network or disk work belongs inside a transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from engine.errors import Unavailable

SQLITE_BUSY_MS = 10_000
WRITE = "sancha.write"
"""Execution option of a connection whose transaction will write (SQLite takes its write lock at the start)."""


def normalised_url(url: str) -> str:
    """``url`` with the driver we use for PostgreSQL (psycopg 3) named."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return url.replace(prefix, "postgresql+psycopg://", 1)
    return url


def connect(url: str, **options: Any) -> Engine:
    """A SQLAlchemy engine for ``url`` (``sqlite:///file`` or ``postgresql://...``) with our session settings."""
    engine = create_engine(normalised_url(url), pool_pre_ping=not url.startswith("sqlite"), **options)
    configure(engine)
    return engine


def configure(engine: Engine) -> None:
    """Give every connection of ``engine`` our session settings; before its first use."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves: the driver's own BEGIN is always deferred
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={SQLITE_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    write = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


class Store:
    """Sessions on one database. ``engine`` is SQLAlchemy's; the engine package's own class is `runtime.Sancha`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False, autoflush=False)
        self._writers = threading.RLock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """One transaction: commits when the block ends, rolls back when it raises.

        Raises `Unavailable` when the database cannot be reached or written (nothing was changed).
        """
        with self.writing(write=write), self._sessions() as session:
            try:
                session.connection(execution_options={WRITE: write})
                yield session
                session.commit()
            except (OperationalError, DBAPIError) as error:
                session.rollback()
                if is_unavailable(error):
                    raise Unavailable("The database is not available now. Nothing was changed; try again.") from error
                raise

    @contextmanager
    def writing(self, *, write: bool = True) -> Iterator[None]:
        """The place in the queue of SQLite writers; nothing to do on PostgreSQL."""
        if self._writers is None or not write:
            yield
            return
        with self._writers:
            yield


def is_unavailable(error: DBAPIError) -> bool:
    """Whether the database itself, not the statement, is the trouble: gone, restarting, full, read-only, locked."""
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    return getattr(error.orig, "sqlstate", None) in {"53100", "53200", "53300", "57P01", "57P02", "57P03"}
