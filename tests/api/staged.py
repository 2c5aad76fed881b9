"""A case with stages, a timer and a called process, driven over HTTP, and its pages as people see them."""

from __future__ import annotations

import re
from typing import Any

from tests.api.people import Browser, People
from tests.factories import in_a_row, lanes, process, task


def deploy_staged(client: People) -> None:
    """``outer`` makes, waits an hour beside ``check``, and calls ``inner``; stages one and two."""
    inner = process("inner", lanes(PLM="s look e") + in_a_row(task("look", name="查看"), ids="look"))
    timer = (
        '<boundaryEvent id="late" name="超时" cancelActivity="false" attachedToRef="check">'
        '<timerEventDefinition id="t"><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>'
        '<endEvent id="told"/><sequenceFlow id="late_told" sourceRef="late" targetRef="told"/>'
    )
    make = task("make", name="编制", **{"name.en": "Make", "stage": "编制", "stage.en": "Making"})
    check = task("check", name="复核", **{"name.en": "Check", "stage": "复核", "stage.en": "Checking"})
    call = '<callActivity id="call" name="调用" calledElement="inner"/>'
    body = in_a_row(make, check, timer, call, ids="make check call")
    outer = process("outer", lanes(RM="s make call e", REVIEWER="check late told") + body)
    assert client("publisher-1").deploy(inner_bpmn=inner, outer_bpmn=outer).status_code == 201


def start(client: People, by: str = "rm-1") -> str:
    started = client(by).post("/process-definitions/outer/start", {})
    assert started.status_code == 201, started.text
    return str(started.json["id"])


def do(client: People, who: str, element: str) -> None:
    (found,) = client(who).get("/tasks", element=element).json["items"]
    client(who).post(f"/tasks/{found['id']}/claim")
    done = client(who).post(f"/tasks/{found['id']}/complete", {})
    assert done.status_code == 200, done.text


def page(browser: Browser, path: str, expected: int = 200, *, htmx: str = "", **query: str) -> str:
    headers = {"HX-Request": "true", "HX-Target": htmx} if htmx else {}
    response = browser.client.get(path, headers=headers, query_string=query)
    assert response.status_code == expected, response.text
    return response.text


def diagram(browser: Browser, case: str, instance: str | None = None) -> dict[str, Any]:
    response = browser.client.get(f"/cases/{case}/diagram/{instance or case}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json
    return found


def plain(html: str) -> str:
    """The text of a part of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def english(browser: Browser) -> Browser:
    browser.client.set_cookie("sancha-language", "en")
    return browser


def do_first(client: People, case: str) -> None:
    """Bring ``case``, of several, into its called process."""
    for who, element in (("rm-1", "make"), ("reviewer-1", "check")):
        items = client(who).get("/tasks", element=element).json["items"]
        (found,) = [item for item in items if item["root_id"] == case]
        client(who).post(f"/tasks/{found['id']}/claim")
        assert client(who).post(f"/tasks/{found['id']}/complete", {}).status_code == 200


def child_of(client: People, case: str) -> str:
    items = client("rm-1").get("/process-instances", root_id=case).json["items"]
    (found,) = [item["id"] for item in items if item["parent_id"]]
    return str(found)
