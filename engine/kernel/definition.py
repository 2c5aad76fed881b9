"""The compiled form of one process: what the token machine runs.

``compile.py`` builds a `Definition` from the graph that ``read.py`` read; nothing here changes afterwards, so a
definition is cached by its digest and shared between threads. Element ids are the designer's own. Every node knows
its line and column in the file (both from 1), so that a message can point at it.

Terms follow BPMN 2.0.2 (chapters 10 and 13); attribute names are neutral, whatever dialect the designer's tool wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.feel import Expression
from engine.kernel.event_definitions import (
    HOUSE_ZONE,
    Cancel,
    Compensate,
    Conditional,
    DataMapping,
    Error,
    Escalation,
    EventDefinition,
    Link,
    Message,
    Signal,
    Terminate,
    Timer,
    TimerKind,
    Value,
)
from engine.kernel.loops import AdHoc, Behavior, ImplicitThrow, MultiInstance, StandardLoop

__all__ = [
    "FORMAT",
    "HOUSE_ZONE",
    "AdHoc",
    "Behavior",
    "Binding",
    "Cancel",
    "Compensate",
    "Conditional",
    "DataMapping",
    "DecisionCall",
    "Definition",
    "Error",
    "Escalation",
    "EventDefinition",
    "Flow",
    "HumanWork",
    "ImplicitThrow",
    "Kind",
    "Link",
    "Message",
    "MultiInstance",
    "Node",
    "ProcessCall",
    "Script",
    "Service",
    "Signal",
    "StandardLoop",
    "Terminate",
    "Timer",
    "TimerKind",
    "Value",
]

FORMAT = 1
"""Version of the compiler's output; states record it, so that a later machine knows what it reads."""


class Kind(StrEnum):
    """BPMN element kinds that can carry a token; the values are the XML tag names."""

    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    CATCH_EVENT = "intermediateCatchEvent"
    THROW_EVENT = "intermediateThrowEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    TASK = "task"
    USER_TASK = "userTask"
    MANUAL_TASK = "manualTask"
    SERVICE_TASK = "serviceTask"
    SEND_TASK = "sendTask"
    RECEIVE_TASK = "receiveTask"
    SCRIPT_TASK = "scriptTask"
    BUSINESS_RULE_TASK = "businessRuleTask"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    INCLUSIVE_GATEWAY = "inclusiveGateway"
    COMPLEX_GATEWAY = "complexGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"
    SUB_PROCESS = "subProcess"
    TRANSACTION = "transaction"
    AD_HOC_SUB_PROCESS = "adHocSubProcess"
    CALL_ACTIVITY = "callActivity"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``condition`` None is unconditional. Document order is kept by the node's ``outgoing``."""

    id: str
    source: str
    target: str
    condition: Expression | None = None
    name: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class HumanWork:
    """Who works on a user task (or a manual task with a role), by when, with what form. ``role`` is the lane's role.
    ``sla`` is ISO 8601 working time of ``calendar``; ``excludes`` are element ids (of any process of the same root
    instance) whose performers may not do this task; ``clock`` is running, waiting-client or waiting-third-party.
    """

    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    due_date: Value | None = None
    follow_up_date: Value | None = None
    priority: Value | None = None
    form: str | None = None
    sla: Value | None = None
    calendar: str | None = None
    escalation: str | None = None
    excludes: tuple[str, ...] = ()
    clock: str = "running"


@dataclass(frozen=True, slots=True)
class Service:
    """A service or send task done by a handler: ``topic`` names it. ``retry``: ISO 8601 waits between attempts
    (``R3/PT10M``, or ``PT1M,PT10M``); None is the handler's own.
    """

    topic: str
    result_variable: str | None = None
    retry: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A FEEL script; without ``result_variable`` it gives a context whose entries are written as variables."""

    expression: Expression
    result_variable: str | None = None


class Binding(StrEnum):
    """Which version of a called process or decision is taken, at call time; the choice is recorded in the effect."""

    LATEST = "latest"
    DEPLOYMENT = "deployment"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class DecisionCall:
    """``result_shape``: how the decision's value becomes the result variable: as it is (None), or ``singleEntry``,
    ``singleResult``, ``collectEntries``, ``resultList``.
    """

    decision: Value
    binding: Binding = Binding.LATEST
    version: int | None = None
    result_variable: str | None = None
    result_shape: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessCall:
    """What a call activity calls, and the mappings in and out of the called instance."""

    called: Value
    binding: Binding = Binding.LATEST
    version: int | None = None
    inputs: tuple[DataMapping, ...] = ()
    outputs: tuple[DataMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One flow node. ``parent`` is the id of the embedded subprocess it lies in, None at process level.

    ``events``: one for most events, none for a none event, several for a multiple event (``parallel_multiple``: all of
    them must happen). ``interrupting``: ``cancelActivity`` of a boundary event, ``isInterrupting`` of the start event
    of an event subprocess. ``triggered``: the node is an event subprocess. ``handler``: the activity that compensates
    this one. ``link``: the catching event that a throwing link event goes to. ``instantiates``: a receive task or
    event-based gateway that starts instances; ``all_events``: such a gateway waits for all its events. ``data_outputs``
    are its executed data output associations, ``produced`` the names of its data outputs, which leave it only by them.
    ``async_before`` and ``async_after``: the step begins, or its token goes on, in a transaction of its own.
    """

    id: str
    kind: Kind
    name: str = ""
    line: int = 0
    column: int = 0
    parent: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    default: str | None = None
    events: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    attached_to: str | None = None
    interrupting: bool = True
    boundary: tuple[str, ...] = ()
    loop: MultiInstance | StandardLoop | None = None
    lane: str | None = None
    role: str | None = None
    human: HumanWork | None = None
    service: Service | None = None
    script: Script | None = None
    decision: DecisionCall | None = None
    call: ProcessCall | None = None
    inputs: tuple[DataMapping, ...] = ()
    outputs: tuple[DataMapping, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    triggered: bool = False
    for_compensation: bool = False
    handler: str | None = None
    link: str | None = None
    start_quantity: int = 1
    completion_quantity: int = 1
    instantiates: bool = False
    all_events: bool = False
    ad_hoc: AdHoc | None = None
    activation: Expression | None = None
    async_before: bool = False
    async_after: bool = False
    data_outputs: tuple[DataMapping, ...] = ()
    produced: frozenset[str] = frozenset()

    @property
    def asks(self) -> bool:
        """Whether it names somebody to do it, by the lane's role or for itself: then a manual task waits."""
        named = self.human and (self.human.assignee or self.human.candidate_users or self.human.candidate_groups)
        return self.role is not None or named is not None

    @property
    def event(self) -> EventDefinition | None:
        """Its only event definition, or the first of several; None for a none event and what is no event."""
        return self.events[0] if self.events else None


@dataclass(frozen=True, slots=True)
class Definition:
    """One executable process. ``nodes`` by element id in document order.

    By container (None: the process, else a subprocess id): ``starts``, its start events; ``entries``, where a token
    begins when it is entered without a trigger (its first none start event; without start events every node that
    nothing leads to); ``handlers``, the event subprocesses in it that wait for something, and ``undoing``, the one for
    compensation; ``declared``, the names of its data objects and properties, which are variables of that scope.

    ``ref`` identifies this very version (``key:version``) and is what states and effects record. ``kernel``:
    ``machine`` or ``spiffworkflow``. ``xml``: the deployed bytes. ``derived`` keeps what a kernel works out about it.
    """

    ref: str
    key: str
    name: str
    digest: str
    nodes: Mapping[str, Node]
    starts: Mapping[str | None, tuple[str, ...]]
    entries: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)
    handlers: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)
    undoing: Mapping[str | None, str] = field(default_factory=dict)
    declared: Mapping[str | None, frozenset[str]] = field(default_factory=dict)
    kernel: str = "machine"
    xml: bytes = b""
    properties: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT
    derived: dict[object, object] = field(default_factory=dict, compare=False, repr=False)
