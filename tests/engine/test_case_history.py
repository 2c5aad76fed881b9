"""The complete history of a case: who did what, filtered, page by page."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.queries.case_history import HistoryFilter, HistoryRow, case_history, history_choices
from engine.queries.instances import instance
from engine.queries.page import Page
from tests.databases import Statements
from tests.factories import House, in_a_row, lanes, process, task


@pytest.fixture
def nested(house: House) -> tuple[House, str]:
    """A case of which rm-1 did ``make``, after a script and a gateway; ``inner`` of a called process waits."""
    inner = process("child", lanes(RM="s inner e") + in_a_row(task("inner"), ids="inner"))
    script = '<scriptTask id="calc" camunda:resultVariable="n"><script>1</script></scriptTask>'
    gateway = '<exclusiveGateway id="g"/><callActivity id="call" calledElement="child"/>'
    body = in_a_row(script + task("make") + gateway, ids="calc make g call")
    house.deploy(child_bpmn=inner, outer_bpmn=process("outer", lanes(RM="s calc make g call e") + body))
    case = house.start("outer")
    house.do(case.id, "make", "rm-1")
    return house, case.id


def history(
    house: House, case_id: str, *, limit: int = 50, cursor: str | None = None, **wanted: object
) -> Page[HistoryRow]:
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        return case_history(
            work,
            instance(work, case_id),
            HistoryFilter(**wanted),
            cursor=cursor,
            limit=limit,  # type: ignore[arg-type]  # a test names the fields
        )


def elements(house: House, case_id: str, **wanted: object) -> list[str]:
    return [row.element for row in history(house, case_id, **wanted).items]


def test_the_newest_step_comes_first_and_gateways_are_left_out(nested: tuple[House, str]) -> None:
    house, case_id = nested
    assert elements(house, case_id) == ["inner", "s", "call", "make", "calc", "s"]
    assert elements(house, case_id, oldest_first=True) == ["s", "calc", "make", "call", "s", "inner"]
    assert elements(house, case_id, gateways=True) == ["inner", "s", "call", "g", "make", "calc", "s"]


def test_a_row_says_who_did_it_and_who_has_it(nested: tuple[House, str]) -> None:
    house, case_id = nested
    house.claim(house.task(case_id, "inner").id, "rm-2")
    rows = {row.element: row for row in history(house, case_id, group="tasks").items}
    assert set(rows) == {"inner", "make"}
    assert (rows["make"].actor, rows["make"].outcome, rows["make"].definition_key) == ("rm-1", "completed", "outer")
    open_one = rows["inner"]
    assert (open_one.actor, open_one.outcome, open_one.left_at) == (None, None, None)
    assert (open_one.assignee, open_one.role, open_one.ref) == ("rm-2", "RM", "child:1")
    assert open_one.task_id == house.task(case_id, "inner").id


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"group": "events"}, ["s", "s"]),
        ({"group": "services"}, ["calc"]),
        ({"group": "calls"}, ["call"]),
        ({"group": "decisions"}, []),
        ({"actor": "rm-1"}, ["make"]),
        ({"actor": "rm-2"}, []),
        ({"outcome": "open"}, ["inner", "call"]),
        ({"outcome": "completed", "group": "tasks"}, ["make"]),
        ({"outcome": "failed"}, []),
        ({"process": "child"}, ["inner", "s"]),
        ({"element": "g"}, ["g"]),
        ({"instance_id": "no-id"}, []),
    ],
)
def test_the_history_is_filtered(nested: tuple[House, str], wanted: dict[str, object], found: list[str]) -> None:
    house, case_id = nested
    assert elements(house, case_id, **wanted) == found


def test_one_instance_can_be_looked_at(nested: tuple[House, str]) -> None:
    house, case_id = nested
    child = next(each.id for each in house.instances(case_id) if each.parent_id is not None)
    assert elements(house, case_id, instance_id=child) == ["inner", "s"]
    assert "inner" not in elements(house, case_id, instance_id=case_id)


@pytest.mark.parametrize("oldest_first", [True, False])
def test_it_comes_page_by_page(nested: tuple[House, str], oldest_first: bool) -> None:
    house, case_id = nested
    whole = elements(house, case_id, oldest_first=oldest_first)
    first = history(house, case_id, limit=4, oldest_first=oldest_first)
    second = history(house, case_id, limit=4, cursor=first.next, oldest_first=oldest_first)
    assert [row.element for row in (*first.items, *second.items)] == whole
    assert second.next is None
    with pytest.raises(InvalidInput):
        history(house, case_id, cursor=first.next, oldest_first=not oldest_first)


@pytest.mark.parametrize("wanted", [{"group": "other"}, {"outcome": "other"}])
def test_a_strange_filter_is_refused(nested: tuple[House, str], wanted: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        history(*nested, **wanted)


def test_the_choices_are_what_the_case_has(nested: tuple[House, str]) -> None:
    house, case_id = nested
    house.do(case_id, "inner", "rm-2")
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        choices = history_choices(work, instance(work, case_id))
    assert choices.processes == (("outer", 1), ("child", 1))
    assert choices.actors == ("rm-1", "rm-2")


def test_a_page_is_one_statement(nested: tuple[House, str]) -> None:
    house, case_id = nested
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        root = instance(work, case_id)
        with Statements(house.sancha.store.engine) as sent:
            case_history(work, root, HistoryFilter(group="tasks", actor="rm-1"), cursor=None)
    assert len(sent) == 1, str(sent)
