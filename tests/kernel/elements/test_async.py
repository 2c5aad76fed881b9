"""``asyncBefore`` and ``asyncAfter``: a step, or what follows it, in a transaction of its own."""

from __future__ import annotations

import pytest

from engine.kernel import NotWaiting
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.driver import START, Deployed, Run, of
from tests.kernel.elements.parts import (
    boundary,
    call,
    catch,
    end,
    flows,
    gateway,
    handler,
    items,
    link,
    message,
    process,
    rounds,
    script,
    service,
    signal,
    start,
    started,
    sub,
    throw,
    timer,
    user,
    within,
)

BEFORE, AFTER = 'camunda:asyncBefore="true"', 'camunda:asyncAfter="true"'


def marked(element: str, attribute: str) -> str:
    """The outermost element with one more attribute."""
    tag = element[1:].split(" ", 1)[0]
    return f"<{tag} {attribute}{element[len(tag) + 1 :]}"


def due(r: Run) -> list[tuple[str, bool]]:
    """Elements whose timers are set, and whether they are due now."""
    return [(one.element, one.due == r.now) for one in r.open.timers.values()]


INSIDE = start("is") + user("i") + end("ie") + flows("is > i > ie")
THINGS = {
    "task": "<task id='x'/>",
    "user": user("x"),
    "service": service("x"),
    "script": script("x", "n", "1"),
    "receive": '<receiveTask id="x" messageRef="message_M"/>',
    "sub": sub("x", INSIDE),
    "call": call("x"),
    "adhoc": '<adHocSubProcess id="x"><userTask id="i"/></adHocSubProcess>',
    "exclusive": gateway("x", kind="exclusive"),
    "parallel": gateway("x"),
    "inclusive": gateway("x", kind="inclusive"),
    "event": gateway("x", kind="eventBased"),
    "throw": throw("x", signal()),
    "none": throw("x", ""),
    "catch": catch("x", message()),
    "items": within(user("x"), items(2)),
    "loop": within(user("x"), rounds(2)),
}


def run_through(r: Run) -> None:
    """Does whatever is open until the instance ends, except what continues by itself."""
    for _ in range(9):
        if r.tasks and "k" not in r.tasks:
            r.complete(r.tasks[0])
        elif r.open.services:
            r.done("x")
        elif r.open.messages:
            r.deliver(next(iter(r.open.messages.values())).element)


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("attribute", [BEFORE, AFTER])
def test_each_element_continues_once(thing: str, attribute: str) -> None:
    rest = flows("x > k")
    if thing == "event":
        rest = catch("m", message()) + catch("t", message("N")) + flows("x > m > k", "x > t > k")
        if attribute == AFTER:
            return  # the event behind it decides; there is nothing after the gateway
    r = started(
        start(), marked(THINGS[thing], attribute), user("k"), end(), flows("s > x", "k > e"), rest,
        called=process(INSIDE, id="q"), anyway=True,
    )  # fmt: skip
    if attribute == BEFORE:
        assert (r.tasks, due(r)) == ([], [("x", True)])
        assert not r.open.services
        assert not r.open.messages
        (view,) = r.state.tokens()
        assert view.waits_for == "event"
        r.fire("x")
    run_through(r)
    if attribute == AFTER:
        assert ("k" in r.tasks, due(r)) == (False, [("x", True)])
        r.fire("x")
    assert (r.tasks, r.open.timers) == (["k"], {})
    r.complete("k")
    assert r.ended == "completed"
    entered = [one for one in r.log if isinstance(one, e.StepEntered) and one.element == "x" and one.scope == "1"]
    assert len(entered) == 1, "waiting for the transaction is no other step"


def test_both_and_start_and_end_events() -> None:
    r = started(
        marked(marked(start(), BEFORE), AFTER), marked(marked(user("x"), BEFORE), AFTER), marked(end(), BEFORE),
        flows("s > x > e"),
    )  # fmt: skip
    for element in ("s", "s", "x"):
        assert due(r) == [(element, True)]
        r.fire(element)
    r.complete("x")
    r.fire("x")
    assert r.ended is None
    r.fire("e")
    assert r.ended == "completed"


def test_the_flowable_spelling() -> None:
    assert due(started(start(), user("x"), flows("s > x"))) == []
    r = started(start(), marked(user("x"), 'flowable:async="true"'), flows("s > x"))
    assert due(r) == [("x", True)]


def test_a_continuation_happens_once() -> None:
    r = started(start(), marked(user("x"), BEFORE), flows("s > x"))
    wait = r.timer("x").wait
    r.fire("x")
    with pytest.raises(NotWaiting):
        r.send(s.FireTimer(wait))


def test_what_waits_before_a_step_has_not_armed_its_boundary_events() -> None:
    r = started(
        start(), marked(user("x"), BEFORE), boundary("b", "x", timer()), user("late"), flows("s > x", "b > late")
    )
    assert due(r) == [("x", True)]
    r.fire("x")
    assert due(r) == [("b", False)]
    assert r.timer("b").due > START


def test_what_waits_after_a_step_has_cleared_its_boundary_events() -> None:
    r = started(
        start(), marked(user("x"), AFTER), boundary("b", "x", timer()), user("late"), flows("s > x", "b > late")
    )
    r.complete("x")
    assert due(r) == [("x", True)]


@pytest.mark.parametrize("attribute", [BEFORE, AFTER])
def test_what_waits_can_be_ended_from_outside(attribute: str) -> None:
    inner = sub("o", start("is"), marked("<task id='x'/>", attribute), end("ie"), flows("is > x > ie"))
    r = started(start(), inner, boundary("b", "o", message()), user("late"), flows("s > o", "b > late"))
    r.deliver("b")
    assert (r.tasks, r.open.timers) == (["late"], {})


def test_an_instance_that_is_cancelled_continues_nothing() -> None:
    r = started(start(), marked(user("x"), BEFORE), flows("s > x"))
    r.send(s.Cancel())
    assert (r.ended, r.open.timers) == ("cancelled", {})


@pytest.mark.parametrize("interrupting", [True, False])
def test_after_a_boundary_event(interrupting: bool) -> None:
    timed = marked(boundary("b", "x", timer(), interrupting=interrupting), AFTER)
    r = started(start(), user("x", "late"), timed, flows("s > x", "b > late"), anyway=True)
    r.fire("b")
    assert (r.tasks, due(r)) == ([] if interrupting else ["x"], [("b", True)])
    r.fire("b")
    assert (r.tasks, r.open.timers) == (["late"] if interrupting else ["x", "late"], {})


def test_in_an_event_subprocess() -> None:
    inside = handler("h", marked(start("hs", signal(), interrupting=False), AFTER), user("i"), end("he"),
                     flows("hs > i > he"))  # fmt: skip
    r = started(start(), user("x"), inside, flows("s > x"), anyway=True)
    r.signal("S")
    assert (r.tasks, due(r)) == (["x"], [("hs", True)])
    r.fire("hs")
    assert r.tasks == ["x", "i"]
    assert len(r.open.signals) == 1


def test_event_subprocesses_wait_while_the_start_event_does() -> None:
    inside = handler("h", start("hs", signal(), interrupting=False), user("i"), flows("hs > i"))
    r = started(marked(start(), BEFORE), user("x"), inside, flows("s > x"))
    assert len(r.open.signals) == 1
    r.signal("S")
    r.fire("s")
    assert r.tasks == ["i", "x"]


@pytest.mark.parametrize(("throwing", "catching"), [(AFTER, ""), ("", BEFORE), ("", AFTER)])
def test_around_a_link(throwing: str, catching: str) -> None:
    r = started(
        start(), user("a", "k"), marked(throw("go", link("L")), throwing), marked(catch("come", link("L")), catching),
        flows("s > a > go", "come > k"),
    )  # fmt: skip
    r.complete("a")
    assert due(r) == [("go" if throwing else "come", True)]
    r.fire("go" if throwing else "come")
    assert (r.tasks, r.open.timers) == (["k"], {})


def test_a_join_waits_for_what_waits_upstream() -> None:
    r = started(
        start(), user("a", "k"), marked("<task id='x'/>", AFTER), marked(gateway("j", kind="inclusive"), BEFORE),
        flows("s > a > j", "s > x > j", "j > k"),
    )  # fmt: skip
    r.complete("a")
    assert due(r) == [("x", True)]
    r.fire("x")
    assert due(r) == [("j", True)]
    r.fire("j")
    assert r.tasks == ["k"]


def test_the_last_token_of_a_scope_may_wait() -> None:
    inner = sub("o", start("is"), marked("<task id='x'/>", AFTER), flows("is > x"))
    r = started(start(), inner, user("k"), flows("s > o > k"))
    assert r.tasks == []
    r.fire("x")
    assert r.tasks == ["k"]


def test_no_other_effect_comes_with_the_wait() -> None:
    r = started(start(), marked(service("x"), BEFORE), flows("s > x"))
    assert of(e.ServiceRequested, r.log) == []
    effects = r.fire("x")
    assert len(of(e.TimerCleared, effects)) == len(of(e.ServiceRequested, effects)) == 1


def test_before_a_start_event_of_which_one_part_has_happened() -> None:
    both = marked(start("s", message("M") + message("N"), attributes='parallelMultiple="true"'), BEFORE)
    deployed = Deployed()
    ref = deployed.deploy(process(both, user("x"), flows("s > x")))
    r = Run(deployed)
    r.send(s.Start(ref, event="s", part=1))
    assert (due(r), r.open.messages) == ([("s", True)], {})
    r.fire("s")
    assert [one.name for one in r.open.messages.values()] == ["M"]
    r.deliver("s")
    assert r.tasks == ["x"]
