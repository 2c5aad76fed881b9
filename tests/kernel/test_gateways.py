"""Exclusive, parallel and event-based gateways; conditional and default flows of activities; merges."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from tests.kernel.bpmn import flow, model
from tests.kernel.driver import of, run

EXCLUSIVE = (
    '<startEvent id="s"/><exclusiveGateway id="g" default="g_c"/>'
    '<userTask id="a"/><userTask id="b"/><userTask id="c"/>'
    + flow("s", "g")
    + flow("g", "c")
    + flow("g", "a", "amount &gt; 100")
    + flow("g", "b", "amount &gt; 10")
)


@pytest.mark.parametrize(("amount", "task"), [(500, "a"), (50, "b"), (5, "c")])
def test_an_exclusive_gateway_takes_the_first_true_flow_else_the_default(amount: int, task: str) -> None:
    assert run(model(EXCLUSIVE), {"amount": amount}).tasks == [task]


def test_an_undefined_variable_becomes_an_incident_that_can_be_retried() -> None:
    r = run(model(EXCLUSIVE), {})
    assert r.tasks == []
    failure = r.failure("g")
    assert failure.code == "UNKNOWN_VARIABLE"
    assert "amount" in failure.message
    assert "g_a" in failure.message
    r.retry("g")
    assert r.failure("g").code == "UNKNOWN_VARIABLE"
    r.retry("g", amount=50)
    assert r.tasks == ["b"]
    assert r.open.failed == {}
    assert r.variables() == {"amount": 50}
    assert r.path() == ["s", "g"]


@pytest.mark.parametrize("value", [None, "many"])
def test_a_condition_that_is_neither_true_nor_false_fails(value: object) -> None:
    r = run(model(EXCLUSIVE), {"amount": value})
    assert r.failure("g").code == "CONDITION_NOT_BOOLEAN"


def test_no_true_flow_and_no_default_fails() -> None:
    body = EXCLUSIVE.replace(' default="g_c"', "").replace(
        flow("g", "c").replace("<seq", "<seq"), flow("g", "c", "amount &gt; 1000")
    )
    r = run(model(body), {"amount": 1})
    assert r.failure("g").code == "NO_FLOW"


SPLIT = '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/><userTask id="a"/><userTask id="b"/>'


def test_a_parallel_gateway_opens_in_document_order_and_joins() -> None:
    body = (
        SPLIT
        + '<userTask id="end"/>'
        + flow("s", "f")
        + flow("f", "b")
        + flow("f", "a")
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "end")
    )
    r = run(model(body))
    assert r.tasks == ["b", "a"]
    r.complete("a")
    assert r.tasks == ["b"]
    r.complete("b")
    assert r.tasks == ["end"]
    r.complete("end")
    assert r.ended == "completed"


def test_a_join_counts_tokens_by_flow_and_keeps_an_excess_one() -> None:
    # Two tokens come by the flow m_j (through an uncontrolled merge) and one by b_j: the join fires once.
    body = (
        SPLIT
        + '<task id="m"/><userTask id="c"/><userTask id="after"/>'
        + flow("s", "f")
        + flow("f", "a")
        + flow("f", "c")
        + flow("f", "b")
        + flow("a", "m")
        + flow("c", "m")
        + flow("m", "j")
        + flow("b", "j")
        + flow("j", "after")
    )
    r = run(model(body))
    r.complete("a")
    r.complete("c")
    assert r.tasks == ["b"], "two tokens by one flow do not open the join"
    assert r.open.failed == {}
    r.complete("b")
    assert r.tasks == ["after"]
    r.complete("after")
    assert r.ended is None
    assert r.failure("j").code == "JOIN_STUCK"
    assert "b_j" in r.failure("j").message
    r.retry("j")
    assert r.failure("j").code == "JOIN_STUCK"


def test_a_join_works_again_in_the_next_round() -> None:
    body = (
        SPLIT
        + '<exclusiveGateway id="again" default="again_e"/><exclusiveGateway id="in"/><endEvent id="e"/>'
        + flow("s", "in")
        + flow("in", "f")
        + flow("f", "a")
        + flow("f", "b")
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "again")
        + flow("again", "in", "n &lt; 3")
        + flow("again", "e")
    )
    r = run(model(body))
    for n in (1, 2, 3):
        r.complete("a", n=n)
        r.complete("b")
    assert r.ended == "completed"
    assert [step for step in r.path() if step == "j"] == ["j"] * 3


def test_an_activity_splits_by_conditional_flows_beside_an_unconditional_one() -> None:
    body = (
        '<startEvent id="s"/><task id="t" default="t_d"/>'
        '<userTask id="always"/><userTask id="c"/><userTask id="d"/>'
        + flow("s", "t")
        + flow("t", "always")
        + flow("t", "c", "x")
        + flow("t", "d")
    )
    assert run(model(body), {"x": True}).tasks == ["always", "c"]
    # The default is taken when no conditional flow is true, even beside an unconditional one.
    assert run(model(body), {"x": False}).tasks == ["always", "d"]


def test_an_uncontrolled_merge_passes_every_token() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><task id="a"/><task id="b"/><userTask id="m"/><endEvent id="e"/>'
        + flow("s", "f")
        + flow("f", "a")
        + flow("f", "b")
        + flow("a", "m")
        + flow("b", "m")
        + flow("m", "e")
    )
    r = run(model(body))
    assert r.tasks == ["m", "m"]
    r.complete("m")
    assert r.ended is None
    r.complete("m")
    assert r.ended == "completed"


EVENTS = (
    '<startEvent id="s"/><eventBasedGateway id="g"/><userTask id="a"/><userTask id="b"/>'
    '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    '</intermediateCatchEvent><intermediateCatchEvent id="m"><messageEventDefinition messageRef="rating"/>'
    "</intermediateCatchEvent>" + flow("s", "g") + flow("g", "t") + flow("g", "m") + flow("t", "a") + flow("m", "b")
)
RATING = '<message id="rating" name="RATING"/>'


def test_an_event_based_gateway_follows_the_first_event_and_drops_the_others() -> None:
    r = run(model(EVENTS, root=RATING))
    assert list(r.open.timers) == ["1:4"]
    assert list(r.open.messages) == ["1:5"]
    effects = r.deliver("m", grade="AA")
    assert r.tasks == ["b"]
    assert r.open.timers == {}
    assert r.open.messages == {}
    assert r.variables() == {"grade": "AA"}
    assert [one.flow for one in of(e.FlowTaken, effects) if isinstance(one, e.FlowTaken)] == ["g_m", "m_b"]

    r = run(model(EVENTS, root=RATING))
    r.fire("t")
    assert r.tasks == ["a"]
    assert r.open.messages == {}
