"""Escalations: like errors on their way, but the thrower goes on unless it is interrupted (BPMN 2.0.2, 10.5.5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.kernel import effects as e
from tests.kernel.bpmn import extended
from tests.kernel.driver import Deployed, Run
from tests.kernel.elements.parts import (
    boundary,
    call,
    catch,
    end,
    error,
    escalate,
    escalation,
    flows,
    gateway,
    handled,
    handler,
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
    throw,
    timer,
    took,
    user,
    within,
)

TELLS = start("is") + throw("it", escalation("X")) + user("w") + end("ie") + flows("is > it > w > ie")
MAPPED = extended(
    '<camunda:inputOutput><camunda:inputParameter name="own">=1</camunda:inputParameter></camunda:inputOutput>'
)
WRAPPED: dict[str, tuple[Callable[[str], str], int]] = {
    "subprocess": (lambda body: sub("x", body), 1),
    "two subprocesses": (lambda body: sub("x", start("ys"), sub("y", body), end("ye"), flows("ys > y > ye")), 1),
    "items": (lambda body: within(sub("x", body), items(3)), 3),
    "items in sequence": (lambda body: within(sub("x", body), items(3, sequential=True)), 1),
    "rounds": (lambda body: within(sub("x", body), rounds(3)), 1),
    "mapped inputs": (lambda body: within(sub("x", body), MAPPED), 1),
    "items with mapped inputs": (lambda body: within(sub("x", body), MAPPED + items(2)), 2),
}
"""A subprocess ``x`` around a body, and how often that is begun at once."""


def outside(*body: str, called: bytes | None = None) -> Run:
    return started(start(), end(), flows("s > x > e"), *body, called=called)


def caught(id: str, code: str = "", variable: str = "", *, interrupting: bool = True) -> str:
    """A boundary event on ``x`` with a task behind it."""
    event = boundary(id, "x", escalation(code, variable), interrupting=interrupting)
    return event + user(f"{id}_t") + flows(f"{id} > {id}_t")


def raised(r: Run) -> list[tuple[str, str, str | None]]:
    """Thrower, code and catcher of the escalations so far."""
    return [(one.element, one.code, one.caught_by) for one in r.log if isinstance(one, e.EscalationRaised)]


@pytest.mark.parametrize("name", WRAPPED)
def test_a_non_interrupting_boundary_event_lets_the_activity_go_on(name: str) -> None:
    wrap, at_once = WRAPPED[name]
    r = outside(wrap(TELLS), caught("b", "X", "what", interrupting=False))
    assert sorted(r.tasks) == ["b_t"] * at_once + ["w"] * at_once
    assert r.variables() == {"what": "X"}
    while "w" in r.tasks:
        r.complete("w")
    assert took(r, "x")[-1] == "x"
    assert len(took(r, "b")) == len(took(r, "it")) == len(took(r, "w"))
    while r.tasks:
        r.complete("b_t")
    assert r.ended == "completed"


@pytest.mark.parametrize("name", WRAPPED)
def test_an_interrupting_one_ends_the_activity_at_once(name: str) -> None:
    wrap, _ = WRAPPED[name]
    r = outside(wrap(TELLS), caught("b", "X"))
    assert r.tasks == ["b_t"]
    assert took(r, "it", "w", "x", "e") == []
    assert raised(r) == [("it", "X", "b")], "what was interrupted escalates no more"


@pytest.mark.parametrize("name", WRAPPED)
def test_an_event_subprocess_of_the_process_hears_it(name: str) -> None:
    wrap, at_once = WRAPPED[name]
    r = outside(wrap(TELLS), handled("h", escalation(), interrupting=False))
    assert sorted(r.tasks) == ["h_t"] * at_once + ["w"] * at_once
    r = outside(wrap(TELLS), handled("h", escalation("X")))
    assert r.tasks == ["h_t"]
    r.complete("h_t")
    assert (r.ended, took(r, "e", "x")) == ("completed", [])


@pytest.mark.parametrize("name", WRAPPED)
def test_one_that_nothing_catches_is_over(name: str) -> None:
    wrap, at_once = WRAPPED[name]
    r = outside(wrap(TELLS), caught("b", "Y"), handled("h", escalation("Y")))
    assert r.tasks == ["w"] * at_once
    assert raised(r) == [("it", "X", None)] * at_once
    while r.tasks:
        r.complete("w")
    assert r.ended == "completed"


ORDER: dict[str, tuple[str, str]] = {
    "its code before any": (caught("any") + caught("b", "X"), "b"),
    "any when its code is not there": (caught("any") + caught("b", "Y"), "any"),
    "the boundary before the event subprocess around": (caught("any") + handled("h", escalation("X")), "any"),
    "an event subprocess by its code before any": (
        handled("k", escalation()) + handled("h", escalation("X"), interrupting=False), "h_s",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ORDER)
def test_only_the_nearest_catcher_catches(name: str) -> None:
    catchers, event = ORDER[name]
    assert raised(outside(sub("x", TELLS), catchers)) == [("it", "X", event)]


def test_the_event_subprocess_of_the_scope_comes_before_the_boundary_of_the_activity() -> None:
    r = outside(sub("x", TELLS, handled("h", escalation(), interrupting=False)), caught("b", "X"))
    assert sorted(r.tasks) == ["h_t", "w"]
    r.complete("w")
    assert r.ended is None, "the event subprocess keeps the subprocess open"
    r.complete("h_t")
    assert took(r, "x", "e") == ["x", "e"]


def test_an_event_subprocess_does_not_hear_what_is_thrown_in_it() -> None:
    first = start("h_s", escalation("X"), interrupting=False)
    again = handler("h", first, end("h_e", escalation("X")), flows("h_s > h_e"))
    r = outside(sub("x", TELLS, again), caught("b", "X", interrupting=False))
    assert sorted(r.tasks) == ["b_t", "w"]
    assert raised(r) == [("it", "X", "h_s"), ("h_e", "X", "b")]


def test_an_event_subprocess_hears_what_is_thrown_in_another_one_beside_it() -> None:
    other = handler("k", start("k_s", message(), interrupting=False), end("k_e", escalation("X")), flows("k_s > k_e"))
    r = started(start(), user("w"), flows("s > w"), other, handled("h", escalation("X"), interrupting=False))
    r.deliver("k_s")
    r.deliver("k_s")
    assert r.tasks == ["w", "h_t", "h_t"]


CALLED = process(TELLS, id="q")


@pytest.mark.parametrize("inside", ["", items(2), items(2, sequential=True), rounds(2)])
def test_an_escalation_leaves_a_called_instance_that_goes_on(inside: str) -> None:
    r = outside(call("x", inside=inside), caught("b", "X", interrupting=False), called=CALLED)
    while "w" in r.tasks:
        r.complete("w")
    while r.tasks:
        r.complete("b_t")
    assert r.ended == "completed"
    assert len(took(r, "b_t")) == len(took(r, "w")) > 0
    assert {one.outcome for one in r.log if isinstance(one, e.CallEnded)} == {"completed"}
    r = outside(call("x", inside=inside), caught("b", "X"), called=CALLED)
    assert (r.tasks, r.open.calls) == (["b_t"], {})


def test_it_passes_through_several_called_instances_to_an_event_subprocess() -> None:
    middle = process(start("ms"), call("mc", "q2"), flows("ms > mc"), id="q")
    deployed = process(TELLS, id="q2")
    models = Deployed(middle, deployed)
    ref = models.deploy(process(start(), call("x"), flows("s > x"), handled("h", escalation("X"), interrupting=False)))
    r = Run(models).start(ref)
    assert sorted(r.tasks) == ["h_t", "w"]


def test_a_person_may_escalate_several_times_and_work_on() -> None:
    r = outside(user("x"), caught("b", "X", interrupting=False), caught("k", "Y"))
    escalate(r, "x", "X", why="late")
    escalate(r, "x", "X")
    assert r.tasks == ["x", "b_t", "b_t"]
    assert r.variables() == {"why": "late"}
    escalate(r, "x", "Z")
    assert raised(r)[-1] == ("x", "Z", None)
    escalate(r, "x", "Y")
    assert r.tasks == ["b_t", "b_t", "k_t"]


def test_a_service_may_escalate_and_is_withdrawn_by_an_interrupting_event() -> None:
    r = outside(service("x"), caught("b", "X", interrupting=False), caught("k", "Y"))
    escalate(r, "x", "X")
    assert list(r.open.services) == [r.service("x").token]
    escalate(r, "x", "Y")
    assert (r.tasks, r.open.services) == (["b_t", "k_t"], {})


def test_an_item_that_a_person_works_on_escalates_to_the_whole_activity() -> None:
    r = outside(within(user("x"), items(3)), caught("b", "X", interrupting=False), caught("k", "Y"))
    escalate(r, "x", "X")
    assert sorted(r.tasks) == ["b_t", "x", "x", "x"]
    escalate(r, "x", "Y")
    assert r.tasks == ["b_t", "k_t"]


def test_the_end_event_of_a_subprocess_escalates_and_the_subprocess_ends() -> None:
    inside = sub("x", start("is"), end("ie", escalation("X")), flows("is > ie"))
    r = outside(inside, caught("b", "X", interrupting=False))
    assert took(r, "ie", "b", "x", "e") == ["ie", "b", "x", "e"]
    assert r.tasks == ["b_t"]
    assert outside(inside, caught("b", "X")).path() == ["s", "is", "b"]


def test_an_escalation_acts_at_once() -> None:
    inside = sub(
        "x", start("is"), gateway("f"), throw("it", escalation("X")), script("c1", "k", "1"), user("w"),
        flows("is > f > it > w", "f > c1"),
    )  # fmt: skip
    r = outside(inside, caught("b", "X"))
    assert (r.tasks, took(r, "c1")) == (["b_t"], [])


def test_what_waits_beside_the_thrower_is_gone_with_an_interrupting_event() -> None:
    inside = sub(
        "x", start("is"), gateway("f"), user("w"), boundary("wb", "w", timer()), catch("c", signal()),
        throw("it", escalation("X")), flows("is > f > w", "f > c > it"), handled("h", message(), interrupting=False),
    )  # fmt: skip
    r = outside(inside, caught("b", "X"))
    r.deliver("h_s")
    r.signal("S")
    assert r.tasks == ["b_t"]
    assert (r.open.timers, r.open.signals, r.open.messages) == ({}, {}, {})


def test_an_escalation_is_no_error() -> None:
    r = outside(sub("x", TELLS), boundary("b", "x", error()), user("b_t"), flows("b > b_t"))
    assert r.tasks == ["w"]


def test_escalating_again_and_again_leaves_nothing_behind() -> None:
    inside = within(sub("x", TELLS), rounds(1))
    r = started(
        start(), gateway("m", kind="exclusive"), inside, boundary("b", "x", escalation(), interrupting=False),
        script("c", "k", "1"), gateway("d", kind="exclusive", attributes='default="d_m"'), end(),
        flows("s > m > x > d > m", "d > [k = 2] e", "b > c"), k=0,
    )  # fmt: skip
    r.complete("w")
    size, scopes = r.store.size, len(r.store.scopes)
    for _ in range(60):
        r.complete("w")
    assert (r.store.size - size < 40, len(r.store.scopes)) == (True, scopes)
    r.complete("w", k=2)
    assert r.ended == "completed"
