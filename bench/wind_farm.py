"""(e) The kernel on a real case: the wind farm is played on the engine, and every step that the kernel takes is taken
again from the stored state, by itself, to be measured.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from bench.scale import Scale
from bench.table import Row, micro
from engine.execution import advance as execution
from engine.kernel import Definitions, MemorySource, Outcome, State, advance
from engine.kernel.effects import StepEntered
from engine.kernel.stimuli import Start, Stimulus
from processes.scenario.run import run_script
from processes.scenario.script import load

WIND_FARM = Path(__file__).resolve().parents[1] / "processes/P00_project_lifecycle/scenarios/1-wind-farm.yaml"
AIM_SECONDS, AIM_BYTES = 100e-6, 2_000
AIM_STEP, AIM_STATE = "< 100 µs", "< 2 KB"


@dataclass(frozen=True, slots=True)
class Measured:
    """One step of the kernel: ``seconds`` for reading the stored scopes, advancing and encoding what changed.

    ``visits``: elements that were entered. ``state``: bytes of the whole case afterwards, of which ``variables``
    is what the case's own data takes. ``what`` names the stimulus.
    """

    what: str
    seconds: float
    visits: int
    state: int
    variables: int


@dataclass(slots=True)
class Meter:
    """Stands where the execution layer calls the kernel."""

    repeats: int
    steps: list[Measured] = field(default_factory=list)

    def advance(self, definitions: Definitions, state: State, stimulus: Stimulus, now: datetime) -> Outcome:
        """As the kernel's `advance`, of which this is the answer; the measured calls work on copies."""
        stored = {} if isinstance(stimulus, Start) else state.snapshot()
        seconds = [_alone(definitions, stored, stimulus, now) for _ in range(self.repeats)]
        outcome = advance(definitions, state, stimulus, now)
        after = outcome.state.snapshot()
        self.steps.append(
            Measured(
                type(stimulus).__name__,
                min(seconds),  # the least disturbed one
                sum(isinstance(effect, StepEntered) for effect in outcome.effects),
                sum(len(text.encode()) for text in after.values()),
                _data_bytes(after),
            )
        )
        return outcome


def bench_wind_farm(scale: Scale, folder: Path) -> list[Row]:
    """The rows of (e)."""
    with measuring(scale.repeats) as meter:
        run_script(load(WIND_FARM), folder)
    return _rows("wind farm", meter.steps)


@contextmanager
def measuring(repeats: int) -> Iterator[Meter]:
    """While the block runs, every step that the execution layer lets the kernel take is measured."""
    meter = Meter(repeats)
    with patch.object(execution, "advance", meter.advance):
        yield meter


def _alone(definitions: Definitions, stored: dict[str, str], stimulus: Stimulus, now: datetime) -> float:
    """Seconds of the step from stored texts to texts to be stored, without any database."""
    source = MemorySource(stored)
    began = time.perf_counter()
    state = State.new() if isinstance(stimulus, Start) else State.stored(source)
    encoded = advance(definitions, state, stimulus, now).state.changed
    took = time.perf_counter() - began
    assert encoded is not None
    return took


def _data_bytes(scopes: Mapping[str, str]) -> int:
    """What the variables take of the stored texts."""
    data = (json.loads(text).get("v", {}) for text in scopes.values())
    return sum(len(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()) for found in data)


def _rows(name: str, steps: Sequence[Measured]) -> list[Row]:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for step in steps:
        by_kind[step.what].append(step.seconds)
    total, visits = sum(step.seconds for step in steps), sum(step.visits for step in steps)
    kinds = ", ".join(f"{kind} {micro(statistics.median(found))}" for kind, found in sorted(by_kind.items()))
    median = statistics.median(step.seconds for step in steps)
    largest, typical = max(step.state for step in steps), statistics.median(step.state for step in steps)
    own = max(step.state - step.variables for step in steps)
    visited = f"{visits} visits by {len(steps)} stimuli"
    sizes = f"median {typical:,.0f} B; without the case's data at most {own:,} B"
    return [
        Row("e", f"{name}: kernel, an element", total / visits / AIM_SECONDS, micro(total / visits), visited, AIM_STEP),
        Row("e", f"{name}: kernel, a stimulus (median)", median / AIM_SECONDS, micro(median), kinds),
        Row("e", f"{name}: state, largest", largest / AIM_BYTES, f"{largest:,} B", sizes, AIM_STATE),
    ]
