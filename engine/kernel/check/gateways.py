"""Gateways: conditions, default flows, directions, activation (BPMN 2.0.2, section 10.6)."""

from __future__ import annotations

from engine.kernel.check.levels import a
from engine.kernel.findings import Report
from engine.kernel.graph import GATEWAYS, FlowNode, Graph

_DECIDING = ("exclusiveGateway", "inclusiveGateway", "complexGateway")


def check(graph: Graph, report: Report) -> None:
    """Rules ``gateways/...``, but for those of event-based gateways."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind not in GATEWAYS:
                continue
            _direction(node, report)
            if node.kind in _DECIDING:
                _conditions(node, report)
            elif node.element.get("default") is not None:
                message = f"{a(node.kind)} does not decide by conditions; it has no default flow"
                report.error("gateways/default", node.element, message, "remove the default")
            if node.kind != "eventBasedGateway" and len(node.incoming) == 1 and len(node.outgoing) == 1:
                message = f"the {_what(node)} neither splits nor joins"
                report.warning("gateways/pointless", node.element, message, "remove it")
            if node.kind == "complexGateway":
                _activation(node, report)


def _what(node: FlowNode) -> str:
    return f"{node.kind.removesuffix('Gateway')} gateway"


def _conditions(node: FlowNode, report: Report) -> None:
    default = node.element.get("default")
    others = [flow for flow in node.outgoing if flow.element.id != default]
    always = [flow for flow in others if flow.condition is None]
    if len(node.outgoing) > 1:
        for flow in always:
            _unconditional(flow.element.id, node, report)
    if default is None and others and (not always or (node.kind == "exclusiveGateway" and len(others) > 1)):
        message = "no default flow: when no condition is true, the process stops here with an incident"
        report.warning("gateways/no-default", node.element, message, "make one flow the default")


def _unconditional(flow: str, node: FlowNode, report: Report) -> None:
    element = next(each.element for each in node.outgoing if each.element.id == flow)
    if node.kind == "exclusiveGateway":
        message = f"one of several flows out of the gateway {node.id!r} has no condition and would always be taken"
        report.error("gateways/no-condition", element, message, "give it a condition or make it the default")
    elif node.kind == "inclusiveGateway":
        message = f"the flow out of the inclusive gateway {node.id!r} has no condition and is always taken"
        report.warning("gateways/always-taken", element, message, "give it a condition, unless this is meant")


def _direction(node: FlowNode, report: Report) -> None:
    direction = node.element.get("gatewayDirection") or "Unspecified"
    into, out = len(node.incoming), len(node.outgoing)
    counted = f"it has {into} incoming and {out} outgoing flows"
    if (direction == "Converging" and out > 1) or (direction == "Diverging" and into > 1):
        message = f"the {_what(node)} is said to be {direction}, but {counted}"
        report.error("gateways/direction", node.element, message, "correct gatewayDirection, or split it in two")
    elif (direction in ("Converging", "Mixed") and into < 2) or (direction in ("Diverging", "Mixed") and out < 2):
        message = f"the {_what(node)} is said to be {direction}, but {counted}"
        report.warning("gateways/direction-unmet", node.element, message, "correct gatewayDirection")


def _activation(node: FlowNode, report: Report) -> None:
    condition = node.element.child("activationCondition")
    if condition is None and len(node.incoming) > 1:
        message = f"the complex gateway joins {len(node.incoming)} flows and does not say which of them it waits for"
        report.error("gateways/no-activation", node.element, message, "give it an activationCondition")
