"""Flow out of and into activities: implicit splits, merges, token quantities (BPMN 2.0.2, 10.3, 13.3.1 and 13.3.2)."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from tests.kernel.bpmn import flow
from tests.kernel.driver import of
from tests.kernel.elements.parts import call, end, flows, gateway, process, start, started, sub, took, user

# Several outgoing flows


def test_an_activity_with_several_flows_splits_in_document_order() -> None:
    r = started(start(), user("x", "a", "b", "c"), flows("s > x", "x > b", "x > c", "x > a"))
    r.complete("x")
    assert r.tasks == ["b", "c", "a"]


@pytest.mark.parametrize(
    "thing",
    [start("x"), "<task id='x'/>", sub("x", start("is"), end("ie"), flows("is > ie")), gateway("x")],
    ids=["start event", "task", "subprocess", "parallel gateway"],
)
def test_whatever_has_several_flows_gives_each_a_token(thing: str) -> None:
    begin = "" if thing.startswith("<startEvent") else start() + flows("s > x")
    r = started(begin, thing, user("a", "b"), end(), flows("x > a > e", "x > b > e"))
    assert r.tasks == ["a", "b"]
    r.complete("a")
    assert r.ended is None
    r.complete("b")
    assert r.ended == "completed"


CHOICE = start() + '<task id="x" default="x_d"/>' + user("d") + flows("s > x")


@pytest.mark.parametrize(
    ("n", "tasks"), [(1, ["a"]), (2, ["a", "b"]), (0, ["d"])], ids=["one is true", "two are true", "none is true"]
)
def test_conditional_flows_of_an_activity_are_an_inclusive_choice(n: int, tasks: list[str]) -> None:
    r = started(CHOICE, user("a", "b"), flows("x > [n > 0] a", "x > [n > 1] b", "x > d"), n=n)
    assert r.tasks == tasks


def test_a_condition_on_the_default_flow_counts_for_nothing() -> None:
    r = started(CHOICE, user("a"), flows("x > [n > 0] a", "x > [false] d"), n=0, anyway=True)
    assert r.tasks == ["d"]
    r = started(CHOICE, user("a"), flows("x > [n > 0] a", "x > [true] d"), n=1, anyway=True)
    assert r.tasks == ["a"]


def test_a_default_flow_beside_an_unconditional_one() -> None:
    beside = user("always", "a") + flows("x > always", "x > [n > 0] a", "x > d")
    assert started(CHOICE, beside, n=0).tasks == ["always", "d"]
    assert started(CHOICE, beside, n=1).tasks == ["always", "a"]


def test_conditions_see_what_the_activity_has_just_written() -> None:
    r = started(start(), user("x", "a", "b"), flows("s > x", "x > [ok] a", "x > [not(ok)] b"), ok=True)
    r.complete("x", ok=False)
    assert r.tasks == ["b"]


def test_no_true_condition_and_no_default_is_an_incident_after_the_activity() -> None:
    r = started(start(), user("x", "a"), flows("s > x", "x > [ok] a"), ok=False)
    r.complete("x", note="kept")
    assert r.failure("x").code == "NO_FLOW"
    assert r.variables() == {"ok": False, "note": "kept"}, "what the activity did stays done"
    assert r.tasks == []
    r.retry("x", ok=True)
    assert r.tasks == ["a"]
    assert len(of(e.TaskOpened, r.log)) == 2, "the activity itself is not done again"


def test_an_error_in_one_condition_takes_no_flow_at_all() -> None:
    r = started(start(), user("x", "a", "b"), flows("s > x", "x > [true] a", "x > [missing > 1] b"))
    r.complete("x")
    assert (r.tasks, r.failure("x").code) == ([], "UNKNOWN_VARIABLE")
    r.retry("x", missing=2)
    assert r.tasks == ["a", "b"]


# Merges


def test_an_uncontrolled_merge_runs_what_follows_once_for_each_token() -> None:
    r = started(start(), user("a", "b", "m"), end(), flows("s > a > m > e", "s > b > m"))
    r.complete("a")
    r.complete("b")
    assert r.tasks == ["m", "m"]
    first, second = (one.token for one in r.open.tasks.values())
    assert first != second
    r.complete("m")
    r.complete("m")
    assert (r.ended, took(r, "m", "e")) == ("completed", ["m", "e", "m", "e"])


@pytest.mark.parametrize("kind", ["exclusive", "eventBased"])
def test_gateways_that_only_merge_pass_every_token(kind: str) -> None:
    if kind == "exclusive":
        rest = gateway("g", kind=kind) + user("m") + flows("g > m")
    else:
        rest = (
            gateway("g", kind=kind)
            + '<receiveTask id="m" messageRef="message_M"/><receiveTask id="n" messageRef="message_N"/>'
            + flows("g > m", "g > n")
        )
    r = started(start(), user("a", "b"), rest, flows("s > a > g", "s > b > g"))
    r.complete("a")
    r.complete("b")
    assert len(r.open.tasks) + len(r.open.messages) // 2 == 2


def test_an_instance_lives_until_its_last_token_has_ended() -> None:
    r = started(start(), user("a", "b"), end(), end("f"), flows("s > a > e", "s > b > f"))
    r.complete("a")
    assert r.ended is None
    r.complete("b")
    assert r.open.ended is not None
    assert (r.open.ended.outcome, r.open.ended.end_event) == ("completed", "f")


def test_an_activity_without_outgoing_flow_ends_its_token() -> None:
    r = started(start(), user("a", "b"), flows("s > a", "s > b"))
    r.complete("b")
    r.complete("a")
    assert r.ended == "completed"


# Quantities


def several(count: int, attributes: str, rest: str) -> tuple[str, ...]:
    """``count`` user tasks that all lead to ``m``."""
    names = [f"t{n}" for n in range(count)]
    return (start(), user(*names), f'<userTask id="m" {attributes}/>', rest, flows(*(f"s > {n} > m" for n in names)))


def test_an_activity_waits_for_its_start_quantity() -> None:
    r = started(*several(5, 'startQuantity="2"', end() + flows("m > e")))
    r.complete("t0")
    assert "m" not in r.tasks
    r.complete("t1")
    assert r.tasks.count("m") == 1
    for n in (2, 3):
        r.complete(f"t{n}")
    assert r.tasks.count("m") == 2, "the next two tokens are another round"
    r.complete("m")
    r.complete("m")
    r.complete("t4")
    assert r.failure("m").code == "JOIN_STUCK", "one token is left, and no other can ever come"
    assert r.ended is None


def test_a_start_quantity_counts_tokens_of_the_same_flow_too() -> None:
    r = started(
        start(), '<task id="x" completionQuantity="3"/><userTask id="m" startQuantity="3"/>', end(),
        flows("s > x > m > e"),
    )  # fmt: skip
    assert r.tasks == ["m"]
    r.complete("m")
    assert r.ended == "completed"


@pytest.mark.parametrize("activity", ["userTask", "subProcess", "callActivity"])
def test_a_completion_quantity_sends_that_many_tokens_on_each_flow(activity: str) -> None:
    inside = start("is") + user("i") + end("ie") + flows("is > i > ie")
    made = {
        "userTask": '<userTask id="i" completionQuantity="2"/>',
        "subProcess": sub("i0", inside).replace('id="i0"', 'id="i0" completionQuantity="2"'),
        "callActivity": call("i0").replace('id="i0"', 'id="i0" completionQuantity="2"'),
    }[activity]
    id = "i" if activity == "userTask" else "i0"
    r = started(start(), made, user("a", "b"), flows(f"s > {id} > a", f"{id} > b"), called=process(inside, id="q"))
    r.complete("i")
    assert r.tasks == ["a", "a", "b", "b"]


def test_several_tokens_by_one_flow_do_not_complete_a_parallel_join() -> None:
    r = started(
        start(), '<task id="x" completionQuantity="2"/>', user("y", "after"), gateway("j"),
        flows("s > x > j", "s > y > j", "j > after"),
    )  # fmt: skip
    assert (r.tasks, r.open.failed) == (["y"], {})
    r.complete("y")
    assert r.tasks == ["after"]
    r.complete("after")
    assert r.failure("j").code == "JOIN_STUCK"


def test_quantities_in_a_loop() -> None:
    r = started(
        start(), gateway("in", kind="exclusive"), user("x"), '<userTask id="m" startQuantity="2"/>', end(),
        '<exclusiveGateway id="g" default="g_e"/>', user("k"),
        flows("s > in > x", "x > m", "x > k > m", "m > g > [again] in", "g > e"),
    )  # fmt: skip
    for again in (True, True, False):
        r.complete("x")
        assert r.tasks == ["k"]
        r.complete("k")
        assert r.tasks == ["m"]
        r.complete("m", again=again)
    assert r.ended == "completed"


def test_a_start_quantity_above_what_can_come_is_an_incident_also_in_a_subprocess() -> None:
    inside = start("is") + '<task id="m" startQuantity="2"/>' + flow("is", "m")
    r = started(start(), sub("x", inside), end(), flows("s > x > e"), anyway=True)
    assert r.failure("m").code == "JOIN_STUCK"
    assert "more tokens" in r.failure("m").message


def test_a_boundary_event_of_an_activity_with_a_start_quantity_waits_only_once_it_runs() -> None:
    timed = (
        '<boundaryEvent id="b" attachedToRef="m"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>" + user("late") + flows("b > late")
    )
    r = started(*several(2, 'startQuantity="2"', timed))
    r.complete("t0")
    assert r.open.timers == {}
    r.complete("t1")
    assert [one.element for one in r.open.timers.values()] == ["b"]
    r.fire("b")
    assert r.tasks == ["late"]
