"""What starts an instance besides a start event: a receive task, and the events behind a gateway."""

from __future__ import annotations

import threading

import pytest

from engine.access import SYSTEM
from engine.commands.correlate_message import Correlated, correlate_message
from engine.commands.throw_signal import throw_signal
from engine.jobs.tick import run_due
from engine.model.subscription import DELIVERED
from engine.runtime import Sancha
from tests.faults import models, oracle
from tests.kernel.bpmn import flow, model

ROOT = '<message id="a" name="APPLIED"/><message id="p" name="PAID"/><signal id="s" name="ALARM"/>'
LANE = '<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>visit</flowNodeRef></lane></laneSet>'


def received() -> bytes:
    """Begins with an instantiating receive task."""
    body = f'{LANE}<receiveTask id="in" instantiate="true" messageRef="a"/><userTask id="visit"/><endEvent id="end"/>'
    return model(
        body + flow("in", "visit") + flow("visit", "end"), root=ROOT, process='id="received" isExecutable="true"'
    )


def gateway(kind: str, *events: str, key: str = "gate") -> bytes:
    """Begins with an instantiating event-based gateway before ``events``, which all lead to PLM."""
    body = f'{LANE}<eventBasedGateway id="begin" instantiate="true" eventGatewayType="{kind}"/>'
    flows = ""
    for number, event in enumerate(events):
        body += f'<intermediateCatchEvent id="on{number}">{event}</intermediateCatchEvent>'
        flows += flow("begin", f"on{number}") + flow(f"on{number}", "join" if kind == "Parallel" else "visit")
    if kind == "Parallel":
        body += '<parallelGateway id="join"/>'
        flows += flow("join", "visit")
    body += '<userTask id="visit"/><endEvent id="end"/>'
    return model(body + flows + flow("visit", "end"), root=ROOT, process=f'id="{key}" isExecutable="true"')


APPLIED, PAID = '<messageEventDefinition messageRef="a"/>', '<messageEventDefinition messageRef="p"/>'
ALARM = '<signalEventDefinition signalRef="s"/>'


def send(sancha: Sancha, name: str, key: str = "K-1") -> Correlated:
    with sancha.work(SYSTEM) as work:
        return correlate_message(work, source="s", message_id=f"{name}-{key}", name=name, key=key, payload={"of": name})


def test_a_receive_task_starts_an_instance_under_the_key_of_its_message(sancha: Sancha) -> None:
    models.deploy_files(sancha, received=received())
    sent = send(sancha, "APPLIED")
    (row,) = models.instances(sancha)
    assert (sent.status, sent.root_id, row.business_key) == (DELIVERED, row.id, "K-1")
    assert models.open_tasks(sancha) == ["visit"]
    oracle.check(sancha)


def test_a_key_that_is_taken_or_the_houses_own_is_not_given_again(sancha: Sancha) -> None:
    models.deploy_files(sancha, received=received())
    with sancha.work(SYSTEM) as work:
        for number, key in enumerate(("K-1", "K-1", "PF-2026-0099")):
            correlate_message(work, source="s", message_id=str(number), name="APPLIED", key=key, payload={})
    keys = [row.business_key for row in models.instances(sancha)]
    assert keys[0] == "K-1"
    assert all(key.startswith("PF-") and key != "PF-2026-0099" for key in keys[1:])
    assert len(set(keys)) == 3


def test_any_of_the_events_behind_a_gateway_starts_it(sancha: Sancha) -> None:
    models.deploy_files(sancha, gate=gateway("Exclusive", APPLIED, ALARM))
    assert send(sancha, "APPLIED").status == DELIVERED
    with sancha.work(SYSTEM) as work:
        assert throw_signal(work, "ALARM", {}).starts == 1
    run_due(sancha, "w")
    assert models.open_tasks(sancha) == ["visit"] * 2
    oracle.check(sancha)


@pytest.mark.parametrize("order", [("APPLIED", "PAID"), ("PAID", "APPLIED")])
def test_messages_of_one_key_meet_in_one_instance(sancha: Sancha, order: tuple[str, str]) -> None:
    models.deploy_files(sancha, gate=gateway("Parallel", APPLIED, PAID))
    first = send(sancha, order[0])
    assert models.open_tasks(sancha) == []
    other = send(sancha, order[0], "K-2")
    second = send(sancha, order[1])
    assert (second.root_id, other.root_id != first.root_id) == (first.root_id, True)
    assert models.open_tasks(sancha) == ["visit"]
    oracle.check(sancha)


def test_messages_that_come_at_once_meet_too(sancha: Sancha) -> None:
    models.deploy_files(sancha, gate=gateway("Parallel", APPLIED, PAID))
    keys = [f"K-{number}" for number in range(6)]
    gate = threading.Barrier(2, timeout=60)

    def all_of(name: str) -> None:
        for key in keys:
            gate.wait()
            send(sancha, name, key)

    threads = [threading.Thread(target=all_of, args=(name,)) for name in ("APPLIED", "PAID")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_due(sancha, "w")
    assert sorted(row.business_key for row in models.instances(sancha)) == keys
    assert models.open_tasks(sancha) == ["visit"] * len(keys)
    oracle.check(sancha)


def test_several_start_events_and_several_definitions_of_one_start_each(sancha: Sancha) -> None:
    body = (
        f'{LANE}<startEvent id="many">{APPLIED}{PAID}</startEvent><startEvent id="alarm">{ALARM}</startEvent>'
        '<userTask id="visit"/><endEvent id="end"/>'
    )
    flows = flow("many", "visit") + flow("alarm", "visit") + flow("visit", "end")
    models.deploy_files(sancha, several=model(body + flows, root=ROOT, process='id="several" isExecutable="true"'))
    assert send(sancha, "APPLIED").status == DELIVERED
    assert send(sancha, "PAID").status == DELIVERED
    assert models.open_tasks(sancha) == ["visit"] * 2
    oracle.check(sancha)
