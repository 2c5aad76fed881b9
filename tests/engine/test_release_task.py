"""Giving a task back."""

from __future__ import annotations

import pytest

from engine.commands.release_task import release_task
from engine.errors import Forbidden, NotFound, TaskNotClaimed
from tests.factories import House, one_task


@pytest.fixture
def claimed(house: House) -> tuple[House, str, str]:
    """A case with its task held by rm-1: the house, the case, the task."""
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    return house, case.id, house.claim(house.task(case.id, "ask").id, "rm-1").id


@pytest.mark.parametrize("name", ["rm-1", "supervisor-1", "head-1", "admin-1"])
def test_the_holder_or_a_supervisor_gives_it_back(claimed: tuple[House, str, str], name: str) -> None:
    house, case_id, task_id = claimed
    with house.sancha.work(house.who(name)) as work:
        given = release_task(work, task_id)
    assert (given.assignee, given.claimed_at, given.revision) == (None, None, 3)
    assert house.actions(case_id)[-1] == "task:released"
    assert house.claim(task_id, "rm-2").assignee == "rm-2"


def test_others_may_not(claimed: tuple[House, str, str]) -> None:
    house, _, task_id = claimed
    for name, error in (("rm-2", Forbidden), ("audit-1", Forbidden), ("outsider", NotFound)):
        with house.sancha.work(house.who(name)) as work, pytest.raises(error):
            release_task(work, task_id)


def test_a_task_nobody_holds_cannot_be_given_back(claimed: tuple[House, str, str]) -> None:
    house, _, task_id = claimed
    with house.sancha.work(house.who("rm-1")) as work:
        release_task(work, task_id)
    with house.sancha.work(house.who("rm-1")) as work, pytest.raises(TaskNotClaimed):
        release_task(work, task_id)
