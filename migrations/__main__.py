"""Make a revision from the difference between models and revisions: ``python -m migrations "add a column"``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from engine.store import connect
from migrations import config, upgrade


def main(message: str) -> None:
    """Write ``migrations/versions/<number>_<message>.py``; look it over before committing it."""
    versions = Path(__file__).parent / "versions"
    number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/empty.sqlite")
        upgrade(engine)
        with engine.connect() as connection:
            command.revision(config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or sys.exit(__doc__))
