"""Taking a task: one holder, candidates only, and nobody whose earlier work excludes it."""

from __future__ import annotations

import pytest

from engine.commands.cancel_instance import cancel_instance
from engine.commands.claim_task import claim_task
from engine.commands.release_task import release_task
from engine.errors import (
    ExcludedPerformer,
    Forbidden,
    NotFound,
    StaleRevision,
    TaskAlreadyClaimed,
    TaskAlreadyCompleted,
    TaskCancelled,
)
from engine.ids import new_id
from tests.factories import House, flow, in_a_row, lanes, one_task, process, task, two_tasks


def test_a_candidate_takes_the_task(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.task(case.id, "ask")
    taken = house.claim(ask.id, "rm-2")
    assert (taken.assignee, taken.revision, taken.changed_by) == ("rm-2", 2, "rm-2")
    assert house.task(case.id, "ask").assignee == "rm-2"
    assert house.actions(case.id) == ["instance:started", "task:claimed"]
    assert house.case(case.id).revision == 2


def test_taking_ones_own_task_again_changes_nothing(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.task(case.id, "ask")
    assert house.claim(ask.id, "rm-1") == house.claim(ask.id, "rm-1")
    assert house.actions(case.id) == ["instance:started", "task:claimed"]


def test_the_second_to_claim_hears_who_was_first_and_when(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    first = house.claim(ask.id, "rm-1")
    with pytest.raises(TaskAlreadyClaimed, match="rm-1") as refused:
        house.claim(ask.id, "rm-2")
    assert refused.value.details["who"] == "rm-1"
    assert first.claimed_at is not None
    assert refused.value.details["when"] == first.claimed_at.isoformat()


def test_what_one_may_not_see_does_not_exist(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    for task_id, name in ((ask.id, "outsider"), (ask.id, "reviewer-1"), (new_id(), "rm-1"), ("no-id", "rm-1")):
        with pytest.raises(NotFound, match="no such task"):
            house.claim(task_id, name)


def test_who_sees_the_case_but_is_no_candidate_is_forbidden(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    case = house.start("pair")
    house.do(case.id, "make", "rm-1")
    check = house.task(case.id, "check")
    for name in ("rm-1", "admin-1", "audit-1"):
        with pytest.raises(Forbidden):
            house.claim(check.id, name)


def test_a_named_candidate_may_take_it(house: House) -> None:
    attributes = 'camunda:candidateUsers="legal-1, sec-1" camunda:candidateGroups="RISK"'
    house.deploy(small_bpmn=one_task(attributes=attributes))
    ask = house.task(house.start("small").id, "ask")
    for name in ("sec-1", "risk-1"):
        house.claim(ask.id, name)
        with house.sancha.work(house.who(name)) as work:
            release_task(work, ask.id)
    with pytest.raises(NotFound):
        house.claim(ask.id, "plm-1")


def test_a_performer_of_an_excluding_task_may_not_take_it(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks(excludes="make", second="RM"))
    case = house.start("pair")
    house.do(case.id, "make", "rm-1")
    check = house.task(case.id, "check")
    with pytest.raises(ExcludedPerformer, match="rm-1 performed 'make'") as refused:
        house.claim(check.id, "rm-1")
    assert refused.value.details["performed"] == "make"
    assert house.claim(check.id, "rm-2").assignee == "rm-2"


def test_the_exclusion_holds_for_whom_a_substitute_acts(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks(excludes="make", second="RM"))
    case = house.start("pair")
    house.do(case.id, "make", "rm-1")
    check = house.task(case.id, "check")
    with house.sancha.work(house.who("rm-2")) as work:
        work.on_behalf_of = "rm-1"
        with pytest.raises(ExcludedPerformer):
            claim_task(work, check.id)


def test_exclusions_hold_in_both_directions(house: House) -> None:
    """`first` excludes nobody, but `second` excludes its performers; whoever did `second` may not do `first` either."""
    body = (
        lanes(RM="s split first second join e")
        + '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + task("first")
        + task("second", excludes="first")
        + flow("s", "split")
        + flow("split", "first")
        + flow("split", "second")
        + flow("first", "join")
        + flow("second", "join")
        + flow("join", "e")
    )
    house.deploy(both_bpmn=process("both", body))
    case = house.start("both")
    house.do(case.id, "second", "rm-1")
    with pytest.raises(ExcludedPerformer):
        house.claim(house.task(case.id, "first").id, "rm-1")
    house.do(case.id, "first", "rm-2")


def test_exclusions_reach_into_called_processes(house: House) -> None:
    child = process("child", lanes(RM="s check e") + in_a_row(task("check", excludes="make"), ids="check"))
    body = in_a_row(task("make"), '<callActivity id="call" calledElement="child"/>', ids="make call")
    house.deploy(child_bpmn=child, parent_bpmn=process("parent", lanes(RM="s make call e") + body))
    case = house.start("parent")
    house.do(case.id, "make", "rm-1")
    check = house.task(case.id, "check")
    assert check.instance_id != case.id
    with pytest.raises(ExcludedPerformer):
        house.claim(check.id, "rm-1")
    assert house.do(case.id, "check", "rm-2").instance_status == "completed"


def test_a_stale_revision_is_refused_with_who_and_when(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    house.claim(ask.id, "rm-1")
    with house.sancha.work(house.who("rm-2")) as work, pytest.raises(StaleRevision) as refused:
        claim_task(work, ask.id, revision=ask.revision)
    assert refused.value.details["who"] == "rm-1"


def test_a_finished_or_cancelled_task_cannot_be_claimed(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    done = house.start("small")
    ask = house.task(done.id, "ask")
    house.do(done.id, "ask", "rm-1")
    with pytest.raises(TaskAlreadyCompleted, match="rm-1"):
        house.claim(ask.id, "rm-2")
    ended = house.start("small")
    ask = house.task(ended.id, "ask")
    with house.sancha.work(house.who("admin-1")) as work:
        cancel_instance(work, ended.id, "withdrawn")
    with pytest.raises(TaskCancelled) as refused:
        house.claim(ask.id, "rm-1")
    assert refused.value.details["who"] == "admin-1"
