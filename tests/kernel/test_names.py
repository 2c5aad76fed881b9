"""What a process computes for people, groups and keys must be a name that can be stored and looked up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.kernel import stimuli as s
from engine.kernel.check import check
from tests.kernel.bpmn import around, extended, flow, model, props
from tests.kernel.driver import Deployed, Run, run

LONG = "x" * 256
MESSAGE = '<message id="m" name="Answer"/>'


def asked(attribute: str) -> bytes:
    """A user task whose ``attribute`` is the variable ``v``."""
    return model(around(f'<userTask id="x" camunda:{attribute}="=v"/>'))


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        ("assignee", LONG, "assignee: 256 characters are more than the 255 allowed"),
        ("assignee", ["rm-1"], "assignee: a value of type list is no text"),
        ("assignee", "rm\x001", "assignee: the text holds a control character"),
        ("candidateUsers", f"rm-1,{LONG}", "candidate users: 256 characters"),
        ("candidateUsers", {"a": 1}, "candidate users: a value of type dict is no text"),
        ("candidateGroups", ["RM", ["SEC"]], "candidate groups: a value of type list is no text"),
        ("candidateGroups", ["RM", None], "candidate groups: an id is null"),
        ("priority", 2**31, "the priority is larger than 2147483647"),
        ("priority", Decimal("1E+30"), "the priority is larger than 2147483647"),
        ("priority", "99999999999", "the priority is larger than 2147483647"),
        ("priority", "--5", "the priority is no whole number"),
        ("priority", "٣", "the priority is no whole number"),
        ("priority", Decimal("1.5"), "the priority is no whole number"),
        ("priority", True, "the priority is no whole number"),
    ],
)
def test_what_is_no_name_or_number_stops_the_task_until_it_is_corrected(
    attribute: str, value: object, reason: str
) -> None:
    case = run(asked(attribute), {"v": value})
    failure = case.failure("x")
    assert failure.code == "BAD_VALUE"
    assert reason in failure.message
    case.retry("x", v="7")
    assert case.tasks == ["x"]


def test_names_are_trimmed_and_named_once() -> None:
    opened = run(asked("candidateGroups"), {"v": " RM, SEC,RM ,"}).task("x")
    assert opened.candidate_groups == ("RM", "SEC")
    assert run(asked("assignee"), {"v": None}).task("x").assignee is None
    assert run(asked("priority"), {"v": Decimal("-7.0")}).task("x").priority == -7


@pytest.mark.parametrize("key", ["k" * 256, "a\nb", ["k"], None, ""])
def test_a_correlation_key_that_no_message_can_have_is_an_incident(key: object) -> None:
    given = props(correlationKey="=v")
    catch = f'<intermediateCatchEvent id="x">{given}<messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    throw = f'<intermediateThrowEvent id="x">{given}<messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
    for event in (catch, throw):
        case = run(model(around(event), root=MESSAGE), {"v": key})
        assert case.failure("x").code == "BAD_VALUE"
        assert case.open.failed, "nothing was sent and nothing waits"


@pytest.mark.parametrize("key", ["k" * 256, "a\nb", "a\u2028b", ["k"]])
def test_a_business_key_that_cannot_be_shown_is_an_incident(key: object) -> None:
    mapping = extended('<camunda:in businessKey="=v"/>')
    called = model(around("<userTask id='a'/>", "a"), process='id="q" isExecutable="true"')
    case = run(model(around(f'<callActivity id="x" calledElement="q">{mapping}</callActivity>')), {"v": key}, called)
    assert case.failure("x").code == "BAD_VALUE"
    case.retry("x", v="K-1")
    assert case.tasks == ["a"]


def test_the_ids_of_nested_scopes_stay_names() -> None:
    """Handles of tasks, timers and incidents are columns of 255 characters."""
    called = '<callActivity id="x" calledElement="p"><multiInstanceLoopCharacteristics>'
    called += "<loopCardinality>1</loopCardinality></multiInstanceLoopCharacteristics></callActivity>"
    deployed = Deployed()
    case = Run(deployed, checks=False).start(deployed.deploy(model(around(called))))
    (failure,) = case.open.failed.values()
    assert failure.code == "LOOP_LIMIT"
    assert "nest too deep" in failure.message
    assert 150 < len(failure.token) < 255
    assert max(map(len, case.store.scopes)) < 255
    case.send(s.Cancel())
    assert case.store.scopes == {}


def test_a_model_of_nested_subprocesses_stops_before_its_scopes_have_no_name() -> None:
    body = around("<userTask id='deepest'/>", "deepest").replace('id="s"', 'id="s0"').replace('id="e"', 'id="e0"')
    body = body.replace('"s"', '"s0"').replace('"e"', '"e0"')
    for level in range(1, 80):
        inner = f'<subProcess id="sub{level}">{body}</subProcess>'
        body = f'<startEvent id="s{level}"/>{inner}<endEvent id="e{level}"/>'
        body += flow(f"s{level}", f"sub{level}") + flow(f"sub{level}", f"e{level}")
    (failure,) = run(model(body), checks=False).open.failed.values()
    assert failure.code == "LOOP_LIMIT"
    assert len(failure.token) < 255


@pytest.mark.parametrize(
    ("what", "element"),
    [
        ("message name", '<receiveTask id="x" messageRef="m"/>'),
        ("topic", f'<serviceTask id="x" camunda:topic="{LONG}"/>'),
        ("English name", f'<userTask id="x">{props(name_en=LONG)}</userTask>'),
        ("form", f'<userTask id="x" camunda:formRef="{LONG}"/>'),
        ("calendar", f'<userTask id="x">{props(calendar=LONG)}</userTask>'),
        ("escalation", f'<userTask id="x">{props(escalation=LONG)}</userTask>'),
        ("role", f'<laneSet id="l"><lane id="l1" name="{LONG}"><flowNodeRef>x</flowNodeRef></lane></laneSet>'),
    ],
)
def test_a_name_that_no_row_can_hold_is_refused_at_deployment(what: str, element: str) -> None:
    body = element + around('<userTask id="x"/>') if what == "role" else around(element)
    findings = check(model(body, root=f'<message id="m" name="{LONG}"/>'), file="p.bpmn")
    (found,) = [each for each in findings if each.rule == "structure/long-name"]
    assert (found.element, found.severity) == ("x", "error")
    assert found.line >= 4
    assert found.column
    assert found.message == f"the {what} has 256 characters; at most 255 can be stored"
