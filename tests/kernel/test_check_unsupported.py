"""The deployment check: BPMN and extensions that are not executed. One small model per rule."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, extended, flow
from tests.kernel.cases import PROPERTY, START, Case, rules, thrown

ERRORS: dict[str, Case] = {
    # unsupported
    "choreography": (
        around(
            '<choreographyTask id="x" initiatingParticipantRef="a"><participantRef>a</participantRef>'
            "<participantRef>b</participantRef><messageFlowRef>f</messageFlowRef></choreographyTask>"
        ),
        "unsupported/element",
        "x",
    ),
    "flow that may wait": (
        START + '<endEvent id="e"/>' + flow("s", "e", attributes='isImmediate="false"'),
        "unsupported/attribute",
        "s_e",
    ),
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
