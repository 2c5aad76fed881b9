"""The orders of the inbox, their paging, their indexes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, event

from engine.errors import InvalidInput
from engine.model.task import NO_DUE
from engine.queries.inbox import SORTS, InboxFilter, inbox
from engine.queries.task import TaskView
from engine.store import WRITE
from tests.cast import BRANCH
from tests.engine.inbox_rows import copies, every_page, page, shown, template
from tests.factories import House

_KEYS: dict[str, Callable[[TaskView], tuple[Any, ...]]] = {
    "due": lambda task: (task.due or NO_DUE, task.id),
    "oldest": lambda task: (task.id,),
    "newest": lambda task: (-int(task.id.replace("-", ""), 16),),
    "priority": lambda task: (-task.priority, task.due or NO_DUE, task.id),
}
INDEXES = {
    "due": "ix_user_task_free",
    "oldest": "ix_user_task_free_age",
    "newest": "ix_user_task_free_age",
    "priority": "ix_user_task_free_priority",
}


@pytest.fixture
def many(house: House) -> list[str]:
    """Sixty tasks with many ties: RM's and SUPERVISOR's of two branches, some held, some without a due instant."""
    chance = Random(3)
    task_id = template(house)
    first = house.task(house.start("small").id, "ask")
    assert first.due is not None
    return copies(
        house,
        task_id,
        [
            {
                "due": chance.choice([None, *(first.due + timedelta(hours=hours) for hours in range(3))]),
                "priority": chance.choice([-5, 0, 50, 50, 90]),
                "role": chance.choice(["RM", "RM", "PLM", "LEGAL"]),
                "unit": chance.choice([BRANCH, BRANCH, "BR-2"]),
                "assignee": chance.choice([None, None, None, "rm-1", "rm-2"]),
            }
            for _ in range(60)
        ],
    )


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("show", ["mine", "groups", "all"])
def test_pages_neither_skip_nor_repeat_in_any_order(house: House, many: list[str], show: str, sort: str) -> None:
    everything = page(house, "rm-1", show=show, sort=sort, limit=200).items
    assert list(everything) == sorted(everything, key=_KEYS[sort])
    assert len(everything) > 5
    if show == "mine":
        assert {task.assignee for task in everything} == {"rm-1"}
    if show == "groups":
        assert {(task.role, task.unit, task.assignee) for task in everything} == {("RM", BRANCH, None)}
    for limit in (1, 3, 7):
        assert every_page(house, "rm-1", show=show, sort=sort, limit=limit) == list(everything)


@pytest.mark.parametrize("sort", SORTS)
def test_a_person_of_several_roles_gets_them_merged(house: House, many: list[str], sort: str) -> None:
    found = every_page(house, "outsider", show="groups", sort=sort, limit=4)
    assert {task.role for task in found} == {"RM", "PLM", "LEGAL"}
    assert {(task.unit, task.assignee) for task in found} == {("BR-2", None)}
    assert found == sorted(found, key=_KEYS[sort])
    assert len({task.id for task in found}) == len(found)


@pytest.mark.parametrize("sort", SORTS)
def test_others_see_nothing_in_any_order(house: House, many: list[str], sort: str) -> None:
    for name in ("reviewer-1", "publisher-1", "designer-1"):
        for show in ("mine", "groups", "done", "all"):
            assert shown(house, name, show=show, sort=sort) == []


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_of_another_order_is_refused(house: House, many: list[str], sort: str) -> None:
    ours = page(house, "rm-1", show="groups", sort=sort, limit=2).next
    assert ours is not None
    for other in set(SORTS) - {sort}:
        with pytest.raises(InvalidInput, match="cursor"):
            page(house, "rm-1", show="groups", sort=other, cursor=ours)
    assert page(house, "rm-1", show="groups", sort=sort, cursor=ours).items


def test_an_order_that_is_none_is_refused(house: House) -> None:
    for show in ("mine", "groups", "done", "all"):
        with pytest.raises(InvalidInput, match="sort"):
            page(house, "rm-1", show=show, sort="age")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("show", ["mine", "groups", "done", "all"])
def test_every_list_is_one_statement(house: House, many: list[str], statements: Any, show: str, sort: str) -> None:
    with house.sancha.work(house.who("outsider"), write=False) as work:
        statements.clear()
        inbox(work, InboxFilter(show=show, sort=sort, text="x", due="week"))
        assert len(statements) == 1, f"\n{statements}"


@pytest.fixture
def crowded(house: House) -> House:
    """2,000 open tasks in six groups, some of them held, and what the databases know about them."""
    task_id = template(house)
    task = house.task(house.start("small").id, "ask")
    assert task.due is not None
    changes = [
        {
            "due": task.due + timedelta(minutes=(number * 7_919) % 2_000),
            "role": ("RM", "PLM", "LEGAL")[number % 3],
            "unit": ("BR-2", BRANCH)[number % 2],
            "assignee": (f"staff-{number % 7}" if number % 60 else "rm-1") if number % 4 == 0 else None,
        }
        for number in range(2_000)
    ]
    copies(house, task_id, changes)
    with house.sancha.store.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        connection.exec_driver_sql("ANALYZE user_task")
    return house


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("text", [None, "no such text"])
def test_the_groups_are_read_through_an_index_in_order(crowded: House, sort: str, text: str | None) -> None:
    (plan,) = plans(crowded, "outsider", InboxFilter(show="groups", sort=sort, text=text))
    assert ("ix_user_task_free" if text else INDEXES[sort]) in plan, plan
    assert not re.search("Seq Scan on user_task|SCAN user_task", plan), plan


@pytest.mark.parametrize("sort", SORTS)
def test_what_a_person_holds_is_read_through_an_index(crowded: House, sort: str) -> None:
    (plan,) = plans(crowded, "rm-1", InboxFilter(show="mine", sort=sort))
    assert "ix_user_task_assignee" in plan, plan


def plans(house: House, by: str, wanted: InboxFilter) -> list[str]:
    """How the database reads what `inbox` asks for."""
    with house.sancha.work(house.who(by), write=False) as work:
        connection = work.session.connection()
        if connection.dialect.name == "postgresql":
            # It prefers to read a table as small as a test's from one end to the other.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        with recording(connection) as sent:
            inbox(work, wanted)
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {sql}", parameters))
            for sql, parameters in sent
        ]


@contextmanager
def recording(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """What ``connection`` sends, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        sent.append((arguments[2], arguments[3]))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)
