"""Which kernel runs an instance: the token machine, or SpiffWorkflow's runtime for a definition that asks for it."""

from __future__ import annotations

from datetime import datetime

from engine.kernel import machine
from engine.kernel.machine import Outcome
from engine.kernel.machine.work import Definitions
from engine.kernel.scope import ROOT
from engine.kernel.state import State
from engine.kernel.stimuli import Start, Stimulus

SPIFFWORKFLOW = "spiffworkflow"


def advance(definitions: Definitions, state: State, stimulus: Stimulus, now: datetime) -> Outcome:
    """Applies ``stimulus`` and runs until only waits are left. ``now`` is aware.

    Pure: ``state`` stays as it was, also when this raises; the same arguments give the same outcome. Raises
    `NotWaiting`, `NoSuchScope`, `NoSuchStart`, `AlreadyStarted`, `NotDeployed` (a definition that runs is missing),
    `UnsupportedValue` (a variable of the stimulus) and `UnreadableState`. The definition of the root instance chooses
    the kernel (``Definition.kernel``).
    """
    if kernel_of(definitions, state, stimulus) == SPIFFWORKFLOW:
        # SpiffWorkflow takes a while to load; most installations never need its runtime.
        from engine.kernel.spiff import runtime

        return runtime.advance(definitions, state, stimulus, now)
    return machine.advance(definitions, state, stimulus, now)


def kernel_of(definitions: Definitions, state: State, stimulus: Stimulus) -> str:
    """The kernel that a stimulus is for; "" when there is no instance. Raises `NotDeployed`."""
    root = state.find(ROOT)
    if root is not None:
        return definitions.get(root.definition).kernel
    return definitions.get(stimulus.definition).kernel if isinstance(stimulus, Start) else ""
