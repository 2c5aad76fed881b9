"""Inclusive gateways: which flows leave one, and when a join goes on (BPMN 2.0.2, 10.6.3 and 13.4.3)."""

from __future__ import annotations

import pytest

from tests.kernel.driver import Run
from tests.kernel.elements.parts import (
    boundary,
    catch,
    end,
    error,
    flows,
    gateway,
    handled,
    link,
    rounds,
    signal,
    start,
    started,
    sub,
    throw,
    timer,
    user,
    within,
)


def inclusive(*ids: str, attributes: str = "") -> str:
    return gateway(*ids, kind="inclusive", attributes=attributes)


SPLIT = (start(), '<inclusiveGateway id="f" default="f_d"/>', user("a", "b", "d", "k"), inclusive("j"), end(),
         flows("s > f", "f > [n > 0] a", "f > [n > 1] b", "f > d", "a > j", "b > j", "d > j", "j > k > e"))  # fmt: skip

# The split


@pytest.mark.parametrize(("n", "tasks"), [(0, ["d"]), (1, ["a"]), (2, ["a", "b"])])
def test_every_true_flow_and_else_the_default(n: int, tasks: list[str]) -> None:
    r = started(*SPLIT, n=n)
    assert r.tasks == tasks
    for task in tasks:
        assert "k" not in r.tasks
        r.complete(task)
    assert r.tasks == ["k"], "the join waits for what was split, and for nothing else"
    r.complete("k")
    assert r.ended == "completed"


def test_no_true_flow_and_no_default_is_an_incident() -> None:
    r = started(start(), inclusive("f"), user("a", "b"), flows("s > f", "f > [n > 0] a", "f > [n > 1] b"), n=0)
    assert (r.tasks, r.failure("f").code) == ([], "NO_FLOW")
    r.retry("f", n=2)
    assert r.tasks == ["a", "b"]


def test_a_condition_that_cannot_be_evaluated_is_an_incident() -> None:
    r = started(start(), inclusive("f"), user("a", "b"), flows("s > f", "f > [n > 0] a", "f > [m > 1] b"), n=1)
    assert (r.tasks, r.failure("f").code) == ([], "UNKNOWN_VARIABLE")


# The join


def test_one_token_by_flow_is_consumed_and_excess_ones_wait_for_the_next_round() -> None:
    r = started(
        start(), '<task id="x" completionQuantity="2"/>', user("b", "k"), inclusive("j"),
        flows("s > x > j", "s > b > j", "j > k"),
    )  # fmt: skip
    assert r.tasks == ["b"], "b is on its way to a flow that has no token"
    r.complete("b")
    assert r.tasks == ["k", "k"], "the second token of x_j goes on alone: nothing more can come"
    r.complete("k")
    r.complete("k")
    assert r.ended == "completed"


def test_a_token_that_can_no_longer_come_is_not_waited_for() -> None:
    r = started(
        start(), user("a", "b", "c", "k"), inclusive("j"), end(), end("e2"),
        '<exclusiveGateway id="x" default="x_e2"/>',
        flows("s > a > j", "s > b > x > [back] j", "x > e2", "j > k > e"), user("c2"), flows("s > c > c2"),
        back=False,
    )  # fmt: skip
    r.complete("a")
    assert "k" not in r.tasks
    r.complete("b")
    assert r.tasks == ["c", "k"], "c leads elsewhere, and b has gone another way"


def test_nested_splits_and_joins() -> None:
    r = started(
        start(), inclusive("f", "g", "i", "j"), user("a", "b", "c", "k"), end(),
        flows("s > f", "f > [true] a", "f > [true] g", "g > [true] b", "g > [true] c", "b > i", "c > i", "i > j",
              "a > j", "j > k > e"),
    )  # fmt: skip
    r.complete("a")
    r.complete("b")
    assert r.tasks == ["c"]
    r.complete("c")
    assert r.tasks == ["k"]


def test_a_token_before_a_flow_that_has_one_already_is_not_waited_for() -> None:
    """``x`` may come to the empty flow, but also to one that has a token: the rule lets the join go on."""
    r = started(
        start(), user("a", "x", "k"), inclusive("j"), '<exclusiveGateway id="g" default="g_j"/>', "<task id='m'/>",
        flows("s > a > m > j", "s > x > g > [up] m", "g > j", "j > k"), up=False,
    )  # fmt: skip
    r.complete("a")
    assert r.tasks == ["x", "k"]
    r.complete("x")
    assert r.tasks == ["k", "k"]


# Loops


def test_a_loop_around_split_and_join() -> None:
    r = started(
        start(), gateway("in", kind="exclusive"), '<inclusiveGateway id="f" default="f_c"/>', user("a", "b", "c", "k"),
        inclusive("j"), '<exclusiveGateway id="out" default="out_e"/>', end(),
        flows("s > in > f", "f > [n > 0] a", "f > [n > 1] b", "f > c", "a > j", "b > j", "c > j", "j > k > out",
              "out > [n < 9] in", "out > e"), n=2,
    )  # fmt: skip
    for tasks, n in ((["a", "b"], 1), (["a"], 0), (["c"], 2), (["b", "a"], 9)):
        assert sorted(r.tasks) == sorted(tasks)
        for task in tasks:
            r.complete(task)
        assert r.tasks == ["k"]
        r.complete("k", n=n)
    assert r.ended == "completed"


def test_a_loop_inside_one_branch_is_waited_for() -> None:
    r = started(
        start(), inclusive("f", "j"), user("a", "b", "k"), gateway("in", kind="exclusive"), end(),
        '<exclusiveGateway id="out" default="out_j"/>',
        flows("s > f", "f > [true] a", "f > [true] in", "in > b > out", "out > [again] in", "out > j", "a > j",
              "j > k > e"), again=True,
    )  # fmt: skip
    r.complete("a")
    for again in (True, True, False):
        assert r.tasks == ["b"]
        r.complete("b", again=again)
    assert r.tasks == ["k"]


def test_a_join_at_the_head_of_a_loop_does_not_wait_for_its_own_way_back() -> None:
    """The way back leads through the join itself: only from outside can a token come to the empty flow."""
    r = started(
        start(), inclusive("j"), user("k"), '<exclusiveGateway id="g" default="g_e"/>', end(),
        flows("s > j > k > g > [again] j", "g > e"),
    )  # fmt: skip
    for again in (True, True, False):
        assert r.tasks == ["k"]
        r.complete("k", again=again)
    assert r.ended == "completed"


def test_two_joins_in_each_others_reach_wait_for_each_other() -> None:
    """By the rule neither may go on: each sees a token on its way to its empty flow. That is an incident."""
    both = (
        start(), user("a", "b", "k", "m"), inclusive("i", "j"), inclusive("o", "q"),
        flows("s > a > i", "s > b > j", "i > o", "o > [true] k", "o > [true] j", "j > q", "q > [true] m",
              "q > [true] i"),
    )  # fmt: skip
    r = started(*both)
    r.complete("a")
    assert r.tasks == ["b"]
    r.complete("b")
    assert r.tasks == []
    assert [one.code for one in r.open.failed.values()] == ["JOIN_STUCK"]
    assert r.ended is None


def test_of_two_joins_in_a_row_the_first_goes_first() -> None:
    r = started(
        start(), user("a", "b", "k"), inclusive("i", "j"),
        flows("s > a > i", "s > b > j", "s > i", "i > j", "j > k"),
    )  # fmt: skip
    r.complete("b")
    assert r.tasks == ["a"]
    r.complete("a")
    assert r.tasks == ["k"]


# What else is upstream


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_event_upstream(interrupting: bool) -> None:
    r = started(
        start(), user("a", "x", "k"), inclusive("j"), boundary("b", "x", timer(), interrupting=interrupting), end("o"),
        flows("s > a > j", "s > x > o", "b > j", "j > k"),
    )  # fmt: skip
    r.complete("a")
    assert r.tasks == ["x"], "the boundary event may still bring a token"
    r.fire("b")
    assert r.tasks == (["k"] if interrupting else ["x", "k"])


def test_a_boundary_event_that_did_not_happen() -> None:
    r = started(
        start(), user("a", "x", "k"), inclusive("j"), boundary("b", "x", error("E")), end("o"),
        flows("s > a > j", "s > x > o", "b > j", "j > k"),
    )  # fmt: skip
    r.complete("a")
    r.complete("x")
    assert r.tasks == ["k"]


def test_a_link_upstream() -> None:
    r = started(
        start(), user("a", "x", "k"), inclusive("j"), throw("go", link("L")), catch("come", link("L")),
        flows("s > a > j", "s > x > go", "come > j", "j > k"),
    )  # fmt: skip
    r.complete("a")
    assert r.tasks == ["x"]
    r.complete("x")
    assert r.tasks == ["k"]


def test_tokens_inside_a_subprocess_upstream() -> None:
    inside = sub("x", start("is"), user("i", "l"), end("ie"), flows("is > i > l > ie"))
    r = started(start(), user("a", "k"), inside, inclusive("j"), flows("s > a > j", "s > x > j", "j > k"))
    r.complete("a")
    r.complete("i")
    assert r.tasks == ["l"]
    r.complete("l")
    assert r.tasks == ["k"]


def test_the_join_of_a_subprocess_looks_only_at_its_own_tokens() -> None:
    split = '<inclusiveGateway id="f" default="f_d"/>'
    inside = sub("x", start("is"), split, user("i", "d", "k"), inclusive("j"),
                 flows("is > f", "f > [true] i", "f > d", "i > j", "d > j", "j > k"))  # fmt: skip
    r = started(start(), user("a"), within(inside, rounds(2)), flows("s > a", "s > x"))
    for _ in range(2):
        r.complete("i")
        assert r.tasks == ["a", "k"]
        r.complete("k")
    r.complete("a")
    assert r.ended == "completed"


def test_an_event_subprocess_beside_a_join_is_not_upstream() -> None:
    r = started(
        start(), user("a", "x", "k"), inclusive("j"), handled("h", signal(), interrupting=False), end("o"),
        '<exclusiveGateway id="g" default="g_o"/>', flows("s > a > j", "s > x > g > [back] j", "g > o", "j > k"),
        back=False,
    )  # fmt: skip
    r.complete("a")
    r.signal("S")
    assert r.tasks == ["x", "h_t"]
    r.complete("x")
    assert r.tasks == ["h_t", "k"]


def test_a_failed_token_upstream_is_still_expected() -> None:
    job = '<serviceTask id="x" camunda:type="external" camunda:topic="x"/>'
    r = started(start(), user("a", "k"), job, inclusive("j"), flows("s > a > j", "s > x > [ok] j", "j > k"))
    r.done("x")
    r.complete("a")
    assert (r.tasks, r.failure("x").code) == ([], "UNKNOWN_VARIABLE")
    r.retry("x", ok=True)
    assert r.tasks == ["k"]


def test_an_interrupting_event_that_takes_a_token_away_lets_the_join_go_on() -> None:
    r: Run = started(
        start(), user("a", "x", "k", "late"), inclusive("j"), boundary("b", "x", timer()), end("o"),
        flows("s > a > j", "s > x > j", "b > late > o", "j > k"),
    )  # fmt: skip
    r.complete("a")
    r.fire("b")
    assert r.tasks == ["late", "k"]
