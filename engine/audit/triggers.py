"""Insert-only tables, enforced by the database itself.

Rows of the audit trail are added and read, never changed or removed. The triggers are created with the tables and again
after every migration, because SQLite drops them when a migration rebuilds a table.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.model.audit import AuditCheckpoint, AuditEvent

PROTECTED: tuple[str, ...] = (AuditEvent.__tablename__, AuditCheckpoint.__tablename__)
FUNCTION = "sancha_insert_only"


def install_triggers(connection: Connection) -> None:
    """Create the triggers that refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE, where they are missing or altered."""
    for statement in _STATEMENTS[connection.dialect.name]:
        connection.execute(text(statement))


def trigger_names(connection: Connection) -> frozenset[str]:
    """The names of the insert-only triggers that the database has now."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    return frozenset(name for (name,) in connection.execute(text(query)) if name.endswith(_SUFFIXES))


def expected_names(dialect: str) -> frozenset[str]:
    """The names of the triggers that there must be."""
    suffixes = _SUFFIXES if dialect == "postgresql" else _SUFFIXES[:2]
    return frozenset(f"{table}{suffix}" for table in PROTECTED for suffix in suffixes)


_SUFFIXES = ("_no_update", "_no_delete", "_no_truncate")


def _sqlite(table: str) -> tuple[str, ...]:
    return tuple(
        statement
        for suffix, verb in zip(_SUFFIXES, ("UPDATE", "DELETE"), strict=False)
        for statement in (
            f"DROP TRIGGER IF EXISTS {table}{suffix}",
            (
                f"CREATE TRIGGER {table}{suffix} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
            ),
        )
    )


def _postgresql(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE OR REPLACE TRIGGER {table}{suffix} BEFORE {verb} ON {table} "
        f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION {FUNCTION}()"
        for suffix, verb in zip(_SUFFIXES, ("UPDATE", "DELETE", "TRUNCATE"), strict=True)
    )


_FUNCTION_BODY = (
    f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$"
)
_STATEMENTS: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(statement for table in PROTECTED for statement in _sqlite(table)),
    "postgresql": (
        _FUNCTION_BODY,
        *(statement for table in PROTECTED for statement in _postgresql(table)),
    ),
}
