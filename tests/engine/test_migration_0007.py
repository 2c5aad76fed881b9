"""The inbox's columns are filled for what an installation of the last release already holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Numeric,
    Table,
    Uuid,
    insert,
    text,
)
from sqlalchemy.types import TypeEngine

import migrations
from engine.execution.search_text import search_text
from engine.ids import new_id
from engine.store import WRITE
from tests.databases import connected

NAME = "蒙东风电 ÄB (Nord) " + "X" * 120


@pytest.fixture
def released(empty_database_url: str) -> Iterator[Engine]:
    """The tables of revision 0006, empty."""
    with connected(empty_database_url) as engine:
        with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
            command.upgrade(migrations.config(connection), "0006")
        yield engine


def test_names_orders_and_searched_texts_are_filled(released: Engine) -> None:
    roots, tasks = [new_id() for _ in range(3)], [new_id() for _ in range(4)]
    with released.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        tables = MetaData()
        tables.reflect(connection)

        def put(table: str, **values: Any) -> None:
            connection.execute(insert(tables.tables[table]).values(**_row(tables.tables[table], values)))

        deployment, resource, definition = new_id(), new_id(), new_id()
        put("deployment", id=deployment)
        put("resource", id=resource, deployment_id=deployment)
        put("process_definition", id=definition, deployment_id=deployment, resource_id=resource)
        put("client", uscc="C-1", name=NAME)
        put("financing", case_no="PF-1", uscc="C-1", root_id=roots[0])
        for number, (root, key) in enumerate(zip(roots, ("PF-1", "PF-2", "PF-1"), strict=True)):
            # The third was called by the first and carries the same number.
            parent = roots[0] if number == 2 else None
            put(
                "process_instance",
                id=root,
                root_id=parent or root,
                scope=f"1.{number}",
                definition_id=definition,
                business_key=key,
                parent_id=parent,
            )
        open_task = {"root_id": roots[0], "business_key": "PF-1", "status": "open", "role": "RM", "unit": "BR-1"}
        put("user_task", id=tasks[0], **open_task, name="写 Über", name_en="Write IT", priority=70)
        put("user_task", id=tasks[1], **open_task, name="b", priority=-5, assignee="rm-1")
        put("user_task", id=tasks[2], **open_task | {"root_id": roots[1], "business_key": "PF-2"}, name="c", priority=0)
        put("user_task", id=tasks[3], **open_task | {"status": "completed"}, name="d", priority=50, completed_by="x")
        put("task_candidate", task_id=tasks[0], kind="role", who="RISK")

    migrations.upgrade(released)

    with released.connect() as connection:
        named = connection.execute(text("SELECT business_key, parent_id IS NULL, client_name FROM process_instance"))
        assert sorted((key, bool(root), name) for key, root, name in named) == [
            ("PF-1", False, None),
            ("PF-1", True, NAME),
            ("PF-2", True, None),
        ]
        found = connection.execute(
            text("SELECT name, client_name, priority_sort, search, business_key, name_en FROM user_task ORDER BY name")
        ).all()
        assert {row.name: (row.client_name, row.priority_sort) for row in found} == {
            "写 Über": (NAME, -70),
            "b": (NAME, 5),
            "c": (None, 0),
            "d": (NAME, -50),
        }
        for row in found:
            assert row.search == search_text(row.client_name, row.business_key, row.name, row.name_en)
        assert connection.scalar(text("SELECT unit FROM task_candidate")) == "BR-1"
    assert migrations.is_current(released)


def test_an_installation_without_cases_is_brought_up_too(released: Engine) -> None:
    migrations.upgrade(released)
    with released.connect() as connection:
        command.check(migrations.config(connection))


def _row(table: Table, given: dict[str, Any]) -> dict[str, Any]:
    """``given``, and something for every other column that must have a value."""
    others = {
        column.name: _something(column.type)
        for column in table.columns
        if not column.nullable and column.name not in given
    }
    return others | given


def _something(kind: TypeEngine[Any]) -> object:
    match kind:
        case Boolean():
            return False
        case Integer() | BigInteger() | Numeric():
            return 1
        case DateTime():
            return datetime(2026, 1, 1, tzinfo=UTC)
        case Date():
            return date(2026, 1, 1)
        case Uuid():
            return new_id()
        case _:
            return b"x" if "BLOB" in str(kind) or "BYTEA" in str(kind) else "x"
