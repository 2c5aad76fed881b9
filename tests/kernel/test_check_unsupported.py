"""The deployment check: BPMN and extensions that are not executed. One small model per rule."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, extended, flow
from tests.kernel.cases import (
    INNER,
    PROPERTY,
    TIMER,
    UNSUPPORTED_EVENTS,
    Case,
    boundary,
    caught,
    choice,
    ended,
    looped,
    rules,
    thrown,
)

ERRORS: dict[str, Case] = {
    # unsupported
    "inclusive gateway": (choice(flow("x", "a", "c"), tag="inclusiveGateway"), "unsupported/element", "x"),
    "complex gateway": (choice(flow("x", "a"), tag="complexGateway"), "unsupported/element", "x"),
    "transaction": (around(f'<transaction id="x">{INNER}</transaction>'), "unsupported/element", "x"),
    "ad-hoc": (around('<adHocSubProcess id="x"><task id="t"/></adHocSubProcess>'), "unsupported/element", "x"),
    "standard loop": (around('<task id="x"><standardLoopCharacteristics/></task>'), "unsupported/element", "x"),
    "event subprocess": (
        around('<task id="x"/>') + f'<subProcess id="y" triggeredByEvent="true">{INNER}</subProcess>',
        "unsupported/attribute",
        "y",
    ),
    "compensation task": (around('<task id="x" isForCompensation="true"/>'), "unsupported/attribute", "x"),
    "token quantity": (around('<task id="x" completionQuantity="2"/>'), "unsupported/attribute", "x"),
    "instantiating receive": (
        around('<receiveTask id="x" messageRef="m" instantiate="true"/>'),
        "unsupported/attribute",
        "x",
    ),
    "parallel event gateway": (
        choice(flow("x", "a"), tag="eventBasedGateway", attributes='eventGatewayType="Parallel"'),
        "unsupported/attribute",
        "x",
    ),
    "parallel multiple": (
        around(f'<intermediateCatchEvent id="x" parallelMultiple="true">{TIMER}</intermediateCatchEvent>'),
        "unsupported/attribute",
        "x",
    ),
    "multi-instance behaviour": (looped('behavior="One" camunda:collection="a"'), "unsupported/attribute", "x"),
    "resource roles": (around('<userTask id="x"><potentialOwner/></userTask>'), "unsupported/element", "x"),
    "shared definition": (
        caught("<eventDefinitionRef>shared</eventDefinitionRef>"),
        "unsupported/element",
        "x",
    ),
    "computing data association": (
        around(
            '<task id="x"><dataInputAssociation><targetRef>d</targetRef><assignment><from>a</from><to>b</to>'
            "</assignment></dataInputAssociation></task>"
        ),
        "unsupported/data",
        "x",
    ),
    **{
        f"{name} {position}": (make(definition), "unsupported/element", element)
        for name, definition in UNSUPPORTED_EVENTS.items()
        for position, make, element in [
            ("caught", caught, "x"),
            ("thrown", thrown, "x"),
            ("at the end", ended, "x"),
            ("at the border", lambda inside: around(boundary(inside)), "b"),
        ]
    },
    # extensions
    "Java class": (around('<serviceTask id="x" camunda:class="a.B"/>'), "extensions/refused", "x"),
    "Java expression": (around('<serviceTask id="x" camunda:expression="${a.b()}"/>'), "extensions/refused", "x"),
    "listener": (
        around(f'<task id="x">{extended("<camunda:executionListener/>")}</task>'),
        "extensions/refused",
        "x",
    ),
    "connector": (around(f'<task id="x">{extended("<camunda:connector/>")}</task>'), "extensions/refused", "x"),
    "generated form": (
        around(f'<userTask id="x">{extended("<camunda:formData/>")}</userTask>'),
        "extensions/refused",
        "x",
    ),
    "script in a file": (
        around('<scriptTask id="x" camunda:resource="a.feel"><script>1</script></scriptTask>'),
        "extensions/refused",
        "x",
    ),
    "Camunda 8": (
        around(f'<serviceTask id="x" camunda:topic="t">{extended("<zeebe:taskDefinition/>")}</serviceTask>'),
        "extensions/refused",
        "x",
    ),
    "unknown attribute": (around('<task id="x" camunda:asigne="a"/>'), "extensions/unknown", "x"),
    "unknown extension": (around(f'<task id="x">{extended("<camunda:magic/>")}</task>'), "extensions/unknown", "x"),
    "attribute in the wrong place": (
        around('<scriptTask id="x" camunda:assignee="a"><script>1</script></scriptTask>'),
        "extensions/misplaced",
        "x",
    ),
    "topic on a message": (
        thrown('<messageEventDefinition messageRef="m" camunda:topic="t"/>'),
        "extensions/misplaced",
        "x",
    ),
    "mapping in the wrong place": (
        around(f"""<userTask id="x">{extended('<camunda:in source="a" target="b"/>')}</userTask>"""),
        "extensions/misplaced",
        "x",
    ),
    "property twice": (
        around(f'<task id="x">{extended(PROPERTY, PROPERTY)}</task>'),
        "extensions/property",
        "x",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_refused(case: str) -> None:
    body, rule, element = ERRORS[case]
    assert (rule, element) in rules(body)
