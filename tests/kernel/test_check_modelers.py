"""The deployment check leaves alone what editors write into models that are right."""

from __future__ import annotations

from engine.kernel.check import Severity, check
from tests.kernel.bpmn import around, flow, model
from tests.kernel.rule_cases import STRUCTURAL, examined

PLACEHOLDER = (
    '<userTask id="x"><property id="pr" name="__targetRef_placeholder"/>'
    '<dataInputAssociation id="in"><sourceRef>r</sourceRef><targetRef>pr</targetRef></dataInputAssociation>'
    '<dataOutputAssociation id="out"><targetRef>st</targetRef></dataOutputAssociation></userTask>'
)
DATA = '<dataObjectReference id="r" dataObjectRef="d"/><dataObject id="d"/><dataStoreReference id="st"/>'
ARTIFACTS = (
    '<association id="as" sourceRef="x" targetRef="n"/><textAnnotation id="n"><text>a</text></textAnnotation>'
    '<group id="g" categoryValueRef="cv"/>'
)


def structural(body: str, roots: str = "") -> list[str]:
    return [str(found) for found in examined(body, roots) if found.rule.partition("/")[0] in STRUCTURAL]


def test_data_drawn_with_bpmn_js() -> None:
    assert structural(around(PLACEHOLDER) + DATA) == []


def test_annotations_groups_and_categories() -> None:
    category = '<category id="cat"><categoryValue id="cv" value="A"/></category>'
    assert structural(around('<userTask id="x"/>') + ARTIFACTS, category) == []


def test_message_flows_to_collapsed_pools() -> None:
    body = around('<sendTask id="x" messageRef="m"/>')
    collaboration = (
        '<collaboration id="c"><participant id="a" name="A" processRef="p"/><participant id="b" name="B"/>'
        '<messageFlow id="f1" sourceRef="x" targetRef="b"/><messageFlow id="f2" sourceRef="b" targetRef="s"/>'
        '<textAnnotation id="n"><text>a</text></textAnnotation><association id="as" sourceRef="f1" targetRef="n"/>'
        "</collaboration>"
    )
    assert structural(body, collaboration) == []


def test_data_associations_that_name_the_activity_itself() -> None:
    reads = '<dataInputAssociation id="in"><sourceRef>r</sourceRef><targetRef>x</targetRef></dataInputAssociation>'
    assert structural(around(f'<task id="x">{reads}</task>') + DATA) == []


def test_references_with_a_prefix() -> None:
    body = around('<receiveTask id="x" messageRef="tns:m"/>')
    xml = model(body, root='<message id="m" name="M"/>').replace(
        b"<bpmn:definitions", b'<bpmn:definitions xmlns:tns="urn:test"'
    )
    assert [str(found) for found in check(xml, file="m.bpmn") if found.severity is Severity.ERROR] == []


def test_operations_of_an_imported_file_are_not_looked_for() -> None:
    task = '<receiveTask id="x" messageRef="m" operationRef="o:op"/>'
    imported = '<bpmn:import importType="http://schemas.xmlsoap.org/wsdl/" location="a.wsdl" namespace="urn:o"/>'
    xml = model(around(task), root='<message id="m" name="M"/>')
    xml = xml.replace(b"<bpmn:process", imported.encode() + b"<bpmn:process", 1)
    xml = xml.replace(b"<bpmn:definitions", b'<bpmn:definitions xmlns:o="urn:o"')
    assert [str(found) for found in check(xml, file="m.bpmn") if found.severity is Severity.ERROR] == []


def test_a_process_that_does_not_say_whether_it_is_executable() -> None:
    found = check(model(around('<task id="x"/>'), process='id="p"'), file="m.bpmn")
    assert [(each.rule, each.severity) for each in found] == [("structure/is-executable", Severity.WARNING)]


def test_boundary_event_back_into_the_flow_and_merges_without_gateway() -> None:
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    body = around('<userTask id="x"/>') + f'<boundaryEvent id="b" attachedToRef="x">{timer}</boundaryEvent>'
    assert structural(body + flow("b", "x")) == []
