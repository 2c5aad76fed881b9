"""What an installation of the last release waits for stays what it was: messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, insert, text

import migrations
from engine.ids import new_id
from engine.store import WRITE
from tests.databases import connected


@pytest.fixture
def released(empty_database_url: str) -> Iterator[Engine]:
    """The tables of revision 0008, empty."""
    with connected(empty_database_url) as engine:
        with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
            command.upgrade(migrations.config(connection), "0008")
        yield engine


def test_subscriptions_of_before_are_for_messages(released: Engine) -> None:
    root = new_id()
    waiting = {"name": "RATING", "key": "R-1", "root_id": root, "instance_id": root, "wait": "1:4", "element": "ask"}
    starting = {
        "name": "APPLIED",
        "key": "",
        "wait": "s",
        "element": "s",
        "definition_key": "P",
        "definition_version": 1,
    }
    with released.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        tables = MetaData()
        tables.reflect(connection)
        for row in (waiting, starting):
            values = {"id": new_id(), "created_at": datetime(2026, 1, 1, tzinfo=UTC), **row}
            connection.execute(insert(tables.tables["subscription"]).values(**values))

    migrations.upgrade(released)

    with released.connect() as connection:
        found = connection.execute(text("SELECT name, key, element, kind, part FROM subscription ORDER BY name")).all()
        assert found == [("APPLIED", "", "s", "message", 0), ("RATING", "R-1", "ask", "message", 0)]
        assert connection.scalar(text("SELECT count(*) FROM data_store")) == 0
        command.check(migrations.config(connection))
    assert migrations.is_current(released)
