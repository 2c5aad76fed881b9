"""A case that an uncaught error ended: failed for good, with an incident that somebody has to see to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.commands.resolve_incident import resolve_incident
from engine.commands.retry_job import retry_job
from engine.errors import Conflict, Forbidden, InstanceEnded, InvalidInput
from engine.jobs.tick import run_due
from engine.model.incident import Incident
from engine.runtime import Sancha
from engine.services import BusinessError, ServiceCall
from tests.cast import Cast
from tests.faults import models, oracle


def broke(_call: ServiceCall, _session: Session) -> Mapping[str, object]:
    raise BusinessError("NO_MONEY", "the account is empty")


@pytest.fixture
def failed(sancha: Sancha) -> str:
    """A case whose service reported an error that its process does not catch."""
    models.serve(sancha, "ask", local=broke)
    root = models.asking(sancha)
    run_due(sancha, "w")
    return root


def the_incident(sancha: Sancha) -> Incident:
    (incident,) = models.open_incidents(sancha)
    return incident


def test_the_case_is_failed_and_says_why(sancha: Sancha, failed: str) -> None:
    (row,) = models.instances(sancha)
    assert (row.status, row.ended_at is not None) == ("failed", True)
    incident = the_incident(sancha)
    assert (incident.root_id, incident.kind, incident.code) == (failed, "step", "UNCAUGHT_ERROR")
    assert (incident.element, "NO_MONEY" in incident.message) == ("ask", True)
    assert models.actions(sancha, failed) == ["instance:started", "service:error-thrown"]
    oracle.check(sancha)


def test_it_is_seen_to_once_and_never_tried_again(sancha: Sancha, failed: str, cast: Cast) -> None:
    incident = the_incident(sancha)
    with pytest.raises(Forbidden), sancha.work(cast["rm-1"]) as work:
        resolve_incident(work, incident.id)
    with pytest.raises(InvalidInput), sancha.work(cast["admin-1"]) as work:
        resolve_incident(work, incident.id, {"amount": 1})
    with sancha.work(cast["admin-1"]) as work:
        assert resolve_incident(work, incident.id).resolved_by == "admin-1"
    with pytest.raises(Conflict), sancha.work(cast["admin-1"]) as work:
        resolve_incident(work, incident.id)
    run_due(sancha, "w")
    (row,) = models.instances(sancha)
    assert row.status == "failed"
    assert models.open_incidents(sancha) == []
    assert models.actions(sancha, failed)[-1] == "incident:acknowledged"
    oracle.check(sancha)


def test_its_job_cannot_be_tried_again(sancha: Sancha, failed: str) -> None:
    (job,) = models.jobs(sancha)
    with pytest.raises(InstanceEnded), sancha.work(SYSTEM) as work:
        retry_job(work, job.id)
    oracle.check(sancha)
