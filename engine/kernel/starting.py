"""What starts an instance of a process: its start events, and what instantiates without one (BPMN 2.0.2, 13.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.kernel.definition import Definition, EventDefinition, Kind, Node


@dataclass(frozen=True, slots=True)
class Trigger:
    """One thing that starts instances: `stimuli.Start` takes ``node.id`` as ``event``, and ``part``."""

    node: Node
    part: int
    event: EventDefinition


def triggers(definition: Definition) -> Iterator[Trigger]:
    """Everything at process level that starts an instance by itself, in document order: start events with a trigger
    (each definition of a multiple one), instantiating receive tasks, and the events behind instantiating gateways.
    """
    for node in definition.nodes.values():
        if node.parent is not None or node.incoming:
            continue
        if node.kind is Kind.START_EVENT or (node.kind is Kind.RECEIVE_TASK and node.instantiates):
            yield from _of(node)
        elif node.kind is Kind.EVENT_BASED_GATEWAY and node.instantiates:
            for flow in node.outgoing:
                yield from _of(definition.nodes[flow.target])


def _of(node: Node) -> Iterator[Trigger]:
    for part, event in enumerate(node.events):
        yield Trigger(node, part, event)
