"""Every kind of event in every surrounding: in subprocesses, loops, parallel branches, items, called instances.

What an event does alone it does in each surrounding, as often as the surrounding says, and leaves nothing behind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

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
    sub,
    throw,
    timer,
    user,
    within,
)
from tests.kernel.elements.surroundings import SURROUNDINGS, play_to_the_end


@dataclass(frozen=True)
class Part:
    """What lies between ``i`` and ``o``, what happens to it, and what completes in one run, with spaces between."""

    body: str
    actions: str
    path: str


TRIGGERS: dict[str, tuple[str, str]] = {
    "message": (message(), "deliver {}"),
    "timer": (timer(), "fire {}"),
    "signal": (signal(), "signal S"),
    "condition": (conditional("v = 1"), "set v 1, set v 0"),
    "multiple": (message("N") + signal("T") + timer("PT5H"), "signal T"),
}
AGAIN = {**TRIGGERS, "timer": (timer("R2/PT1H"), "fire {}")}
SEVERAL = user("t", "u") + gateway("f") + start("is") + flows("is > f > t", "f > u")
CALLED = {
    "fails": process(start("fs"), end("fe", error("E")), flows("fs > fe"), id="fails"),
    "escalates": process(start("xs"), throw("xt", escalation("X")), user("xu"), flows("xs > xt > xu"), id="escalates"),
}


def beside(event: str, task: str = "", *, interrupting: bool = True) -> str:
    """The activity ``x`` with a boundary event ``b`` that leads to a task ``y``, and from there on if it interrupts."""
    chains = ("i > x > o", "b > y > o") if interrupting else ("i > x > o", "b > y")
    return (task or user("x")) + boundary("b", "x", event, interrupting=interrupting) + user("y") + flows(*chains)


def caught_inside(*body: str) -> str:
    return sub("x", start("is"), *body) + flows("i > x > o")


def triggered_parts() -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for name, (event, action) in TRIGGERS.items():
        now, at = action.format("c"), action.format("b")
        parts[f"catch {name}"] = Part(catch("c", event) + flows("i > c > o"), now, "c")
        parts[f"boundary {name}"] = Part(beside(event), f"{at}, complete y", "b y")
        around = beside(event, sub("x", SEVERAL))
        parts[f"boundary {name} of a subprocess"] = Part(around, f"complete t, {at}, complete y", "is f t b y")
        around = beside(event, within(user("x"), items(3)))
        parts[f"boundary {name} of items"] = Part(around, f"{at}, complete y", "b y")
        choice = (
            gateway("g", kind="eventBased") + catch("c", event) + catch("c2", message("N")) + catch("c3", timer("P9D"))
        )
        choice += flows("i > g > c > o", "g > c2 > o", "g > c3 > o")
        parts[f"choice {name}"] = Part(choice, now, "g c")
        inside = sub("x", SEVERAL, handled("h", event)) + flows("i > x > o")
        at = action.format("h_s")
        parts[f"event subprocess {name}"] = Part(inside, f"complete t, {at}, complete h_t", "is f t h_s h_t h_e h x")
    for name, (event, action) in AGAIN.items():
        at = action.format("b")
        twice = f"{at}, {at}, complete x, complete y"
        parts[f"boundary {name}, twice"] = Part(beside(event, interrupting=False), twice, "x b b y y")
        inside = caught_inside(user("t"), flows("is > t"), handled("h", event, interrupting=False))
        at = action.format("h_s")
        twice = f"{at}, {at}, complete t, complete h_t"
        parts[f"event subprocess {name}, twice"] = Part(inside, twice, "is t x" + " h_s h_t h_e h" * 2)
    return parts


def thrown_parts() -> dict[str, Part]:
    failing = start("is") + user("t") + gateway("f") + end("ie", error("E")) + flows("is > f > t", "f > ie")
    escalating = start("is") + throw("it", escalation("X")) + user("t") + flows("is > it > t")
    broken = script("x", "k", "missing + 1")
    both = gateway("f") + '<inclusiveGateway id="j"/>'
    return {
        "error of a person": Part(beside(error("E")), "error x E, complete y", "b y"),
        "error of a service": Part(beside(error("E"), service("x")), "error x E, complete y", "b y"),
        "error of a subprocess": Part(beside(error("E"), sub("x", failing)), "complete y", "is f b y"),
        "error of a called process": Part(beside(error("E"), call("x", "fails")), "complete y", "fs b y"),
        "error of items": Part(beside(error("E"), within(sub("x", failing), items(2))), "complete y", "is is f f b y"),
        "error of rounds": Part(beside(error(), within(sub("x", failing), rounds(3))), "complete y", "is f b y"),
        "error of a script": Part(beside(error(), broken), "complete y", "b y"),
        "error to an event subprocess": Part(
            caught_inside(failing.replace(start("is"), ""), handled("h", error())),
            "complete h_t",
            "is f h_s h_t h_e h x",
        ),
        "escalation of a person": Part(
            beside(escalation("X"), interrupting=False), "escalate x X, escalate x Y, complete x, complete y", "x b y"
        ),
        "escalation of a person, interrupting": Part(beside(escalation()), "escalate x X, complete y", "b y"),
        "escalation of a subprocess": Part(
            beside(escalation("X"), sub("x", escalating), interrupting=False), "complete t, complete y", "is it t x b y"
        ),
        "escalation of a called process": Part(
            beside(escalation("X"), call("x", "escalates"), interrupting=False),
            "complete xu, complete y",
            "xs xt xu x b y",
        ),
        "escalation of items": Part(
            beside(escalation("X"), within(sub("x", escalating), items(2, sequential=True)), interrupting=False),
            "complete t, complete t, complete y",
            "is it t x is it t x x b y b y",
        ),
        "escalation of a subprocess, interrupting": Part(
            beside(escalation("X"), sub("x", escalating)), "complete y", "is b y"
        ),
        "escalation to an event subprocess": Part(
            caught_inside(escalating.replace(start("is"), ""), handled("h", escalation("X"), interrupting=False)),
            "complete t, complete h_t",
            "is it t h_s h_t h_e h x",
        ),
        "escalation nobody catches": Part(throw("t", escalation("X")) + flows("i > t > o"), "", "t"),
        "message": Part(throw("t", message()) + flows("i > t > o"), "", "t"),
        "nothing": Part(throw("t", "") + flows("i > t > o"), "", "t"),
        "signal to a parallel branch": Part(
            gateway("f", "j") + throw("t", signal()) + catch("c", signal()) + flows("i > f > t > j > o", "f > c > j"),
            "",
            "f t c j",
        ),
        "link": Part(
            both + throw("t1", link("L")) + throw("t2", link("K")) + catch("c1", link("L")) + catch("c2", link("K"))
            + flows("i > f > t1", "f > t2", "c1 > j > o", "c2 > j"),
            "",
            "f t1 t2 c1 c2 j",
        ),
        "terminate": Part(
            sub("x", SEVERAL, end("te", TERMINATE), flows("u > te")) + flows("i > x > o"), "complete u", "is f u te x"
        ),
        "all of a parallel multiple event": Part(
            catch("c", message() + signal() + conditional("v = 1"), 'parallelMultiple="true"') + flows("i > c > o"),
            "set v 1, set v 0, deliver c, signal S",
            "c",
        ),
        "parallel multiple event subprocess": Part(
            caught_inside(user("t"), flows("is > t"),
                          handled("h", message() + signal(), attributes='parallelMultiple="true"')),
            "signal S, deliver h_s, complete h_t",
            "is h_s h_t h_e h x",
        ),
        "event subprocess in an event subprocess": Part(
            caught_inside(user("t"), flows("is > t"),
                          handler("h", start("h_s", message()), user("u"), flows("h_s > u"), handled("k", signal()))),
            "deliver h_s, signal S, complete k_t",
            "is h_s k_s k_t k_e k h x",
        ),
    }  # fmt: skip


PARTS = {**triggered_parts(), **thrown_parts()}


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize("name", PARTS)
def test_an_event_does_the_same_everywhere(name: str, surrounding: str) -> None:
    part, around = PARTS[name], SURROUNDINGS[surrounding]
    r = around.start(part.body, *(other for id, other in CALLED.items() if f'calledElement="{id}"' in part.body))
    play_to_the_end(r, [*(action for action in part.actions.split(", ") if action), *around.last])
    assert r.ended == "completed", r.path()
    expected = Counter({id: count * around.times for id, count in Counter(["i", *part.path.split(), "o"]).items()})
    assert Counter(id for id in r.path() if id in _ids(part)) == expected


def _ids(part: Part) -> set[str]:
    parts = [piece.split('"')[0] for piece in part.body.split(' id="')[1:]]
    return {"i", "o", *parts, "fs", "xs", "xt", "xu"}
