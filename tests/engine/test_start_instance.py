"""Starting a case: who may, where it belongs, how it is numbered, and what its first task looks like."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert

from engine.access import SYSTEM, Principal
from engine.errors import DuplicateName, Forbidden, FormRefused, InvalidInput, NotFound
from engine.model.identity import Membership
from engine.model.instance import ProcessInstance
from tests.factories import House, flow, form, in_a_row, lanes, one_task, process, task


def test_a_case_gets_the_next_number_of_the_year(house: House, clock) -> None:
    clock.start_at(datetime(2026, 6, 1, tzinfo=UTC))
    house.deploy(small_bpmn=one_task())
    assert [house.start("small").business_key for _ in range(2)] == ["PF-2026-0001", "PF-2026-0002"]


def test_the_year_of_a_case_number_is_the_one_in_shanghai(house: House, clock) -> None:
    house.deploy(small_bpmn=one_task())
    clock.start_at(datetime(2026, 12, 31, 15, 30, tzinfo=UTC))
    assert house.start("small").business_key == "PF-2026-0001"
    clock.start_at(datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
    assert house.start("small").business_key == "PF-2027-0001"


def test_a_refused_start_takes_no_number(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    with pytest.raises(InvalidInput):
        house.start("small", variables={"x": object()})
    assert house.start("small").business_key.endswith("-0001")


def test_the_first_task_is_offered_to_the_role_of_its_lane_in_the_unit_of_the_starter(house: House) -> None:
    house.deploy(small_bpmn=one_task(name="询问"))
    case = house.start("small")
    (ask,) = house.tasks(case.id)
    assert (ask.element, ask.name, ask.role, ask.unit, ask.assignee) == ("ask", "询问", "RM", "BR-1", None)
    assert (ask.root_id, ask.instance_id, ask.business_key) == (case.id, case.id, case.business_key)
    assert (case.unit, case.status, case.revision, case.started_by) == ("BR-1", "active", 1, "rm-1")
    assert house.actions(case.id) == ["instance:started"]


def test_the_due_instant_of_a_task_is_working_time_from_its_opening(house: House, clock) -> None:
    clock.start_at(datetime(2026, 9, 30, 7, 0, tzinfo=UTC))  # 15:00 in Shanghai, before the holidays of October
    house.deploy(small_bpmn=one_task(sla="PT16H", name_en="Ask the client"))
    ask = house.task(house.start("small").id, "ask")
    assert ask.due is not None
    assert 0 <= (ask.due - datetime(2026, 10, 9, 7, 0, tzinfo=UTC)).total_seconds() < 60
    assert (ask.sla, ask.name_en) == ("PT16H", "Ask the client")


def test_only_holders_of_the_start_role_may_start(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    for name in ("reviewer-1", "admin-1", "audit-1", "publisher-1"):
        with pytest.raises(Forbidden):
            house.start("small", by=name)
    assert house.count(ProcessInstance) == 0
    assert house.start("small", by="outsider").unit == "BR-2"


def test_start_roles_of_the_process_come_before_the_lane(house: House) -> None:
    roles = '<extensionElements><camunda:properties><camunda:property name="startRoles" value="PLM, RISK"/>'
    body = lanes(RM="s ask e") + in_a_row(task("ask"), ids="ask")
    house.deploy(x_bpmn=process("x", body, properties=f"{roles}</camunda:properties></extensionElements>"))
    house.start("x", by="risk-1")
    with pytest.raises(Forbidden):
        house.start("x", by="rm-1")


def test_a_process_without_lanes_may_be_started_by_every_business_role(house: House) -> None:
    house.deploy(x_bpmn=process("x", in_a_row(task("ask", attributes='camunda:assignee="rm-1"'), ids="ask")))
    house.start("x", by="reviewer-1")
    for name in ("admin-1", "audit-1"):
        with pytest.raises(Forbidden):
            house.start("x", by=name)


def test_the_unit_of_a_case_is_one_where_the_starter_holds_the_role(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    with pytest.raises(Forbidden, match="BR-2"):
        house.start("small", unit="BR-2")
    both = Principal("rm-1", frozenset({("RM", "BR-1"), ("RM", "HQ"), ("PLM", "BR-2")}))
    two = dataclasses.replace(house, cast=type(house.cast)({**house.cast.people, "rm-1": both}))
    with pytest.raises(InvalidInput) as several:
        two.start("small")
    assert several.value.errors == {"unit": ["BR-1", "HQ"]}
    assert two.start("small", unit="HQ").unit == "HQ"


def test_a_role_without_members_in_the_unit_is_looked_for_above(house: House) -> None:
    house.deploy(x_bpmn=process("x", lanes(RM="s e", RESOL="ask") + in_a_row(task("ask"), ids="ask")))
    nobody = house.start("x")
    assert house.task(nobody.id, "ask").unit == "BR-1"
    with house.sancha.store.transaction() as session:
        session.execute(insert(Membership), [{"user": "head-1", "role": "RESOL", "unit": "HQ"}])
    assert house.task(house.start("x").id, "ask").unit == "HQ"
    with house.sancha.store.transaction() as session:
        session.execute(insert(Membership), [{"user": "risk-1", "role": "RESOL", "unit": "BR-1"}])
    assert house.task(house.start("x").id, "ask").unit == "BR-1"


def test_what_is_not_deployed_cannot_be_started(house: House) -> None:
    with pytest.raises(NotFound, match="'nothing'"):
        house.start("nothing")
    house.deploy(small_bpmn=one_task())
    with pytest.raises(NotFound, match="version 7"):
        house.start("small", version=7)


def test_a_process_that_only_a_message_starts_cannot_be_started_by_hand(house: House) -> None:
    go = '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
    body = in_a_row(task("ask"), ids="ask").replace('<startEvent id="s"/>', go)
    house.deploy(x_bpmn=process("x", lanes(RM="s ask e") + body, root='<message id="m" name="Go"/>'))
    with pytest.raises(InvalidInput, match="does not begin without"):
        house.start("x", by="system")


def test_a_process_without_start_event_begins_where_nothing_leads_to(house: House) -> None:
    body = task("ask") + task("also") + '<endEvent id="e"/>' + flow("ask", "e")
    house.deploy(x_bpmn=process("x", lanes(RM="ask also e") + body))
    with pytest.raises(Forbidden):
        house.start("x", by="outsider", unit="BR-1")
    case = house.start("x")
    assert [found.element for found in house.tasks(case.id)] == ["ask", "also"]


def test_a_global_task_is_only_called(house: House) -> None:
    body = in_a_row('<callActivity id="call" calledElement="shared"/>', ids="call")
    house.deploy(x_bpmn=process("x", lanes(RM="s call e") + body, root='<globalUserTask id="shared" name="Shared"/>'))
    with pytest.raises(InvalidInput, match="does not begin without"):
        house.start("shared", by="system")
    case = house.start("x")
    assert [found.element for found in house.tasks(case.id)] == ["shared"]


def test_a_business_key_of_ones_own_is_checked(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    assert house.start("small", business_key="合同-1").business_key == "合同-1"
    for wrong in ("", "x" * 256, "a\x00b"):
        with pytest.raises(InvalidInput):
            house.start("small", business_key=wrong)
    assert house.count(ProcessInstance) == 1


def test_nobody_takes_the_number_of_another_case_or_of_one_to_come(house: House) -> None:
    # Registers, facts and money are read by the number of the case.
    house.deploy(small_bpmn=one_task())
    house.start("small", business_key="合同-1")
    with pytest.raises(DuplicateName, match="合同-1"):
        house.start("small", by="rm-2", business_key="合同-1")
    numbered = house.start("small").business_key
    for taken in (numbered, "PF-2026-9999", "PF-2031-0001"):
        with pytest.raises(InvalidInput, match="given by the house"):
            house.start("small", business_key=taken)
    assert house.count(ProcessInstance) == 2


def test_an_earlier_version_can_be_started_and_running_cases_stay_on_theirs(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    first = house.start("small")
    house.deploy(small_bpmn=one_task(name="Ask again"))
    assert house.start("small", version=1).definition_version == 1
    assert house.start("small").definition_version == 2
    done = house.do(first.id, "ask", "rm-1")
    assert done.instance_status == "completed"
    assert house.case(first.id).definition_version == 1


@pytest.mark.parametrize(
    "value",
    [object(), 0.5, Decimal("NaN"), {"deep": {1: 2}}, b"bytes", {"a"}],
    ids=["object", "float", "nan", "key", "bytes", "set"],
)
def test_a_variable_of_an_unknown_type_is_named(house: House, value: object) -> None:
    house.deploy(small_bpmn=one_task())
    with pytest.raises(InvalidInput, match="'odd'") as refused:
        house.start("small", variables={"fine": 1, "odd": value})
    assert list(refused.value.errors) == ["odd"]
    assert house.count(ProcessInstance) == 0


def test_too_many_bytes_of_variables_are_refused_with_the_name(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    with pytest.raises(InvalidInput, match="'large'"):
        house.start("small", variables={"large": "x" * house.sancha.limits.variables_bytes})
    assert house.count(ProcessInstance) == 0


def test_variables_keep_their_types(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    given = {"amount": Decimal("120000000.50"), "when": datetime(2026, 6, 2, tzinfo=UTC), "list": [1, {"a": None}]}
    case = house.start("small", variables=given)
    found = house.variables(case.id)
    assert found == given
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in given.items()}


def test_the_start_form_checks_the_data(house: House) -> None:
    def check(body: bytes, data: object, visible: object, now: object, documents: object) -> dict[str, object]:
        assert b"start-form" in body
        assert visible == {}
        if data != {"name": "wind farm"}:
            raise FormRefused("The form is not complete.", {"name": ["is missing"]})
        return {"name": "WIND FARM"}

    house = dataclasses.replace(house, sancha=dataclasses.replace(house.sancha, check_form=check))
    asked = '<extensionElements><camunda:properties><camunda:property name="startForm" value="start-form"/>'
    body = lanes(RM="s ask e") + in_a_row(task("ask"), ids="ask")
    file = process("x", body, properties=f"{asked}</camunda:properties></extensionElements>")
    house.deploy(x_bpmn=file, start_form=form("start-form", "name"))
    with pytest.raises(FormRefused):
        house.start("x")
    case = house.start("x", variables={"name": "wind farm"})
    assert house.variables(case.id) == {"name": "WIND FARM"}


def test_the_engine_itself_starts_cases_for_head_office(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small", by="system")
    assert (case.unit, case.started_by) == ("HQ", SYSTEM.name)
