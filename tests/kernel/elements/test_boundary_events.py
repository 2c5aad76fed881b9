"""Boundary events on every kind of activity (BPMN 2.0.2, 10.5.4): interrupting, beside, several on one."""

from __future__ import annotations

import pytest

from engine.kernel import NotWaiting
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import extended, props
from tests.kernel.driver import Deployed, Run
from tests.kernel.elements.parts import (
    TERMINATE,
    boundary,
    call,
    catch,
    conditional,
    end,
    error,
    escalation,
    flows,
    gateway,
    handled,
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
from tests.kernel.elements.surroundings import play, play_to_the_end

MAPPED = extended(
    '<camunda:inputOutput><camunda:inputParameter name="own">=1</camunda:inputParameter></camunda:inputOutput>'
)
CALLED = process(start("qs"), user("w"), flows("qs > w"), id="q")
INSIDE = start("is") + user("w") + flows("is > w")
ACTIVITIES: dict[str, str] = {
    "user task": user("x"),
    "manual task": '<manualTask id="x"/>',
    "service task": service("x"),
    "send task": service("x").replace("serviceTask", "sendTask"),
    "receive task": '<receiveTask id="x" messageRef="message_N"/>',
    "subprocess": sub("x", INSIDE),
    "transaction": f'<transaction id="x">{INSIDE}</transaction>',
    "ad-hoc subprocess": f'<adHocSubProcess id="x">{user("w")}</adHocSubProcess>',
    "call activity": call("x"),
    "items": within(user("x"), items(3)),
    "items in sequence": within(user("x"), items(3, sequential=True)),
    "rounds": within(user("x"), rounds(2)),
    "mapped inputs": within(user("x"), MAPPED),
    "items of subprocesses with mapped inputs": within(sub("x", INSIDE), MAPPED + items(2)),
    "items of calls": call("x", inside=items(2)),
}
EVENTS: dict[str, tuple[str, str]] = {
    "message": (message(), "deliver b"),
    "timer": (timer(), "fire b"),
    "signal": (signal(), "signal S"),
    "conditional": (conditional("v = 1"), "set v 1"),
}


def guarded(activity: str, *events: str, anyway: bool = False) -> Run:
    """The activity between a start and an end event, with what stands on it; those lead to a task ``y``."""
    body = (start(), activity, *events, user("y"), end(), flows("s > x > e"))
    deployed = Deployed(CALLED)
    ref = deployed.deploy(process(*body), anyway=anyway)
    return Run(deployed).start(ref, {"v": 0})


def on_x(id: str, event: str, *, interrupting: bool = True) -> str:
    return boundary(id, "x", event, interrupting=interrupting) + flows(f"{id} > y")


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("name", [name for name in ACTIVITIES if name != "manual task"])
def test_an_interrupting_event_ends_every_kind_of_activity(name: str, event: str) -> None:
    definition, action = EVENTS[event]
    r = guarded(ACTIVITIES[name], on_x("b", definition), boundary("n", "x", timer("P9D"), interrupting=False),
                flows("n > y"))  # fmt: skip
    play(r, [action])
    assert r.tasks == ["y"]
    assert (r.open.services, r.open.timers, r.open.messages, r.open.signals, r.open.calls) == ({},) * 5
    assert (len(r.store.scopes), took(r, "x", "e")) == (1, [])
    r.complete("y")
    assert r.ended == "completed"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("name", [name for name in ACTIVITIES if name != "manual task"])
def test_one_beside_lets_every_kind_go_on(name: str, event: str) -> None:
    definition, action = EVENTS[event]
    r = guarded(ACTIVITIES[name], on_x("b", definition, interrupting=False))
    before = sorted([*r.tasks, *(one.element for one in r.open.services.values())])
    play(r, [action])
    assert sorted([*r.tasks, *(one.element for one in r.open.services.values())]) == sorted([*before, "y"])
    while "y" in r.tasks:
        r.complete("y")
    for service_task in list(r.open.services.values()):
        r.send(s.JobDone(service_task.token))
    play_to_the_end(r, ["complete x", "complete w", "deliver x"])
    assert (r.ended, took(r, "e")) == ("completed", ["e"])


@pytest.mark.parametrize("name", ACTIVITIES)
def test_leaving_the_activity_clears_all_its_events(name: str) -> None:
    events = [on_x(f"b{number}", definition) for number, (definition, _) in enumerate(EVENTS.values())]
    r = guarded(ACTIVITIES[name], *events, boundary("be", "x", error("E")), flows("be > y"))
    for service_task in list(r.open.services.values()):
        r.send(s.JobDone(service_task.token))
    play_to_the_end(r, ["complete x", "complete w", "deliver x"])
    assert (r.ended, took(r, "e", "y")) == ("completed", ["e"])


def test_only_the_first_of_several_interrupting_events_happens() -> None:
    r = guarded(user("x"), on_x("b1", timer()), on_x("b2", timer("PT2H")), on_x("b3", message()), on_x("b4", signal()))
    late = r.timer("b2").wait
    r.fire("b1")
    assert r.tasks == ["y"]
    with pytest.raises(NotWaiting):
        r.send(s.FireTimer(late))
    assert r.signal("S") == ()


def test_one_signal_sets_off_what_does_not_interrupt_before_what_does() -> None:
    beside = on_x("b1", signal(), interrupting=False)
    r = guarded(user("x"), beside, on_x("b2", signal()))
    assert r.tasks == ["x"]
    r.signal("S")
    assert (r.tasks, took(r, "b1", "b2")) == (["y", "y"], ["b1", "b2"])
    r = guarded(user("x"), on_x("b2", signal()), beside)
    r.signal("S")
    assert (r.tasks, took(r, "b1", "b2")) == (["y"], ["b2"]), "listeners hear it in the order of the file"


def test_a_boundary_event_may_lead_back_into_the_activity() -> None:
    r = started(
        start(), gateway("m", kind="exclusive"), within(sub("x", INSIDE), items(2)), boundary("b", "x", timer()),
        boundary("n", "x", timer("R/PT20M"), interrupting=False), end("ne"), end(),
        flows("s > m > x > e", "b > m", "n > ne"),
    )  # fmt: skip
    r.fire("b")
    size, scopes = r.store.size, len(r.store.scopes)
    for _ in range(40):
        r.fire("n")
        r.fire("b")
    assert (r.store.size - size < 40, len(r.store.scopes)) == (True, scopes)
    r.complete("w")
    r.complete("w")
    assert r.ended == "completed"


def test_events_on_activities_inside_go_with_those_around() -> None:
    deep = sub("x", start("is"), within(sub("d", start("ds"), user("w"), boundary("wb", "w", timer()), user("wy"),
               flows("ds > w", "wb > wy")), items(2)), boundary("db", "d", message()), user("dy"),
               flows("is > d", "db > dy"))  # fmt: skip
    r = guarded(deep, on_x("b", signal()))
    r.fire("wb")
    assert sorted(r.tasks) == ["w", "wy"]
    r.deliver("db")
    assert (r.tasks, r.open.timers) == (["dy"], {})
    r.signal("S")
    assert r.tasks == ["y"]


def test_an_activity_that_has_failed_can_still_be_interrupted() -> None:
    r = guarded(script("x", "k", "missing + 1"), on_x("b", timer()), on_x("n", message(), interrupting=False))
    assert r.failure("x").code == "UNKNOWN_VARIABLE"
    r.deliver("n")
    assert r.tasks == ["y"]
    r.fire("b")
    assert (r.tasks, r.open.failed) == (["y", "y"], {})


def test_an_event_without_flow_ends_its_token() -> None:
    r = started(start(), user("x"), boundary("b", "x", timer()), end(), flows("s > x > e"), anyway=True)
    r.fire("b")
    assert (r.ended, took(r, "b", "x")) == ("completed", ["b"])


def test_an_event_may_have_several_flows_and_a_condition_on_one() -> None:
    r = started(
        start(), user("x"), boundary("b", "x", message()), user("y1", "y2", "y3"), end(),
        flows("s > x > e", "b > y1", "b > [v > 1] y2", "b > [v < 1] y3"), anyway=True,
    )  # fmt: skip
    r.deliver("b", v=2)
    assert r.tasks == ["y1", "y2"]


def test_working_time_and_cycles_belong_to_their_own_event() -> None:
    r = guarded(
        user("x"),
        boundary("b1", "x", props(calendar="bank") + timer("PT3H")) + flows("b1 > y"),
        boundary("b2", "x", timer("R2/PT1H"), interrupting=False) + flows("b2 > y"),
    )
    r.fire("b2")
    r.fire("b2")
    assert (r.tasks, list(r.open.timers.values())) == (["x", "y", "y"], [r.timer("b1")])
    r.fire("b1")
    assert r.tasks == ["y", "y", "y"]


def test_terminate_ends_only_the_subprocess_it_lies_in() -> None:
    inside = sub("d", start("ds"), gateway("df"), user("w"), catch("c", signal()), call("q1"), end("de", TERMINATE),
                 flows("ds > df > w > de", "df > c", "df > q1")).replace('id="w"', 'id="v"')  # fmt: skip
    inside = inside.replace('"w"', '"v"')
    r = guarded(
        sub("x", start("is"), gateway("f"), inside, user("u"), flows("is > f > d", "f > u")), on_x("b", timer())
    )
    r.complete("v")
    assert (r.tasks, r.open.signals, r.open.calls) == (["u"], {}, {})
    assert took(r, "d") == ["d"], "the subprocess itself has completed"
    r.complete("u")
    assert (r.ended, took(r, "x", "e")) == ("completed", ["x", "e"])


def test_terminate_in_an_item_and_in_a_called_instance_ends_that_alone() -> None:
    body = (start("is"), gateway("f"), user("w", "v"), end("ie", TERMINATE), flows("is > f > w > ie", "f > v"))
    r = started(start(), within(sub("x", *body), items(2)), end(), flows("s > x > e"))
    r.complete("w")
    assert sorted(r.tasks) == ["v", "w"]
    r.complete("w")
    assert r.ended == "completed"
    r = started(start(), call("x", inside=items(2)), end(), flows("s > x > e"), called=process(*body, id="q"))
    r.complete("w")
    assert sorted(r.tasks) == ["v", "w"]
    assert [one.outcome for one in r.log if isinstance(one, e.CallEnded)] == ["terminated"]
    r.complete("w")
    assert r.ended == "completed"


def test_terminate_does_not_set_off_events_or_errors() -> None:
    inside = sub("x", start("is"), gateway("f"), throw("t", message()), user("w"), end("ie", TERMINATE),
                 flows("is > f > t > ie", "f > w"))  # fmt: skip
    r = guarded(inside, on_x("b", error()), on_x("b2", escalation()), on_x("b3", signal()))
    assert (r.ended, took(r, "b", "b2", "b3", "x")) == ("completed", ["x"])


def test_what_follows_an_event_may_wait_for_a_transaction_of_its_own() -> None:
    begun = 'camunda:asyncBefore="true"'
    r = guarded(user("x"), boundary("b", "x", message(), attributes=begun), flows("b > y"))
    r.deliver("b", k=1)
    assert (r.tasks, r.variables()["k"]) == ([], 1)
    r.fire("b")
    assert r.tasks == ["y"]
    r = started(start(), user("x"), flows("s > x"), handled("h", message(), interrupting=False, attributes=begun))
    r.deliver("h_s")
    assert r.tasks == ["x"]
    r.fire("h_s")
    assert r.tasks == ["x", "h_t"]
