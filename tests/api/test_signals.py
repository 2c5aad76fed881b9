"""Signals and conditions over HTTP."""

from __future__ import annotations

from flask import Flask

from engine.jobs.tick import run_due
from tests.api.people import Browsers, People, sancha_of
from tests.engine.test_conditional_starts import watching
from tests.faults import models


def test_a_signal_is_thrown_once_per_idempotency_key(app: Flask, client: People, browser: Browsers) -> None:
    sancha = sancha_of(app)
    models.deploy_files(sancha, listening=models.listening(), started=models.started_by_signal())
    case = models.start(sancha, "listening")
    waiting = client("admin-1").get(f"/process-instances/{case}/waits").json
    assert (waiting["messages"], [each["name"] for each in waiting["signals"]]) == ([], ["ALARM"])
    assert "ALARM" in browser("admin-1").client.get(f"/cases/{case}").text

    body = {"name": "ALARM", "variables": {"level": "red"}}
    first = client("admin-1").post("/signals", body, Idempotency_Key="k")
    again = client("admin-1").post("/signals", body, Idempotency_Key="k")
    assert (first.status_code, first.json["instances"], first.json["starts"]) == (202, 1, 1)
    assert again.json == first.json
    run_due(sancha, "w")
    assert client("admin-1").get(f"/jobs/{first.json['signal']}").json["status"] == "done"
    assert models.open_tasks(sancha) == ["visit", "visit"]
    assert client("admin-1").get(f"/process-instances/{case}/waits").json["signals"] == []
    variables = client("admin-1").get(f"/process-instances/{case}/variables").json["variables"]
    assert variables == {"level": "red"}


def test_a_signal_is_for_administrators_and_has_a_name(client: People) -> None:
    refused = client("rm-1").post("/signals", {"name": "ALARM"})
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    for body in ({}, {"name": ""}, {"name": "A", "more": 1}):
        assert client("admin-1").post("/signals", body).status_code == 422
    assert client("admin-1").post("/signals", {"name": "NOBODY"}).json["instances"] == 0


def test_conditions_start_what_they_make_true(app: Flask, client: People) -> None:
    models.deploy_files(sancha_of(app), exposure=watching("exposure", "amount &gt; 100"))
    started = client("admin-1").post("/conditions", {"variables": {"amount": 101}, "business_key": "K-1"})
    assert started.status_code == 200, started.text
    (case,) = started.json["items"]
    assert (case["definition_key"], case["business_key"], case["status"]) == ("exposure", "K-1", "active")
    assert client("admin-1").post("/conditions", {"variables": {"amount": 1}}).json == {"items": []}
    taken = client("admin-1").post("/conditions", {"variables": {"amount": 101}, "business_key": "K-1"})
    assert (taken.status_code, taken.json["code"]) == (409, "duplicate-name")
    assert client("rm-1").post("/conditions", {"variables": {}}).status_code == 403
