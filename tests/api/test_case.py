"""A small case driven over HTTP by different people."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from engine.ids import is_id
from tests.api.people import Browsers, People, Person, sancha_of
from tests.databases import Statements
from tests.factories import one_task, two_tasks


def start(client: People, key: str = "pair", by: str = "rm-1", **body: object) -> str:
    """Start a case and return its id."""
    started = client(by).post(f"/process-definitions/{key}/start", body)
    assert started.status_code == 201, started.text
    return str(started.json["id"])


def open_task(person: Person, element: str) -> dict[str, object]:
    """The one open task at ``element`` that the person sees."""
    (found,) = person.get("/tasks", element=element).json["items"]
    return dict(found)


@pytest.fixture
def pair(client: People) -> People:
    """The process ``pair`` is deployed: RM makes, REVIEWER checks, never the same person."""
    deployed = client("publisher-1").deploy(pair_bpmn=two_tasks(excludes="make"))
    assert deployed.status_code == 201, deployed.text
    assert deployed.json["definitions"] == [{"kind": "process", "key": "pair", "version": 1, "new": True}]
    return client


def test_two_people_finish_a_case(pair: People) -> None:
    case = start(pair, variables={"amount": 12.5})
    rm, reviewer = pair("rm-1"), pair("reviewer-1")
    assert rm.get(f"/process-instances/{case}").json["status"] == "active"
    assert [item["element"] for item in rm.get(f"/process-instances/{case}/activities").json["items"]] == ["make"]
    make = open_task(rm, "make")
    claimed = rm.post(f"/tasks/{make['id']}/claim")
    assert (claimed.status_code, claimed.json["assignee"], claimed.headers["ETag"]) == (200, "rm-1", '"r2"')
    done = rm.post(f"/tasks/{make['id']}/complete", {"variables": {"note": "ok"}}, If_Match='"r2"')
    assert done.status_code == 200, done.text
    assert done.json["completed_by"] == "rm-1"
    assert done.json["completed_at"].endswith("Z")
    check = open_task(reviewer, "check")
    assert reviewer.post(f"/tasks/{check['id']}/claim").status_code == 200
    assert reviewer.post(f"/tasks/{check['id']}/complete").status_code == 200
    ended = rm.get(f"/process-instances/{case}").json
    assert (ended["status"], ended["end_event"]) == ("completed", "e")
    steps = rm.get("/history/activities", root_id=case).json["items"]
    assert [(step["element"], step["actor"]) for step in steps if step["element"] in ("make", "check")] == [
        ("make", "rm-1"),
        ("check", "reviewer-1"),
    ]
    actions = [event["action"] for event in pair("audit-1").get("/audit/events", stream=case).json["items"]]
    assert actions[0] == "instance:started"
    assert actions.count("task:completed") == 2


def test_numbers_come_back_exactly(pair: People) -> None:
    body = '{"variables": {"amount": 0.1000000000000000055, "whole": 7, "when": "2026-10-09"}}'
    started = pair("rm-1").send("POST", "/process-definitions/pair/start", data=body, content_type="application/json")
    variables = pair("rm-1").get(f"/process-instances/{started.json['id']}/variables").json["variables"]
    assert variables == {"amount": "0.1000000000000000055", "whole": 7, "when": "2026-10-09"}


@pytest.mark.parametrize("how", ["token", "cookie"])
def test_completing_takes_few_statements_and_one_commit(app: Flask, pair: People, browser: Browsers, how: str) -> None:
    start(pair)
    rm = pair("rm-1") if how == "token" else browser("rm-1")
    task = open_task(rm, "make")
    rm.post(f"/tasks/{task['id']}/claim")
    with Statements(sancha_of(app).store.engine) as sent:
        done = rm.post(
            f"/tasks/{task['id']}/complete", {"variables": {"note": "ok"}}, Idempotency_Key=str(uuid.uuid4())
        )
    assert done.status_code == 200, done.text
    assert len(sent) <= 15, f"{len(sent)} statements:\n{sent}"
    assert sent.commits == 1


def test_excluded_and_foreign_people_are_kept_out(pair: People) -> None:
    start(pair)
    task = open_task(pair("rm-1"), "make")
    outsider = pair("outsider")
    for response in (
        outsider.get(f"/tasks/{task['id']}"),
        outsider.post(f"/tasks/{task['id']}/claim"),
        outsider.post(f"/tasks/{task['id']}/complete"),
        outsider.get(f"/process-instances/{task['root_id']}"),
    ):
        assert (response.status_code, response.json["code"]) == (404, "not-found")
    assert pair("admin-1").post(f"/tasks/{task['id']}/claim").status_code == 403
    assert outsider.get("/tasks").json == {"items": [], "next": None}


def test_a_repeated_request_has_one_effect(pair: People) -> None:
    rm, key = pair("rm-1"), "again"
    first = rm.post("/process-definitions/pair/start", {"variables": {"n": 1}}, Idempotency_Key=key)
    again = rm.post("/process-definitions/pair/start", {"variables": {"n": 1}}, Idempotency_Key=key)
    other = rm.post("/process-definitions/pair/start", {"variables": {"n": 2}}, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (again.headers["Idempotency-Replayed"], "Idempotency-Replayed" in first.headers) == ("true", False)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-mismatch")
    assert len(rm.get("/process-instances").json["items"]) == 1
    assert (
        pair("rm-2").post("/process-definitions/pair/start", {"variables": {}}, Idempotency_Key=key).status_code == 201
    )


def test_a_refused_request_may_be_corrected_under_its_key(pair: People) -> None:
    rm = pair("rm-1")
    refused = rm.post("/process-definitions/pair/start", {"business_key": ""}, Idempotency_Key="k")
    corrected = rm.post("/process-definitions/pair/start", {"business_key": "PF-1"}, Idempotency_Key="k")
    assert (refused.status_code, corrected.status_code) == (422, 201)


def test_without_a_key_a_second_completion_is_a_conflict(client: People) -> None:
    client("publisher-1").deploy(small_bpmn=one_task())
    start(client, "small")
    rm = client("rm-1")
    task = open_task(rm, "ask")
    rm.post(f"/tasks/{task['id']}/claim")
    assert rm.post(f"/tasks/{task['id']}/complete").status_code == 200
    second = rm.post(f"/tasks/{task['id']}/complete")
    assert (second.status_code, second.json["code"], second.json["who"]) == (409, "task-already-completed", "rm-1")
    assert second.json["when"].endswith("Z")


def test_a_stale_revision_is_a_conflict(pair: People) -> None:
    start(pair)
    rm = pair("rm-1")
    task = open_task(rm, "make")
    rm.post(f"/tasks/{task['id']}/claim")
    stale = rm.post(f"/tasks/{task['id']}/complete", If_Match='"r1"')
    assert (stale.status_code, stale.json["code"]) == (409, "stale-revision")
    strange = rm.post(f"/tasks/{task['id']}/complete", If_Match='"abc"')
    assert strange.status_code == 422
    case = pair("admin-1").get(f"/process-instances/{task['root_id']}")
    assert case.headers["ETag"] == f'"r{case.json["revision"]}"'


def test_pages_follow_one_another(pair: People) -> None:
    cases = {start(pair) for _ in range(5)}
    rm, seen, cursor = pair("rm-1"), [], None
    while True:
        page = rm.get("/process-instances", limit=2, **({"cursor": cursor} if cursor else {})).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(cases)
    assert all(is_id(each) for each in seen)


def test_a_case_is_started_in_the_version_that_an_id_names(pair: People) -> None:
    first = pair("rm-1").get("/process-definitions", key="pair").json["items"][0]
    again = pair("publisher-1").deploy(pair_bpmn=two_tasks(excludes="make").replace(b"make", b"make", 1) + b"\n")
    assert again.status_code == 201, again.text
    assert again.json["definitions"][0]["version"] == 2
    named = pair("rm-1").post(f"/process-definitions/{first['id']}/start")
    assert (named.status_code, named.json["definition_version"]) == (201, 1)
    latest = pair("rm-1").post("/process-definitions/pair/start")
    assert (latest.status_code, latest.json["definition_version"]) == (201, 2)
    contradiction = pair("rm-1").post(f"/process-definitions/{first['id']}/start", {"version": 2})
    assert (contradiction.status_code, contradiction.json["code"]) == (422, "invalid-input")
    unknown = pair("rm-1").post(f"/process-definitions/{uuid.uuid4()}/start")
    assert unknown.status_code == 404
