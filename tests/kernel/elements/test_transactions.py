"""Transactions: cancelling undoes what completed, and leaves by the cancel event (BPMN 2.0.2, 10.3.5, 13.3.4)."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from engine.kernel.scope import ROOT
from tests.kernel.bpmn import flow
from tests.kernel.driver import Run, run
from tests.kernel.elements.compensating import (
    CANCEL_END,
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
    transaction,
)

START, END, INNER = '<startEvent id="s"/>', '<endEvent id="e"/>', '<startEvent id="is"/>'
SIGNALS = '<error id="bad" errorCode="BAD"/><signal id="go" name="go"/>'
DECIDE = '<exclusiveGateway id="g" default="g_ok"/><endEvent id="ok"/>' + CANCEL_END + flow("g", "ok")
DECIDE += flow("g", "cancel", "refused")


def around(body: str) -> str:
    """A process with the transaction ``x`` that holds ``body``; ``done`` follows it, ``cancelled`` its cancellation."""
    return START + transaction("x", body) + tasks("done") + END + row("s", "x", "done", "e")


def started(body: str, *others: bytes, **variables: object) -> Run:
    return run(process(body, root=SIGNALS), {"log": [], **variables}, *others)


def finished(r: Run, task: str) -> None:
    assert r.tasks == [task]
    assert list(r.store.scopes) == [ROOT]
    r.complete(task)
    assert r.ended == "completed"


def test_it_goes_on_when_nothing_cancels_it() -> None:
    r = started(around(INNER + logged("a", "b") + DECIDE + row("is", "a", "b", "g")))
    r.complete("a")
    r.complete("b", refused=False)
    assert r.variables()["log"] == []
    finished(r, "done")


def test_cancelling_undoes_the_latest_first_and_leaves_by_the_cancel_event() -> None:
    r = started(around(INNER + logged("a", "b") + DECIDE + row("is", "a", "b", "g")))
    r.complete("a")
    r.complete("b", refused=True)
    assert r.variables()["log"] == ["b", "a"]
    assert [one.outcome for one in r.last if isinstance(one, e.StepLeft) and one.element == "x"] == ["cancelled"]
    finished(r, "cancelled")


def test_the_cancel_event_happens_when_all_is_undone() -> None:
    body = handled(tasks("a"), "a", asking("a")) + handled(tasks("b"), "b", asking("b"))
    r = started(around(INNER + body + DECIDE + row("is", "a", "b", "g")))
    r.complete("a")
    r.complete("b", refused=True)
    assert r.tasks == ["undo_b"]
    r.complete("undo_b")
    assert r.tasks == ["undo_a"]
    r.complete("undo_a")
    finished(r, "cancelled")


def test_what_is_still_open_ends_before_anything_is_undone() -> None:
    split = '<parallelGateway id="f"/>'
    late = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    watched = (
        tasks("b", "late") + f'<boundaryEvent id="bl" attachedToRef="b">{late}</boundaryEvent>' + flow("bl", "late")
    )
    body = INNER + split + handled(tasks("a"), "a", asking("a")) + watched + CANCEL_END
    r = started(around(body + row("is", "f", "a", "cancel") + flow("f", "b")))
    r.complete("a")
    assert r.tasks == ["undo_a"], "b was ended, and is not undone"
    assert r.open.timers == {}
    r.complete("undo_a")
    finished(r, "cancelled")


def test_event_subprocesses_hear_nothing_while_it_is_cancelled() -> None:
    signal = '<signalEventDefinition signalRef="go"/>'
    listens = event_sub("h", signal, tasks("ht"), "ht", 'isInterrupting="false"')
    body = INNER + handled(tasks("a"), "a", asking("a")) + CANCEL_END + row("is", "a", "cancel") + listens
    r = started(around(body))
    r.signal("go")
    assert r.tasks == ["a", "ht"]
    r.complete("a")
    assert r.tasks == ["undo_a"]
    r.signal("go")
    assert r.tasks == ["undo_a"]
    r.complete("undo_a")
    finished(r, "cancelled")


def test_an_event_subprocess_cancels_the_transaction_around_it() -> None:
    signal = '<signalEventDefinition signalRef="go"/>'
    body = INNER + logged("a") + tasks("b") + row("is", "a", "b") + event_sub("h", signal, CANCEL_END, "cancel")
    r = started(around(body))
    r.complete("a")
    r.signal("go")
    assert r.variables()["log"] == ["a"]
    finished(r, "cancelled")


def test_a_completed_subprocess_is_undone_from_inside() -> None:
    deep = sub("w", '<startEvent id="ws"/>' + logged("a", "b") + row("ws", "a", "b"))
    r = started(around(INNER + deep + logged("c") + CANCEL_END + row("is", "w", "c", "cancel")))
    for id in "abc":
        r.complete(id)
    assert r.variables()["log"] == ["c", "b", "a"]
    finished(r, "cancelled")


def test_a_nested_cancel_end_event_undoes_what_had_completed_beside_it() -> None:
    deep = sub("w", '<startEvent id="ws"/>' + logged("b", "c") + CANCEL_END + row("ws", "b", "c", "cancel"))
    r = started(around(INNER + logged("a") + deep + row("is", "a", "w")))
    for id in "abc":
        r.complete(id)
    assert r.variables()["log"] == ["c", "b", "a"]
    finished(r, "cancelled")


def test_what_had_completed_in_a_subprocess_that_was_still_open_is_undone() -> None:
    own = '<property id="p1" name="amount"/>'
    note = logging("b", "amount")
    undo = event_sub("u", "<compensateEventDefinition/>", tasks("never"), "never")
    deep = own + '<startEvent id="ws"/>' + handled(tasks("b"), "b", note) + tasks("c") + row("ws", "b", "c") + undo
    body = INNER + '<parallelGateway id="f"/>' + sub("w", deep) + logged("a") + CANCEL_END
    r = started(around(body + row("is", "f", "a", "cancel") + flow("f", "w")))
    r.complete("b", amount=7)
    r.complete("a")
    assert r.variables()["log"] == [7, "a"], "the subprocess itself had not completed"
    finished(r, "cancelled")


def test_items_that_had_completed_are_undone_while_others_are_open() -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="rows" camunda:elementVariable="one"/>'
    activity = handled(f'<userTask id="a">{loop}</userTask>', "a", logging("a", "one"))
    body = INNER + '<parallelGateway id="f"/>' + activity + tasks("b") + CANCEL_END
    r = started(around(body + row("is", "f", "b", "cancel") + flow("f", "a")), rows=[1, 2, 3])
    r.complete("a")
    r.complete("a")
    r.complete("b")
    assert r.variables()["log"] == [2, 1]
    finished(r, "cancelled")


def test_the_rest_of_a_compensation_that_was_running_is_undone_with_the_others() -> None:
    split = '<parallelGateway id="f"/>'
    body = INNER + split + logged("a") + handled(tasks("b"), "b", asking("b")) + throw("t") + logged("c") + CANCEL_END
    r = started(around(body + row("is", "a", "f", "b", "t") + row("f", "c", "cancel")))
    r.complete("a")
    r.complete("b")
    assert r.tasks == ["c", "undo_b"]
    r.complete("c")
    assert r.variables()["log"] == ["c", "a"]
    finished(r, "cancelled")


def test_an_error_leaves_without_undoing() -> None:
    hazard = '<boundaryEvent id="hz" attachedToRef="x"><errorEventDefinition errorRef="bad"/></boundaryEvent>'
    body = around(INNER + logged("a") + tasks("b") + CANCEL_END + row("is", "a", "b", "cancel"))
    r = started(body + hazard + tasks("hazard") + flow("hz", "hazard"))
    r.complete("a")
    r.error("b", "BAD")
    assert r.variables()["log"] == []
    finished(r, "hazard")


def test_an_error_while_it_is_undone_is_a_hazard_of_the_transaction() -> None:
    hazard = '<boundaryEvent id="hz" attachedToRef="x"><errorEventDefinition errorRef="bad"/></boundaryEvent>'
    inner = INNER + logged("a") + handled(tasks("b"), "b", asking("b")) + CANCEL_END + row("is", "a", "b", "cancel")
    r = started(around(inner) + hazard + tasks("hazard") + flow("hz", "hazard"))
    r.complete("a")
    r.complete("b")
    r.error("undo_b", "BAD")
    assert r.variables()["log"] == []
    finished(r, "hazard")


def test_only_the_inner_one_of_two_transactions_is_cancelled() -> None:
    inner = transaction("x", '<startEvent id="ws"/>' + logged("b") + CANCEL_END + row("ws", "b", "cancel"))
    boundary = '<boundaryEvent id="oc" attachedToRef="o"><cancelEventDefinition/></boundaryEvent>'
    end = '<endEvent id="outer"><cancelEventDefinition/></endEvent>'
    body = '<transaction id="o">' + INNER + logged("a") + inner + end + row("is", "a", "x")
    body += flow("cancelled", "outer") + "</transaction>" + boundary + tasks("y") + flow("oc", "y")
    r = started(START + END + body + row("s", "o", "e"))
    r.complete("a")
    r.complete("b")
    assert r.variables()["log"] == ["b"]
    r.complete("cancelled")
    assert r.variables()["log"] == ["b", "a"], "what was cancelled had not completed"
    finished(r, "y")


def test_a_transaction_that_completed_is_undone_with_what_is_around() -> None:
    body = transaction("x", INNER + logged("a", "b") + DECIDE + row("is", "a", "b", "g"))
    r = started(START + body + tasks("y", "z") + throw("t") + END + row("s", "x", "y", "t", "z", "e"))
    r.complete("a")
    r.complete("b", refused=False)
    r.complete("y")
    assert r.variables()["log"] == ["b", "a"]
    finished(r, "z")


def test_one_that_was_cancelled_can_be_begun_again() -> None:
    body = START + END + '<exclusiveGateway id="m"/>'
    body += transaction("x", INNER + handled(tasks("a"), "a", logging("a", "amount")) + DECIDE + row("is", "a", "g"))
    r = started(body + tasks("done") + row("s", "m", "x", "done", "e") + flow("cancelled", "m"))
    shapes = set()
    for amount in range(5):
        r.complete("a", amount=amount, refused=True)
        shapes.add(len(r.store.scopes))
        r.complete("cancelled")
    assert r.variables()["log"] == [0, 1, 2, 3, 4]
    assert shapes == {1}
    r.complete("a", amount=9, refused=False)
    finished(r, "done")


@pytest.mark.parametrize("flag", ["", 'isSequential="true"'])
def test_cancelling_one_of_several_undoes_its_own_and_ends_the_activity(flag: str) -> None:
    loop = f'<multiInstanceLoopCharacteristics {flag} camunda:collection="rows" camunda:elementVariable="one"/>'
    inner = INNER + handled(tasks("a"), "a", logging("a", "one")) + DECIDE + row("is", "a", "g")
    r = started(around(loop + inner), rows=[1, 2, 3])
    r.complete("a", refused=False)
    r.complete("a", refused=True)
    assert r.variables()["log"] == [2]
    finished(r, "cancelled")


def test_a_called_process_inside_is_undone_by_the_handler_of_the_call() -> None:
    child = process(START + logged("i") + END + row("s", "i", "e"), attributes='id="child" isExecutable="true"')
    call = handled('<callActivity id="a" calledElement="child"/>', "a", logging("a"))
    r = started(around(INNER + call + CANCEL_END + row("is", "a", "cancel")), child)
    r.complete("i")
    assert r.variables()["log"] == ["a"]
    finished(r, "cancelled")


def test_values_of_the_time_are_those_that_handlers_see() -> None:
    body = INNER + handled(tasks("a"), "a", logging("a", "amount")) + script("b", "amount", "99") + CANCEL_END
    r = started(around(body + row("is", "a", "b", "cancel")))
    r.complete("a", amount=5)
    assert r.variables() == {"log": [5], "amount": 99}
    finished(r, "cancelled")


def test_an_instance_of_a_transaction_without_a_cancel_event_waits_for_help() -> None:
    body = START + END + '<transaction id="x">' + INNER + logged("a") + CANCEL_END + row("is", "a", "cancel")
    r = run(process(body + "</transaction>" + row("s", "x", "e")), {"log": []}, anyway=True)
    r.complete("a")
    assert r.variables()["log"] == ["a"]
    assert r.failure("cancel").message == "the transaction x has no boundary event for its cancellation"
