"""Events that a multi-instance activity throws as its items end (``behavior``; BPMN 2.0.2, tables 10.29 to 10.31).

The activity's own boundary events catch them without ending it, whatever they say about interrupting: the items that
are still open go on. A signal or message also goes out as any other; an escalation that no boundary event catches
propagates. The default signal carries the counters, for the mappings of the boundary event; unmapped they are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kernel.definition import Behavior, Escalation, EventDefinition, Message, MultiInstance, Node, Signal
from engine.kernel.machine.propagation import raise_escalation
from engine.kernel.machine.sending import signal_leaves, throw_message
from engine.kernel.machine.variables import Visible, condition, counters, everything, mapped
from engine.kernel.machine.waits import signal_name
from engine.kernel.machine.work import Throw, Visit, Work
from engine.kernel.scope import Items, Phase, parent_of
from engine.kernel.values import Json, encode_all


@dataclass(frozen=True, slots=True)
class Due:
    """An event to be thrown: ``event`` None is the default signal. ``name`` and ``payload`` are those of a signal."""

    event: Signal | Message | Escalation | None
    name: str = ""
    payload: Mapping[str, Json] | None = None


def due(work: Work, at: Visit, loop: MultiInstance, items: Items) -> list[Due]:
    """What the item that has just ended throws. Raises `StepFailure`."""
    found: list[Due] = []
    for thrown in loop.thrown:
        if loop.behavior is Behavior.ONE and items.done > 1:
            continue
        if thrown.condition is not None and not condition(
            work, at.scope, thrown.condition, "condition of the behavior", counters(items)
        ):
            continue
        event = thrown.event
        if isinstance(event, Signal):
            visible = Visible(work, at.scope, counters(items))
            payload = mapped(work, visible, event.payload, "payload", everything(work, at.scope))
            found.append(Due(event, signal_name(work, at.scope, event), payload))
        elif event is None:
            found.append(Due(None, payload=encode_all(counters(items))))
        else:
            found.append(Due(event))
    return found


def throw_all(work: Work, body: str, thrown: list[Due]) -> None:
    """Throws them from the activity whose items ``body`` holds."""
    for one in thrown:
        if work.find(body) is None:
            return
        outer = work.visit(parent_of(body), work.scope(body).owner)
        assert outer is not None  # noqa: S101 - a body ends together with its owner
        _throw(work, outer, one)


def _throw(work: Work, outer: Visit, one: Due) -> None:
    nodes = work.definition_of(outer.scope).nodes
    catching = [nodes[id] for id in outer.node.boundary if _catches(work, outer, nodes[id], one)]
    for node in catching:
        told = one.event is not None or node.outputs or node.data_outputs
        work.begin(outer.scope, node, Phase.OUTPUTS, one.payload or {} if told else {})
    if isinstance(one.event, Signal):
        signal_leaves(work, outer, one.name, one.payload or {})
        work.throws.append(Throw(one.name, one.payload or {}, beside=(outer.scope, outer.token.number)))
    elif isinstance(one.event, Message):
        throw_message(work, outer, one.event)
    elif isinstance(one.event, Escalation) and not catching:
        raise_escalation(work, outer, one.event.code or "", {})


def _catches(work: Work, outer: Visit, node: Node, one: Due) -> bool:
    return any(_matches(work, outer, event, one) for event in node.events)


def _matches(work: Work, outer: Visit, event: EventDefinition, one: Due) -> bool:
    if isinstance(event, Signal):
        return one.event is None or (
            isinstance(one.event, Signal) and signal_name(work, outer.scope, event) == one.name
        )
    if isinstance(event, Message):
        return isinstance(one.event, Message) and event.name == one.event.name
    if isinstance(event, Escalation):
        return isinstance(one.event, Escalation) and event.code in (None, one.event.code)
    return False
