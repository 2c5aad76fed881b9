"""What each kind of task does, how its data flows, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.kernel import NotWaiting, State, UnsupportedValue, advance
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import around, extended, flow, model
from tests.kernel.driver import START, Decision, Deployed, Run, Store, of, run

THEN = '<userTask id="y"/>' + flow("x", "y")


def mapping(*parameters: str) -> str:
    return f"<camunda:inputOutput>{''.join(parameters)}</camunda:inputOutput>"


def put(name: str, value: str) -> str:
    return f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>'


def get(name: str, value: str) -> str:
    return f'<camunda:outputParameter name="{name}">{value}</camunda:outputParameter>'


def test_a_user_task_says_who_works_by_when() -> None:
    element = (
        '<userTask id="x" name="Review" camunda:assignee="=officer" camunda:candidateUsers="li, wang"'
        ' camunda:candidateGroups="=groups" camunda:dueDate="PT48H" camunda:followUpDate="=by" camunda:priority="70"'
        ' camunda:formKey="review.form">'
        + extended(
            '<camunda:properties><camunda:property name="sla" value="PT16H"/>'
            '<camunda:property name="excludes" value="a, b"/><camunda:property name="clock" value="waiting-client"/>'
            "</camunda:properties>"
        )
        + "</userTask>"
    )
    by = datetime(2026, 4, 1, 8, tzinfo=UTC)
    opened = run(model(around(element)), {"officer": "chen", "groups": ["RISK", "LEGAL"], "by": by}).task("x")
    assert (opened.name, opened.assignee, opened.form, opened.sla) == ("Review", "chen", "review", "PT16H")
    assert (opened.candidate_users, opened.candidate_groups) == (("li", "wang"), ("RISK", "LEGAL"))
    assert (opened.due, opened.follow_up) == (START + timedelta(hours=48), by)
    assert (opened.priority, opened.excludes, opened.clock) == (70, ("a", "b"), "waiting-client")


def test_an_attribute_that_cannot_be_evaluated_is_an_incident() -> None:
    r = run(model(around('<userTask id="x" camunda:assignee="=officer"/>')))
    assert r.failure("x").code == "UNKNOWN_VARIABLE"
    assert r.tasks == []
    r.retry("x", officer="li")
    assert r.task("x").assignee == "li"


def test_completing_a_finished_task_is_refused_and_changes_nothing() -> None:
    r = run(model(around('<userTask id="x"/>' + THEN)))
    token = r.task("x").token
    r.complete("x")
    stored = dict(r.store.scopes)
    for stimulus in (s.CompleteTask(token), s.JobDone(token), s.Retry(token), s.FireTimer(token), s.CompleteTask("")):
        with pytest.raises(NotWaiting) as refused:
            r.send(stimulus)
        assert refused.value.handle in (token, "")
    assert r.store.scopes == stored
    assert r.tasks == ["y"]


def test_a_stimulus_of_another_kind_is_refused() -> None:
    r = run(model(around('<userTask id="x"/>')))
    token = r.task("x").token
    for stimulus in (s.JobDone(token), s.JobFailed(token, "no"), s.Retry(token), s.DeliverMessage(token)):
        with pytest.raises(NotWaiting):
            r.send(stimulus)


def test_a_manual_task_waits_only_when_it_has_a_role() -> None:
    assert run(model(around('<manualTask id="x"/>'))).ended == "completed"
    lanes = '<laneSet id="ls"><lane id="l" name="CLERK"><flowNodeRef>x</flowNodeRef></lane></laneSet>'
    r = run(model(lanes + around('<manualTask id="x"/>')))
    assert r.task("x").role == "CLERK"
    r.complete("x")
    assert r.ended == "completed"


def test_a_plain_task_passes() -> None:
    r = run(model(around('<task id="x"/>')))
    assert (r.ended, r.path()) == ("completed", ["s", "x", "e"])
    assert r.open.ended is not None
    assert r.open.ended.end_event == "e"


SERVICE = '<serviceTask id="x" camunda:type="external" camunda:topic="rate" {more}>{inside}</serviceTask>'


def test_a_service_task_hands_over_what_is_visible_and_writes_what_comes_back() -> None:
    r = run(model(around(SERVICE.format(more="", inside=""))), {"client": "C1"})
    assert (r.service("x").topic, r.service("x").variables) == ("rate", {"client": "C1"})
    r.done("x", grade="AA", limit=Decimal("470.00"))
    assert r.ended == "completed"
    assert r.variables() == {"client": "C1", "grade": "AA", "limit": Decimal("470.00")}


def test_a_service_task_with_a_result_variable() -> None:
    r = run(model(around(SERVICE.format(more='camunda:resultVariable="rating"', inside=""))))
    r.done("x", grade="AA")
    assert r.variables() == {"rating": {"grade": "AA"}}


def test_mapped_inputs_are_all_a_service_sees_and_mapped_outputs_all_that_leaves() -> None:
    inside = extended(mapping(put("id", "=client.id"), put("kind", "full"), get("grade", "=answer.grade")))
    r = run(model(around(SERVICE.format(more="", inside=inside))), {"client": {"id": 7}, "grade": "old"})
    assert r.service("x").variables == {"id": 7, "kind": "full"}
    r.done("x", answer={"grade": "A"}, noise=1)
    assert r.variables() == {"client": {"id": 7}, "grade": "A"}


def test_a_service_that_gave_up_is_an_incident_and_a_retry_asks_again() -> None:
    r = run(model(around(SERVICE.format(more="", inside=""))))
    token = r.service("x").token
    r.send(s.JobFailed(token, "rating agency: 503"))
    assert (r.failure("x").code, r.failure("x").message) == ("JOB_FAILED", "rating agency: 503")
    with pytest.raises(NotWaiting):
        r.send(s.JobDone(token, {"grade": "late"}))
    r.retry("x", client="C2")
    assert r.service("x").variables == {"client": "C2"}
    r.done("x")
    assert r.ended == "completed"


def test_failed_output_mapping_keeps_what_the_person_entered() -> None:
    inside = extended(mapping(get("total", "=amount + fee")))
    r = run(model(around(f'<userTask id="x">{inside}</userTask>')))
    r.complete("x", amount=Decimal("10.50"))
    assert r.tasks == []
    assert r.failure("x").code == "UNKNOWN_VARIABLE"
    r.retry("x", fee=Decimal("0.50"))
    assert r.ended == "completed"
    assert r.variables() == {"fee": Decimal("0.50"), "total": Decimal("11.00")}


def test_a_script_writes_its_result_variable_or_its_context() -> None:
    script = '<scriptTask id="x" scriptFormat="feel" {more}><script>{text}</script></scriptTask>'
    r = run(model(around(script.format(more='camunda:resultVariable="sum"', text="a + 0.1"))), {"a": Decimal("0.2")})
    assert r.variables() == {"a": Decimal("0.2"), "sum": Decimal("0.3")}
    r = run(model(around(script.format(more="", text="{p: a * 2, q: p + 1}"))), {"a": 2})
    assert r.variables() == {"a": 2, "p": 4, "q": 5}
    r = run(model(around(script.format(more="", text="a"))), {"a": 2})
    assert r.failure("x").code == "BAD_VALUE"
    r = run(model(around(script.format(more='camunda:resultVariable="f"', text="function(x) x"))))
    assert r.failure("x").code == "BAD_VALUE"


DECISION = '<businessRuleTask id="x" camunda:decisionRef="AUTH" {more}/>'


def decide(more: str, output: object) -> Run:
    deployed = Deployed()
    deployed.decisions["AUTH"] = Decision("AUTH:4", lambda variables: output)
    return Run(deployed).start(deployed.deploy(model(around(DECISION.format(more=more)))), {"amount": 5})


def test_a_business_rule_task_records_the_version_and_the_rules() -> None:
    r = decide('camunda:resultVariable="level"', "L3")
    assert r.variables() == {"amount": 5, "level": "L3"}
    taken = next(one for one in r.log if isinstance(one, e.DecisionTaken))
    assert (taken.decision, taken.rules, taken.inputs, taken.output) == ("AUTH:4", ("rule-1",), {"amount": 5}, "L3")


@pytest.mark.parametrize(
    ("shape", "output", "expected"),
    [
        ("singleEntry", {"level": "L1"}, "L1"),
        ("singleEntry", None, None),
        ("singleEntry", "L1", "L1"),
        ("singleResult", [{"a": "x", "b": "y"}], {"a": "x", "b": "y"}),
        ("collectEntries", [{"a": "x"}, {"a": "y"}], ["x", "y"]),
        ("collectEntries", None, []),
        ("resultList", {"a": "x"}, [{"a": "x"}]),
    ],
)
def test_result_shapes(shape: str, output: object, expected: object) -> None:
    r = decide(f'camunda:resultVariable="level" camunda:mapDecisionResult="{shape}"', output)
    assert r.variables()["level"] == expected


@pytest.mark.parametrize("output", [["L1", "L2"], {"a": 1, "b": 2}])
def test_a_result_that_does_not_fit_its_shape_is_an_incident(output: object) -> None:
    r = decide('camunda:resultVariable="level" camunda:mapDecisionResult="singleEntry"', output)
    assert r.failure("x").code == "DECISION_FAILED"


def test_a_decision_that_is_not_deployed_is_an_incident_that_can_be_retried() -> None:
    deployed = Deployed()
    more = 'camunda:resultVariable="level"'
    r = Run(deployed).start(deployed.deploy(model(around(DECISION.format(more=more)))), {"amount": 5})
    assert r.failure("x").code == "NOT_DEPLOYED"
    deployed.decisions["AUTH"] = Decision("AUTH:1", lambda variables: "L1")
    r.retry("x")
    assert r.variables()["level"] == "L1"


MESSAGES = '<message id="m" name="NOTICE"/>'


def test_send_and_receive() -> None:
    send = (
        '<sendTask id="x" messageRef="m">'
        + extended(
            '<camunda:properties><camunda:property name="correlationKey" value="=case"/></camunda:properties>',
            mapping(put("sum", "=amount * 2")),
        )
        + "</sendTask>"
    )
    r = run(model(around(send), root=MESSAGES), {"case": 12, "amount": 4, "secret": "s"})
    thrown = next(one for one in r.log if isinstance(one, e.MessageThrown))
    assert (thrown.name, thrown.key, thrown.payload) == ("NOTICE", "12", {"sum": 8})
    assert r.ended == "completed"

    deployed = Deployed()
    ref = deployed.deploy(model(around('<receiveTask id="x" messageRef="m"/>'), root=MESSAGES))
    r = Run(deployed).start(ref, business_key="PF-2026-0001")
    (awaited,) = r.open.messages.values()
    assert (awaited.name, awaited.key) == ("NOTICE", "PF-2026-0001")
    r.deliver("x", grade="A")
    assert (r.ended, r.variables()) == ("completed", {"grade": "A"})


def test_a_correlation_key_without_text_is_an_incident() -> None:
    receive = (
        '<receiveTask id="x" messageRef="m">'
        + extended('<camunda:properties><camunda:property name="correlationKey" value="=case"/></camunda:properties>')
        + "</receiveTask>"
    )
    r = run(model(around(receive), root=MESSAGES), {"case": None})
    assert r.failure("x").code == "BAD_VALUE"


def test_variables_of_an_unknown_type_are_refused_and_nothing_changes() -> None:
    r = run(model(around('<userTask id="x"/>')))
    for value in (object(), 1.5, {1: 2}, Decimal("NaN"), {"deep": [set()]}):
        with pytest.raises(UnsupportedValue):
            r.complete("x", value=value)
    assert r.tasks == ["x"]


def test_the_state_passed_in_is_never_changed() -> None:
    deployed = Deployed()
    ref = deployed.deploy(model(around('<userTask id="x"/>' + THEN)))
    variables = {"list": [1]}
    before = advance(deployed, State.new(), s.Start(ref, variables), START).state
    text = before.snapshot()
    variables["list"].append(2)
    after = advance(deployed, before, s.CompleteTask("1:3", {"list": [9]}), START)
    assert before.snapshot() == text
    assert before.variables("1") == {"list": [1]}
    assert after.state.variables("1") == {"list": [9]}
    with pytest.raises(NotWaiting):
        advance(deployed, before, s.CompleteTask("1:4"), START)
    assert before.snapshot() == text


def test_several_steps_can_be_written_at_once() -> None:
    deployed = Deployed()
    ref = deployed.deploy(model(around(SERVICE.format(more="", inside="") + THEN)))
    store = Store()
    state = advance(deployed, State.stored(store), s.Start(ref), START).state
    state = advance(deployed, state, s.JobDone("1:3", {"a": 1}), START).state
    store.write(state)
    view = State.stored(store).tokens()
    assert [(one.element, one.waits_for) for one in view] == [
        ("y", "task"),
    ]
    state = advance(deployed, state, s.Cancel("stop"), START).state
    store.write(state)
    assert store.scopes == {}
    assert of(e.InstanceEnded, advance(deployed, State.new(), s.Start(ref), START).effects) == []
