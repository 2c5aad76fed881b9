"""Random graphs of all elements, also such as no check lets pass: whatever happens to them, the machine keeps its word.

It raises nothing but the declared errors, ends every step, gives the same for the same (the driver runs each step
twice), leaves a state that reads back to the same text and agrees with its effects, and nothing of an ended instance.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from engine.kernel import stimuli as s
from engine.kernel.build.process import build
from engine.kernel.errors import NoSuchStart
from engine.kernel.findings import ModelRefused, Report
from engine.kernel.machine import run as machine
from engine.kernel.read import read
from engine.kernel.scope import ROOT
from tests.kernel.driver import Deployed, Run
from tests.kernel.random.graphs import Graph

EXAMPLES = int(os.environ.get("RANDOM_MODELS", "60"))
STEPS, LARGEST = 20, 8_000


@pytest.fixture(autouse=True, scope="module")
def few_steps() -> Iterator[None]:
    """A graph that runs in circles stops soon."""
    patch = pytest.MonkeyPatch()
    patch.setattr(machine, "MAX_STEPS", 100)
    patch.setattr(machine, "MOST_STEPS", 200)
    yield
    patch.undo()


def deploy(deployed: Deployed, model: bytes) -> bool:
    """Deploys what can be compiled, whatever the check would say."""
    try:
        definitions = build(read(model, file="graph.bpmn"), Report("graph.bpmn"))
    except ModelRefused:
        return False
    for definition in definitions:
        ref = deployed.latest[definition.key] = f"{definition.key}:1"
        deployed.by_ref[ref] = replace(definition, ref=ref)
    return bool(definitions)


def stimuli(run: Run, order: random.Random) -> list[s.Stimulus]:
    """What can happen now."""
    values = {"n": order.randrange(6)}
    found: list[s.Stimulus] = [s.SetVariables(ROOT, values), s.DeliverSignal("S1"), s.DeliverSignal("S2", values)]
    for token in (*run.open.tasks, *run.open.services):
        found += [s.ThrowError(token, order.choice(("E1", "E2"))), s.ThrowEscalation(token, "X1")]
    found += [s.CompleteTask(token, values if order.random() < 0.3 else {}) for token in run.open.tasks] * 5
    found += [s.FireTimer(wait) for wait in run.open.timers] * 2
    found += [s.DeliverMessage(wait, values) for wait in run.open.messages] * 2
    found += [s.JobDone(token) for token in run.open.services] * 4
    found += [s.JobFailed(token, "503") for token in run.open.services]
    found += [s.Retry(token, values) for token in run.open.failed]
    return found


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.integers(0, 2**32), st.integers(2, 12))
def test_whatever_the_graph_the_machine_keeps_its_word(seed: int, size: int) -> None:
    graph = Graph(seed, size)
    deployed = Deployed()
    run = Run(deployed)
    assume(deploy(deployed, graph.called) and deploy(deployed, graph.root))
    order = random.Random(seed)
    try:
        run.start("p:1", {"n": 0})
    except NoSuchStart:
        return
    for _ in range(STEPS):
        if run.ended is not None or run.store.size > LARGEST:
            break
        run.now = max([run.now, *(timer.due for timer in list(run.open.timers.values())[:1])])
        run.send(order.choice(stimuli(run, order)))
    event(f"ended: {run.ended}")
    if run.ended is None:
        run.send(s.Cancel())
    assert run.store.scopes == {}
