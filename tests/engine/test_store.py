from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from engine.errors import Unavailable
from engine.model.identity import Unit
from engine.model.instance import Counter
from engine.store import Store, connect
from tests.databases import Statements


def test_it_commits_when_the_block_ends(store: Store, statements: Statements) -> None:
    with store.transaction() as session:
        session.add(Unit(id="HQ", name="总部", parent=None))

    assert statements.commits == 1
    with store.transaction(write=False) as session:
        assert session.get_one(Unit, "HQ").name == "总部"


def test_it_changes_nothing_when_the_block_raises(store: Store, statements: Statements) -> None:
    def break_off() -> None:
        with store.transaction() as session:
            session.add(Unit(id="HQ", name="总部", parent=None))
            session.flush()
            raise KeyError("no")

    with pytest.raises(KeyError):
        break_off()

    assert statements.commits == 0
    with store.transaction(write=False) as session:
        assert session.get(Unit, "HQ") is None


def test_a_broken_rule_is_not_taken_for_an_unreachable_database(store: Store) -> None:
    with store.transaction() as session:
        session.add(Unit(id="HQ", name="总部", parent=None))

    with pytest.raises(IntegrityError), store.transaction() as session:
        session.add(Unit(id="HQ", name="again", parent=None))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_keeps_foreign_keys_and_writes_ahead(store: Store) -> None:
    with store.transaction(write=False) as session:
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"


def test_writers_of_one_process_lose_no_update(store: Store) -> None:
    with store.transaction() as session:
        session.add(Counter(name="cases", value=0))

    def count() -> None:
        for _ in range(20):
            with store.transaction() as session:
                row = session.scalars(select(Counter).where(Counter.name == "cases").with_for_update()).one()
                row.value += 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.transaction(write=False) as session:
        assert session.get_one(Counter, "cases").value == 80


def test_a_reader_sees_the_state_before_an_open_write(store: Store) -> None:
    with store.transaction() as session:
        session.add(Counter(name="cases", value=1))

    with store.transaction() as writer:
        writer.execute(update(Counter).values(value=2))
        with store.transaction(write=False) as reader:
            assert reader.scalar(select(Counter.value)) == 1


@pytest.mark.parametrize(
    "url",
    ["sqlite:///{folder}/absent/file.sqlite", "postgresql://postgres@/none?host={folder}"],
    ids=["file", "server"],
)
def test_a_database_that_is_not_there_is_unavailable(url: str, tmp_path: object) -> None:
    engine = connect(url.format(folder=tmp_path))

    with pytest.raises(Unavailable, match="Nothing was changed"), Store(engine).transaction():
        pytest.fail("there is no database to work on")

    engine.dispose()


def test_the_tables_are_empty_at_first(store: Store) -> None:
    with store.transaction(write=False) as session:
        assert session.scalars(select(Unit)).all() == []
