"""Halting a case, letting it go on, and ending it from outside."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.cancel_instance import cancel_instance
from engine.commands.resume_instance import resume_instance
from engine.commands.suspend_instance import suspend_instance
from engine.errors import Conflict, Forbidden, InstanceEnded, InstanceSuspended, NotFound, StaleRevision
from engine.ids import new_id
from engine.model.incident import Incident
from engine.model.instance import ScopeState, Step
from engine.model.subscription import Subscription
from engine.model.task import UserTask
from tests.factories import House, flow, in_a_row, lanes, process, task


@pytest.fixture
def busy(house: House) -> tuple[House, str]:
    """A case that waits in every way: a task with a timer, a message, a service, a failed step, a called instance."""
    ways = ("work", "mail", "svc", "bad", "call")
    body = (
        lanes(RM="s split work late told mail svc bad call join e")
        + '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + task("work")
        + '<boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><timerEventDefinition>'
        + '<timeDuration>PT4H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="told"/>'
        + '<receiveTask id="mail" messageRef="m"/>'
        + '<serviceTask id="svc" camunda:type="external" camunda:topic="rating"/>'
        + '<scriptTask id="bad" scriptFormat="feel" camunda:resultVariable="x">'
        + "<script>nowhere + 1</script></scriptTask>"
        + '<callActivity id="call" calledElement="child"/>'
        + flow("s", "split")
        + "".join(flow("split", way) + flow(way, "join") for way in ways)
        + flow("join", "e")
        + flow("late", "told")
    )
    child = process("child", lanes(RM="s inner e") + in_a_row(task("inner"), ids="inner"))
    parent = process("busy", body, root='<message id="m" name="Answer"/>')
    house.deploy(child_bpmn=child, busy_bpmn=parent)
    return house, house.start("busy").id


def rows(house: House, table: type, *columns: str) -> list[tuple[object, ...]]:
    with house.sancha.work(SYSTEM, write=False) as work:
        found = work.session.execute(select(*(getattr(table, column) for column in columns)))
        return sorted(tuple(row) for row in found)


def test_a_case_waits_in_rows(busy: tuple[House, str]) -> None:
    house, case_id = busy
    assert sorted(each.element for each in house.tasks(case_id)) == ["inner", "work"]
    assert sorted((job.kind, job.element) for job in house.jobs(case_id)) == [("service", "svc"), ("timer", "late")]
    key = house.case(case_id).business_key
    assert rows(house, Subscription, "name", "key", "element") == [("Answer", key, "mail")]
    assert rows(house, Incident, "kind", "element", "status") == [("step", "bad", "open")]
    assert [each.status for each in house.instances(case_id)] == ["active", "active"]


def test_suspending_flags_everything_and_resuming_clears_it(busy: tuple[House, str]) -> None:
    house, case_id = busy
    with house.sancha.work(house.who("admin-1")) as work:
        halted = suspend_instance(work, case_id, "inquiry")
    assert (halted.status, halted.revision) == ("suspended", 2)
    assert {each.suspended for each in house.tasks(case_id)} == {True}
    assert {job.suspended for job in house.jobs(case_id)} == {True}
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(InstanceSuspended):
        suspend_instance(work, case_id, "again")
    with pytest.raises(InstanceSuspended, match="suspended"):
        house.claim(house.task(case_id, "work").id, "rm-1")
    with house.sancha.work(house.who("admin-1")) as work:
        assert resume_instance(work, case_id).status == "active"
    assert {each.suspended for each in house.tasks(case_id)} == {False}
    assert {job.suspended for job in house.jobs(case_id)} == {False}
    assert house.actions(case_id) == ["instance:started", "instance:suspended", "instance:resumed"]
    house.do(case_id, "work", "rm-1")


def test_suspending_a_called_instance_suspends_its_case(busy: tuple[House, str]) -> None:
    house, case_id = busy
    child = house.instances(case_id)[1]
    with house.sancha.work(house.who("admin-1")) as work:
        assert suspend_instance(work, child.id, "inquiry").id == case_id
    assert house.case(case_id).status == "suspended"


def test_cancelling_closes_everything(busy: tuple[House, str]) -> None:
    house, case_id = busy
    with house.sancha.work(house.who("admin-1")) as work:
        suspend_instance(work, case_id, "first halted")
    with house.sancha.work(house.who("admin-1")) as work:
        ended = cancel_instance(work, case_id, "withdrawn by the client")
    assert (ended.status, ended.changed_by) == ("cancelled", "admin-1")
    assert ended.ended_at is not None
    assert [each.status for each in house.instances(case_id)] == ["cancelled", "cancelled"]
    assert {job.status for job in house.jobs(case_id)} == {"cancelled"}
    assert rows(house, UserTask, "element", "status") == [("inner", "cancelled"), ("work", "cancelled")]
    assert rows(house, Incident, "element", "status", "resolved_by") == [("bad", "resolved", "admin-1")]
    assert house.count(Subscription) == house.count(ScopeState) == 0
    with house.sancha.work(SYSTEM, write=False) as work:
        assert work.session.scalars(select(Step.element).where(Step.left_at.is_(None))).all() == []
    assert house.actions(case_id)[-1] == "instance:cancelled"


def test_an_ended_case_stays_ended(busy: tuple[House, str]) -> None:
    house, case_id = busy
    with house.sancha.work(house.who("admin-1")) as work:
        ended = cancel_instance(work, case_id, "withdrawn")
    for command in (cancel_instance, suspend_instance):
        with house.sancha.work(house.who("admin-1")) as work, pytest.raises(InstanceEnded) as refused:
            command(work, case_id, "again")
        assert refused.value.details["who"] == "admin-1"
        assert ended.ended_at is not None
        assert refused.value.details["when"] == ended.ended_at.isoformat()
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(InstanceEnded):
        resume_instance(work, case_id)


def test_only_administrators_may(busy: tuple[House, str]) -> None:
    house, case_id = busy
    for name in ("rm-1", "head-1", "audit-1", "outsider"):
        with house.sancha.work(house.who(name)) as work:
            for command in (suspend_instance, cancel_instance):
                with pytest.raises(Forbidden):
                    command(work, case_id, "because")
            with pytest.raises(Forbidden):
                resume_instance(work, case_id)


def test_what_is_wrong_is_named(busy: tuple[House, str]) -> None:
    house, case_id = busy
    with house.sancha.work(house.who("admin-1")) as work:
        for unknown in (new_id(), "no-id"):
            with pytest.raises(NotFound):
                suspend_instance(work, unknown, "x")
        with pytest.raises(StaleRevision) as refused:
            suspend_instance(work, case_id, "x", revision=99)
        assert refused.value.details["who"] == "rm-1"
        with pytest.raises(Conflict, match="not suspended"):
            resume_instance(work, case_id)
