"""What one may see of a case: instances, variables, steps, jobs, the audit trail."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput, NotFound
from engine.ids import new_id
from engine.queries.audit_events import AuditFilter, audit_events
from engine.queries.history import StepFilter, steps
from engine.queries.instances import (
    InstanceFilter,
    active_elements,
    children,
    instance,
    instance_variables,
    instances,
)
from engine.queries.jobs import JobFilter, job, jobs
from engine.queries.task import form_of, task
from tests.factories import House, form, in_a_row, lanes, process, two_tasks
from tests.factories import task as user_task


@pytest.fixture
def pair(house: House) -> tuple[House, str]:
    """A case of which rm-1 started and did the first task; the second waits for a reviewer."""
    house.deploy(pair_bpmn=two_tasks())
    case = house.start("pair", variables={"amount": 5})
    house.do(case.id, "make", "rm-1")
    return house, case.id


SEE = ("rm-1", "reviewer-1", "reviewer-2", "admin-1", "audit-1")
DO_NOT = ("plm-1", "outsider", "publisher-1", "sec-1")


def test_a_case_is_there_for_those_concerned(pair: tuple[House, str]) -> None:
    house, case_id = pair
    for name in SEE:
        with house.sancha.work(house.who(name), write=False) as work:
            assert instance(work, case_id).id == case_id
            assert [each.id for each in instances(work).items] == [case_id]
            assert instance_variables(work, case_id) == {"amount": 5}
            assert [each.element for each in active_elements(work, case_id)] == ["check"]
            assert [each.element for each in steps(work, StepFilter(case_id)).items] == ["s", "make", "check"]
            found = audit_events(work, AuditFilter(stream=case_id)).items
            assert [each.action for each in found] == ["instance:started", "task:claimed", "task:completed"]


def test_and_for_nobody_else(pair: tuple[House, str]) -> None:
    house, case_id = pair
    task_id = house.task(case_id, "check").id
    for name in DO_NOT:
        with house.sancha.work(house.who(name), write=False) as work:
            assert instances(work).items == instances(work, InstanceFilter(root_id=case_id)).items == ()
            assert audit_events(work).items == ()
            for ask in (
                lambda: instance(work, case_id),
                lambda: children(work, case_id),
                lambda: instance_variables(work, case_id),
                lambda: active_elements(work, case_id),
                lambda: steps(work, StepFilter(case_id)),
                lambda: audit_events(work, AuditFilter(stream=case_id)),
                lambda: audit_events(work, AuditFilter(stream="administration")),
                lambda: task(work, task_id),
                lambda: form_of(work, task_id),
            ):
                with pytest.raises(NotFound):
                    ask()


def test_unknown_ids_are_not_found(pair: tuple[House, str]) -> None:
    house, _ = pair
    with house.sancha.work(house.who("admin-1"), write=False) as work:
        for unknown in (new_id(), "no-id", "x" * 300):
            for ask in (instance, children, active_elements, task, job):
                with pytest.raises(NotFound):
                    ask(work, unknown)
            with pytest.raises(NotFound):
                steps(work, StepFilter(unknown))
        assert instances(work, InstanceFilter(root_id="no-id")).items == ()


def test_payloads_are_for_audit_only(pair: tuple[House, str]) -> None:
    house, case_id = pair
    for name in ("rm-1", "admin-1"):
        with house.sancha.work(house.who(name), write=False) as work:
            assert {each.payload for each in audit_events(work, AuditFilter(stream=case_id)).items} == {None}
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        started, claimed, completed = audit_events(work, AuditFilter(stream=case_id)).items
        assert claimed.payload["after"] == {"assignee": "rm-1"}
        opened = [each for each in completed.payload["effects"] if each["type"] == "TaskOpened"]
        assert [each["element"] for each in opened] == ["check"]
        assert started.definitions == ("pair:1",)
        everything = audit_events(work).items
        assert {each.stream for each in everything} == {case_id, "administration"}
        assert len(everything) == 4


def test_the_trail_is_filtered_and_paged(pair: tuple[House, str]) -> None:
    house, case_id = pair
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        assert [each.seq for each in audit_events(work, AuditFilter(action="task:claimed")).items] == [2]
        assert {each.actor for each in audit_events(work, AuditFilter(actor="publisher-1")).items} == {"publisher-1"}
        first = audit_events(work, AuditFilter(stream=case_id), limit=2)
        second = audit_events(work, AuditFilter(stream=case_id), limit=2, cursor=first.next)
        assert [each.seq for each in (*first.items, *second.items)] == [1, 2, 3]
        assert second.next is None
        with pytest.raises(InvalidInput):
            audit_events(work, cursor=first.next)
        at = first.items[1].at
        assert [each.seq for each in audit_events(work, AuditFilter(stream=case_id, since=at)).items] == [2, 3]
        assert [each.seq for each in audit_events(work, AuditFilter(stream=case_id, until=at)).items] == [1]


def test_cases_come_newest_first_page_by_page(pair: tuple[House, str]) -> None:
    house, case_id = pair
    more = [house.start("pair").id for _ in range(4)]
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        first = instances(work, limit=3)
        second = instances(work, limit=3, cursor=first.next)
        assert [each.id for each in (*first.items, *second.items)] == [*more[::-1], case_id]
        assert second.next is None
        wanted = InstanceFilter(business_key=first.items[0].business_key)
        assert [each.id for each in instances(work, wanted).items] == [more[-1]]
        assert instances(work, InstanceFilter(definition_key="other")).items == ()
        assert len(instances(work, InstanceFilter(status="active")).items) == 5


def test_called_instances_hang_below_their_case(house: House) -> None:
    child = process("child", lanes(RM="s inner e") + in_a_row(user_task("inner"), ids="inner"))
    body = in_a_row('<callActivity id="call" calledElement="child"/>', ids="call")
    house.deploy(child_bpmn=child, parent_bpmn=process("parent", lanes(RM="s call e") + body))
    case = house.start("parent")
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        (called,) = children(work, case.id)
        assert (called.parent_id, called.called_from, called.definition_key) == (case.id, "call", "child")
        assert called.revision == case.revision
        assert [each.id for each in instances(work).items] == [case.id]
        assert {each.id for each in instances(work, InstanceFilter(root_id=case.id)).items} == {case.id, called.id}
        assert [each.element for each in active_elements(work, case.id)] == ["call", "inner"]
        assert [each.element for each in active_elements(work, called.id)] == ["inner"]
        found = steps(work, StepFilter(case.id, instance_id=called.id)).items
        assert [each.element for each in found] == ["s", "inner"]


def test_the_data_of_an_ended_case_is_no_longer_a_state(pair: tuple[House, str]) -> None:
    house, case_id = pair
    house.do(case_id, "check", "reviewer-1")
    assert house.variables(case_id) == {}


def test_the_form_of_a_task_is_the_file(house: House) -> None:
    ask = user_task("ask", attributes='camunda:formKey="ask-form"')
    house.deploy(x_bpmn=process("x", lanes(RM="s ask e") + in_a_row(ask, ids="ask")), ask_form=form("ask-form", "a"))
    task_id = house.task(house.start("x").id, "ask").id
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        found = form_of(work, task_id)
    assert (found["id"], [field["key"] for field in found["components"]]) == ("ask-form", ["a"])


def test_jobs_are_shown_to_those_who_see_the_case(house: House) -> None:
    service = '<serviceTask id="svc" camunda:type="external" camunda:topic="rating"/>'
    house.deploy(x_bpmn=process("x", lanes(RM="s svc e") + in_a_row(service, ids="svc")))
    case = house.start("x", variables={"amount": 5})
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        (found,) = jobs(work, JobFilter(root_id=case.id)).items
        assert (found.kind, found.topic, found.element, found.status) == ("service", "rating", "svc", "ready")
        assert job(work, found.id) == found
        assert jobs(work, JobFilter(kind="timer")).items == jobs(work, JobFilter(status="done")).items == ()
    with house.sancha.work(house.who("outsider"), write=False) as work:
        assert jobs(work).items == ()
        with pytest.raises(NotFound):
            job(work, found.id)
