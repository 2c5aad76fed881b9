"""Sequence flows: what they may connect, where a condition counts (BPMN 2.0.2, sections 7.6.1 and 8.4.13)."""

from __future__ import annotations

from engine.kernel.check.levels import a, for_compensation, subprocess_around, tags
from engine.kernel.findings import Report
from engine.kernel.graph import (
    ACTIVITIES,
    FLOW_NODES,
    GATEWAYS,
    FlowEdge,
    FlowNode,
    Graph,
    Process,
    is_event_subprocess,
)

_CONDITIONAL = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"}


def check(graph: Graph, report: Report) -> None:
    """Rules ``flows/...``."""
    for process in graph.processes:
        for flow in process.flows:
            source, target = process.nodes.get(flow.source), process.nodes.get(flow.target)
            _pools(flow, process, graph, report)
            _levels(flow, source, target, report)
            _ends(flow, source, target, report)
            _condition(flow, source, report)
        _twice(process, report)
        for node in process.nodes.values():
            _default(node, report)
            _undecided(node, report)
            if not node.outgoing and not _ends_without_flow(node, process, graph):
                message = "nothing follows: the path ends here without an end event"
                report.warning("flows/dead-end", node.element, message, "draw an end event")


def _pools(flow: FlowEdge, process: Process, graph: Graph, report: Report) -> None:
    for end, id in (("source", flow.source), ("target", flow.target)):
        found = graph.elements.get(id)
        if id and id not in process.nodes and found is not None and found.tag in FLOW_NODES:
            message = f"the {end} {id!r} of the sequence flow lies in another process"
            report.error("flows/crosses-pool", flow.element, message, "use a message flow between pools")


def _levels(flow: FlowEdge, source: FlowNode | None, target: FlowNode | None, report: Report) -> None:
    if source is None or target is None:
        return
    if source.container != target.container:
        inside = source.container or target.container
        message = f"the flow crosses the border of the subprocess {inside!r}"
        report.error("flows/crosses-border", flow.element, message, "use a boundary event or end the subprocess")
    elif flow.container != source.container:
        where = "the process" if flow.container is None else repr(flow.container)
        message = f"the flow lies in {where}, its elements {source.id!r} and {target.id!r} do not"
        report.error("flows/misplaced", flow.element, message, "move the flow to where its elements are")


def _ends(flow: FlowEdge, source: FlowNode | None, target: FlowNode | None, report: Report) -> None:
    element = flow.element
    if target is not None and target.kind == "startEvent":
        message = f"the flow leads into the start event {target.id!r}"
        report.error("flows/into-start", element, message, "lead it to the element after the start event")
    if target is not None and target.kind == "boundaryEvent":
        message = f"the flow leads into the boundary event {target.id!r}"
        report.error("flows/into-boundary", element, message, "use an intermediate catch event")
    if source is not None and source.kind == "endEvent":
        message = f"the flow leaves the end event {source.id!r}"
        report.error("flows/out-of-end", element, message, "use an intermediate event, or remove the flow")
    if source is not None and source is target and source.kind in GATEWAYS:
        message = f"the flow leads from the gateway {source.id!r} back into it, where nothing would have changed"
        report.error("flows/self-loop", element, message, "lead it to the activity that is to be repeated")


def _condition(flow: FlowEdge, source: FlowNode | None, report: Report) -> None:
    if source is None or flow.condition is None:
        return
    if source.element.get("default") == flow.element.id:
        message = "the default flow has a condition; it is taken when no other condition is true"
        report.error("flows/default-condition", flow.element, message, "remove the condition")
    elif source.kind not in _CONDITIONAL:
        message = f"the condition would be ignored: flows out of {a(source.kind)} have none"
        report.error("flows/ignored-condition", flow.element, message, "put an exclusive gateway before it")


def _twice(process: Process, report: Report) -> None:
    seen: dict[tuple[str, str, str], FlowEdge] = {}
    for flow in process.flows:
        condition = "" if flow.condition is None else " ".join(flow.condition.text.split())
        other = seen.setdefault((flow.source, flow.target, condition), flow)
        if other is not flow:
            message = f"{other.element.id!r} already connects {flow.source!r} with {flow.target!r} in the same way"
            report.warning("flows/twice", flow.element, message, "remove one, unless two tokens are meant")


def _default(node: FlowNode, report: Report) -> None:
    default = node.element.get("default")
    if node.kind not in ACTIVITIES or default is None:
        return
    always = [flow for flow in node.outgoing if flow.condition is None and flow.element.id != default]
    if always and any(flow.element.id == default for flow in node.outgoing):
        message = f"the default flow {default!r} is never taken: {always[0].element.id!r} has no condition"
        report.warning("flows/default-never", node.element, message, "give the other flow a condition")


def _undecided(node: FlowNode, report: Report) -> None:
    """An activity whose flows are all conditional may have none to take (BPMN 2.0.2, 13.3.2)."""
    if node.kind in ACTIVITIES and node.outgoing and all(flow.condition is not None for flow in node.outgoing):
        message = "all flows out of the activity have conditions: when none is true, the process stops with an incident"
        report.warning("flows/no-default", node.element, message, "make one flow the default")


def _ends_without_flow(node: FlowNode, process: Process, graph: Graph) -> bool:
    """What has no outgoing flow by its nature."""
    if node.kind == "endEvent" or is_event_subprocess(node.element) or for_compensation(node):
        return True
    found = tags(node, graph)
    if node.kind == "boundaryEvent" and "compensateEventDefinition" in found:
        return True
    if node.kind == "intermediateThrowEvent" and "linkEventDefinition" in found:
        return True
    outer = subprocess_around(node, process)
    return outer is not None and outer.kind == "adHocSubProcess"
