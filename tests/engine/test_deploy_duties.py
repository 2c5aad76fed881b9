"""Deploying tasks that exclude each other, when too few people hold the role."""

from __future__ import annotations

from sqlalchemy import delete, update

from engine.access import SYSTEM
from engine.model.identity import Membership, User
from tests.factories import House, in_a_row, lanes, process, task


def model(role: str) -> bytes:
    body = in_a_row(task("make"), task("check", excludes="make"), ids="make check")
    return process("pair", lanes(**{role: "s make check e"}) + body)


def told(house: House, role: str) -> list[tuple[str, str]]:
    warnings = house.deploy(pair_bpmn=model(role)).warnings
    return [(str(each["element"]), str(each["message"])) for each in warnings if each["rule"] == "references/duties"]


def keep(house: House, role: str, *users: str) -> None:
    """Take the role from all others."""
    with house.sancha.work(SYSTEM) as work:
        held = delete(Membership).where(Membership.role == role, Membership.user.not_in(users))
        work.session.execute(held)


def test_one_holder_of_a_role_is_too_few_for_two_tasks(house: House) -> None:
    keep(house, "RM", "rm-1")
    ((element, message),) = told(house, "RM")
    assert element == "check"
    assert message.startswith("as the roles are held now, only 'rm-1' may do this task and 'make'")


def test_who_may_not_sign_in_does_not_count(house: House) -> None:
    keep(house, "RM", "rm-1", "rm-2")
    with house.sancha.work(SYSTEM) as work:
        work.session.execute(update(User).where(User.name == "rm-2").values(disabled=True))
    assert [element for element, _ in told(house, "RM")] == ["check"]


def test_two_holders_are_enough(house: House) -> None:
    keep(house, "RM", "rm-1", "rm-2")
    assert told(house, "RM") == []


def test_a_role_that_nobody_holds_yet_says_nothing(house: House) -> None:
    keep(house, "RM")
    assert told(house, "RM") == []
