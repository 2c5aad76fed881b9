"""An installation made of real processes, to be killed and started again: API server, workers, counterparties."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

import httpx
from sqlalchemy import delete

from api.keys import load_keys
from api.settings import Settings
from api.wiring import wire
from demo.counterparties.process import start
from demo.counterparties.switches import COUNTERPARTIES
from demo.ports import free_port
from demo.seed import seed
from demo.settings import counterparty_environment
from engine.access import SYSTEM
from engine.callbacks import CallbackKeys
from engine.clock import read_clock
from engine.model.instance import BusinessClock
from engine.store import Store, connect
from migrations import upgrade
from processes.registers import insert_given
from processes.scenario.script import Script

START_SECONDS = 60.0
ROOT = Path(__file__).resolve().parents[1]


@dataclass(slots=True)
class Installation:
    """Processes on one data folder. ``environment`` is what they all get; ``kills`` counts SIGKILLs sent."""

    environment: Mapping[str, str]
    base: str
    counterparties: str
    log: Path
    server: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: int = 0

    def start_server(self, *, with_worker: bool) -> None:
        """Start ``sancha serve`` and wait until it is ready. Raises RuntimeError when it is not in time."""
        tick = "--with-worker" if with_worker else "--without-worker"
        self.server = self._start("serve", tick)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.server.poll() is not None:
                raise RuntimeError(f"the server ended with {self.server.returncode}: {self.last_lines()}")
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.base}/api/v1/ready", timeout=5, trust_env=False).is_success:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"the server was not ready within {START_SECONDS:.0f} s: {self.last_lines()}")

    def last_lines(self) -> str:
        """The end of what the processes printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def start_worker(self) -> None:
        """Start one more ``sancha worker``."""
        self.workers.append(self._start("worker"))

    def kill_server(self) -> None:
        """SIGKILL: no farewell, no flush."""
        if self.server is not None:
            self._kill(self.server)

    def kill_worker(self) -> None:
        """SIGKILL the worker that was started first; its jobs are taken over after their lease."""
        self._kill(self.workers.pop(0))

    def stop(self) -> None:
        """End everything that runs, politely."""
        processes = [process for process in (self.server, *self.workers) if process and process.poll() is None]
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``sancha`` with ``arguments`` on this installation and wait for its end."""
        command = [sys.executable, "-m", "api.cli", *arguments]
        return subprocess.run(  # noqa: S603 - our own command
            command, env=dict(self.environment), cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "api.cli", *arguments],
                env=dict(self.environment),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self.kills += 1


@contextlib.contextmanager
def prepared(home: Path, script: Script, password: str, database_url: str | None = None) -> Iterator[Installation]:
    """An installation in ``home`` (on ``database_url``, default SQLite there) whose clock stands at the script's start.

    Counterparties run; server and workers are the caller's to start. Everything is stopped at the end.
    """
    port = free_port()
    given = {"SANCHA_HOME": str(home), "SANCHA_PORT": str(port), "SANCHA_DEMO": "yes", "SANCHA_TICK_SECONDS": "0.1"}
    given |= {"SANCHA_WORKER_LEASE_SECONDS": "3", "SANCHA_LOG_LEVEL": "WARNING"}
    if database_url is not None:
        given["SANCHA_DATABASE_URL"] = database_url
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SANCHA_")}
    settings = Settings.from_environment({**plain, **given})
    settings.ensure_home()
    keys = CallbackKeys(load_keys(settings).callback, settings.callback_base_url)
    with start(keys, switches=[f"{name}.hold=true" for name in COUNTERPARTIES]) as parties:
        environment = {**plain, **given, **counterparty_environment(parties.url)}
        _prepare_database(Settings.from_environment(environment), script, password)
        base = f"http://127.0.0.1:{port}"
        installation = Installation(environment, base, parties.url, home / "processes.log")
        try:
            yield installation
        finally:
            installation.stop()


def _prepare_database(settings: Settings, script: Script, password: str) -> None:
    store = Store(connect(settings.database_url))
    try:
        upgrade(store.engine)
        sancha = wire(settings, store)
        seed(sancha, password)
        with sancha.work(SYSTEM) as work:
            insert_given(work.session, script.given, work.now)
            offset = script.starts_at.astimezone(UTC) - read_clock(work.session).raw
            work.session.execute(delete(BusinessClock))
            work.session.add(BusinessClock(id=1, offset_seconds=int(offset.total_seconds())))
    finally:
        store.engine.dispose()
