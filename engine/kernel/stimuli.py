"""What can happen to an instance: the only inputs of `advance` besides the state and the instant.

Tokens and waits are named by the ids that earlier effects gave (`TaskOpened.token`, `TimerSet.wait`, ...). A stimulus
that names a token or wait which no longer exists raises `NotWaiting`: completing a finished task is refused, a timer
that was cleared cannot fire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Start:
    """Begins an instance of ``definition`` (a ref): without ``event`` at its none start event, or where it has no
    start event at every element that nothing leads to; else at the start event, instantiating receive task, or event
    behind an instantiating gateway of that id (see ``engine.kernel.starting``), ``part`` being which of a multiple
    event's definitions happened, counted from 0.
    """

    definition: str
    variables: Mapping[str, object] = field(default_factory=dict)
    business_key: str = ""
    event: str | None = None
    part: int = 0


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """A person finished the user or manual task on which ``token`` waits."""

    token: str
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FireTimer:
    """The timer ``wait`` is due. The caller checks the instant; a cycle sets its next tick itself."""

    wait: str


@dataclass(frozen=True, slots=True)
class DeliverMessage:
    """A message correlated with subscription ``wait``; ``variables`` is its payload."""

    wait: str
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliverSignal:
    """The signal ``name`` was thrown outside: it reaches everything in this root that listens to it, which may be
    nothing. ``variables`` is its payload.
    """

    name: str
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobDone:
    """The handler of a service or send task finished; ``result`` are the variables it returned."""

    token: str
    result: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The handler gave up after its retries: the token stays, failed, with an incident (`StepFailed`)."""

    token: str
    message: str


@dataclass(frozen=True, slots=True)
class ThrowError:
    """A business (BPMN) error raised by the work on ``token``; it propagates to the nearest catcher by code."""

    token: str
    code: str
    message: str = ""
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThrowEscalation:
    """An escalation raised by the work on ``token``; it goes to the nearest catcher by code, and the work goes on
    unless that interrupts it. Without a catcher nothing happens.
    """

    token: str
    code: str
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """Tries a failed token again, after writing ``variables`` (a correction) into its scope."""

    token: str
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Writes ``variables`` as seen from ``scope`` (an instance's scope id)."""

    scope: str
    variables: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ends the whole root instance with everything in it."""

    reason: str = ""


Stimulus = (
    Start
    | CompleteTask
    | FireTimer
    | DeliverMessage
    | DeliverSignal
    | JobDone
    | JobFailed
    | ThrowError
    | ThrowEscalation
    | Retry
    | SetVariables
    | Cancel
)
