"""Every route for programs, taken from the route map: as nobody, as the outsider, and with a method it does not have.

The pages have `test_page_routes`.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engine.ids import new_id
from tests.api.people import V1, Browsers, People, Person
from tests.factories import two_tasks

PUBLIC = {
    ("POST", "/api/v1/sessions"),
    ("POST", "/api/v1/tokens"),
    ("POST", "/api/v1/callbacks/<address>"),
    ("GET", "/api/v1/health"),
    ("GET", "/api/v1/ready"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/metrics"),
    ("GET", "/api/v1"),
}
OPEN_TO_STAFF = {
    "/api/v1/sessions",
    "/api/v1/tokens",
    "/api/v1/roles",
    "/api/v1/units",
    "/api/v1/deployments",
    "/api/v1/deployments/<uuid:deployment_id>",
    "/api/v1/decisions",
    "/api/v1/process-definitions",
    "/api/v1/process-definitions/<definition_id>",
    "/api/v1/process-definitions/<definition_id>/xml",
}
"""What everybody signed in may read: their own things, and what is no secret within the house."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BODIES = {
    "/api/v1/process-instances/<instance_id>/variables": {"variables": {"a": 1}},
    "/api/v1/process-instances/<instance_id>/suspend": {"reason": "why"},
    "/api/v1/process-instances/<instance_id>/cancel": {"reason": "why"},
    "/api/v1/tasks/<task_id>/assign": {"user": "outsider"},
    "/api/v1/tasks/<task_id>/draft": {"data": {}},
    "/api/v1/tasks/<task_id>/due-date": {"due": "2027-01-01T00:00:00Z"},
    "/api/v1/jobs/<job_id>/due-date": {"due": "2027-01-01T00:00:00Z"},
    "/api/v1/messages": {"message_id": "1", "name": "n", "key": "k"},
    "/api/v1/signals": {"name": "n"},
    "/api/v1/conditions": {"variables": {"a": 1}},
    "/api/v1/users": {"name": "new-1", "display_name": "new"},
    "/api/v1/users/<name>": {"disabled": True},
    "/api/v1/users/<name>/password": {"password": "Blue-Tuesday-42"},
    "/api/v1/users/<name>/roles": {"role": "RM", "unit": "BR-2"},
    "/api/v1/roles": {"id": "NEW", "name": "n", "name_en": "n"},
    "/api/v1/units": {"id": "BR-9", "name": "n"},
}


def operations(app: Flask) -> list[tuple[str, Rule]]:
    """Every method of every route for programs."""
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/metrics"))
        for method in sorted(rule.methods or ())
        if method in METHODS
    ]


def address(rule: Rule, known: dict[str, str]) -> str:
    """The rule with the ids of things that exist, else unknown ones."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found.group(1), new_id()), rule.rule)


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_nobody_gets_nothing(app: Flask, things: dict[str, str]) -> None:
    nobody = Person.nobody(app)
    for method, rule in operations(app):
        if (method, rule.rule) not in PUBLIC:
            response = nobody.client.open(address(rule, things), method=method, json=BODIES.get(rule.rule))
            assert response.status_code == 401, f"{method} {rule.rule}: {response.status_code}"
            assert response.json["code"] == "not-authenticated"
            assert response.headers["WWW-Authenticate"] == "Bearer"


def test_the_outsider_sees_and_changes_nothing(app: Flask, client: People, things: dict[str, str]) -> None:
    outsider, before = client("outsider"), client("rm-1").get("/process-instances").json
    tried = 0
    for method, rule in operations(app):
        if (method, rule.rule) in PUBLIC or (method == "GET" and rule.rule in OPEN_TO_STAFF):
            continue
        of_a_case = (f"{V1}/history/activities", f"{V1}/documents", f"{V1}/comments")
        query = {"root_id": things["instance_id"]} if rule.rule in of_a_case else {}
        if (method, rule.rule) == ("POST", f"{V1}/documents"):
            response = outsider.upload("/documents", [("file", "a.txt", b"x")], instance_id=things["instance_id"])
        elif (method, rule.rule) == ("POST", f"{V1}/deployments"):
            response = outsider.deploy(pair_bpmn=two_tasks())
        elif (method, rule.rule) == ("POST", f"{V1}/deployments/check"):
            response = outsider.upload("/deployments/check", [("files", "a.bpmn", two_tasks())], name="x")
        elif (method, rule.rule) == ("POST", f"{V1}/comments"):
            response = outsider.post("/comments", {"instance_id": things["instance_id"], "text": "x"})
        elif rule.rule == f"{V1}/process-definitions/<key>/start":
            response = outsider.post("/process-definitions/pair/start", {"unit": "BR-1"})
        else:
            response = outsider.send(method, address(rule, things), json=BODIES.get(rule.rule), query_string=query)
        empty = response.status_code == 200 and response.json == {"items": [], "next": None}
        assert empty or response.status_code in (403, 404), (
            f"{method} {rule.rule}: {response.status_code} {response.text}"
        )
        tried += 1
    assert tried > 40
    assert client("rm-1").get("/process-instances").json == before


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_a_method_that_a_route_does_not_have_is_refused(app: Flask, client: People, things: dict[str, str]) -> None:
    rm = client("rm-1")
    allowed: dict[str, set[str]] = {}
    for method, rule in operations(app):
        allowed.setdefault(address(rule, things), set()).add(method)
    for path, methods in allowed.items():
        for method in set(METHODS) - methods:
            response = rm.client.open(path, method=method, headers=rm.headers)
            assert response.status_code == 405, f"{method} {path}: {response.status_code}"
            assert response.json["code"] == "method-not-allowed"
            assert set(response.headers["Allow"].split(", ")) >= methods


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_a_browser_needs_its_csrf_token_for_every_change(app: Flask, browser: Browsers, things: dict[str, str]) -> None:
    rm = browser("rm-1")
    for headers in ({}, {"X-CSRF-Token": "wrong"}):
        for method, rule in operations(app):
            if method != "GET" and (method, rule.rule) not in PUBLIC:
                response = rm.client.open(
                    address(rule, things), method=method, headers=headers, json=BODIES.get(rule.rule)
                )
                assert (response.status_code, response.json["code"]) == (403, "forbidden"), f"{method} {rule.rule}"
    token = rm.client.post(f"{V1}/tokens", json={"label": "by a foreign page"})
    assert token.status_code == 403


def test_unknown_and_malformed_ids_name_nothing(app: Flask, client: People, things: dict[str, str]) -> None:
    admin = client("admin-1")
    for odd in (
        new_id(),
        "1",
        "%00",
        "x" * 300,
        "..%2f..",
        "%ff%fe",
        "null",
        "%F0%9F%92%A9",
        things["task_id"].upper(),
    ):
        for method, rule in operations(app):
            if "<" not in rule.rule or (method, rule.rule) in PUBLIC:
                continue
            path = re.sub(r"<(?:\w+:)?(\w+)>", odd, rule.rule)
            response = admin.send(method, path, json=BODIES.get(rule.rule))
            assert response.status_code in (403, 404), f"{method} {path}: {response.status_code} {response.text}"
