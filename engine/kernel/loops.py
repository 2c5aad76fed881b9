"""How often an activity runs: multi-instance, standard loop, ad-hoc (BPMN 2.0.2, sections 10.3.8 and 10.3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.feel import Expression
from engine.kernel.event_definitions import Escalation, Message, Signal, Value


class Behavior(StrEnum):
    """When a multi-instance activity throws events (BPMN 2.0.2, table 10.29); the values are those of the XML."""

    NONE = "None"
    ONE = "One"
    ALL = "All"
    COMPLEX = "Complex"


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
    behavior: Behavior = Behavior.ALL
    thrown: tuple[ImplicitThrow, ...] = ()


@dataclass(frozen=True, slots=True)
class ImplicitThrow:
    """An event that a multi-instance activity throws when an item ends: always (``condition`` None; only the first
    time for ``One``), or when the condition is true (``Complex``). ``event`` None is the standard's default signal,
    which only boundary events of the activity itself see.
    """

    event: Signal | Message | Escalation | None = None
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """Repeats an activity while ``condition`` is true (None: always), at most ``maximum`` times (None: no limit).
    ``loopCounter``, the number of rounds done, is visible. ``test_before``: the condition is asked before each round.
    """

    condition: Expression | None = None
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class AdHoc:
    """An ad-hoc subprocess: ``sequential`` runs one activity at a time. ``completion`` true ends it;
    ``cancel_remaining`` also ends what is still open then.
    """

    sequential: bool = False
    completion: Expression | None = None
    cancel_remaining: bool = True
