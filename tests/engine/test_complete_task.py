"""Completing a task: once, by its holder, checked by its form, in few statements and one commit."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.complete_task import complete_task
from engine.commands.suspend_instance import suspend_instance
from engine.errors import (
    ExcludedPerformer,
    Forbidden,
    FormRefused,
    InstanceSuspended,
    InvalidInput,
    NotFound,
    StaleRevision,
    TaskAlreadyClaimed,
    TaskAlreadyCompleted,
    TaskNotClaimed,
)
from engine.model.audit import AuditEvent
from engine.model.instance import ProcessInstance, ScopeState, Step
from engine.model.job import Job
from engine.model.task import UserTask
from tests.factories import House, flow, form, in_a_row, lanes, one_task, process, task, two_tasks

USUAL_STATEMENTS = 11
"""Clock, lock, exclusions with state, the task, the next one, steps, a timer, state, audit event and payload, case."""
MOST_STATEMENTS = USUAL_STATEMENTS + 1
"""Ending a called process also removes its state."""


def test_the_case_moves_on(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    case = house.start("pair")
    make = house.task(case.id, "make")
    done = house.do(case.id, "make", "rm-1", amount=Decimal("12.50"))
    assert (done.id, done.status, done.completed_by, done.revision) == (make.id, "completed", "rm-1", 3)
    assert (done.instance_status, done.instance_revision) == ("active", 3)
    check = house.task(case.id, "check")
    assert (check.role, check.unit) == ("REVIEWER", "BR-1")
    assert house.variables(case.id) == {"amount": Decimal("12.50")}
    assert house.do(case.id, "check", "reviewer-1").instance_status == "completed"
    ended = house.case(case.id)
    assert (ended.status, ended.end_event, ended.revision) == ("completed", "e", 5)
    assert ended.ended_at is not None


def test_an_ended_case_leaves_its_history_and_no_state(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    case = house.start("pair")
    house.do(case.id, "make", "rm-1")
    house.do(case.id, "check", "reviewer-1")
    with house.sancha.work(SYSTEM, write=False) as work:
        steps = work.session.execute(select(Step.element, Step.kind, Step.outcome, Step.actor).order_by(Step.number))
        assert [tuple(row) for row in steps] == [
            ("s", "startEvent", "completed", None),
            ("make", "userTask", "completed", "rm-1"),
            ("check", "userTask", "completed", "reviewer-1"),
            ("e", "endEvent", "completed", None),
        ]
        assert work.session.scalars(select(Step.left_at).where(Step.left_at.is_(None))).all() == []
    assert house.count(ScopeState) == 0
    assert house.actions(case.id) == [
        "instance:started",
        "task:claimed",
        "task:completed",
        "task:claimed",
        "task:completed",
    ]


def test_a_completed_task_is_refused_also_for_who_completed_it(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    case = house.start("pair")
    make = house.task(case.id, "make")
    done = house.do(case.id, "make", "rm-1")
    before = (house.actions(case.id), house.case(case.id))
    for name in ("rm-1", "rm-2"):
        with pytest.raises(TaskAlreadyCompleted, match="completed by rm-1") as refused:
            house.complete(make.id, name)
        assert refused.value.details["who"] == "rm-1"
        assert refused.value.details["when"] == done.completed_at.isoformat()
    assert (house.actions(case.id), house.case(case.id)) == before


def test_a_task_must_be_held_to_be_completed(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    with pytest.raises(TaskNotClaimed):
        house.complete(ask.id, "rm-1")
    house.claim(ask.id, "rm-1")
    with pytest.raises(TaskAlreadyClaimed):
        house.complete(ask.id, "rm-2")
    with pytest.raises(Forbidden):
        house.complete(ask.id, "admin-1")
    with pytest.raises(NotFound):
        house.complete(ask.id, "outsider")


def test_a_stale_revision_is_refused(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    taken = house.claim(ask.id, "rm-1")
    with pytest.raises(StaleRevision):
        house.complete(ask.id, "rm-1", revision=ask.revision)
    assert house.complete(ask.id, "rm-1", revision=taken.revision).instance_status == "completed"


def test_a_task_of_a_suspended_case_is_refused(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.task(case.id, "ask")
    house.claim(ask.id, "rm-1")
    with house.sancha.work(house.who("admin-1")) as work:
        suspend_instance(work, case.id, "under inquiry")
    with pytest.raises(InstanceSuspended) as refused:
        house.complete(ask.id, "rm-1")
    assert refused.value.details["who"] == "admin-1"


def test_the_form_cleans_and_refuses(house: House) -> None:
    seen = {}

    def check(
        body: bytes, data: dict[str, object], visible: dict[str, object], now: object, documents: object
    ) -> dict[str, object]:
        seen.update(body=body, visible=dict(visible))
        if "amount" not in data:
            raise FormRefused("The form is not complete.", {"amount": ["is missing"]})
        return {"amount": Decimal(str(data["amount"]))}

    house = dataclasses.replace(house, sancha=dataclasses.replace(house.sancha, check_form=check))
    file = form("ask-form", "amount")
    house.deploy(small_bpmn=one_task(attributes='camunda:formKey="ask-form"'), ask_form=file)
    case = house.start("small", variables={"limit": 5})
    ask = house.task(case.id, "ask")
    house.claim(ask.id, "rm-1")
    with pytest.raises(FormRefused):
        house.complete(ask.id, "rm-1", {"wrong": 1})
    assert house.task(case.id, "ask").status == "open"
    assert seen == {"body": file, "visible": {"limit": 5}}
    house.complete(ask.id, "rm-1", {"amount": "7.5"})


def test_a_form_mended_alone_counts_but_not_one_of_the_next_version(house: House) -> None:
    seen: list[bytes] = []

    def check(
        body: bytes, data: dict[str, object], visible: dict[str, object], now: object, documents: object
    ) -> dict[str, object]:
        seen.append(body)
        return data

    house = dataclasses.replace(house, sancha=dataclasses.replace(house.sancha, check_form=check))
    asked = 'camunda:formKey="ask-form"'
    first, mended, second = form("ask-form", "old"), form("ask-form", "mended"), form("ask-form", "new")
    house.deploy(small_bpmn=one_task(attributes=asked), ask_form=first)
    cases = [house.start("small") for _ in range(3)]
    house.do(cases[0].id, "ask", "rm-1")
    house.deploy(ask_form=mended)
    house.do(cases[1].id, "ask", "rm-1")
    house.deploy(small_bpmn=one_task(name="Ask again", attributes=asked), ask_form=second)
    house.do(cases[2].id, "ask", "rm-1")
    house.do(house.start("small").id, "ask", "rm-1")
    assert seen == [first, mended, mended, second]


def test_variables_that_nothing_can_hold_are_refused(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.task(case.id, "ask")
    house.claim(ask.id, "rm-1")
    with pytest.raises(InvalidInput, match="'rate'"):
        house.complete(ask.id, "rm-1", {"rate": 0.1})
    assert house.task(case.id, "ask").status == "open"


def test_an_excluded_performer_who_got_hold_of_the_task_cannot_complete_it(house: House) -> None:
    attributes = 'camunda:assignee="rm-1"'
    body = in_a_row(task("make"), task("check", attributes=attributes, excludes="make"), ids="make check")
    house.deploy(x_bpmn=process("x", lanes(RM="s make check e") + body))
    case = house.start("x")
    house.do(case.id, "make", "rm-1")
    with pytest.raises(ExcludedPerformer):
        house.complete(house.task(case.id, "check").id, "rm-1")


def test_on_behalf_of_is_recorded(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.claim(house.task(case.id, "ask").id, "rm-2")
    with house.sancha.work(house.who("rm-2")) as work:
        work.on_behalf_of = "rm-1"
        complete_task(work, ask.id, {})
    with house.sancha.work(SYSTEM, write=False) as work:
        row = work.session.get(UserTask, ask.id)
        assert row is not None
        assert (row.completed_by, row.on_behalf_of) == ("rm-2", "rm-1")
        event = work.session.get(AuditEvent, (case.id, 3))
        assert event is not None
        assert (event.actor, event.on_behalf_of) == ("rm-2", "rm-1")


def test_a_step_that_fails_becomes_an_incident_and_what_was_done_stays(house: House) -> None:
    body = (
        lanes(RM="s make which yes no")
        + '<startEvent id="s"/><exclusiveGateway id="which"/><endEvent id="yes"/><endEvent id="no"/>'
        + task("make")
        + flow("s", "make")
        + flow("make", "which")
        + flow("which", "yes", "amount > 5")
        + flow("which", "no", "amount &lt;= 5")
    )
    house.deploy(x_bpmn=process("x", body))
    case = house.start("x")
    done = house.do(case.id, "make", "rm-1")
    assert (done.status, done.instance_status) == ("completed", "active")
    assert house.tasks(case.id) == []


@pytest.fixture
def rich(house: House) -> House:
    """A process whose second task brings a due instant, a timer, exclusions and a form, inside a called process."""
    boundary = (
        '<boundaryEvent id="late" attachedToRef="check" cancelActivity="false"><timerEventDefinition>'
        '<timeDuration>PT4H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="reminded"/>'
    )
    tasks = (
        task("make", sla="PT8H"),
        task("check", attributes='camunda:formKey="ask-form"', excludes="make", sla="PT8H", escalation="standard"),
    )
    body = in_a_row(*tasks, ids="make check") + boundary + flow("late", "reminded")
    child = process("child", lanes(RM="s make e late reminded", REVIEWER="check") + body)
    call = '<callActivity id="call" calledElement="child"/>'
    parent = process("parent", lanes(RM="s call after e") + in_a_row(call, task("after"), ids="call after"))
    house.deploy(child_bpmn=child, parent_bpmn=parent, ask_form=form())
    return house


def test_completing_costs_few_statements_and_one_commit(rich: House, statements) -> None:
    earlier = rich.start("parent", variables={"clientId": "C-1", "amount": 5})
    rich.do(earlier.id, "make", "rm-1")
    rich.do(earlier.id, "check", "reviewer-1")  # now definitions, forms and keys are cached
    case = rich.start("parent", variables={"clientId": "C-1", "amount": 5})
    rich.do(case.id, "make", "rm-1")
    check = rich.task(case.id, "check")
    rich.claim(check.id, "reviewer-1")
    other = rich.start("parent", variables={"clientId": "C-1", "amount": 5})
    make = rich.claim(rich.task(other.id, "make").id, "rm-1")
    for task_id, name, most in ((make.id, "rm-1", USUAL_STATEMENTS), (check.id, "reviewer-1", MOST_STATEMENTS)):
        statements.clear()
        rich.complete(task_id, name, {"note": "fine"})
        assert statements.commits == 1
        assert len(statements) <= most, f"\n{statements}"
    assert [job.status for job in rich.jobs(case.id)] == ["cancelled"]
    assert [job.status for job in rich.jobs(other.id)] == ["ready"]
    assert [instance.status for instance in rich.instances(case.id)] == ["active", "completed"]


def test_a_refused_completion_changes_nothing(rich: House) -> None:
    case = rich.start("parent")
    make = rich.claim(rich.task(case.id, "make").id, "rm-1")

    def snapshot() -> list[object]:
        with rich.sancha.work(SYSTEM, write=False) as work:
            tables = (UserTask, Step, ScopeState, Job, AuditEvent, ProcessInstance)
            return [work.session.execute(select(*table.__table__.c)).all() for table in tables]

    before = snapshot()
    with pytest.raises(InvalidInput):
        rich.complete(make.id, "rm-1", {"x": object()})
    assert snapshot() == before


def test_steps_of_a_called_process_belong_to_its_own_instance(rich: House) -> None:
    case = rich.start("parent")
    rich.do(case.id, "make", "rm-1")
    root, child = rich.instances(case.id)
    assert (child.parent_id, child.called_from, child.definition_key, child.business_key) == (
        root.id,
        "call",
        "child",
        root.business_key,
    )
    with rich.sancha.work(SYSTEM, write=False) as work:
        owners = dict(work.session.execute(select(Step.element, Step.instance_id).where(Step.element != "s")).all())
    assert owners == {"call": root.id, "make": child.id, "check": child.id}
    rich.do(case.id, "check", "reviewer-1")
    root, child = rich.instances(case.id)
    assert (child.status, child.end_event, root.status) == ("completed", "e", "active")
