"""Callbacks of third parties and messages of the house over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.callbacks import sign
from engine.clock import read_clock
from tests.api.people import V1, People, sancha_of
from tests.factories import in_a_row, lanes, process
from tests.kernel.bpmn import props

WAITING = process(
    "waiting",
    lanes(RM="s answer e")
    + in_a_row(f'<receiveTask id="answer" messageRef="m">{props(correlationKey="=case")}</receiveTask>', ids="answer"),
    root='<message id="m" name="Answer"/>',
)


@pytest.fixture
def case(client: People) -> str:
    """A case that waits for the message ``Answer`` with the key K-1."""
    deployed = client("publisher-1").deploy(waiting_bpmn=WAITING)
    assert deployed.status_code == 201, deployed.text
    started = client("rm-1").post("/process-definitions/waiting/start", {"variables": {"case": "K-1"}})
    assert started.status_code == 201, started.text
    return str(started.json["id"])


def answer(app: Flask, body: bytes, **changed: str) -> TestResponse:
    """What a counterparty sends to the address it was given, signed; ``changed`` headers come instead."""
    keys, store = sancha_of(app).callbacks, sancha_of(app).store
    with store.transaction(write=False) as session:
        now = read_clock(session).raw
    path = V1 + keys.address("Answer", "K-1").partition(V1)[2]
    headers = sign(keys.secret("answer"), body, now=now, nonce="n" * 20) | {
        name.replace("_", "-"): value for name, value in changed.items()
    }
    return app.test_client().post(path, data=body, headers=headers, content_type="application/json")


def letter(**payload: Any) -> bytes:
    """The body of a callback."""
    return json.dumps({"messageId": "1", "name": "Answer", "key": "K-1", "payload": payload}).encode()


def test_a_signed_callback_moves_the_case_once(app: Flask, client: People, case: str) -> None:
    first = answer(app, letter(rating="AA"))
    assert (first.status_code, first.json["status"]) == (200, "received")
    assert answer(app, letter(rating="AA")).json == first.json
    assert client("rm-1").get(f"/process-instances/{case}").json["status"] == "completed"
    events = client("audit-1").get("/audit/events", stream=case).json["items"]
    assert [event["actor"] for event in events if event["action"] == "message:correlated"] == ["third-party:answer"]


def test_a_callback_that_is_not_genuine_changes_nothing(app: Flask, client: People, case: str) -> None:
    for refused in (
        answer(app, letter(rating="AA"), Sancha_Signature="v1=00"),
        answer(app, letter(rating="AA"), Sancha_Timestamp="1"),
        app.test_client().post(f"{V1}/callbacks/forged", data=letter()),
        app.test_client().post(f"{V1}/callbacks/a.b", data=b"{"),
    ):
        assert (refused.status_code, refused.json["code"]) == (401, "callback-refused")
    assert client("rm-1").get(f"/process-instances/{case}").json["status"] == "active"


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800"])
def test_a_callback_with_text_that_cannot_be_stored_is_refused(
    app: Flask, client: People, case: str, text: str
) -> None:
    body = letter(rating="X").replace(b'"X"', f'"{text}"'.encode())
    refused = answer(app, body)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid-input"), refused.text
    assert client("rm-1").get(f"/process-instances/{case}").json["status"] == "active"


def test_only_administrators_send_messages_by_hand(client: People, case: str) -> None:
    body = {"message_id": "7", "name": "Answer", "key": "K-1", "payload": {"rating": "AA"}}
    assert client("rm-1").post("/messages", body).status_code == 403
    admin = client("admin-1")
    sent = admin.post("/messages", body)
    assert (sent.status_code, sent.json["status"], sent.json["root_id"]) == (200, "delivered", case)
    again = admin.post("/messages", body)
    assert (again.json["duplicate"], again.json["message"]) == (True, sent.json["message"])
    other = admin.post("/messages", body | {"payload": {"rating": "C"}})
    assert (other.status_code, other.json["code"]) == (422, "idempotency-mismatch")
    early = admin.post("/messages", body | {"message_id": "8", "key": "K-2"})
    assert (early.json["status"], early.json["root_id"]) == ("parked", None)
