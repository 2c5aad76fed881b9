"""The deployment check: warnings, and what a finding tells."""

from __future__ import annotations

import pytest

from engine.kernel.check import Finding, Severity, check
from tests.kernel.bpmn import around, flow, model, props
from tests.kernel.cases import (
    MESSAGE,
    START,
    TASK,
    Case,
    caught,
    choice,
    findings,
    rules,
)

WARNINGS: dict[str, Case] = {
    "dead end": (f'{START}<task id="x"/>{flow("s", "x")}', "flows/dead-end", "x"),
    "no default": (
        choice(flow("x", "a", "c"), flow("x", "b", "d")),
        "gateways/no-default",
        "x",
    ),
    "pointless": (around('<parallelGateway id="x"/>'), "gateways/pointless", "x"),
    "no role": (around('<userTask id="x"/>'), "execution/no-role", "x"),
    "no form": (around('<userTask id="x"/>'), "execution/no-form", "x"),
    "no SLA": (around('<userTask id="x"/>'), "execution/no-sla", "x"),
    "foreign exclusion": (
        around(f'<userTask id="x">{props(excludes="y")}</userTask>'),
        "execution/excludes-elsewhere",
        "x",
    ),
    "fixed key": (caught(props(correlationKey="requestId") + MESSAGE), "expressions/fixed-key", "x"),
    "job priority": (around('<task id="x" camunda:jobPriority="1"/>'), "extensions/ignored", "x"),
    "sla on a service": (
        around(f'<serviceTask id="x" camunda:topic="t">{props(sla="PT1H")}</serviceTask>'),
        "extensions/property",
        "x",
    ),
    "misspelled property": (around(f'<userTask id="x">{props(SLA="PT1H")}</userTask>'), "extensions/property", "x"),
    "stale lane": (
        f'<laneSet id="ls"><lane id="l"><flowNodeRef>zz</flowNodeRef></lane></laneSet>{around(TASK)}',
        "lanes/dangling",
        "l",
    ),
    "stale incoming": (around('<task id="x"><incoming>zz</incoming></task>'), "references/listed-flow", "x"),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_warned(case: str) -> None:
    body, rule, element = WARNINGS[case]
    assert (rule, element) in rules(body, severity=Severity.WARNING)
    assert rules(body) == set(), "a warning alone does not refuse"


def test_findings_tell_file_place_element_name_and_advice() -> None:
    (found,) = [
        found
        for found in findings(f"""{START}
   <subProcess id="x" name="等待"/>
<endEvent id="e"/>{flow("s", "x")}{flow("x", "e")}""")
        if found.element == "x"
    ]
    assert found == Finding(
        rule="structure/empty",
        severity=Severity.ERROR,
        file="test.bpmn",
        line=5,
        column=4,
        element="x",
        name="等待",
        message="the subprocess is empty: there is nothing to do",
        advice="draw what happens",
    )
    assert str(found).startswith("test.bpmn:5:4: error: x (等待): the subprocess is empty")


def test_duplicate_ids_are_refused() -> None:
    (found,) = [f for f in findings(around('<task id="x"/><task id="x"/>')) if f.severity is Severity.ERROR][:1]
    assert found.element == "x"
    assert found.rule in ("structure/duplicate-id", "xml/schema")


def test_a_parallel_gateway_cannot_have_a_default() -> None:
    body = choice(flow("x", "a"), flow("x", "b"), attributes='default="x_a"', tag="parallelGateway")
    assert {rule for rule, _ in rules(body)} == {"xml/schema"}


def test_a_file_without_process_is_refused() -> None:
    found = check(model("", process='id="p" isExecutable="false"'), file="test.bpmn")
    assert [finding.rule for finding in found] == ["structure/no-process"]


def test_processes_that_are_not_executable_may_hold_anything() -> None:
    xml = model(
        around('<task id="x"/>'), root='<process id="q" isExecutable="false"><complexGateway id="c"/></process>'
    )
    assert check(xml, file="test.bpmn") == ()


def test_a_clean_model_has_no_findings() -> None:
    lanes = '<laneSet id="ls"><lane id="l" name="RM"><flowNodeRef>x</flowNodeRef></lane></laneSet>'
    body = lanes + around(f'<userTask id="x" camunda:formRef="visit">{props(sla="PT16H", name_en="Visit")}</userTask>')
    assert findings(body) == ()


def test_several_flows_out_of_an_activity_are_a_split() -> None:
    body = around('<task id="x"/>') + '<task id="y"/>' + flow("x", "y", "a &gt; 1") + flow("y", "e")
    assert rules(body) == set()


def test_findings_come_in_the_order_of_the_file() -> None:
    body = f'{START}\n<task id="a" startQuantity="2"/>\n<complexGateway id="b"/>\n<task id="c" camunda:magic="1"/>'
    lines = [found.line for found in findings(body)]
    assert lines == sorted(lines)
    assert len(lines) > 3


def test_foreign_extensions_are_told_once() -> None:
    body = around('<task id="x" xmlns:o="urn:other" o:a="1"/><task id="y" xmlns:o="urn:other" o:a="2"/>')
    assert [f.element for f in findings(body) if f.rule == "extensions/foreign"] == ["x"]
