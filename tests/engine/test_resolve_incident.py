"""Trying again what stopped."""

from __future__ import annotations

import pytest

from engine.access import SYSTEM
from engine.commands.resolve_incident import resolve_incident
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.ids import new_id
from engine.queries.incidents import IncidentFilter, IncidentView, incident, incidents
from tests.factories import House, flow, lanes, process, task


def choice() -> bytes:
    """After `make`, a gateway that needs the variable `amount`."""
    body = (
        lanes(RM="s make which yes no")
        + '<startEvent id="s"/><exclusiveGateway id="which"/><endEvent id="yes"/><endEvent id="no"/>'
        + task("make")
        + flow("s", "make")
        + flow("make", "which")
        + flow("which", "yes", "amount > 5")
        + flow("which", "no", "amount &lt;= 5")
    )
    return process("choice", body)


@pytest.fixture
def stopped(house: House) -> tuple[House, str, IncidentView]:
    """A case whose gateway found no variable: the house, the case, the incident."""
    house.deploy(choice_bpmn=choice())
    case = house.start("choice")
    house.do(case.id, "make", "rm-1")
    (found,) = open_incidents(house)
    return house, case.id, found


def open_incidents(house: House, by: str = "admin-1", status: str = "open") -> tuple[IncidentView, ...]:
    with house.sancha.work(house.who(by), write=False) as work:
        return incidents(work, IncidentFilter(status=status)).items


def test_an_unknown_variable_is_an_incident_with_its_reason(stopped: tuple[House, str, IncidentView]) -> None:
    house, case_id, found = stopped
    assert (found.kind, found.element, found.root_id, found.status) == ("step", "which", case_id, "open")
    assert (found.code, "amount" in found.message) == ("UNKNOWN_VARIABLE", True)
    assert open_incidents(house, "rm-1") == (found,)
    assert open_incidents(house, "outsider") == ()
    with house.sancha.work(house.who("outsider"), write=False) as work, pytest.raises(NotFound):
        incident(work, found.id)


def test_with_the_right_data_the_case_goes_on(stopped: tuple[House, str, IncidentView]) -> None:
    house, case_id, found = stopped
    with house.sancha.work(house.who("admin-1")) as work:
        resolved = resolve_incident(work, found.id, {"amount": 7})
    assert (resolved.status, resolved.resolved_by) == ("resolved", "admin-1")
    assert (house.case(case_id).status, house.case(case_id).end_event) == ("completed", "yes")
    assert house.actions(case_id)[-1] == "incident:resolved"
    assert open_incidents(house) == ()
    with house.sancha.work(SYSTEM, write=False) as work:
        assert incident(work, found.id) == resolved


def test_if_it_fails_again_that_is_a_new_incident(stopped: tuple[House, str, IncidentView]) -> None:
    house, case_id, found = stopped
    with house.sancha.work(house.who("admin-1")) as work:
        resolve_incident(work, found.id, {"other": 7})
    (again,) = open_incidents(house)
    assert again.id != found.id
    assert [each.id for each in open_incidents(house, status="resolved")] == [found.id]
    assert house.case(case_id).status == "active"


def test_once_is_enough(stopped: tuple[House, str, IncidentView]) -> None:
    house, _, found = stopped
    with house.sancha.work(house.who("admin-1")) as work:
        resolve_incident(work, found.id, {"amount": 7})
    # The case has ended by then: that is said first.
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(Conflict) as refused:
        resolve_incident(work, found.id, {"amount": 7})
    assert refused.value.details["who"] == "admin-1"


def test_what_is_wrong_is_named(stopped: tuple[House, str, IncidentView]) -> None:
    house, _, found = stopped
    for name in ("rm-1", "head-1", "audit-1"):
        with house.sancha.work(house.who(name)) as work, pytest.raises(Forbidden):
            resolve_incident(work, found.id)
    with house.sancha.work(house.who("admin-1")) as work:
        for unknown in (new_id(), "no-id"):
            with pytest.raises(NotFound):
                resolve_incident(work, unknown)
        with pytest.raises(InvalidInput, match="'odd'"):
            resolve_incident(work, found.id, {"odd": object()})
