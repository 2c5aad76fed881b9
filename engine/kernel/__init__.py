"""The kernel: reads and checks BPMN models, and runs them. Pure: no database, no clock of its own.

`compile_model` makes definitions from a file, `advance` makes the next state and effects from a state and a stimulus.
"""

from __future__ import annotations

from engine.kernel.errors import (
    AlreadyStarted,
    Code,
    DecisionFailed,
    KernelError,
    NoSuchScope,
    NoSuchStart,
    NotDeployed,
    NotWaiting,
    UnreadableState,
    UnsupportedValue,
)
from engine.kernel.kernels import advance
from engine.kernel.machine import Outcome
from engine.kernel.machine.work import BoundDecision, Definitions
from engine.kernel.scope import ancestors_of, split_handle
from engine.kernel.state import MemorySource, ScopeSource, State, TokenView

__all__ = [
    "AlreadyStarted",
    "BoundDecision",
    "Code",
    "DecisionFailed",
    "Definitions",
    "KernelError",
    "MemorySource",
    "NoSuchScope",
    "NoSuchStart",
    "NotDeployed",
    "NotWaiting",
    "Outcome",
    "ScopeSource",
    "State",
    "TokenView",
    "UnreadableState",
    "UnsupportedValue",
    "advance",
    "ancestors_of",
    "split_handle",
]
