"""Gateways: conditions, default flows, what an event-based gateway waits for (BPMN 2.0.2, section 10.6)."""

from __future__ import annotations

from engine.kernel.findings import Report
from engine.kernel.graph import FlowNode, Graph, Process

_WAITING_EVENTS = ("timerEventDefinition", "messageEventDefinition")


def check(graph: Graph, report: Report) -> None:
    """Rules ``gateways/...``."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind == "exclusiveGateway":
                _exclusive(node, report)
            elif node.kind == "eventBasedGateway":
                _event_based(node, process, report)
            elif node.kind == "parallelGateway":
                _parallel(node, report)


def _exclusive(node: FlowNode, report: Report) -> None:
    if len(node.outgoing) < 2:
        return
    default = node.element.get("default")
    for flow in node.outgoing:
        if flow.condition is None and flow.element.id != default:
            message = f"one of several flows out of the gateway {node.id!r} has no condition and would always be taken"
            report.error("gateways/no-condition", flow.element, message, "give it a condition or make it the default")
    if default is None:
        message = "no default flow: when no condition is true, the process stops here with an incident"
        report.warning("gateways/no-default", node.element, message, "make one flow the default")


def _parallel(node: FlowNode, report: Report) -> None:
    if node.element.get("default") is not None:
        report.error("gateways/default", node.element, "a parallel gateway takes all flows; it has no default")
    if len(node.incoming) < 2 and len(node.outgoing) < 2:
        report.warning("gateways/pointless", node.element, "the parallel gateway neither splits nor joins")


def _event_based(node: FlowNode, process: Process, report: Report) -> None:
    if len(node.outgoing) < 2:
        message = "an event-based gateway chooses between at least two events"
        report.warning("gateways/one-event", node.element, message)
    if not node.outgoing:
        report.error("gateways/no-event", node.element, "the event-based gateway waits for nothing")
    for flow in node.outgoing:
        target = process.nodes.get(flow.target)
        if target is None:
            continue
        if not _waits(target):
            message = f"the event-based gateway {node.id!r} leads to {target.id!r}, which waits for no message or timer"
            report.error("gateways/not-an-event", flow.element, message, "use catch events or receive tasks")
        elif len(target.incoming) > 1:
            message = f"it follows the event-based gateway {node.id!r} and may have no other incoming flow"
            report.error("gateways/shared-event", target.element, message)
        elif target.boundary or target.element.child("multiInstanceLoopCharacteristics") is not None:
            message = f"it follows the event-based gateway {node.id!r} and may have no boundary event and no loop"
            report.error("gateways/bounded-event", target.element, message)


def _waits(node: FlowNode) -> bool:
    if node.kind == "receiveTask":
        return True
    return node.kind == "intermediateCatchEvent" and [found.tag for found in node.event_definitions] in (
        [tag] for tag in _WAITING_EVENTS
    )
