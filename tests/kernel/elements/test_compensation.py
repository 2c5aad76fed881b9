"""Compensation: what is undone, in which order, by what, when the throwing event goes on (BPMN 2.0.2, 10.7, 13.5.5).

Handlers append to ``log``; a name that a handler writes is live, all others are of the time the activity completed.
"""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import extended, flow, model
from tests.kernel.driver import Run, run
from tests.kernel.elements.compensating import (
    ERRORS,
    asking,
    event_sub,
    handled,
    logged,
    logging,
    process,
    row,
    script,
    sub,
    tasks,
    throw,
)

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
CHILD = model(START + tasks("i") + END + row("s", "i", "e"), process='id="child" isExecutable="true"')


def started(body: str, *others: bytes, anyway: bool = False, **variables: object) -> Run:
    return run(process(body), {"log": [], **variables}, *others, anyway=anyway)


def after(*elements: str, body: str) -> str:
    """A process: start, the elements in a row, the end event."""
    return START + body + END + row("s", *elements, "e")


def test_the_latest_completed_is_undone_first() -> None:
    split = '<parallelGateway id="f"/><parallelGateway id="j"/>'
    body = START + END + split + logged("a", "b", "c") + throw("t") + tasks("x")
    ways = "".join(flow("f", id) + flow(id, "j") for id in "abc")
    r = started(body + ways + flow("s", "f") + row("j", "t", "x", "e"))
    for id in "bca":
        r.complete(id)
    assert r.tasks == ["x"]
    assert r.variables()["log"] == ["a", "c", "b"]
    r.complete("x")
    assert r.ended == "completed"


def test_an_end_event_undoes_and_ends_when_that_is_done() -> None:
    body = START + handled(tasks("a"), "a", asking("a")) + throw("t", tag="endEvent") + row("s", "a", "t")
    r = started(body)
    r.complete("a")
    assert r.tasks == ["undo_a"]
    r.complete("undo_a")
    assert r.ended == "completed"
    assert r.path() == ["s", "a", "undo_a", "t"]


def test_one_activity_is_undone_and_the_others_stay_to_be() -> None:
    body = logged("a", "b", "c") + throw("one", "b") + tasks("x") + throw("all")
    r = started(after("a", "b", "c", "one", "x", "all", body=body))
    for id in "abc":
        r.complete(id)
    assert r.variables()["log"] == ["b"]
    r.complete("x")
    assert r.ended == "completed"
    assert r.variables()["log"] == ["b", "c", "a"], "b was undone already"


def test_the_throwing_event_waits_for_one_handler_after_the_other() -> None:
    body = handled(tasks("a"), "a", asking("a")) + handled(tasks("b"), "b", asking("b")) + throw("t") + tasks("x")
    r = started(after("a", "b", "t", "x", body=body))
    r.complete("a")
    r.complete("b")
    assert r.tasks == ["undo_b"]
    r.complete("undo_b")
    assert r.tasks == ["undo_a"]
    r.complete("undo_a")
    assert r.tasks == ["x"]


@pytest.mark.parametrize("tag", ["intermediateThrowEvent", "endEvent"])
def test_one_that_does_not_wait_goes_on_at_once_and_the_scope_ends_when_all_is_undone(tag: str) -> None:
    last = row("a", "t", "e") if tag != "endEvent" else row("a", "t")
    body = START + handled(tasks("a"), "a", asking("a")) + throw("t", wait="false", tag=tag)
    r = started(body + (END if tag != "endEvent" else "") + flow("s", "a") + last)
    r.complete("a")
    assert r.tasks == ["undo_a"]
    assert "t" in r.path()
    r.complete("undo_a")
    assert r.ended == "completed"
    assert r.path().count("e") == (tag != "endEvent")


def test_one_that_does_not_wait_is_followed_once_also_when_it_goes_on_in_a_transaction_of_its_own() -> None:
    thrown = throw("t", wait="false").replace('id="t"', 'id="t" camunda:asyncAfter="true"', 1)
    r = started(after("a", "t", "x", body=handled(tasks("a"), "a", asking("a")) + thrown + tasks("x")))
    r.complete("a")
    r.complete("undo_a")
    for timer in list(r.open.timers.values()):
        r.send(s.FireTimer(timer.wait))
    assert r.tasks == ["x"]
    r.complete("x")
    assert r.ended == "completed"


def test_an_inclusive_join_does_not_wait_for_what_is_undone_beside() -> None:
    body = START + '<inclusiveGateway id="f"/><inclusiveGateway id="j"/>' + throw("t", wait="false") + tasks("x", "y")
    body += handled(tasks("a"), "a", asking("a")) + END
    r = started(body + row("s", "a", "f", "t", "j", "x", "e") + row("f", "y", "j"))
    r.complete("a")
    r.complete("y")
    assert r.tasks == ["undo_a", "x"]


def test_only_what_has_completed_is_undone_and_only_once() -> None:
    split = '<parallelGateway id="f"/>'
    body = START + END + split + logged("a", "b") + throw("t") + tasks("x") + throw("again") + tasks("y")
    r = started(body + row("s", "f", "a", "t", "x", "again", "y", "e") + flow("f", "b"))
    r.complete("a")
    assert r.variables()["log"] == ["a"], "b is still open"
    assert r.tasks == ["b", "x"]
    r.complete("b")
    r.complete("x")
    assert r.variables()["log"] == ["a", "b"], "a had been undone"


def test_an_interrupted_activity_is_not_undone() -> None:
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    body = logged("a", "b") + f'<boundaryEvent id="late" attachedToRef="b">{timer}</boundaryEvent>' + throw("t")
    r = started(START + body + END + row("s", "a", "b") + row("late", "t", "e"))
    r.complete("a")
    r.fire("late")
    assert r.ended == "completed"
    assert r.variables()["log"] == ["a"]


def test_with_nothing_to_undo_it_goes_on() -> None:
    body = START + END + '<exclusiveGateway id="g" default="g_t"/>' + logged("a") + throw("t") + throw("one", "a")
    r = started(body + row("s", "g", "t", "one", "e") + flow("g", "a", "false") + flow("a", "t"))
    assert r.ended == "completed"
    assert r.variables()["log"] == []


# What a handler sees


def test_each_round_of_a_loop_is_undone_with_its_own_values() -> None:
    body = START + END + '<exclusiveGateway id="in"/><exclusiveGateway id="out" default="out_t"/>' + throw("t")
    body += handled(tasks("a"), "a", logging("a", "amount")) + script("set", "amount", "0")
    r = started(body + row("s", "in", "a", "out", "t", "set", "e") + flow("out", "in", "again"))
    for amount in (10, 20, 30):
        r.complete("a", amount=amount, again=amount < 30)
    assert r.variables()["log"] == [30, 20, 10]
    assert r.variables()["amount"] == 0


def test_a_handler_sees_names_in_filters_as_they_were() -> None:
    body = handled(tasks("a"), "a", logging("a", "rows[id = wanted].name")) + tasks("b") + throw("t")
    r = started(after("a", "b", "t", body=body))
    r.complete("a", rows=[{"id": 1, "name": "an"}, {"id": 2, "name": "bo"}], wanted=2)
    r.complete("b", wanted=1)
    assert r.variables()["log"] == [["bo"]]


def test_a_handler_that_writes_a_context_goes_on_with_what_earlier_handlers_wrote() -> None:
    text = (
        '<scriptTask id="undo_{0}" isForCompensation="true"><script>{{log: append(log, amount)}}</script></scriptTask>'
    )
    body = "".join(handled(tasks(id), id, text.format(id)) for id in "ab") + throw("t")
    r = started(after("a", "b", "t", body=body))
    r.complete("a", amount=1)
    r.complete("b", amount=2)
    assert r.variables()["log"] == [2, 1]


def test_what_a_person_writes_in_a_handler_is_seen_by_the_rest_of_it() -> None:
    inner = '<startEvent id="us"/>' + tasks("ask") + script("put", "log", "append(log, amount)")
    handler = sub("undo_a", inner + row("us", "ask", "put")).replace(">", ' isForCompensation="true">', 1)
    r = started(after("a", "b", "t", body=handled(tasks("a"), "a", handler) + tasks("b") + throw("t")))
    r.complete("a", amount=1)
    r.complete("b", amount=2)
    shown = r.state.variables(r.task("ask").token.partition(":")[0])
    assert shown["amount"] == 1, "the form shows the value of the time"
    assert r.state.variable(r.task("ask").token.partition(":")[0], "amount") == 1
    r.complete("ask", amount=3)
    assert r.ended == "completed"
    assert r.variables() == {"log": [3], "amount": 3}


def test_a_service_is_given_the_values_of_the_time() -> None:
    handler = '<serviceTask id="undo_a" isForCompensation="true" camunda:type="external" camunda:topic="refund"/>'
    r = started(after("a", "b", "t", body=handled(tasks("a"), "a", handler) + tasks("b") + throw("t")))
    r.complete("a", amount=1)
    r.complete("b", amount=2)
    assert r.service("undo_a").variables["amount"] == 1
    r.done("undo_a", refunded=True)
    assert r.ended == "completed"
    assert r.variables() == {"log": [], "amount": 2, "refunded": True}


def test_mapped_inputs_are_those_of_the_time() -> None:
    inputs = extended(
        '<camunda:inputOutput><camunda:inputParameter name="half">=amount / 2</camunda:inputParameter>'
        "</camunda:inputOutput>"
    )
    activity = f'<userTask id="a">{inputs}</userTask>'
    r = started(
        after("a", "b", "t", body=handled(activity, "a", logging("a", "half")) + tasks("b") + throw("t")), amount=8
    )
    r.complete("a")
    r.complete("b", amount=2)
    assert r.variables()["log"] == [4]
    assert "half" not in r.variables()


def test_a_call_activity_is_undone_with_what_it_gave_back() -> None:
    out = extended('<camunda:out source="grade" target="grade"/>')
    activity = f'<callActivity id="a" calledElement="child">{out}</callActivity>'
    r = started(
        after("a", "b", "t", body=handled(activity, "a", logging("a", "grade")) + tasks("b") + throw("t")), CHILD
    )
    r.complete("i", grade="AA")
    r.complete("b", grade="C")
    assert r.variables()["log"] == ["AA"]


def test_a_handler_calls_a_process_with_the_values_of_the_time() -> None:
    mapped = extended('<camunda:in source="amount" target="refund"/>')
    handler = f'<callActivity id="undo_a" isForCompensation="true" calledElement="child">{mapped}</callActivity>'
    r = started(after("a", "b", "t", body=handled(tasks("a"), "a", handler) + tasks("b") + throw("t")), CHILD)
    r.complete("a", amount=1)
    r.complete("b", amount=2)
    assert r.variables(r.task("i").instance) == {"refund": 1}
    r.complete("i")
    assert r.ended == "completed"


def test_a_handler_may_be_repeated_for_each_item() -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="paid" camunda:elementVariable="one"/>'
    handler = f'<userTask id="undo_a" isForCompensation="true">{loop}</userTask>'
    r = started(after("a", "b", "t", body=handled(tasks("a"), "a", handler) + tasks("b") + throw("t")))
    r.complete("a", paid=[1, 2])
    r.complete("b", paid=[])
    assert r.tasks == ["undo_a", "undo_a"]
    r.complete("undo_a")
    r.complete("undo_a")
    assert r.ended == "completed"


# What goes wrong while it runs


def test_an_error_of_a_handler_is_one_of_the_event_that_compensates() -> None:
    error = '<errorEventDefinition errorRef="bad"/>'
    inner = START.replace('"s"', '"is"') + logged("a") + handled(tasks("b"), "b", asking("b")) + throw("t")
    body = (
        sub("x", inner + row("is", "a", "b", "t")) + f'<boundaryEvent id="be" attachedToRef="x">{error}</boundaryEvent>'
    )
    r = started(START + body + tasks("y") + END + row("s", "x", "e") + flow("be", "y"))
    r.complete("a")
    r.complete("b")
    r.error("undo_b", "BAD")
    assert r.tasks == ["y"]
    assert r.variables()["log"] == [], "the rest is not undone"
    r.complete("y")
    assert r.ended == "completed"


def test_an_error_of_a_handler_that_nothing_catches_ends_the_instance() -> None:
    r = started(after("a", "t", body=handled(tasks("a"), "a", asking("a")) + throw("t")))
    r.complete("a")
    r.error("undo_a", "BAD")
    assert r.ended == "failed"


def test_a_handler_that_fails_is_tried_again() -> None:
    r = started(after("a", "t", body=handled(tasks("a"), "a", logging("a", "missing")) + throw("t")))
    r.complete("a")
    r.retry("undo_a", missing=1)
    assert r.ended == "completed"
    assert r.variables()["log"] == [1]


def test_interrupting_what_is_around_ends_a_running_compensation() -> None:
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    inner = START.replace('"s"', '"is"') + logged("a") + handled(tasks("b"), "b", asking("b")) + throw("t")
    body = (
        sub("x", inner + row("is", "a", "b", "t"))
        + f'<boundaryEvent id="late" attachedToRef="x">{timer}</boundaryEvent>'
    )
    r = started(START + body + tasks("y") + END + row("s", "x", "e") + flow("late", "y"))
    r.complete("a")
    r.complete("b")
    assert r.tasks == ["undo_b"]
    r.fire("late")
    assert r.tasks == ["y"]
    assert len(r.store.scopes) == 1
    assert [one.outcome for one in r.last if isinstance(one, e.TaskClosed)] == ["cancelled"]


def test_cancelling_the_instance_ends_a_running_compensation() -> None:
    r = started(after("a", "b", "t", body=logged("a") + handled(tasks("b"), "b", asking("b")) + throw("t")))
    r.complete("a")
    r.complete("b")
    r.send(s.Cancel("enough"))
    assert r.ended == "cancelled"
    assert r.store.scopes == {}


def test_what_an_interrupted_compensation_had_not_come_to_can_still_be_undone() -> None:
    ask = '<signalEventDefinition signalRef="ask"/>'
    stop = '<signalEventDefinition signalRef="stop"/>'
    body = logged("a") + handled(tasks("b"), "b", asking("b")) + tasks("x")
    body += event_sub("first", ask, throw("t1"), "t1", 'isInterrupting="false"') + event_sub(
        "then", stop, throw("t2"), "t2"
    )
    signals = ERRORS + '<signal id="ask" name="ask"/><signal id="stop" name="stop"/>'
    r = run(process(after("a", "b", "x", body=body), root=signals), {"log": []})
    r.complete("a")
    r.complete("b")
    r.signal("ask")
    assert r.tasks == ["x", "undo_b"]
    r.signal("stop")
    assert r.ended == "completed"
    assert r.variables()["log"] == ["a"]
