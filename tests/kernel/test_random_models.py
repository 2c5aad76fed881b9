"""Random structured models in random orders: the machine does what an oracle without tokens says, step by step.

The driver checks after every step that the stored state reads back to the same text, that the same inputs give the
same outputs, that the effects alone tell what is open, and that what has not ended waits for something named.
"""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.kernel import stimuli as s
from tests.kernel.driver import Deployed, Run
from tests.kernel.structured import TERMS, Oracle, Term, Writer, numbered


def open_names(run: Run) -> list[str]:
    return sorted(one.element for one in [*run.open.tasks.values(), *run.open.timers.values()])


def happen(run: Run, name: str, order: random.Random) -> None:
    """One of the open tasks or timers of that name, whichever the order says."""
    tasks = [token for token, one in run.open.tasks.items() if one.element == name]
    if tasks:
        run.send(s.CompleteTask(order.choice(tasks)))
        return
    timers = [one for one in run.open.timers.values() if one.element == name]
    timer = order.choice(timers)
    run.now = max(run.now, timer.due)
    run.send(s.FireTimer(timer.wait))


SHARED = ("loop", ("par", [("seq", [("task",), ("add", "a", 1)]), ("seq", [("task",), ("add", "b", 1)])]), 3)


@settings(derandomize=True, max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TERMS, st.integers(0, 2**32))
@example(SHARED, 1)
@example(("sub", ("reminded",)), 2)
@example(("par", [("call", SHARED), ("sub", ("par", [("timed",), ("items", 3, False)])), ("add", "a", 5)]), 3)
def test_the_machine_agrees_with_the_oracle(term: Term, seed: int) -> None:
    term = numbered(term)
    written = Writer(term)
    deployed = Deployed(*written.called)
    run = Run(deployed).start(deployed.deploy(written.root), {"a": 0, "b": 0})
    oracle = Oracle(term)
    order = random.Random(seed)
    for _ in range(2_000):
        assert Counter(open_names(run)) == Counter(oracle.names)
        assert run.open.failed == {}
        assert (run.ended == "completed") is oracle.ended
        variables = run.variables()
        assert {name: variables[name] for name in oracle.env} == oracle.env
        if oracle.ended:
            break
        name = order.choice(oracle.names)
        oracle.happen(name)
        happen(run, name, order)
    assert oracle.ended, "2,000 steps end every model of this size"


@settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TERMS, st.integers(0, 2**32))
def test_cancelling_at_any_moment_closes_everything(term: Term, seed: int) -> None:
    written = Writer(numbered(term))
    deployed = Deployed(*written.called)
    run = Run(deployed).start(deployed.deploy(written.root), {"a": 0, "b": 0})
    order = random.Random(seed)
    for _ in range(order.randrange(6)):
        names = open_names(run)
        if names:
            happen(run, order.choice(names), order)
    if run.ended is None:
        run.send(s.Cancel("changed our mind"))
        assert run.ended == "cancelled"
    assert not run.open.tasks
    assert not run.open.timers
