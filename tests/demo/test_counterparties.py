from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from demo.counterparties.process import SECRETS, Running, read_secrets, start, written
from demo.counterparties.switches import Switches, SwitchRefused, from_command_line
from engine.callbacks import CallbackKeys
from tests.demo.receiver import Receiver, receiving

KEYS = CallbackKeys(b"k" * 32, "http://127.0.0.1:1")
PAYEE = {"name": "Ming Yang", "account": "6222000000000001", "bank": "ICBC"}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with start(KEYS, switches=["rating.delaySeconds=0", "bureau.delaySeconds=0", "payment.delaySeconds=0"]) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def http(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=5) as client:
        yield client
        client.post("/switches", json=dict.fromkeys(["rating", "bureau", "payment"]))
        client.post("/switches", json={name: {"delaySeconds": 0} for name in ["rating", "bureau", "payment"]})


def payment(number: int, url: str, **changes: object) -> dict[str, object]:
    body = {"instructionId": f"T{number}-P1", "attempt": 1, "amount": "96000000.00", "payee": PAYEE, "callbackUrl": url}
    return {**body, **changes}


def test_the_rating_agency_answers_by_a_signed_callback(http: httpx.Client, receiver: Receiver) -> None:
    asked = {"requestId": "R-1", "caseNo": "PF-2026-0001", "uscc": "91110000000000001X", "callbackUrl": receiver.url}
    assert http.post("/rating/requests", json=asked).status_code == 202
    (got,) = receiver.wait_for(1)
    assert got.json["messageId"] == "rating-R-1"
    assert (got.json["name"], got.json["key"]) == ("RATING", "R-1")
    assert got.json["payload"]["ratingRequestId"] == "R-1"
    assert got.json["payload"]["externalRating"] == "AA"
    assert KEYS.check_signature("rating", got.headers, got.body, datetime.now(UTC))


def test_the_bureau_answers_with_its_own_secret(http: httpx.Client, receiver: Receiver) -> None:
    http.post("/bureau/queries", json={"queryId": "Q-1", "uscc": "91110000000000001X", "callbackUrl": receiver.url})
    (got,) = receiver.wait_for(1)
    assert got.json["payload"] == {"queryId": "Q-1", "overdueMaxDays": 0, "dishonestList": False, "bankruptcy": False}
    assert KEYS.check_signature("bureau", got.headers, got.body, datetime.now(UTC))


def test_a_payment_is_pending_then_decided_and_reported(http: httpx.Client, receiver: Receiver) -> None:
    http.post("/switches", json={"payment": {"delaySeconds": 0.2, "status": "FAILED", "reason": "ACCT_NAME_MISMATCH"}})
    assert http.post("/payments", json=payment(1, receiver.url)).status_code == 202
    assert http.get("/payments/T1-P1-A1").json() == {"status": "PENDING", "reason": None}
    (got,) = receiver.wait_for(1)
    assert got.json["key"] == "T1-P1-A1"
    assert got.json["payload"]["status"] == "FAILED"
    assert http.get("/payments/T1-P1-A1").json() == {"status": "FAILED", "reason": "ACCT_NAME_MISMATCH"}


def test_a_repeated_request_is_answered_again_but_has_no_second_effect(http: httpx.Client, receiver: Receiver) -> None:
    for _ in range(3):
        assert http.post("/payments", json=payment(2, receiver.url)).status_code == 202
    receiver.wait_for(1)
    time.sleep(0.1)
    assert len(receiver.got) == 1


def test_the_same_attempt_with_another_amount_is_refused(http: httpx.Client, receiver: Receiver) -> None:
    http.post("/payments", json=payment(3, receiver.url))
    assert http.post("/payments", json=payment(3, receiver.url, amount="1.00")).status_code == 409


def test_duplicates_are_the_same_message_signed_anew(http: httpx.Client, receiver: Receiver) -> None:
    http.post("/switches", json={"payment": {"duplicates": 3}})
    http.post("/payments", json=payment(4, receiver.url))
    got = receiver.wait_for(4)
    assert {one.body for one in got} == {got[0].body}
    assert len({one.headers["Sancha-Nonce"] for one in got}) == 4


def test_a_silent_payment_system_can_still_be_asked(http: httpx.Client, receiver: Receiver) -> None:
    http.post("/switches", json={"payment": {"silent": True}})
    http.post("/payments", json=payment(5, receiver.url))
    end = time.monotonic() + 5
    while http.get("/payments/T5-P1-A1").json()["status"] == "PENDING":
        assert time.monotonic() < end
        time.sleep(0.01)
    assert receiver.got == []


def test_a_payment_may_be_returned_after_success(http: httpx.Client, receiver: Receiver) -> None:
    http.post("/payments", json=payment(6, receiver.url))
    receiver.wait_for(1)
    event = {"status": "RETURNED", "reason": "ACCT_CLOSED"}
    assert http.post("/payments/T6-P1-A1/events", json=event).status_code == 202
    first, second = receiver.wait_for(2)
    assert [first.json["payload"]["status"], second.json["payload"]["status"]] == ["SUCCESS", "RETURNED"]
    assert first.json["messageId"] != second.json["messageId"]


def test_a_callback_is_tried_again_while_the_receiver_is_away(http: httpx.Client, receiver: Receiver) -> None:
    receiver.answers = [503, 503]
    http.post("/payments", json=payment(7, receiver.url))
    receiver.wait_for(3)
    end = time.monotonic() + 5
    while True:
        mine = [one for one in http.get("/deliveries").json()["deliveries"] if one["key"] == "T7-P1-A1"]
        if mine[0]["outcome"] == "delivered":
            break
        assert time.monotonic() < end
        time.sleep(0.01)
    assert (mine[0]["attempts"], mine[0]["status"]) == (3, 200)


def test_a_refused_callback_is_not_tried_again(http: httpx.Client, receiver: Receiver) -> None:
    receiver.answers = [401]
    http.post("/payments", json=payment(8, receiver.url))
    receiver.wait_for(1)
    time.sleep(0.7)
    (mine,) = [one for one in http.get("/deliveries").json()["deliveries"] if one["key"] == "T8-P1-A1"]
    assert (mine["attempts"], mine["outcome"]) == (1, "refused")


def test_a_counterparty_can_refuse_requests(http: httpx.Client, receiver: Receiver) -> None:
    http.post("/switches", json={"bureau": {"refuse": 503}})
    body = {"queryId": "Q-9", "uscc": "91110000000000001X", "callbackUrl": receiver.url}
    assert http.post("/bureau/queries", json=body).status_code == 503


@pytest.mark.parametrize(
    "changes",
    [
        {"callbackUrl": "https://example.com/"},
        {"callbackUrl": None},
        {"attempt": 0},
        {"attempt": True},
        {"payee": {"name": "nobody"}},
        {"amount": None},
        {"instructionId": ""},
    ],
)
def test_an_incomplete_instruction_is_refused(http: httpx.Client, changes: dict[str, object]) -> None:
    answer = http.post("/payments", json=payment(10, "http://127.0.0.1:9/", **changes))
    assert answer.status_code == 422
    assert http.get("/payments/T10-P1-A1").status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [
        {"bank": {}},
        {"payment": {"delay": 1}},
        {"payment": {"delaySeconds": -1}},
        {"payment": {"silent": "yes"}},
        {"payment": {"refuse": 200}},
        {"payment": 3},
        [],
    ],
)
def test_an_unknown_switch_changes_nothing(wanted: object) -> None:
    switches = Switches()
    before = switches.to_json()
    with pytest.raises(SwitchRefused):
        switches.change(wanted)
    assert switches.to_json() == before


def test_switches_on_the_command_line() -> None:
    assert from_command_line("payment.delaySeconds=2") == {"payment": {"delaySeconds": 2}}
    assert from_command_line("payment.status=FAILED") == {"payment": {"status": "FAILED"}}
    with pytest.raises(SwitchRefused):
        from_command_line("payment=FAILED")


def test_secrets_travel_through_the_environment() -> None:
    secrets = {name: KEYS.secret(name) for name in ["rating", "bureau", "payment"]}
    assert read_secrets(written(secrets)) == secrets
    with pytest.raises(ValueError, match="payment"):
        read_secrets(written({"rating": KEYS.secret("rating"), "bureau": KEYS.secret("bureau")}))


def test_it_does_not_start_without_secrets() -> None:
    environment = {name: value for name, value in os.environ.items() if name != SECRETS}
    command = [sys.executable, "-m", "demo.counterparties"]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert SECRETS in done.stderr


def test_it_stops_when_its_parent_dies() -> None:
    """The parent is killed, so that nothing can be cleaned up by it."""
    program = (
        "import time\n"
        "from demo.counterparties.process import start\n"
        "from engine.callbacks import CallbackKeys\n"
        "with start(CallbackKeys(b'k' * 32, 'http://127.0.0.1:1')) as running:\n"
        "    print(running.url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    assert httpx.get(f"{url}/switches").status_code == 200
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 10
    while True:
        try:
            httpx.get(f"{url}/switches", timeout=1)
        except httpx.TransportError:
            break
        assert time.monotonic() < end, "the server outlived its parent"
        time.sleep(0.1)
