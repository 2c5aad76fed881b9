"""Alembic runs this file for every command; the connection, in a transaction, comes from `migrations.config`."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, TypeDecorator

from migrations import metadata


def _plain_type(kind: str, item: Any, _context: Any) -> Any:
    """Revisions name the database's types, not ours: they must stay as they were when ours change."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run(connection: Connection) -> None:
    """Run the command that alembic was called with on ``connection``."""
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        render_item=_plain_type,
        render_as_batch=True,  # SQLite cannot change columns in place
        transactional_ddl=True,  # both can; alembic does not believe it of SQLite
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
