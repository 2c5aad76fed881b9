"""State is what is active, never history: long loops stay as small and as cheap as they began.

Every step stores the state and reads it again. Sizes and numbers of scopes are asserted exactly; the work of a step is
the number of calls it makes, which no busy machine changes. Seconds are for the benchmarks.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.kernel.bpmn import flow, model
from tests.kernel.driver import Deployed, Run

ROUNDS = 5_000
STACK = 512 * 1024

_REMIND = (
    '<boundaryEvent id="b" attachedToRef="x" cancelActivity="false"><timerEventDefinition>'
    '<timeDuration>PT72H</timeDuration></timerEventDefinition></boundaryEvent><userTask id="escalate"/>'
    + flow("b", "escalate")
)
LOOP = (
    '<startEvent id="s"/><exclusiveGateway id="in"/><userTask id="x"/><exclusiveGateway id="out" default="out_e"/>'
    '<endEvent id="e"/>'
    + flow("s", "in")
    + flow("in", "x")
    + flow("x", "out")
    + flow("out", "in", "again")
    + flow("out", "e")
    + _REMIND
)
SUBPROCESS_LOOP = LOOP.replace(
    '<userTask id="x"/>',
    '<subProcess id="x"><startEvent id="is"/><userTask id="i"/><endEvent id="ie"/>'
    + flow("is", "i")
    + flow("i", "ie")
    + "</subProcess>",
)


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    before = sys.getrecursionlimit()
    yield
    assert sys.getrecursionlimit() == before


def on_a_small_stack(work: Callable[[], None]) -> None:
    """Runs ``work`` in a thread with a stack of 512 KB and passes on what it raises."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as problem:  # noqa: BLE001 - handed over to the thread of the test
            raised.append(problem)

    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    if raised:
        raise raised[0]


def started(body: str, **variables: object) -> Run:
    deployed = Deployed()
    return Run(deployed, checks=False).start(deployed.deploy(model(body)), variables)


def shape(run: Run) -> str:
    """The whole state with every number and scope id made alike: what must not grow."""
    return re.sub(r"[0-9.]+", "0", str(sorted(run.store.scopes.items())))


def calls_of(work: Callable[[], object]) -> int:
    """How many functions, in Python and in C, ``work`` calls."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


class Rounds:
    """Sizes by round, and the calls of rounds 10 and 5,000."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.sizes: list[int] = []
        self.shapes: set[str] = set()
        self.loaded: list[int] = []
        self.calls: list[int] = []

    def turn(self, element: str) -> None:
        run = self.run
        if len(self.sizes) in (9, ROUNDS - 1):
            self.calls.append(calls_of(lambda: run.complete(element, again=True)))
        else:
            run.complete(element, again=True)
        run.log.clear()
        self.sizes.append(run.store.size)
        self.loaded.append(len(run.store.loaded))
        self.shapes.add(shape(run))

    def are_flat(self) -> None:
        assert len(set(self.loaded)) == 1
        assert len(self.shapes) == 1, "only the numbers in the state may change"
        assert self.sizes[-1] <= self.sizes[9] * 1.3
        early, late = self.calls
        assert late <= 1.3 * early, f"{early} calls in round 10, {late} in round {ROUNDS}"


def test_a_user_task_with_a_reminder_in_a_loop() -> None:
    def work() -> None:
        rounds = Rounds(started(LOOP))
        for _ in range(ROUNDS):
            rounds.turn("x")
        rounds.are_flat()
        assert rounds.sizes[-1] < 400
        rounds.run.complete("x", again=False)
        assert rounds.run.ended == "completed"

    on_a_small_stack(work)


def test_the_same_while_an_escalation_from_round_three_stays_open() -> None:
    def work() -> None:
        run = started(LOOP)
        for _ in range(2):
            run.complete("x", again=True)
        run.fire("b")
        escalation = run.task("escalate").token
        rounds = Rounds(run)
        for _ in range(ROUNDS):
            rounds.turn("x")
        rounds.are_flat()
        assert run.task("escalate").token == escalation
        assert len(run.open.tasks) == 2
        run.complete("x", again=False)
        assert run.ended is None
        run.complete("escalate")
        assert run.ended == "completed"

    on_a_small_stack(work)


def test_a_subprocess_in_a_loop() -> None:
    def work() -> None:
        rounds = Rounds(started(SUBPROCESS_LOOP))
        for _ in range(ROUNDS):
            rounds.turn("i")
            assert len(rounds.run.store.scopes) == 2
        rounds.are_flat()

    on_a_small_stack(work)


def branch(name: str) -> str:
    count = f'<script>{name} + 1</script></scriptTask><exclusiveGateway id="out_{name}" default="out_{name}_j"/>'
    return (
        f'<exclusiveGateway id="in_{name}"/><userTask id="t_{name}"/>'
        f'<scriptTask id="c_{name}" camunda:resultVariable="{name}">{count}'
        + flow("f", f"in_{name}")
        + flow(f"in_{name}", f"t_{name}")
        + flow(f"t_{name}", f"c_{name}")
        + flow(f"c_{name}", f"out_{name}")
        + flow(f"out_{name}", f"in_{name}", f"{name} &lt; 500")
        + flow(f"out_{name}", "j")
    )


def test_two_branches_that_loop_500_times_and_join_keep_both_counts() -> None:
    def work() -> None:
        forks = '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/><userTask id="after"/>'
        run = started(forks + flow("s", "f") + branch("a") + branch("b") + flow("j", "after"), a=0, b=0)
        for name in ("a", "b"):
            run.complete(f"t_{name}")
        shapes = set()
        for _ in range(498):
            for name in ("a", "b"):
                run.complete(f"t_{name}")
                shapes.add(shape(run))
        assert len(shapes) == 2, "one after a round of each branch"
        run.complete("t_a")
        run.complete("t_b")
        assert run.tasks == ["after"]
        assert run.variables() == {"a": 500, "b": 500}

    on_a_small_stack(work)


@pytest.mark.parametrize("kind", ["task", "userTask"])
def test_three_thousand_tasks_in_a_straight_line(kind: str) -> None:
    def work() -> None:
        names = [f"t{n}" for n in range(3_000)]
        body = '<startEvent id="s"/>' + "".join(f'<{kind} id="{name}"/>' for name in names)
        body += "".join(flow(a, b) for a, b in zip(["s", *names], names, strict=False))
        run = started(body)
        if kind == "userTask":
            for name in names:
                assert run.tasks == [name]
                run.complete(name)
                run.log.clear()
                assert run.store.size < 200
        assert run.ended == "completed"

    on_a_small_stack(work)
