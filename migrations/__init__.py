"""The database's tables through the versions of the software, the same for SQLite and PostgreSQL.

Everything happens in one transaction: a migration that fails leaves the database as it was. Developers make a revision
after changing a model with ``python -m migrations "what changes"``; a test compares models and revisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text
from sqlalchemy.exc import OperationalError

from engine.audit.triggers import expected_names, install_triggers, trigger_names
from engine.errors import Unavailable
from engine.model import Base
from engine.store import WRITE

_LOCK = 0x53414E434841
"""The advisory lock that lets one process at a time migrate a PostgreSQL database ("SANCHA")."""


def metadata() -> MetaData:
    """All tables of this version: the engine's and the registers'."""
    import_module("processes.registers")
    return Base.metadata


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; it needs no file, so that an installed wheel works from any folder."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine) -> None:
    """Bring the database to this version's tables and put the audit trail's triggers in place; idempotent.

    Processes that start at once wait for each other. Raises `Unavailable` when the database cannot be reached, or was
    made by a later version.
    """
    with _migrating(engine) as connection:
        _refuse_later(connection)
        command.upgrade(config(connection), "head")
        # SQLite drops a table's triggers when a migration rebuilds it.
        install_triggers(connection)


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly this version's tables and triggers. Raises SQLAlchemy's errors."""
    with engine.connect() as connection:
        heads = set(MigrationContext.configure(connection).get_current_heads())
        triggers = trigger_names(connection) >= expected_names(connection.dialect.name)
    return triggers and heads == set(_scripts().get_heads())


def require_current(engine: Engine) -> None:
    """Raises `Unavailable` unless the database has this version's tables."""
    where = engine.url.render_as_string(hide_password=True)
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file is not None and not Path(file).exists():  # connecting would make an empty one
        raise Unavailable(f"There is no database at {where}. Run `sancha migrate`.")
    try:
        current = is_current(engine)
    except OperationalError as problem:
        raise Unavailable(f"The database {where} cannot be reached.") from problem
    if not current:
        raise Unavailable(f"The database {where} has another version's tables. Run `sancha migrate`.")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def _refuse_later(connection: Connection) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        names = ", ".join(sorted(unknown))
        raise Unavailable(f"The database was made by a later version of the software (revision {names}).")


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect().execution_options(**{WRITE: True}) as connection:
            if engine.dialect.name == "sqlite":
                with _without_foreign_keys(connection), connection.begin():
                    yield connection
                    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
                    if broken:
                        raise RuntimeError(f"the migration would leave rows without what they refer to: {broken[:3]}")
            else:
                with connection.begin():
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                    yield connection
    except OperationalError as problem:
        where = engine.url.render_as_string(hide_password=True)
        raise Unavailable(f"The database {where} cannot be reached or written. Nothing was changed.") from problem


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making a new one, which its foreign keys would prevent; inside a transaction the switch
    has no effect.
    """
    raw = connection.connection
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.cursor().execute("PRAGMA foreign_keys=ON")
