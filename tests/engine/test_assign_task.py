"""Handing a task to a person: by whom, to whom, and never past an exclusion."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from engine.commands.assign_task import assign_task
from engine.errors import ExcludedPerformer, Forbidden, InvalidInput, NotFound
from engine.model.identity import User
from engine.queries.task import TaskView
from tests.factories import House, one_task, two_tasks


def assign(house: House, task_id: str, to: str, by: str = "supervisor-1") -> TaskView:
    with house.sancha.work(house.who(by)) as work:
        return assign_task(work, task_id, to)


@pytest.mark.parametrize("by", ["supervisor-1", "head-1", "admin-1"])
def test_a_supervisor_hands_it_out(house: House, by: str) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    given = assign(house, house.task(case.id, "ask").id, "rm-2", by)
    assert (given.assignee, given.revision, given.changed_by) == ("rm-2", 2, by)
    assert house.actions(case.id)[-1] == "task:assigned"
    assert house.complete(given.id, "rm-2").instance_status == "completed"


def test_the_holder_hands_it_over(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    with pytest.raises(Forbidden):
        assign(house, ask.id, "rm-2", "rm-1")
    house.claim(ask.id, "rm-1")
    assert assign(house, ask.id, "rm-2", "rm-1").assignee == "rm-2"


def test_only_candidates_get_it(house: House) -> None:
    house.deploy(small_bpmn=one_task(attributes='camunda:candidateUsers="legal-1" camunda:candidateGroups="RISK"'))
    ask = house.task(house.start("small").id, "ask")
    for name in ("reviewer-1", "outsider", "nobody", "admin-1", "a\x00b"):
        with pytest.raises(InvalidInput):
            assign(house, ask.id, name)
    for name in ("legal-1", "risk-1", "rm-2"):
        assert assign(house, ask.id, name).assignee == name


def test_a_disabled_user_gets_nothing(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    with house.sancha.store.transaction() as session:
        session.execute(update(User).where(User.name == "rm-2").values(disabled=True))
    with pytest.raises(InvalidInput, match="no active user"):
        assign(house, ask.id, "rm-2")


def test_an_excluded_performer_gets_nothing_not_even_from_an_administrator(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks(excludes="make", second="RM"))
    case = house.start("pair")
    house.do(case.id, "make", "rm-1")
    check = house.task(case.id, "check")
    with pytest.raises(ExcludedPerformer):
        assign(house, check.id, "rm-1", "admin-1")
    assert assign(house, check.id, "rm-2", "admin-1").assignee == "rm-2"


def test_what_one_may_not_see_does_not_exist(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    with pytest.raises(NotFound):
        assign(house, ask.id, "rm-2", "outsider")
