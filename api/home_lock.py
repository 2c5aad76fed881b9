"""One process at a time may own a SQLite data folder: SQLite has one writer, and its queue lives in that process."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import Conflict


@contextmanager
def exclusive(home: Path, who: str) -> Iterator[None]:
    """Hold the folder ``home`` while the block runs; the lock goes with the process, however it ends.

    Raises `Conflict` when another process holds it.
    """
    path = home / "owner.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "another process"
            raise Conflict(
                f"{home} is in use by {other}. On SQLite one process does everything; "
                "set SANCHA_DATABASE_URL to a PostgreSQL database to run several."
            ) from None
        file.truncate(0)
        file.write(who)
        file.flush()
        yield
