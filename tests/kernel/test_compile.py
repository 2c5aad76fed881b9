"""What a model compiles to: people, services, scripts, decisions, calls, multi-instance, events, lanes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from engine.kernel.compile import compile_model
from engine.kernel.definition import (
    Binding,
    Definition,
    Error,
    Kind,
    Message,
    Node,
    Terminate,
    Timer,
    TimerKind,
)
from engine.kernel.findings import ModelRefused
from tests.kernel.bpmn import around, extended, flow, model, props

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MESSAGE = '<message id="m" name="RATING"/><error id="err" name="Broken" errorCode="E42"/>'


def compiled(body: str, **options: str) -> Definition:
    return compile_model(model(body, **options), file="test.bpmn")[0]


def node(element: str, **options: str) -> Node:
    return compiled(around(element), **options).nodes["x"]


def test_a_process() -> None:
    xml = model(around('<task id="x" name="Look"/>'), process='id="p" name="三查"')
    definition = compile_model(xml, file="test.bpmn")[0]
    assert (definition.ref, definition.key, definition.name) == ("p", "p", "三查")
    assert definition.digest == hashlib.sha256(xml).hexdigest()
    assert definition.kernel == "machine"
    assert definition.xml == xml
    assert list(definition.nodes) == ["s", "x", "e"]
    assert definition.starts == {None: ("s",)}
    assert definition.nodes["x"].kind is Kind.TASK
    assert definition.nodes["x"].incoming == ("s_x",)
    assert [found.target for found in definition.nodes["s"].outgoing] == ["x"]
    assert definition.nodes["s"].line == 4


def test_properties_of_a_process_and_of_elements_are_kept() -> None:
    definition = compiled(props(owner="credit") + around(f'<task id="x">{props(name_en="Look", other=" 1 ")}</task>'))
    assert definition.properties == {"owner": "credit"}
    assert definition.nodes["x"].properties == {"name.en": "Look", "other": "1"}


@pytest.mark.parametrize("vendor", ["camunda", "operaton", "flowable"])
def test_a_user_task_in_each_dialect(vendor: str) -> None:
    attributes = " ".join(
        f'{vendor}:{name}="{value}"'
        for name, value in {
            "assignee": "reviewer-1",
            "candidateUsers": "a,b",
            "candidateGroups": "${groups}",
            "dueDate": "=now() + duration(&quot;P1D&quot;)",
            "followUpDate": "2026-05-01T09:00:00",
            "priority": "70",
            "formKey": "camunda-forms:deployment:forms/site-visit.form",
        }.items()
    )
    found = props(
        sla="PT16H", calendar="cn", escalation="E1", excludes="a, b c", clock="waiting-client", name_en="Visit"
    )
    task = node(f'<userTask id="x" {attributes}>{found.replace("camunda:", f"{vendor}:")}</userTask>')
    human = task.human
    assert human is not None
    assert human.assignee is not None
    assert human.assignee.evaluate({}, NOW) == "reviewer-1"
    assert human.candidate_users is not None
    assert human.candidate_users.text == "a,b"
    assert human.candidate_groups is not None
    assert human.candidate_groups.evaluate({"groups": ["RM"]}, NOW) == ["RM"]
    assert human.due_date is not None
    assert human.due_date.evaluate({}, NOW) == datetime(2026, 3, 3, tzinfo=UTC)
    assert human.priority is not None
    assert human.sla is not None
    assert (human.priority.text, human.form, human.sla.text) == ("70", "site-visit", "PT16H")
    assert (human.calendar, human.escalation, human.clock) == ("cn", "E1", "waiting-client")
    assert human.excludes == ("a", "b", "c")
    assert task.properties == {"name.en": "Visit"}


@pytest.mark.parametrize(
    ("attribute", "form"),
    [
        ('camunda:formRef="vote"', "vote"),
        ('camunda:formKey="vote.form"', "vote"),
        ('camunda:formKey="embedded:app:forms/vote.html"', "vote"),
        ('camunda:formKey="forms/P05/vote.form"', "vote"),
        ('camunda:formKey="site.visit.form"', "site.visit"),
        ("", None),
    ],
)
def test_forms_are_known_by_their_name(attribute: str, form: str | None) -> None:
    human = node(f'<userTask id="x" {attribute}/>').human
    assert human is not None
    assert human.form == form


def test_lanes_give_roles() -> None:
    lanes = (
        '<laneSet id="ls"><lane id="outer" name="银行"><flowNodeRef>a</flowNodeRef><flowNodeRef>sub</flowNodeRef>'
        f'<childLaneSet id="cls"><lane id="inner" name="评级岗">{props(role="RATER")}'
        "<flowNodeRef>b</flowNodeRef></lane></childLaneSet></lane></laneSet>"
    )
    inside = f'<startEvent id="is"/><userTask id="c"/><endEvent id="ie"/>{flow("is", "c")}{flow("c", "ie")}'
    definition = compiled(
        f'{lanes}<startEvent id="s"/><userTask id="a"/><manualTask id="b"/><subProcess id="sub">{inside}</subProcess>'
        '<boundaryEvent id="t" attachedToRef="b"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        f"</timerEventDefinition></boundaryEvent>{flow('s', 'a')}{flow('a', 'b')}{flow('b', 'sub')}"
    )
    roles = {id: (found.lane, found.role) for id, found in definition.nodes.items()}
    assert roles["a"] == roles["sub"] == roles["c"] == ("outer", "银行")
    assert roles["b"] == roles["t"] == ("inner", "RATER")
    assert roles["s"] == (None, None)
    assert definition.nodes["b"].human is not None
    assert definition.nodes["b"].boundary == ("t",)
    assert definition.nodes["t"].attached_to == "b"
    assert definition.nodes["c"].parent == "sub"
    assert definition.starts == {None: ("s",), "sub": ("is",)}


def test_services() -> None:
    mapping = extended(
        "<camunda:inputOutput>"
        '<camunda:inputParameter name="client">=case.client</camunda:inputParameter>'
        '<camunda:inputParameter name="kind">full</camunda:inputParameter>'
        '<camunda:inputParameter name="note">case ${case.client}</camunda:inputParameter>'
        '<camunda:inputParameter name="sum"><camunda:script scriptFormat="feel">1 + 1</camunda:script>'
        "</camunda:inputParameter>"
        '<camunda:outputParameter name="score">=result.score</camunda:outputParameter></camunda:inputOutput>'
    )
    task = node(
        f'<serviceTask id="x" camunda:type="external" camunda:topic="rate" camunda:resultVariable="result">{mapping}'
        "</serviceTask>"
    )
    assert task.service is not None
    assert (task.service.topic, task.service.result_variable) == ("rate", "result")
    variables = {"case": {"client": "C1"}}
    values = {found.target: found.source.evaluate(variables, NOW) for found in task.inputs if found.source is not None}
    assert values == {"client": "C1", "kind": "full", "note": "case C1", "sum": 2}
    assert [found.target for found in task.outputs] == ["score"]
    only_topic = node('<sendTask id="x" camunda:topic="mail"/>')
    assert only_topic.service is not None


def test_scripts() -> None:
    task = node(
        '<scriptTask id="x" scriptFormat="feel" camunda:resultVariable="y"><script>= a * 2</script></scriptTask>'
    )
    assert task.script is not None
    assert task.script.result_variable == "y"
    assert task.script.expression.evaluate({"a": 21}) == 42
    bare = node("<scriptTask id='x'><script>{a: 1}</script></scriptTask>")
    assert bare.script is not None
    assert bare.script.result_variable is None


def test_decisions() -> None:
    task = node(
        '<businessRuleTask id="x" camunda:decisionRef="DMN_GRADE" camunda:decisionRefBinding="version"'
        ' camunda:decisionRefVersion="3" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="grade"/>'
    )
    call = task.decision
    assert call is not None
    assert (call.decision.text, call.binding, call.version) == ("DMN_GRADE", Binding.VERSION, 3)
    assert (call.result_variable, call.result_shape) == ("grade", "singleEntry")


def test_calls() -> None:
    mappings = extended(
        '<camunda:in source="client.id" target="clientId"/><camunda:in sourceExpression="${amount}" target="limit"/>'
        '<camunda:in variables="all"/><camunda:in businessKey="=caseNo"/><camunda:out source="grade" target="rating"/>'
    )
    call = node(f'<callActivity id="x" calledElement="P04" camunda:calledElementBinding="deployment">{mappings}'
                "</callActivity>").call  # fmt: skip
    assert call is not None
    assert (call.called.text, call.binding) == ("P04", Binding.DEPLOYMENT)
    one, two, everything, key = call.inputs
    assert one.source is not None
    assert one.source.evaluate({"client": {"id": 7}}, NOW) == 7
    assert two.source is not None
    assert two.source.evaluate({"amount": 5}, NOW) == 5
    assert everything.everything
    assert key.business_key
    assert [found.target for found in call.outputs] == ["rating"]
    prefixed = node('<callActivity id="x" calledElement="bank:P05" xmlns:bank="urn:bank"/>').call
    assert prefixed is not None
    assert prefixed.called.text == "P05"


def test_multi_instance_of_camunda() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true" camunda:collection="members"'
        ' camunda:elementVariable="member">'
        f"{props(outputCollection='votes', outputElement='vote')}"
        "<completionCondition>nrOfCompletedInstances &gt;= 3</completionCondition></multiInstanceLoopCharacteristics>"
    )
    found = node(f'<userTask id="x">{loop}</userTask>').loop
    assert found is not None
    assert found.sequential
    assert found.collection is not None
    assert found.collection.evaluate({"members": ["a"]}, NOW) == ["a"]
    assert found.element_variable == "member"
    assert found.output_collection == "votes"
    assert found.output_element is not None
    assert found.output_element.evaluate({"vote": "FOR"}, NOW) == "FOR"
    assert found.completion is not None
    assert found.completion.evaluate({"nrOfCompletedInstances": 3}) is True


def test_multi_instance_of_the_standard() -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>inputs</loopDataInputRef>"
        '<loopDataOutputRef>results</loopDataOutputRef><inputDataItem id="item" name="one"/>'
        '<outputDataItem id="result"/></multiInstanceLoopCharacteristics>'
    )
    found = node(f'<task id="x">{loop}</task>').loop
    assert found is not None
    assert not found.sequential
    assert found.collection is not None
    assert (found.collection.text, found.element_variable, found.output_collection) == ("inputs", "one", "results")
    counted = node("<task id='x'><multiInstanceLoopCharacteristics><loopCardinality>${n}</loopCardinality>"
                   "</multiInstanceLoopCharacteristics></task>").loop  # fmt: skip
    assert counted is not None
    assert counted.cardinality is not None
    assert counted.cardinality.evaluate({"n": 4}, NOW) == 4


def test_timers() -> None:
    given = props(calendar="cn")
    timer = node(f'<intermediateCatchEvent id="x">{given}<timerEventDefinition><timeDuration>P10D</timeDuration>'
                 "</timerEventDefinition></intermediateCatchEvent>").event  # fmt: skip
    assert isinstance(timer, Timer)
    assert (timer.kind, timer.value.text, timer.calendar) == (TimerKind.DURATION, "P10D", "cn")
    given = props(catchUp="all", zone="Europe/Berlin")
    cycle = node(f'<intermediateCatchEvent id="x">{given}<timerEventDefinition><timeCycle>R3/PT1H</timeCycle>'
                 "</timerEventDefinition></intermediateCatchEvent>").event  # fmt: skip
    assert isinstance(cycle, Timer)
    assert (cycle.kind, cycle.catch_up, cycle.zone) == (TimerKind.CYCLE, "all", "Europe/Berlin")
    date = node('<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>=visitAt</timeDate>'
                "</timerEventDefinition></intermediateCatchEvent>").event  # fmt: skip
    assert isinstance(date, Timer)
    assert date.value.expression is not None


def test_messages() -> None:
    mapping = (
        "<camunda:properties><camunda:property name='correlationKey' value='=requestId'/></camunda:properties>"
        "<camunda:inputOutput><camunda:inputParameter name='score'>=score</camunda:inputParameter>"
        "</camunda:inputOutput>"
    )
    throw = node(f'<intermediateThrowEvent id="x">{extended(mapping)}<messageEventDefinition messageRef="m"/>'
                 "</intermediateThrowEvent>", root=MESSAGE)  # fmt: skip
    assert isinstance(throw.event, Message)
    assert throw.event.name == "RATING"
    assert throw.event.correlation_key is not None
    assert throw.event.correlation_key.evaluate({"requestId": "R1"}, NOW) == "R1"
    assert [found.target for found in throw.event.payload] == ["score"]
    assert throw.inputs == ()
    receive = node('<receiveTask id="x" messageRef="m"/>', root=MESSAGE)
    assert receive.event == Message("RATING")
    send = node('<sendTask id="x" messageRef="m"/>', root=MESSAGE)
    assert send.event == Message("RATING")


def test_errors_and_ends() -> None:
    definition = compiled(
        '<startEvent id="s"/><task id="x"/><endEvent id="stop"><terminateEventDefinition/></endEvent>'
        '<boundaryEvent id="some" attachedToRef="x"><errorEventDefinition errorRef="err"'
        ' camunda:errorCodeVariable="code" camunda:errorMessageVariable="text"/></boundaryEvent>'
        '<boundaryEvent id="any" attachedToRef="x"><errorEventDefinition/></boundaryEvent>'
        '<endEvent id="broken"><errorEventDefinition errorRef="err"/></endEvent>'
        + flow("s", "x") + flow("x", "stop") + flow("some", "broken") + flow("any", "stop"),
        root=MESSAGE,
    )  # fmt: skip
    assert definition.nodes["some"].event == Error("E42", "code", "text")
    assert definition.nodes["any"].event == Error(None)
    assert definition.nodes["broken"].event == Error("E42")
    assert definition.nodes["stop"].event == Terminate()


def test_conditions_and_defaults() -> None:
    definition = compiled(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_b"/><endEvent id="a"/><endEvent id="b"/>'
        + flow("s", "g") + flow("g", "a", "amount &gt; 5 and ok") + flow("g", "b") + flow("g", "a", "${ok}", id="again")
    )  # fmt: skip
    first, second, third = definition.nodes["g"].outgoing
    assert definition.nodes["g"].default == "g_b"
    assert first.condition is not None
    assert first.condition.names == {"amount", "ok"}
    assert second.condition is None
    assert third.condition is not None
    assert third.condition.text == "ok"


def test_boundary_events_interrupt_unless_they_say_no() -> None:
    body = '<boundaryEvent id="b" attachedToRef="x" {}><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    for attribute, interrupting in [("", True), ('cancelActivity="true"', True), ('cancelActivity="false"', False)]:
        boundary = body.format(attribute) + "</timerEventDefinition></boundaryEvent>"
        definition = compiled(around('<task id="x"/>' + boundary))
        assert definition.nodes["b"].interrupting is interrupting


def test_every_executable_process_of_a_file() -> None:
    second = f'<process id="q" isExecutable="true"><startEvent id="s2"/><endEvent id="e2"/>{flow("s2", "e2")}</process>'
    xml = model(around('<task id="x"/>'), root=second + '<process id="r" isExecutable="false"/>')
    assert [found.key for found in compile_model(xml, file="test.bpmn")] == ["p", "q"]


def test_a_refused_model_raises_with_all_findings() -> None:
    with pytest.raises(ModelRefused, match=r"test\.bpmn:5:\d+: error: x \(Look\).*and 1 more") as caught:
        compiled(around('<scriptTask id="x" name="Look" camunda:class="Look"><script>1 +</script></scriptTask>'))
    rules = {finding.rule for finding in caught.value.findings}
    assert rules == {"expressions/feel", "extensions/refused"}


def test_an_unknown_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="no kernel 'java'"):
        compile_model(model(around('<task id="x"/>')), file="test.bpmn", kernel="java")
