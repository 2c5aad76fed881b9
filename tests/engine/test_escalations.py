"""Escalations that a service reports: the process catches them, and the work goes on unless that interrupts it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy.orm import Session

from engine.jobs.tick import run_due
from engine.runtime import Sancha
from engine.services import BusinessEscalation, Outgoing, ServiceCall
from tests.faults import models, oracle
from tests.kernel.bpmn import flow, model

LATE = BusinessEscalation("LATE", {"days": 3}, result={"answer": "AA"})


def watched(*, interrupting: bool) -> bytes:
    """A service task with an escalation boundary event that leads to ``tell``; else to ``visit``."""
    cancels = "" if interrupting else 'cancelActivity="false"'
    body = (
        '<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>visit</flowNodeRef>'
        "<flowNodeRef>tell</flowNodeRef></lane></laneSet>"
        '<startEvent id="start"/><serviceTask id="ask" camunda:type="external" camunda:topic="ask"/>'
        f'<boundaryEvent id="late" attachedToRef="ask" {cancels}><escalationEventDefinition escalationRef="esc"/>'
        '</boundaryEvent><userTask id="visit"/><userTask id="tell"/><endEvent id="end"/><endEvent id="end2"/>'
    )
    flows = [("start", "ask"), ("ask", "visit"), ("visit", "end"), ("late", "tell"), ("tell", "end2")]
    escalation = '<escalation id="esc" escalationCode="LATE"/>'
    return model(
        body + "".join(flow(*one) for one in flows), root=escalation, process='id="watched" isExecutable="true"'
    )


def raises(_call: ServiceCall, _way: Session | Outgoing) -> Mapping[str, object]:
    raise LATE


@pytest.mark.parametrize("way", ["local", "remote"])
@pytest.mark.parametrize(("interrupting", "tasks"), [(True, ["tell"]), (False, ["tell", "visit"])])
def test_it_is_caught_and_the_work_goes_on_unless_interrupted(
    sancha: Sancha, way: str, interrupting: bool, tasks: list[str]
) -> None:
    models.serve(sancha, "ask", **{way: raises})
    models.deploy_files(sancha, watched=watched(interrupting=interrupting))
    root = models.start(sancha, "watched")
    run_due(sancha, "w")
    assert models.open_tasks(sancha, root) == tasks
    done = [] if interrupting else ["service:completed"]
    assert models.actions(sancha, root) == ["instance:started", "service:escalation-raised", *done]
    assert models.open_incidents(sancha) == []
    oracle.check(sancha)


def test_without_a_catcher_it_is_over_and_the_result_counts(sancha: Sancha) -> None:
    models.serve(sancha, "ask", local=raises)
    root = models.asking(sancha)
    run_due(sancha, "w")
    assert models.open_tasks(sancha, root) == ["visit"]
    oracle.check(sancha)
