"""``sancha worker``: runs due jobs, nothing else. Start as many as the load needs (PostgreSQL)."""

from __future__ import annotations

import argparse
import contextlib
import signal
from types import FrameType

from api.database import opened
from api.garbage import settle_garbage
from api.home_lock import exclusive
from api.settings import Settings
from api.wiring import wire, worker_for


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("worker", help="run due jobs (timers, service calls, messages)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run jobs until SIGINT or SIGTERM; the job at hand is finished first."""
    settings.ensure_home()
    embedded = settings.database_url.startswith("sqlite")
    alone = exclusive(settings.database_url, "sancha worker") if embedded else contextlib.nullcontext()
    with alone, opened(settings.database_url) as store:
        worker = worker_for(wire(settings, store), settings, kind="worker")

        def stop(_signal: int, _frame: FrameType | None) -> None:
            worker.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        print(f"Sancha worker {worker.id} runs", flush=True)
        settle_garbage()
        worker.run()
    return 0
