"""The inbox: whose tasks, in which order, page by page."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from engine.commands.change_due_date import change_due_date
from engine.errors import InvalidInput
from engine.queries.inbox import InboxFilter, inbox
from engine.queries.page import Page
from engine.queries.task import TaskView
from tests.factories import House, one_task, two_tasks


def shown(house: House, by: str, **wanted: object) -> list[str]:
    return [each.id for each in page(house, by, **wanted).items]


def page(house: House, by: str, *, cursor: str | None = None, limit: int = 50, **wanted: object) -> Page[TaskView]:
    with house.sancha.work(house.who(by), write=False) as work:
        return inbox(work, InboxFilter(**wanted), cursor=cursor, limit=limit)  # type: ignore[arg-type]  # by name


@pytest.fixture
def tasks(house: House) -> list[str]:
    """The tasks of five cases of `small`, oldest first."""
    house.deploy(small_bpmn=one_task(sla="PT8H"))
    return [house.task(house.start("small").id, "ask").id for _ in range(5)]


def test_a_task_moves_from_the_group_to_its_holder_to_the_done(house: House, tasks: list[str]) -> None:
    first, *others = tasks
    assert shown(house, "rm-1", show="groups") == tasks
    assert shown(house, "rm-1", show="mine") == shown(house, "rm-1", show="done") == []
    house.claim(first, "rm-1")
    assert shown(house, "rm-1", show="groups") == shown(house, "rm-2", show="groups") == others
    assert shown(house, "rm-1", show="mine") == [first]
    house.complete(first, "rm-1")
    assert shown(house, "rm-1", show="mine") == []
    assert shown(house, "rm-1", show="done") == [first]
    assert shown(house, "rm-2", show="done") == []


def test_others_see_nothing(house: House, tasks: list[str]) -> None:
    for name in ("outsider", "reviewer-1", "publisher-1"):
        for show in ("mine", "groups", "done", "all"):
            assert shown(house, name, show=show) == []


def test_administration_and_audit_see_all_but_hold_no_group(house: House, tasks: list[str]) -> None:
    for name in ("admin-1", "audit-1"):
        assert shown(house, name, show="all") == tasks
        assert shown(house, name, show="groups") == []


def test_who_worked_on_a_case_sees_what_is_open_in_it(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    case = house.start("pair", by="rm-2")
    house.do(case.id, "make", "rm-1")
    check = house.task(case.id, "check").id
    for name in ("rm-1", "rm-2", "reviewer-1", "reviewer-2"):
        assert shown(house, name) == [check]
        assert shown(house, name, business_key=case.business_key) == [check]
    for name in ("plm-1", "outsider"):
        assert shown(house, name) == shown(house, name, business_key=case.business_key) == []


def test_named_candidates_find_it_too(house: House) -> None:
    attributes = 'camunda:candidateUsers="legal-1" camunda:candidateGroups="RISK"'
    house.deploy(small_bpmn=one_task(attributes=attributes))
    ask = house.task(house.start("small").id, "ask").id
    for name in ("rm-1", "legal-1", "risk-1"):
        assert shown(house, name, show="groups") == [ask]
    assert shown(house, "plm-1", show="groups") == []


def test_the_earliest_due_comes_first_and_no_due_last(house: House, tasks: list[str]) -> None:
    house.deploy(open_bpmn=one_task("open"))
    undated = house.task(house.start("open").id, "ask").id
    soon = house.task(house.start("small").id, "ask")
    assert soon.due is not None
    with house.sancha.work(house.who("admin-1")) as work:
        change_due_date(work, task_id=soon.id, due=soon.due - timedelta(days=3))
    assert shown(house, "rm-1") == [soon.id, *tasks, undated]


def test_pages_neither_skip_nor_repeat(house: House, tasks: list[str]) -> None:
    house.claim(tasks[2], "rm-1")
    for show in ("groups", "all"):
        found: list[str] = []
        cursor: str | None = None
        for _ in range(10):
            part = page(house, "rm-1", show=show, cursor=cursor, limit=2)
            found += [each.id for each in part.items]
            cursor = part.next
            if cursor is None:
                break
        assert found == [each for each in tasks if show == "all" or each != tasks[2]]


def test_done_tasks_come_latest_first_page_by_page(house: House, tasks: list[str]) -> None:
    for task_id in tasks:
        house.claim(task_id, "rm-1")
        house.complete(task_id, "rm-1")
    first = page(house, "rm-1", show="done", limit=3)
    second = page(house, "rm-1", show="done", limit=3, cursor=first.next)
    assert [each.id for each in (*first.items, *second.items)] == tasks[::-1]
    assert second.next is None


def test_a_cursor_is_checked(house: House, tasks: list[str]) -> None:
    for task_id in tasks:
        house.claim(task_id, "rm-1")
    ours = page(house, "rm-1", show="mine", limit=2).next
    assert ours is not None
    for wrong in ("x", "", "é", ours[:-4], "W10", "bnVsbA"):
        with pytest.raises(InvalidInput, match="cursor"):
            page(house, "rm-1", show="mine", cursor=wrong)
    with pytest.raises(InvalidInput, match="cursor"):
        page(house, "rm-1", show="done", cursor=ours)
    for limit in (0, 201):
        with pytest.raises(InvalidInput, match="1 to 200"):
            page(house, "rm-1", limit=limit)
    with pytest.raises(InvalidInput, match="no list"):
        page(house, "rm-1", show="everything")


def test_filters(house: House, tasks: list[str]) -> None:
    house.deploy(pair_bpmn=two_tasks())
    other = house.start("pair")
    make = house.task(other.id, "make").id
    house.claim(make, "rm-2")
    due = house.task(house.start("small").id, "ask").due
    assert due is not None
    assert shown(house, "rm-1", definition_key="pair") == [make]
    assert shown(house, "rm-1", element="make") == [make]
    assert shown(house, "rm-1", assignee="rm-2") == [make]
    assert shown(house, "rm-1", business_key=other.business_key) == [make]
    assert shown(house, "rm-1", role="PLM") == []
    assert len(shown(house, "rm-1", role="RM", due_before=due + timedelta(days=1))) == 6
    assert shown(house, "rm-1", due_before=due - timedelta(days=1)) == []
    assert shown(house, "rm-1", due_after=due + timedelta(days=1)) == [make]
    assert shown(house, "rm-1", business_key="%", element="_") == []


def test_a_list_is_one_statement(house: House, tasks: list[str], statements) -> None:
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        for show in ("mine", "groups", "done", "all"):
            statements.clear()
            inbox(work, InboxFilter(show=show))
            assert len(statements) == 1, f"\n{statements}"


def test_views_are_frozen(house: House, tasks: list[str]) -> None:
    (first, *_) = page(house, "rm-1").items
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.assignee = "me"  # type: ignore[misc]  # that is the point
