"""What extension attributes of Camunda, Operaton, Flowable and Activiti compile to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.kernel.compile import compile_model
from engine.kernel.definition import Conditional, Escalation, Node, Signal
from tests.kernel.bpmn import around, extended, model
from tests.kernel.cases import ROOTS, findings, rules

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def node(element: str) -> Node:
    return compile_model(model(around(element), root=ROOTS), file="test.bpmn")[0].nodes["x"]


@pytest.mark.parametrize(
    ("attributes", "before", "after"),
    [
        ("", False, False),
        ('camunda:asyncBefore="true"', True, False),
        ('operaton:asyncAfter="true"', False, True),
        ('camunda:asyncBefore="false" camunda:asyncAfter="true"', False, True),
        ('flowable:async="true"', True, False),
        ('flowable:async="true" flowable:asyncLeave="true"', True, True),
    ],
)
def test_continuations(attributes: str, before: bool, after: bool) -> None:
    for tag in ("task", "subProcess", "exclusiveGateway", "intermediateThrowEvent"):
        inner = '<task id="inside"/>' if tag == "subProcess" else ""
        found = node(f'<{tag} id="x" {attributes}>{inner}</{tag}>')
        assert (found.async_before, found.async_after) == (before, after), tag


def handler(attributes: str = "", *extensions: str) -> str:
    inside = extended(*extensions) if extensions else ""
    return f'<serviceTask id="x" camunda:topic="t" {attributes}>{inside}</serviceTask>'


def cycle(text: str) -> str:
    return f"<camunda:failedJobRetryTimeCycle>{text}</camunda:failedJobRetryTimeCycle>"


@pytest.mark.parametrize(
    ("element", "retry"),
    [
        (handler(), None),
        (handler("", cycle("R3/PT10M")), "R3/PT10M"),
        (handler("", cycle(" PT1M,PT10M,P1D ")), "PT1M,PT10M,P1D"),
        (handler('flowable:failedJobRetryTimeCycle="R5/PT1H"'), "R5/PT1H"),
        (handler('flowable:failedJobRetryTimeCycle="R5/PT1H"', cycle("R5/PT1H")), "R5/PT1H"),
        (handler().replace("serviceTask", "sendTask").replace("><", f">{extended(cycle('PT5M'))}<"), "PT5M"),
    ],
)
def test_retries(element: str, retry: str | None) -> None:
    found = node(element).service
    assert found is not None
    assert found.retry == retry


@pytest.mark.parametrize(
    "text", ["3", "R/PT10M", "R0/PT1M", "R2000/PT1M", "R3/soon", "PT1M,later", "R3/2026-01-01/PT1M", "${a}", "=a", "x"]
)
def test_retries_that_nobody_could_follow_are_refused(text: str) -> None:
    assert rules(around(handler("", cycle(text)))) == {("execution/service", "x")}


def test_two_different_retries_are_refused() -> None:
    assert rules(around(handler("", cycle("R3/PT1M"), cycle("R2/PT1M")))) == {("execution/service", "x")}


def test_variables_of_events() -> None:
    condition = '<conditionalEventDefinition camunda:variableName="amount" camunda:variableEvents="update">'
    caught = node(
        f'<intermediateCatchEvent id="x">{condition}<condition>amount &gt; 5</condition></conditionalEventDefinition>'
        "</intermediateCatchEvent>"
    )
    assert isinstance(caught.event, Conditional)
    assert caught.event.variable == "amount"
    escalation = '<escalationEventDefinition escalationRef="esc" camunda:escalationCodeVariable="code"/>'
    inside = '<subProcess id="x"><task id="t"/></subProcess>'
    body = around(inside) + f'<boundaryEvent id="b" attachedToRef="x">{escalation}</boundaryEvent>'
    boundary = compile_model(model(body, root=ROOTS), file="test.bpmn")[0].nodes["b"]
    assert boundary.event == Escalation("X", "code")


def test_the_payload_of_a_signal() -> None:
    mappings = '<camunda:in source="client.id" target="client"/><camunda:in sourceExpression="${n + 1}" target="n"/>'
    definition = f'<signalEventDefinition signalRef="sig">{extended(mappings)}</signalEventDefinition>'
    thrown = node(f'<intermediateThrowEvent id="x">{definition}</intermediateThrowEvent>').event
    assert isinstance(thrown, Signal)
    variables = {"client": {"id": "C1"}, "n": 1}
    assert {
        found.target: found.source.evaluate(variables, NOW) for found in thrown.payload if found.source is not None
    } == {"client": "C1", "n": 2}
    everything = definition.replace(mappings, '<camunda:in variables="all"/>')
    all_of_them = node(f'<intermediateThrowEvent id="x">{everything}</intermediateThrowEvent>').event
    assert isinstance(all_of_them, Signal)
    assert [found.everything for found in all_of_them.payload] == [True]


def test_what_a_signal_and_a_subprocess_map() -> None:
    parameter = '<camunda:inputParameter name="a">=b</camunda:inputParameter>'
    mapping = extended(f"<camunda:inputOutput>{parameter}</camunda:inputOutput>")
    signal = '<signalEventDefinition signalRef="sig"/>'
    thrown = node(f'<intermediateThrowEvent id="x">{mapping}{signal}</intermediateThrowEvent>').event
    assert isinstance(thrown, Signal)
    assert [found.target for found in thrown.payload] == ["a"]
    for tag in ("transaction", "adHocSubProcess", "subProcess"):
        assert [found.target for found in node(f'<{tag} id="x">{mapping}<task id="t"/></{tag}>').inputs] == ["a"]
    plain = f'<intermediateThrowEvent id="x">{mapping}</intermediateThrowEvent>'
    assert rules(around(plain)) == {("execution/mapping", "x")}


def test_expressions_of_the_dialects_where_models_have_them() -> None:
    task = node(
        '<userTask id="x" camunda:assignee="${empty boss ? team[0] : boss}"'
        ' camunda:dueDate="${dateTime().plusDays(3).toDate()}" camunda:priority="${base + 10}"/>'
    )
    variables = {"boss": None, "team": ["RM", "PM"], "base": 50}
    assert task.human is not None
    assert task.human.assignee is not None
    assert task.human.due_date is not None
    assert task.human.priority is not None
    assert task.human.assignee.evaluate(variables, NOW) == "RM"
    assert task.human.due_date.evaluate(variables, NOW) == datetime(2026, 3, 5, tzinfo=UTC)
    assert task.human.priority.evaluate(variables, NOW) == 60


def test_an_expression_that_cannot_be_translated_is_refused_with_its_reason() -> None:
    (found,) = (
        one for one in findings(around('<userTask id="x" camunda:assignee="${bean.next(a)}"/>'))
        if one.rule == "expressions/juel"
    )  # fmt: skip
    assert "the call bean.next(...)" in found.message
    assert found.advice == "write it in FEEL"
