"""Complex gateways: activation, start and reset, what goes out in each phase (BPMN 2.0.2, 10.6.5 and 13.4.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.driver import Run
from tests.kernel.elements.parts import end, flows, gateway, start, started, sub, took, user


def join(condition: str, attributes: str = "") -> str:
    escaped = condition.replace("<", "&lt;")
    return f'<complexGateway id="g" {attributes}><activationCondition>{escaped}</activationCondition></complexGateway>'


def three(condition: str, *more: str, automatic: bool = False, **variables: Any) -> Run:
    """Tasks ``a``, ``b``, ``c`` side by side, which lead to the gateway ``g``; ``k`` follows unless ``more`` says."""
    tasks = "".join(f'<task id="{id}"/>' for id in "abc") if automatic else user("a", "b", "c")
    rest = more or (user("k"), flows("g > k"))
    return started(start(), tasks, join(condition), flows("s > a > g", "s > b > g", "s > c > g"), *rest, **variables)


def test_it_goes_on_with_enough_tokens_and_takes_the_rest_in_silence() -> None:
    r = three("activationCount >= 2")
    r.complete("b")
    assert r.tasks == ["a", "c"]
    r.complete("a")
    assert r.tasks == ["c", "k"]
    r.complete("k")
    assert r.ended is None
    r.complete("c")
    assert r.store.scopes == {}
    assert took(r, "k") == ["k"]


@pytest.mark.parametrize("condition", ["activationCount = 2", "activationCount >= 2", "a_g + b_g = 2"])
def test_the_condition_is_asked_with_each_token_that_comes(condition: str) -> None:
    """Also when all of them come in one step."""
    assert three(condition, automatic=True).tasks == ["k"]


def test_the_condition_may_ask_for_certain_flows() -> None:
    r = three("a_g > 0 and (b_g > 0 or c_g > 0)")
    r.complete("b")
    r.complete("c")
    assert r.tasks == ["a"]
    r.complete("a")
    assert r.tasks == ["k"]
    r.complete("k")
    assert r.ended == "completed"


def test_the_condition_may_read_variables() -> None:
    r = three("activationCount >= quorum", quorum=3)
    r.complete("a")
    r.complete("b", quorum=2)
    assert r.tasks == ["c", "k"]


def test_a_condition_that_fails_is_an_incident_that_can_be_retried() -> None:
    r = three("activationCount >= quorum")
    r.complete("a")
    assert r.failure("g").code == "UNKNOWN_VARIABLE"
    r.retry("g", quorum=1)
    assert r.tasks == ["b", "c", "k"]


def test_a_condition_that_never_becomes_true_is_an_incident() -> None:
    r = three("activationCount > 3")
    for task in ("a", "b", "c"):
        r.complete(task)
    assert r.failure("g").code == "JOIN_STUCK"
    assert r.ended is None


OUT = user("first", "late", "always") + flows(
    "g > always", "g > [waitingForStart] first", "g > [not(waitingForStart)] late"
)


def test_each_phase_has_its_own_flows() -> None:
    r = three("activationCount >= 1", OUT)
    r.complete("c")
    assert r.tasks == ["a", "b", "always", "first"]
    r.complete("a")
    assert "late" not in r.tasks, "the reset waits for b"
    r.complete("b")
    assert r.tasks == ["always", "first", "late"]
    for task in ("always", "first", "late"):
        r.complete(task)
    assert r.ended == "completed"


def test_the_reset_happens_also_when_all_flows_came_at_the_start() -> None:
    r = three("activationCount >= 3", OUT)
    for task in ("a", "b", "c"):
        r.complete(task)
    assert sorted(r.tasks) == ["always", "first", "late"]


def test_a_default_flow_at_the_start_only() -> None:
    rest = '<userTask id="d"/>' + user("k") + flows("g > [n > 9] k", "g > d")
    body = (start(), user("a", "b"), join("activationCount >= 1", 'default="g_d"'), flows("s > a > g", "s > b > g"))
    r = started(*body, rest, n=1)
    r.complete("a")
    assert r.tasks == ["b", "d"]
    r.complete("b")
    assert r.tasks == ["d"], "no flow needs to be taken in the reset"
    r.complete("d")
    assert r.ended == "completed"


def test_no_flow_at_the_start_is_an_incident() -> None:
    r = three("activationCount >= 1", user("k", "m"), flows("g > [n > 9] k", "g > [n > 99] m"), n=1)
    r.complete("a")
    assert r.failure("g").code == "NO_FLOW"
    r.retry("g", n=10)
    assert r.tasks == ["b", "c", "k"]


def test_an_excess_token_of_a_flow_waits_for_the_next_start() -> None:
    r = started(
        start(), '<task id="a" completionQuantity="2"/>', user("b", "k"), join("activationCount >= 1"),
        flows("s > a > g", "s > b > g", "g > k"),
    )  # fmt: skip
    assert r.tasks == ["b", "k"], "one of the two tokens started it, the other is not of this round"
    r.complete("b")
    assert r.tasks == ["k", "k"], "b belongs to the first round; the excess token is a round of its own"
    r.complete("k")
    r.complete("k")
    assert r.ended == "completed"


def test_a_token_that_can_never_come_does_not_hold_up_the_reset() -> None:
    r = started(
        start(), user("a", "b", "c"), '<exclusiveGateway id="x" default="x_e"/>', join("activationCount >= 1"), end(),
        OUT, flows("s > a > g", "s > b > x > [back] g", "x > e", "s > c"), back=False,
    )  # fmt: skip
    r.complete("a")
    assert r.tasks == ["b", "c", "always", "first"]
    r.complete("b")
    assert r.tasks == ["c", "always", "first", "late"]


def test_in_a_loop_each_round_starts_anew() -> None:
    r = started(
        start(), gateway("in", kind="exclusive"), gateway("f"), user("a", "b", "k"), join("activationCount >= 1"),
        '<exclusiveGateway id="out" default="out_e"/>', end(),
        flows("s > in > f", "f > a > g", "f > b > g", "g > k > out > [n < 3] in", "out > e"), n=0,
    )  # fmt: skip
    for n, (first, second) in enumerate((("a", "b"), ("b", "a"), ("a", "b")), 1):
        r.complete(first)
        assert sorted(r.tasks) == sorted([second, "k"])
        r.complete(second)
        assert r.tasks == ["k"]
        r.complete("k", n=n)
    assert r.ended == "completed"


def test_a_token_of_the_next_round_is_waited_for_by_the_reset() -> None:
    """``k`` loops back before the slow branch has come: its token comes by the empty flow too."""
    r = started(
        start(), gateway("in", kind="exclusive"), gateway("f"), user("a", "b", "k"), join("activationCount >= 1"),
        '<exclusiveGateway id="out" default="out_e"/>', end(),
        flows("s > in > f", "f > a > g", "f > b > g", "g > k > out > [again] in", "out > e"),
    )  # fmt: skip
    r.complete("a")
    r.complete("k", again=True)
    assert sorted(r.tasks) == ["a", "b", "b"]
    r.complete("b")
    assert sorted(r.tasks) == ["a", "b"], "the first round is reset with it"
    r.complete("b")
    assert sorted(r.tasks) == ["a", "k"]
    r.complete("a")
    r.complete("k", again=False)
    assert r.ended == "completed"


def test_a_gateway_that_only_splits_takes_what_is_true_or_the_default() -> None:
    split = '<complexGateway id="g" default="g_d"/>'
    body = (start(), split, user("a", "b", "d"), flows("s > g", "g > [n > 0] a", "g > [n > 1] b", "g > d"))
    assert started(*body, n=2).tasks == ["a", "b"]
    assert started(*body, n=0).tasks == ["d"]


def test_the_condition_counts_also_with_one_incoming_flow() -> None:
    three_tokens = '<task id="x" completionQuantity="3"/>'
    r = started(start(), three_tokens, join("activationCount >= 2"), user("k"), flows("s > x > g > k"))
    assert r.tasks == ["k", "k"], "each start takes one token of the flow"
    r.complete("k")
    r.complete("k")
    assert r.failure("g").code == "JOIN_STUCK"
    r = started(start(), join("true", 'default="g_b"'), user("a", "b"), flows("s > g", "g > [true] a", "g > b"))
    assert r.tasks == ["a"], "there is no reset"


def test_a_subprocess_waits_for_the_reset() -> None:
    inside = (
        start("is"), gateway("f"), user("a", "b", "late"), join("activationCount >= 1"),
        flows("is > f", "f > a > g", "f > b > g", "g > [waitingForStart] ie", "g > [not(waitingForStart)] late > ie"),
        end("ie"),
    )  # fmt: skip
    r = started(start(), sub("x", *inside), user("k"), flows("s > x > k"))
    r.complete("b")
    r.complete("a")
    assert r.tasks == ["late"]
    r.complete("late")
    assert r.tasks == ["k"]


def test_the_reset_comes_also_after_the_last_other_token_has_ended() -> None:
    r = three(
        "activationCount >= 3", user("late"), end(), flows("g > [waitingForStart] e", "g > [not(waitingForStart)] late")
    )
    for task in ("c", "b", "a"):
        r.complete(task)
    assert r.tasks == ["late"]


@pytest.mark.parametrize("attribute", ["asyncBefore", "asyncAfter"])
def test_a_transaction_around_each_phase(attribute: str) -> None:
    r = started(
        start(), user("a", "b"), join("activationCount >= 1", f'camunda:{attribute}="true"'), OUT,
        flows("s > a > g", "s > b > g"),
    )  # fmt: skip
    r.complete("a")
    r.complete("b")
    assert r.tasks == []
    r.fire("g")
    assert r.tasks == ["always", "first"]
    r.fire("g")
    assert r.tasks == ["always", "first", "late"]
