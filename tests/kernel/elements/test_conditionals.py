"""Conditional events happen when their condition becomes true (BPMN 2.0.2, 10.5.5): looked at when armed, and after
every change of what they read.
"""

from __future__ import annotations

import pytest

from engine.kernel.machine import run as machine_run
from tests.kernel.bpmn import extended
from tests.kernel.driver import Deployed, Run, run
from tests.kernel.elements.parts import (
    boundary,
    call,
    catch,
    conditional,
    end,
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
    write,
)

BIG = conditional("n > 5")


def watched(activity: str, event: str = BIG, *more: str, interrupting: bool = True, **variables: object) -> Run:
    """The activity ``x`` with a conditional boundary event ``b``."""
    guarded = activity + boundary("b", "x", event, interrupting=interrupting) + user("b_t")
    return run(process(start(), guarded, end(), flows("s > x > e", "b > b_t"), *more), variables)


ACTIVITIES: dict[str, str] = {
    "user task": user("x"),
    "service task": service("x"),
    "script": script("x", "k", "1"),
    "plain task": '<task id="x"/>',
    "subprocess": sub("x", start("is"), script("k", "k", "1"), user("w"), flows("is > k > w")),
    "items": within(user("x"), items(3)),
    "rounds": within(script("x", "k", "1"), rounds(3)),
    "event in the middle of a subprocess": sub("x", start("is"), throw("it", message()), flows("is > it")),
}


@pytest.mark.parametrize("name", ACTIVITIES)
def test_a_condition_that_is_true_already_interrupts_before_the_activity_begins(name: str) -> None:
    r = watched(ACTIVITIES[name], n=6)
    assert r.tasks == ["b_t"]
    assert took(r, "x", "k", "is", "it", "w") == []
    assert r.open.services == {}
    assert "k" not in r.variables()


def test_one_that_does_not_interrupt_happens_then_too_and_the_activity_begins() -> None:
    r = watched(user("x"), interrupting=False, n=6)
    assert sorted(r.tasks) == ["b_t", "x"]
    write(r, n=7)
    assert sorted(r.tasks) == ["b_t", "x"], "it has been true all the time"


CHANGES: dict[str, str] = {
    "script": script("c", "n", "6") + flows("w > c"),
    "script in a subprocess": sub("d", start("ds"), script("c", "n", "6"), flows("ds > c")) + flows("w > d"),
    "items": within(script("d", "n", "6"), items(2)) + flows("w > d"),
    "rounds": within(script("d", "n", "6"), rounds(2)) + flows("w > d"),
    "result of a call": call("d") + flows("w > d"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_by_a_parallel_branch_is_seen_at_once(name: str) -> None:
    called = process(start("qs"), script("qc", "n", "6"), flows("qs > qc"), id="q")
    r = started(
        start(), gateway("f"), user("x", "w", "b_t"), boundary("b", "x", BIG), CHANGES[name],
        flows("s > f > x", "f > w", "b > b_t"), called=called, n=1,
    )  # fmt: skip
    r.complete("w")
    assert r.tasks == ["b_t"]


def test_so_is_one_by_a_person_by_a_message_by_a_service_and_from_outside() -> None:
    for how in ("person", "message", "service", "signal", "outside"):
        r = started(
            start(), gateway("f"), user("x", "w", "b_t"), boundary("b", "x", BIG), catch("c", message()), service("v"),
            catch("c2", signal()), flows("s > f > x", "f > w", "f > c", "f > v", "f > c2", "b > b_t"), n=1,
        )  # fmt: skip
        match how:
            case "person":
                r.complete("w", n=6)
            case "message":
                r.deliver("c", n=6)
            case "service":
                r.done("v", n=6)
            case "signal":
                r.signal("S", n=6)
            case "outside":
                write(r, n=6)
        assert "b_t" in r.tasks, how
        assert "x" not in r.tasks, how


def test_a_change_inside_interrupts_the_subprocess_at_once() -> None:
    inside = sub(
        "x", start("is"), gateway("f"), script("c", "n", "6"), script("c2", "k", "1"), script("o", "m", "1"), user("w"),
        flows("is > f > c > c2", "f > o > w"),
    )  # fmt: skip
    r = watched(inside, n=1)
    assert r.tasks == ["b_t"]
    assert took(r, "c2", "o", "w") == []
    assert r.variables() == {"n": 6}


def test_one_that_does_not_interrupt_happens_each_time_the_condition_becomes_true() -> None:
    r = watched(user("x"), interrupting=False, n=1)
    for n, times in [(6, 1), (7, 1), (5, 1), (2, 1), (8, 2), ("text", 2), (9, 3), (None, 3), (6, 4)]:
        write(r, n=n)
        assert len(r.tasks) == 1 + times, n
    r.complete("x")
    for _ in range(4):
        r.complete("b_t")
    assert r.ended == "completed"


def test_a_condition_over_what_was_never_written_waits_until_it_is() -> None:
    r = watched(user("x"))
    assert r.tasks == ["x"]
    write(r, n=6)
    assert r.tasks == ["b_t"]


def test_only_changes_of_the_named_variable_count() -> None:
    r = watched(user("x"), conditional("n > 5", variable="k"), n=1)
    write(r, n=6)
    assert r.tasks == ["x"]
    write(r, k=0)
    assert r.tasks == ["b_t"]


def test_an_item_sees_only_its_own_variables() -> None:
    inside = within(
        sub("x", start("is"), user("w"), boundary("b", "w", conditional("loopCounter = limit")), user("b_t"),
            flows("is > w", "b > b_t")),
        items(3),
    )  # fmt: skip
    r = started(start(), inside, flows("s > x"), limit=9)
    assert r.tasks == ["w"] * 3
    write(r, limit=1)
    assert sorted(r.tasks) == ["b_t", "w", "w"]
    write(r, limit=2)
    assert sorted(r.tasks) == ["b_t", "b_t", "w"]


def test_a_called_instance_has_variables_of_its_own() -> None:
    mapped = extended('<camunda:in source="n" target="n"/>')
    called = process(start("qs"), user("x"), boundary("b", "x", BIG), user("b_t"), flows("qs > x", "b > b_t"), id="q")
    body = start() + f'<callActivity id="c" calledElement="q">{mapped}</callActivity>' + flows("s > c")
    r = started(body, called=called, n=1)
    write(r, n=6)
    assert r.tasks == ["x"]
    r.complete("x", n=7)
    assert r.ended == "completed"
    assert started(body, called=called, n=6).tasks == ["b_t"]


def test_the_counters_of_a_multi_instance_activity_change_too() -> None:
    inside = within(
        sub("x", start("is"), user("w"), boundary("b", "w", conditional("nrOfCompletedInstances > 0")), user("b_t"),
            flows("is > w", "b > b_t")),
        items(3),
    )  # fmt: skip
    r = started(start(), inside, flows("s > x"))
    r.complete("w")
    assert r.tasks == ["b_t", "b_t"]


def test_an_intermediate_event_waits_and_one_that_is_true_passes() -> None:
    body = start() + catch("c", BIG) + end() + flows("s > c > e")
    assert started(body, n=6).ended == "completed"
    r = started(body, n=1)
    write(r, n=5)
    assert r.ended is None
    write(r, n=6)
    assert r.ended == "completed"


def test_an_event_gateway_with_conditions_takes_the_first_in_the_order_of_the_file() -> None:
    body = (
        start() + gateway("g", kind="eventBased") + catch("c1", BIG) + catch("c2", conditional("n > 3"))
        + catch("c3", timer()) + user("t1", "t2", "t3")
        + flows("s > g > c1 > t1", "g > c2 > t2", "g > c3 > t3")
    )  # fmt: skip
    for n, task in [(6, "t1"), (4, "t2")]:
        r = started(body, n=n)
        assert (r.tasks, r.open.timers) == ([task], {})
        r = started(body, n=1)
        write(r, n=n)
        assert (r.tasks, r.open.timers) == ([task], {})
    r = started(body, n=1)
    r.fire("c3")
    write(r, n=6)
    assert r.tasks == ["t3"]


EVENTS = {"interrupting": True, "not interrupting": False}


@pytest.mark.parametrize("interrupting", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("level", ["process", "subprocess"])
def test_an_event_subprocess_starts_when_true_from_the_beginning(level: str, *, interrupting: bool) -> None:
    inside = [start("is"), user("w"), end("ie"), flows("is > w > ie"), handled("h", BIG, interrupting=interrupting)]
    body = inside if level == "process" else [start(), sub("x", *inside), end(), flows("s > x > e")]
    assert sorted(started(*body, n=6).tasks) == (["h_t"] if interrupting else ["h_t", "w"])
    r = started(*body, n=1)
    assert r.tasks == ["w"]
    write(r, n=6)
    write(r, n=1)
    write(r, n=6)
    assert r.tasks == (["h_t"] if interrupting else ["w", "h_t", "h_t"])


def test_a_script_makes_true_what_interrupts_its_own_scope() -> None:
    r = started(start(), script("c", "n", "6"), user("w"), end(), flows("s > c > w > e"), handled("h", BIG), n=1)
    assert (r.tasks, took(r, "w")) == (["h_t"], [])


def test_two_conditions_over_one_variable_both_happen() -> None:
    r = watched(user("x"), BIG, boundary("b2", "x", conditional("n > 4"), interrupting=False), flows("b2 > b_t"),
                interrupting=False, n=1)  # fmt: skip
    write(r, n=6)
    assert r.tasks == ["x", "b_t", "b_t"]
    r = watched(user("x"), BIG, boundary("b2", "x", conditional("n > 4")), user("t2"), flows("b2 > t2"), n=1)
    write(r, n=6)
    assert r.tasks == ["b_t"], "what was interrupted listens no more"


def test_a_condition_start_event_begins_at_it() -> None:
    deployed = Deployed()
    ref = deployed.deploy(process(start("s", BIG), user("x"), flows("s > x")))
    r = Run(deployed).start(ref, {"n": 6}, event="s")
    assert r.tasks == ["x"]


def test_conditions_that_change_often_leave_nothing_behind() -> None:
    r = started(
        start(), user("x"), boundary("b", "x", BIG, interrupting=False), script("c", "k", "n"), end("ce"), end(),
        flows("s > x > e", "b > c > ce"),
        handled("h", conditional("n > 7"), script("h_x", "k", "n"), interrupting=False),
        n=1,
    )  # fmt: skip
    write(r, n=8)
    write(r, n=1)
    size = r.store.size
    for _ in range(50):
        write(r, n=8)
        write(r, n=1)
    assert r.store.size - size < 40
    assert (len(took(r, "c")), len(took(r, "h"))) == (51, 51)


@pytest.mark.parametrize("interrupting", EVENTS.values(), ids=EVENTS)
def test_what_an_activity_hands_out_as_it_completes_sets_off_no_boundary_event_of_its_own(
    *, interrupting: bool
) -> None:
    mapped = extended(
        '<camunda:inputOutput><camunda:inputParameter name="own">=1</camunda:inputParameter>'
        '<camunda:outputParameter name="n">=6</camunda:outputParameter></camunda:inputOutput>'
    )
    r = watched(user("x"), interrupting=interrupting, n=1)
    r.complete("x", n=6)
    assert (r.ended, took(r, "b")) == ("completed", [])
    for activity in (script("x", "n", "6"), within(user("x"), mapped), within(sub("x", start("is")), mapped)):
        r = watched(activity, interrupting=interrupting, n=1)
        if r.tasks:
            r.complete("x")
        assert (r.ended, took(r, "b"), r.variables()["n"]) == ("completed", [], 6)


def test_but_those_of_the_activities_around_it_and_of_others() -> None:
    inside = sub("x", start("is"), user("w"), flows("is > w"))
    r = watched(inside, n=1)
    r.complete("w", n=6)
    assert (r.tasks, took(r, "x")) == (["b_t"], [])
    r = watched(within(user("x"), items(2, sequential=True)), n=1)
    r.complete("x", n=6)
    assert (r.tasks, took(r, "e")) == (["b_t"], [])


def test_a_name_in_a_filter_is_one_that_the_condition_reads() -> None:
    body = start() + catch("x", conditional("count(rows[id = wanted]) &gt; 0")) + end() + flows("s > x > e")
    r = started(body, rows=[{"id": 1}], wanted=2)
    write(r, wanted=1)
    assert r.ended == "completed"


def test_conditions_that_set_off_each_other_without_end_are_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_run, "MAX_STEPS", 400)
    monkeypatch.setattr(machine_run, "LOOKS_PER_STEP", 5)
    again = script("a", "n", "0") + script("b", "n", "6") + user("w") + boundary("wb", "w", conditional("n = 9"))
    body = handler("h", start("h_s", BIG, interrupting=False), again, end("h_e"), flows("h_s > a > b > w", "wb > h_e"))
    r = started(start(), user("x"), flows("s > x"), body, anyway=True, n=6)
    assert {one.code for one in r.open.failed.values()} == {"LOOP_LIMIT"}
    assert 20 < len(r.store.scopes) < 60, "the more there is to look at, the sooner"
