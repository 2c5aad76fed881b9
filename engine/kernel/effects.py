"""What `advance` did, in order: the only output besides the state. Commands turn these into rows.

Replaying all effects of an instance rebuilds its open tasks, timers, subscriptions and history. ``instance`` is the
scope id of the process instance (the root, or a called one) in which the thing happened; ``step`` numbers one visit of
one element within the root instance, from 1, never reused. Instants are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StepEntered:
    """A token came to an element; ``scope`` is the scope id it is in."""

    instance: str
    step: int
    element: str
    kind: str
    scope: str


@dataclass(frozen=True, slots=True)
class StepLeft:
    """``outcome``: completed, cancelled (interrupted or ended from outside) or failed."""

    instance: str
    step: int
    element: str
    outcome: str


@dataclass(frozen=True, slots=True)
class FlowTaken:
    """A sequence flow was followed; the case page draws it."""

    instance: str
    flow: str


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """A person is asked. Attributes are evaluated: users and groups are lists of ids, ``due`` and ``follow_up``
    instants or None, ``sla`` an ISO 8601 working-time duration, ``variables`` those of the item's own scope.
    """

    instance: str
    step: int
    token: str
    element: str
    name: str
    role: str | None
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    due: datetime | None = None
    follow_up: datetime | None = None
    priority: int = 50
    form: str | None = None
    sla: str | None = None
    calendar: str | None = None
    escalation: str | None = None
    excludes: tuple[str, ...] = ()
    clock: str = "running"


@dataclass(frozen=True, slots=True)
class TaskClosed:
    """``outcome``: completed or cancelled."""

    instance: str
    step: int
    token: str
    element: str
    outcome: str


@dataclass(frozen=True, slots=True)
class TimerSet:
    """``wait`` is due at ``due``. A cycle sets the next one with a new effect and the same ``wait``."""

    instance: str
    wait: str
    element: str
    due: datetime


@dataclass(frozen=True, slots=True)
class TimerCleared:
    """The timer ``wait`` fired for the last time, or is no longer wanted."""

    instance: str
    wait: str


@dataclass(frozen=True, slots=True)
class AwaitMessage:
    """``key`` is the evaluated correlation key as text."""

    instance: str
    wait: str
    element: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class AwaitSignal:
    """``wait`` listens to the signal ``name``, from wherever it comes."""

    instance: str
    wait: str
    element: str
    name: str


@dataclass(frozen=True, slots=True)
class StopAwaiting:
    """The subscription ``wait`` was used, or is no longer wanted."""

    instance: str
    wait: str


@dataclass(frozen=True, slots=True)
class MessageThrown:
    """A message leaves for whoever waits for ``name`` under ``key``."""

    instance: str
    step: int
    element: str
    name: str
    key: str
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignalThrown:
    """A signal leaves for every other root that listens to ``name``, and for start events. What listens in this root
    has already been reached.
    """

    instance: str
    step: int
    element: str
    name: str
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EscalationRaised:
    """An escalation was thrown; ``caught_by`` is the event that caught it, None when nothing did: then it is over."""

    instance: str
    step: int
    element: str
    code: str
    caught_by: str | None


@dataclass(frozen=True, slots=True)
class StoreWritten:
    """The data store ``store`` (by name) holds ``value`` from now on, for all instances."""

    instance: str
    step: int
    element: str
    store: str
    value: object


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call activity opened ``scope``, a child instance of ``definition`` (the ref that was bound)."""

    instance: str
    step: int
    element: str
    scope: str
    definition: str
    business_key: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """``outcome``: completed, terminated, cancelled or failed (an error left the child)."""

    instance: str
    element: str
    scope: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ServiceRequested:
    """Work for the handler of ``topic``. ``variables``: its evaluated inputs when the task maps inputs, else all
    variables visible from the token. Answered by `JobDone`, `JobFailed` or `ThrowError` with the same token. ``retry``:
    ISO 8601 waits between attempts (``R3/PT10M``, or ``PT1M,PT10M``); None is the handler's own.
    """

    instance: str
    step: int
    token: str
    element: str
    topic: str
    variables: Mapping[str, object]
    retry: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceWithdrawn:
    """The work of ``token`` is no longer wanted (its activity was interrupted or the instance ended)."""

    instance: str
    token: str


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """``decision`` is the reference that was bound (key:version); ``rules`` the ids of the rules that matched;
    ``trace`` every decision that was made on the way, with its inputs, its output and the rules of its tables.
    """

    instance: str
    step: int
    element: str
    decision: str
    inputs: Mapping[str, object]
    output: object
    rules: tuple[str, ...]
    trace: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class VariablesWritten:
    """``scope`` is where the values landed; ``by`` the element (or "" for a start or an outside change)."""

    instance: str
    scope: str
    by: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The token cannot go on: an expression failed, no flow of a gateway was true, a called process is missing, a
    job gave up. It waits for `Retry`; the engine opens an incident. An error that nothing catches fails its step with
    ``UNCAUGHT_ERROR``, and the root instance then ends as failed.
    """

    instance: str
    step: int
    token: str
    element: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StepRecovered:
    """A failed token went on after a `Retry`."""

    instance: str
    token: str
    element: str


@dataclass(frozen=True, slots=True)
class InstanceEnded:
    """The root instance ended. ``outcome``: completed, terminated, cancelled or failed (an error that nothing caught;
    the `StepFailed` before says which, and cannot be retried); ``end_event`` the id of the end event at process level
    that the last token reached.
    """

    instance: str
    outcome: str
    end_event: str | None
    variables: Mapping[str, object] = field(default_factory=dict)


Effect = (
    StepEntered
    | StepLeft
    | FlowTaken
    | TaskOpened
    | TaskClosed
    | TimerSet
    | TimerCleared
    | AwaitMessage
    | AwaitSignal
    | StopAwaiting
    | MessageThrown
    | SignalThrown
    | EscalationRaised
    | StoreWritten
    | CallStarted
    | CallEnded
    | ServiceRequested
    | ServiceWithdrawn
    | DecisionTaken
    | VariablesWritten
    | StepFailed
    | StepRecovered
    | InstanceEnded
)
