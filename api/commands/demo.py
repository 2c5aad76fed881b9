"""``sancha demo``: a complete trial installation, with accounts, clients and stand-in counterparties."""

from __future__ import annotations

import argparse

from api.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("demo", help="run a trial installation with example data")
    parser.add_argument("--port", type=int, help="port to listen on (SANCHA_PORT, default 8080)")
    parser.add_argument("--without-worker", action="store_true", help="leave jobs to `sancha worker` (PostgreSQL)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Prepare the demonstration and serve it until it is stopped."""
    from demo.serve import serve_demo  # the demonstration is loaded for this command alone

    return serve_demo(settings, port=options.port, tick=not options.without_worker)
