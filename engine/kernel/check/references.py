"""Does everything that is referred to exist."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.findings import Report
from engine.kernel.graph import Element, FlowNode, Graph, Process, local_part

_RULE = "references/dangling"


def check(graph: Graph, report: Report) -> None:
    """Rules ``references/...``."""
    for process in graph.processes:
        _flows(process, report)
        _lanes(process, report)
        for node in process.nodes.values():
            _listed_flows(node, report)
            _default(node, report)
            _attached(node, process, report)
            _events(node, graph, report)
    for collaboration in graph.root.all("collaboration"):
        for participant in collaboration.all("participant"):
            reference = participant.get("processRef")
            if reference is not None and graph.referred(reference, "process") is None:
                report.warning(
                    _RULE, participant, f"the pool refers to a process {reference!r} that is not in the file"
                )


def _flows(process: Process, report: Report) -> None:
    for flow in process.flows:
        for end, reference in (("source", flow.source), ("target", flow.target)):
            if reference not in process.nodes:
                message = f"the {end} {reference!r} of the sequence flow is no flow node of this process"
                report.error(_RULE, flow.element, message)


def _lanes(process: Process, report: Report) -> None:
    holders: dict[str, Element] = {}
    for lane in process.lanes:
        for reference in lane.all("flowNodeRef"):
            target = reference.text.strip()
            if target not in process.nodes:
                report.warning(_RULE, reference, f"the lane refers to {target!r}, which is not in this process")
            elif (other := holders.setdefault(target, lane)) is not lane and not _within(lane, other):
                message = f"{target!r} lies in the lanes {other.owner!r} and {lane.owner!r}; who works on it is unclear"
                report.error("references/two-lanes", lane, message, "put it into one lane")


def _within(inner: Element, outer: Element) -> bool:
    at: Element | None = inner
    while at is not None and at is not outer:
        at = at.parent
    return at is outer


def _listed_flows(node: FlowNode, report: Report) -> None:
    for tag, flows in (("incoming", node.incoming), ("outgoing", node.outgoing)):
        real = {flow.element.id for flow in flows}
        for listed in node.element.all(tag):
            if local_part(listed.text) not in real:
                message = f"lists {listed.text.strip()!r} as {tag}, but that sequence flow is not connected to it"
                report.warning("references/listed-flow", listed, message, "sourceRef and targetRef of the flow count")


def _default(node: FlowNode, report: Report) -> None:
    default = node.element.get("default")
    if default is not None and default not in {flow.element.id for flow in node.outgoing}:
        report.error(_RULE, node.element, f"the default flow {default!r} does not leave this element")


def _attached(node: FlowNode, process: Process, report: Report) -> None:
    if node.kind == "boundaryEvent":
        host = node.element.get("attachedToRef")
        if host not in process.nodes:
            report.error(_RULE, node.element, f"it is attached to {host!r}, which is not in this process")


def _events(node: FlowNode, graph: Graph, report: Report) -> None:
    for element, attribute, tag in _event_references(node):
        reference = element.get(attribute)
        if reference is None:
            if tag == "message" and node.kind != "sendTask":
                report.error("references/no-message", element, "it names no message", "set messageRef")
        elif graph.referred(reference, tag) is None:
            report.error(_RULE, element, f"there is no {tag} {reference!r} in the file")


def _event_references(node: FlowNode) -> Iterator[tuple[Element, str, str]]:
    if node.kind in ("sendTask", "receiveTask"):
        yield node.element, "messageRef", "message"
    for definition in node.event_definitions:
        if definition.tag == "messageEventDefinition":
            yield definition, "messageRef", "message"
        if definition.tag == "errorEventDefinition":
            yield definition, "errorRef", "error"
