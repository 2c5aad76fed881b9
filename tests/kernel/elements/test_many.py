"""Multi-instance activities: collections, counters, completion, nesting (BPMN 2.0.2, 10.3.8 and 13.3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.kernel import stimuli as s
from tests.kernel.driver import Run
from tests.kernel.elements.parts import (
    boundary,
    call,
    end,
    error,
    flows,
    gateway,
    items,
    message,
    process,
    rounds,
    script,
    service,
    signal,
    start,
    started,
    sub,
    timer,
    took,
    user,
    within,
)

GATHER = (
    '<extensionElements><camunda:properties><camunda:property name="outputCollection" value="{}"/>'
    '<camunda:property name="outputElement" value="={}"/></camunda:properties></extensionElements>'
)


def over(collection: str, element: str = "item", *, sequential: bool = False, done: str = "") -> str:
    condition = f"<completionCondition>{done.replace('<', '&lt;')}</completionCondition>" if done else ""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" camunda:collection="{collection}" '
        f'camunda:elementVariable="{element}">{condition}</multiInstanceLoopCharacteristics>'
    )


def ran(activity: str, *more: str, called: bytes | None = None, **variables: Any) -> Run:
    return started(start(), activity, end(), flows("s > x > e"), *more, called=called, **variables)


def script_of(text: str, loop: str, *, gather: str = "", id: str = "x") -> str:
    return f'<scriptTask id="{id}" camunda:resultVariable="result">{gather}{loop}<script>{text}</script></scriptTask>'


BOTH = pytest.mark.parametrize("sequential", [False, True])


@BOTH
@pytest.mark.parametrize("values", [[], ["a"], ["a", None, {"k": [1]}, "a"]])
def test_results_come_in_the_order_of_the_items(values: list[object], sequential: bool) -> None:
    made = script_of("[item, loopCounter]", over("all", sequential=sequential), gather=GATHER.format("out", "result"))
    r = ran(made, all=values)
    assert r.ended == "completed"
    assert r.variables()["out"] == [[value, index] for index, value in enumerate(values)]


@BOTH
@pytest.mark.parametrize("text", ["0", "n - n", "=0"])
def test_no_items_at_all_pass(text: str, sequential: bool) -> None:
    loop = items(0, sequential=sequential).replace(">0<", f">{text}<")
    r = ran(within(user("x"), loop), boundary("b", "x", timer()), user("late"), flows("b > late"), n=3)
    assert (r.ended, r.open.timers, took(r, "x")) == ("completed", {}, ["x"])


def test_the_counters_are_seen_by_the_items() -> None:
    text = "[nrOfInstances, nrOfActiveInstances, nrOfCompletedInstances, nrOfTerminatedInstances]"
    r = ran(script_of(text, items(3, sequential=True), gather=GATHER.format("out", "result")))
    assert r.variables()["out"] == [[3, 1, 0, 0], [3, 1, 1, 0], [3, 1, 2, 0]]
    r = ran(script_of(text, items(3), gather=GATHER.format("out", "result")))
    assert r.variables()["out"] == [[3, 3, 0, 0], [3, 2, 1, 0], [3, 1, 2, 0]]


@BOTH
def test_the_completion_condition_is_asked_after_each_item_and_ends_the_rest(sequential: bool) -> None:
    loop = over("all", sequential=sequential, done="vote = 2")
    made = f'<userTask id="x">{GATHER.format("out", "vote")}{loop}</userTask>'
    r = ran(made, all=[1, 2, 3, 4])
    r.complete("x", vote=1)
    assert r.ended is None
    r.complete("x", vote=2)
    assert r.variables()["out"] == [1, 2]
    assert not r.open.tasks


def test_the_first_item_that_makes_it_true_counts_when_all_run_in_one_step() -> None:
    done = "nrOfCompletedInstances = 2"
    r = ran(script_of("loopCounter", over("all", done=done), gather=GATHER.format("out", "result")), all=[1, 2, 3, 4])
    assert r.variables()["out"] == [0, 1]


def test_a_completion_condition_that_fails_is_an_incident_of_the_item() -> None:
    r = ran(within(user("x"), over("all", done="vote > 1")), all=[1, 2, 3])
    r.complete("x")
    assert (len(r.tasks), r.failure("x").code) == (2, "UNKNOWN_VARIABLE")
    r.retry("x", vote=1)
    assert (len(r.tasks), r.open.failed) == (2, {})


INSIDE = start("is") + user("i") + end("ie") + flows("is > i > ie")


@BOTH
@pytest.mark.parametrize("kind", ["sub", "call", "transaction", "adhoc"])
def test_containers_of_every_kind(kind: str, sequential: bool) -> None:
    made = {
        "sub": sub("x", INSIDE),
        "call": call("x"),
        "transaction": f'<transaction id="x">{INSIDE}</transaction>',
        "adhoc": '<adHocSubProcess id="x"><userTask id="i"/></adHocSubProcess>',
    }[kind]
    r = ran(within(made, over("all", sequential=sequential)), called=process(INSIDE, id="q"), all=["a", "b", "c"])
    for count in (3, 2, 1):
        assert len(r.tasks) == (1 if sequential else count)
        r.complete("i")
    assert r.ended == "completed"


def test_nested_items_see_the_items_around_them() -> None:
    inner = script_of("[group, item]", over("group.members"), gather=GATHER.format("pairs", "result"), id="i")
    outer = (
        f'<subProcess id="x">{GATHER.format("out", "pairs")}{over("all", "group")}' + start("is") + inner + end("ie")
    )
    groups = [{"members": [1, 2]}, {"members": []}, {"members": [3]}]
    r = ran(outer + flows("is > i > ie") + "</subProcess>", all=groups)
    assert [[pair[1] for pair in pairs] for pairs in r.variables()["out"]] == [[1, 2], [], [3]]  # type: ignore[attr-defined]  # a list
    # a list of lists of pairs


def test_items_of_items_that_wait_end_each_by_itself() -> None:
    inner = within(user("i"), items(2))
    r = ran(within(sub("x", start("is"), inner, end("ie"), flows("is > i > ie")), items(2)))
    assert r.tasks == ["i"] * 4
    for left in (3, 2, 1):
        r.complete("i")
        assert len(r.tasks) == left
    r.complete("i")
    assert r.ended == "completed"


@BOTH
def test_in_a_loop_each_round_has_its_own_items(sequential: bool) -> None:
    r = started(
        start(), gateway("in", kind="exclusive"), within(user("x"), over("all", sequential=sequential)), end(),
        '<exclusiveGateway id="g" default="g_e"/>', flows("s > in > x > g > [count(all) < 3] in", "g > e"), all=[1],
    )  # fmt: skip
    r.complete("x", all=[1, 2])
    assert len(r.tasks) == (1 if sequential else 2)
    r.complete("x", all=[1, 2, 3])
    r.complete("x")
    assert r.ended == "completed"


def test_the_collection_is_taken_as_it_is_at_the_beginning() -> None:
    r = ran(within(user("x"), over("all", sequential=True)), all=[1, 2])
    r.complete("x", all=[])
    assert r.tasks == ["x"]
    view = r.state.token(r.task("x").token)
    assert view is not None
    assert r.state.own_variables(view.scope) == {"item": 2, "loopCounter": 1}


@BOTH
def test_what_interrupts_the_activity_ends_all_items(sequential: bool) -> None:
    for event, happen in ((timer(), "timer"), (message(), "message"), (signal(), "signal"), (error("E"), "error")):
        body = sub("x", start("is"), service("i"), end("ie"), flows("is > i > ie"))
        late = boundary("b", "x", event) + user("late") + flows("b > late")
        r = ran(within(body, items(3, sequential=sequential)), late)
        match happen:
            case "timer":
                r.fire("b")
            case "message":
                r.deliver("b")
            case "signal":
                r.signal("S")
            case "error":
                r.error("i", "E")
        assert (r.tasks, r.open.services, list(r.store.scopes)) == (["late"], {}, ["1"])


def test_what_does_not_interrupt_leaves_the_items_alone() -> None:
    late = boundary("b", "x", message(), interrupting=False) + user("late") + flows("b > late")
    r = ran(within(user("x"), items(2)), late)
    r.deliver("b")
    r.deliver("b")
    assert sorted(r.tasks) == ["late", "late", "x", "x"]
    r.complete("x")
    r.complete("x")
    assert (r.tasks, r.open.messages) == (["late", "late"], {})


def test_a_failed_item_holds_up_only_itself() -> None:
    r = ran(within(service("x"), items(3)))
    first = next(iter(r.open.services))
    r.send(s.JobFailed(first, "down"))
    r.done("x")
    r.done("x")
    assert r.ended is None
    r.retry("x")
    r.done("x")
    assert r.ended == "completed"


def test_terminating_inside_an_item_ends_that_item_only() -> None:
    body = sub(
        "x", start("is"), user("i", "k"), end("ie", "<terminateEventDefinition/>"), flows("is > i > ie", "is > k")
    )  # fmt: skip
    r = ran(within(body, items(2)))
    assert sorted(r.tasks) == ["i", "i", "k", "k"]
    r.complete("i")
    assert sorted(r.tasks) == ["i", "k"]
    r.complete("i")
    assert r.ended == "completed"


def test_each_item_writes_the_shared_variables_in_turn() -> None:
    r = ran(within(script("x", "sum", "sum + loopCounter"), items(5)), sum=0)
    assert r.variables() == {"sum": 10}


def test_a_collection_may_be_an_expression() -> None:
    for text in ("=[1, 2, 3]", "${all}", "all", "=for n in all return n * 2"):
        r = ran(within(user("x"), over(text)), all=[1, 2, 3])
        assert len(r.tasks) == 3, text


@pytest.mark.parametrize("sequential", [False, True])
def test_repeated_containers_with_items_and_errors_keep_their_states_apart(sequential: bool) -> None:
    """An error in one item of one round ends that round's activity, not what lies around."""
    inner = within(service("i"), items(2, sequential=sequential))
    caught = boundary("b", "i", error("E"))
    body = sub("x", start("is"), inner, caught, user("k"), end("ie"), flows("is > i > ie", "b > k > ie"))
    r = ran(within(body, rounds(2)))
    r.error("i", "E")
    assert (r.tasks, r.open.services) == (["k"], {})
    r.complete("k")
    r.done("i")
    r.done("i")
    assert r.ended == "completed"
