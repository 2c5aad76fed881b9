"""A process of an installation, for tests that stop and kill it: ``python -m tests.faults.node``.

Its remote handler ``ask`` writes a line to the ``--begun`` file; with ``--hold`` it then waits until that file exists.
The result says which process made it.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from engine.jobs.worker import Worker
from engine.runtime import Sancha
from engine.services import Handler, Handlers, Outgoing, ServiceCall
from engine.store import Store, connect

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0


@dataclass(frozen=True)
class Node:
    """A running process; ``log`` is what it printed."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, seconds: float = 10.0) -> int:
        """Asks it to stop and returns its exit code."""
        self.send(signal.SIGTERM)
        return self.process.wait(seconds)

    def ready(self) -> None:
        """Waits until it ticks."""
        until(lambda: b"ready" in self.log.read_bytes(), f"{self.name} started", self)


def until(holds: object, what: str, *nodes: Node, seconds: float = PATIENCE) -> None:
    """Waits until ``holds()``; fails with ``what`` and the logs of ``nodes`` when it takes too long."""
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        logs = "\n".join(node.log.read_text(errors="replace")[-4000:] for node in nodes)
        assert time.monotonic() < end, f"not within {seconds} s: {what}\n{logs}"
        time.sleep(0.02)


@contextmanager
def running(folder: Path, url: str, *names: str, options: Sequence[str] = ()) -> Iterator[list[Node]]:
    """Starts one process per name on the database ``url``; kills what is left of them at the end."""
    nodes: list[Node] = []
    try:
        for name in names:
            log = folder / f"{name}.log"
            command = [sys.executable, "-m", "tests.faults.node", url, name, *options]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            with log.open("wb") as output:
                process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, cwd=folder)
            nodes.append(Node(name, process, log))
        for node in nodes:
            node.ready()
        yield nodes
    finally:
        for node in nodes:
            if node.process.poll() is None:
                node.process.kill()
            node.process.wait()


def wired(url: str, handlers: Handlers) -> Sancha:
    """An engine as the fixture ``sancha`` makes it, on a database that is filled already."""
    from engine.audit.chain import AuditTrail
    from engine.callbacks import CallbackKeys
    from engine.definitions import DefinitionCache
    from engine.working_time import Calendar, WorkingTime

    return Sancha(
        store=Store(connect(url)),
        definitions=DefinitionCache(),
        working_time=WorkingTime({"default": Calendar(holidays=None, overrides={})}),
        audit=AuditTrail(bytes(range(32))),
        handlers=handlers,
        check_form=lambda _form, data, _visible, _now, _documents: dict(data),
        callbacks=CallbackKeys(bytes(range(32, 64)), "http://sancha.test"),
    )


def main() -> int:
    """Runs a worker until it is stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("name")
    parser.add_argument("--lease", type=float, default=30.0)
    parser.add_argument("--begun", type=Path)
    parser.add_argument("--hold", type=Path)
    options = parser.parse_args()

    def ask(call: ServiceCall, _outgoing: Outgoing) -> Mapping[str, object]:
        if options.begun:
            with options.begun.open("a") as file:
                file.write(f"{options.name} {call.key} {call.attempt}\n")
        while options.hold and not options.hold.exists():
            time.sleep(0.01)
        return {"by": options.name}

    sancha = wired(options.url, Handlers([Handler("ask", remote=ask)]))
    worker = Worker(sancha, options.name, lease=timedelta(seconds=options.lease), tick_seconds=0.05)
    print("ready", flush=True)
    worker.run(signals=True)
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
