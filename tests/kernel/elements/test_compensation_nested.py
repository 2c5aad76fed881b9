"""Compensation of subprocesses, items, rounds and called processes; what of it is stored, and for how long."""

from __future__ import annotations

import pytest

from engine.kernel.scope import ROOT
from tests.kernel.bpmn import extended, flow
from tests.kernel.driver import Run, run
from tests.kernel.elements.compensating import (
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
INNER = '<startEvent id="is"/>'
UNDO_EVENT = "<compensateEventDefinition/>"
SIGNALS = '<error id="bad" errorCode="BAD"/><signal id="go" name="go"/>'


def started(body: str, *others: bytes, **variables: object) -> Run:
    return run(process(body, root=SIGNALS), {"log": [], **variables}, *others)


def then_undone(activity: str, id: str = "x") -> str:
    """A process: the activity, a task ``y``, a throwing event, a task ``z``."""
    return START + activity + tasks("y", "z") + throw("t") + END + row("s", id, "y", "t", "z", "e")


def counted(loop: str) -> str:
    return f'<multiInstanceLoopCharacteristics {loop} camunda:collection="rows" camunda:elementVariable="one"/>'


def first(r: Run, **variables: object) -> None:
    r.complete(r.tasks[0], **variables)


# Subprocesses


def test_a_completed_subprocess_is_undone_from_inside() -> None:
    r = started(then_undone(sub("x", INNER + logged("a", "b") + row("is", "a", "b"))))
    r.complete("a")
    r.complete("b")
    r.complete("y")
    assert r.variables()["log"] == ["b", "a"]


def test_a_subprocess_in_a_subprocess_is_undone_in_its_turn() -> None:
    deep = sub("w", '<startEvent id="ws"/>' + logged("b", "c") + row("ws", "b", "c"))
    r = started(then_undone(sub("x", INNER + logged("a", "d") + deep + row("is", "a", "w", "d"))))
    for id in ("a", "b", "c", "d", "y"):
        r.complete(id)
    assert r.variables()["log"] == ["d", "c", "b", "a"]


def test_a_handler_of_the_subprocess_replaces_what_is_inside() -> None:
    inner = sub("x", INNER + logged("a", "b") + row("is", "a", "b"))
    r = started(then_undone(handled(inner, "x", logging("x"))))
    r.complete("a")
    r.complete("b")
    assert len(r.store.scopes) == 2, "what is inside can never be asked for"
    r.complete("y")
    assert r.variables()["log"] == ["x"]


def test_a_subprocess_that_is_not_completed_is_not_undone() -> None:
    split = '<parallelGateway id="f"/>'
    body = START + END + split + sub("x", INNER + logged("a") + tasks("b") + row("is", "a", "b")) + throw("t")
    r = started(body + tasks("y") + row("s", "f", "t", "y", "e") + flow("f", "x"))
    assert r.tasks == ["y", "a"]
    r.complete("a")
    r.complete("y")
    r.complete("b")
    assert r.ended == "completed"
    assert r.variables()["log"] == []


def test_a_compensation_event_subprocess_sees_the_data_of_its_subprocess() -> None:
    undo = event_sub("u", UNDO_EVENT, script("note", "log", "append(log, inside)"), "note")
    own = '<property id="p1" name="inside"/>'
    inner = sub("x", own + INNER + logged("a") + row("is", "a") + undo)
    r = started(then_undone(inner))
    r.complete("a", inside=5)
    r.complete("y")
    assert r.variables()["log"] == [5], "the event subprocess replaces the handlers inside"
    assert "inside" not in r.variables()


def test_a_throw_in_a_compensation_event_subprocess_undoes_what_is_in_the_subprocess() -> None:
    steps = (
        script("before", "log", 'append(log, "before")') + throw("ut") + script("after", "log", 'append(log, "after")')
    )
    undo = event_sub("u", UNDO_EVENT, steps + row("before", "ut", "after"), "before")
    r = started(then_undone(sub("x", INNER + logged("a", "b") + row("is", "a", "b") + undo)))
    for id in ("a", "b", "y"):
        r.complete(id)
    assert r.variables()["log"] == ["before", "b", "a", "after"]
    assert r.tasks == ["z"]
    assert len(r.store.scopes) == 1


def test_a_compensation_event_subprocess_may_undo_one_activity_of_the_subprocess_only() -> None:
    undo = event_sub("u", UNDO_EVENT, throw("ut", "a"), "ut")
    r = started(then_undone(sub("x", INNER + logged("a", "b") + row("is", "a", "b") + undo)))
    for id in ("a", "b", "y"):
        r.complete(id)
    assert r.variables()["log"] == ["a"]
    assert len(r.store.scopes) == 1


def test_a_compensation_event_subprocess_does_not_begin_by_itself_nor_without_completion() -> None:
    undo = event_sub("u", UNDO_EVENT, tasks("ut"), "ut")
    body = sub("x", INNER + logged("a") + row("is", "a") + undo)
    error = '<boundaryEvent id="be" attachedToRef="x"><errorEventDefinition errorRef="bad"/></boundaryEvent>'
    r = started(START + body + error + throw("t") + END + row("s", "x", "e") + row("be", "t"))
    r.error("a", "BAD")
    assert r.ended == "completed"
    assert "u" not in r.path()


def test_an_event_subprocess_undoes_the_activities_around_it() -> None:
    signal = '<signalEventDefinition signalRef="go"/>'
    body = START + logged("a") + tasks("b") + row("s", "a", "b") + event_sub("h", signal, throw("t"), "t")
    r = started(body)
    r.complete("a")
    r.signal("go")
    assert r.ended == "completed"
    assert r.variables()["log"] == ["a"]


def test_an_error_event_subprocess_undoes_what_had_completed_before_the_error() -> None:
    error = '<errorEventDefinition errorRef="bad"/>'
    inner = INNER + logged("a", "b") + row("is", "a", "b") + event_sub("h", error, throw("t"), "t")
    r = started(START + sub("x", inner) + tasks("y") + END + row("s", "x", "y", "e"))
    r.complete("a")
    r.error("b", "BAD")
    assert r.variables()["log"] == ["a"]
    assert r.tasks == ["y"]
    assert len(r.store.scopes) == 1


def test_a_handler_hears_a_signal_wherever_its_compensation_was_thrown() -> None:
    signal = '<signalEventDefinition signalRef="go"/>'
    wait = f'<startEvent id="us"/><intermediateCatchEvent id="uc">{signal}</intermediateCatchEvent>{flow("us", "uc")}'
    handler = sub("undo_a", wait).replace(">", ' isForCompensation="true">', 1)
    later = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    body = START + handled(tasks("a"), "a", handler) + tasks("b") + row("s", "a", "b")
    r = started(body + event_sub("h", later, throw("t") + tasks("y") + flow("t", "y"), "t", 'isInterrupting="false"'))
    r.complete("a")
    r.fire("h_s")
    r.signal("go")
    assert r.tasks == ["b", "y"]


# Several instances, rounds, calls


def test_rounds_are_undone_from_the_last_to_the_first() -> None:
    loop = '<standardLoopCharacteristics testBefore="false"><loopCondition>amount &lt; 3</loopCondition>'
    activity = f'<userTask id="x">{loop}</standardLoopCharacteristics></userTask>'
    r = started(then_undone(handled(activity, "x", logging("x", "[loopCounter, amount]"))))
    for amount in (1, 2, 3):
        r.complete("x", amount=amount)
    r.complete("y", amount=9)
    assert r.variables()["log"] == [[2, 3], [1, 2], [0, 1]]


@pytest.mark.parametrize("flag", ["", 'isSequential="true"'])
def test_items_are_undone_with_their_own_values_the_latest_first(flag: str) -> None:
    activity = f'<userTask id="x">{counted(flag)}</userTask>'
    r = started(then_undone(handled(activity, "x", logging("x", "one"))), rows=[1, 2, 3])
    for _ in range(3):
        first(r)
    r.complete("y", rows=[])
    assert r.variables()["log"] == [3, 2, 1]
    assert r.tasks == ["z"]


def test_items_of_a_subprocess_are_undone_from_inside() -> None:
    inner = sub("x", INNER + handled(tasks("a"), "a", logging("a", "one")) + row("is", "a"))
    inner = inner.replace(INNER, counted("") + INNER)
    r = started(then_undone(inner), rows=[1, 2])
    r.complete("a")
    r.complete("a")
    r.complete("y")
    assert r.variables()["log"] == [2, 1]
    assert len(r.store.scopes) == 1


def test_a_handler_on_a_subprocess_with_items_runs_once_for_each() -> None:
    inner = sub("x", INNER + tasks("a") + row("is", "a")).replace(INNER, counted("") + INNER)
    r = started(then_undone(handled(inner, "x", logging("x", "one"))), rows=[1, 2])
    r.complete("a")
    r.complete("a")
    r.complete("y")
    assert r.variables()["log"] == [2, 1]


def test_items_that_a_completion_condition_ended_are_not_undone() -> None:
    loop = counted("").replace("/>", "><completionCondition>nrOfCompletedInstances = 2</completionCondition>")
    activity = f'<userTask id="x">{loop}</multiInstanceLoopCharacteristics></userTask>'
    r = started(then_undone(handled(activity, "x", logging("x", "one"))), rows=[1, 2, 3, 4])
    first(r)
    first(r)
    r.complete("y")
    assert r.variables()["log"] == [2, 1]


@pytest.mark.parametrize("flag", ["", 'isSequential="true"'])
def test_items_that_had_completed_go_with_an_activity_that_is_interrupted(flag: str) -> None:
    error = '<boundaryEvent id="be" attachedToRef="x"><errorEventDefinition errorRef="bad"/></boundaryEvent>'
    activity = handled(f'<userTask id="x">{counted(flag)}</userTask>', "x", logging("x"))
    r = started(then_undone(activity + error + flow("be", "y")), rows=[1, 2, 3])
    first(r)
    first(r)
    r.error("x", "BAD")
    assert list(r.store.scopes) == [ROOT]
    r.complete("y")
    assert r.variables()["log"] == []


def test_items_with_results_are_undone_too() -> None:
    output = extended(
        '<camunda:properties><camunda:property name="outputCollection" value="votes"/>'
        '<camunda:property name="outputElement" value="=vote"/></camunda:properties>'
    )
    activity = f'<userTask id="x">{output}{counted("")}</userTask>'
    r = started(then_undone(handled(activity, "x", logging("x", "vote"))), rows=[1, 2])
    first(r, vote="yes")
    first(r, vote="no")
    assert r.variables()["votes"] == ["yes", "no"]
    r.complete("y")
    assert r.variables()["log"] == ["no", "yes"]


def test_a_called_process_undoes_its_own_and_leaves_nothing() -> None:
    body = START + logged("a", "b") + throw("t", "b") + END + row("s", "a", "b", "t", "e")
    child = process(body, attributes='id="child" isExecutable="true"')
    given = extended('<camunda:in source="log" target="log"/>', '<camunda:out source="log" target="log"/>')
    r = started(then_undone(f'<callActivity id="x" calledElement="child">{given}</callActivity>'), child)
    r.complete("a")
    r.complete("b")
    assert r.variables()["log"] == ["b"]
    assert list(r.store.scopes) == [ROOT]
    r.complete("y")
    assert r.variables()["log"] == ["b"], "what a called process did is its own"


def test_mapped_inputs_of_a_subprocess_are_there_when_it_is_undone() -> None:
    inputs = extended(
        '<camunda:inputOutput><camunda:inputParameter name="half">=amount / 2</camunda:inputParameter>'
        "</camunda:inputOutput>"
    )
    undo = event_sub("u", UNDO_EVENT, script("note", "log", "append(log, half)"), "note")
    r = started(then_undone(sub("x", inputs + INNER + tasks("a") + row("is", "a") + undo)), amount=6)
    r.complete("a")
    r.complete("y", amount=2)
    assert r.variables()["log"] == [3]


# What is stored


def looped(body: str) -> str:
    """``x`` again and again, while ``again``."""
    gateways = '<exclusiveGateway id="in"/><exclusiveGateway id="out" default="out_e"/>'
    return START + END + gateways + body + row("s", "in", "x") + row("x", "out", "e") + flow("out", "in", "again")


def sizes(r: Run, element: str, rounds: int = 60) -> list[int]:
    found = []
    for _ in range(rounds):
        r.complete(element, again=True)
        found.append(r.store.size)
    assert len({len(str(size)) for size in found}) == 1
    return found


def test_without_an_event_that_asks_for_it_nothing_is_kept() -> None:
    r = started(looped(logged("x")))
    assert max(sizes(r, "x")) < 250
    assert list(r.store.scopes) == [ROOT]


def test_of_what_one_event_asks_for_only_that_is_kept() -> None:
    body = looped(logged("x")) + logged("a") + throw("t", "a") + flow("e0", "a")
    body = body.replace(flow("s", "in"), row("s", "a", "in")).replace(flow("e0", "a"), "")
    body = body.replace(END, throw("t", "a", tag="endEvent").replace('id="t"', 'id="e"')).replace(throw("t", "a"), "")
    r = started(body)
    r.complete("a")
    sizes(r, "x")
    assert len(r.store.scopes) == 2, "the record of a"
    r.complete("x", again=False)
    assert r.ended == "completed"
    assert r.variables()["log"] == ["a"]


def test_what_nothing_outside_a_subprocess_asks_for_goes_with_it() -> None:
    inner = INNER + throw("t") + logged("a") + row("is", "t", "a")
    r = started(looped(sub("x", inner)))
    sizes(r, "a")
    assert len(r.store.scopes) == 2, "the root and the subprocess of the present round"


def test_what_has_been_undone_is_gone() -> None:
    inner = INNER + handled(tasks("a"), "a", asking("a")) + throw("t") + row("is", "a", "t")
    r = started(looped(sub("x", inner)), again=True)
    shapes = set()
    for _ in range(20):
        r.complete("a")
        r.complete("undo_a")
        shapes.add(len(r.store.scopes))
    assert shapes == {2}


def test_records_do_not_make_a_step_longer() -> None:
    body = looped(logged("x")).replace(END, throw("t", tag="endEvent").replace('id="t"', 'id="e"'))
    r = run(process(body), {"log": []}, checks=False)
    loaded, written = set(), set()
    for _ in range(60):
        r.complete("x", again=True)
        loaded.add(len(r.store.loaded))
        written.add(len(r.store.written))
    assert loaded == {1}
    assert written == {2}
    assert len(r.store.scopes) == 61
    r.complete("x", again=False)
    assert r.variables()["log"] == ["x"] * 61
    assert r.store.scopes == {}
