"""Real processes around a prepared database: ``sancha serve`` and ``sancha worker``, and a client that keeps its
connection open.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from bench.site import environment, token
from demo.installation import Installation

_PROC = Path("/proc")


@contextmanager
def served(url: str, home: Path, *, workers: int = 0) -> Iterator[Installation]:
    """``sancha serve`` without a tick on the database at ``url``, and ``workers`` processes ``sancha worker``."""
    port = _free_port()
    given = environment(home, url, SANCHA_PORT=str(port), SANCHA_DEMO="yes")
    log = home / "processes.log"
    installation = Installation(given, f"http://127.0.0.1:{port}", counterparties="", log=log)
    try:
        installation.start_server(with_worker=False)
        for _ in range(workers):
            installation.start_worker()
        yield installation
    finally:
        installation.stop()


@contextmanager
def client(installation: Installation) -> Iterator[HTTPConnection]:
    """A connection to the server: the standard library's, which costs little beside what is measured."""
    address = urlsplit(installation.base)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
    try:
        yield connection
    finally:
        connection.close()


def cpu_seconds(pids: Iterable[int]) -> float | None:
    """Processor time that these processes have taken so far; None on a system without ``/proc``."""
    if not _PROC.exists():
        return None
    total = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            # Behind the name in brackets, which may hold anything: the 12th and 13th field are user and system ticks.
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def headers(name: str, *, key: str | None = None) -> dict[str, str]:
    """The headers of a JSON request of ``name``, with the idempotency key ``key`` if given."""
    given = {"Authorization": f"Bearer {token(name)}", "Content-Type": "application/json"}
    return given if key is None else given | {"Idempotency-Key": key}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
