"""Surroundings for a part of a model: each runs it a known number of times. And how to play what happens to it.

A part begins at the element ``i`` and ends at ``o``; actions are words such as ``complete x``, ``fire b``,
``deliver c``, ``signal S``, ``set v 1``, ``error x E`` and ``escalate x X``. An action is done to every element of that
name that waits for it, and passed over when none does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.kernel import stimuli as s
from engine.kernel.scope import ROOT
from tests.kernel.driver import Deployed, Run
from tests.kernel.elements.parts import (
    call,
    end,
    flows,
    gateway,
    handler,
    items,
    message,
    process,
    rounds,
    script,
    start,
    sub,
    user,
    within,
    worked_on,
)

_ENDS = '<task id="i"/><task id="o"/>'


@dataclass(frozen=True)
class Surrounding:
    """``outer`` is a process, with ``{part}`` where the part goes unless that is in a process of its own (``called``).

    ``times``: how often the part runs. ``first`` and ``last`` are actions before and after those of the part.
    """

    outer: str
    times: int = 1
    called: str = ""
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()

    def start(self, part: str, *others: bytes) -> Run:
        """An instance in which the part has begun."""
        deployed = Deployed(*others)
        if self.called:
            deployed.deploy(process(self.called.replace("{part}", _ENDS + part), id="q"))
        ref = deployed.deploy(process(self.outer.replace("{part}", _ENDS + part)))
        r = Run(deployed).start(ref, {"v": 0, "n": 0})
        play(r, self.first)
        return r


_INSIDE = start("ps") + end("pe") + "{part}" + flows("ps > i", "o > pe")
_AGAIN = script("count", "n", "n + 1") + gateway("m", "d", kind="exclusive")
_AROUND = start() + end() + flows("s > p1 > e")

SURROUNDINGS: dict[str, Surrounding] = {
    "alone": Surrounding(start() + end() + "{part}" + flows("s > i", "o > e")),
    "subprocess": Surrounding(_AROUND + sub("p1", _INSIDE)),
    "loop": Surrounding(
        start() + end() + _AGAIN + "{part}" + flows("s > m > i", "o > count > d > [n < 3] m", "d > [n = 3] e"), 3
    ),
    "parallel branches": Surrounding(
        start() + end() + user("z") + gateway("pf", "pj") + "{part}" + flows("s > pf > i", "pf > z > pj > e", "o > pj"),
        last=("complete z",),
    ),
    "items": Surrounding(_AROUND + within(sub("p1", _INSIDE), items(3)), 3),
    "items in sequence": Surrounding(_AROUND + within(sub("p1", _INSIDE), items(3, sequential=True)), 3),
    "rounds": Surrounding(_AROUND + within(sub("p1", _INSIDE), rounds(3)), 3),
    "called": Surrounding(_AROUND + call("p1"), called=_INSIDE),
    "called items": Surrounding(_AROUND + call("p1", inside=items(3)), 3, called=_INSIDE),
    "event subprocess": Surrounding(
        start() + user("z") + end() + flows("s > z > e")
        + handler("p1", start("ps", message("N"), interrupting=False), end("pe"), "{part}", flows("ps > i", "o > pe")),
        2,
        first=("deliver ps", "deliver ps"),
        last=("complete z",),
    ),
    "interrupting event subprocess": Surrounding(
        start() + user("z") + end() + flows("s > z > e")
        + handler("p1", start("ps", message("N")), end("pe"), "{part}", flows("ps > i", "o > pe")),
        first=("deliver ps",),
    ),
}  # fmt: skip


def play(r: Run, actions: Sequence[str]) -> None:
    """Does the actions once."""
    for action in actions:
        if r.ended is None:
            _act(r, *action.split())


def play_to_the_end(r: Run, actions: Sequence[str]) -> None:
    """Does the actions again and again until the instance has ended or nothing more happens."""
    before = -1
    while r.ended is None and before != len(r.log):
        before = len(r.log)
        play(r, actions)


def _act(r: Run, verb: str, what: str, *more: str) -> None:
    if verb == "signal":
        r.signal(what)
    elif verb == "set":
        for scope in (ROOT, *r.open.calls):
            if r.ended is None and (scope == ROOT or scope in r.open.calls):
                r.send(s.SetVariables(scope, {what: int(more[0])}))
    else:
        for stimulus in _stimuli(r, verb, what, more):
            if r.ended is None:
                r.send(stimulus)


def _stimuli(r: Run, verb: str, element: str, more: tuple[str, ...]) -> list[s.Stimulus]:
    match verb:
        case "complete":
            return [s.CompleteTask(one.token) for one in r.open.tasks.values() if one.element == element]
        case "deliver":
            return [s.DeliverMessage(one.wait) for one in r.open.messages.values() if one.element == element]
        case "fire":
            timers = [one for one in r.open.timers.values() if one.element == element]
            r.now = max([r.now, *(one.due for one in timers)])
            return [s.FireTimer(one.wait) for one in timers]
        case "error":
            return [s.ThrowError(token, more[0]) for token in worked_on(r, element)]
        case "escalate":
            return [s.ThrowEscalation(token, more[0]) for token in worked_on(r, element)]
    raise AssertionError(verb)
