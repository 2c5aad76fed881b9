"""Event definitions, values and data mappings of a compiled process (see ``definition``).

Terms follow BPMN 2.0.2, section 10.5.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.feel import Expression

HOUSE_ZONE = "Asia/Shanghai"
"""The zone of a timer whose model names none."""


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


@dataclass(frozen=True, slots=True)
class Signal:
    """``name``: the signal's name (not its XML id); fixed on start events of processes. ``payload``: what a throw
    carries.
    """

    name: Value
    payload: tuple[DataMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalation:
    """``code`` None on a catch event catches every escalation; ``code_variable`` gets the code."""

    code: str | None
    code_variable: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """Happens when ``condition`` becomes true. ``variable``: only changes of that variable count."""

    condition: Expression
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Connects a throwing with a catching event of the same ``name`` in the same process or subprocess."""

    name: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancels the transaction around it."""


@dataclass(frozen=True, slots=True)
class Compensate:
    """``activity`` None: everything in the scope that completed and has a handler. ``wait``: the throw goes on only
    when all handlers are done.
    """

    activity: str | None = None
    wait: bool = True


EventDefinition = Timer | Message | Error | Terminate | Signal | Escalation | Conditional | Link | Cancel | Compensate
"""What a start, intermediate, boundary or end event reacts to or does."""


@dataclass(frozen=True, slots=True)
class DataMapping:
    """One mapping of data into or out of an activity.

    ``source`` is evaluated in the giving scope and written to ``target`` in the receiving one. ``everything`` copies
    all visible variables (``source`` and ``target`` are then empty). ``business_key`` sets the business key of the
    called instance. ``from_store`` reads a data store by name instead of a source, ``to_store`` writes one instead of
    a variable.
    """

    target: str
    source: Value | None
    everything: bool = False
    business_key: bool = False
    from_store: str | None = None
    to_store: str | None = None
