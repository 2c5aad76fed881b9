"""A deployment may choose SpiffWorkflow's runtime; everything around it is the same."""

from __future__ import annotations

import pytest

from engine.errors import DeploymentRefused, TaskAlreadyCompleted
from engine.model.instance import ScopeState
from tests.factories import House, in_a_row, one_task, process, two_tasks


def test_a_case_runs_on_the_chosen_kernel(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks(), kernel="spiffworkflow")
    case = house.start("pair", variables={"amount": 5})
    make = house.task(case.id, "make")
    done = house.do(case.id, "make", "rm-1", more=True)
    assert done.instance_status == "active"
    with pytest.raises(TaskAlreadyCompleted):
        house.complete(make.id, "rm-1")
    assert house.variables(case.id) == {"amount": 5, "more": True}
    assert house.do(case.id, "check", "reviewer-1").instance_status == "completed"
    assert house.case(case.id).end_event == "e"
    assert house.count(ScopeState) == 0


def test_the_same_file_on_another_kernel_is_another_version(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    other = house.deploy(small_bpmn=one_task(), kernel="spiffworkflow")
    assert [(each.version, each.new) for each in other.definitions] == [(2, True)]


def test_what_that_kernel_gets_wrong_is_refused(house: House) -> None:
    call = in_a_row('<callActivity id="call" calledElement="child"/>', ids="call")
    with pytest.raises(DeploymentRefused) as refused:
        house.deploy(parent_bpmn=process("parent", call), kernel="spiffworkflow")
    assert "call" in {finding["element"] for finding in refused.value.findings}
