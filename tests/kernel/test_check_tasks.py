"""The deployment check: expressions and what tasks need. One small model per rule."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, extended, flow, props
from tests.kernel.cases import (
    MESSAGE,
    PARAMETER,
    START,
    Case,
    caught,
    choice,
    looped,
    mapped,
    rules,
    script,
)

ERRORS: dict[str, Case] = {
    # expressions
    "quoted timer": (
        caught("<timerEventDefinition><timeDuration>'PT1H'</timeDuration></timerEventDefinition>"),
        "expressions/time",
        "x",
    ),
    "cron": (
        caught("<timerEventDefinition><timeCycle>0 0/5 * * * ?</timeCycle></timerEventDefinition>"),
        "expressions/time",
        "x",
    ),
    "working time in months": (
        caught(props(calendar="cn") + "<timerEventDefinition><timeDuration>P1M</timeDuration></timerEventDefinition>"),
        "expressions/time",
        "x",
    ),
    "bad timer expression": (
        caught("<timerEventDefinition><timeDuration>=1 +</timeDuration></timerEventDefinition>"),
        "expressions/feel",
        "x",
    ),
    "bad condition": (
        choice(flow("x", "a", "a >"), flow("x", "b"), attributes='default="x_b"'),
        "expressions/feel",
        "x_a",
    ),
    "empty condition": (
        choice(flow("x", "a", " "), flow("x", "b"), attributes='default="x_b"'),
        "expressions/empty",
        "x_a",
    ),
    "Java in a condition": (
        choice(flow("x", "a", "${bean.ok()}"), flow("x", "b"), attributes='default="x_b"'),
        "expressions/juel",
        "x_a",
    ),
    "Python script": (script("a = 1", 'scriptFormat="python"'), "expressions/language", "x"),
    "bad script": (script("import os; os.system('id')"), "expressions/feel", "x"),
    "condition in JavaScript": (
        choice(
            flow("x", "b"),
            '<sequenceFlow id="f" sourceRef="x" targetRef="a"><conditionExpression language="javascript"'
            ' xsi:type="bpmn:tFormalExpression">a</conditionExpression></sequenceFlow>',
            attributes='default="x_b"',
        ),
        "expressions/language",
        "f",
    ),
    "bad variable name": (
        around('<scriptTask id="x" camunda:resultVariable="a b"><script>1</script></scriptTask>'),
        "expressions/name",
        "x",
    ),
    "bad due date": (around('<userTask id="x" camunda:dueDate="tomorrow"/>'), "expressions/time", "x"),
    "bad priority": (around('<userTask id="x" camunda:priority="high"/>'), "expressions/number", "x"),
    "bad SLA": (around(f'<userTask id="x">{props(sla="16h")}</userTask>'), "expressions/time", "x"),
    "start timer with variables": (
        "<startEvent id='x'><timerEventDefinition><timeDate>=at</timeDate></timerEventDefinition></startEvent>",
        "expressions/start-timer",
        "x",
    ),
    "start message with key": (
        f"<startEvent id='x'>{props(correlationKey='=a')}{MESSAGE}</startEvent>",
        "expressions/start-key",
        "x",
    ),
    "nested parameter": (
        mapped("userTask", '<camunda:outputParameter name="a"><camunda:list/></camunda:outputParameter>'),
        "expressions/parameter",
        "x",
    ),
    "mapping without target": (
        around(f"""<callActivity id="x" calledElement="q">{extended('<camunda:in source="a"/>')}</callActivity>"""),
        "expressions/mapping",
        "x",
    ),
    # execution
    "service without topic": (around('<serviceTask id="x"/>'), "execution/no-topic", "x"),
    "send without message": (around('<sendTask id="x"/>'), "execution/no-topic", "x"),
    "send with both": (
        around('<sendTask id="x" messageRef="m" camunda:topic="t"/>'),
        "execution/topic-or-message",
        "x",
    ),
    "shell task": (around('<serviceTask id="x" camunda:topic="t" camunda:type="shell"/>'), "execution/service", "x"),
    "rule task without decision": (around('<businessRuleTask id="x"/>'), "execution/decision", "x"),
    "unknown result shape": (
        around('<businessRuleTask id="x" camunda:decisionRef="d" camunda:mapDecisionResult="all"/>'),
        "execution/decision",
        "x",
    ),
    "call without process": (around('<callActivity id="x"/>'), "execution/call", "x"),
    "binding without version": (
        around('<callActivity id="x" calledElement="q" camunda:calledElementBinding="version"/>'),
        "execution/binding",
        "x",
    ),
    "binding by tag": (
        around('<callActivity id="x" calledElement="q" camunda:calledElementBinding="versionTag"/>'),
        "execution/binding",
        "x",
    ),
    "empty script": (script(" "), "execution/script", "x"),
    "loop over nothing": (looped(), "execution/multi-instance", "x"),
    "loop over both": (
        looped('camunda:collection="a"', "<loopCardinality>3</loopCardinality>"),
        "execution/multi-instance",
        "x",
    ),
    "two forms": (around('<userTask id="x" camunda:formKey="a" camunda:formRef="b"/>'), "execution/form", "x"),
    "form of a version": (
        around('<userTask id="x" camunda:formRef="b" camunda:formRefBinding="version"/>'),
        "execution/form",
        "x",
    ),
    "external without topic": (
        around('<sendTask id="x" messageRef="m" camunda:type="external"/>'),
        "execution/service",
        "x",
    ),
    "computed form": (around('<userTask id="x" camunda:formKey="${form}"/>'), "execution/form", "x"),
    "unknown clock": (around(f'<userTask id="x">{props(clock="stopped")}</userTask>'), "execution/clock", "x"),
    "excludes itself": (around(f'<userTask id="x">{props(excludes="x")}</userTask>'), "execution/excludes", "x"),
    "output of an end event": (
        f'{START}<endEvent id="x">'
        + extended(f"<camunda:inputOutput>{PARAMETER}</camunda:inputOutput>")
        + f"{MESSAGE}</endEvent>{flow('s', 'x')}",
        "execution/mapping",
        "x",
    ),
    "output of a start event": (
        mapped("startEvent", PARAMETER),
        "execution/mapping",
        "x",
    ),
    "output of a thrown message": (
        mapped("sendTask", PARAMETER).replace('<sendTask id="x"', '<sendTask id="x" messageRef="m"'),
        "execution/mapping",
        "x",
    ),
    "mapping on a plain task": (
        mapped("task", '<camunda:inputParameter name="a">1</camunda:inputParameter>'),
        "execution/mapping",
        "x",
    ),
    "parameter twice": (
        mapped("userTask", '<camunda:outputParameter name="a">1</camunda:outputParameter>' * 2),
        "execution/mapping",
        "x",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_refused(case: str) -> None:
    body, rule, element = ERRORS[case]
    assert (rule, element) in rules(body)
