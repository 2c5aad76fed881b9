"""Sequence flows: what they may connect, where a condition counts (BPMN 2.0.2, sections 7.6.1 and 8.4.13)."""

from __future__ import annotations

from engine.kernel.findings import Report
from engine.kernel.graph import ACTIVITIES, FlowEdge, FlowNode, Graph, Process

_CONDITIONAL = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"}


def check(graph: Graph, report: Report) -> None:
    """Rules ``flows/...``."""
    for process in graph.processes:
        for flow in process.flows:
            source, target = process.nodes.get(flow.source), process.nodes.get(flow.target)
            _ends(flow, source, target, process, report)
            _condition(flow, source, report)
        for node in process.nodes.values():
            if not node.outgoing and node.kind != "endEvent":
                message = "nothing follows: the path ends here without an end event"
                report.warning("flows/dead-end", node.element, message, "draw an end event")


def _ends(flow: FlowEdge, source: FlowNode | None, target: FlowNode | None, process: Process, report: Report) -> None:
    if source is not None and target is not None and source.container != target.container:
        inside = source.container or target.container
        message = f"the flow crosses the border of the subprocess {inside!r}"
        report.error("flows/crosses-border", flow.element, message, "use a boundary event or end the subprocess")
    elif source is not None and flow.container != source.container:
        where = "the process" if flow.container is None else repr(flow.container)
        report.error("flows/misplaced", flow.element, f"the flow lies in {where}, its elements do not")
    if target is not None and target.kind == "startEvent":
        report.error("flows/into-start", flow.element, f"the flow leads into the start event {target.id!r}")
    if target is not None and target.kind == "boundaryEvent":
        report.error("flows/into-boundary", flow.element, f"the flow leads into the boundary event {target.id!r}")
    if source is not None and source.kind == "endEvent":
        report.error("flows/out-of-end", flow.element, f"the flow leaves the end event {source.id!r}")


def _condition(flow: FlowEdge, source: FlowNode | None, report: Report) -> None:
    if source is None:
        return
    default = source.element.get("default") == flow.element.id
    if flow.condition is None:
        return
    if default:
        message = "the default flow has a condition; it is taken when no other condition is true"
        report.error("flows/default-condition", flow.element, message, "remove the condition")
    elif source.kind not in _CONDITIONAL:
        message = f"the condition would be ignored: flows out of a {source.kind} have none"
        report.error("flows/ignored-condition", flow.element, message, "put an exclusive gateway before it")
