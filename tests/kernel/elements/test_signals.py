"""Signals: one that is thrown reaches everything that listens, wherever it is (BPMN 2.0.2, 10.5.1 and 13.5)."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from tests.kernel.bpmn import extended, model
from tests.kernel.driver import Run, of, run
from tests.kernel.elements.parts import (
    TERMINATE,
    boundary,
    call,
    catch,
    end,
    flows,
    gateway,
    handled,
    handler,
    items,
    message,
    process,
    script,
    signal,
    start,
    started,
    sub,
    throw,
    timer,
    took,
    user,
    within,
)


def thrown(r: Run) -> list[tuple[str, str]]:
    """Element and name of the signals that left the instance."""
    return [(one.element, one.name) for one in r.log if isinstance(one, e.SignalThrown)]


def waiting_inside(id: str) -> str:
    return sub(id, start(f"{id}_s"), catch(f"{id}_c", signal()), end(f"{id}_e"), flows(f"{id}_s > {id}_c > {id}_e"))


def test_a_signal_reaches_everything_that_listens_once() -> None:
    called = process(start("qs"), catch("qc", signal()), user("qt"), flows("qs > qc > qt"), id="q")
    r = started(
        start(), gateway("f"), user("x"), throw("t", signal()),
        catch("top", signal()), user("top_t"),
        waiting_inside("inside"),
        within(waiting_inside("item"), items(3)),
        call("called"),
        gateway("g", kind="eventBased"), catch("g1", signal()), catch("g2", message()),
        user("held"), boundary("b", "held", signal()), user("b_t"),
        user("kept"), boundary("n", "kept", signal(), interrupting=False), user("n_t"),
        handled("h", signal(), interrupting=False),
        flows("s > f > x > t", "f > top > top_t", "f > inside", "f > item", "f > called", "f > g > g1", "g > g2",
              "f > held", "f > kept", "b > b_t", "n > n_t"),
        called=called,
    )  # fmt: skip
    assert len(r.open.signals) == 10
    r.complete("x")
    assert thrown(r) == [("t", "S")]
    assert sorted(r.tasks) == ["b_t", "h_t", "kept", "n_t", "qt", "top_t"]
    assert sorted(took(r, "top", "inside", "item", "g1", "g2", "b", "n")) == [
        *("b", "g1", "inside", *["item"] * 4, "n", "top"),
    ]
    assert sorted(one.element for one in r.open.signals.values()) == ["h_s", "n"], "what may happen again"
    r.signal("S")
    assert sorted(r.tasks) == ["b_t", "h_t", "h_t", "kept", "n_t", "n_t", "qt", "top_t"]


def test_a_catch_that_is_armed_in_the_same_step_hears_the_signal() -> None:
    long_way = "".join(script(f"c{n}", "k", str(n)) for n in range(9))
    r = started(
        start(), gateway("f"), throw("t", signal()), long_way, catch("c", signal()), end(),
        flows("s > f > t", "f > c0 > c1 > c2 > c3 > c4 > c5 > c6 > c7 > c8 > c > e"),
    )  # fmt: skip
    assert (r.ended, took(r, "t", "c")) == ("completed", ["c", "t"])


def test_a_signal_is_not_remembered() -> None:
    r = started(start(), throw("t", signal()), catch("c", signal()), end(), flows("s > t > c > e"))
    assert r.ended is None
    r.signal("T")
    assert r.ended is None, "it is another signal"
    r.signal("S")
    assert r.ended == "completed"


def test_a_signal_that_nothing_listens_to_changes_nothing() -> None:
    r = started(start(), user("x"), flows("s > x"))
    before = dict(r.store.scopes)
    assert r.signal("S", k=1) == ()
    assert r.store.scopes == before


def test_what_the_signal_carries_reaches_listeners_and_the_world() -> None:
    carried = extended(
        '<camunda:inputOutput><camunda:inputParameter name="m">=k + 1</camunda:inputParameter></camunda:inputOutput>'
    )
    r = started(
        start(), gateway("f"), throw("t", carried + signal()), catch("c", signal()), flows("s > f > t", "f > c"), k=1
    )
    (effect,) = of(e.SignalThrown, r.last)
    assert isinstance(effect, e.SignalThrown)
    assert effect.payload == {"m": 2}
    assert (r.ended, r.variables()) == ("completed", {"k": 1, "m": 2})
    r = started(start(), user("x"), boundary("b", "x", signal()), end(), flows("s > x > e", "b > e"))
    r.signal("S", grade="A")
    assert r.variables() == {"grade": "A"}


INTERRUPTED_BY_ITSELF = {
    "boundary event around it": start() + end() + user("h_t") + end("h_e")
    + sub("x", start("is"), gateway("f"), user("other"), throw("t", signal()), end("ie"),
          flows("is > f > other", "f > t > ie"))
    + boundary("h_s", "x", signal()) + flows("s > x > e", "h_s > h_t > h_e"),
    "event subprocess of its scope": start() + gateway("f") + user("other") + throw("t", signal()) + end("ie")
    + flows("s > f > other", "f > t > ie") + handled("h", signal()),
    "event subprocess of a scope further out": start() + end()
    + sub("x", start("is"), gateway("f"), user("other"), throw("t", signal()), end("ie"),
          flows("is > f > other", "f > t > ie"))
    + flows("s > x > e") + handled("h", signal()),
    "end event": start() + gateway("f") + user("other") + end("t", signal()) + flows("s > f > other", "f > t")
    + handled("h", signal()),
}  # fmt: skip


@pytest.mark.parametrize("name", INTERRUPTED_BY_ITSELF)
def test_a_thrower_may_be_interrupted_by_its_own_signal(name: str) -> None:
    r = started(INTERRUPTED_BY_ITSELF[name])
    assert thrown(r) == [("t", "S")]
    assert r.tasks == ["h_t"]
    assert took(r, "t", "ie", "e", "other") == []
    r.complete("h_t")
    assert r.ended == "completed"
    assert took(r, "t", "ie", "other") == []


def test_the_signal_of_an_interrupted_thrower_still_reaches_the_others() -> None:
    inside = sub("x", start("is"), throw("t", signal()), user("other"), flows("is > t > other"))
    r = started(
        start(), gateway("f"), catch("c", signal()), user("c_t"), inside, boundary("b", "x", signal()), user("b_t"),
        flows("s > f > x", "f > c > c_t", "b > b_t"),
    )  # fmt: skip
    assert sorted(r.tasks) == ["b_t", "c_t"]


def test_a_non_interrupting_event_subprocess_hears_every_signal_and_the_thrower_goes_on() -> None:
    r = started(
        start(), throw("t1", signal()), user("x"), throw("t2", signal()), end("e", signal()),
        flows("s > t1 > x > t2 > e"), handled("h", signal(), interrupting=False),
    )  # fmt: skip
    assert sorted(r.tasks) == ["h_t", "x"]
    r.complete("x")
    assert r.tasks == ["h_t"] * 3
    assert took(r, "t1", "x", "t2", "e") == ["t1", "x", "t2", "e"]
    for _ in range(3):
        assert r.ended is None
        r.complete("h_t")
    assert r.ended == "completed"


def test_the_signal_of_an_end_event_is_heard_before_the_scope_ends() -> None:
    inside = sub("x", start("is"), end("ie", signal()), flows("is > ie"))
    r = started(
        start(), inside, boundary("b", "x", signal(), interrupting=False), user("y"), end(), flows("s > x > e", "b > y")
    )
    assert took(r, "x", "b") == ["b", "x"]
    assert r.tasks == ["y"]


def test_signals_that_answer_each_other() -> None:
    r = started(
        start(), gateway("f", "j"), throw("a", signal("S")), catch("b", signal("T")), throw("c", signal("S")),
        catch("k", signal("S")), throw("m", signal("T")), catch("n", signal("S")), end(),
        flows("s > f > a > b > c > j > e", "f > k > m > n > j"),
    )  # fmt: skip
    assert r.ended == "completed"
    assert thrown(r) == [("a", "S"), ("m", "T"), ("c", "S")]


def test_several_signals_of_one_event_are_thrown_in_order() -> None:
    r = started(
        start(), gateway("f"), throw("t", signal("S") + signal("T")), catch("c1", signal("S")),
        catch("c2", signal("T")), flows("s > f > t", "f > c1 > c2"),
    )  # fmt: skip
    assert thrown(r) == [("t", "S"), ("t", "T")]
    assert (r.ended, took(r, "t")) == ("completed", ["t"])


def test_an_interrupted_item_throws_no_more() -> None:
    inside = within(sub("x", start("is"), throw("t", signal()), end("ie"), flows("is > t > ie")), items(3))
    flow = flows("s > x > e", "b > y")
    r = started(start(), end(), inside, boundary("b", "x", signal()), user("y"), flow)
    assert (thrown(r), r.tasks) == ([("t", "S")], ["y"])
    r = started(start(), end(), inside, boundary("b", "x", signal(), interrupting=False), user("y"), flow)
    assert (thrown(r), r.tasks) == ([("t", "S")] * 3, ["y"] * 3)


def test_a_signal_from_a_called_instance_interrupts_the_call() -> None:
    called = process(
        start("qs"), gateway("qf"), user("qt"), throw("t", signal()), flows("qs > qf > qt", "qf > t"), id="q"
    )
    r = started(
        start(), call("x"), boundary("b", "x", signal()), user("y"), end(), flows("s > x > e", "b > y"), called=called
    )
    assert r.tasks == ["y"]
    assert [one.outcome for one in r.log if isinstance(one, e.CallEnded)] == ["cancelled"]


def test_a_signal_that_is_on_its_way_when_everything_is_terminated_is_not_thrown() -> None:
    r = started(
        start(), gateway("f"), throw("t", signal()), end("e", TERMINATE), flows("s > f > t", "f > e"),
    )  # fmt: skip
    assert (r.ended, thrown(r)) == ("terminated", [])


def test_the_name_of_a_signal_may_depend_on_variables() -> None:
    definition = '<signalEventDefinition signalRef="sig"/>'
    body = start() + catch("c", definition) + end() + flows("s > c > e")
    r = run(model(body, root='<signal id="sig" name="=&quot;rated-&quot; + grade"/>'), {"grade": "A"})
    r.signal("rated-B")
    assert r.ended is None
    r.signal("rated-A")
    assert r.ended == "completed"


def test_signals_and_an_event_gateway_in_a_loop_leave_nothing_behind() -> None:
    r = started(
        start(), gateway("m", kind="exclusive"), gateway("g", kind="eventBased"), catch("c1", signal("S")),
        catch("c2", signal("T")), catch("c3", timer()), end(),
        flows("s > m > g > c1 > m", "g > c2 > e", "g > c3 > m"),
        handled("h", signal("S"), script("h_x", "k", "1"), interrupting=False),
    )  # fmt: skip
    r.signal("S")
    size, scopes = r.store.size, len(r.store.scopes)
    for _ in range(40):
        r.signal("S")
        r.fire("c3")
    assert (r.store.size - size < 40, len(r.store.scopes)) == (True, scopes)
    r.signal("T")
    assert r.ended == "completed"
    assert len(took(r, "h")) == 41


def test_an_event_subprocess_that_throws_what_it_listens_to_hears_itself_once_it_listens() -> None:
    # An interrupting one listens no more when it throws; the scope around it does.
    inside = sub(
        "x", start("is"), user("t"), flows("is > t"),
        handler("h", start("h_s", signal()), throw("again", signal()), end("h_e"), flows("h_s > again > h_e")),
    )  # fmt: skip
    r = started(
        start(), inside, boundary("b", "x", signal("T")), user("y"), end(), flows("s > x > e", "b > y"),
        handled("outer", signal(), interrupting=False),
    )  # fmt: skip
    r.signal("S")
    assert took(r, "again", "h", "x") == ["again", "h", "x"]
    assert r.tasks == ["outer_t", "outer_t"]
