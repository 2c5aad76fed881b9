"""SpiffWorkflow's runtime behind the kernel's interface: what it runs, what was wrong with it, what is refused."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine import kernel
from engine.kernel import AlreadyStarted, NoSuchStart, NotWaiting, State
from engine.kernel.effects import (
    AwaitMessage,
    InstanceEnded,
    ServiceRequested,
    ServiceWithdrawn,
    StepFailed,
    StepLeft,
    TaskOpened,
    TimerCleared,
    TimerSet,
    VariablesWritten,
)
from engine.kernel.spiff.runtime import advance
from engine.kernel.stimuli import (
    Cancel,
    CompleteTask,
    DeliverMessage,
    FireTimer,
    JobDone,
    JobFailed,
    Retry,
    SetVariables,
    Start,
    ThrowError,
)
from tests.kernel.bpmn import around, flow, props
from tests.kernel.spiff_case import NOW, TIMER, Case, E, S, compiled


def test_a_user_task_asks_with_all_its_attributes() -> None:
    case = Case(around(
        f'<userTask id="x" name="Rate" camunda:candidateGroups="RATER, RM" camunda:dueDate="P1D" camunda:formRef="f">'
        f'{props(sla="PT16H", excludes="a b")}</userTask>'
    ))  # fmt: skip
    (task,) = case.of(TaskOpened)
    assert (task.name, task.candidate_groups, task.form, task.sla) == ("Rate", ("RATER", "RM"), "f", "PT16H")
    assert (task.due, task.excludes) == (NOW + timedelta(days=1), ("a", "b"))
    case.complete("x", amount=Decimal("12.50"))
    (ended,) = case.of(InstanceEnded)
    assert (ended.outcome, ended.end_event, ended.variables) == ("completed", "e", {"amount": Decimal("12.50")})
    assert case.state.ended


def test_completing_a_finished_task_is_refused_and_changes_nothing() -> None:
    case = Case(S + '<userTask id="x"/><userTask id="y"/>' + E + flow("s", "x") + flow("x", "y") + flow("y", "e"))
    first = case.token("x")
    case.complete("x")
    before = case.state.snapshot()
    for stimulus in (CompleteTask(first), CompleteTask("1:999"), CompleteTask("9:1"), JobDone(case.token("y"))):
        with pytest.raises(NotWaiting):
            case.step(stimulus)
    assert case.state.snapshot() == before
    case.complete("y")
    with pytest.raises(NotWaiting):
        case.step(CompleteTask(first))


def test_starting_twice_or_at_an_unknown_event_is_refused() -> None:
    case = Case(around('<userTask id="x"/>'))
    with pytest.raises(AlreadyStarted):
        case.step(Start("p"))
    with pytest.raises(NoSuchStart):
        advance(case, State.new(), Start("p", event="nowhere"), NOW)


def test_advance_does_not_change_its_argument_and_repeats_itself() -> None:
    case = Case(around('<userTask id="x"/>'), {"list": [1, 2]})
    before = case.state.snapshot()
    outcomes = [advance(case, case.state, CompleteTask(case.token("x"), {"a": 1}), NOW) for _ in range(2)]
    assert case.state.snapshot() == before
    assert outcomes[0].effects == outcomes[1].effects


def test_branches_do_not_overwrite_newer_values_with_stale_copies() -> None:
    body = (
        S + '<parallelGateway id="f"/><parallelGateway id="j"/><userTask id="a"/><userTask id="b"/>'
        + '<userTask id="c"/>' + E
        + flow("s", "f") + flow("f", "a") + flow("f", "b") + flow("a", "j") + flow("b", "j") + flow("j", "c")
        + flow("c", "e")
    )  # fmt: skip
    case = Case(body, {"shared": {"rounds": 0}})
    case.complete("a", shared={"rounds": 7})
    case.complete("b", other=1)
    assert case.variables == {"shared": {"rounds": 7}, "other": 1}
    assert case.open == ["c"]


def test_a_script_writes_its_context_or_its_result() -> None:
    body = (
        S + "<scriptTask id='a'><script>{m: {deep: [n]}, n: n + 1}</script></scriptTask>"
        "<scriptTask id='b' camunda:resultVariable='twice'><script>n * 2</script></scriptTask><userTask id='x'/>" + E
        + flow("s", "a") + flow("a", "b") + flow("b", "x") + flow("x", "e")
    )  # fmt: skip
    case = Case(body, {"n": 1})
    assert case.variables == {"n": 2, "m": {"deep": [1]}, "twice": 4}
    assert [(effect.by, dict(effect.values)) for effect in case.of(VariablesWritten)][1:] == [
        ("a", {"m": {"deep": [1]}, "n": 2}),
        ("b", {"twice": 4}),
    ]


def test_an_undefined_variable_in_a_condition_is_an_incident_that_can_be_retried() -> None:
    body = (
        S + '<userTask id="x"/><exclusiveGateway id="g"/>' + E + '<endEvent id="e2"/>' + flow("s", "x") + flow("x", "g")
        + flow("g", "e", "amount &gt; 5") + flow("g", "e2", "amount &lt; 0")
    )  # fmt: skip
    case = Case(body)
    case.complete("x", done=True)
    (failed,) = case.of(StepFailed)
    assert (failed.element, failed.code) == ("g", "UNKNOWN_VARIABLE")
    assert case.variables == {"done": True}, "what came before stays done"
    with pytest.raises(NotWaiting):
        case.complete("g")
    case.step(Retry(failed.token, {"amount": 3}))
    assert [effect.code for effect in case.of(StepFailed)] == ["NO_FLOW"]
    case.step(Retry(failed.token, {"amount": 6}))
    assert [effect.end_event for effect in case.of(InstanceEnded)] == ["e"]


@pytest.mark.parametrize(
    ("script", "code"),
    [("{a: b}", "UNKNOWN_VARIABLE"), ("1", "BAD_VALUE"), ("{a: now}", "UNKNOWN_VARIABLE")],
)
def test_a_failing_script_is_an_incident(script: str, code: str) -> None:
    case = Case(around(f"<scriptTask id='x'><script>{script}</script></scriptTask>"))
    assert [effect.code for effect in case.of(StepFailed)] == [code]
    assert case.open == ["x"]


def test_timers_are_unquoted_and_fire_only_when_told() -> None:
    case = Case(around(f'<intermediateCatchEvent id="x">{TIMER}</intermediateCatchEvent>'))
    (timer,) = case.of(TimerSet)
    assert timer.due == NOW + timedelta(hours=1)
    case.step(SetVariables("1", {"late": True}), NOW + timedelta(days=9))
    assert case.open == ["x"], "time alone moves nothing"
    with pytest.raises(NotWaiting):
        case.step(DeliverMessage(timer.wait))
    case.step(FireTimer(timer.wait))
    assert case.state.ended


def test_working_time_and_expressions_in_timers() -> None:
    given = props(calendar="cn")
    case = Case(around(f'<intermediateCatchEvent id="x">{given}{TIMER}</intermediateCatchEvent>'))
    assert [effect.due for effect in case.of(TimerSet)] == [NOW + timedelta(days=3)]
    event = "<timerEventDefinition><timeDate>=at</timeDate></timerEventDefinition>"
    case = Case(around(f'<intermediateCatchEvent id="x">{event}</intermediateCatchEvent>'), {"at": "soon"})
    (failed,) = case.of(StepFailed)
    assert failed.code == "TIMER_INVALID"
    case.step(Retry(failed.token, {"at": "2026-05-01T00:00:00Z"}))
    assert [effect.due for effect in case.of(TimerSet)] == [datetime(2026, 5, 1, tzinfo=UTC)]


def test_messages_wait_under_their_key_and_bring_variables() -> None:
    given = props(correlationKey="=request")
    body = (
        S + f'<receiveTask id="x" messageRef="m">{given}</receiveTask><intermediateCatchEvent id="y">'
        '<messageEventDefinition messageRef="m"/></intermediateCatchEvent>' + E
        + flow("s", "x") + flow("x", "y") + flow("y", "e")
    )  # fmt: skip
    case = Case(body, {"request": 12}, business_key="PF-1")
    (waiting,) = case.of(AwaitMessage)
    assert (waiting.name, waiting.key) == ("RATING", "12")
    case.step(DeliverMessage(waiting.wait, {"grade": "AA"}))
    assert case.variables == {"request": 12, "grade": "AA"}
    assert [effect.key for effect in case.of(AwaitMessage)] == ["PF-1"]


def test_services_wait_for_their_handler() -> None:
    case = Case(around('<serviceTask id="x" camunda:topic="rate" camunda:resultVariable="r"/>'), {"a": 1})
    (request,) = case.of(ServiceRequested)
    assert (request.topic, request.variables) == ("rate", {"a": 1})
    case.step(JobFailed(request.token, "unreachable"))
    assert [effect.code for effect in case.of(StepFailed)] == ["JOB_FAILED"]
    with pytest.raises(NotWaiting):
        case.step(JobDone(request.token))
    case.step(Retry(request.token))
    assert [effect.token for effect in case.of(ServiceRequested)] == [request.token]
    case.step(JobDone(request.token, {"grade": "A"}))
    (ended,) = case.of(InstanceEnded)
    assert ended.variables == {"a": 1, "r": {"grade": "A"}}


def test_an_error_that_nothing_catches_ends_the_instance_as_failed() -> None:
    case = Case(around('<serviceTask id="x" camunda:topic="rate"/>'), {"a": 1})
    (request,) = case.of(ServiceRequested)
    case.step(ThrowError(request.token, "E"))
    assert [effect.code for effect in case.of(StepFailed)] == ["UNCAUGHT_ERROR"]
    (ended,) = case.of(InstanceEnded)
    assert (ended.outcome, ended.variables) == ("failed", {"a": 1})


def sub_with_boundary(cancel: str) -> str:
    inner = f'<startEvent id="is"/><userTask id="u"/><endEvent id="ie"/>{flow("is", "u")}{flow("u", "ie")}'
    return (
        f'{S}<subProcess id="x">{inner}</subProcess><boundaryEvent id="b" attachedToRef="x" cancelActivity="{cancel}">'
        f'{TIMER}</boundaryEvent><userTask id="late"/>{E}<endEvent id="e2"/>'
        + flow("s", "x") + flow("x", "e") + flow("b", "late") + flow("late", "e2")
    )  # fmt: skip


def test_an_interrupting_timer_ends_what_is_inside() -> None:
    case = Case(sub_with_boundary("true"))
    assert sorted(case.open) == ["u", "x"]
    case.step(FireTimer(case.wait("b")))
    left = {(effect.element, effect.outcome) for effect in case.of(StepLeft)}
    assert left == {("b", "completed"), ("x", "cancelled"), ("u", "cancelled")}
    assert case.open == ["late"]
    case.complete("late")
    assert [effect.end_event for effect in case.of(InstanceEnded)] == ["e2"]


def test_a_timer_beside_lets_the_work_go_on() -> None:
    case = Case(sub_with_boundary("false"))
    case.step(FireTimer(case.wait("b")))
    assert sorted(case.open) == ["late", "u", "x"]
    case.complete("u")
    assert case.open == ["late"]
    case.complete("late")
    assert case.state.ended


def test_finishing_the_work_clears_the_timer() -> None:
    case = Case(sub_with_boundary("true"))
    wait = case.wait("b")
    case.complete("u")
    assert [effect.wait for effect in case.of(TimerCleared)] == [wait]
    assert case.state.ended


def test_a_terminate_end_event_ends_its_own_level() -> None:
    split = '<parallelGateway id="f"/><userTask id="u"/><userTask id="v"/>'
    stop = '<endEvent id="stop"><terminateEventDefinition/></endEvent><endEvent id="e2"/>'
    flows = flow("f", "u") + flow("f", "v") + flow("u", "stop") + flow("v", "e2")
    case = Case(S + split + stop + flow("s", "f") + flows)
    case.complete("u")
    (ended,) = case.of(InstanceEnded)
    assert (ended.outcome, ended.end_event) == ("terminated", "stop")
    inner = f'<subProcess id="x"><startEvent id="is"/>{split}{stop}{flow("is", "f")}{flows}</subProcess>'
    case = Case(S + inner + '<userTask id="after"/>' + E + flow("s", "x") + flow("x", "after") + flow("after", "e"))
    case.complete("u")
    assert case.open == ["after"]


def test_cancelling_takes_everything_back() -> None:
    body = (
        S + '<parallelGateway id="f"/><userTask id="u"/><serviceTask id="v" camunda:topic="t"/>'
        f'<intermediateCatchEvent id="w">{TIMER}</intermediateCatchEvent>' + E
        + flow("s", "f") + flow("f", "u") + flow("f", "v") + flow("f", "w") + flow("u", "e") + flow("v", "e")
        + flow("w", "e")
    )  # fmt: skip
    case = Case(body)
    case.step(Cancel("withdrawn"))
    assert len(case.of(ServiceWithdrawn)) == len(case.of(TimerCleared)) == 1
    assert [effect.outcome for effect in case.of(InstanceEnded)] == ["cancelled"]
    assert case.state.snapshot() == {}


def test_a_loop_without_end_is_stopped() -> None:
    loop = '<scriptTask id="x"><script>{n: n + 1}</script></scriptTask><exclusiveGateway id="g" default="g_e"/>'
    case = Case(S + loop + E + flow("s", "x") + flow("x", "g") + flow("g", "x", "true") + flow("g", "e"), {"n": 0})
    assert [effect.code for effect in case.of(StepFailed)] == ["LOOP_LIMIT"]


def test_state_stays_flat_over_rounds_with_an_old_escalation_open() -> None:
    body = (
        f'{S}<userTask id="x"/><boundaryEvent id="b" attachedToRef="x" cancelActivity="false">{TIMER}</boundaryEvent>'
        f'<userTask id="late"/><endEvent id="e2"/><exclusiveGateway id="g" default="g_e"/>{E}'
        + flow("s", "x") + flow("x", "g") + flow("g", "x", "true") + flow("g", "e") + flow("b", "late")
        + flow("late", "e2")
    )  # fmt: skip
    sizes: list[int] = []

    def rounds() -> None:
        case = Case(body)
        for number in range(400):
            if number == 3:
                case.step(FireTimer(case.wait("b")))
            case.complete("x")
            sizes.append(len(json.dumps(case.state.snapshot())))

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=rounds)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert len(sizes) == 400
    assert sizes[-1] <= sizes[10] * 1.1


def test_the_definition_chooses_the_kernel() -> None:
    case = Case(around('<userTask id="x"/>'))
    begun = kernel.advance(case, State.new(), Start("p"), NOW)
    assert begun.state.snapshot() == case.state.snapshot()
    ended = kernel.advance(case, begun.state, CompleteTask(case.token("x")), NOW)
    assert ended.state.ended
    case.definition = compiled(around('<userTask id="x"/>'), "machine")
    assert kernel.advance(case, State.new(), Start("p"), NOW).state.snapshot() != case.state.snapshot()
    with pytest.raises(NotWaiting):
        kernel.advance(case, State.new(), CompleteTask("1:3"), NOW)
