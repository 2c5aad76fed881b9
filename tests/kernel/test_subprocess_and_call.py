"""Embedded subprocesses and call activities: scopes, data, errors, terminate, versions, roles."""

from __future__ import annotations

from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import around, extended, flow, model
from tests.kernel.driver import Deployed, Run, of, run

ERRORS = '<error id="err" name="Declined" errorCode="DECLINED"/><error id="other" name="Other" errorCode="OTHER"/>'


def sub(inner: str, id: str = "x") -> str:
    return f'<subProcess id="{id}">{inner}</subProcess>'


def boundary(id: str, event: str, *, interrupting: bool = True) -> str:
    flag = "" if interrupting else 'cancelActivity="false"'
    return (
        f'<boundaryEvent id="{id}" attachedToRef="x" {flag}>{event}</boundaryEvent><userTask id="{id}_task"/>'
        + flow(id, f"{id}_task")
    )


CATCH = '<errorEventDefinition errorRef="err"/>'
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
THEN = '<userTask id="after"/>' + flow("x", "after")
INNER = '<startEvent id="is"/><userTask id="i"/><endEvent id="ie"/>' + flow("is", "i") + flow("i", "ie")


def test_a_subprocess_runs_in_a_scope_of_its_own_that_goes_when_it_ends() -> None:
    r = run(model(around(sub(INNER) + THEN)), {"a": 1})
    assert list(r.store.scopes) == ["1", "1.4"]
    assert r.state.variables("1.4") == {"a": 1}
    r.complete("i", a=2, b=3)
    assert list(r.store.scopes) == ["1"]
    assert r.variables() == {"a": 2, "b": 3}
    assert r.tasks == ["after"]


def test_a_subprocess_with_mapped_data() -> None:
    data = (
        '<camunda:inputOutput><camunda:inputParameter name="a">=a * 10</camunda:inputParameter>'
        '<camunda:outputParameter name="result">=a + 1</camunda:outputParameter></camunda:inputOutput>'
    )
    r = run(model(around(sub(extended(data) + INNER))), {"a": 1})
    assert r.state.variables(r.state.token(r.task("i").token).scope) == {"a": 10}
    r.complete("i", a=20)
    assert r.variables() == {"a": 1, "result": 21}


def test_an_output_of_a_subprocess_leaves_it_also_under_the_name_of_an_input() -> None:
    data = (
        '<camunda:inputOutput><camunda:inputParameter name="a">=a * 10</camunda:inputParameter>'
        '<camunda:outputParameter name="a">=a + 1</camunda:outputParameter></camunda:inputOutput>'
    )
    r = run(model(around(sub(extended(data) + INNER))), {"a": 1})
    r.complete("i", a=20)
    assert r.variables() == {"a": 21}


def test_interrupting_a_subprocess_ends_what_is_in_it_at_once() -> None:
    inner = '<startEvent id="is"/><userTask id="i"/><task id="n"/>' + flow("is", "i") + flow("i", "n")
    r = run(model(around(sub(inner) + boundary("b", HOUR))))
    effects = r.fire("b")
    assert r.tasks == ["b_task"]
    left = [(one.element, one.outcome) for one in effects if isinstance(one, e.StepLeft)]
    assert left == [("i", "cancelled"), ("x", "cancelled"), ("b", "completed")]
    assert list(r.store.scopes) == ["1"]


def test_a_non_interrupting_event_on_a_subprocess_leaves_it_open() -> None:
    r = run(model(around(sub(INNER) + boundary("b", HOUR, interrupting=False))))
    r.fire("b")
    assert r.tasks == ["i", "b_task"]
    r.complete("i")
    r.complete("b_task")
    assert r.ended == "completed"


def test_terminate_in_a_subprocess_ends_only_that_subprocess() -> None:
    inner = (
        '<startEvent id="is"/><parallelGateway id="f"/><userTask id="i"/><userTask id="k"/>'
        '<endEvent id="t"><terminateEventDefinition/></endEvent>'
        + flow("is", "f")
        + flow("f", "i")
        + flow("f", "k")
        + flow("k", "t")
    )
    r = run(model(around(sub(inner) + THEN)))
    r.complete("k")
    assert r.tasks == ["after"]


def test_an_error_end_event_goes_through_nested_subprocesses_to_the_matching_boundary() -> None:
    throwing = '<startEvent id="ks"/><endEvent id="ke"><errorEventDefinition errorRef="err"/></endEvent>' + flow(
        "ks", "ke"
    )
    middle = (
        '<startEvent id="is"/><subProcess id="k">' + throwing + "</subProcess><userTask id='beside'/>" + flow("is", "k")
    )
    middle += (
        '<boundaryEvent id="kb" attachedToRef="k"><errorEventDefinition errorRef="other"/></boundaryEvent>'
        + flow("kb", "beside")
    )
    r = run(model(around(sub(middle) + boundary("b", CATCH)), root=ERRORS))
    assert r.tasks == ["b_task"]
    assert list(r.store.scopes) == ["1"]


CALLED = 'id="child" isExecutable="true"'


def call(more: str = "", inside: str = "") -> str:
    return f'<callActivity id="x" calledElement="child" {more}>{inside}</callActivity>'


def child(body: str = "") -> bytes:
    inner = '<startEvent id="cs"/><userTask id="i"/><endEvent id="ce"/>' + flow("cs", "i") + flow("i", "ce")
    return model(body or inner, root=ERRORS, process=CALLED)


def test_a_call_is_a_child_instance_with_mapped_data() -> None:
    data = extended(
        '<camunda:in source="client" target="who"/>',
        '<camunda:in sourceExpression="=amount * 2" target="limit"/>',
        '<camunda:in businessKey="=client"/>',
        '<camunda:out source="grade" target="rating"/>',
    )
    r = run(model(around(call(inside=data) + THEN)), {"client": "C1", "amount": 4}, child())
    (started,) = r.open.calls.values()
    assert (started.definition, started.business_key, started.element, started.instance) == ("child:1", "C1", "x", "1")
    assert r.variables(started.scope) == {"who": "C1", "limit": 8}
    assert r.state.definition_of(started.scope) == "child:1"
    assert r.task("i").instance == started.scope
    r.complete("i", grade="AA", noise=1)
    assert r.variables() == {"client": "C1", "amount": 4, "rating": "AA"}
    ended = next(one for one in r.log if isinstance(one, e.CallEnded))
    assert (ended.instance, ended.scope, ended.outcome) == ("1", started.scope, "completed")


def test_a_called_process_sees_only_what_is_mapped_in() -> None:
    peek = '<scriptTask id="x" camunda:resultVariable="r"><script>client</script></scriptTask>'
    r = run(model(around(call())), {"client": "C1"}, model(around(peek), process=CALLED))
    assert r.failure("x").code == "UNKNOWN_VARIABLE"
    everything = extended('<camunda:in variables="all"/>', '<camunda:out variables="all"/>')
    r = run(model(around(call(inside=everything))), {"client": "C1"}, model(around(peek), process=CALLED))
    assert (r.ended, r.variables()) == ("completed", {"client": "C1", "r": "C1"})


def test_the_latest_version_is_called_unless_bound() -> None:
    deployed = Deployed(child(), child())
    latest = deployed.deploy(model(around(call())))
    bound = deployed.deploy(
        model(around(call('camunda:calledElementBinding="version" camunda:calledElementVersion="1"')))
    )
    (started,) = Run(deployed).start(latest).open.calls.values()
    assert started.definition == "child:2"
    (started,) = Run(deployed).start(bound).open.calls.values()
    assert started.definition == "child:1"


def test_a_missing_called_process_is_an_incident_that_can_be_retried() -> None:
    deployed = Deployed()
    r = Run(deployed).start(deployed.deploy(model(around(call()))))
    assert (r.failure("x").code, "child" in r.failure("x").message) == ("NOT_DEPLOYED", True)
    deployed.deploy(child())
    r.retry("x")
    assert r.tasks == ["i"]


def test_an_error_of_the_called_process_reaches_the_callers_boundary() -> None:
    failing = (
        '<startEvent id="cs"/><parallelGateway id="f"/><userTask id="i"/><userTask id="k"/>'
        '<endEvent id="ce"><errorEventDefinition errorRef="err"/></endEvent>'
        + flow("cs", "f")
        + flow("f", "i")
        + flow("f", "k")
        + flow("k", "ce")
    )
    r = run(model(around(call() + boundary("b", CATCH)), root=ERRORS), {}, child(failing))
    effects = r.complete("k")
    assert r.tasks == ["b_task"]
    (ended,) = (one for one in effects if isinstance(one, e.CallEnded))
    assert ended.outcome == "failed"
    assert len(of(e.TaskClosed, effects)) == 2
    r = run(model(around(call())), {}, child(failing))
    effects = r.complete("k")
    assert [one.outcome for one in effects if isinstance(one, e.CallEnded)] == ["failed"]
    assert r.ended == "failed"


def test_terminate_in_a_called_process_ends_only_that_instance() -> None:
    inner = (
        '<startEvent id="cs"/><userTask id="i"/><endEvent id="ce"><terminateEventDefinition/></endEvent>'
        + flow("cs", "i")
        + flow("i", "ce")
    )
    r = run(model(around(call() + THEN)), {}, child(inner))
    effects = r.complete("i")
    (ended,) = (one for one in effects if isinstance(one, e.CallEnded))
    assert (ended.outcome, r.tasks) == ("terminated", ["after"])


def test_interrupting_a_call_cancels_the_child() -> None:
    r = run(model(around(call() + boundary("b", HOUR))), {}, child())
    effects = r.fire("b")
    (ended,) = (one for one in effects if isinstance(one, e.CallEnded))
    assert (ended.outcome, r.tasks) == ("cancelled", ["b_task"])


def test_a_failed_out_mapping_waits_for_a_retry_with_the_childs_data() -> None:
    data = extended('<camunda:out source="grade" target="rating"/>')
    r = run(model(around(call(inside=data))), {}, child())
    r.complete("i", other=1)
    assert r.failure("x").code == "UNKNOWN_VARIABLE"
    assert r.open.calls == {}
    (scope,) = [id for id in r.store.scopes if id != "1"]
    r.send(s.SetVariables(scope, {"grade": "A"}))
    r.retry("x")
    assert (r.ended, r.variables()) == ("completed", {"rating": "A"})


def lane(role: str, *elements: str) -> str:
    refs = "".join(f"<flowNodeRef>{element}</flowNodeRef>" for element in elements)
    return f'<laneSet id="ls_{role}"><lane id="lane_{role}" name="{role}">{refs}</lane></laneSet>'


def test_lanes_carry_over_into_called_processes() -> None:
    parent = model(lane("OFFICER", "x", "s", "e") + around(call()))
    assert run(parent, {}, child()).task("i").role == "OFFICER"
    own = (
        lane("RISK", "cs", "i", "ce")
        + '<startEvent id="cs"/><userTask id="i"/><endEvent id="ce"/>'
        + flow("cs", "i")
        + flow("i", "ce")
    )
    assert run(parent, {}, child(own)).task("i").role == "RISK"


def test_a_process_that_calls_itself_without_end_is_an_incident() -> None:
    loop = model(around(call()).replace('id="s"', 'id="cs"').replace('"s"', '"cs"'), process=CALLED)
    deployed = Deployed()
    r = Run(deployed, checks=False).start(deployed.deploy(loop))
    (failure,) = r.open.failed.values()
    assert failure.code == "LOOP_LIMIT"
    r.send(s.Cancel())
    assert r.store.scopes == {}
