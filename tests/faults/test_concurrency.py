"""Many people at the same instant, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import select

from engine.commands.claim_task import claim_task
from engine.commands.complete_task import complete_task
from engine.errors import EngineError, TaskAlreadyClaimed, TaskAlreadyCompleted
from engine.model.audit import AuditEvent
from engine.model.task import UserTask
from engine.runtime import Sancha
from tests.cast import Cast
from tests.faults import models, oracle

CROWD = 20


def at_once(act: Callable[[int], None], count: int = CROWD) -> list[Exception | None]:
    """What became of ``count`` calls that all begin at the same instant: None or the engine's error."""
    gate = threading.Barrier(count)
    outcomes: list[Exception | None] = []

    def one(number: int) -> None:
        gate.wait()
        try:
            act(number)
        except EngineError as error:
            outcomes.append(error)
        else:
            outcomes.append(None)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == count, "a call ended with something that is no engine error"
    return outcomes


def open_task(sancha: Sancha) -> tuple[str, str]:
    """A case and its open task for PLM."""
    models.deploy_files(sancha, visiting=models.process("visiting"))
    root = models.start(sancha, "visiting")
    with sancha.store.transaction(write=False) as session:
        return root, session.scalars(select(UserTask.id)).one()


def recorded(sancha: Sancha, root: str, action: str) -> int:
    found = select(AuditEvent.seq).where(AuditEvent.stream == root, AuditEvent.action == action)
    with sancha.store.transaction(write=False) as session:
        return len(session.scalars(found).all())


def test_of_many_completions_of_one_task_exactly_one_succeeds(sancha: Sancha, cast: Cast) -> None:
    root, task = open_task(sancha)
    with sancha.work(cast["plm-1"]) as work:
        claim_task(work, task)

    def complete(number: int) -> None:
        with sancha.work(cast["plm-1"]) as work:
            complete_task(work, task, {"visitor": f"plm-{number}"})

    outcomes = at_once(complete)
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes if outcome} == {TaskAlreadyCompleted}
    assert recorded(sancha, root, "task:completed") == 1
    oracle.check(sancha)


def test_of_two_people_exactly_one_claims_a_task(sancha: Sancha, cast: Cast) -> None:
    root, task = open_task(sancha)

    def claim(number: int) -> None:
        with sancha.work(cast[f"plm-{number + 1}"]) as work:
            claim_task(work, task)

    outcomes = at_once(claim, 2)
    assert outcomes.count(None) == 1
    assert {type(outcome) for outcome in outcomes if outcome} == {TaskAlreadyClaimed}
    assert recorded(sancha, root, "task:claimed") == 1
    oracle.check(sancha)
