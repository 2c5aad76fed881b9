"""The conversation of a case: who may speak, who may listen, and what can be said."""

from __future__ import annotations

import pytest

from engine.commands.add_comment import LONGEST, add_comment
from engine.commands.cancel_instance import cancel_instance
from engine.commands.suspend_instance import suspend_instance
from engine.errors import Forbidden, InstanceEnded, InvalidInput, NotFound
from engine.ids import new_id
from engine.queries.audit_events import AuditFilter, audit_events
from engine.queries.comments import CommentView, comments
from tests.factories import House, in_a_row, lanes, process, task, two_tasks

INVISIBLE = ("a\x00b", "a\x07b", "abc\u202egnp", "a\u2028b", "a\ud800b", "a\ufeffb", "a\U000e0041b")


@pytest.fixture
def case(house: House) -> tuple[House, str]:
    """A case that rm-1 started; a reviewer will be asked after them."""
    house.deploy(pair_bpmn=two_tasks())
    return house, house.start("pair").id


def say(house: House, case_id: str, by: str, text: str, task_id: str | None = None) -> CommentView:
    with house.sancha.work(house.who(by)) as work:
        return add_comment(work, case_id, text, task_id=task_id)


def said(house: House, case_id: str, by: str) -> list[str]:
    with house.sancha.work(house.who(by), write=False) as work:
        return [each.text for each in comments(work, case_id).items]


def test_what_is_said_is_read_newest_first_by_those_who_see_the_case(case: tuple[House, str]) -> None:
    house, case_id = case
    make = house.task(case_id, "make")
    first = say(house, case_id, "rm-1", "  环评批复还缺一页。\r\n请客户补正 \n", make.id)
    assert (first.root_id, first.task_id, first.task_name) == (case_id, make.id, "make")
    assert (first.text, first.written_by) == ("环评批复还缺一页。\n请客户补正", "rm-1")
    house.do(case_id, "make", "rm-1")
    second = say(house, case_id, "reviewer-1", "收到")
    assert (second.task_id, second.task_name, second.task_name_en) == (None, None, None)
    for name in ("rm-1", "reviewer-1", "reviewer-2", "audit-1", "admin-1"):
        assert said(house, case_id, name) == ["收到", "环评批复还缺一页。\n请客户补正"]
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        newest = comments(work, case_id, limit=1)
        assert newest.items == (second,)
        older = comments(work, case_id, limit=1, cursor=newest.next)
        assert (older.items, older.next) == ((first,), None)


def test_it_is_audited_with_its_text_for_audit_alone(case: tuple[House, str]) -> None:
    house, case_id = case
    revision = house.case(case_id).revision
    made = say(house, case_id, "rm-1", "好", house.task(case_id, "make").id)
    assert house.case(case_id).revision == revision + 1
    for name, payload in (("audit-1", {"comment": made.id, "text": "好"}), ("rm-1", None)):
        with house.sancha.work(house.who(name), write=False) as work:
            event = audit_events(work, AuditFilter(stream=case_id)).items[-1]
        assert (event.action, event.actor, event.element) == ("case:commented", "rm-1", "make")
        assert event.payload == payload


def test_an_outsider_hears_and_says_nothing(case: tuple[House, str]) -> None:
    house, case_id = case
    say(house, case_id, "rm-1", "内部意见")
    for name in ("outsider", "plm-1", "publisher-1"):
        with pytest.raises(NotFound):
            said(house, case_id, name)
        with pytest.raises(NotFound):
            say(house, case_id, name, "x")
    for unknown in (new_id(), "no-id", "x" * 300):
        with pytest.raises(NotFound):
            said(house, unknown, "audit-1")
        with pytest.raises(NotFound):
            say(house, unknown, "rm-1", "x")
    assert said(house, case_id, "rm-1") == ["内部意见"]


def test_who_observes_all_cases_reads_only(case: tuple[House, str]) -> None:
    house, case_id = case
    before = house.actions(case_id)
    for name in ("admin-1", "audit-1"):
        with pytest.raises(Forbidden):
            say(house, case_id, name, "x")
    assert house.actions(case_id) == before


def test_a_called_instance_shares_the_conversation_of_its_case(house: House) -> None:
    child = process("child", lanes(RM="s inner e") + in_a_row(task("inner"), ids="inner"))
    call = in_a_row('<callActivity id="call" calledElement="child"/>', ids="call")
    house.deploy(child_bpmn=child, parent_bpmn=process("parent", lanes(RM="s call e") + call))
    case_id = house.start("parent").id
    called = house.instances(case_id)[1].id
    assert say(house, called, "rm-1", "子流程里说的").root_id == case_id
    assert said(house, case_id, "rm-1") == ["子流程里说的"]
    with pytest.raises(NotFound):
        said(house, called, "rm-1")


def test_a_task_of_another_case_is_refused(case: tuple[House, str]) -> None:
    house, case_id = case
    other = house.start("pair").id
    for task_id in (house.task(other, "make").id, new_id(), "no-id"):
        with pytest.raises(NotFound):
            say(house, case_id, "rm-1", "x", task_id)
    assert said(house, case_id, "rm-1") == []


def test_one_talks_about_a_halted_case_but_not_about_an_ended_one(case: tuple[House, str]) -> None:
    house, case_id = case
    with house.sancha.work(house.who("admin-1")) as work:
        suspend_instance(work, case_id, "客户资料存疑")
    say(house, case_id, "rm-1", "为什么停了")
    with house.sancha.work(house.who("admin-1")) as work:
        cancel_instance(work, case_id, "客户撤回申请")
    with pytest.raises(InstanceEnded):
        say(house, case_id, "rm-1", "x")
    assert said(house, case_id, "rm-1") == ["为什么停了"]


@pytest.mark.parametrize("text", ["", " \n\u3000 ", "x" * (LONGEST + 1), *INVISIBLE])
@pytest.mark.parametrize("database", ["sqlite"])  # refused before the database is asked
def test_what_is_no_text_is_refused(case: tuple[House, str], text: str) -> None:
    house, case_id = case
    with pytest.raises(InvalidInput):
        say(house, case_id, "rm-1", text)
    assert said(house, case_id, "rm-1") == []


def test_what_people_write_comes_back_as_it_was(case: tuple[House, str]) -> None:
    house, case_id = case
    texts = ["x" * LONGEST, "第一段\n\n\u3000\u3000第二段\t表", "👨‍👩‍👧 <b>&amp;</b> ' \" %s {{ 1 }}"]
    for text in texts:
        say(house, case_id, "rm-1", text)
    assert said(house, case_id, "rm-1") == texts[::-1]
