from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.store import Store
from tests.engine.audit_cases import Cases


@pytest.fixture
def cases(store: Store, tmp_path: Path) -> Cases:
    return Cases(store, tmp_path)


@pytest.fixture
def trigger_tests(cases: Cases) -> Iterator[tuple[Cases, Callable[[str], None]]]:
    cases.open(2)
    cases.checkpoint()

    def run(statement: str) -> None:
        with cases.store.transaction() as session:
            session.execute(text(statement))

    yield cases, run
    assert cases.verify().intact


@pytest.mark.parametrize("table", ["audit_event", "audit_checkpoint"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = ''", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_trail(
    trigger_tests: tuple[Cases, Callable[[str], None]], table: str, statement: str
) -> None:
    with pytest.raises(Exception, match=f"{table} is insert-only"):
        trigger_tests[1](statement.format(table))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["audit_event", "audit_checkpoint"])
def test_the_database_refuses_to_empty_the_trail(
    trigger_tests: tuple[Cases, Callable[[str], None]], table: str
) -> None:
    with pytest.raises(Exception, match=f"{table} is insert-only"):
        trigger_tests[1](f"TRUNCATE {table}")
