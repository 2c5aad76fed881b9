"""The client's name on cases and tasks, whatever the process computes it from."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.set_variables import set_variables
from engine.model.task import UserTask
from tests.engine.inbox_rows import shown
from tests.factories import House, flow, in_a_row, lanes, one_task, process, task, two_tasks
from tests.kernel.bpmn import props


def names(house: House, case_id: str) -> tuple[str | None, set[str | None]]:
    """The name on the case, and those on its open tasks."""
    return house.case(case_id).client_name, {each.client_name for each in house.tasks(case_id)}


def test_the_name_given_at_the_start_is_on_case_and_tasks(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    case = house.start("pair", variables={"clientName": "蒙东风电"})
    assert case.client_name == "蒙东风电"
    assert names(house, case.id) == ("蒙东风电", {"蒙东风电"})
    house.do(case.id, "make", "rm-1")
    assert names(house, case.id) == ("蒙东风电", {"蒙东风电"})
    assert shown(house, "reviewer-1", show="groups", text="东风") == [house.task(case.id, "check").id]


def test_the_process_names_the_variable(house: House) -> None:
    body = lanes(RM="s ask e") + in_a_row(task("ask"), ids="ask")
    house.deploy(small_bpmn=process("small", body, properties=props(clientName="borrower")))
    case = house.start("small", variables={"clientName": "甲", "borrower": "乙"})
    assert names(house, case.id) == ("乙", {"乙"})


def test_without_the_variable_there_is_no_name(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    assert names(house, house.start("small").id) == (None, {None})


@pytest.mark.parametrize("name", ["", "a\x07b", "a\nb", "x" * 256, 7, None, ["甲"]])
def test_what_is_no_name_is_ignored(house: House, name: object) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small", variables={"clientName": name})
    assert names(house, case.id) == (None, {None})


def test_a_name_that_comes_later_reaches_open_tasks_and_later_ones(house: House) -> None:
    parallel = (
        lanes(RM="s fork make other check join e")
        + '<startEvent id="s"/><parallelGateway id="fork"/>'
        + task("make", name="制作")
        + task("other", name="其他", **{"name.en": "Other Thing"})
        + task("check")
        + '<parallelGateway id="join"/><endEvent id="e"/>'
        + flow("s", "fork")
        + flow("fork", "make")
        + flow("fork", "other")
        + flow("make", "check")
        + flow("check", "join")
        + flow("other", "join")
        + flow("join", "e")
    )
    house.deploy(small_bpmn=process("small", parallel))
    case = house.start("small")
    assert names(house, case.id) == (None, {None})
    for name in ("蒙东风电", "Nord Ost", "x" * 255, "甲"):
        with house.sancha.work(house.who("admin-1")) as work:
            set_variables(work, case.id, {"clientName": name})
        assert names(house, case.id) == (name, {name})
        other = house.task(case.id, "other").id
        assert shown(house, "rm-1", show="groups", text=name[:100]) == [house.task(case.id, "make").id, other]
        assert shown(house, "rm-1", show="groups", text="other thing") == [other]
        assert shown(house, "rm-1", show="groups", text=f"{name[:50]}其他") == []
    house.do(case.id, "make", "rm-1", clientName="乙")
    assert names(house, case.id) == ("乙", {"乙"})
    assert shown(house, "rm-1", show="groups", text="甲") == []
    with house.sancha.work(house.who("admin-1"), write=False) as work:
        texts = {row.element: row.search for row in work.session.query(UserTask).filter_by(root_id=case.id)}
    key = case.business_key.lower()
    assert texts["other"] == f"乙\x1f{key}\x1f其他\x1fother thing"
    assert texts["check"] == f"乙\x1f{key}\x1fcheck\x1f"


def test_a_name_that_stays_costs_no_statement(house: House, statements: Any) -> None:
    house.deploy(pair_bpmn=two_tasks())

    def sent(**given: str) -> int:
        case = house.start("pair", variables={"clientName": "甲"})
        task_id = house.task(case.id, "make").id
        house.claim(task_id, "rm-1")
        statements.clear()
        house.complete(task_id, "rm-1", given)
        return len(statements)

    usual = sent(remark="甲")
    assert sent(clientName="甲") == usual
    assert sent(clientName="乙") == usual + 1


def test_called_instances_show_the_name_of_their_case(house: House) -> None:
    child = process("child", lanes(RM="s inner e") + in_a_row(task("inner"), ids="inner"))
    parent = process("parent", in_a_row('<callActivity id="call" calledElement="child"/>', ids="call"))
    house.deploy(parent_bpmn=parent, child_bpmn=child)
    case = house.start("parent", variables={"clientName": "甲"})
    inner = house.task(case.id, "inner")
    assert inner.client_name == "甲"
    assert inner.instance_id != case.id
    assert house.case(inner.instance_id).client_name == "甲"
