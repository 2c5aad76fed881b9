"""The stage bar: as the designer named the stages, where the case stands, also after it was sent back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.kernel.compile import compile_model
from engine.kernel.definition import Definition
from engine.queries.diagram import ElementState
from processes.stages import StageState, current_stages, stage_states, stages_of
from tests.factories import flow, process, props
from tests.processes.models import definitions

AT = datetime(2026, 5, 11, tzinfo=UTC)


def visited(element: str, number: int, outcome: str | None = "completed", *, times: int = 1) -> ElementState:
    """An element whose latest visit has ``number``; None: it is open."""
    now = outcome is None
    passed = times - now if outcome in (None, "completed") else 0
    cancelled, errors = (int(outcome == each) for each in ("cancelled", "failed"))
    return ElementState(element, "userTask", passed, int(now), cancelled, errors, 0, number, AT, None, outcome, None)


def stage_task(id: str, stage: str | None = None) -> str:
    """A task of a stage."""
    named = props(stage=stage, **{"stage.en": stage.upper()}) if stage else ""
    return f'<userTask id="{id}">{named}</userTask>'


@pytest.fixture(scope="module")
def model() -> Definition:
    """a, b, c in a row with a way back from c to a; d beside c; b2 is of the stage of b."""
    tasks = [("a", "one"), ("b", "two"), ("c", "three"), ("d", "four"), ("b2", "two")]
    elements = "".join(stage_task(id, stage) for id, stage in tasks) + stage_task("plain")
    gateway = '<exclusiveGateway id="g" default="g_e"/><parallelGateway id="p"/>'
    back = '<sequenceFlow id="g_a" sourceRef="g" targetRef="a"><conditionExpression>again</conditionExpression>'
    flows = [("s", "plain"), ("plain", "a"), ("a", "b"), ("b", "p"), ("p", "c"), ("p", "d"), ("c", "g"), ("d", "b2")]
    drawn = "".join(flow(*each) for each in [*flows, ("g", "e"), ("b2", "e2")]) + back + "</sequenceFlow>"
    ends = '<startEvent id="s"/><endEvent id="e"/><endEvent id="e2"/>'
    (compiled,) = compile_model(process("m", ends + elements + gateway + drawn), file="m.bpmn")
    return compiled


def bar(model: Definition, *states: ElementState, troubled: tuple[str, ...] = ()) -> list[str]:
    """The states of the stages."""
    return [found.state for found in bar_of(model, *states, troubled=troubled)]


def bar_of(model: Definition, *states: ElementState, troubled: tuple[str, ...] = ()) -> tuple[StageState, ...]:
    return stage_states(model, {state.element: state for state in states}, troubled)


def test_stages_stand_in_the_order_of_the_file_and_share_activities(model: Definition) -> None:
    found = stages_of(model)
    assert [(each.name, each.name_en, each.elements) for each in found] == [
        ("one", "ONE", ("a",)),
        ("two", "TWO", ("b", "b2")),
        ("three", "THREE", ("c",)),
        ("four", "FOUR", ("d",)),
    ]


def test_a_process_without_stages_has_none() -> None:
    assert stages_of(definitions()["P03_assessment"]) == ()
    assert stage_states(definitions()["P03_assessment"], {}) == ()


def test_a_case_moves_along(model: Definition) -> None:
    assert bar(model) == ["ahead"] * 4
    assert bar(model, visited("a", 2, None)) == ["current", "ahead", "ahead", "ahead"]
    assert bar(model, visited("a", 2), visited("b", 3, None)) == ["done", "current", "ahead", "ahead"]
    running = (visited("a", 2), visited("b", 3), visited("c", 5, None), visited("d", 6, None))
    assert bar(model, *running) == ["done", "done", "current", "current"]


def test_a_case_that_went_back_has_to_do_it_again(model: Definition) -> None:
    states = [visited("a", 9, None, times=2), visited("b", 3), visited("c", 5)]
    assert bar(model, *states) == ["current", "again", "again", "ahead"]
    onward = [visited("a", 9, times=2), visited("b", 10, None, times=2), visited("c", 5)]
    assert bar(model, *onward) == ["done", "current", "again", "ahead"]
    assert [found.visits for found in bar_of(model, *onward)] == [2, 2, 1, 0]


def test_what_runs_beside_sends_nothing_back(model: Definition) -> None:
    states = [visited("a", 2), visited("b", 3), visited("c", 5, None), visited("d", 6), visited("b2", 8, None)]
    assert bar(model, *states) == ["done", "current", "current", "done"]


def test_trouble_and_cancellation_show(model: Definition) -> None:
    assert bar(model, visited("a", 2, None), troubled=("a",))[0] == "failed"
    assert bar(model, visited("a", 2, "cancelled"))[0] == "cancelled"
    assert bar(model, visited("a", 2, "failed"))[0] == "failed"
    (first, *_) = bar_of(model, visited("a", 2, None))
    assert (first.element, first.since) == ("a", AT)


def test_the_current_stages_are_those_of_the_open_elements(model: Definition) -> None:
    assert [each.name for each in current_stages(model, {"b2", "c", "plain"})] == ["two", "three"]
    assert current_stages(model, {"plain"}) == ()


def test_the_lifecycle_has_the_stages_that_its_processes_stand_for() -> None:
    found = stages_of(definitions()["P00_project_lifecycle"])
    assert [(each.name, each.name_en) for each in found] == [
        ("评估", "Assessment"),
        ("评级", "Rating"),
        ("审批", "Approval"),
        ("放款", "Disbursement"),
        ("贷后", "Follow-up"),
    ]
    calls = [node.id for node in definitions()["P00_project_lifecycle"].nodes.values() if node.call]
    assert set(calls) <= {element for each in found for element in each.elements}
