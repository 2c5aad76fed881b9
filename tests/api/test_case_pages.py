"""The case file and its parts over HTTP: who sees it, what it says, what one may do there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from engine.ids import new_id
from engine.jobs.tick import run_due
from tests.api.people import Browsers, People, sancha_of
from tests.api.staged import child_of, deploy_staged, diagram, do, do_first, english, page, plain, start
from tests.conftest import TestClock
from tests.factories import in_a_row, lanes, process
from tests.kernel.bpmn import props


@pytest.fixture
def deployed(client: People) -> People:
    """The process ``outer`` of `staged` is deployed."""
    deploy_staged(client)
    return client


WORKS = ("rm-1", "reviewer-1", "supervisor-1")
OBSERVES = ("audit-1", "admin-1")
PARTS = ("", "/history", "/diagram", "/diagram/{case}", "/children", "/documents", "/comments", "/started")


def test_those_concerned_see_the_file_and_those_who_work_on_cases_add_to_it(
    deployed: People, browser: Browsers
) -> None:
    case = start(deployed)
    do(deployed, "rm-1", "make")
    for who in WORKS + OBSERVES:
        shown = page(browser(who), f"/cases/{case}")
        assert "编制" in shown
        assert ("data-upload=" in shown) == ("s-talk-form" in shown) == (who in WORKS), who


def test_nobody_else_sees_any_part(deployed: People, browser: Browsers) -> None:
    case = start(deployed)
    for who in ("outsider", "plm-1", "publisher-1"):
        person = browser(who)
        for part in PARTS:
            page(person, f"/cases/{case}{part.format(case=case)}", 404, htmx="x")
            page(person, f"/cases/{case}{part.format(case=case)}", 404)


def test_what_does_not_exist_is_not_found(deployed: People, browser: Browsers) -> None:
    case, admin = start(deployed), browser("admin-1")
    for unknown in (new_id(), "no-id", "x" * 300):
        for path in (f"/cases/{unknown}", f"/cases/{unknown}/history", f"/cases/{case}/diagram/{unknown}"):
            page(admin, path, 404)


def test_an_instance_leads_to_its_place_in_the_file(deployed: People, browser: Browsers) -> None:
    case, other = start(deployed), start(deployed)
    do_first(deployed, case)
    rm = browser("rm-1")
    inner = child_of(deployed, case)
    response = rm.client.get(f"/cases/{inner}")
    assert (response.status_code, response.headers["Location"]) == (303, f"/cases/{case}?shown={inner}#diagram")
    assert f'data-instance="{inner}"' in page(rm, f"/cases/{case}", shown=inner)
    page(rm, f"/cases/{inner}/history", 404, htmx="s-history")
    page(rm, f"/cases/{other}/diagram/{inner}", 404)
    page(rm, f"/cases/{other}", 404, shown=inner)


def test_the_stage_bar_moves_with_the_case(deployed: People, browser: Browsers) -> None:
    case, rm = start(deployed), english(browser("rm-1"))

    def bar() -> list[str]:
        (found,) = re.findall(r'<ol class="s-stages".*?</ol>', page(rm, f"/cases/{case}"), re.DOTALL)
        return [*re.findall(r'class="s-stage s-stage-(\w+)"', found), plain(found)]

    assert bar() == ["current", "ahead", "ahead", "Making Under way Checking Not reached Closed Not reached"]
    do(deployed, "rm-1", "make")
    assert bar()[:3] == ["done", "current", "ahead"]
    do(deployed, "reviewer-1", "check")
    do(deployed, "plm-1", "look")
    assert bar()[:3] == ["done", "done", "done"]


def test_a_process_without_stages_has_no_bar(client: People, browser: Browsers, things: dict[str, str]) -> None:
    assert "s-stages" not in page(browser("rm-1"), f"/cases/{things['instance_id']}")


def test_the_diagram_says_in_the_language_of_the_page_how_far_it_is(
    deployed: People, browser: Browsers, app: Flask
) -> None:
    case, rm = start(deployed), browser("rm-1")
    do(deployed, "rm-1", "make")
    found = diagram(rm, case)
    assert (found["elements"]["make"]["state"], found["elements"]["make"]["name"]) == ("passed", "编制")
    assert {"label": "经办人", "value": "rm-1"} in found["elements"]["make"]["facts"]
    assert (found["elements"]["check"]["state"], found["elements"]["call"]["state"]) == ("current", "ahead")
    assert found["elements"]["check"]["tasks"]
    assert 'name="编制"' in found["xml"]
    assert "stage" not in found["xml"], "what is not drawn stays on the server"
    assert "复核 · 超时" in page(rm, f"/cases/{case}"), "a timer is called after the activity on whose edge it stands"
    (due,) = found["elements"]["late"]["due"]
    assert re.fullmatch(r"(\d{4}-)?\d\d-\d\d \d\d:\d\d", due["short"])
    english(rm)
    shown = diagram(rm, case)
    assert (shown["elements"]["make"]["stateText"], shown["elements"]["make"]["counts"]) == ("Passed", "passed once")
    assert 'name="Make"' in shown["xml"]


def test_a_fired_timer_waits_no_more(deployed: People, browser: Browsers, app: Flask, clock: TestClock) -> None:
    case = start(deployed)
    do(deployed, "rm-1", "make")
    clock.move(timedelta(hours=2))
    run_due(sancha_of(app), "test")
    found = diagram(browser("rm-1"), case)["elements"]
    assert found["late"]["due"] == []
    assert (found["late"]["state"], found["told"]["state"], found["check"]["state"]) == ("passed", "passed", "current")


def test_called_instances_have_their_own_diagram(deployed: People, browser: Browsers) -> None:
    case = start(deployed)
    do_first(deployed, case)
    inner, rm = child_of(deployed, case), browser("rm-1")
    assert diagram(rm, case)["elements"]["call"]["calls"] == [{"id": inner, "status": "办理中"}]
    assert diagram(rm, case, inner)["elements"]["look"]["state"] == "current"
    panel = page(rm, f"/cases/{case}/diagram", htmx="s-diagram", shown=inner)
    assert f'<option value="{inner}" selected>' in panel
    assert "查看" in panel


def test_the_history_has_its_filters_in_the_address(deployed: People, browser: Browsers) -> None:
    case, rm = start(deployed), english(browser("rm-1"))
    do(deployed, "rm-1", "make")
    do(deployed, "reviewer-1", "check")

    def rows(**query: str) -> list[str]:
        found = page(rm, f"/cases/{case}/history", htmx="s-history", **query)
        return re.findall(r'data-history-row data-element="(\w+)"', found)

    assert rows() == ["look", "s", "call", "check", "make", "s"]
    assert rows(kind="tasks", order="oldest") == ["make", "check", "look"]
    assert rows(person="rm-1") == ["make"]
    assert rows(outcome="open", process="inner") == ["look"]
    assert rows(element="call") == ["call"]
    assert rows(person="nobody") == []
    whole = page(rm, f"/cases/{case}", kind="tasks", person="rm-1")
    assert re.findall(r'data-history-row data-element="(\w+)"', whole) == ["make"]
    response = rm.client.get(f"/cases/{case}/history?kind=tasks", headers={"HX-Request": "true"})
    assert response.headers["HX-Replace-Url"] == f"/cases/{case}?kind=tasks#history"
    alone = rm.client.get(f"/cases/{case}/history?kind=tasks")
    assert (alone.status_code, alone.headers["Location"]) == (303, f"/cases/{case}?kind=tasks#history")


STRANGE: list[dict[str, str]] = [{"kind": "x"}, {"outcome": "x"}, {"order": "x"}, {"person": "a\x00b"}, {"cursor": "x"}]


def test_a_strange_filter_is_refused(deployed: People, browser: Browsers) -> None:
    case, rm = start(deployed), browser("rm-1")
    for query in STRANGE:
        page(rm, f"/cases/{case}/history", 422, htmx="s-history", **query)


def test_each_row_of_the_history_leads_to_its_element(deployed: People, browser: Browsers) -> None:
    case = start(deployed)
    shown = page(browser("rm-1"), f"/cases/{case}/history", htmx="s-history")
    assert f'href="/cases/{case}#element=make&amp;instance={case}"' in shown


def test_comments_are_made_and_refused(deployed: People, browser: Browsers) -> None:
    case, rm = start(deployed), browser("rm-1")
    sent = rm.client.post(f"/cases/{case}/comments", data={"text": "<b>请补充</b>"}, headers=rm.headers)
    assert sent.status_code == 200
    assert "&lt;b&gt;请补充&lt;/b&gt;" in sent.text
    assert "请补充" in page(browser("audit-1"), f"/cases/{case}")
    for who, status in (("audit-1", 403), ("outsider", 404)):
        other = browser(who)
        assert (
            other.client.post(f"/cases/{case}/comments", data={"text": "x"}, headers=other.headers).status_code
            == status
        )
    assert rm.client.post(f"/cases/{case}/comments", data={"text": " "}, headers=rm.headers).status_code == 422
    assert rm.client.post(f"/cases/{case}/comments", data={"text": "x"}).status_code == 403, "without CSRF token"


def test_documents_are_listed(deployed: People, browser: Browsers) -> None:
    case = start(deployed)
    sent = deployed("rm-1").upload("/documents", [("file", "证照&1.txt", b"x" * 2000)], instance_id=case)
    assert sent.status_code == 201
    shown = page(browser("rm-1"), f"/cases/{case}/documents", htmx="s-documents")
    assert f"/api/v1/documents/{sent.json['id']}/content" in shown
    assert "证照&amp;1.txt" in shown


def test_an_ended_case_takes_nothing_more(deployed: People, browser: Browsers) -> None:
    case = start(deployed)
    admin = deployed("admin-1")
    assert admin.post(f"/process-instances/{case}/cancel", {"reason": "test"}).status_code == 200
    shown = page(browser("rm-1"), f"/cases/{case}")
    assert "data-upload=" not in shown
    assert "s-talk-form" not in shown


def test_an_incident_stands_on_the_file_and_in_the_list(client: People, browser: Browsers) -> None:
    breaks = '<scriptTask id="calc" name="计算"><script>1 + missing</script></scriptTask>'
    staged = breaks.replace("<script>", props(stage="算") + "<script>", 1)
    bpmn = process("x", lanes(RM="s calc e") + in_a_row(staged, ids="calc"))
    assert client("publisher-1").deploy(x_bpmn=bpmn).status_code == 201
    case = client("rm-1").post("/process-definitions/x/start", {}).json["id"]
    shown = page(browser("rm-1"), f"/cases/{case}")
    assert 'id="incidents"' in shown
    assert "s-stage-failed" in shown
    assert diagram(browser("rm-1"), case)["elements"]["calc"]["state"] == "failed"
    assert "1 项异常" in page(browser("rm-1"), "/cases")
