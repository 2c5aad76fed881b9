"""Users, roles, units, sessions and tokens over HTTP."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.api.people import PASSWORD, V1, Browser, Browsers, People, Person

NEW = "Another-One-2026"


def test_a_browser_signs_in_and_out(browser: Browsers) -> None:
    rm = browser("rm-1")
    current = rm.get("/sessions/current")
    assert current.status_code == 200
    assert current.json["user"]["name"] == "rm-1"
    assert current.json["user"]["roles"] == [{"role": "RM", "unit": "BR-1"}]
    assert current.json["expires_at"].endswith("Z")
    assert [item["id"] for item in rm.get("/sessions").json["items"]] == [current.json["id"]]
    cookie = rm.client.get_cookie("sancha")
    assert cookie is not None
    left = rm.delete("/sessions/current")
    assert left.status_code == 204
    assert rm.client.get_cookie("sancha") is None
    rm.client.set_cookie("sancha", cookie.value)
    assert rm.get("/sessions/current").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask) -> None:
    body = {"name": "rm-1", "password": PASSWORD}
    plain = app.test_client().post(f"{V1}/sessions", json=body).headers["Set-Cookie"]
    assert plain.startswith("sancha=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    app.config["SESSION_COOKIE_SECURE"] = True
    secure = app.test_client().post(f"{V1}/sessions", json=body).headers["Set-Cookie"]
    assert secure.startswith("__Host-sancha=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(secure.split("; "))
    assert "Domain" not in secure


def test_a_session_is_ended_from_another_machine(browser: Browsers) -> None:
    here, there = browser("rm-1"), browser("rm-1")
    other = next(
        item["id"]
        for item in here.get("/sessions").json["items"]
        if item["id"] != here.get("/sessions/current").json["id"]
    )
    assert browser("rm-2").delete(f"/sessions/{other}").status_code == 404
    assert here.delete(f"/sessions/{other}").status_code == 204
    assert there.get("/sessions/current").status_code == 401
    assert here.get("/sessions/current").status_code == 200


def test_a_program_has_no_session(client: People) -> None:
    assert client("rm-1").get("/sessions/current").status_code == 404
    assert client("rm-1").delete("/sessions/current").status_code == 404


def test_a_bearer_token_decides_alone(app: Flask, browser: Browsers) -> None:
    rm = browser("rm-1")
    for header in ("Bearer wrong", "Bearer ", "Basic cm0tMTp4", "nonsense"):
        refused = rm.client.get(f"{V1}/sessions/current", headers={"Authorization": header})
        assert refused.status_code == 401


def test_tokens_are_made_listed_and_revoked(app: Flask, browser: Browsers) -> None:
    rm = browser("rm-1")
    made = rm.post("/tokens", {"label": "nightly", "days": 3})
    assert made.status_code == 201
    program = Person("rm-1", app.test_client(use_cookies=False), {"Authorization": f"Bearer {made.json['token']}"})
    (listed,) = program.get("/tokens").json["items"]
    assert (listed["label"], listed["id"], "token" in listed) == ("nightly", made.json["id"], False)
    assert program.delete(f"/tokens/{made.json['id']}").status_code == 204
    assert program.get("/tokens").status_code == 401


@pytest.mark.parametrize("database", ["sqlite"])  # refused before the database is asked
def test_tokens_that_make_no_sense_are_refused(app: Flask) -> None:
    known = {"name": "rm-1", "password": PASSWORD}
    for body in (
        {"label": "x", "name": "rm-1"},
        {"label": "x", "password": PASSWORD},
        known,
        known | {"label": "x", "days": 0},
        known | {"label": "x", "days": 367},
        known | {"label": "x", "more": 1},
    ):
        refused = app.test_client().post(f"{V1}/tokens", json=body)
        assert (refused.status_code, refused.json["code"]) == (422, "invalid-input"), body
        assert refused.json["errors"]


def test_wrong_passwords_are_refused_then_slowed_down(app: Flask) -> None:
    guess = app.test_client()
    for number in range(5):
        wrong = guess.post(f"{V1}/sessions", json={"name": "rm-1", "password": f"Wrong-password-{number}"})
        assert (wrong.status_code, wrong.json["code"]) == (401, "not-authenticated")
        assert "Set-Cookie" not in wrong.headers
    slowed = guess.post(f"{V1}/sessions", json={"name": "rm-1", "password": PASSWORD})
    assert (slowed.status_code, slowed.json["code"]) == (429, "too-many-attempts")
    assert 0 < int(slowed.headers["Retry-After"]) <= 301
    assert guess.post(f"{V1}/tokens", json={"name": "rm-1", "password": PASSWORD, "label": "x"}).status_code == 429
    assert guess.post(f"{V1}/sessions", json={"name": "rm-2", "password": PASSWORD}).status_code == 201


def test_an_administrator_manages_people(app: Flask, client: People) -> None:
    admin = client("admin-1")
    made = admin.post("/users", {"name": "new-1", "display_name": "新人", "password": NEW}, Idempotency_Key="n")
    assert made.status_code == 201, made.text
    assert "password" not in made.text
    again = admin.post("/users", {"name": "new-1", "display_name": "新人", "password": NEW}, Idempotency_Key="n")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert admin.post("/users", {"name": "new-1", "display_name": "x"}).json["code"] == "duplicate-name"
    granted = admin.post("/users/new-1/roles", {"role": "RM", "unit": "BR-2"})
    assert granted.json["roles"] == [{"role": "RM", "unit": "BR-2"}]
    excluded = admin.post("/users/new-1/roles", {"role": "AUDIT", "unit": "HQ"})
    assert (excluded.status_code, excluded.json["excluded_by"]) == (409, ["RM"])
    person = Browser.signed_in(app, "new-1", NEW)
    assert person.get("/users/new-1").json["display_name"] == "新人"
    assert admin.delete("/users/new-1/roles/RM/BR-2").json["roles"] == []
    assert admin.patch("/users/new-1", {"disabled": True}).json["disabled"] is True
    assert person.get("/users/new-1").status_code == 401
    assert [item["name"] for item in admin.get("/users", limit=200).json["items"]].count("new-1") == 1
    actions = [
        item["action"]
        for item in client("audit-1").get("/audit/events", stream="administration", limit=200).json["items"]
    ]
    for action in ("user:created", "role:granted", "session:opened", "role:revoked", "user:disabled", "token:created"):
        assert action in actions


def test_people_change_their_own_password(app: Flask, browser: Browsers, client: People) -> None:
    rm = browser("rm-1")
    path = "/users/rm-1/password"
    assert rm.put(path, {"password": NEW}).status_code == 401
    assert rm.put(path, {"current": "Wrong-password-1", "password": NEW}).status_code == 401
    weak = rm.put(path, {"current": PASSWORD, "password": "short"})
    assert (weak.status_code, list(weak.json["errors"])) == (422, ["password"])
    assert rm.put("/users/rm-2/password", {"current": PASSWORD, "password": NEW}).status_code == 403
    assert rm.put(path, {"current": PASSWORD, "password": NEW}).status_code == 200
    assert rm.get("/sessions/current").status_code == 200
    assert Browser.signed_in(app, "rm-1", NEW).get("/sessions/current").status_code == 200
    assert client("admin-1").put("/users/rm-2/password", {"password": NEW}).status_code == 200
    assert Browser.signed_in(app, "rm-2", NEW).get("/sessions/current").status_code == 200


def test_roles_and_units_are_listed_and_added(client: People) -> None:
    admin = client("admin-1")
    assert admin.post("/units", {"id": "BR-3", "name": "第三分行", "parent": "HQ"}).status_code == 201
    made = admin.post("/roles", {"id": "TREASURER", "name": "司库", "name_en": "Treasurer", "exclusive_with": ["RM"]})
    assert made.status_code == 201
    assert {"id": "BR-3", "name": "第三分行", "parent": "HQ"} in client("rm-1").get("/units").json["items"]
    rm = next(role for role in client("rm-1").get("/roles").json["items"] if role["id"] == "RM")
    assert {"ADMIN", "AUDIT", "TREASURER"} <= set(rm["exclusive_with"])
