"""Random models full of events, and random things that happen to them: whatever comes, the state stays sound.

After every step the driver compares the effects with the stored state: nothing is open that no scope knows, nothing
waits that is over, and what has ended leaves nothing.
"""

from __future__ import annotations

from itertools import count
from random import Random

import pytest

from engine.kernel import stimuli as s
from engine.kernel.scope import ROOT
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
    handler,
    items,
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

SEEDS = 50
STEPS = 25
WAITED_FOR = (message("M"), message("N"), signal("S"), signal("T"), timer(), conditional("v > 1"), conditional("v = 0"))
CAUGHT = (*WAITED_FOR, error("E"), error(), escalation("X"), escalation())
THROWN = (signal("S"), signal("T"), escalation("X"), escalation("Y"), message("M"))
ENDS = (*THROWN, *[""] * 5, error("E"), TERMINATE)

QUIET_ENDS = (*[""] * 5, error("E"), TERMINATE)


class Writer:
    """Writes the body of a process; ids are numbered through."""

    def __init__(self, random: Random, *called: str) -> None:
        self.random = random
        self.called = called
        self.quiet = False  # in event subprocesses nothing is thrown that could start them again without end
        self.numbers = count()

    def id(self) -> str:
        return f"n{next(self.numbers)}"

    def body(self, depth: int, first: str | None = None) -> str:
        """A start event, a row of one to three things, an end event; perhaps event subprocesses beside."""
        ids, parts = [self.id()], []
        parts.append(first.replace('id=""', f'id="{ids[0]}"') if first else start(ids[0]))
        for _ in range(self.random.randint(1, 3)):
            id, part = self.thing(depth)
            ids.append(id)
            parts.append(part)
        ids.append(self.id())
        parts.append(end(ids[-1], self.random.choice(QUIET_ENDS if self.quiet else ENDS)))
        if depth and self.random.random() < 0.6:
            parts += [self.handler(depth - 1) for _ in range(self.random.randint(1, 2))]
        return "".join(parts) + flows(" > ".join(ids))

    def handler(self, depth: int) -> str:
        events = self.random.sample(CAUGHT, self.random.choice((1, 1, 1, 2)))
        interrupting = any("error" in event for event in events) or self.random.random() < 0.5
        before, self.quiet = self.quiet, True
        body = self.body(depth, start("", "".join(events), interrupting=interrupting))
        self.quiet = before
        return handler(self.id(), body)

    def thing(self, depth: int) -> tuple[str, str]:
        """Id and text of one activity, event or fork; perhaps with boundary events."""
        random, id = self.random, self.id()
        kind = random.choice(
            ("user", "user", "service", "script", "throw", "catch", "choice", *("sub", "fork", "call") * 2)
        )
        if kind in ("sub", "fork") and depth:
            if kind == "fork":
                return id, self.fork(id, depth - 1)
            activity = sub(id, self.body(depth - 1))
        elif kind == "call" and self.called and not self.quiet:
            activity = call(id, random.choice(self.called))
        elif kind == "script":
            activity = script(id, "k" if self.quiet else "v", random.choice(("0", "2", "v + 1")))
        elif kind == "service":
            activity = service(id)
        elif kind == "throw":
            return id, throw(id, message("M") if self.quiet else random.choice(THROWN))
        elif kind == "catch":
            return id, catch(id, random.choice(WAITED_FOR))
        elif kind == "choice":
            return id, self.choice(id)
        else:
            activity = user(id)
        wrapped = random.choice(("", "", "", items(2), items(3, sequential=True), rounds(2)))
        return id, within(activity, wrapped) + self.boundary(id)

    def boundary(self, on: str) -> str:
        parts = []
        for event in self.random.sample(CAUGHT, self.random.choice((0, 0, 1, 2))):
            interrupting = "error" in event or self.random.random() < 0.5
            id, task = self.id(), self.id()
            parts.append(boundary(id, on, event, interrupting=interrupting) + user(task) + flows(f"{id} > {task}"))
        return "".join(parts)

    def choice(self, id: str) -> str:
        """A subprocess with an event gateway."""
        first, g = self.id(), self.id()
        parts = start(first) + gateway(g, kind="eventBased") + flows(f"{first} > {g}")
        for event in self.random.sample(WAITED_FOR, 2):
            c, task = self.id(), self.id()
            parts += catch(c, event) + user(task) + flows(f"{g} > {c} > {task}")
        return sub(id, parts)

    def fork(self, id: str, depth: int) -> str:
        """A subprocess with two parallel rows that are joined."""
        s0, f, j, e = self.id(), self.id(), self.id(), self.id()
        ways = [self.thing(depth) for _ in range(2)]
        chains = [f"{f} > {way} > {j}" for way, _ in ways]
        rows = "".join(part for _, part in ways)
        return sub(id, start(s0), gateway(f, j), rows, end(e), flows(f"{s0} > {f}", *chains, f"{j} > {e}"))


def written(seed: int) -> Run:
    random = Random(seed)
    deployed = Deployed()
    deployed.deploy(process(Writer(random).body(0), id="q2"), anyway=True)
    deployed.deploy(process(Writer(random, "q2").body(1), id="q"), anyway=True)
    ref = deployed.deploy(process(Writer(random, "q", "q2").body(3)), anyway=True)
    return Run(deployed).start(ref, {"v": 0})


def happening(r: Run, random: Random) -> s.Stimulus:
    """Something that may happen now."""
    worked_on = [*(one.token for one in r.open.tasks.values()), *(one.token for one in r.open.services.values())]
    found: list[s.Stimulus] = [
        *(s.CompleteTask(one.token, {"v": random.randint(0, 3)}) for one in r.open.tasks.values()),
        *(s.JobDone(one.token) for one in r.open.services.values()),
        *(s.FireTimer(one.wait) for one in r.open.timers.values()),
        *(s.DeliverMessage(one.wait) for one in r.open.messages.values()),
        *(s.ThrowError(token, "E") for token in worked_on[:1] if random.random() < 0.3),
        *(s.ThrowEscalation(token, random.choice("XY")) for token in worked_on[:1]),
        s.DeliverSignal(random.choice("ST")),
        s.SetVariables(random.choice([ROOT, *r.open.calls]), {"v": random.randint(0, 3)}),
    ]
    return random.choice(found)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_the_state_stays_sound(seed: int) -> None:
    r = written(seed)
    random = Random(seed)
    for _ in range(STEPS):
        if r.ended is not None:
            break
        stimulus = happening(r, random)
        if isinstance(stimulus, s.FireTimer):
            r.now = max(r.now, r.open.timers[stimulus.wait].due)
        r.send(stimulus)
    else:
        r.send(s.Cancel())
        assert r.ended == "cancelled"
    codes = {one.code for one in r.open.failed.values()}
    assert codes <= {"LOOP_LIMIT", "JOIN_STUCK"}
