"""What an administrator looks after: jobs by state, workers, versions and the cases that run in them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.commands.suspend_instance import suspend_instance
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.ids import new_id
from engine.kernel.difference import Change
from engine.model.job import Job, Worker
from engine.queries.definition_diff import definition_diff
from engine.queries.definitions import deployed_in, deployments, running_versions
from engine.queries.jobs import STATES, JobFilter, job_counts, jobs, state_of
from engine.queries.workers import STALE, workers
from tests.factories import House, in_a_row, lanes, process, two_tasks

SERVICE = '<serviceTask id="svc" camunda:type="external" camunda:topic="rating"/>'


def changes(state: str, job: Job) -> dict[str, object]:
    """What makes a new service job one in ``state``."""
    if state == "waiting":
        return {"due": job.due + timedelta(days=1)}
    return {"status": {"running": "leased", "failed": "failed"}[state]} if state in ("running", "failed") else {}


@pytest.fixture
def busy(house: House) -> tuple[House, dict[str, str]]:
    """One job in each state."""
    house.deploy(x_bpmn=process("x", lanes(RM="s svc e") + in_a_row(SERVICE, ids="svc")))
    made = {}
    for state in STATES:
        case = house.start("x").id
        (job,) = house.jobs(case)
        made[state] = job.id
        values = changes(state, job)
        if values:
            with house.sancha.store.transaction() as session:
                session.execute(update(Job).where(Job.id == job.id).values(**values))
        if state == "suspended":
            with house.sancha.work(house.who("admin-1")) as work:
                suspend_instance(work, case, "客户资料存疑")
    return house, made


def test_jobs_are_found_and_counted_by_what_they_are_doing(busy: tuple[House, dict[str, str]]) -> None:
    house, made = busy
    with house.sancha.work(house.who("admin-1"), write=False) as work:
        for state, job_id in made.items():
            (found,) = jobs(work, JobFilter(state=state, kind="service")).items
            assert (found.id, state_of(found, work.now)) == (job_id, state)
        assert job_counts(work) == dict.fromkeys(STATES, 1)
        with pytest.raises(InvalidInput):
            jobs(work, JobFilter(state="done"))


def test_an_outsider_counts_no_job(busy: tuple[House, dict[str, str]]) -> None:
    house, _ = busy
    with house.sancha.work(house.who("outsider"), write=False) as work:
        assert job_counts(work) == dict.fromkeys(STATES, 0)
        assert all(jobs(work, JobFilter(state=state)).items == () for state in STATES)
        with pytest.raises(Forbidden):
            running_versions(work)
        with pytest.raises(Forbidden):
            workers(work)
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        assert job_counts(work) == dict.fromkeys(STATES, 1)


def test_workers_that_no_longer_show_up_are_stale(house: House) -> None:
    with house.sancha.work(house.who("system")) as work:
        for number, late in enumerate((timedelta(seconds=2), STALE + timedelta(seconds=1))):
            seen = work.raw_now - late
            work.session.add(Worker(id=f"host:{number}", kind="worker", started_at=seen, seen_at=seen))
    with house.sancha.work(house.who("admin-1"), write=False) as work:
        assert [(each.id, each.stale) for each in workers(work)] == [("host:0", False), ("host:1", True)]


def test_deployments_show_what_they_brought_and_what_runs_in_it(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    first, gone = house.start("pair").id, house.start("pair").id
    house.deploy(pair_bpmn=two_tasks(excludes="make"))
    house.start("pair")
    with house.sancha.work(house.who("admin-1")) as work:
        suspend_instance(work, first, "客户资料存疑")
    house.do(gone, "make", "rm-1")
    house.do(gone, "check", "reviewer-1")
    with house.sancha.work(house.who("admin-1"), write=False) as work:
        newest, oldest = deployments(work).items
        brought = deployed_in(work, [newest.id, oldest.id])
        assert [(each.key, each.version) for each in brought[newest.id]] == [("pair", 2)]
        assert [(each.key, each.version) for each in brought[oldest.id]] == [("pair", 1)]
        assert running_versions(work) == {("pair", 1): 1, ("pair", 2): 1}
        assert deployed_in(work, []) == deployed_in(work, [new_id()]) == {}


def test_two_versions_are_compared(house: House) -> None:
    house.deploy(pair_bpmn=two_tasks())
    house.deploy(pair_bpmn=two_tasks(excludes="make"))
    with house.sancha.work(house.who("outsider"), write=False) as work:
        (found,) = definition_diff(work, "pair", 1, 2)
        assert (found.change, found.element, found.attribute) == (Change.ADDED, "check", "excludes")
        assert (found.before, found.after) == (None, "make")
        (back,) = definition_diff(work, "pair", 2, 1)
        assert (back.change, back.before, back.after) == (Change.REMOVED, "make", None)
        assert definition_diff(work, "pair", 2, 2) == ()
        for key, before, after in (("pair", 1, 3), ("pair", 0, 1), ("none", 1, 2)):
            with pytest.raises(NotFound):
                definition_diff(work, key, before, after)
