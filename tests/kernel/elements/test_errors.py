"""Errors on their way to the nearest catcher (BPMN 2.0.2, 10.5.5, 13.5.3), and the end when there is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.kernel import NotWaiting
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import extended, model
from tests.kernel.driver import Run, of, run
from tests.kernel.elements.parts import (
    boundary,
    call,
    catch,
    end,
    error,
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
    timer,
    took,
    user,
    within,
)

FAILS = start("is") + end("ie", error("E")) + flows("is > ie")
MAPPED = extended(
    '<camunda:inputOutput><camunda:inputParameter name="own">=1</camunda:inputParameter></camunda:inputOutput>'
)
Wrap = Callable[[str], str]
"""A subprocess ``x`` around a body, in some wrapping."""
WRAPPED: dict[str, Wrap] = {
    "subprocess": lambda body: sub("x", body),
    "two subprocesses": lambda body: sub("x", start("ys"), sub("y", body), flows("ys > y")),
    "items": lambda body: within(sub("x", body), items(3)),
    "items in sequence": lambda body: within(sub("x", body), items(3, sequential=True)),
    "rounds": lambda body: within(sub("x", body), rounds(3)),
    "mapped inputs": lambda body: within(sub("x", body), MAPPED),
    "items with mapped inputs": lambda body: within(sub("x", body), MAPPED + items(2)),
    "transaction": lambda body: (
        sub("x", body).replace("subProcess", "transaction", 1)[: -len("</subProcess>")] + "</transaction>"
    ),
    "items in rounds": lambda body: within(
        sub("x", start("ys"), within(sub("y", body), items(2)), flows("ys > y")), rounds(2)
    ),
}


def outside(wrapped: str, *more: str) -> Run:
    return started(start(), end(), wrapped, flows("s > x > e"), *more)


def caught(id: str, code: str = "") -> str:
    """A boundary event on ``x`` with a task behind it."""
    return boundary(id, "x", error(code)) + user(f"{id}_t") + flows(f"{id} > {id}_t")


@pytest.mark.parametrize("name", WRAPPED)
def test_an_error_leaves_whatever_wraps_it_for_the_boundary(name: str) -> None:
    r = outside(WRAPPED[name](FAILS), caught("b", "E"))
    assert r.tasks == ["b_t"]
    assert took(r, "x", "y", "e") == []
    assert [one.outcome for one in r.log if isinstance(one, e.StepLeft) and one.element == "x"][-1] == "failed"
    assert len(r.store.scopes) == 1


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize("thrower", ["user", "service"])
def test_so_does_one_that_a_person_or_a_service_throws(name: str, thrower: str) -> None:
    work = user("w") if thrower == "user" else service("w")
    r = outside(WRAPPED[name](start("is") + work + flows("is > w")), caught("b", "E"))
    r.error("w", "E", grade="C")
    assert r.tasks == ["b_t"]
    assert r.open.services == {}
    assert r.variables() == {"grade": "C"}


@pytest.mark.parametrize("name", WRAPPED)
def test_an_event_subprocess_of_the_process_catches_it_too(name: str) -> None:
    r = outside(WRAPPED[name](FAILS), handled("h", error("E", code="what", message="why")))
    assert r.tasks == ["h_t"]
    assert r.variables() == {"what": "E", "why": ""}
    r.complete("h_t")
    assert r.ended == "completed"
    assert took(r, "e") == []


@pytest.mark.parametrize("name", WRAPPED)
def test_one_that_nothing_catches_ends_the_root_as_failed(name: str) -> None:
    r = outside(WRAPPED[name](FAILS), caught("b", "F"), handled("h", error("F")))
    assert r.ended == "failed"
    (failure,) = of(e.StepFailed, r.log)
    assert isinstance(failure, e.StepFailed)
    assert (failure.element, failure.code) == ("ie", "UNCAUGHT_ERROR")


ORDER: dict[str, tuple[str, str]] = {
    "its code before any": (caught("any") + caught("b", "E"), "b_t"),
    "any when its code is not there": (caught("any") + caught("b", "F"), "any_t"),
    "the boundary before the event subprocess around": (caught("any") + handled("h", error("E")), "any_t"),
    "an event subprocess by its code before any": (handled("k", error()) + handled("h", error("E")), "h_t"),
    "an event subprocess for any": (handled("k", error()) + handled("h", error("F")), "k_t"),
}


@pytest.mark.parametrize("name", ORDER)
def test_which_catcher_comes_first(name: str) -> None:
    catchers, task = ORDER[name]
    assert outside(sub("x", FAILS), catchers).tasks == [task]


def test_the_event_subprocess_of_the_scope_comes_before_the_boundary_of_the_activity() -> None:
    r = outside(sub("x", FAILS, handled("h", error())), caught("b", "E"))
    assert r.tasks == ["h_t"]
    r.complete("h_t")
    assert (r.ended, took(r, "x", "e")) == ("completed", ["x", "e"])


def test_an_event_subprocess_does_not_catch_what_is_thrown_in_it() -> None:
    again = handler("h", start("h_s", error("E")), end("h_e", error("E")), flows("h_s > h_e"))
    r = outside(sub("x", FAILS, again), caught("b", "E"))
    assert r.tasks == ["b_t"]
    r = started(start(), user("x"), flows("s > x"), again)
    r.error("x", "E")
    assert r.ended == "failed"


def test_nor_does_another_one_of_a_scope_that_is_interrupted() -> None:
    first = handler("h", start("h_s", message()), user("h_t"), flows("h_s > h_t"))
    r = outside(sub("x", start("is"), user("w"), flows("is > w"), first, handled("k", error("E"))), caught("b", "E"))
    r.deliver("h_s")
    r.error("h_t", "E")
    assert r.tasks == ["b_t"]


def test_an_error_in_an_event_subprocess_beside_is_caught_by_the_one_for_errors() -> None:
    beside = handler("h", start("h_s", message(), interrupting=False), user("h_t"), flows("h_s > h_t"))
    r = outside(sub("x", start("is"), user("w"), flows("is > w"), beside, handled("k", error("E"))), caught("b", "E"))
    r.deliver("h_s")
    r.deliver("h_s")
    r.error("h_t", "E")
    assert r.tasks == ["k_t"], "everything else in the scope has ended"
    r.complete("k_t")
    assert took(r, "x", "e") == ["x", "e"]


def test_an_event_subprocess_inside_an_event_subprocess_catches_first() -> None:
    inner = handler("h", start("h_s", message()), user("h_t"), flows("h_s > h_t"), handled("k", error("E")))
    r = started(start(), user("w"), flows("s > w"), inner, handled("o", error("E")))
    r.deliver("h_s")
    r.error("h_t", "E")
    assert r.tasks == ["k_t"]
    r.complete("k_t")
    assert r.ended == "completed"


CALLED = process(
    start("qs"), gateway("qf"), user("qt"), end("qe", error("E")), flows("qs > qf > qt", "qf > qe"), id="q"
)


@pytest.mark.parametrize(
    ("catcher", "task"),
    [(caught("b", "E"), "b_t"), (handled("h", error("E")), "h_t"), (caught("b") + handled("h", error("E")), "b_t")],
)
@pytest.mark.parametrize("inside", ["", items(2), items(2, sequential=True), rounds(2)])
def test_an_error_leaves_a_called_instance(catcher: str, task: str, inside: str) -> None:
    r = started(start(), end(), call("x", inside=inside), flows("s > x > e"), catcher, called=CALLED)
    assert r.tasks == [task]
    outcomes = [one.outcome for one in r.log if isinstance(one, e.CallEnded)]
    assert outcomes.count("failed") == 1
    assert r.open.calls == {}


def test_a_called_instance_may_catch_it_itself() -> None:
    called = process(FAILS, handled("h", error("E")), id="q")
    r = started(start(), end(), call("x"), flows("s > x > e"), caught("b", "E"), called=called)
    assert r.tasks == ["h_t"]
    r.complete("h_t")
    assert (r.ended, took(r, "x")) == ("completed", ["x"])


def test_an_error_that_leaves_a_called_instance_uncaught_ends_the_root() -> None:
    r = started(start(), end(), call("x"), flows("s > x > e"), caught("b", "F"), called=CALLED)
    assert r.ended == "failed"
    assert [one.outcome for one in r.log if isinstance(one, e.CallEnded)] == ["failed"]


def test_an_error_acts_at_once_and_nothing_that_was_ready_runs_any_more() -> None:
    inside = sub(
        "x", start("is"), gateway("f"), end("ie", error("E")), script("c1", "k", "1"), script("c2", "k", "2"),
        user("w"),
        flows("is > f > ie", "f > c1 > c2 > w"),
    )  # fmt: skip
    r = outside(inside, caught("b", "E"))
    assert r.tasks == ["b_t"]
    assert took(r, "c1", "c2") == []
    late = inside.replace(flows("f > ie", "f > c1"), flows("f > c1", "f > ie"))
    r = outside(late, caught("b", "E"))
    assert took(r, "c1", "c2") == ["c1"], "each ready token does one element, in the order in which they became ready"
    assert r.variables() == {"k": 1}


def test_everything_inside_ends_with_the_interrupted_activity() -> None:
    deep = sub("d", start("ds"), gateway("df"), catch("dc", signal()), service("dv"), user("dw"),
               boundary("db", "dw", timer()), flows("ds > df > dc", "df > dv", "df > dw"))  # fmt: skip
    r = started(
        start(), end(),
        sub("x", start("is"), gateway("f"), deep, within(user("m"), items(5)), call("c"), user("w"),
            flows("is > f > d", "f > m", "f > c", "f > w"), handled("h", message(), interrupting=False)),
        flows("s > x > e"), caught("b", "E"),
        called=process(start("qs"), user("qt"), flows("qs > qt"), id="q"),
    )  # fmt: skip
    r.deliver("h_s")
    r.error("w", "E")
    assert r.tasks == ["b_t"]
    assert (r.open.services, r.open.timers, r.open.messages, r.open.signals, r.open.calls) == ({},) * 5
    assert len(r.store.scopes) == 1


def test_a_script_that_fails_is_an_error_with_the_code_of_its_failure() -> None:
    broken = start("is") + script("c", "k", "missing + 1") + flows("is > c")
    failed = '<error id="unknown" errorCode="UNKNOWN_VARIABLE"/>'
    by_code = '<errorEventDefinition errorRef="unknown"/>'
    catchers = {
        "on the subprocess": sub("x", broken) + boundary("b", "x", by_code) + user("b_t") + flows("b > b_t"),
        "in the process": sub("x", broken) + handled("b", by_code),
        "in the subprocess": sub("x", broken, handled("b", by_code)),
        "on items": within(sub("x", broken), items(2)) + boundary("b", "x", by_code) + user("b_t") + flows("b > b_t"),
    }
    for name, catcher in catchers.items():
        r = run(model(start() + end() + catcher + flows("s > x > e"), root=failed))
        assert r.tasks == ["b_t"], name


def test_a_service_that_throws_after_it_was_withdrawn_is_refused() -> None:
    r = outside(service("x"), caught("b", "E"), boundary("n", "x", timer()), user("n_t"), flows("n > n_t"))
    token = r.service("x").token
    r.fire("n")
    with pytest.raises(NotWaiting):
        r.send(s.ThrowError(token, "E"))
    assert r.tasks == ["n_t"]


def test_the_history_says_what_failed_and_what_was_ended_with_it() -> None:
    inside = sub("x", start("is"), gateway("f"), user("w"), end("ie", error("E")), flows("is > f > w", "f > ie"))
    for catcher, around in ((caught("b", "E"), "failed"), (handled("h", error("E")), "cancelled")):
        r = outside(inside, catcher)
        left = {one.element: one.outcome for one in r.log if isinstance(one, e.StepLeft)}
        assert (left["ie"], left["w"], left["x"]) == ("failed", "cancelled", around)
    r = outside(within(user("x"), items(3)), caught("b", "E"))
    r.error("x", "E")
    left_items = [one.outcome for one in r.log if isinstance(one, e.StepLeft) and one.element == "x"]
    assert left_items == ["failed", "cancelled", "cancelled", "failed"], "the item, the others, the activity"


def test_an_error_is_no_escalation() -> None:
    r = outside(sub("x", FAILS), boundary("b", "x", escalation()), user("b_t"), flows("b > b_t"))
    assert r.ended == "failed"


def test_retrying_by_error_in_a_loop_leaves_nothing_behind() -> None:
    inside = within(sub("x", start("is"), service("v"), end("ie"), flows("is > v > ie")), items(2))
    r = started(
        start(), gateway("m", kind="exclusive"), inside, boundary("b", "x", error("E")), end(),
        flows("s > m > x > e", "b > m"),
    )  # fmt: skip
    r.error("v", "E")
    size, scopes = r.store.size, len(r.store.scopes)
    for _ in range(60):
        r.error("v", "E")
    assert (r.store.size - size < 40, len(r.store.scopes)) == (True, scopes)
    r.done("v")
    r.done("v")
    assert r.ended == "completed"
