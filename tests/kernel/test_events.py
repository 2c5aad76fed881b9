"""Start, intermediate, boundary and end events: timers, messages, errors, terminate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.kernel import AlreadyStarted, NoSuchStart, NotWaiting
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import around, extended, flow, model, props
from tests.kernel.driver import START, Deployed, Run, of, run

ROOTS = '<message id="m" name="RATING"/><error id="err" name="Declined" errorCode="DECLINED"/>'


def timer(kind: str, text: str, more: str = "") -> str:
    return f"{more}<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def boundary(id: str, event: str, *, on: str = "x", interrupting: bool = True) -> str:
    flag = "" if interrupting else 'cancelActivity="false"'
    return (
        f'<boundaryEvent id="{id}" attachedToRef="{on}" {flag}>{event}</boundaryEvent>'
        f'<userTask id="{id}_task"/>' + flow(id, f"{id}_task")
    )


def started(body: str, variables: dict[str, object] | None = None) -> Run:
    return run(model(body, root=ROOTS), variables)


def test_message_and_timer_starts_are_begun_by_name() -> None:
    starts = (
        '<startEvent id="s"/><startEvent id="sm"><messageEventDefinition messageRef="m"/></startEvent>'
        f'<startEvent id="st">{timer("timeDate", "2026-04-01T00:00:00Z")}</startEvent>'
        '<userTask id="a"/><userTask id="b"/><userTask id="c"/>' + flow("s", "a") + flow("sm", "b") + flow("st", "c")
    )
    deployed = Deployed()
    ref = deployed.deploy(model(starts, root=ROOTS))
    assert Run(deployed).start(ref).tasks == ["a"]
    assert Run(deployed).start(ref, {"grade": "A"}, event="sm").tasks == ["b"]
    assert Run(deployed).start(ref, event="st").tasks == ["c"]
    with pytest.raises(NoSuchStart):
        Run(deployed).start(ref, event="other")
    running = Run(deployed).start(ref)
    with pytest.raises(AlreadyStarted):
        running.start(ref)


def test_starting_a_process_that_only_a_message_starts_without_naming_it_is_refused() -> None:
    body = around('<task id="x"/>').replace(
        '<startEvent id="s"/>', '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
    )
    with pytest.raises(NoSuchStart):
        started(body)


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("timeDuration", "PT72H", START + timedelta(hours=72)),
        ("timeDuration", "=wait", START + timedelta(hours=5)),
        ("timeDate", "2026-04-01T09:00:00Z", datetime(2026, 4, 1, 9, tzinfo=UTC)),
        ("timeDate", "=visit", datetime(2026, 5, 1, 9, tzinfo=UTC)),
        ("timeCycle", "R5/PT1H", START + timedelta(hours=1)),
    ],
)
def test_an_intermediate_timer_waits_until_its_instant(kind: str, text: str, due: datetime) -> None:
    variables = {"wait": timedelta(hours=5), "visit": datetime(2026, 5, 1, 9, tzinfo=UTC)}
    r = started(around(f'<intermediateCatchEvent id="x">{timer(kind, text)}</intermediateCatchEvent>'), variables)
    assert r.timer("x").due == due
    r.fire("x")
    assert r.ended == "completed"


def test_working_time_is_asked_of_the_calendar() -> None:
    more = props(calendar="bank")
    r = started(
        around(f'<intermediateCatchEvent id="x">{timer("timeDuration", "PT3H", more)}</intermediateCatchEvent>')
    )
    assert r.timer("x").due == START + timedelta(days=3)
    more = props(calendar="moon")
    r = started(
        around(f'<intermediateCatchEvent id="x">{timer("timeDuration", "PT3H", more)}</intermediateCatchEvent>')
    )
    assert r.failure("x").code == "TIMER_INVALID"
    assert "moon" in r.failure("x").message


def test_a_timer_that_cannot_be_read_is_an_incident_that_can_be_retried() -> None:
    body = around('<userTask id="x"/>' + boundary("b", timer("timeDuration", "=wait")))
    r = started(body, {"wait": "three days"})
    assert r.failure("x").code == "TIMER_INVALID"
    assert r.tasks == []
    r.retry("x", wait="P3D")
    assert r.timer("b").due == datetime(2026, 3, 5, 1, tzinfo=UTC)
    assert r.tasks == ["x"]


def test_an_interrupting_timer_closes_the_task_at_once() -> None:
    r = started(around('<userTask id="x"/>' + boundary("b", timer("timeDuration", "PT1H"))))
    token = r.task("x").token
    effects = r.fire("b")
    assert r.tasks == ["b_task"]
    assert of(e.TaskClosed, effects) == [e.TaskClosed("1", 3, token, "x", "cancelled")]
    assert e.StepLeft("1", 3, "x", "cancelled") in effects
    with pytest.raises(NotWaiting):
        r.send(s.CompleteTask(token))


def test_leaving_an_activity_clears_its_boundary_events() -> None:
    body = around(
        '<userTask id="x"/>'
        + boundary("b", timer("timeDuration", "PT1H"))
        + boundary("n", '<messageEventDefinition messageRef="m"/>', interrupting=False)
    )
    r = started(body)
    wait = r.timer("b").wait
    assert len(r.open.messages) == 1
    r.complete("x")
    assert r.ended == "completed"
    with pytest.raises(NotWaiting):
        r.send(s.FireTimer(wait))


def test_a_non_interrupting_timer_opens_a_task_beside() -> None:
    r = started(around('<userTask id="x"/>' + boundary("b", timer("timeDuration", "PT1H"), interrupting=False)))
    r.fire("b")
    assert r.tasks == ["x", "b_task"]
    assert r.open.timers == {}
    r.complete("x")
    assert r.ended is None
    r.complete("b_task")
    assert r.ended == "completed"


def test_a_non_interrupting_message_can_come_more_than_once() -> None:
    message = '<messageEventDefinition messageRef="m"/>'
    r = started(around('<userTask id="x"/>' + boundary("b", message, interrupting=False)))
    r.deliver("b", n=1)
    r.deliver("b", n=2)
    assert r.tasks == ["x", "b_task", "b_task"]
    assert r.variables() == {"n": 2}


CYCLE = '<userTask id="x"/>' + boundary("b", timer("timeCycle", "R5/PT1H"), interrupting=False)


def test_a_cycle_fires_as_often_as_it_says() -> None:
    r = started(around(CYCLE))
    wait = r.timer("b").wait
    for n in range(1, 6):
        assert r.timer("b").due == START + timedelta(hours=n)
        assert r.timer("b").wait == wait
        r.fire("b")
    assert r.open.timers == {}
    assert r.tasks == ["x", *["b_task"] * 5]


def test_a_cycle_missed_several_times_fires_once_and_keeps_its_rhythm() -> None:
    r = started(around(CYCLE))
    r.now = START + timedelta(hours=3, minutes=30)
    r.fire("b")
    assert r.tasks == ["x", "b_task"]
    assert r.timer("b").due == START + timedelta(hours=4)
    r.now = START + timedelta(days=3)
    r.fire("b")
    assert r.tasks == ["x", "b_task", "b_task"]
    assert r.open.timers == {}, "the five ticks have passed"


def test_catching_up_fires_each_missed_tick() -> None:
    event = timer("timeCycle", "R5/PT1H", props(catchUp="all"))
    r = started(around('<userTask id="x"/>' + boundary("b", event, interrupting=False)))
    r.now = START + timedelta(days=3)
    while r.open.timers:
        r.fire("b")
    assert r.tasks == ["x", *["b_task"] * 5]


ERROR = '<errorEventDefinition errorRef="err" camunda:errorCodeVariable="code" camunda:errorMessageVariable="text"/>'


def test_an_error_from_a_service_is_caught_by_its_code() -> None:
    service = '<serviceTask id="x" camunda:type="external" camunda:topic="rate"/>'
    body = around(service + boundary("any", "<errorEventDefinition/>") + boundary("b", ERROR))
    r = started(body)
    effects = r.error("x", "DECLINED", "too risky", grade="C")
    assert r.tasks == ["b_task"], "the exact code comes before a catch-all"
    assert r.variables() == {"code": "DECLINED", "text": "too risky", "grade": "C"}
    assert e.StepLeft("1", 3, "x", "failed") in effects
    assert of(e.ServiceWithdrawn, effects) == []
    r = started(body)
    r.error("x", "OTHER")
    assert r.tasks == ["any_task"]


def test_an_error_that_nothing_catches_ends_the_instance_as_failed() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/>'
        '<serviceTask id="x" camunda:type="external" camunda:topic="rate"/>'
        + flow("s", "f")
        + flow("f", "a")
        + flow("f", "x")
        + boundary("b", ERROR)
    )
    r = started(body)
    effects = r.error("x", "OTHER", "boom")
    (failure,) = of(e.StepFailed, effects)
    assert isinstance(failure, e.StepFailed)
    assert (failure.element, failure.code) == ("x", "UNCAUGHT_ERROR")
    assert "'OTHER': boom" in failure.message
    left = {one.element: one.outcome for one in effects if isinstance(one, e.StepLeft)}
    assert left == {"x": "failed", "a": "cancelled"}
    assert (r.ended, r.tasks) == ("failed", [])
    with pytest.raises(NotWaiting):
        r.send(s.Retry(failure.token))


def test_an_error_end_event_without_catcher_ends_the_instance_as_failed() -> None:
    body = (
        '<startEvent id="s"/><endEvent id="x" name="Declined"><errorEventDefinition errorRef="err"/></endEvent>'
        + flow("s", "x")
    )
    r = started(body)
    (failure,) = of(e.StepFailed, r.last)
    assert isinstance(failure, e.StepFailed)
    assert (failure.code, r.ended) == ("UNCAUGHT_ERROR", "failed")


def test_a_person_may_throw_an_error() -> None:
    r = started(around('<userTask id="x"/>' + boundary("b", ERROR)))
    r.error("x", "DECLINED")
    assert r.tasks == ["b_task"]


def test_a_script_that_fails_is_caught_on_the_task_itself() -> None:
    script = '<scriptTask id="x" scriptFormat="feel"><script>{a: missing}</script></scriptTask>'
    event = '<errorEventDefinition camunda:errorMessageVariable="why"/>'
    r = started(around(script + boundary("b", event)))
    assert r.tasks == ["b_task"]
    assert "missing" in str(r.variables()["why"])
    # Further out a catch-all is for business errors; a defect in an expression stays an incident.
    inner = '<startEvent id="is"/>' + script.replace('"x"', '"i"') + flow("is", "i")
    r = started(around(f'<subProcess id="x">{inner}</subProcess>' + boundary("b", event)))
    assert r.failure("i").code == "UNKNOWN_VARIABLE"


def test_terminate_ends_everything_in_the_instance() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="x"/><userTask id="y"/>'
        '<endEvent id="t"><terminateEventDefinition/></endEvent>'
        + flow("s", "f")
        + flow("f", "x")
        + flow("f", "y")
        + flow("y", "t")
        + boundary("b", timer("timeDuration", "PT1H"))
    )
    r = started(body, {"a": 1})
    r.complete("y")
    assert r.open.ended == e.InstanceEnded("1", "terminated", "t", {"a": 1})
    assert r.open.tasks == {}
    assert r.open.timers == {}


def test_cancel_ends_everything_and_says_so() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="x"/><receiveTask id="m1" messageRef="m"/>'
        '<serviceTask id="v" camunda:type="external" camunda:topic="rate"/><subProcess id="sub"><startEvent id="ps"/>'
        '<userTask id="pt"/><sequenceFlow id="pf" sourceRef="ps" targetRef="pt"/></subProcess>'
        + flow("s", "f")
        + "".join(flow("f", target) for target in ("x", "m1", "v", "sub"))
        + boundary("b", timer("timeDuration", "PT1H"))
    )
    r = started(body)
    effects = r.send(s.Cancel("withdrawn"))
    assert r.ended == "cancelled"
    assert {one.element for one in of(e.StepLeft, effects)} == {"x", "m1", "v", "sub", "pt"}
    assert len(of(e.TaskClosed, effects)) == 2
    assert len(of(e.ServiceWithdrawn, effects)) == 1
    assert len(of(e.TimerCleared, effects)) == 1
    assert len(of(e.StopAwaiting, effects)) == 1
    with pytest.raises(NotWaiting):
        r.send(s.Cancel())


def test_message_throw_and_message_end() -> None:
    payload = extended(
        '<camunda:inputOutput><camunda:inputParameter name="n">=n</camunda:inputParameter></camunda:inputOutput>'
    )
    body = (
        f'<startEvent id="s"/><intermediateThrowEvent id="x">{payload}<messageEventDefinition messageRef="m"/>'
        '</intermediateThrowEvent><endEvent id="e"><messageEventDefinition messageRef="m"/></endEvent>'
        + flow("s", "x")
        + flow("x", "e")
    )
    r = started(body, {"n": 1, "secret": 2})
    thrown = [one for one in r.log if isinstance(one, e.MessageThrown)]
    assert [(one.element, one.payload) for one in thrown] == [("x", {"n": 1}), ("e", {})]
    assert r.ended == "completed"


def test_an_endless_loop_becomes_an_incident() -> None:
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g"/>'
        '<scriptTask id="x" camunda:resultVariable="n" scriptFormat="feel">'
        "<script>n + 1</script></scriptTask>" + flow("s", "g") + flow("g", "x") + flow("x", "g")
    )
    deployed = Deployed()
    ref = deployed.deploy(model(body), anyway=True)
    r = Run(deployed, checks=False).start(ref, {"n": 0})
    (failure,) = r.open.failed.values()
    assert failure.code == "LOOP_LIMIT"
    assert r.variables()["n"] == 4_999
    r.send(s.Retry(failure.token))
    assert r.variables()["n"] == 9_999, "a retry goes on where it stopped"
    r.send(s.Cancel())
    assert r.ended == "cancelled"
