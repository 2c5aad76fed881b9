"""Messages: exactly one receiver, none lost, none twice, whatever comes first."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.cancel_instance import cancel_instance
from engine.commands.correlate_message import Correlated, correlate_message
from engine.commands.resume_instance import resume_instance
from engine.commands.suspend_instance import suspend_instance
from engine.errors import IdempotencyMismatch, InvalidInput
from engine.jobs.recurring import ensure_recurring
from engine.jobs.tick import run_due
from engine.model.subscription import DELIVERED, EXPIRED, PARKED, Message
from engine.runtime import Sancha
from tests.conftest import TestClock
from tests.databases import Statements
from tests.faults import models, oracle

RECEIVING = models.process("receiving", models.receive())


def send(sancha: Sancha, message_id: str = "m-1", key: str = "R-1", **changes: object) -> Correlated:
    values = {"source": "agency", "name": "RATING", "payload": {"rating": "AA", "score": Decimal("84.5")}, **changes}
    with sancha.work(SYSTEM) as work:
        return correlate_message(work, message_id=message_id, key=key, **values)


def waiting(sancha: Sancha, key: str = "R-1") -> str:
    return models.start(sancha, "receiving", {"requestId": key})


def stored(sancha: Sancha) -> list[Message]:
    with sancha.store.transaction(write=False) as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


@pytest.fixture(autouse=True)
def _deployed(sancha: Sancha) -> None:
    models.deploy_files(sancha, receiving=RECEIVING)


def test_a_message_reaches_the_case_that_waits_for_its_key(sancha: Sancha) -> None:
    other, root = waiting(sancha, "R-2"), waiting(sancha, "R-1")
    answer = send(sancha)
    assert (answer.status, answer.root_id, answer.duplicate) == (DELIVERED, root, False)
    assert models.open_tasks(sancha, root) == ["visit"]
    assert models.open_tasks(sancha, other) == []
    oracle.check(sancha)


def test_a_message_that_comes_first_waits_for_its_receiver(sancha: Sancha, clock: TestClock) -> None:
    assert send(sancha).status == PARKED
    clock.move(timedelta(hours=23))
    root = waiting(sancha)
    run_due(sancha, "w")
    assert models.open_tasks(sancha, root) == ["visit"]
    (message,) = stored(sancha)
    assert (message.status, message.root_id) == (DELIVERED, root)
    oracle.check(sancha)


@pytest.mark.parametrize("early", [False, True])
def test_a_duplicate_has_no_second_effect_and_the_same_answer(sancha: Sancha, early: bool) -> None:
    if not early:
        waiting(sancha)
    first = send(sancha)
    for _ in range(3):
        again = send(sancha)
        assert again.duplicate
        assert (again.message, again.status, again.root_id) == (first.message, first.status, first.root_id)
    assert len(stored(sancha)) == 1
    waiting(sancha)
    run_due(sancha, "w")
    assert Counter(models.open_tasks(sancha)) == {"visit": 1}
    oracle.check(sancha)


@pytest.mark.parametrize("changes", [{"key": "R-2"}, {"name": "BUREAU"}, {"payload": {}}])
def test_the_same_id_with_other_content_is_refused(sancha: Sancha, changes: dict[str, object]) -> None:
    send(sancha)
    with pytest.raises(IdempotencyMismatch):
        send(sancha, **changes)
    assert len(stored(sancha)) == 1


def test_ids_of_different_sources_are_different_messages(sancha: Sancha) -> None:
    waiting(sancha)
    assert send(sancha).status == DELIVERED
    assert send(sancha, source="bureau").status == PARKED


def test_one_message_wakes_one_case_and_the_longest_waiting_first(sancha: Sancha) -> None:
    first, second = waiting(sancha), waiting(sancha)
    assert send(sancha, "m-1").root_id == first
    assert models.open_tasks(sancha, second) == []
    assert send(sancha, "m-2").root_id == second
    assert send(sancha, "m-3").status == PARKED
    oracle.check(sancha)


def test_many_parked_messages_and_many_receivers_pair_off(sancha: Sancha) -> None:
    for number in range(4):
        send(sancha, f"m-{number}")
    roots = [waiting(sancha) for _ in range(3)]
    run_due(sancha, "w")
    assert Counter(message.status for message in stored(sancha)) == {DELIVERED: 3, PARKED: 1}
    assert {message.root_id for message in stored(sancha)} == {*roots, None}
    oracle.check(sancha)


def test_what_nobody_wants_becomes_an_incident_after_its_time_to_live(sancha: Sancha, clock: TestClock) -> None:
    with sancha.work(SYSTEM) as work:
        ensure_recurring(work, checkpoint_every=timedelta(minutes=5))
    answer = send(sancha, ttl=timedelta(hours=2))
    clock.move(timedelta(minutes=110))
    run_due(sancha, "w")
    assert models.open_incidents(sancha) == []
    clock.move(timedelta(minutes=12))
    run_due(sancha, "w")
    (incident,) = models.open_incidents(sancha)
    assert (incident.kind, incident.code, incident.handle) == ("message", "message-unmatched", answer.message)
    assert "'m-1' of agency" in incident.message
    assert [message.status for message in stored(sancha)] == [EXPIRED]
    root = waiting(sancha)
    run_due(sancha, "w")
    assert models.open_tasks(sancha, root) == []
    assert send(sancha).status == EXPIRED
    oracle.check(sancha)


def test_a_message_for_a_cancelled_case_is_kept_and_then_reported(sancha: Sancha, clock: TestClock) -> None:
    with sancha.work(SYSTEM) as work:
        ensure_recurring(work, checkpoint_every=timedelta(minutes=5))
    root = waiting(sancha)
    with sancha.work(SYSTEM) as work:
        cancel_instance(work, root, "withdrawn")
    assert send(sancha).status == PARKED
    clock.move(timedelta(hours=25))
    run_due(sancha, "w")
    assert [incident.code for incident in models.open_incidents(sancha)] == ["message-unmatched"]
    oracle.check(sancha)


def test_a_message_for_a_suspended_case_waits_however_long(sancha: Sancha, clock: TestClock) -> None:
    with sancha.work(SYSTEM) as work:
        ensure_recurring(work, checkpoint_every=timedelta(minutes=5))
    root = waiting(sancha)
    with sancha.work(SYSTEM) as work:
        suspend_instance(work, root, "audit")
    assert send(sancha).status == PARKED
    clock.move(timedelta(days=3))
    run_due(sancha, "w")
    assert models.open_incidents(sancha) == []
    with sancha.work(SYSTEM) as work:
        resume_instance(work, root)
    clock.move(timedelta(minutes=2))
    run_due(sancha, "w")
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_a_message_can_start_a_case_once(sancha: Sancha) -> None:
    models.deploy_files(sancha, pushed=models.started_by_message())
    answer = send(sancha, key="event-1")
    assert answer.status == DELIVERED
    (instance,) = models.instances(sancha)
    assert (instance.id, instance.definition_key) == (answer.root_id, "pushed")
    assert send(sancha, key="event-1").duplicate
    assert len(models.instances(sancha)) == 1
    assert models.open_tasks(sancha) == ["visit"]
    oracle.check(sancha)


def test_a_case_that_waits_comes_before_a_case_that_could_start(sancha: Sancha) -> None:
    models.deploy_files(sancha, pushed=models.started_by_message())
    root = waiting(sancha)
    assert send(sancha).root_id == root
    assert len(models.instances(sancha)) == 1


def test_a_message_that_waited_for_a_deployment_starts_a_case(sancha: Sancha, clock: TestClock) -> None:
    with sancha.work(SYSTEM) as work:
        ensure_recurring(work, checkpoint_every=timedelta(minutes=5))
    assert send(sancha).status == PARKED
    models.deploy_files(sancha, pushed=models.started_by_message())
    clock.move(timedelta(minutes=2))
    run_due(sancha, "w")
    assert [instance.definition_key for instance in models.instances(sancha)] == ["pushed"]


def test_a_process_can_send_to_another(sancha: Sancha) -> None:
    models.deploy_files(sancha, thrower=models.throwing())
    root = waiting(sancha)
    sender = models.start(sancha, "thrower", {"requestId": "R-1", "rating": "A"})
    assert run_due(sancha, "w") == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    (message,) = stored(sancha)
    assert message.source == f"instance:{sender}"
    oracle.check(sancha)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": ""},
        {"key": "x" * 256},
        {"name": "a\x00b"},
        {"source": "a\nb"},
        {"payload": {"rate": 3.1}},
        {"payload": {"": 1}},
        {"payload": {"text": "x" * 1_100_000}},
    ],
)
def test_what_cannot_be_stored_is_refused(sancha: Sancha, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        send(sancha, **changes)
    assert stored(sancha) == []


def test_a_payload_keeps_its_types_while_it_is_parked(sancha: Sancha) -> None:
    payload = {"amount": Decimal("96000000.0000"), "count": 3, "ok": True, "none": None, "list": [Decimal("0.1")]}
    send(sancha, payload=payload)
    assert send(sancha, payload=payload).duplicate


def test_sender_and_subscriber_cannot_miss_each_other(sancha: Sancha) -> None:
    """Both at the same instant, many times: each pair meets, directly or through a job."""
    rounds = 12
    for number in range(rounds):
        gate = threading.Barrier(2)

        def subscribe(gate: threading.Barrier = gate, number: int = number) -> None:
            gate.wait()
            waiting(sancha, f"K-{number}")

        thread = threading.Thread(target=subscribe)
        thread.start()
        gate.wait()
        send(sancha, f"m-{number}", f"K-{number}")
        thread.join()
    run_due(sancha, "w")
    assert Counter(models.open_tasks(sancha)) == {"visit": rounds}
    assert {message.status for message in stored(sancha)} == {DELIVERED}
    oracle.check(sancha)


def test_twins_sent_at_the_same_instant_have_one_effect(sancha: Sancha) -> None:
    waiting(sancha)
    gate = threading.Barrier(8)
    answers: list[Correlated] = []

    def deliver() -> None:
        gate.wait()
        answers.append(send(sancha))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.message for answer in answers}) == 1
    assert {answer.status for answer in answers} == {DELIVERED}
    assert [answer.duplicate for answer in answers].count(False) == 1
    assert models.open_tasks(sancha) == ["visit"]
    oracle.check(sancha)


def test_different_messages_for_one_wait_are_not_lost(sancha: Sancha) -> None:
    root = waiting(sancha)
    gate = threading.Barrier(4)

    def deliver(number: int) -> None:
        gate.wait()
        send(sancha, f"m-{number}")

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_due(sancha, "w")
    assert Counter(message.status for message in stored(sancha)) == {DELIVERED: 1, PARKED: 3}
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)


def test_a_delivery_takes_few_statements(sancha: Sancha, statements: Statements) -> None:
    waiting(sancha)
    statements.clear()
    send(sancha)
    assert len(statements) <= 20, str(statements)
    assert statements.commits == 1


def test_who_begins_to_wait_after_the_time_to_live_does_not_get_the_message(sancha: Sancha, clock: TestClock) -> None:
    """Whether or not the expiry has looked yet; a younger message behind it is delivered."""
    send(sancha, "m-1", ttl=timedelta(hours=1))
    send(sancha, "m-2", ttl=timedelta(hours=3))
    clock.move(timedelta(hours=2))
    first, second = waiting(sancha), waiting(sancha)
    run_due(sancha, "w")
    assert [(message.status, message.root_id) for message in stored(sancha)] == [(PARKED, None), (DELIVERED, first)]
    assert models.open_tasks(sancha, second) == []
