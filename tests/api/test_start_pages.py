"""Starting a case over HTTP: what is offered, the form, the question without a form, and what comes after."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from sqlalchemy import insert

from engine.model.identity import Membership
from tests.api.people import Browser, Browsers, People, sancha_of
from tests.cast import OTHER_BRANCH
from tests.factories import form, in_a_row, lanes, one_task, process, task
from tests.kernel.bpmn import props


@pytest.fixture
def shop(client: People) -> People:
    """``small`` for RM without a form, ``asks`` for RM with one, ``checks`` for REVIEWER, ``inner`` only called."""
    asked = in_a_row(task("ask"), ids="ask").replace(
        '<startEvent id="s"/>', f'<startEvent id="s">{props(form="ask-form")}</startEvent>'
    )
    told = props(**{"name.en": "Asks something", "documentation.en": "For &lt;tests&gt;."})
    asks = process("asks", lanes(RM="s ask e") + asked, properties=f"<documentation>用于测试。</documentation>{told}")
    inner = one_task("inner").decode().replace('id="inner"', 'id="inner" camunda:isStartableInTasklist="false"', 1)
    checks = process("checks", lanes(REVIEWER="s ask e") + in_a_row(task("ask"), ids="ask"))
    files = {"asks_bpmn": asks, "ask_form": form("ask-form", "purpose"), "inner_bpmn": inner.encode()}
    deployed = client("publisher-1").deploy(small_bpmn=one_task(), checks_bpmn=checks, **files)
    assert deployed.status_code == 201, deployed.text
    return client


def page(browser: Browser, path: str, expected: int = 200) -> str:
    response = browser.client.get(path)
    assert response.status_code == expected, response.text
    return response.text


def offered(browser: Browser) -> list[str]:
    return re.findall(r'<h2><a href="/start/([^"]+)"', page(browser, "/start"))


OFFERED = {
    "rm-1": ["asks", "small"],
    "reviewer-1": ["checks"],
    "outsider": ["asks", "checks", "small"],
    "plm-1": [],
    "admin-1": [],
    "audit-1": [],
}


def test_everybody_is_offered_what_they_may_start(shop: People, browser: Browsers) -> None:
    assert {who: offered(browser(who)) for who in OFFERED} == OFFERED


def test_a_card_says_what_it_is_for(shop: People, browser: Browsers) -> None:
    rm = browser("rm-1")
    assert "用于测试。" in page(rm, "/start")
    rm.client.set_cookie("sancha-language", "en")
    shown = page(rm, "/start")
    assert "Asks something" in shown
    assert "For &lt;tests&gt;." in shown


REFUSED = [
    ("rm-1", "checks", 403),
    ("plm-1", "small", 403),
    ("admin-1", "small", 403),
    ("rm-1", "inner", 404),
    ("rm-1", "unknown", 404),
]


def test_what_one_may_not_start_has_no_page(shop: People, browser: Browsers) -> None:
    for who, key, status in REFUSED:
        person = browser(who)
        page(person, f"/start/{key}", status)
        sent = person.client.post(f"/start/{key}", headers=person.headers)
        assert sent.status_code == status, (who, key)
        assert person.get("/process-instances").json["items"] == []


def test_a_process_with_a_form_shows_it(shop: People, browser: Browsers) -> None:
    shown = page(browser("rm-1"), "/start/asks")
    assert 'data-submit-url="/api/v1/process-definitions/asks/start" data-mode="start"' in shown
    (block,) = re.findall(r'<script type="application/json" id="form-json-start"[^>]*>(.*?)</script>', shown, re.DOTALL)
    given = json.loads(block)
    assert [field["key"] for field in given["schema"]["components"]] == ["purpose"]
    assert (given["language"], given["draft"], given["documents"]) == ("zh", None, [])
    assert "data-start-unit" not in shown, "there is nothing to choose"


def test_a_process_without_a_form_starts_at_once(shop: People, browser: Browsers) -> None:
    rm = browser("rm-1")
    assert 'action="/start/small"' in page(rm, "/start/small")
    token = rm.headers["X-CSRF-Token"]
    sent = rm.client.post("/start/small", data={"csrf_token": token})
    assert sent.status_code == 303
    (case,) = [item["id"] for item in rm.get("/process-instances").json["items"]]
    assert sent.headers["Location"] == f"/cases/{case}?started=1"
    shown = page(rm, sent.headers["Location"])
    (own,) = rm.get("/tasks").json["items"]
    assert f'class="btn btn-primary btn-sm" href="/tasks/{own["id"]}"' in shown, "the first task is offered"
    assert rm.client.post("/start/small").status_code == 403, "without CSRF token"


def test_the_first_task_is_awaited_and_then_the_file_read_anew(shop: People, browser: Browsers) -> None:
    rm = browser("rm-1")
    case = rm.post("/process-definitions/small/start", {}).json["id"]
    there = rm.client.get(f"/cases/{case}/started?tries=3", headers={"HX-Request": "true"})
    assert there.headers["HX-Refresh"] == "true"
    task_id = rm.get("/tasks").json["items"][0]["id"]
    rm.post(f"/tasks/{task_id}/claim")
    assert rm.post(f"/tasks/{task_id}/complete", {}).status_code == 200
    for tries, again in (("3", True), ("0", False), ("x", False), ("-1", False)):
        waiting = rm.client.get(f"/cases/{case}/started?tries={tries}", headers={"HX-Request": "true"})
        assert "HX-Refresh" not in waiting.headers
        assert (f"/cases/{case}/started?tries=" in waiting.text) is again


def test_somebody_of_two_units_chooses_one(shop: People, browser: Browsers, app: Flask) -> None:
    with sancha_of(app).store.transaction() as session:
        session.execute(insert(Membership).values(user="rm-1", role="RM", unit=OTHER_BRANCH))
    rm = browser("rm-1")
    assert "data-start-unit" in page(rm, "/start/small")
    assert """data-submit-body='{"unit":"BR-1"}'""" in page(rm, "/start/asks")
    token = rm.headers["X-CSRF-Token"]
    assert rm.client.post("/start/small", data={"csrf_token": token}).status_code == 422
    assert rm.client.post("/start/small", data={"csrf_token": token, "unit": "HQ"}).status_code == 403
    assert rm.client.post("/start/small", data={"csrf_token": token, "unit": OTHER_BRANCH}).status_code == 303
    (case,) = rm.get("/process-instances").json["items"]
    assert case["unit"] == OTHER_BRANCH
