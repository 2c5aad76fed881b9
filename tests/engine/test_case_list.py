"""The list of cases: seen by those concerned, filtered, with who has them, in few statements."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from engine.access import SYSTEM
from engine.commands.cancel_instance import cancel_instance
from engine.errors import InvalidInput
from engine.model.instance import ProcessInstance
from engine.queries.case_list import CaseFilter, CaseRow, Standing, case_list
from engine.queries.page import Page
from tests.databases import Statements
from tests.factories import House, in_a_row, lanes, process, task, two_tasks


@pytest.fixture
def cases(house: House) -> tuple[House, list[str]]:
    """Three cases of ``pair`` by rm-1; the first waits for a reviewer."""
    house.deploy(pair_bpmn=two_tasks())
    found = [house.start("pair", business_key=key).id for key in ("PF_1", "PFx1", "AB%c")]
    house.do(found[0], "make", "rm-1")
    for root, client in zip(found, ("风电（集团）有限公司", "Énergie Wind Farm 100% GmbH", None), strict=True):
        with house.sancha.work(SYSTEM) as work:
            work.session.execute(update(ProcessInstance).where(ProcessInstance.id == root).values(client_name=client))
    return house, found


def listed(house: House, who: str = "rm-1", **wanted: str) -> Page[tuple[CaseRow, Standing]]:
    with house.sancha.work(house.who(who), write=False) as work:
        return case_list(work, CaseFilter(**wanted))


def keys(house: House, who: str = "rm-1", **wanted: str) -> list[str]:
    return [case.business_key for case, _ in listed(house, who, **wanted).items]


def test_the_newest_come_first(cases: tuple[House, list[str]]) -> None:
    house, _ = cases
    assert keys(house) == ["AB%c", "PFx1", "PF_1"]
    assert keys(house, "reviewer-1") == ["PF_1"]
    assert keys(house, "audit-1") == ["AB%c", "PFx1", "PF_1"]
    assert keys(house, "outsider") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PF_1", ["PF_1"]),
        ("pf", ["PFx1", "PF_1"]),
        ("%", ["AB%c", "PFx1"]),
        ("100%", ["PFx1"]),
        ("wind FARM", ["PFx1"]),
        ("Énergie w", ["PFx1"]),
        ("集团", ["PF_1"]),
        ("（集团）", ["PF_1"]),
        ("\\", []),
        ("\x00", []),
        ("nothing", []),
    ],
)
def test_text_is_found_as_it_stands(cases: tuple[House, list[str]], text: str, found: list[str]) -> None:
    assert keys(cases[0], text=text) == found


def test_status_and_process_narrow_it(cases: tuple[House, list[str]]) -> None:
    house, (first, *_) = cases
    with house.sancha.work(house.who("admin-1")) as work:
        cancel_instance(work, first, "test")
    assert keys(house, status="cancelled") == ["PF_1"]
    assert keys(house, status="active") == ["AB%c", "PFx1"]
    assert keys(house, process="pair", status="active", text="ab") == ["AB%c"]
    assert keys(house, process="other") == []


def test_a_case_says_where_it_stands_and_who_has_it(cases: tuple[House, list[str]]) -> None:
    house, (first, *_) = cases
    house.claim(house.task(first, "check").id, "reviewer-1")
    standing = {case.business_key: standing for case, standing in listed(house).items}
    held, free = standing["PF_1"], standing["PFx1"]
    assert (held.open_elements, held.incidents) == (("check",), 0)
    assert [(each.name, each.assignee, each.role) for each in held.tasks] == [("check", "reviewer-1", "REVIEWER")]
    assert [(each.name, each.assignee, each.role) for each in free.tasks] == [("make", None, "RM")]


def test_called_processes_show_through_their_case(house: House) -> None:
    breaks = '<scriptTask id="calc"><script>1 + missing</script></scriptTask>'
    split = '<parallelGateway id="g"/>' + task("inner") + breaks
    flows = "".join(
        f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in (("s", "g"), ("g", "inner"), ("g", "calc"), ("inner", "e"), ("calc", "e"))
    )
    child = process("child", lanes(RM="s g inner calc e") + f'<startEvent id="s"/>{split}<endEvent id="e"/>{flows}')
    call = in_a_row('<callActivity id="call" calledElement="child"/>', ids="call")
    house.deploy(child_bpmn=child, outer_bpmn=process("outer", lanes(RM="s call e") + call))
    house.start("outer")
    ((_, standing),) = listed(house).items
    assert (standing.open_elements, standing.incidents) == (("call",), 1)
    assert [each.name for each in standing.tasks] == ["inner"]


def test_it_comes_page_by_page(cases: tuple[House, list[str]]) -> None:
    house, found = cases
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        first = case_list(work, limit=2)
        second = case_list(work, limit=2, cursor=first.next)
        assert [case.id for case, _ in (*first.items, *second.items)] == found[::-1]
        assert second.next is None
        with pytest.raises(InvalidInput):
            case_list(work, cursor="other")


@pytest.mark.parametrize("more", [0, 20])
def test_the_statements_do_not_grow_with_the_cases(cases: tuple[House, list[str]], more: int) -> None:
    house, _ = cases
    for _ in range(more):
        house.start("pair")
    with house.sancha.work(house.who("rm-1"), write=False) as work, Statements(house.sancha.store.engine) as sent:
        page = case_list(work)
    assert len(page.items) == 3 + more
    assert len(sent) == 4, str(sent)
