"""The inbox and the page of a task, over HTTP."""

from __future__ import annotations

import json
import re

from flask import Flask

from tests.api.people import V1, Browser, Browsers, People
from tests.factories import form, one_task, two_tasks

PART = {"HX-Request": "true", "Accept-Language": "en"}
ENGLISH = {"Accept-Language": "en"}


def start(client: People, key: str = "pair", by: str = "rm-1") -> str:
    """Deploy two tasks in a row and start a case."""
    client("publisher-1").deploy(pair_bpmn=two_tasks())
    started = client(by).post(f"/process-definitions/{key}/start")
    assert started.status_code == 201, started.text
    return str(started.json["id"])


def only_task(person: Browser) -> str:
    """The id of the one open task of a role."""
    (found,) = person.get("/tasks", show="groups").json["items"]
    return str(found["id"])


def test_a_task_is_claimed_and_completed_in_the_preview(client: People, browser: Browsers) -> None:
    start(client)
    rm = browser("rm-1")
    listed = rm.client.get("/inbox?show=groups", headers=ENGLISH)
    assert listed.status_code == 200
    assert "PF-2" in listed.text
    identifier = only_task(rm)
    assert f'data-row="{identifier}"' in listed.text
    preview = rm.client.get(f"/inbox/tasks/{identifier}", headers=PART)
    assert "data-claim" in preview.text
    claimed = rm.client.post(f"/tasks/{identifier}/claim", headers=rm.headers | PART)
    assert claimed.status_code == 200
    assert "data-complete" in claimed.text
    assert f'data-row="{identifier}"' in rm.client.get("/inbox").text
    done = rm.client.post(f"/tasks/{identifier}/complete", headers=rm.headers | PART)
    assert (done.status_code, 'data-status="completed"' in done.text) == (200, True)
    assert f'data-row="{identifier}"' not in rm.client.get("/inbox").text
    assert f'data-row="{identifier}"' in rm.client.get("/inbox?show=done").text


def test_the_slower_of_two_learns_who_was_faster_and_when(client: People, browser: Browsers) -> None:
    start(client)
    first, second = browser("rm-1"), browser("rm-2")
    identifier = only_task(first)
    assert first.client.post(f"/tasks/{identifier}/claim", headers=first.headers | PART).status_code == 200
    late = second.client.post(f"/tasks/{identifier}/claim", headers=second.headers | PART)
    assert (late.status_code, late.headers["HX-Retarget"]) == (409, "#s-notices")
    assert re.search(r"rm-1 was faster and took this task at \d\d-\d\d \d\d:\d\d", late.text), late.text
    whole = second.client.post(f"/tasks/{identifier}/claim", headers=second.headers | ENGLISH)
    assert (whole.status_code, "Somebody was faster" in whole.text) == (409, True)


def test_the_problem_of_our_own_script_speaks_the_language_of_the_page(client: People, browser: Browsers) -> None:
    start(client)
    rm = browser("rm-1")
    identifier = only_task(rm)
    for language, said in (("en", "Nobody holds this task yet."), ("zh-CN", "此任务尚未领取。")):
        headers = rm.headers | {"X-Sancha-Page": "1", "Accept-Language": language}
        refused = rm.client.post(f"{V1}/tasks/{identifier}/complete", json={"variables": {}}, headers=headers)
        assert (refused.status_code, refused.json["message"].startswith(said)) == (409, True), refused.json
    plain = rm.client.post(f"{V1}/tasks/{identifier}/complete", json={"variables": {}}, headers=rm.headers)
    assert "message" not in plain.json


def test_filters_live_in_the_address_and_text_is_literal(client: People, browser: Browsers) -> None:
    start(client)
    rm = browser("rm-1")
    identifier = only_task(rm)
    for query, found in (
        ("text=PF-", True),
        ("text=%25", False),
        ("text=_", False),
        ("process=pair", True),
        ("process=other", False),
        ("role=RM&sort=priority", True),
        ("due=late", False),
        ("due=none&sort=newest", True),
    ):
        page = rm.client.get(f"/inbox?show=groups&{query}", headers=ENGLISH)
        assert page.status_code == 200
        assert (f'data-row="{identifier}"' in page.text) is found, query
    assert "No task matches these filters" in rm.client.get("/inbox?show=groups&due=late", headers=ENGLISH).text
    for wrong in ("show=x", "due=yesterday", "sort=id;drop", "text=" + "x" * 101, "cursor=abc"):
        assert rm.client.get(f"/inbox?{wrong}").status_code == 422, wrong


def test_a_stream_says_how_many_tasks_came(client: People, browser: Browsers) -> None:
    start(client)
    rm = browser("rm-1")
    since = re.search(r'data-since="([^"]+)"', rm.client.get("/inbox?show=groups").text)
    assert since is not None
    address = f"/inbox/events?show=groups&since={since.group(1)}"
    assert "data: 0\n" in rm.client.get(address).text
    client("rm-2").post("/process-definitions/pair/start")
    answer = rm.client.get(address)
    assert (answer.mimetype, "data: 1\n" in answer.text) == ("text/event-stream", True)
    assert "data: 0\n" in browser("outsider").client.get(address).text


def test_counts_are_of_both_lists(client: People, browser: Browsers) -> None:
    start(client)
    rm = browser("rm-1")
    counted = rm.client.get("/inbox/counts", headers=PART).text
    assert re.search(r'id="s-count-groups"[^>]*>1<', counted)
    assert re.search(r'id="s-count-mine"[^>]*>0<', counted)


def test_paging_shows_every_task_once(client: People, browser: Browsers) -> None:
    start(client)
    for _ in range(59):
        client("rm-1").post("/process-definitions/pair/start")
    rm = browser("rm-1")
    first = rm.client.get("/inbox?show=groups").text
    more = re.search(r'href="(/inbox\?[^"]*cursor=[^"]+)"', first)
    assert more is not None
    second = rm.client.get(more.group(1).replace("&amp;", "&"), headers=PART | {"HX-Target": "s-inbox-more"}).text
    rows = [re.findall(r'data-row="([^"]+)"', text) for text in (first, second)]
    assert [len(each) for each in rows] == [50, 10]
    assert len({*rows[0], *rows[1]}) == 60


def test_officers_without_business_role_have_no_inbox(browser: Browsers) -> None:
    for name, home in (("admin-1", "/operations"), ("audit-1", "/audit")):
        person = browser(name)
        refused = person.client.get("/inbox", headers=ENGLISH)
        assert (refused.status_code, "You hold no role that works on cases" in refused.text) == (403, True)
        assert person.client.get("/").headers["Location"] == home


def test_the_task_page_holds_form_draft_and_needed_data_only(app: Flask, client: People, browser: Browsers) -> None:
    model = one_task("asking", attributes='camunda:formRef="ask-form"')
    deployed = client("publisher-1").deploy(asking_bpmn=model, ask_form=form("ask-form", "answer"))
    assert deployed.status_code == 201, deployed.text
    client("rm-1").post("/process-definitions/asking/start", {"variables": {"answer": "before", "secret": "s3cret"}})
    rm = browser("rm-1")
    (found,) = rm.get("/tasks").json["items"]
    identifier = found["id"]
    assert 'data-mode="read"' in rm.client.get(f"/tasks/{identifier}").text
    rm.post(f"/tasks/{identifier}/claim")
    rm.put(f"/tasks/{identifier}/draft", {"data": {"answer": "</script><b>draft"}})
    page = rm.client.get(f"/tasks/{identifier}")
    assert 'data-mode="task"' in page.text
    assert "s3cret" not in page.text
    block = re.search(rf'<script type="application/json" id="form-json-{identifier}"[^>]*>(.*?)</script>', page.text)
    assert block is not None
    held = json.loads(block.group(1))
    assert (held["data"], held["draft"]) == ({"answer": "before"}, {"answer": "</script><b>draft"})
    other = browser("rm-2").client.get(f"/tasks/{identifier}")
    assert (other.status_code, "draft" in other.text) == (200, True)
    assert "</script><b>draft" not in other.text
    assert '"draft":null' in other.text


def test_a_comment_is_said_at_the_task(client: People, browser: Browsers) -> None:
    start(client)
    rm = browser("rm-1")
    identifier = only_task(rm)
    address, headers = f"/tasks/{identifier}/comments", rm.headers | PART
    said = rm.client.post(address, data={"text": "请补充 <b>环评</b>"}, headers=headers)
    assert said.status_code == 200
    assert "请补充 &lt;b&gt;环评&lt;/b&gt;" in said.text
    empty = rm.client.post(address, data={"text": " "}, headers=headers)
    assert empty.status_code == 422


def test_segregation_of_duties_is_said_before_one_tries(client: People, browser: Browsers) -> None:
    client("publisher-1").deploy(pair_bpmn=two_tasks(excludes="make", second="RM"))
    client("rm-1").post("/process-definitions/pair/start")
    rm = browser("rm-1")
    identifier = only_task(rm)
    rm.post(f"/tasks/{identifier}/claim")
    assert rm.post(f"/tasks/{identifier}/complete", {"variables": {}}).status_code == 200
    page = rm.client.get(f"/tasks/{only_task(rm)}", headers=ENGLISH)
    assert "Segregation of duties" in page.text
    assert "data-claim" not in page.text
