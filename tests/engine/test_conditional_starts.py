"""Conditional start events: whoever knows new facts asks which processes they start."""

from __future__ import annotations

from typing import Any

import pytest

from engine.access import SYSTEM
from engine.commands.evaluate_conditions import evaluate_conditions
from engine.commands.start_instance import start_instance
from engine.errors import DuplicateName, Forbidden, InvalidInput
from engine.queries.instances import InstanceView
from engine.runtime import Sancha
from tests.cast import Cast
from tests.faults import models, oracle
from tests.kernel.bpmn import flow, model


def watching(key: str, *conditions: str) -> bytes:
    """Starts when one of ``conditions`` holds, and then asks PLM."""
    body = '<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>visit</flowNodeRef></lane></laneSet>'
    flows = flow("visit", "end")
    for number, condition in enumerate(conditions):
        body += (
            f'<startEvent id="on{number}"><conditionalEventDefinition><condition>{condition}</condition>'
            "</conditionalEventDefinition></startEvent>"
        )
        flows += flow(f"on{number}", "visit")
    body += '<userTask id="visit"/><endEvent id="end"/>'
    return model(body + flows, process=f'id="{key}" isExecutable="true"')


def evaluate(sancha: Sancha, business_key: str | None = None, **variables: Any) -> tuple[InstanceView, ...]:
    with sancha.work(SYSTEM) as work:
        return evaluate_conditions(work, variables, business_key=business_key)


@pytest.fixture(autouse=True)
def _deployed(sancha: Sancha) -> None:
    models.deploy_files(
        sancha, exposure=watching("exposure", "amount &gt; 100"), rating=watching("rating", 'grade = "D"')
    )


def test_what_is_true_starts_with_the_facts(sancha: Sancha) -> None:
    (started,) = evaluate(sancha, amount=101)
    assert (started.definition_key, started.definition_version) == ("exposure", 1)
    assert models.open_tasks(sancha, started.id) == ["visit"]
    assert [row.definition_key for row in evaluate(sancha, amount=200, grade="D")] == ["exposure", "rating"]
    oracle.check(sancha)


def test_what_is_false_unknown_or_no_condition_at_all_starts_nothing(sancha: Sancha) -> None:
    assert evaluate(sancha, amount=100) == ()
    assert evaluate(sancha, other=1) == ()
    assert evaluate(sancha, amount="much") == ()
    assert evaluate(sancha) == ()


def test_each_start_event_counts_and_only_of_the_latest_version(sancha: Sancha) -> None:
    models.deploy_files(sancha, exposure=watching("exposure", "amount &gt; 1000", "share &gt; 0.5"))
    assert evaluate(sancha, amount=500) == ()
    started = evaluate(sancha, amount=2000, share=1)
    assert [(row.definition_key, row.definition_version) for row in started] == [("exposure", 2)] * 2
    oracle.check(sancha)


def test_a_business_key_names_one_case(sancha: Sancha) -> None:
    with pytest.raises(InvalidInput, match="several"):
        evaluate(sancha, "K-1", amount=200, grade="D")
    assert models.instances(sancha) == []
    (started,) = evaluate(sancha, "K-1", amount=200)
    assert started.business_key == "K-1"
    with pytest.raises(DuplicateName):
        evaluate(sancha, "K-1", amount=200)


def test_a_person_cannot_start_it_otherwise(sancha: Sancha, cast: Cast) -> None:
    with pytest.raises(Forbidden), sancha.work(cast["rm-1"]) as work:
        evaluate_conditions(work, {"amount": 200})
    with pytest.raises(InvalidInput, match="does not begin without"), sancha.work(SYSTEM) as work:
        start_instance(work, key="exposure", variables={})
