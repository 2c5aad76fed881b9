"""Signals: everybody who listens hears it exactly once, whatever becomes of the others."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.cancel_instance import cancel_instance
from engine.commands.correlate_message import correlate_message
from engine.commands.resolve_incident import resolve_incident
from engine.commands.resume_instance import resume_instance
from engine.commands.suspend_instance import suspend_instance
from engine.commands.throw_signal import Thrown, throw_signal
from engine.errors import DeploymentRefused, Forbidden, InvalidInput
from engine.execution.advance import advance_root
from engine.execution.lock import Root
from engine.jobs import broadcast
from engine.jobs.signals import SIGNAL
from engine.jobs.tick import run_due
from engine.kernel import Outcome
from engine.model.audit import AuditEvent
from engine.model.job import CANCELLED, DONE, FAILED
from engine.model.subscription import Subscription
from engine.queries.waits import waits
from engine.runtime import Sancha, Work
from tests.cast import Cast
from tests.databases import Statements
from tests.faults import models, oracle
from tests.kernel.bpmn import flow, model


def throw(sancha: Sancha, name: str = "ALARM", **variables: object) -> Thrown:
    with sancha.work(SYSTEM) as work:
        return throw_signal(work, name, variables)


def subscriptions(sancha: Sancha) -> list[tuple[str, str, str | None]]:
    with sancha.store.transaction(write=False) as session:
        rows = session.execute(select(Subscription.kind, Subscription.name, Subscription.root_id))
        return [(kind, name, root) for kind, name, root in rows]


@pytest.fixture(autouse=True)
def _deployed(sancha: Sancha) -> None:
    models.deploy_files(sancha, listening=models.listening())


def test_everybody_who_listens_hears_it_and_nobody_else(sancha: Sancha) -> None:
    models.deploy_files(sancha, other=models.listening("other", "s2"))
    first, second = models.start(sancha, "listening"), models.start(sancha, "listening")
    deaf = models.start(sancha, "other")
    thrown = throw(sancha, level="red", limit=Decimal("2.50"))
    assert (thrown.instances, thrown.starts) == (2, 0)
    assert models.open_tasks(sancha) == [], "each hears it in a transaction of its own"
    run_due(sancha, "w")
    assert [models.open_tasks(sancha, root) for root in (first, second, deaf)] == [["visit"], ["visit"], []]
    assert models.actions(sancha, first) == ["instance:started", "signal:received"]
    assert [name for _kind, name, _root in subscriptions(sancha)] == ["OTHER"]
    oracle.check(sancha)


def test_what_a_case_waits_for_names_its_signals(sancha: Sancha) -> None:
    root = models.start(sancha, "listening")
    assert subscriptions(sancha) == [("signal", "ALARM", root)]
    with sancha.work(SYSTEM, write=False) as work:
        found = waits(work, root)
    assert (found.messages, [(each.element, each.name) for each in found.signals]) == ((), [("hear", "ALARM")])
    oracle.check(sancha)


def test_who_listens_after_the_throw_does_not_hear_it(sancha: Sancha) -> None:
    early = models.start(sancha, "listening")
    throw(sancha)
    late = models.start(sancha, "listening")
    run_due(sancha, "w")
    assert (models.open_tasks(sancha, early), models.open_tasks(sancha, late)) == (["visit"], [])
    throw(sancha)
    run_due(sancha, "w")
    assert models.open_tasks(sancha, late) == ["visit"]
    oracle.check(sancha)


def test_a_case_that_throws_hears_itself_once_and_the_others_too(sancha: Sancha) -> None:
    models.deploy_files(sancha, throwing=models.throwing_signal())
    other = models.start(sancha, "listening")
    root = models.start(sancha, "throwing")
    assert models.open_tasks(sancha, root) == ["visit"], "in the same step"
    run_due(sancha, "w")
    assert models.actions(sancha, root) == ["instance:started"]
    assert models.open_tasks(sancha, other) == ["visit"]
    oracle.check(sancha)


def test_a_suspended_case_hears_it_when_it_is_resumed(sancha: Sancha) -> None:
    halted, other = models.start(sancha, "listening"), models.start(sancha, "listening")
    with sancha.work(SYSTEM) as work:
        suspend_instance(work, halted, "audit")
    throw(sancha)
    run_due(sancha, "w")
    assert (models.open_tasks(sancha, halted), models.open_tasks(sancha, other)) == ([], ["visit"])
    assert [job.suspended for job in models.jobs(sancha, SIGNAL) if job.root_id == halted] == [True]
    with sancha.work(SYSTEM) as work:
        resume_instance(work, halted)
    run_due(sancha, "w")
    assert models.open_tasks(sancha, halted) == ["visit"]
    oracle.check(sancha)


def test_a_suspended_case_that_is_cancelled_hears_nothing(sancha: Sancha) -> None:
    root = models.start(sancha, "listening")
    with sancha.work(SYSTEM) as work:
        suspend_instance(work, root, "audit")
    throw(sancha)
    run_due(sancha, "w")
    with sancha.work(SYSTEM) as work:
        cancel_instance(work, root, "withdrawn")
    run_due(sancha, "w")
    assert Counter(job.status for job in models.jobs(sancha, SIGNAL)) == {DONE: 1, CANCELLED: 1}
    oracle.check(sancha)


def test_a_case_that_ends_meanwhile_is_passed_over(sancha: Sancha) -> None:
    root = models.start(sancha, "listening")
    throw(sancha)
    run_due(sancha, "w", limit=1)
    with sancha.work(SYSTEM) as work:
        cancel_instance(work, root, "withdrawn")
    run_due(sancha, "w")
    assert models.actions(sancha, root) == ["instance:started", "instance:cancelled"]
    assert models.open_incidents(sancha) == []
    oracle.check(sancha)


def test_one_that_cannot_take_it_holds_up_nobody(sancha: Sancha, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = [models.start(sancha, "listening") for _ in range(3)]
    real = advance_root

    def fails_for_one(work: Work, root: Root, *args: Any, **more: Any) -> Outcome:
        if root.id == roots[1]:
            raise RuntimeError("its process is broken")
        return real(work, root, *args, **more)

    monkeypatch.setattr(broadcast, "advance_root", fails_for_one)
    throw(sancha)
    run_due(sancha, "w")
    assert [models.open_tasks(sancha, root) for root in roots] == [["visit"], [], ["visit"]]


def test_many_listeners_take_few_statements_each(
    sancha: Sancha, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "BATCH", 4)
    roots = [models.start(sancha, "listening") for _ in range(10)]
    thrown = throw(sancha)
    assert thrown.instances == 10
    statements.clear()
    run_due(sancha, "w")
    commits, sent = statements.commits, len(statements)
    assert [models.open_tasks(sancha, root) for root in roots] == [["visit"]] * 10
    received = [job for job in models.jobs(sancha, SIGNAL) if job.root_id is not None]
    assert Counter(job.root_id for job in received) == dict.fromkeys(roots, 1)
    assert commits <= 3 + 10 + 5, "three batches, ten listeners, and the claims"
    assert sent <= 17 * 10, "with batches and claims"
    oracle.check(sancha)


def test_a_signal_starts_every_process_it_is_meant_for(sancha: Sancha) -> None:
    models.deploy_files(sancha, started=models.started_by_signal(), more=models.started_by_signal("more"))
    thrown = throw(sancha, level="red")
    assert (thrown.instances, thrown.starts) == (0, 2)
    run_due(sancha, "w")
    assert sorted(row.definition_key for row in models.instances(sancha)) == ["more", "started"]
    assert models.open_tasks(sancha) == ["visit", "visit"]
    oracle.check(sancha)


def test_only_the_latest_version_starts_and_a_signal_of_before_is_not_lost(sancha: Sancha) -> None:
    models.deploy_files(sancha, started=models.started_by_signal())
    throw(sancha)
    anew, unheard = models.started_by_signal(extra=" anew"), models.started_by_signal("unheard")
    models.deploy_files(sancha, started=anew, unheard=unheard)
    run_due(sancha, "w")
    (row,) = models.instances(sancha)
    assert (row.definition_key, row.definition_version) == ("started", 2)
    assert [name for kind, name, _ in subscriptions(sancha) if kind == "signal"] == ["ALARM", "ALARM"]


def test_a_signal_and_a_message_of_one_name_are_two_things(sancha: Sancha) -> None:
    root = models.start(sancha, "listening")
    models.deploy_files(sancha, started=models.started_by_signal())
    with sancha.work(SYSTEM) as work:
        sent = correlate_message(work, source="s", message_id="1", name="ALARM", key="K", payload={})
    assert sent.status == "parked"
    throw(sancha, "RATING")
    run_due(sancha, "w")
    assert models.open_tasks(sancha, root) == []
    assert [row.id for row in models.instances(sancha)] == [root]


def test_throwing_is_for_administrators_and_recorded(sancha: Sancha, cast: Cast) -> None:
    with pytest.raises(Forbidden), sancha.work(cast["rm-1"]) as work:
        throw_signal(work, "ALARM", {})
    for name in ("", "x" * 256, "a\x00b"):
        with pytest.raises(InvalidInput), sancha.work(SYSTEM) as work:
            throw_signal(work, name, {})
    with sancha.work(cast["admin-1"]) as work:
        throw_signal(work, "ALARM", {})
    with sancha.store.transaction(write=False) as session:
        found = select(AuditEvent.action, AuditEvent.actor).where(AuditEvent.action == "signal:thrown")
        assert session.execute(found).all() == [("signal:thrown", "admin-1")]
    oracle.check(sancha, drained=False)


def test_a_start_needs_a_name_that_is_known(sancha: Sancha) -> None:
    dynamic = '<signal id="s" name="${name}"/>'
    body = '<startEvent id="on"><signalEventDefinition signalRef="s"/></startEvent><endEvent id="end"/>'
    with pytest.raises(DeploymentRefused, match="signal"):
        models.deploy_files(sancha, bad=model(body + flow("on", "end"), root=dynamic))


def test_what_failed_for_good_is_an_incident_and_can_be_tried_again(
    sancha: Sancha, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = models.start(sancha, "listening")

    def fails(*_args: object, **_more: object) -> None:
        raise RuntimeError("its process is broken")

    with monkeypatch.context() as patch:
        patch.setattr(broadcast, "advance_root", fails)
        patch.setattr("engine.jobs.retry.FIRST_PAUSE", timedelta())
        throw(sancha)
        run_due(sancha, "w")
    (incident,) = models.open_incidents(sancha)
    assert (incident.kind, incident.code, incident.root_id) == ("job", "job-failed", root)
    assert [job.status for job in models.jobs(sancha, SIGNAL) if job.root_id] == [FAILED]
    with sancha.work(SYSTEM) as work:
        resolve_incident(work, incident.id)
    run_due(sancha, "w")
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)
