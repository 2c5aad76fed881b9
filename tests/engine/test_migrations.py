from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Integer, inspect, text

import migrations
from engine.audit.triggers import expected_names, trigger_names
from engine.errors import Unavailable
from engine.store import WRITE, connect
from tests.databases import connected


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    with connected(empty_database_url) as engine:
        yield engine


def test_an_empty_database_gets_all_tables(empty: Engine) -> None:
    assert not migrations.is_current(empty)

    migrations.upgrade(empty)

    assert set(inspect(empty).get_table_names()) == {*migrations.metadata().tables, "alembic_version"}
    assert migrations.is_current(empty)
    migrations.require_current(empty)


def test_models_and_revisions_agree(empty: Engine) -> None:
    migrations.upgrade(empty)

    with empty.connect() as connection:
        command.check(migrations.config(connection))


def test_the_tables_that_tests_use_are_those_of_the_revisions(store: object, database_url: str) -> None:
    with connected(database_url) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, migrations.metadata()) == []
        assert trigger_names(connection) == expected_names(connection.dialect.name)


def test_upgrading_again_changes_nothing(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("INSERT INTO unit (id, name) VALUES ('HQ', '总部')"))

    migrations.upgrade(empty)

    with empty.connect() as connection:
        assert connection.scalar(text("SELECT name FROM unit")) == "总部"


def test_processes_that_start_at_once_do_not_trip_over_each_other(empty_database_url: str) -> None:
    problems: list[BaseException] = []

    def start() -> None:
        with connected(empty_database_url) as engine:
            try:
                migrations.upgrade(engine)
            except BaseException as problem:  # noqa: BLE001 - shown in the assertion below
                problems.append(problem)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    with connected(empty_database_url) as engine:
        assert migrations.is_current(engine)


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_connection: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(migrations, "install_triggers", fail)

    with pytest.raises(RuntimeError, match="in the middle"):
        migrations.upgrade(empty)

    assert inspect(empty).get_table_names() == []


def test_triggers_that_a_rebuilt_table_lost_are_put_back(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        operations = Operations(MigrationContext.configure(connection))
        if connection.dialect.name == "sqlite":
            with operations.batch_alter_table("audit_event", recreate="always") as batch:
                batch.alter_column("seq", existing_type=Integer())
        else:
            connection.execute(text("DROP TRIGGER audit_event_no_update ON audit_event"))
        assert trigger_names(connection) != expected_names(connection.dialect.name)
    assert not migrations.is_current(empty)

    migrations.upgrade(empty)

    assert migrations.is_current(empty)
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_event (stream, seq, at, actor, action, definitions, prev_hash, hash) "
                "VALUES ('administration', 1, '2026-01-01 00:00:00', 'a', 'b', '[]', '', '00')"
            )
        )
    with pytest.raises(Exception, match="audit_event is insert-only"), empty.begin() as connection:
        connection.execute(text("UPDATE audit_event SET actor = 'x'"))


def test_there_is_no_way_back(empty: Engine) -> None:
    migrations.upgrade(empty)

    with empty.connect().execution_options(**{WRITE: True}) as connection:
        with pytest.raises(RuntimeError, match="restore the backup"):
            command.downgrade(migrations.config(connection), "-1")
        connection.rollback()

    assert migrations.is_current(empty)


def test_a_database_of_a_later_version_is_refused(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Unavailable, match=r"later version of the software \(revision 9999\)"):
        migrations.upgrade(empty)
    with pytest.raises(Unavailable, match="Run `sancha migrate`"):
        migrations.require_current(empty)


def test_a_database_that_is_not_there_is_unavailable(tmp_path: object) -> None:
    engine = connect(f"postgresql://postgres@/none?host={tmp_path}")

    with pytest.raises(Unavailable):
        migrations.upgrade(engine)
    with pytest.raises(Unavailable):
        migrations.require_current(engine)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_migration_that_would_tear_rows_apart_is_refused(empty: Engine) -> None:
    migrations.upgrade(empty)
    raw = empty.raw_connection()
    raw.cursor().executescript(
        "PRAGMA foreign_keys=OFF; INSERT INTO membership VALUES ('nobody', 'RM', 'HQ'); PRAGMA foreign_keys=ON"
    )
    raw.close()

    with pytest.raises(RuntimeError, match="rows without what they refer to"):
        migrations.upgrade(empty)

    with empty.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
