"""What SpiffWorkflow's runtime gets wrong is refused at deployment, with the reason."""

from __future__ import annotations

import pytest

from engine.kernel.check import check
from engine.kernel.compile import compile_model
from tests.kernel.bpmn import around, flow, model
from tests.kernel.spiff_case import ROOT, E, S

REFUSED = {
    "event-based gateway": (
        f'{S}<eventBasedGateway id="x"/><receiveTask id="y" messageRef="m"/><receiveTask id="z" messageRef="m"/>{E}'
        + flow("s", "x") + flow("x", "y") + flow("x", "z") + flow("y", "e") + flow("z", "e"),
        "event-based gateway",
    ),
    "call activity": (around('<callActivity id="x" calledElement="q"/>'), "lanes"),
    "decision": (around('<businessRuleTask id="x" camunda:decisionRef="d"/>'), "hit policies"),
    "multi-instance": (
        around(
            '<task id="x"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
            "</multiInstanceLoopCharacteristics></task>"
        ),
        "multi-instance",
    ),
    "timer cycle": (
        around('<task id="t"/><boundaryEvent id="x" attachedToRef="t" cancelActivity="false"><timerEventDefinition>'
               "<timeCycle>R/PT1H</timeCycle></timerEventDefinition></boundaryEvent>", "t"),
        "missed tick",
    ),
    "error event": (
        around('<task id="t"/><boundaryEvent id="x" attachedToRef="t"><errorEventDefinition errorRef="err"/>'
               "</boundaryEvent>", "t"),
        "errors of scripts",
    ),
    "message end": (
        f'{S}<endEvent id="x"><messageEventDefinition messageRef="m"/></endEvent>{flow("s", "x")}',
        "copy of all variables",
    ),
    "message start": (
        f'<startEvent id="x"><messageEventDefinition messageRef="m"/></startEvent>{E}{flow("x", "e")}',
        "instead of starting one",
    ),
    "several messages": (
        around('<task id="t"/><boundaryEvent id="x" attachedToRef="t" cancelActivity="false">'
               '<messageEventDefinition messageRef="m"/></boundaryEvent>', "t"),
        "only the first message",
    ),
    "implicit split": (around('<task id="x"/>') + '<endEvent id="e2"/>' + flow("x", "e2"), "no gateway"),
    "join in a loop": (
        f'{S}<exclusiveGateway id="m1"/><parallelGateway id="f"/><task id="a"/><task id="b"/><parallelGateway id="x"/>'
        f'<exclusiveGateway id="g" default="g_e"/>{E}' + flow("s", "m1") + flow("m1", "f") + flow("f", "a")
        + flow("f", "b") + flow("a", "x") + flow("b", "x") + flow("x", "g") + flow("g", "m1", "again") + flow("g", "e"),
        "earlier rounds",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_spiffworkflow_gets_wrong_is_refused_with_the_reason(name: str) -> None:
    body, reason = REFUSED[name]
    xml = model(body, root=ROOT)
    found = [one for one in check(xml, file="test.bpmn", kernel="spiffworkflow") if one.rule == "spiffworkflow/refused"]
    assert [(one.element, reason in one.message) for one in found] == [("x", True)]
    assert found[0].line > 3
    compile_model(xml, file="test.bpmn")  # the token machine takes it
