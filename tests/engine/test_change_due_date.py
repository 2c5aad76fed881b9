"""Moving due instants."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.commands.change_due_date import change_due_date
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.ids import new_id
from engine.model.job import Job
from tests.factories import House, flow, in_a_row, lanes, one_task, process, task

LATER = datetime(2027, 1, 4, 10, tzinfo=UTC)


def test_a_supervisor_moves_the_due_instant_of_a_task(house: House) -> None:
    house.deploy(small_bpmn=one_task(sla="PT8H"))
    case = house.start("small")
    ask = house.task(case.id, "ask")
    with house.sancha.work(house.who("supervisor-1")) as work:
        moved = change_due_date(work, task_id=ask.id, due=LATER)
    assert (moved.due, moved.revision, moved.changed_by) == (LATER, 2, "supervisor-1")
    assert house.task(case.id, "ask").due == LATER
    assert house.actions(case.id)[-1] == "task:due-date-changed"
    for name in ("rm-1", "audit-1"):
        with house.sancha.work(house.who(name)) as work, pytest.raises(Forbidden):
            change_due_date(work, task_id=ask.id, due=LATER)


@pytest.fixture
def timed(house: House) -> tuple[House, str, Job]:
    """A case with a timer on its task: the house, the case, the timer's job."""
    boundary = (
        '<boundaryEvent id="late" attachedToRef="ask" cancelActivity="false"><timerEventDefinition>'
        '<timeDuration>PT4H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="told"/>'
    )
    body = in_a_row(task("ask"), ids="ask") + boundary + flow("late", "told")
    house.deploy(timed_bpmn=process("timed", lanes(RM="s ask e late told") + body))
    case = house.start("timed")
    (job,) = house.jobs(case.id)
    return house, case.id, job


def test_an_administrator_moves_the_due_instant_of_a_timer(timed: tuple[House, str, Job]) -> None:
    house, case_id, job = timed
    assert (job.kind, job.element, job.status) == ("timer", "late", "ready")
    with house.sancha.work(house.who("admin-1")) as work:
        moved = change_due_date(work, job_id=job.id, due=LATER)
    assert (moved.id, moved.due) == (job.id, LATER)
    assert [each.due for each in house.jobs(case_id)] == [LATER]
    assert house.actions(case_id)[-1] == "job:due-date-changed"
    with house.sancha.work(house.who("supervisor-1")) as work, pytest.raises(Forbidden):
        change_due_date(work, job_id=job.id, due=LATER)


def test_a_job_that_is_over_stays_as_it_was(timed: tuple[House, str, Job]) -> None:
    house, case_id, job = timed
    house.do(case_id, "ask", "rm-1")
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(Conflict):
        change_due_date(work, job_id=job.id, due=LATER)


def test_what_is_wrong_is_named(timed: tuple[House, str, Job]) -> None:
    house, _, job = timed
    with house.sancha.work(house.who("admin-1")) as work:
        with pytest.raises(NotFound):
            change_due_date(work, job_id=new_id(), due=LATER)
        with pytest.raises(NotFound):
            change_due_date(work, task_id="no-id", due=LATER)
        with pytest.raises(InvalidInput, match="zone"):
            change_due_date(work, job_id=job.id, due=LATER.replace(tzinfo=None))
