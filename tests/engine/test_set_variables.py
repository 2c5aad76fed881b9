"""Correcting the data of a running case."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.access import SYSTEM
from engine.commands.set_variables import set_variables
from engine.errors import Forbidden, InstanceEnded, InvalidInput, StaleRevision
from tests.factories import House, in_a_row, lanes, one_task, process, task


def test_an_administrator_corrects_and_the_trail_keeps_before_and_after(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small", variables={"amount": Decimal("1.50"), "name": "x"})
    with house.sancha.work(house.who("admin-1")) as work:
        changed = set_variables(work, case.id, {"amount": Decimal("2.50"), "more": True})
    assert changed.revision == 2
    assert house.variables(case.id) == {"amount": Decimal("2.50"), "name": "x", "more": True}
    with house.sancha.work(SYSTEM, write=False) as work:
        payload = work.sancha.audit.payloads(work.session, [(case.id, 2)])[case.id, 2]
    assert (payload["before"], payload["after"]) == ({"amount": "1.50"}, {"amount": "2.50", "more": True})
    assert house.actions(case.id)[-1] == "variables:set"


def test_a_called_instance_has_its_own_data(house: House) -> None:
    child = process("child", lanes(RM="s inner e") + in_a_row(task("inner"), ids="inner"))
    body = in_a_row('<callActivity id="call" calledElement="child"/>', ids="call")
    house.deploy(child_bpmn=child, parent_bpmn=process("parent", lanes(RM="s call e") + body))
    case = house.start("parent", variables={"amount": 1})
    called = house.instances(case.id)[1]
    with house.sancha.work(house.who("admin-1")) as work:
        set_variables(work, called.id, {"amount": 2})
    assert house.variables(case.id) == {"amount": 1}
    assert house.variables(called.id) == {"amount": 2}


def test_what_is_wrong_is_refused(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    for name in ("rm-1", "audit-1"):
        with house.sancha.work(house.who(name)) as work, pytest.raises(Forbidden):
            set_variables(work, case.id, {"x": 1})
    with house.sancha.work(house.who("admin-1")) as work:
        with pytest.raises(InvalidInput, match="at least one"):
            set_variables(work, case.id, {})
        with pytest.raises(InvalidInput, match="'odd'"):
            set_variables(work, case.id, {"odd": object()})
        with pytest.raises(StaleRevision):
            set_variables(work, case.id, {"x": 1}, revision=7)
    house.do(case.id, "ask", "rm-1")
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(InstanceEnded):
        set_variables(work, case.id, {"x": 1})
