"""One process at a time may own a SQLite database: it has one writer, and its queue lives in that process."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from engine.errors import Conflict, Unavailable


@contextmanager
def exclusive(database_url: str, who: str) -> Iterator[None]:
    """Hold the SQLite database while the block runs, by a lock on the file ``<database>.owner`` beside it, so that the
    data folder of either process does not matter. The lock goes with the process, however it ends.

    Raises `Conflict` when another process holds it, `Unavailable` when its folder cannot be written.
    """
    database = Path(make_url(database_url).database or "").resolve()
    try:
        opened = database.with_name(f"{database.name}.owner").open("a+")
    except OSError as problem:
        raise Unavailable(f"The folder of the database {database} cannot be used: {problem.strerror}.") from None
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "another process"
            raise Conflict(
                f"{database} is in use by {other}. On SQLite one process does everything; "
                "set SANCHA_DATABASE_URL to a PostgreSQL database to run several."
            ) from None
        file.truncate(0)
        file.write(who)
        file.flush()
        yield
