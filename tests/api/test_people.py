"""Users, roles, units, sessions and tokens over HTTP."""

from __future__ import annotations

from flask import Flask

from tests.api.people import Browsers, People


def test_a_browser_signs_in_and_out(app: Flask, browser: Browsers) -> None:
    rm = browser("rm-1")
    current = rm.get("/sessions/current")
    assert current.status_code == 200
    assert current.json["user"]["name"] == "rm-1"
    assert current.json["user"]["roles"] == [{"role": "RM", "unit": "BR-1"}]
    assert current.json["expires_at"].endswith("Z")
    assert [item["id"] for item in rm.get("/sessions").json["items"]] == [current.json["id"]]
    assert rm.delete("/sessions/current").status_code == 204
    assert rm.get("/sessions/current").status_code == 401


def test_a_program_has_no_session(client: People) -> None:
    assert client("rm-1").get("/sessions/current").status_code == 404
