"""Bad input: each case gets a problem document that names the thing, the right status, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.ids import new_id
from tests.api.people import V1, Browsers, People, Person
from tests.factories import one_task, process

HTTP_ONLY = pytest.mark.parametrize("database", ["sqlite"])  # refused before the database is asked
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
START = "/process-definitions/small/start"


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document, checked in form."""
    assert response.status_code == status, f"{response.status_code} {response.text}"
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.json
    assert body["type"] == f"urn:sancha:problem:{code}"
    assert (body["status"], body["code"], body["instance"]) == (status, code, response.request.path)
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    return body


@pytest.fixture
def rm(client: People) -> Person:
    """A relationship manager; the process ``small`` is deployed."""
    assert client("publisher-1").deploy(small_bpmn=one_task()).status_code == 201
    return client("rm-1")


def send(person: Person, body: bytes, content_type: str = "application/json", path: str = START) -> TestResponse:
    """POST raw bytes."""
    return person.send("POST", path, data=body, content_type=content_type)


def test_files_that_cannot_run_are_refused_with_the_place(client: People) -> None:
    publisher = client("publisher-1")
    for file, status, said in (
        (b"<definitions", 422, "bad.bpmn"),
        (b"", 422, "bad.bpmn"),
        (b"\x00\x01\x02", 422, "bad.bpmn"),
        (DOCTYPE + one_task("bad"), 422, "bad.bpmn"),
        (b"<a>" * 50_000, 413, "bad.bpmn"),
        (b"<a>" * 3_000, 422, "bad.bpmn"),
        (one_task("bad") + b" " * 60_000, 413, "bad.bpmn"),
        (process("bad", '<startEvent id="s"/><adHocSubProcess id="odd"/>'), 422, "odd"),
    ):
        refused = publisher.deploy(bad_bpmn=file)
        body = problem(refused, status, "too-large" if status == 413 else "deployment-refused")
        assert said in refused.text
        if status == 422:
            assert any(finding["severity"] == "error" for finding in body["findings"])
    assert publisher.get("/process-definitions").json["items"] == []
    assert publisher.get("/deployments").json["items"] == []


@HTTP_ONLY
def test_deploying_needs_the_role_a_name_and_files(client: People) -> None:
    problem(client("rm-1").deploy(small_bpmn=one_task()), 403, "forbidden")
    publisher = client("publisher-1")
    problem(publisher.upload("/deployments", [], name="none"), 422, "invalid-input")
    unnamed = problem(publisher.upload("/deployments", [("files", "a.bpmn", one_task())]), 422, "invalid-input")
    assert "name" in unnamed["errors"]
    twice = [("files", "a.bpmn", one_task()), ("files", "a.bpmn", one_task("other"))]
    assert "a.bpmn" in problem(publisher.upload("/deployments", twice, name="n"), 422, "invalid-input")["detail"]
    odd = publisher.upload("/deployments", [("files", "a.bpmn", one_task())], name="n", kernel="abacus")
    assert "kernel" in problem(odd, 422, "invalid-input")["errors"]
    problem(send(publisher, b"{}", path="/deployments"), 415, "unsupported-media-type")


@HTTP_ONLY
def test_bodies_that_are_not_json_are_refused(rm: Person) -> None:
    long = b'{"variables": {"a": ' + b"9" * 500 + b"}}"
    for body in (b"{", b"\xff\xfe", b'{"variables": {"a": NaN}}', long, b"[" * 15_000):
        problem(send(rm, body), 400, "bad-request")


@HTTP_ONLY
def test_bodies_with_wrong_members_name_them(rm: Person) -> None:
    for body, field in (
        (b"[]", "_schema"),
        (b'{"more": 1}', "more"),
        (b'{"variables": []}', "variables"),
        (b'{"version": "1"}', "version"),
        (b'{"version": 99999999999999999999}', "version"),
        (b'{"business_key": ""}', "business_key"),
        (b'{"business_key": "a\\u0000b"}', "business_key"),
        (b'{"unit": "\\ud800"}', "unit"),
        (b'{"variables": {"a": ["x", "\\u0000"]}}', "variables.a.1"),
        (b'{"variables": {"a\\udfff": 1}}', "variables.a\\udfff"),
        (b'{"variables": {"": 1}}', "variables..key"),
    ):
        assert list(problem(send(rm, body), 422, "invalid-input")["errors"]) == [field]
    assert rm.get("/process-instances").json["items"] == []


def test_a_body_of_another_kind_is_refused(rm: Person) -> None:
    for content_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"):
        problem(send(rm, b'{"variables": {}}', content_type), 415, "unsupported-media-type")


def test_variables_that_are_too_large_are_refused(rm: Person) -> None:
    body = problem(rm.post(START, {"variables": {"large": "x" * 20_001}}), 413, "too-large")
    assert (body["limit"], list(body["errors"])) == (20_000, ["large"])
    problem(rm.post(START, {"variables": {"large": "x" * 80_000}}), 413, "too-large")
    problem(send(rm, b" " * 2_000_000), 413, "request-entity-too-large")
    assert rm.get("/process-instances").json["items"] == []
    assert rm.post(START, {"variables": {"large": "x" * 19_000}}).status_code == 201


def test_what_does_not_exist_is_not_found(rm: Person) -> None:
    for path in (
        "/tasks/" + new_id(),
        "/tasks/1",
        "/process-instances/x",
        "/jobs/x",
        "/nothing",
    ):
        problem(rm.get(path), 404, "not-found")
    problem(rm.post("/process-definitions/unknown/start"), 404, "not-found")
    problem(rm.post(START, {"version": 9}), 404, "not-found")


def test_wrong_role_and_someone_elses_task(rm: Person, client: People) -> None:
    problem(client("reviewer-1").post(START), 403, "forbidden")
    problem(rm.post(START, {"unit": "BR-2"}), 403, "forbidden")
    assert rm.post(START).status_code == 201
    task = rm.get("/tasks").json["items"][0]["id"]
    problem(rm.post(f"/tasks/{task}/complete"), 409, "task-not-claimed")
    assert rm.post(f"/tasks/{task}/claim").status_code == 200
    taken = problem(client("rm-2").post(f"/tasks/{task}/claim"), 409, "task-already-claimed")
    assert (taken["who"], taken["when"][-1]) == ("rm-1", "Z")
    problem(client("rm-2").post(f"/tasks/{task}/complete"), 409, "task-already-claimed")
    problem(client("reviewer-1").post(f"/tasks/{task}/complete"), 404, "not-found")


def test_a_case_that_is_over_or_halted_does_not_move(rm: Person, client: People) -> None:
    admin, case = client("admin-1"), rm.post(START).json["id"]
    task = rm.get("/tasks").json["items"][0]["id"]
    problem(rm.post(f"/process-instances/{case}/suspend", {"reason": "x"}), 403, "forbidden")
    assert admin.post(f"/process-instances/{case}/suspend", {"reason": "audit"}).status_code == 200
    halted = problem(rm.post(f"/tasks/{task}/claim"), 409, "instance-suspended")
    assert (halted["who"], halted["instance_id"]) == ("admin-1", case)
    assert admin.post(f"/process-instances/{case}/resume").status_code == 200
    assert admin.post(f"/process-instances/{case}/cancel", {"reason": "withdrawn"}).status_code == 200
    over = rm.post(f"/tasks/{task}/claim")
    assert over.status_code == 409
    assert over.json["code"] in ("instance-ended", "task-cancelled")
    problem(admin.post(f"/process-instances/{case}/cancel", {"reason": "again"}), 409, "instance-ended")


@HTTP_ONLY
def test_queries_that_make_no_sense_name_the_parameter(rm: Person) -> None:
    for path, query, field in (
        ("/tasks", {"cursor": "nonsense"}, "cursor"),
        ("/tasks", {"cursor": "W10"}, "cursor"),
        ("/process-instances", {"limit": "0"}, "limit"),
        ("/process-instances", {"limit": "201"}, "limit"),
        ("/process-instances", {"limit": "many"}, "limit"),
        ("/process-instances", {"root_id": "x"}, "root_id"),
        ("/process-instances", {"sort": "id; drop table"}, "sort"),
        ("/tasks", {"show": "everything"}, "show"),
        ("/tasks", {"due_before": "tomorrow"}, "due_before"),
        ("/tasks", {"due_before": "2026-01-01T00:00:00"}, "due_before"),
        ("/tasks", {"due_before": "0001-01-01T00:00:00+14:00"}, "due_before"),
        ("/tasks", {"due_before": "9999-12-31T23:59:59-12:00"}, "due_before"),
        ("/tasks", {"role": "a\x00b"}, "role"),
        ("/tasks", {"a\x00b": "x"}, "a\\x00b"),
        ("/tasks", {"business_key": "x" * 256}, "business_key"),
    ):
        assert list(problem(rm.get(path, **query), 422, "invalid-input")["errors"]) == [field]


def test_filters_match_literally(rm: Person) -> None:
    rm.post(START)
    for text in ("%", "_", "\\", "' OR 1=1 --", '"', "x%00"):
        assert rm.get("/tasks", business_key=text).json["items"] == []
        assert rm.get("/process-instances", definition_key=text).json["items"] == []


@HTTP_ONLY
def test_headers_that_make_no_sense_are_refused(rm: Person) -> None:
    problem(rm.send("POST", START, headers={"Idempotency-Key": " "}), 422, "invalid-input")
    problem(rm.send("POST", START, headers={"Idempotency-Key": "x" * 201}), 422, "invalid-input")
    rm.post(START)
    task = rm.get("/tasks").json["items"][0]["id"]
    for etag in ("r1", '"1"', '"r' + "9" * 30 + '"', "\u0663"):
        problem(rm.send("POST", f"/tasks/{task}/claim", headers={"If-Match": etag}), 422, "invalid-input")
    assert rm.send("POST", f"/tasks/{task}/claim", headers={"If-Match": "*"}).status_code == 200


@HTTP_ONLY
def test_a_browser_without_csrf_token_is_told_so(browser: Browsers, rm: Person) -> None:
    without = browser("rm-1").client.post(V1 + START)
    assert "X-CSRF-Token" in problem(without, 403, "forbidden")["detail"]


def test_a_database_that_is_gone_is_503(app: Flask, rm: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    store = app.extensions["sancha"].store

    def gone(*_arguments: object, **_options: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(store.engine.dialect, "do_execute", gone)
    refused = rm.post(START)
    problem(refused, 503, "unavailable")
    assert refused.headers["Retry-After"] == "2"
    assert app.test_client().get(f"{V1}/health").status_code == 200
    problem(app.test_client().get(f"{V1}/ready"), 503, "unavailable")


@HTTP_ONLY
def test_an_error_of_ours_tells_nothing(app: Flask, rm: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("api.rest.tasks.inbox", broken)
    failed = rm.get("/tasks")
    problem(failed, 500, "internal-error")
    assert "secret" not in failed.text
