"""Retries as the model asks for them: how often, and after which waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from engine.jobs.retry import due_again, read_retries
from engine.jobs.tick import run_due
from engine.kernel.timers import TimerSyntaxError
from engine.model.job import FAILED, READY
from engine.runtime import Sancha
from engine.services import ServiceCall
from tests.conftest import TestClock
from tests.faults import models, oracle
from tests.kernel.bpmn import extended

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def after(text: str) -> list[timedelta]:
    """The wait after each failed attempt, and one more."""
    waits = read_retries(text)
    return [due_again(attempt, NOW, waits) - NOW for attempt in range(1, len(waits) + 2)]


def test_a_cycle_counts_attempts_and_a_list_counts_further_ones() -> None:
    ten = timedelta(minutes=10)
    assert after("R3/PT10M") == [ten, ten, ten]
    assert after(" PT1M,PT10M, PT1H ") == [timedelta(minutes=1), ten, timedelta(hours=1), timedelta(hours=1)]
    assert after("P1M") == [timedelta(days=28), timedelta(days=28)]


def test_one_attempt_is_no_retry() -> None:
    assert read_retries("R1/PT10M") == ()
    assert due_again(1, NOW, ()) == NOW + timedelta(seconds=10), "what an administrator asks for comes as usual"


@pytest.mark.parametrize(
    "text", ["", "R/PT10M", "R0/PT1M", "R5000/PT1S", "R3/2026-01-01T00:00:00Z/PT1M", "ten", "PT1M,,"]
)
def test_what_does_not_say_how_often_is_refused(text: str) -> None:
    with pytest.raises(TimerSyntaxError):
        read_retries(text)


@pytest.mark.parametrize(("cycle", "waits"), [("R3/PT10M", [10, 10]), ("PT1M,PT30M", [1, 30])])
def test_the_model_decides_when_its_work_is_tried_again(
    sancha: Sancha, clock: TestClock, cycle: str, waits: list[int]
) -> None:
    attempts: list[int] = []

    def fails(call: ServiceCall, _session: Session) -> Mapping[str, object]:
        attempts.append(call.attempt)
        raise ConnectionError("the bureau is closed")

    models.serve(sancha, "ask", local=fails, max_attempts=9)
    retries = extended(f"<camunda:failedJobRetryTimeCycle>{cycle}</camunda:failedJobRetryTimeCycle>")
    attributes = 'camunda:type="external" camunda:topic="ask"'
    task = f'ask|<serviceTask id="ask" {attributes}>{retries}</serviceTask>'
    models.deploy_files(sancha, asking=models.process("asking", task))
    models.start(sancha, "asking")
    for number, minutes in enumerate(waits, start=1):
        run_due(sancha, "w")
        (job,) = models.jobs(sancha)
        assert (len(attempts), job.status) == (number, READY)
        clock.move(timedelta(minutes=minutes, seconds=-5))
        run_due(sancha, "w")
        assert len(attempts) == number, "not before its time"
        clock.move(timedelta(seconds=6))
    run_due(sancha, "w")
    assert attempts == [1, 2, 3]
    assert [job.status for job in models.jobs(sancha)] == [FAILED]
    assert [incident.kind for incident in models.open_incidents(sancha)] == ["job"]
    oracle.check(sancha)
