"""Global tasks: definitions of their own that call activities call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.drawing import about, drawing
from engine.kernel.check import check
from engine.kernel.compile import compile_model
from engine.kernel.definition import Definition, Kind
from tests.kernel.bpmn import around, extended, model, prefixed, props
from tests.kernel.cases import rules
from tests.kernel.driver import Decision, Deployed, Run

NOW = datetime(2026, 3, 2, tzinfo=UTC)
IN_OUT = extended('<camunda:in source="a" target="a"/><camunda:out source="b" target="b"/>')
OWNER = (
    "<potentialOwner><resourceAssignmentExpression><formalExpression>RM</formalExpression>"
    "</resourceAssignmentExpression></potentialOwner>"
)
CALL = around(f'<callActivity id="x" calledElement="g">{IN_OUT}</callActivity>')


def definition(task: str) -> Definition:
    return compile_model(model(CALL, root=task), file="test.bpmn")[1]


def started(task: str, body: str = CALL, **variables: object) -> Run:
    deployed = Deployed()
    return Run(deployed).start(deployed.deploy(model(body, root=task)), variables)


def test_a_global_task_is_a_definition_of_its_own() -> None:
    given = props(sla="PT16H", clock="waiting-client", name_en="Visit")
    found = definition(
        f'<globalUserTask id="g" name="贷前走访" camunda:assignee="li" camunda:formRef="visit">{given}{OWNER}'
        "</globalUserTask>"
    )
    assert (found.key, found.name, found.starts) == ("g", "贷前走访", {None: ("g_start",)})
    assert list(found.nodes) == ["g_start", "g", "g_end"]
    task = found.nodes["g"]
    assert (task.kind, task.name, task.line) == (Kind.USER_TASK, "贷前走访", found.nodes["g_start"].line)
    assert task.human is not None
    assert task.human.sla is not None
    assert task.human.candidate_groups is not None
    assert task.human.assignee is not None
    assert (task.human.form, task.human.sla.text, task.human.clock) == ("visit", "PT16H", "waiting-client")
    assert (task.human.assignee.text, task.human.candidate_groups.text) == ("li", "RM")
    assert task.properties["name.en"] == "Visit"


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ('<globalTask id="g"/>', Kind.TASK),
        ('<globalManualTask id="g"/>', Kind.MANUAL_TASK),
        ('<globalScriptTask id="g" scriptLanguage="feel"><script>a</script></globalScriptTask>', Kind.SCRIPT_TASK),
        ('<globalBusinessRuleTask id="g" camunda:decisionRef="d"/>', Kind.BUSINESS_RULE_TASK),
    ],
)
def test_each_kind(task: str, kind: Kind) -> None:
    assert definition(task).nodes["g"].kind is kind


def test_ids_that_the_start_and_end_would_have_are_left_to_their_owners() -> None:
    root = '<globalTask id="g"/><globalTask id="g_start"/><globalTask id="g_end"/>'
    found = compile_model(model(CALL, root=root), file="test.bpmn")
    assert [one.key for one in found] == ["p", "g", "g_start", "g_end"]
    assert list(found[1].nodes) == ["g_start_", "g", "g_end_"]


def test_a_called_user_task() -> None:
    r = started(f'<globalUserTask id="g">{OWNER}</globalUserTask>', a=1)
    opened = r.task("g")
    assert opened.candidate_groups == ("RM",)
    r.complete("g", b=2)
    assert r.ended == "completed"
    assert r.variables() == {"a": 1, "b": 2}


def test_a_called_script_and_a_called_task() -> None:
    script = '<globalScriptTask id="g" scriptLanguage="feel"><script>{b: a + 1}</script></globalScriptTask>'
    assert started(script, a=1).variables() == {"a": 1, "b": 2}
    plain = around('<callActivity id="x" calledElement="g"/>')
    assert started('<globalTask id="g"/>', plain).ended == "completed"


def test_a_called_decision() -> None:
    deployed = Deployed()
    deployed.decisions["d"] = Decision("d:1", lambda variables: "AA")
    task = '<globalBusinessRuleTask id="g" camunda:decisionRef="d" camunda:resultVariable="b"/>'
    call = CALL.replace('source="a" target="a"', 'source="amount" target="amount"')
    r = Run(deployed).start(deployed.deploy(model(call, root=task)), {"amount": 5})
    assert r.variables() == {"amount": 5, "b": "AA"}


def test_a_call_for_each_item() -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="team" camunda:elementVariable="a"/>'
    body = around(f'<callActivity id="x" calledElement="g">{IN_OUT}{loop}</callActivity>')
    r = started('<globalUserTask id="g" camunda:assignee="${a}"/>', body, team=["li", "wang"])
    opened = [task for task in r.open.tasks.values() if task.element == "g"]
    assert [task.assignee for task in opened] == ["li", "wang"]


def test_a_call_from_another_file() -> None:
    deployed = Deployed()
    only = model("", root='<globalUserTask id="g"/>', process='id="drawn" isExecutable="false"')
    assert [found.key for found in compile_model(only, file="test.bpmn")] == ["g"]
    deployed.deploy(only)
    r = Run(deployed).start(deployed.deploy(model(CALL)), {"a": 1})
    r.complete("g", b=2)
    assert r.ended == "completed"


def test_a_global_task_is_checked_like_any_other() -> None:
    assert rules(CALL, root='<globalScriptTask id="g"><script>1 +</script></globalScriptTask>') == {
        ("expressions/feel", "g")
    }
    assert rules(
        CALL, root='<globalScriptTask id="g" scriptLanguage="groovy"><script>1</script></globalScriptTask>'
    ) == {("expressions/language", "g")}
    assert rules(CALL, root=f"<globalTask id='g'>{OWNER}</globalTask>") == {("execution/performer", "g")}
    assert rules(CALL, root="<globalTask id='g' camunda:asigne='li'/>") == {("extensions/unknown", "g")}
    assert rules(CALL, root="<globalTask/>") == {("structure/no-id", "definitions")}


def test_findings_about_a_global_task_have_its_place() -> None:
    xml = model(CALL, root='\n<globalBusinessRuleTask id="g"/>')
    line = 1 + next(at for at, text in enumerate(xml.splitlines()) if b"globalBusinessRuleTask" in text)
    found = check(xml, file="test.bpmn")
    assert {(one.rule, one.element, one.line) for one in found if one.rule == "execution/decision"} == {
        ("execution/decision", "g", line)
    }


def test_nobody_is_offered_a_global_task_and_its_file_is_drawn() -> None:
    inside = "<documentation>走访客户</documentation>" + props(documentation_en="Visit the client")
    xml = model(CALL, root=f'<globalUserTask id="g" name="走访">{inside}</globalUserTask>')
    found = about(xml, "g")
    assert (found.documentation, found.documentation_en, found.offered) == ("走访客户", "Visit the client", False)
    assert about(xml, "p").offered
    assert prefixed('<globalUserTask id="g" name="走访"/>') in drawing(xml, "en")
