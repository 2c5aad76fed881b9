"""Event subprocesses (BPMN 2.0.2, 10.3.2 and 13.5.4): every trigger, interrupting and not, nested, again and again."""

from __future__ import annotations

import pytest

from engine.kernel import NotWaiting
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import props
from tests.kernel.driver import Run
from tests.kernel.elements.parts import (
    TERMINATE,
    boundary,
    call,
    catch,
    conditional,
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

TRIGGERS = {
    "message": message(),
    "timer": timer(),
    "cycle": timer("R3/PT1H"),
    "signal": signal(),
    "conditional": conditional("v = 1"),
    "error": error("E"),
    "any error": error(),
    "escalation": escalation("X"),
    "any escalation": escalation(),
}
REPEATED = [name for name in TRIGGERS if "error" not in name and name != "timer"]


def trigger(r: Run, name: str) -> None:
    """Lets it happen; errors and escalations come from the open task ``w``."""
    match name:
        case "message":
            r.deliver("h_s", told=1)
        case "timer" | "cycle":
            r.fire("h_s")
        case "signal":
            r.signal("S", told=1)
        case "conditional":
            write(r, v=1)
            if r.ended is None:
                write(r, v=0)
        case "error" | "any error":
            r.error("w", "E", told=1)
        case _:
            escalate(r, "w", "X", told=1)


BUSY = (
    gateway("f") + user("w", "w2") + boundary("wb", "w", timer("P9D")) + service("v") + catch("c", message("N"))
    + within(user("m"), items(3)) + call("q1") + sub("d", start("ds"), catch("dc", signal("T")), flows("ds > dc"))
)  # fmt: skip


def busy(first: str) -> str:
    """Much that goes on at once, behind the element ``first``."""
    ways = [f"f > {id}" for id in ("w2", "v", "c", "m", "q1", "d")]
    return BUSY + flows(f"{first} > f > w", *ways)


CALLED = process(start("qs"), user("qt"), handled("qh", signal("T")), flows("qs > qt"), id="q")


@pytest.mark.parametrize("level", ["process", "subprocess"])
@pytest.mark.parametrize("name", TRIGGERS)
def test_an_interrupting_one_ends_everything_else_at_once(name: str, level: str) -> None:
    others = handled("o", signal("T"), interrupting=False) + handled("o2", message("N"))
    inside = busy("s" if level == "process" else "ps") + handled("h", TRIGGERS[name]) + others
    if level == "process":
        r = started(start(), inside, called=CALLED)
    else:
        r = started(start(), sub("p1", start("ps"), inside), end(), flows("s > p1 > e"), called=CALLED)
    r.deliver("c")  # one of many is done
    r.signal("T")
    assert "o_t" in r.tasks
    trigger(r, name)
    assert r.tasks == ["h_t"]
    assert (r.open.services, r.open.timers, r.open.messages, r.open.signals, r.open.calls) == ({},) * 5
    assert len(r.store.scopes) == (2 if level == "process" else 3)
    r.signal("S")
    write(r, v=1)
    assert r.tasks == ["h_t"], "nothing else is listened to any more"
    r.complete("h_t")
    assert (r.ended, took(r, "h", "p1", "e")) == ("completed", ["h"] if level == "process" else ["h", "p1", "e"])


@pytest.mark.parametrize("level", ["process", "subprocess"])
@pytest.mark.parametrize("name", REPEATED)
def test_one_that_does_not_interrupt_runs_beside_as_often_as_it_is_triggered(name: str, level: str) -> None:
    inside = user("w") + handled("h", TRIGGERS[name], interrupting=False)
    if level == "process":
        r = started(start(), inside, flows("s > w"))
    else:
        r = started(start(), sub("p1", start("ps"), inside, flows("ps > w")), end(), flows("s > p1 > e"))
    for _ in range(3):
        trigger(r, name)
    assert r.tasks == ["w", "h_t", "h_t", "h_t"]
    r.complete("h_t")
    r.complete("w")
    assert r.tasks == ["h_t", "h_t"], "what has begun keeps its scope alive"
    r.complete("h_t")
    r.complete("h_t")
    assert r.ended == "completed"
    assert (r.open.timers, r.open.messages, r.open.signals) == ({}, {}, {})


@pytest.mark.parametrize(
    ("name", "interrupting"),
    [(name, True) for name in TRIGGERS] + [(name, False) for name in TRIGGERS if "error" not in name],
)
def test_waiting_keeps_nothing_alive_and_nothing_starts_by_itself(name: str, *, interrupting: bool) -> None:
    h = handled("h", TRIGGERS[name], interrupting=interrupting)
    r = started(
        start(), sub("x", start("is"), user("w"), end("ie"), flows("is > w > ie"), h), end(), flows("s > x > e")
    )
    r.complete("w")
    assert (r.ended, r.path()) == ("completed", ["s", "is", "w", "ie", "x", "e"])


def test_a_scope_that_is_over_hears_nothing_any_more() -> None:
    inside = sub("x", start("is"), user("w"), flows("is > w"), handled("h", message(), interrupting=False))
    r = started(start(), inside, user("y"), flows("s > x > y"))
    (wait,) = r.open.messages
    r.complete("w")
    with pytest.raises(NotWaiting):
        r.send(s.DeliverMessage(wait))
    assert r.tasks == ["y"]


def test_while_one_still_runs_its_scope_goes_on_listening() -> None:
    inside = sub("x", start("is"), user("w"), flows("is > w"), handled("h", message(), interrupting=False))
    r = started(start(), inside, end(), flows("s > x > e"))
    r.deliver("h_s")
    r.complete("w")
    r.deliver("h_s")
    assert r.tasks == ["h_t", "h_t"]
    r.complete("h_t")
    r.complete("h_t")
    assert r.ended == "completed"


def test_an_interrupting_one_ends_those_that_run_beside() -> None:
    r = started(
        start(), user("w"), flows("s > w"),
        handled("n", message(), interrupting=False), handled("h", signal()),
    )  # fmt: skip
    r.deliver("n_s")
    r.deliver("n_s")
    r.signal("S")
    assert r.tasks == ["h_t"]
    left = [one.outcome for one in r.log if isinstance(one, e.StepLeft) and one.element == "n"]
    assert left == ["cancelled", "cancelled"]


def test_one_that_runs_beside_may_interrupt_everything_by_what_it_throws() -> None:
    for event, thrown in ((signal(), signal()), (error("E"), error("E")), (escalation("X"), escalation("X"))):
        beside = handler(
            "n", start("n_s", message(), interrupting=False), gateway("nf"), user("n_t"), end("n_e", thrown),
            flows("n_s > nf > n_t", "nf > n_e"),
        )  # fmt: skip
        r = started(start(), user("w"), flows("s > w"), beside, handled("h", event))
        r.deliver("n_s")
        assert (r.tasks, took(r, "n", "n_e")) == (["h_t"], [])


def test_nested_ones_belong_to_the_run_of_the_outer_one() -> None:
    inner = handled("k", signal(), interrupting=False)
    outer = handler("h", start("h_s", message(), interrupting=False), user("h_t"), flows("h_s > h_t"), inner)
    r = started(start(), user("w"), flows("s > w"), outer)
    assert r.open.signals == {}, "what lies in one that has not begun does not listen"
    r.deliver("h_s")
    r.deliver("h_s")
    r.signal("S")
    assert r.tasks == ["w", "h_t", "h_t", "k_t", "k_t"]
    for task in ("h_t", "h_t", "k_t", "k_t", "w"):
        r.complete(task)
    assert r.ended == "completed"


def test_a_nested_interrupting_one_ends_only_the_run_it_lies_in() -> None:
    inner = handled("k", message("N"))
    outer = handler("h", start("h_s", message(), interrupting=False), user("h_t"), flows("h_s > h_t"), inner)
    r = started(start(), user("w"), flows("s > w"), outer)
    r.deliver("h_s")
    r.deliver("h_s")
    r.deliver("k_s")
    assert sorted(r.tasks) == ["h_t", "k_t", "w"]


def test_in_a_subprocess_in_an_event_subprocess_in_a_subprocess() -> None:
    deepest = sub("d", start("ds"), user("dt"), flows("ds > dt"), handled("k", error("E")))
    outer = handler("h", start("h_s", signal()), deepest, end("h_e"), flows("h_s > d > h_e"))
    r = started(start(), sub("x", start("is"), user("w"), flows("is > w"), outer), end(), flows("s > x > e"))
    r.signal("S")
    r.error("dt", "E")
    r.complete("k_t")
    assert (r.ended, took(r, "k", "d", "h", "x", "e")) == ("completed", ["k", "d", "h", "x", "e"])


def test_each_item_and_each_called_instance_has_its_own() -> None:
    inside = within(sub("x", start("is"), user("w"), flows("is > w"), handled("h", message())), items(3))
    r = started(start(), inside, end(), flows("s > x > e"))
    assert len(r.open.messages) == 3
    r.deliver("h_s")
    assert sorted(r.tasks) == ["h_t", "w", "w"]
    for task in ("h_t", "w", "w"):
        r.complete(task)
    assert r.ended == "completed"
    called = process(start("qs"), user("w"), flows("qs > w"), handled("h", message()), id="q")
    r = started(start(), call("x", inside=items(2)), user("y"), flows("s > x > y"), called=called)
    r.deliver("h_s")
    assert sorted(r.tasks) == ["h_t", "w"]
    r.complete("h_t")
    r.complete("w")
    assert r.tasks == ["y"]


def test_terminate_in_one_ends_that_one_alone() -> None:
    beside = handler(
        "h", start("h_s", message(), interrupting=False), gateway("hf"), user("h_t", "h_u"), end("h_e", TERMINATE),
        flows("h_s > hf > h_t > h_e", "hf > h_u"),
    )  # fmt: skip
    r = started(start(), user("w"), flows("s > w"), beside)
    r.deliver("h_s")
    r.complete("h_t")
    assert r.tasks == ["w"]
    r.complete("w")
    assert r.ended == "completed"


def test_terminate_outside_ends_it_with_the_rest() -> None:
    r = started(
        start(), user("w"), end("e", TERMINATE), flows("s > w > e"), handled("h", message(), interrupting=False)
    )
    r.deliver("h_s")
    r.complete("w")
    assert r.ended == "terminated"


def test_a_boundary_event_around_ends_it_too() -> None:
    inside = sub("x", start("is"), user("w"), flows("is > w"), handled("h", message(), interrupting=False))
    r = started(start(), inside, boundary("b", "x", timer()), user("y"), flows("s > x", "b > y"))
    r.deliver("h_s")
    r.fire("b")
    assert (r.tasks, r.open.messages) == (["y"], {})


def test_it_acts_at_once_on_what_is_ready() -> None:
    r = started(
        start(), gateway("f"), throw("t", escalation("X")), script("c", "k", "1"), user("w"),
        flows("s > f > t > w", "f > c"), handled("h", escalation()),
    )  # fmt: skip
    assert (r.tasks, took(r, "t", "c", "w")) == (["h_t"], [])


def test_its_data_are_those_of_the_scope_around() -> None:
    task = script("h_x", "n", "n + told")
    r = started(start(), user("w"), flows("s > w"), handled("h", message(), task, interrupting=False), n=1)
    r.deliver("h_s", told=2)
    r.deliver("h_s", told=3)
    assert r.variables() == {"n": 6, "told": 3}


def test_a_join_does_not_wait_for_a_branch_that_an_event_subprocess_ended() -> None:
    inside = (
        start("is") + '<inclusiveGateway id="f"/><inclusiveGateway id="j"/>' + user("a", "b") + end("ie")
        + flows("is > f > a > j > ie", "f > b > j") + handled("h", message())
    )  # fmt: skip
    r = started(start(), sub("x", inside), end(), flows("s > x > e"))
    r.complete("a")
    r.deliver("h_s")
    r.complete("h_t")
    assert (r.ended, took(r, "j", "x")) == ("completed", ["x"])


def test_nor_does_a_complex_gateway_that_had_begun() -> None:
    inside = (
        start("is") + gateway("f") + user("a", "b", "after", "late")
        + '<complexGateway id="j"><activationCondition>activationCount = 1</activationCondition></complexGateway>'
        + flows("is > f > a > j > after", "f > b > j", "j > [not(waitingForStart)] late") + handled("h", message())
    )  # fmt: skip
    r = started(start(), sub("x", inside), end(), flows("s > x > e"), anyway=True)
    r.complete("a")
    assert sorted(r.tasks) == ["after", "b"]
    r.deliver("h_s")
    assert r.tasks == ["h_t"]
    r.complete("h_t")
    assert r.ended == "completed"


def test_in_an_ad_hoc_subprocess() -> None:
    ad_hoc = f'<adHocSubProcess id="x">{user("a", "b")}{handled("h", message())}</adHocSubProcess>'
    r = started(start(), ad_hoc, end(), flows("s > x > e"))
    assert r.tasks == ["a", "b"]
    r.deliver("h_s")
    assert r.tasks == ["h_t"]
    r.complete("h_t")
    assert (r.ended, took(r, "x")) == ("completed", ["x"])


def test_a_trigger_that_cannot_be_read_is_an_incident_and_a_retry_arms_it() -> None:
    correlated = f'<startEvent id="k_s">{props(correlationKey="=due")}{message()}</startEvent>'
    other = handler("k", correlated, user("k_t"), flows("k_s > k_t"))
    r = started(start(), user("w"), flows("s > w"), handled("h", timer("=due")), other, due="soon")
    assert (r.failure("s").code, r.tasks) == ("TIMER_INVALID", [])
    r.retry("s", due="PT5H")
    assert r.tasks == ["w"]
    assert [one.key for one in r.open.messages.values()] == ["PT5H"]
    r.fire("h_s")
    assert r.tasks == ["h_t"]


def test_a_thousand_times_leaves_nothing_behind() -> None:
    r = started(
        start(), user("w"), flows("s > w"), handled("h", message(), script("h_x", "k", "1"), interrupting=False)
    )
    r.deliver("h_s")
    size = r.store.size
    for _ in range(200):
        r.deliver("h_s")
    assert r.store.size - size < 20
    assert len(took(r, "h")) == 201
