"""Searching the audit trail: filters, order, pages, and who may open what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from engine.commands.suspend_instance import suspend_instance
from engine.errors import InvalidInput, NotFound
from engine.model.audit import AuditPayload
from engine.model.identity import User
from engine.model.instance import ProcessInstance
from engine.queries import audit_search
from engine.queries.audit_events import AuditEventView
from engine.queries.audit_search import (
    AuditSearch,
    CaseName,
    audit_event,
    case_names,
    count_audit,
    earlier_event,
    people_called,
    search_audit,
    versions_of,
)
from tests.factories import House, flow, in_a_row, lanes, process, task, two_tasks


@pytest.fixture
def cases(house: House) -> tuple[House, str, str]:
    """Two cases of rm-1: a reviewer claimed the first one's second task, then admin-1 suspended it for head-1."""
    house.deploy(pair_bpmn=two_tasks())
    first, second = house.start("pair").id, house.start("pair").id
    house.do(first, "make", "rm-1")
    house.claim(house.task(first, "check").id, "reviewer-1")
    with house.sancha.work(house.who("admin-1")) as work:
        work.on_behalf_of = "head-1"
        suspend_instance(work, first, "客户资料存疑")
    with house.sancha.store.transaction() as session:
        named = update(ProcessInstance).where(ProcessInstance.id == first)
        session.execute(named.values(client_name="宁夏_沙坡头100%风电"))
        session.execute(update(User).where(User.name == "reviewer-1").values(display_name="王审查"))
    return house, first, second


def found(house: House, by: str = "audit-1", **wanted: object) -> list[tuple[str, str]]:
    with house.sancha.work(house.who(by), write=False) as work:
        page = search_audit(work, AuditSearch(**wanted), limit=200)  # type: ignore[arg-type]  # the tests' own filters
        assert page.next is None
        assert count_audit(work, AuditSearch(**wanted), 1_000) == len(page.items)  # type: ignore[arg-type]  # as above
        return [(each.stream, each.action) for each in page.items]


FIRST = ["instance:suspended", "task:claimed", "task:completed", "task:claimed", "instance:started"]


def test_a_chain_is_shown_newest_first(cases: tuple[House, str, str]) -> None:
    house, first, second = cases
    assert found(house, stream=first) == [(first, action) for action in FIRST]
    assert found(house, stream=second) == [(second, "instance:started")]
    assert found(house, stream="administration") == [("administration", "definition:deployed")]
    everything = found(house)
    assert len(everything) == 7
    assert everything[0] == (first, "instance:suspended")
    assert everything[-1] == ("administration", "definition:deployed")


def test_cases_are_found_by_number_and_by_client(cases: tuple[House, str, str]) -> None:
    house, first, _ = cases
    number = house.case(first).business_key
    for part in (number, number.lower(), number[-6:], "沙坡头", "_沙", "100%"):
        assert {stream for stream, _ in found(house, case=part)} == {first}, part
    assert len({stream for stream, _ in found(house, case=number[:8])}) == 2
    for part in ("a%", "PF_", "不存在", "\\", "'"):
        assert found(house, case=part) == []


def test_a_text_that_means_many_cases_finds_the_same(
    monkeypatch: pytest.MonkeyPatch, cases: tuple[House, str, str]
) -> None:
    house, first, _ = cases
    parts = (house.case(first).business_key, house.case(first).business_key[:8], "沙坡头", "不存在")
    few = [found(house, case=part) for part in parts]
    monkeypatch.setattr(audit_search, "_FEW", 0)
    assert [found(house, case=part) for part in parts] == few
    assert found(house, "outsider", case=parts[0]) == []


def test_people_are_found_by_both_names_and_as_the_one_acted_for(cases: tuple[House, str, str]) -> None:
    house, first, _ = cases
    claimed = [(first, "task:claimed")]
    assert found(house, person="reviewer-1") == found(house, person="王审") == claimed
    assert found(house, person="head-1") == found(house, person="HEAD") == [(first, "instance:suspended")]
    assert found(house, person="admin-1") == [(first, "instance:suspended")]
    assert found(house, person="nobody%") == []
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        assert people_called(work, "reviewer") == ("reviewer", "reviewer-1", "reviewer-2")
        assert people_called(work, "third-party") == ("third-party",)


def test_actions_and_periods_narrow_it(cases: tuple[House, str, str]) -> None:
    house, first, _ = cases
    assert {action for _, action in found(house, action="task:claimed")} == {"task:claimed"}
    assert found(house, action="no:such") == []
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        events = search_audit(work, AuditSearch(stream=first)).items
        middle = events[2].at
    assert [action for _, action in found(house, stream=first, since=middle)] == FIRST[:3]
    assert [action for _, action in found(house, stream=first, until=middle)] == FIRST[3:]
    assert found(house, since=middle, until=middle) == []
    assert found(house, since=middle + timedelta(days=1)) == []


def test_pages_neither_skip_nor_repeat(cases: tuple[House, str, str]) -> None:
    house, _, _ = cases
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        whole = search_audit(work, AuditSearch(), limit=200).items
        pages: list[AuditEventView] = []
        cursor = None
        while True:
            page = search_audit(work, AuditSearch(), cursor=cursor, limit=2)
            pages += page.items
            cursor = page.next
            if cursor is None:
                break
        assert tuple(pages) == whole
        assert count_audit(work, AuditSearch(), 3) == 3
        with pytest.raises(InvalidInput):
            search_audit(work, AuditSearch(), cursor="x")


def test_an_outsider_finds_nothing(cases: tuple[House, str, str]) -> None:
    house, first, _ = cases
    number = house.case(first).business_key
    for name in ("outsider", "publisher-1"):
        assert found(house, name) == found(house, name, case=number) == found(house, name, person="rm-1") == []
        with house.sancha.work(house.who(name), write=False) as work:
            for stream in (first, "administration", "no-chain"):
                with pytest.raises(NotFound):
                    search_audit(work, AuditSearch(stream=stream))
                with pytest.raises(NotFound):
                    audit_event(work, stream, 1)
    assert {stream for stream, _ in found(house, "reviewer-1")} == {first}


def test_an_event_is_opened_by_audit_alone(cases: tuple[House, str, str]) -> None:
    house, first, _ = cases
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        opened = audit_event(work, first, 5)
        assert (opened.readable, opened.erased) == (True, False)
        assert opened.event.payload["reason"] == "客户资料存疑"
        assert opened.event.payload["after"] == {"status": "suspended"}
        for seq in (0, -1, 6, 2**40):
            with pytest.raises(NotFound):
                audit_event(work, first, seq)
    for name in ("admin-1", "rm-1"):
        with house.sancha.work(house.who(name), write=False) as work:
            opened = audit_event(work, first, 5)
            assert (opened.readable, opened.erased, opened.event.payload) == (False, False, None)


def test_an_erased_payload_says_so(cases: tuple[House, str, str]) -> None:
    house, first, _ = cases
    with house.sancha.store.transaction() as session:
        session.execute(delete(AuditPayload).where(AuditPayload.stream == first))
    for name, readable in (("audit-1", True), ("admin-1", False)):
        with house.sancha.work(house.who(name), write=False) as work:
            opened = audit_event(work, first, 5)
            assert (opened.readable, opened.erased, opened.event.payload) == (readable, True, None)


def test_chains_are_named_by_their_cases(cases: tuple[House, str, str]) -> None:
    house, first, second = cases
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        assert case_names(work, ["administration"]) == {}
        assert case_names(work, [first, second, "administration", first]) == {
            first: CaseName(house.case(first).business_key, "宁夏_沙坡头100%风电", "pair:1"),
            second: CaseName(house.case(second).business_key, None, "pair:1"),
        }
    with house.sancha.work(house.who("outsider"), write=False) as work:
        assert case_names(work, [first, second, None]) == {}


def test_what_a_form_said_before_is_found(house: House) -> None:
    body = (
        '<startEvent id="s"/><endEvent id="e"/><exclusiveGateway id="g" default="out"/>'
        + task("make")
        + flow("s", "make")
        + flow("make", "g")
        + '<sequenceFlow id="again" sourceRef="g" targetRef="make"><conditionExpression>=amount &lt; 3'
        + '</conditionExpression></sequenceFlow><sequenceFlow id="out" sourceRef="g" targetRef="e"/>'
    )
    house.deploy(loop_bpmn=process("loop", lanes(RM="s make g e") + body))
    case = house.start("loop").id
    for amount in (1, 2):
        house.do(case, "make", "rm-1", amount=amount)
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        last = audit_event(work, case, 5).event
        assert (last.action, last.payload["data"]) == ("task:completed", {"amount": 2})
        before = earlier_event(work, last)
        assert before is not None
        assert (before.seq, before.payload["data"]) == (3, {"amount": 1})
        assert earlier_event(work, before) is None
        assert earlier_event(work, audit_event(work, case, 1).event) is None
    with house.sancha.work(house.who("admin-1"), write=False) as work:
        assert earlier_event(work, last) is None


def test_the_versions_of_a_case_are_those_of_all_it_called(house: House) -> None:
    child = process("child", lanes(RM="s inner e") + in_a_row(task("inner"), ids="inner"))
    call = in_a_row('<callActivity id="call" calledElement="child"/>', ids="call")
    house.deploy(child_bpmn=child, parent_bpmn=process("parent", lanes(RM="s call e") + call))
    case = house.start("parent").id
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        assert versions_of(work, [case, "administration"]) == {case: ("child:1", "parent:1")}
        assert versions_of(work, ["administration"]) == {}
    with house.sancha.work(house.who("outsider"), write=False) as work:
        assert versions_of(work, [case]) == {}
