"""Timer start events: the zone they name, expressions, working time, and what cannot be due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.errors import DeploymentRefused
from engine.jobs.tick import run_due
from engine.model.instance import ProcessInstance
from engine.model.job import Job
from tests.conftest import TestClock
from tests.factories import House, flow, process, props, task

SUMMER = datetime(2027, 6, 1, tzinfo=UTC)


def started_by(kind: str, value: str, **properties: str) -> bytes:
    """A process that a timer starts; it then waits at one task."""
    given = props(**properties) if properties else ""
    timer = f'<timerEventDefinition id="timer"><{kind}>{value}</{kind}></timerEventDefinition>'
    body = f'<startEvent id="s">{given}{timer}</startEvent>{task("ask")}<endEvent id="e"/>'
    return process("timed", body + flow("s", "ask") + flow("ask", "e"))


def due(house: House) -> list[datetime]:
    """When start timers are due."""
    with house.sancha.work(SYSTEM, write=False) as work:
        return list(work.session.scalars(select(Job.due).where(Job.kind == "start-timer", Job.status == "ready")))


def test_an_instant_without_zone_is_clock_time_where_the_event_says(house: House, clock: TestClock) -> None:
    clock.start_at(SUMMER)
    house.deploy(timed_bpmn=started_by("timeDate", "2027-07-01T09:00:00", zone="Europe/Berlin"))
    assert due(house) == [datetime(2027, 7, 1, 7, tzinfo=UTC)]


def test_a_daily_start_keeps_the_clock_of_its_zone_when_the_clocks_change(house: House, clock: TestClock) -> None:
    clock.start_at(datetime(2027, 10, 30, 8, tzinfo=UTC))
    house.deploy(timed_bpmn=started_by("timeCycle", "R/2027-10-30T09:00:00/P1D", zone="Europe/Berlin"))
    assert due(house) == [datetime(2027, 10, 31, 8, tzinfo=UTC)], "winter time has begun"
    clock.start_at(datetime(2027, 10, 29, 8, tzinfo=UTC))
    house.deploy(timed_bpmn=started_by("timeCycle", "R/2027-10-30T09:00:00/P1D ", zone="Europe/Berlin"))
    assert due(house) == [datetime(2027, 10, 30, 7, tzinfo=UTC)]
    clock.move(timedelta(days=1))
    run_due(house.sancha, "worker-1")
    assert house.count(ProcessInstance) == 1
    assert due(house) == [datetime(2027, 10, 31, 8, tzinfo=UTC)]


def test_working_time_may_be_an_expression(house: House, clock: TestClock) -> None:
    clock.start_at(datetime(2027, 6, 1, tzinfo=UTC))  # Tuesday, 8 o'clock in Shanghai
    house.deploy(timed_bpmn=started_by("timeDuration", '=duration("PT16H")', calendar="default"))
    assert due(house) == [datetime(2027, 6, 2, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("kind", "value", "calendar", "reason"),
    [
        ("timeDuration", "=1", "", "a duration cannot be made from Decimal"),
        ("timeDate", '="soon"', "", "'soon' is not a date and time"),
        ("timeCycle", "=null", "", "a timeCycle timer cannot be made from NoneType"),
        ("timeDuration", "P900000Y", "", "after the year 9999"),
        ("timeDuration", "PT1H", "nowhere", "nowhere"),
        ("timeDuration", '="P1M"', "default", "P1M"),
    ],
)
def test_a_start_that_can_never_be_due_is_refused(
    house: House, kind: str, value: str, calendar: str, reason: str
) -> None:
    properties = {"calendar": calendar} if calendar else {}
    with pytest.raises(DeploymentRefused) as refused:
        house.deploy(timed_bpmn=started_by(kind, value, **properties))
    (finding,) = [each for each in refused.value.findings if each["severity"] == "error"]
    assert (finding["element"], finding["line"], finding["file"]) == ("s", 4, "timed.bpmn")
    assert finding["column"]
    assert reason in str(finding["message"])
    assert house.count(Job) == 0
