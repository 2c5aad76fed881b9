"""Link events: a sequence flow that nobody drew, from each throw to the catch of its name (BPMN 2.0.2, 10.5.5)."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from tests.kernel.driver import of
from tests.kernel.elements.parts import (
    TERMINATE,
    boundary,
    catch,
    end,
    error,
    flows,
    gateway,
    handled,
    handler,
    items,
    link,
    message,
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
from tests.kernel.elements.surroundings import play


def test_several_throws_lead_to_one_catch() -> None:
    r = started(
        start(), gateway("f"), user("a", "b"), throw("t1", link("L")), throw("t2", link("L")), catch("c", link("L")),
        user("x"), end(), flows("s > f > a > t1", "f > b > t2", "c > x > e"),
    )  # fmt: skip
    r.complete("a")
    assert r.tasks == ["b", "x"]
    r.complete("b")
    assert r.tasks == ["x", "x"], "one token each"
    r.complete("x")
    r.complete("x")
    assert (r.ended, took(r, "t1", "t2", "c", "e")) == ("completed", ["t1", "c", "t2", "c", "e", "e"])
    assert {one.outcome for one in r.log if isinstance(one, e.StepLeft)} == {"completed"}


def test_a_catch_may_have_several_flows_out() -> None:
    r = started(start(), throw("t", link("L")), catch("c", link("L")), user("a", "b"), flows("s > t", "c > a", "c > b"))
    assert r.tasks == ["a", "b"]


def test_links_of_one_name_on_two_levels_do_not_meet() -> None:
    inside = sub(
        "x", start("is"), throw("it", link("L")), catch("ic", link("L")), user("w"), flows("is > it", "ic > w")
    )
    r = started(start(), inside, throw("t", link("L")), catch("c", link("L")), user("y"), flows("s > x > t", "c > y"))
    assert r.tasks == ["w"]
    r.complete("w")
    assert (r.tasks, took(r, "it", "ic", "t", "c")) == (["y"], ["it", "ic", "t", "c"])


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_a_join_waits_for_what_comes_through_a_link(kind: str) -> None:
    r = started(
        start(), gateway("f"), gateway("j", kind=kind), user("a", "b"), throw("t", link("L")), catch("c", link("L")),
        end(), flows("s > f > a > j > e", "f > b > t", "c > j"),
    )  # fmt: skip
    r.complete("a")
    assert r.tasks == ["b"]
    assert took(r, "j") == []
    r.complete("b")
    assert (r.ended, took(r, "j")) == ("completed", ["j"])


def test_an_inclusive_join_does_not_wait_for_a_link_that_is_not_taken() -> None:
    r = started(
        start(), gateway("f"), gateway("g", kind="exclusive", attributes='default="g_y"'),
        gateway("j", kind="inclusive"), user("a", "b", "y"), throw("t", link("L")), catch("c", link("L")), end(),
        flows("s > f > a > j > e", "f > b > g > [far] t", "g > y", "c > j"), far=False,
    )  # fmt: skip
    r.complete("a")
    assert took(r, "j") == []
    r.complete("b")
    assert (r.tasks, took(r, "j")) == (["y"], ["j"])


@pytest.mark.parametrize("level", ["process", "subprocess", "items", "event subprocess"])
def test_a_loop_over_a_link(level: str) -> None:
    again = (
        gateway("m", "d", kind="exclusive") + script("k", "n", "n + 1") + user("x") + throw("t", link("L"))
        + catch("c", link("L")) + end("le")
    )  # fmt: skip
    body = start("ls") + again + flows("ls > m > x > k > d > [n < 60] t", "d > [n >= 60] le", "c > m")
    match level:
        case "process":
            r = started(body, n=0)
        case "subprocess":
            r = started(start(), sub("p1", body), end(), flows("s > p1 > e"), n=0)
        case "items":
            r = started(start(), within(sub("p1", body), items(1)), end(), flows("s > p1 > e"), n=0)
        case _:
            inside = handler("h", body.replace(start("ls"), start("ls", signal())))
            r = started(start(), user("w"), flows("s > w"), inside, n=0)
            r.signal("S")
    r.complete("x")
    size = r.store.size
    for _ in range(59):
        r.complete("x")
    assert r.ended == "completed"
    assert len(took(r, "c")) == len(took(r, "t")) == 59
    assert size < 500


def test_a_loop_of_links_that_never_waits_is_an_incident() -> None:
    r = started(
        start(), throw("t", link("L")), catch("c", link("L")), throw("t2", link("L")), end(),
        gateway("d", kind="exclusive", attributes='default="d_t2"'),
        flows("s > t", "c > d > [out] e", "d > t2"), out=False,
    )  # fmt: skip
    (failure,) = of(e.StepFailed, r.log)
    assert isinstance(failure, e.StepFailed)
    assert failure.code == "LOOP_LIMIT"


def test_what_ends_the_scope_ends_what_a_link_led_to() -> None:
    inside = (
        start("is") + gateway("f") + throw("t", link("L")) + catch("c", link("L")) + user("w", "v")
        + boundary("wb", "w", timer()) + flows("is > f > t", "f > v", "c > w")
    )  # fmt: skip
    for more, action in (
        (boundary("b", "x", message()) + user("y") + flows("b > y"), "deliver b"),
        (handled("y", message()), "deliver y_s"),
        (boundary("b", "x", error("E")) + user("y") + flows("b > y"), "error w E"),
    ):
        r = started(start(), sub("x", inside), more, flows("s > x"))
        play(r, [action])
        assert [task[0] for task in r.tasks] == ["y"]
        assert r.open.timers == {}
    r = started(start(), sub("x", inside, end("ie", TERMINATE), flows("v > ie")), user("y"), flows("s > x > y"))
    r.complete("v")
    assert r.tasks == ["y"]
