"""Events with several definitions: any of them, or all of them; definitions kept at the root; events without any."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from engine.kernel.starting import triggers
from engine.kernel.stimuli import Start
from tests.kernel.bpmn import model
from tests.kernel.driver import Deployed, Run, of, run
from tests.kernel.elements.parts import (
    ROOTS,
    boundary,
    catch,
    conditional,
    end,
    error,
    escalate,
    escalation,
    flows,
    gateway,
    handled,
    message,
    process,
    signal,
    start,
    started,
    sub,
    throw,
    timer,
    took,
    user,
    write,
)
from tests.kernel.elements.surroundings import play

ANY = message() + signal() + timer() + conditional("v = 1")
ALL = 'parallelMultiple="true"'
HAPPENS = ("message", "signal", "timer", "condition")


def happens(r: Run, what: str, id: str) -> None:
    match what:
        case "message":
            r.deliver(id, told=1)
        case "signal":
            r.signal("S", told=2)
        case "timer":
            r.fire(id)
        case _:
            write(r, v=1)


def nothing_waits(r: Run) -> bool:
    return not (r.open.messages or r.open.signals or r.open.timers)


@pytest.mark.parametrize("what", HAPPENS)
def test_any_one_of_several_is_enough(what: str) -> None:
    r = started(start(), catch("c", ANY), user("y"), flows("s > c > y"))
    happens(r, what, "c")
    assert (r.tasks, nothing_waits(r)) == (["y"], True)
    r = started(start(), user("x"), boundary("b", "x", ANY), user("y"), flows("s > x", "b > y"))
    happens(r, what, "b")
    assert (r.tasks, nothing_waits(r)) == (["y"], True)
    r = started(start(), user("x"), flows("s > x"), handled("h", ANY))
    happens(r, what, "h_s")
    assert (r.tasks, nothing_waits(r)) == (["h_t"], True)


def test_one_that_does_not_interrupt_happens_with_each() -> None:
    for activity in (user("x"), sub("x", start("is"), user("w"), flows("is > w"))):
        event = boundary("b", "x", ANY, interrupting=False)
        r = started(start(), activity, event, user("y"), flows("s > x", "b > y"))
        for what in ("message", "timer", "signal", "condition", "message", "signal"):
            happens(r, what, "b")
        assert r.tasks[1:] == ["y"] * 6
        assert r.open.timers == {}, "a timer that is no cycle happens once"


def test_errors_and_escalations_may_be_among_several() -> None:
    event = error("E") + error("F") + escalation("X") + message()
    for what in ("E", "F", "X", "M"):
        r = started(start(), user("x"), boundary("b", "x", event), user("y"), flows("s > x", "b > y"))
        if what == "X":
            escalate(r, "x", "X")
        elif what == "M":
            r.deliver("b")
        else:
            r.error("x", what)
        assert (r.tasks, nothing_waits(r)) == (["y"], True), what


ORDERS = [("message", "signal", "timer", "condition"), ("condition", "timer", "signal", "message")]


@pytest.mark.parametrize("order", ORDERS, ids=["forwards", "backwards"])
@pytest.mark.parametrize("place", ["catch", "boundary", "event subprocess"])
def test_all_of_a_parallel_multiple_event_must_happen(place: str, order: tuple[str, ...]) -> None:
    match place:
        case "catch":
            id, body = "c", catch("c", ANY, ALL) + user("y") + flows("s > c > y")
        case "boundary":
            id, body = "b", user("x") + boundary("b", "x", ANY, attributes=ALL) + user("y") + flows("s > x", "b > y")
        case _:
            id, body = "y_s", user("x") + flows("s > x") + handled("y", ANY, attributes=ALL)
    r = started(start(), body)
    for what in order:
        assert "y" not in [task[0] for task in r.tasks]
        happens(r, what, id)
        if what == "signal":
            r.signal("S")
        if what == "condition":
            write(r, v=0)
    assert ([task[0] for task in r.tasks], nothing_waits(r)) == (["y"], True)
    assert r.variables()["told"] in (1, 2)


def test_it_is_forgotten_with_the_activity_and_begins_anew() -> None:
    event = boundary("b", "x", message() + signal(), attributes=ALL)
    r = started(start(), gateway("m", kind="exclusive"), user("x"), event, user("y"),
                gateway("d", kind="exclusive", attributes='default="d_m"'), end(),
                flows("s > m > x > d > m", "d > [k = 1] e", "b > y"), k=0)  # fmt: skip
    r.signal("S")
    r.complete("x")
    r.deliver("b")
    assert r.tasks == ["x"], "the signal was heard in another round"
    r.signal("S")
    assert r.tasks == ["y"]


@pytest.mark.parametrize("place", ["boundary", "event subprocess"])
def test_one_that_does_not_interrupt_may_happen_again_when_all_have_happened_again(place: str) -> None:
    event = message() + signal()
    if place == "boundary":
        id = "b"
        body = boundary("b", "x", event, interrupting=False, attributes=ALL) + user("y") + flows("b > y")
    else:
        id, body = "y_s", handled("y", event, interrupting=False, attributes=ALL)
    r = started(start(), user("x"), flows("s > x"), body)
    for round in (1, 2, 3):
        r.signal("S")
        r.signal("S")
        assert len(r.tasks) == round
        r.deliver(id)
        assert len(r.tasks) == 1 + round
    r.complete("x")
    for _ in range(3):
        r.complete(r.tasks[0])
    assert r.ended == "completed"


@pytest.mark.parametrize("place", ["boundary", "event subprocess"])
def test_one_that_cannot_be_armed_again_is_an_incident(place: str) -> None:
    event = message() + timer("=due")
    if place == "boundary":
        id = "b"
        body = boundary("b", "x", event, interrupting=False, attributes=ALL) + user("y") + flows("b > y")
    else:
        id, body = "y_s", handled("y", event, interrupting=False, attributes=ALL)
    r = started(start(), user("x"), flows("s > x"), body, due="PT1H")
    r.fire(id)
    r.deliver(id, due="some day")
    (failure,) = of(e.StepFailed, r.last)
    assert isinstance(failure, e.StepFailed)
    assert failure.code == "TIMER_INVALID"
    assert r.tasks[0] == "x"
    r.retry(failure.element)
    assert (len(r.tasks), nothing_waits(r)) == (2, True)


def test_several_throws_happen_in_the_order_of_the_file() -> None:
    several = message() + signal() + escalation("X") + message("N")
    for thrower in (throw("t", several) + flows("s > t"), end("t", several) + flows("s > t")):
        r = started(start(), thrower)
        effects = (e.MessageThrown, e.SignalThrown, e.EscalationRaised)
        thrown = [type(one).__name__ for one in r.log if isinstance(one, effects)]
        assert thrown == ["MessageThrown", "SignalThrown", "EscalationRaised", "MessageThrown"]
        assert r.ended == "completed"


def test_what_interrupts_the_thrower_leaves_the_rest_unthrown() -> None:
    for event in (escalation("X"), signal()):
        several = message() + event + message("N")
        inside = sub("x", start("is"), throw("t", several), end("ie"), flows("is > t > ie"))
        r = started(start(), inside, boundary("b", "x", event), user("y"), flows("s > x", "b > y"))
        assert [one.name for one in r.log if isinstance(one, e.MessageThrown)] == ["M"]
        assert (r.tasks, took(r, "t")) == (["y"], [])


def test_a_process_starts_with_any_of_several_events() -> None:
    deployed = Deployed()
    ref = deployed.deploy(process(start("s", message() + signal()), user("x"), flows("s > x")))
    assert [(one.node.id, one.part) for one in triggers(deployed.get(ref))] == [("s", 0), ("s", 1)]
    for part in (0, 1):
        r = Run(deployed)
        r.send(_start(ref, part))
        assert (r.tasks, nothing_waits(r)) == (["x"], True)


@pytest.mark.parametrize("part", [0, 1])
def test_a_process_starts_with_all_of_several_events(part: int) -> None:
    deployed = Deployed()
    ref = deployed.deploy(process(start("s", message() + signal(), attributes=ALL), user("x"), flows("s > x")))
    r = Run(deployed)
    r.send(_start(ref, part))
    assert r.tasks == []
    happens(r, HAPPENS[1 - part], "s")
    assert (r.tasks, nothing_waits(r)) == (["x"], True)


def test_definitions_may_be_kept_at_the_root() -> None:
    root = (
        '<signalEventDefinition id="ds" signalRef="signal_S"/><messageEventDefinition id="dm" messageRef="message_M"/>'
        '<errorEventDefinition id="de" errorRef="error_E"/><timerEventDefinition id="dt"><timeDuration>PT1H'
        '</timeDuration></timerEventDefinition><escalationEventDefinition id="dx" escalationRef="escalation_X"/>'
        '<terminateEventDefinition id="dx2"/>'
    )  # fmt: skip

    def ref(*ids: str) -> str:
        return "".join(f"<eventDefinitionRef>{id}</eventDefinitionRef>" for id in ids)

    body = (
        start() + sub("x", start("is"), throw("it", ref("dx", "dm")), user("w"), flows("is > it > w"))
        + boundary("b1", "x", ref("dt")) + boundary("b2", "x", ref("de")) + boundary("b3", "x", ref("ds"))
        + boundary("b4", "x", ref("dx"), interrupting=False) + user("y", "z") + end("te", ref("dx2"))
        + flows("s > x", "b1 > y", "b2 > y", "b3 > y", "b4 > z > te")
    )  # fmt: skip
    for action in ("fire b1", "error w E", "signal S"):
        r = run(model(body, root=ROOTS + root))
        assert [one.name for one in r.log if isinstance(one, e.MessageThrown)] == ["M"]
        assert sorted(r.tasks) == ["w", "z"]
        play(r, [action])
        assert sorted(r.tasks) == ["y", "z"]
        r.complete("z")
        assert r.ended == "terminated"


def test_an_event_gateway_with_events_of_several_definitions() -> None:
    body = (
        start() + gateway("g", kind="eventBased") + catch("c1", message() + signal())
        + catch("c2", timer() + conditional("v = 1")) + user("y1", "y2") + flows("s > g > c1 > y1", "g > c2 > y2")
    )  # fmt: skip
    for what, at, task in (("message", "c1", "y1"), ("signal", "c1", "y1"), ("timer", "c2", "y2"), ("", "c2", "y2")):
        r = started(body)
        happens(r, what, at)
        assert (r.tasks, nothing_waits(r)) == ([task], True)


def _start(ref: str, part: int) -> Start:
    return Start(ref, {}, event="s", part=part)
