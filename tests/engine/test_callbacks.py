"""Callbacks of third parties, from their bytes to the case."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.access import Principal
from engine.callbacks import CallbackKeys, sign
from engine.commands.receive_callback import Received, receive_callback
from engine.errors import CallbackRefused, EngineError, IdempotencyMismatch, InvalidInput, TooLarge
from engine.model.audit import AuditEvent
from engine.model.subscription import DELIVERED, PARKED, CallbackNonce, Message
from engine.runtime import Sancha
from tests.conftest import TestClock
from tests.faults import models, oracle

THIRD_PARTY = Principal("third-party")
CONTENT = {"messageId": "rating-R-1", "name": "RATING", "key": "R-1", "payload": {"externalRating": "AA", "pd": 0.031}}


def body_of(**changes: object) -> bytes:
    return json.dumps({**CONTENT, **changes}, ensure_ascii=False).encode()


def address_of(sancha: Sancha, name: str = "RATING", key: str = "R-1") -> str:
    return sancha.callbacks.address(name, key).rpartition("/")[2]


def signed(sancha: Sancha, body: bytes, source: str = "rating") -> dict[str, str]:
    return sign(sancha.callbacks.secret(source), body, now=datetime.now(UTC))


def receive(sancha: Sancha, body: bytes, headers: dict[str, str], address: str | None = None) -> Received:
    with sancha.work(THIRD_PARTY) as work:
        return receive_callback(work, address=address or address_of(sancha), headers=headers, body=body)


def messages(sancha: Sancha) -> list[Message]:
    with sancha.store.transaction(write=False) as session:
        return list(session.scalars(select(Message)))


@pytest.fixture
def root(sancha: Sancha) -> str:
    models.deploy_files(sancha, receiving=models.process("receiving", models.receive()))
    return models.start(sancha, "receiving", {"requestId": "R-1"})


def test_a_callback_moves_its_case_and_is_stored_as_it_came(sancha: Sancha, root: str) -> None:
    body = body_of()
    received = receive(sancha, body, signed(sancha, body))
    (message,) = messages(sancha)
    assert received == Received(message.id)
    assert (message.status, message.root_id, message.source) == (DELIVERED, root, "rating")
    assert message.raw == body.decode()
    assert models.open_tasks(sancha, root) == ["visit"]
    with sancha.store.transaction(write=False) as session:
        actors = session.scalars(select(AuditEvent.actor).where(AuditEvent.stream == root).order_by(AuditEvent.seq))
        assert list(actors) == ["system", "third-party:rating"]
    oracle.check(sancha)


@pytest.mark.parametrize("anew", [False, True], ids=["the very same bytes", "signed anew"])
def test_a_hundred_times_the_same_callback(sancha: Sancha, root: str, anew: bool) -> None:
    body = body_of()
    headers = signed(sancha, body)
    answers = {receive(sancha, body, signed(sancha, body) if anew else headers) for _ in range(100)}
    assert len(answers) == 1
    assert len(messages(sancha)) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_the_same_callback_at_the_same_instant(sancha: Sancha, root: str) -> None:
    body = body_of()
    headers = signed(sancha, body)
    gate = threading.Barrier(6)
    answers: list[Received | EngineError] = []

    def deliver() -> None:
        gate.wait()
        try:
            answers.append(receive(sancha, body, headers))
        except EngineError as error:
            answers.append(error)

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_a_callback_that_comes_before_the_wait_is_parked(sancha: Sancha) -> None:
    body = body_of()
    receive(sancha, body, signed(sancha, body))
    assert [message.status for message in messages(sancha)] == [PARKED]


def test_a_moved_business_clock_refuses_no_callback(sancha: Sancha, root: str, clock: TestClock) -> None:
    address = address_of(sancha)
    clock.move(timedelta(days=400))
    body = body_of()
    receive(sancha, body, signed(sancha, body), address)
    assert models.open_tasks(sancha, root) == ["visit"]


def test_an_address_cannot_carry_the_answer_to_another_question(sancha: Sancha, root: str) -> None:
    for body in (body_of(key="R-2"), body_of(name="BUREAU")):
        with pytest.raises(CallbackRefused, match="another question"):
            receive(sancha, body, signed(sancha, body))
    refused(sancha, root)


def test_another_third_party_cannot_answer(sancha: Sancha, root: str) -> None:
    body = body_of()
    with pytest.raises(CallbackRefused, match="signature"):
        receive(sancha, body, signed(sancha, body, source="bureau"))
    refused(sancha, root)


def test_an_address_of_another_installation_is_refused(sancha: Sancha, root: str) -> None:
    body = body_of()
    other = CallbackKeys(b"o" * 32, "http://other.test").address("RATING", "R-1").rpartition("/")[2]
    with pytest.raises(CallbackRefused):
        receive(sancha, body, signed(sancha, body), other)
    refused(sancha, root)


def test_an_old_signature_is_refused(sancha: Sancha, root: str) -> None:
    body = body_of()
    headers = sign(sancha.callbacks.secret("rating"), body, now=datetime.now(UTC) - timedelta(minutes=6))
    with pytest.raises(CallbackRefused, match="300 seconds"):
        receive(sancha, body, headers)
    refused(sancha, root)


def test_a_nonce_serves_one_body_only(sancha: Sancha, root: str) -> None:
    first, second = body_of(), body_of(messageId="rating-R-1-again")
    secret, now = sancha.callbacks.secret("rating"), datetime.now(UTC)
    receive(sancha, first, sign(secret, first, now=now, nonce="n" * 16))
    with pytest.raises(CallbackRefused, match="nonce"):
        receive(sancha, second, sign(secret, second, now=now, nonce="n" * 16))
    assert len(messages(sancha)) == 1


def test_the_same_id_with_other_content_is_refused(sancha: Sancha, root: str) -> None:
    first, second = body_of(), body_of(payload={"externalRating": "AAA"})
    receive(sancha, first, signed(sancha, first))
    with pytest.raises(IdempotencyMismatch):
        receive(sancha, second, signed(sancha, second))
    assert len(messages(sancha)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"not json",
        b"\xff\xfe",
        b'{"messageId": "m", "name": "RATING", "key": "R-1"}',
        b'{"messageId": 7, "name": "RATING", "key": "R-1", "payload": {}}',
        b'{"messageId": "m", "name": "RATING", "key": "R-1", "payload": {"a": NaN}}',
        b'{"messageId": "m", "name": "RATING", "key": "R-1", "payload": {"a": 1e999999999}}',
        b"[" * 100_000,
        b'{"messageId": "", "name": "RATING", "key": "R-1", "payload": {}}',
    ],
)
def test_a_malformed_body_is_refused(sancha: Sancha, root: str, body: bytes) -> None:
    with pytest.raises(InvalidInput):
        receive(sancha, body, signed(sancha, body))
    refused(sancha, root)


def test_a_body_too_large_is_refused_unread(sancha: Sancha, root: str) -> None:
    body = b" " * (sancha.limits.variables_bytes + 1)
    with pytest.raises(TooLarge):
        receive(sancha, body, signed(sancha, body))
    refused(sancha, root)


def test_fractions_stay_exact(sancha: Sancha, root: str) -> None:
    body = json.dumps({**CONTENT, "payload": {"pd": "X"}}).replace('"X"', "0.1000000000000000055").encode()
    receive(sancha, body, signed(sancha, body))
    (message,) = messages(sancha)
    from engine.execution.payload import decode

    assert decode(message.payload) == {"pd": Decimal("0.1000000000000000055")}


def refused(sancha: Sancha, root: str) -> None:
    """Nothing is stored and nothing moved."""
    assert messages(sancha) == []
    assert models.open_tasks(sancha, root) == []
    with sancha.store.transaction(write=False) as session:
        assert session.scalars(select(CallbackNonce)).all() == []
