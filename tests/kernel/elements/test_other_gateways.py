"""Exclusive, parallel and event-based gateways (BPMN 2.0.2, 10.6.2, 10.6.4, 10.6.6, 13.4.1, 13.4.2 and 13.4.4)."""

from __future__ import annotations

import pytest

from tests.kernel.elements.parts import (
    catch,
    conditional,
    end,
    flows,
    gateway,
    message,
    signal,
    start,
    started,
    sub,
    timer,
    took,
    user,
    write,
)

# Exclusive


def choice(default: str = "") -> tuple[str, ...]:
    return (start(), f'<exclusiveGateway id="g" {default}/>', user("a", "b", "c", "d"), flows("s > g"))


def test_the_first_true_flow_in_the_order_of_the_file() -> None:
    r = started(*choice('default="g_d"'), flows("g > d", "g > [n > 1] c", "g > [n > 0] b", "g > [true] a"), n=2)
    assert r.tasks == ["c"]
    r = started(*choice('default="g_d"'), flows("g > d", "g > [n > 1] c", "g > [n > 0] b", "g > [true] a"), n=1)
    assert r.tasks == ["b"]


def test_conditions_behind_the_first_true_one_are_not_evaluated() -> None:
    r = started(*choice('default="g_d"'), flows("g > [true] a", "g > [missing] b", "g > [false] c", "g > d"))
    assert r.tasks == ["a"]


def test_the_default_is_taken_last_wherever_it_stands_and_whatever_its_condition() -> None:
    ways = flows("g > [true] d", "g > [n = 1] a", "g > [n = 2] b", "g > [n = 3] c")
    for n, task in ((1, "a"), (3, "c"), (9, "d")):
        assert started(*choice('default="g_d"'), ways, n=n, anyway=True).tasks == [task]


def test_no_true_condition_and_no_default_is_an_incident_until_one_is_true() -> None:
    ways = flows("g > [n = 1] a", "g > [n = 2] b", "g > [n = 3] c", "g > [n = 4] d")
    r = started(*choice(), ways, n=9)
    assert (r.tasks, r.failure("g").code, r.ended) == ([], "NO_FLOW", None)
    r.retry("g")
    assert r.failure("g").code == "NO_FLOW"
    write(r, n=3)
    r.retry("g")
    assert (r.tasks, r.open.failed) == (["c"], {})


def test_an_exclusive_gateway_in_a_loop_decides_anew_each_time() -> None:
    r = started(
        start(), gateway("in", kind="exclusive"), user("x"), '<exclusiveGateway id="g" default="g_e"/>', end(),
        flows("s > in > x > g > [n < 3] in", "g > e"), n=0,
    )  # fmt: skip
    for n in (1, 2, 3):
        r.complete("x", n=n)
    assert (r.ended, took(r, "g")) == ("completed", ["g"] * 3)


# Parallel


def test_a_parallel_gateway_joins_and_splits_at_once() -> None:
    r = started(
        start(), user("a", "b", "c", "d"), gateway("g"), end(),
        flows("s > a > g", "s > b > g", "g > c > e", "g > d > e"),
    )  # fmt: skip
    r.complete("b")
    assert r.tasks == ["a"]
    r.complete("a")
    assert r.tasks == ["c", "d"]


def test_excess_tokens_make_further_rounds() -> None:
    twice = '<task id="a" completionQuantity="2"/><task id="b" completionQuantity="3"/>'
    r = started(start(), twice, gateway("j"), user("k"), flows("s > a > j", "s > b > j", "j > k"))
    assert r.tasks == ["k", "k"], "two pairs; one token of b is left over"
    r.complete("k")
    r.complete("k")
    assert r.failure("j").code == "JOIN_STUCK"


def test_a_join_that_one_branch_never_reaches_is_an_incident_when_all_else_is_done() -> None:
    r = started(
        start(), user("a", "b", "c"), '<exclusiveGateway id="x" default="x_e"/>', gateway("j"), end(),
        flows("s > a > j", "s > b > x > [back] j", "x > e", "j > e", "s > c > e"), back=False, anyway=True,
    )  # fmt: skip
    r.complete("a")
    r.complete("b")
    assert (r.tasks, r.open.failed) == (["c"], {}), "others still run"
    r.complete("c")
    assert r.failure("j").code == "JOIN_STUCK"
    assert "x_j" in r.failure("j").message


@pytest.mark.parametrize("order", ["abcd", "dcba", "cadb"])
def test_nested_splits_join_in_any_order(order: str) -> None:
    r = started(
        start(), gateway("f", "g", "h", "i", "j", "l"), user("a", "b", "c", "d", "k"), end(),
        flows("s > f", "f > g", "f > h", "g > a > i", "g > b > i", "h > c > j", "h > d > j", "i > l", "j > l",
              "l > k > e"),
    )  # fmt: skip
    for task in order:
        assert "k" not in r.tasks
        r.complete(task)
    assert r.tasks == ["k"]


# Event-based

RACE = (
    gateway("g", kind="eventBased")
    + catch("t", timer("PT1H"))
    + catch("m", message())
    + catch("n", signal())
    + catch("c", conditional("n > 5"))
    + catch("r", message("N") + signal("T"))
    + flows("g > t", "g > m", "g > n", "g > c", "g > r")
)


@pytest.mark.parametrize("event", ["t", "m", "n", "c", "r"])
def test_the_first_event_decides_and_the_others_are_not_waited_for(event: str) -> None:
    r = started(start(), RACE, user("a"), flows("s > g", *(f"{id} > a" for id in "tmncr")), n=0)
    assert (len(r.open.timers), len(r.open.messages), len(r.open.signals)) == (1, 2, 2)
    match event:
        case "t":
            r.fire("t")
        case "n":
            r.signal("S")
        case "c":
            write(r, n=6)
        case _:
            r.deliver(event, got=event)
            assert r.variables()["got"] == event
    assert r.tasks == ["a"]
    assert (r.open.timers, r.open.messages, r.open.signals) == ({}, {}, {})
    assert r.path() == ["s", "g", event]
    write(r, n=7)
    assert r.tasks == ["a"]


def test_a_condition_that_is_true_already_decides_at_once() -> None:
    r = started(start(), RACE, user("a"), flows("s > g", *(f"{id} > a" for id in "tmncr")), n=9)
    assert (r.tasks, r.open.timers, r.open.messages) == (["a"], {}, {})


def test_in_a_loop_each_round_waits_anew() -> None:
    r = started(
        start(), gateway("in", kind="exclusive"), gateway("g", kind="eventBased"), catch("t", timer()),
        catch("m", message()), user("x"), end(),
        flows("s > in > g", "g > t > x > in", "g > m > e"),
    )  # fmt: skip
    seen = set()
    for _ in range(4):
        (wait,) = r.open.messages
        assert wait not in seen
        seen.add(wait)
        r.fire("t")
        assert r.open.messages == {}
        r.complete("x")
    r.deliver("m")
    assert r.ended == "completed"


def test_two_tokens_before_the_gateway_wait_each_for_itself() -> None:
    r = started(
        start(), gateway("g", kind="eventBased"), catch("t", timer()), catch("m", message()), user("a", "b"),
        '<task id="x" completionQuantity="2"/>', flows("s > x > g", "g > t > a", "g > m > b"),
    )  # fmt: skip
    assert len(r.open.timers) == len(r.open.messages) == 2
    r.deliver("m")
    assert (r.tasks, len(r.open.timers), len(r.open.messages)) == (["b"], 1, 1)
    r.fire("t")
    assert (r.tasks, r.open.timers, r.open.messages) == (["b", "a"], {}, {})


def test_one_signal_decides_the_gateways_of_all_branches() -> None:
    def branch(name: str) -> str:
        return (
            gateway(f"g{name}", kind="eventBased")
            + catch(f"n{name}", signal())
            + catch(f"t{name}", timer())
            + user(f"a{name}")
            + flows(f"g{name} > n{name} > a{name}", f"g{name} > t{name} > a{name}")
        )

    inside = sub("x", start("is"), branch("2"), flows("is > g2"))
    r = started(start(), branch("1"), inside, flows("s > g1", "s > x"))
    r.signal("S")
    assert (sorted(r.tasks), r.open.timers) == (["a1", "a2"], {})


def test_a_parallel_multiple_event_behind_the_gateway_needs_all_its_parts() -> None:
    both = catch("b", message("M") + message("N"), 'parallelMultiple="true"')  # the check refuses it: 10.6.6
    r = started(
        start(), gateway("g", kind="eventBased"), both, catch("t", timer()), user("a", "late"),
        flows("s > g", "g > b > a", "g > t > late"), anyway=True,
    )  # fmt: skip
    r.deliver("b")
    assert (r.tasks, len(r.open.timers), len(r.open.messages)) == ([], 1, 1)
    r.deliver("b")
    assert (r.tasks, r.open.timers) == (["a"], {})


def test_receive_tasks_may_stand_behind_the_gateway_instead_of_message_events() -> None:
    receive = "".join(f'<receiveTask id="r{name}" messageRef="message_{name}"/>' for name in "MN")
    r = started(
        start(), gateway("g", kind="eventBased"), receive, user("a", "b"), flows("s > g", "g > rM > a", "g > rN > b")
    )  # fmt: skip
    r.deliver("rN", n=1)
    assert (r.tasks, r.open.messages, r.variables()) == (["b"], {}, {"n": 1})
