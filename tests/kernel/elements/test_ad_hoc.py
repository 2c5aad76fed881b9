"""Ad-hoc subprocesses (BPMN 2.0.2, 10.3.5 and 13.3.5)."""

from __future__ import annotations

import pytest

from tests.kernel.driver import Run
from tests.kernel.elements.parts import (
    boundary,
    flows,
    gateway,
    handled,
    items,
    rounds,
    script,
    signal,
    start,
    started,
    sub,
    timer,
    took,
    user,
    within,
    write,
)


def adhoc(*body: str, id: str = "x", attributes: str = "", until: str = "") -> str:
    condition = f"<completionCondition>{until.replace('<', '&lt;')}</completionCondition>" if until else ""
    return f'<adHocSubProcess id="{id}" {attributes}>{"".join(body)}{condition}</adHocSubProcess>'


def ran(activity: str, *more: str, **variables: object) -> Run:
    """The activity ``x``, then the user task ``after``."""
    return started(start(), activity, user("after"), flows("s > x > after"), *more, **variables)  # type: ignore[arg-type]  # passed on
    # the variables go on as they came


SEQUENTIAL = 'ordering="Sequential"'
KEEP = 'cancelRemainingInstances="false"'


def test_all_activities_begin_at_once_and_all_must_end() -> None:
    r = ran(adhoc(user("a", "b", "c")))
    assert r.tasks == ["a", "b", "c"]
    for task in ("c", "a"):
        r.complete(task)
    assert r.tasks == ["b"]
    r.complete("b")
    assert r.tasks == ["after"]
    assert list(r.store.scopes) == ["1"]


def test_sequential_ones_begin_one_after_the_other_in_the_order_of_the_file() -> None:
    r = ran(adhoc(user("b", "a", "c"), attributes=SEQUENTIAL))
    for task in ("b", "a", "c"):
        assert r.tasks == [task]
        r.complete(task)
    assert r.tasks == ["after"]


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_a_true_condition_ends_it_at_once(ordering: str) -> None:
    r = ran(adhoc(user("a", "b", "c"), attributes=f'ordering="{ordering}"', until="done"), done=False)
    r.complete("a")
    assert r.tasks == (["b", "c"] if ordering == "Parallel" else ["b"])
    r.complete("b", done=True)
    assert r.tasks == ["after"]


def test_remaining_ones_may_be_let_to_end() -> None:
    r = ran(adhoc(user("a", "b", "c"), attributes=KEEP, until="done"), done=False)
    r.complete("a", done=True)
    assert r.tasks == ["b", "c"]
    r.complete("b", done=False)
    assert r.tasks == ["c"], "it was true once; nothing begins again"
    r.complete("c")
    assert r.tasks == ["after"]


def test_sequential_ones_that_have_not_begun_never_begin() -> None:
    r = ran(adhoc(user("a", "b", "c"), attributes=f"{SEQUENTIAL} {KEEP}", until="done"), done=False)
    r.complete("a", done=True)
    assert r.tasks == ["after"]


def test_the_activities_begin_again_until_the_condition_is_true() -> None:
    r = ran(adhoc(user("a", "b"), until="n >= 3"), n=0)
    for n in (1, 2, 3):
        r.complete("a")
        r.complete("b", n=n)
    assert r.tasks == ["after"]


@pytest.mark.parametrize("attributes", ["", SEQUENTIAL])
def test_automatic_activities_too(attributes: str) -> None:
    r = ran(
        adhoc(script("a", "n", "n + 1"), script("b", "m", "m + 1"), attributes=attributes, until="n >= 5"), n=0, m=0
    )
    assert r.tasks == ["after"]
    assert r.variables()["n"] == 5


def test_a_condition_that_cannot_be_evaluated_yet_is_not_true() -> None:
    r = ran(adhoc(user("a", "b"), until="done"))
    r.complete("a")
    assert r.tasks == ["b"]
    r.complete("b", done=True)
    assert r.tasks == ["after"]


def test_a_change_from_outside_counts_with_the_next_activity_that_ends() -> None:
    r = ran(adhoc(user("a", "b", "c"), until="done"), done=False)
    write(r, done=True)
    assert r.tasks == ["a", "b", "c"]
    r.complete("a")
    assert r.tasks == ["after"]


# Inner flows


@pytest.mark.parametrize("attributes", ["", SEQUENTIAL])
def test_what_a_flow_leads_to_comes_after_what_it_comes_from(attributes: str) -> None:
    r = ran(adhoc(user("a", "b", "c"), flows("a > c"), attributes=attributes))
    assert r.tasks == (["a", "b"] if not attributes else ["a"])
    r.complete("a")
    assert r.tasks == (["b", "c"] if not attributes else ["c"]), "the order is between what begins by itself"
    r.complete("c")
    r.complete("b")
    assert r.tasks == ["after"]


def test_inner_gateways_split_and_join() -> None:
    inside = user("a", "b", "c", "d") + gateway("f", "j") + flows("a > f", "f > b > j", "f > c > j", "j > d")
    r = ran(adhoc(inside))
    r.complete("a")
    assert r.tasks == ["b", "c"]
    r.complete("c")
    r.complete("b")
    assert r.tasks == ["d"]
    r.complete("d")
    assert r.tasks == ["after"]


def test_an_inner_choice_that_fails_is_an_incident() -> None:
    inside = user("a", "b") + gateway("g", kind="exclusive") + flows("a > g", "g > [ok] b")
    r = ran(adhoc(inside))
    r.complete("a")
    assert r.failure("g").code == "UNKNOWN_VARIABLE"
    r.retry("g", ok=True)
    assert r.tasks == ["b"]


def test_a_condition_cuts_off_a_chain() -> None:
    r = ran(adhoc(user("a", "b", "c"), flows("a > b > c"), until="done"), done=False)
    r.complete("a")
    r.complete("b", done=True)
    assert (r.tasks, took(r, "a", "b", "c")) == (["after"], ["a", "b"])


# Around and inside


def test_nested() -> None:
    inner = adhoc(user("a", "b"), id="y", attributes=SEQUENTIAL)
    r = ran(adhoc(inner, user("c"), until="done"), done=False)
    assert sorted(r.tasks) == ["a", "c"]
    r.complete("a")
    assert sorted(r.tasks) == ["b", "c"]
    r.complete("b", done=True)
    assert r.tasks == ["after"], "the inner one is an activity that ends"


def test_loops_and_subprocesses_inside() -> None:
    inside = (
        within(user("a"), rounds(2)) + within(user("b"), items(2)) + sub("y", start("is"), user("c"), flows("is > c"))
    )
    r = ran(adhoc(inside, until="count(done) = 3"), done=[])
    r.complete("a", done=[1, 1, 1])
    assert sorted(r.tasks) == ["a", "b", "b", "c"], "a round is no activity that ends"
    r.complete("a")
    assert r.tasks == ["after"]


@pytest.mark.parametrize("wrapped", [rounds(2), items(2, sequential=True)])
def test_repeated_itself(wrapped: str) -> None:
    r = ran(adhoc(wrapped, user("a", "b")))
    for _ in range(2):
        assert r.tasks == ["a", "b"]
        r.complete("a")
        r.complete("b")
    assert r.tasks == ["after"]


def test_a_boundary_event_ends_all_of_it() -> None:
    r = ran(adhoc(user("a", "b")), boundary("t", "x", timer()), user("late"), flows("t > late"))
    r.complete("a")
    r.fire("t")
    assert (r.tasks, list(r.store.scopes)) == (["late"], ["1"])


def test_boundary_events_inside() -> None:
    inside = user("a", "b", "k") + boundary("t", "a", timer()) + flows("t > k")
    r = ran(adhoc(inside))
    r.fire("t")
    assert r.tasks == ["b", "k"]
    r.complete("k")
    r.complete("b")
    assert r.tasks == ["after"]


@pytest.mark.parametrize("interrupting", [False, True])
def test_event_subprocesses_inside(interrupting: bool) -> None:
    r = ran(adhoc(user("a", "b"), handled("h", signal(), interrupting=interrupting)))
    assert r.tasks == ["a", "b"]
    r.signal("S")
    assert r.tasks == (["h_t"] if interrupting else ["a", "b", "h_t"])
    for task in r.tasks:
        assert "after" not in r.tasks
        r.complete(task)
    assert r.tasks == ["after"]
    assert r.open.signals == {}


def test_event_subprocesses_wait_once_also_when_the_activities_begin_again() -> None:
    r = ran(adhoc(user("a"), handled("h", signal(), interrupting=False), until="done"), done=False)
    for _ in range(3):
        r.complete("a")
        assert len(r.open.signals) == 1
    r.complete("a", done=True)
    assert (r.tasks, r.open.signals) == (["after"], {})


def test_data_of_its_own() -> None:
    inside = '<dataObject id="note"/>' + script("a", "note", '"x"') + user("b")
    r = ran(adhoc(inside, until="note = 5"))
    assert r.variables() == {}
    r.complete("b", note=5)
    assert (r.tasks, r.variables()) == (["after"], {})
