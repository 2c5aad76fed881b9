"""Whose case it is: the client's id becomes the name of a key, whatever the process computes it from."""

from __future__ import annotations

import pytest

from engine.model.instance import ProcessInstance
from tests.factories import House, flow, lanes, process, task


def computing(client: str) -> bytes:
    """A script makes the FEEL text ``client`` the client's id; then RM has a task."""
    script = f'<scriptTask id="c" camunda:resultVariable="clientId"><script>"{client}"</script></scriptTask>'
    body = f'{lanes(RM="s c ask e")}<startEvent id="s"/>{script}{task("ask")}<endEvent id="e"/>'
    return process("small", body + flow("s", "c") + flow("c", "ask") + flow("ask", "e"))


def subject(house: House, case_id: str) -> str | None:
    """The client whose key encrypts the case's audit payloads."""
    (row,) = house.instances(case_id)
    assert isinstance(row, ProcessInstance)
    return row.subject


def test_a_computed_client_is_the_subject(house: House) -> None:
    house.deploy(small_bpmn=computing("client-7"))
    case = house.start("small")
    assert subject(house, case.id) == "client-7"


@pytest.mark.parametrize("client", ["", "a\\u0000b", "a\\nb", "x" * 256], ids=["empty", "NUL", "line", "long"])
def test_what_can_be_no_key_leaves_the_case_without_a_subject(house: House, client: str) -> None:
    house.deploy(small_bpmn=computing(client))
    case = house.start("small")
    assert subject(house, case.id) is None
    house.do(case.id, "ask", "rm-1")
    assert house.case(case.id).status == "completed"
