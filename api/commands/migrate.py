"""``sancha migrate``: bring the database to this version's tables."""

from __future__ import annotations

import argparse

from api.settings import Settings
from engine.store import connect
from migrations import upgrade


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("migrate", help="bring the database to this version's tables")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Upgrade the database of ``settings``."""
    settings.ensure_home()
    engine = connect(settings.database_url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    print("The database has this version's tables.")
    return 0
