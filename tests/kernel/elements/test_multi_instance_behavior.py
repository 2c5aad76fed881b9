"""What multi-instance activities throw as their items end (BPMN 2.0.2, 10.3.8, tables 10.29 to 10.31)."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import flow, model
from tests.kernel.driver import Run, of, run
from tests.kernel.elements.parts import (
    ROOTS,
    boundary,
    call,
    catch,
    end,
    escalation,
    flows,
    handled,
    message,
    process,
    signal,
    start,
    sub,
    took,
    user,
    within,
)

DEFINITIONS = (
    '<signalEventDefinition id="sig" signalRef="signal_S"/><messageEventDefinition id="mes" messageRef="message_M"/>'
    '<escalationEventDefinition id="esc" escalationRef="escalation_X"/>'
)


def behavior(
    kind: str, reference: str = "", *, count: str = "3", sequential: bool = False, complex: str = "", done: str = ""
) -> str:
    ref = f'{kind.lower()}BehaviorEventRef="{reference}"' if reference else ""
    completion = f"<completionCondition>{done}</completionCondition>" if done else ""
    return (
        f'<multiInstanceLoopCharacteristics behavior="{kind}" isSequential="{str(sequential).lower()}" {ref}>'
        f"<loopCardinality>{count}</loopCardinality>{complex}{completion}</multiInstanceLoopCharacteristics>"
    )


def when(condition: str, event: str) -> str:
    return (
        f"<complexBehaviorDefinition><condition>{condition.replace('<', '&lt;')}</condition>"
        f'<event id="event_{len(condition)}">{event}</event></complexBehaviorDefinition>'
    )


def items(characteristics: str, *more: str, activity: str = "", called: bytes | None = None) -> Run:
    """The multi-instance activity ``x`` (a user task) and what belongs to it."""
    body = (start(), within(activity or user("x"), characteristics), end(), flows("s > x > e"), *more)
    others = () if called is None else (called,)
    return run(model("".join(body), root=ROOTS + DEFINITIONS), None, *others)


def heard(event: str, *, interrupting: bool = True) -> str:
    """A boundary event ``b`` on ``x``, behind it the user task ``seen``."""
    return boundary("b", "x", event, interrupting=interrupting) + user("seen") + end("o") + flows("b > seen > o")


def first(r: Run, element: str = "x") -> None:
    r.send(s.CompleteTask(next(one.token for one in r.open.tasks.values() if one.element == element)))


@pytest.mark.parametrize(("kind", "times"), [("None", 3), ("One", 1), ("All", 0)])
@pytest.mark.parametrize("sequential", [False, True])
def test_when_a_default_signal_is_thrown(kind: str, times: int, sequential: bool) -> None:
    r = items(behavior(kind, sequential=sequential), heard(signal()))
    for _ in range(3):
        first(r)
    assert (r.tasks, len(took(r, "b"))) == (["seen"] * times, times)
    assert of(e.SignalThrown, r.log) == [], "the default signal is for the activity's own boundary events"
    for _ in range(times):
        first(r, "seen")
    assert r.ended == "completed"


@pytest.mark.parametrize("interrupting", [False, True])
def test_the_boundary_event_never_ends_the_items(interrupting: bool) -> None:
    r = items(behavior("None"), heard(signal(), interrupting=interrupting))
    first(r)
    assert sorted(r.tasks) == ["seen", "x", "x"]
    assert len(r.open.signals) == 1, "it still listens"


@pytest.mark.parametrize("kind", ["None", "One"])
def test_a_signal_by_reference_goes_everywhere(kind: str) -> None:
    listening = catch("n", signal("S")) + flows("s > n > heard > o2") + user("heard") + end("o2")
    r = items(behavior(kind, "sig"), heard(signal("S")), listening)
    first(r)
    assert sorted(r.tasks) == ["heard", "seen", "x", "x"]
    assert [one.name for one in of(e.SignalThrown, r.log) if isinstance(one, e.SignalThrown)] == ["S"]
    first(r)
    assert r.tasks.count("seen") == (2 if kind == "None" else 1)


def test_another_signal_is_not_caught() -> None:
    r = items(behavior("None", "sig"), heard(signal("T")))
    first(r)
    assert r.tasks == ["x", "x"]


def test_a_message_goes_out_and_to_the_activity_itself() -> None:
    r = items(behavior("One", "mes"), heard(message("M")))
    first(r)
    assert sorted(r.tasks) == ["seen", "x", "x"]
    assert [one.name for one in of(e.MessageThrown, r.log) if isinstance(one, e.MessageThrown)] == ["M"]


def test_an_escalation_goes_to_the_boundary_event() -> None:
    r = items(behavior("None", "esc"), heard(escalation("X")))
    first(r)
    assert sorted(r.tasks) == ["seen", "x", "x"]


def test_an_escalation_that_no_boundary_event_catches_propagates() -> None:
    inside = sub(
        "o", start("is"), within(user("x"), behavior("One", "esc")), end("ie"), flows("is > x > ie")
    )  # fmt: skip
    body = start() + inside + boundary("b", "o", escalation("X")) + user("late") + flows("s > o", "b > late")
    r = run(model(body, root=ROOTS + DEFINITIONS))
    first(r)
    assert r.tasks == ["late"], "an interrupting event further out ends all of it"
    assert list(r.store.scopes) == ["1"]


def test_an_escalation_goes_to_an_event_subprocess() -> None:
    r = items(behavior("None", "esc"), handled("h", escalation("X"), interrupting=False))
    first(r)
    first(r)
    assert sorted(r.tasks) == ["h_t", "h_t", "x"]


COMPLEX = when("nrOfCompletedInstances = 2", signal("S")) + when("nrOfActiveInstances = 0", escalation("X"))


@pytest.mark.parametrize("sequential", [False, True])
def test_complex_behavior_asks_its_conditions_with_each_item(sequential: bool) -> None:
    both = (
        boundary("b", "x", signal("S")) + boundary("c", "x", escalation("X")) + user("two", "last")
        + flows("b > two", "c > last")
    )  # fmt: skip
    r = items(behavior("Complex", complex=COMPLEX, sequential=sequential), both)
    first(r)
    assert ("two" in r.tasks, "last" in r.tasks) == (False, sequential)
    first(r)
    assert r.tasks.count("two") == 1
    first(r)
    assert r.tasks.count("two") == 1
    assert "last" in r.tasks


def test_a_complex_condition_that_fails_is_an_incident_of_the_item() -> None:
    r = items(behavior("Complex", complex=when("loopCounter > missing", signal("S"))), heard(signal("S")))
    first(r)
    assert (r.tasks, r.failure("x").code) == (["x", "x"], "UNKNOWN_VARIABLE")
    r.retry("x", missing=-1)
    assert sorted(r.tasks) == ["seen", "x", "x"]


def test_the_item_that_ends_the_activity_throws_too() -> None:
    r = items(behavior("None", done="nrOfCompletedInstances = 2"), heard(signal()))
    first(r)
    first(r)
    assert r.tasks == ["seen", "seen"]


@pytest.mark.parametrize("activity", ["subprocess", "call"])
def test_on_subprocesses_and_calls(activity: str) -> None:
    inside = start("is") + user("i") + end("ie") + flows("is > i > ie")
    made = sub("x", inside) if activity == "subprocess" else call("x")
    r = items(behavior("None"), heard(signal()), activity=made, called=process(inside, id="q"))
    for count in (1, 2, 3):
        first(r, "i")
        assert r.tasks.count("seen") == count
    assert "i" not in r.tasks


def test_in_a_loop_the_first_item_of_each_round_throws() -> None:
    back = '<exclusiveGateway id="g" default="g_e"/>' + flows("x > g > [again] in", "g > e")
    body = start() + '<exclusiveGateway id="in"/>' + within(user("x"), behavior("One", count="2")) + end()
    body += boundary("b", "x", signal()) + user("seen") + flows("b > seen", "s > in > x") + back
    r = run(model(body, root=ROOTS + DEFINITIONS), {"again": True})
    for _ in range(3):
        first(r)
        first(r)
    assert r.tasks.count("seen") == 3


def test_boundary_event_of_the_same_signal_as_an_item_throws_inside() -> None:
    """An item that itself throws the signal is caught as any other signal is: by the rules of the boundary event."""
    inside = start("is") + user("i") + f'<endEvent id="ie">{signal("S")}</endEvent>' + flow("is", "i") + flow("i", "ie")
    r = items(behavior("All"), heard(signal("S")), activity=sub("x", inside))
    first(r, "i")
    assert r.tasks == ["seen"], "it interrupts"


def test_the_default_signal_carries_the_counters() -> None:
    data = (
        "<extensionElements><camunda:inputOutput>"
        '<camunda:outputParameter name="count">=nrOfCompletedInstances</camunda:outputParameter>'
        "</camunda:inputOutput></extensionElements>"
    )
    r = items(behavior("None"), heard(data + signal()))
    first(r)
    assert r.variables() == {"count": 1}
    first(r)
    assert r.variables() == {"count": 2}
    r = items(behavior("None"), heard(signal()))
    first(r)
    assert r.variables() == {}
