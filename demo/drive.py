"""Drives a case over HTTP by many people, while the processes that serve it are killed.

``python -m demo.drive`` plays the wind-farm scenario (or the scenario file given) on an installation of its own: the
server is killed with SIGKILL in the middle of two requests, with ``--workers`` one worker as well; requests are sent
again under their idempotency keys until they are answered. At the end the audit trail is verified; with ``--tamper``
one byte of it is then changed, past the triggers, and verification must fail. With ``--spare`` nothing is killed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from demo.http_stage import HttpStage
from demo.installation import Installation, prepared
from demo.tamper import change_one_byte
from processes.scenario.play import Failed, Play
from processes.scenario.script import Script, ScriptError, load

DEFAULT = Path(__file__).resolve().parents[1] / "processes/P00_project_lifecycle/scenarios/1-wind-farm.yaml"
PASSWORD = "a long demo passphrase"  # noqa: S105 - of accounts in a throw-away database
KILLS_AT = (9, 31)
WORKER_KILL_AT = 20


@dataclass(slots=True)
class Saboteur:
    """Kills at the given changing requests (counted from 1), a few milliseconds after they were sent."""

    installation: Installation
    with_worker: bool
    server_at: tuple[int, ...]
    worker_at: int | None
    chance: random.Random
    count: int = 0
    running: list[threading.Thread] = field(default_factory=list)

    def before_request(self) -> None:
        """Called before each changing request."""
        self.count += 1
        if self.count in self.server_at:
            self._later(self._restart_server)
        if self.count == self.worker_at:
            self._later(self.installation.kill_worker)

    def finish(self) -> None:
        """Wait until what was killed runs again."""
        for thread in self.running:
            thread.join()

    def _later(self, action: object) -> None:
        def act() -> None:
            time.sleep(self.chance.uniform(0.0, 0.04))
            if callable(action):
                action()

        thread = threading.Thread(target=act)
        self.running.append(thread)
        thread.start()

    def _restart_server(self) -> None:
        self.installation.kill_server()
        self.installation.start_server(with_worker=self.with_worker)


def main() -> int:
    """0 when the case went through and the audit trail verifies."""
    options = _parser().parse_args()
    try:
        script = load(options.scenario)
        with tempfile.TemporaryDirectory(prefix="sancha-drive-") as folder:
            return _own_installation(options, script, Path(folder))
    except (Failed, ScriptError, RuntimeError) as problem:
        print(f"drive: {problem}", file=sys.stderr)
    return 1


def _own_installation(options: argparse.Namespace, script: Script, folder: Path) -> int:
    print(f"Kill seed: {options.seed}", flush=True)
    with prepared(folder, script, PASSWORD, options.database_url) as installation:
        tick = options.workers == 0
        installation.start_server(with_worker=tick)
        for _ in range(options.workers):
            installation.start_worker()
        saboteur = Saboteur(
            installation,
            tick,
            () if options.spare else KILLS_AT,
            WORKER_KILL_AT if options.workers > 1 and not options.spare else None,
            random.Random(options.seed),
        )
        try:
            _play(script, HttpStage(installation.base, PASSWORD, installation.counterparties, saboteur.before_request))
        except Failed as failed:
            raise Failed(f"{failed}\nlast lines of the processes:\n{installation.last_lines()}") from None
        finally:
            saboteur.finish()
        print(f"Killed with SIGKILL: {installation.kills}", flush=True)
        return _verify(installation, tamper=options.tamper)


def _play(script: Script, stage: HttpStage) -> int:
    began = time.perf_counter()
    Play(script, stage).run()
    seconds = time.perf_counter() - began
    print(f"Played {script.name!r}: {len(script.steps)} steps in {seconds:.1f} s")
    print(f"{len(stage.accounts)} accounts, {stage.requests} requests, {stage.repeated} of them repeated", flush=True)
    return 0


def _verify(installation: Installation, *, tamper: bool) -> int:
    verified = installation.command("audit", "verify")
    print(f"Audit: {(verified.stdout or verified.stderr).strip().splitlines()[-1]}", flush=True)
    if verified.returncode != 0:
        return 1
    if tamper:
        where = change_one_byte(installation.environment)
        after = installation.command("audit", "verify")
        print(f"Audit after changing one byte of {where}: {(after.stdout + after.stderr).strip().splitlines()[-1]}")
        return 0 if after.returncode != 0 else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.drive", description="Drives a case over HTTP by many people.")
    parser.add_argument(
        "scenario", nargs="?", type=Path, default=DEFAULT, help="scenario file (default: the wind farm)"
    )
    parser.add_argument("--database-url", help="PostgreSQL database to use, empty (default: SQLite)")
    parser.add_argument("--workers", type=int, default=0, help="run this many `sancha worker` beside `sancha serve`")
    parser.add_argument("--spare", action="store_true", help="kill nothing")
    parser.add_argument("--tamper", action="store_true", help="at the end change one byte of the audit trail")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which processes are killed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
