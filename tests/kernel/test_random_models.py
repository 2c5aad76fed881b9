"""Random structured models in random orders: the machine does what an oracle without tokens says, step by step.

The driver checks after every step that the stored state reads back to the same text, that the same inputs give the
same outputs, that the effects alone tell what is open, and that what has not ended waits for something named.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.kernel import effects as e
from engine.kernel import stimuli as s
from engine.kernel.encoding import decode_scope
from engine.kernel.scope import ScopeKind, ancestors_of
from tests.kernel.driver import Deployed, Run
from tests.kernel.random.oracle import Oracle
from tests.kernel.random.regions import new_env
from tests.kernel.random.terms import TERMS, Term, kinds, numbered
from tests.kernel.random.writer import Writer

EXAMPLES = int(os.environ.get("RANDOM_MODELS", "150"))
"""How many models; set it to thousands to look for what a few do not show."""
_QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)

Waiting = e.TaskOpened | e.TimerSet | e.AwaitMessage | e.AwaitSignal


def waiting(run: Run) -> Iterator[tuple[str, str, Waiting]]:
    """Name, handle and effect of what is open. The name is the element with the indexes of the items around it."""
    indexes: dict[str, str] = {}
    for open_ones in (run.open.tasks, run.open.timers, run.open.messages, run.open.signals):
        for handle, one in open_ones.items():
            scope = handle.partition(":")[0]
            if scope not in indexes:
                found = [decode_scope(run.store.scopes[id]) for id in ancestors_of(scope)]
                indexes[scope] = "".join(f"/{one.index}" for one in found if one.kind is ScopeKind.ITEM)
            yield one.element + indexes[scope], handle, one


def open_names(run: Run) -> list[str]:
    return sorted(name for name, _, _ in waiting(run))


def happen(run: Run, name: str, order: random.Random) -> None:
    """One of the open things of that name, whichever the order says."""
    handle, one = order.choice([(handle, one) for found, handle, one in waiting(run) if found == name])
    if isinstance(one, e.TaskOpened):
        run.send(s.CompleteTask(handle))
    elif isinstance(one, e.TimerSet):
        run.now = max(run.now, one.due)
        run.send(s.FireTimer(handle))
    elif isinstance(one, e.AwaitMessage):
        run.send(s.DeliverMessage(handle))
    else:
        run.send(s.DeliverSignal(one.name))


def started(term: Term) -> Run:
    written = Writer(term)
    deployed = Deployed(*written.called)
    return Run(deployed).start(deployed.deploy(written.root), new_env())


_TASK, _LOGGED = ("task",), ("logged", True)
LOOPED_JOIN = ("loop", ("par", [("inclusive", [_TASK, _TASK, _TASK], 2, False), _TASK]), 3)
UNDONE = ("compensate", ("seq", [_LOGGED, ("compensate", ("each", _LOGGED, 2, False), False), _LOGGED]), True)
AD_HOC = ("each", ("adhoc", [_TASK, _TASK, _TASK], False, 1, True), 2, True)
SHARED = ("loop", ("par", [("seq", [("task",), ("add", "a", 1)]), ("seq", [("task",), ("add", "b", 1)])]), 3)


@settings(_QUIET, max_examples=EXAMPLES)
@given(TERMS, st.integers(0, 2**32))
@example(SHARED, 1)
@example(LOOPED_JOIN, 1)
@example(UNDONE, 1)
@example(AD_HOC, 1)
@example(("sub", ("reminded",)), 2)
@example(("par", [("call", SHARED), ("sub", ("par", [("timed",), ("items", 3, False)])), ("add", "a", 5)]), 3)
def test_the_machine_agrees_with_the_oracle(term: Term, seed: int) -> None:
    term = numbered(term)
    run = started(term)
    oracle = Oracle(term)
    order = random.Random(seed)
    any_order = "cancelled" in set(kinds(term))  # what was still open is undone in the order of its tokens
    for _ in range(2_000):
        assert Counter(open_names(run)) == Counter(oracle.names)
        assert run.open.failed == {}
        assert (run.ended == "completed") is oracle.ended
        variables, expected = run.variables(), oracle.env
        assert (variables["a"], variables["b"]) == (expected["a"], expected["b"])
        assert variables["log"] == expected["log"] or (
            any_order and sorted(variables["log"]) == sorted(expected["log"])  # type: ignore[call-overload] # a list
        )
        if oracle.ended:
            break
        name = order.choice(oracle.names)
        oracle.happen(name)
        happen(run, name, order)
    assert oracle.ended, "2,000 steps end every model of this size"


@settings(_QUIET, max_examples=40)
@given(TERMS, st.integers(0, 2**32))
def test_cancelling_at_any_moment_closes_everything(term: Term, seed: int) -> None:
    run = started(numbered(term))
    order = random.Random(seed)
    for _ in range(order.randrange(6)):
        names = open_names(run)
        if names:
            happen(run, order.choice(names), order)
    if run.ended is None:
        run.send(s.Cancel("changed our mind"))
        assert run.ended == "cancelled"
    assert open_names(run) == []
