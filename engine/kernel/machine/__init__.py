"""The token machine: `advance` (see ``engine.kernel``), one file per family of elements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.kernel.effects import Effect
from engine.kernel.machine.run import drain
from engine.kernel.machine.stimulus import apply
from engine.kernel.machine.work import Definitions, Work
from engine.kernel.state import State
from engine.kernel.stimuli import Stimulus


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step led to: the state after it, and what it did, in order."""

    state: State
    effects: tuple[Effect, ...]


def advance(definitions: Definitions, state: State, stimulus: Stimulus, now: datetime) -> Outcome:
    """Applies ``stimulus`` and runs until only waits are left. ``now`` is aware.

    Pure: ``state`` stays as it was, also when this raises; the same arguments give the same outcome. Raises
    `NotWaiting`, `NoSuchScope`, `NoSuchStart`, `AlreadyStarted`, `NotDeployed` (a definition that runs is missing),
    `UnsupportedValue` (a variable of the stimulus) and `UnreadableState`.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    work = Work(definitions, state, now)
    apply(work, stimulus)
    drain(work)
    return Outcome(work.result(), tuple(work.effects))
