"""What each process and subprocess begins with, what waits in it, and what belongs together without a flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.kernel.definition import Compensate, Kind, Link, Node
from engine.kernel.graph import Process

_ACTIVE = frozenset(
    {
        Kind.TASK, Kind.USER_TASK, Kind.MANUAL_TASK, Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.RECEIVE_TASK,
        Kind.SCRIPT_TASK, Kind.BUSINESS_RULE_TASK, Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS,
        Kind.CALL_ACTIVITY,
    }
)  # fmt: skip


@dataclass(slots=True)
class Containers:
    """By container (None: the process); see `Definition`."""

    starts: dict[str | None, tuple[str, ...]] = field(default_factory=dict)
    entries: dict[str | None, tuple[str, ...]] = field(default_factory=dict)
    handlers: dict[str | None, tuple[str, ...]] = field(default_factory=dict)
    undoing: dict[str | None, str] = field(default_factory=dict)


def containers(nodes: Mapping[str, Node]) -> Containers:
    """Start events, entries and event subprocesses of every container."""
    found = Containers()
    implicit: dict[str | None, tuple[str, ...]] = {}
    for node in nodes.values():
        if node.kind is Kind.START_EVENT:
            found.starts[node.parent] = (*found.starts.get(node.parent, ()), node.id)
        elif _begins_by_itself(node):
            implicit[node.parent] = (*implicit.get(node.parent, ()), node.id)
    for node in nodes.values():
        if node.triggered:
            start = next((nodes[id] for id in found.starts.get(node.id, ())), None)
            if start is not None and isinstance(start.event, Compensate):
                found.undoing.setdefault(node.parent, node.id)
            else:
                found.handlers[node.parent] = (*found.handlers.get(node.parent, ()), node.id)
    for container, starts in found.starts.items():
        none = next((id for id in starts if not nodes[id].events), None)
        if none is not None:
            found.entries[container] = (none,)
    for container, ids in implicit.items():
        if container not in found.starts or nodes_of_ad_hoc(nodes, container):
            found.entries[container] = ids
    return found


def nodes_of_ad_hoc(nodes: Mapping[str, Node], container: str | None) -> bool:
    """Whether the container is an ad-hoc subprocess."""
    return container is not None and container in nodes and nodes[container].kind is Kind.AD_HOC_SUB_PROCESS


def _begins_by_itself(node: Node) -> bool:
    """Whether a process without start events begins there (BPMN 2.0.2, 13.2): what nothing leads to."""
    if node.incoming or node.triggered or node.for_compensation or node.kind is Kind.BOUNDARY_EVENT:
        return False
    if node.kind in (Kind.RECEIVE_TASK, Kind.EVENT_BASED_GATEWAY) and node.instantiates:
        return False
    return not (node.kind is Kind.CATCH_EVENT and isinstance(node.event, Link))


def connected(nodes: dict[str, Node], process: Process) -> dict[str, Node]:
    """The nodes with what belongs to them without a flow: compensation handlers and targets of links."""
    catching = {
        (node.parent, node.event.name): node.id
        for node in reversed(nodes.values())
        if node.kind is Kind.CATCH_EVENT and isinstance(node.event, Link)
    }
    made = dict(nodes)
    for node in nodes.values():
        if node.kind is Kind.THROW_EVENT and isinstance(node.event, Link):
            made[node.id] = replace(node, link=catching.get((node.parent, node.event.name)))
        elif node.kind is Kind.BOUNDARY_EVENT and any(isinstance(event, Compensate) for event in node.events):
            host, handler = node.attached_to or "", _associated(node.id, nodes, process)
            if host in made and handler is not None:
                made[host] = replace(made[host], handler=handler)
    return made


def _associated(boundary: str, nodes: Mapping[str, Node], process: Process) -> str | None:
    """The activity that an association connects a compensation boundary event with, whichever way it was drawn."""
    for association in process.associations:
        ends = [(association.get(end) or "").rsplit(":", 1)[-1] for end in ("sourceRef", "targetRef")]
        if boundary in ends:
            other = ends[1 - ends.index(boundary)]
            if other in nodes and nodes[other].kind in _ACTIVE:
                return other
    return None
