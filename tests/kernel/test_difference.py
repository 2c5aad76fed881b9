"""What changed between two files of a process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.kernel.difference import Change, Difference, differences
from engine.kernel.findings import ModelRefused
from tests.factories import flow, in_a_row, lanes, process, task

P05 = Path(__file__).parents[2] / "processes" / "P05_approval" / "P05_approval.bpmn"


def told(before: bytes, after: bytes, key: str = "p") -> list[tuple[str, str, str | None, str | None, str | None]]:
    return [(str(d.change), d.element, d.attribute, d.before, d.after) for d in differences(before, after, key)]


def small(inner: str = "", *, role: str = "RM", **properties: str) -> bytes:
    return process("p", lanes(**{role: "s ask e"}) + in_a_row(task("ask", inner=inner, **properties), ids="ask"))


def test_a_file_does_not_differ_from_itself() -> None:
    assert differences(P05.read_bytes(), P05.read_bytes(), "P05_approval") == ()


def test_where_things_lie_and_in_what_order_is_no_difference() -> None:
    file = P05.read_bytes()
    moved = re.sub(rb'<dc:Bounds x="\d+"', b'<dc:Bounds x="7"', file)
    assert moved != file
    assert differences(file, moved, "P05_approval") == ()
    first, second = task("a"), task("b")
    body = '<startEvent id="s"/>{}{}<endEvent id="e"/>' + flow("s", "a") + flow("a", "b") + flow("b", "e")
    assert told(process("p", body.format(first, second)), process("p", body.format(second, first))) == []


def test_elements_that_came_and_went_are_named() -> None:
    before = process("p", in_a_row(task("a", name="甲"), ids="a"))
    after = process("p", in_a_row(task("b", name="乙"), ids="b"))
    found = differences(before, after, "p")
    assert [(d.change, d.element, d.name, d.kind) for d in found if d.kind == "userTask"] == [
        (Change.ADDED, "b", "乙", "userTask"),
        (Change.REMOVED, "a", "甲", "userTask"),
    ]
    assert {d.kind for d in found} == {"userTask", "sequenceFlow"}


def test_an_element_that_became_another_kind_is_another_element() -> None:
    before = process("p", in_a_row(task("a"), ids="a"))
    after = process("p", in_a_row('<manualTask id="a" name="a"/>', ids="a"))
    assert differences(before, after, "p") == (
        Difference(Change.REMOVED, "a", "a", "userTask"),
        Difference(Change.ADDED, "a", "a", "manualTask"),
    )


def test_properties_lanes_and_what_has_no_place_of_its_own_are_attributes() -> None:
    before = small(sla="PT16H", excludes="x")
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    after = small(loop, role="REVIEWER", sla="PT8H", escalation="standard")
    changed = [each for each in told(before, after) if each[1] == "ask"]
    assert changed == [
        ("added", "ask", "escalation", None, "standard"),
        ("removed", "ask", "excludes", "x", None),
        ("changed", "ask", "lane", "RM", "REVIEWER"),
        ("added", "ask", "multiInstanceLoopCharacteristics.loopCardinality", None, "3"),
        ("changed", "ask", "sla", "PT16H", "PT8H"),
    ]


def test_parts_of_one_kind_are_told_apart() -> None:
    def service(*outputs: str) -> bytes:
        parts = "".join(f'<camunda:outputParameter name="{name}">=1</camunda:outputParameter>' for name in outputs)
        mapped = f"<extensionElements><camunda:inputOutput>{parts}</camunda:inputOutput></extensionElements>"
        topic = 'camunda:type="external" camunda:topic="t"'
        return process("p", in_a_row(f'<serviceTask id="svc" {topic}>{mapped}</serviceTask>', ids="svc"))

    assert told(service("a"), service("a", "b")) == [
        ("added", "svc", "inputOutput.outputParameter(b)", None, "=1"),
        ("added", "svc", "inputOutput.outputParameter(b).name", None, "b"),
    ]


def test_conditions_timers_and_references_are_told() -> None:
    def model(condition: str, due: str, message: str) -> bytes:
        timer = f"<timerEventDefinition><timeDuration>{due}</timeDuration></timerEventDefinition>"
        body = (
            '<startEvent id="s"/><exclusiveGateway id="g" default="no"/><endEvent id="e"/>'
            f'<intermediateCatchEvent id="wait">{timer}</intermediateCatchEvent>'
            '<receiveTask id="mail" messageRef="m"/>'
            + flow("s", "g")
            + f'<sequenceFlow id="yes" sourceRef="g" targetRef="wait"><conditionExpression>{condition}'
            '</conditionExpression></sequenceFlow><sequenceFlow id="no" sourceRef="g" targetRef="mail"/>'
            + flow("wait", "e")
            + flow("mail", "e")
        )
        return process("p", body, root=f'<message id="m" name="{message}"/>')

    assert told(model("=a > 1", "PT1H", "Answer"), model("=a > 2", "PT2H", "Reply")) == [
        ("changed", "wait", "timerEventDefinition.timeDuration", "PT1H", "PT2H"),
        ("changed", "mail", "messageRef", "Answer", "Reply"),
        ("changed", "yes", "conditionExpression", "=a > 1", "=a > 2"),
    ]


def test_what_moves_into_a_subprocess_says_so() -> None:
    inner = in_a_row(task("a"), ids="a").replace('id="s"', 'id="s2"').replace('id="e"', 'id="e2"')
    inner = inner.replace('"s"', '"s2"').replace('"e"', '"e2"')
    sub = f'<subProcess id="sub">{inner}</subProcess>'
    found = told(process("p", in_a_row(task("a"), ids="a")), process("p", in_a_row(sub, ids="sub")))
    assert ("added", "a", "container", None, "sub") in found
    assert ("added", "sub", None, None, None) in found


def test_a_packaged_process_that_was_changed() -> None:
    file = P05.read_bytes()
    after = file.replace(b'name="sla" value="PT16H"', b'name="sla" value="PT12H"', 1)
    assert after != file
    assert told(file, after, "P05_approval") == [("changed", "P05_review", "sla", "PT16H", "PT12H")]


def test_another_process_of_the_file_is_left_out_and_rubbish_is_refused() -> None:
    file = small()
    assert differences(file, file, "another") == ()
    with pytest.raises(ModelRefused):
        differences(file, b"<x/>", "p")
