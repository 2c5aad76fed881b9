"""The compiled form of one process: what the token machine runs.

``compile.py`` builds a `Definition` from the graph that ``read.py`` read; nothing here changes afterwards, so a
definition is cached by its digest and shared between threads. Element ids are the designer's own. Every node knows
its line and column in the file (both from 1), so that a message can point at it.

Terms follow BPMN 2.0.2 (chapters 10 and 13); attribute names are neutral, whatever dialect the designer's tool wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.feel import Expression

FORMAT = 1
"""Version of the compiler's output; states record it, so that a later machine knows what it reads."""


HOUSE_ZONE = "Asia/Shanghai"
"""The zone of a timer whose model names none."""


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
    EVENT_BASED_GATEWAY = "eventBasedGateway"
    SUB_PROCESS = "subProcess"
    CALL_ACTIVITY = "callActivity"


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute: a literal, or FEEL when it began with ``=`` (or was ``${...}`` in a translated dialect)."""

    text: str
    expression: Expression | None = None

    def evaluate(self, variables: Mapping[str, object], now: datetime) -> object:
        """The literal text, or the value of the expression over ``variables`` (``now`` aware, UTC)."""
        return self.text if self.expression is None else self.expression.evaluate(variables, now=now)


class TimerKind(StrEnum):
    """The three timers of BPMN; the values are the XML tag names."""

    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True)
class Timer:
    """``calendar`` set: a duration is working time of that calendar (``PT8H`` = 8 working hours, ``P10D`` = 10
    working days); else plain elapsed time. ``catch_up``: what happens to cycle ticks missed while nothing ran:
    ``once`` (default) fires one of them, ``all`` fires each. ``zone`` is the IANA zone whose clock and calendar count
    for instants without a zone and for days and months (``timers.parse_timer``).
    """

    kind: TimerKind
    value: Value
    calendar: str | None = None
    catch_up: str = "once"
    zone: str = HOUSE_ZONE


@dataclass(frozen=True, slots=True)
class Message:
    """``name``: the message's name (not its XML id). ``correlation_key``: FEEL giving the key that a subscriber
    listens under or a thrower addresses; None means the business key of the root instance.
    """

    name: str
    correlation_key: Value | None = None
    payload: tuple[DataMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class Error:
    """``code`` None on a catch event catches every error."""

    code: str | None
    code_variable: str | None = None
    message_variable: str | None = None


@dataclass(frozen=True, slots=True)
class Terminate:
    """Terminate end event definition."""


EventDefinition = Timer | Message | Error | Terminate
"""What a start, intermediate, boundary or end event reacts to or does; None on the node for a none event."""


@dataclass(frozen=True, slots=True)
class DataMapping:
    """One mapping of data into or out of an activity.

    ``source`` is evaluated in the giving scope and written to ``target`` in the receiving one. ``everything`` copies
    all visible variables (``source`` and ``target`` are then empty). ``business_key`` sets the business key of the
    called instance.
    """

    target: str
    source: Value | None
    everything: bool = False
    business_key: bool = False


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
class MultiInstance:
    """``collection`` or ``cardinality`` is set. ``element_variable`` names the item in its own scope;
    ``output_collection``/``output_element`` gather one value per item, in item order, into the surrounding scope when
    the body ends. ``completion`` is evaluated after each item with ``nrOfInstances``, ``nrOfActiveInstances``,
    ``nrOfCompletedInstances``, ``nrOfTerminatedInstances`` (and ``loopCounter``) visible; true cancels what is open.
    """

    sequential: bool
    collection: Value | None = None
    cardinality: Value | None = None
    element_variable: str | None = None
    output_collection: str | None = None
    output_element: Value | None = None
    completion: Expression | None = None


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
    """A service or send task done by a handler: ``topic`` names it."""

    topic: str
    result_variable: str | None = None


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
    """One flow node. ``parent`` is the id of the embedded subprocess it lies in, None at process level."""

    id: str
    kind: Kind
    name: str = ""
    line: int = 0
    column: int = 0
    parent: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    default: str | None = None
    event: EventDefinition | None = None
    attached_to: str | None = None
    interrupting: bool = True
    boundary: tuple[str, ...] = ()
    loop: MultiInstance | None = None
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


@dataclass(frozen=True, slots=True)
class Definition:
    """One executable process. ``nodes`` by element id in document order; ``starts`` maps a container (None = the
    process, else a subprocess id) to its start events. ``ref`` identifies this very version (``key:version``) and is
    what states and effects record. ``kernel``: ``machine`` or ``spiffworkflow``. ``xml``: the deployed bytes.
    """

    ref: str
    key: str
    name: str
    digest: str
    nodes: Mapping[str, Node]
    starts: Mapping[str | None, tuple[str, ...]]
    kernel: str = "machine"
    xml: bytes = b""
    properties: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT
