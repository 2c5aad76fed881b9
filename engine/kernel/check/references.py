"""Does everything that is referred to exist."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.findings import Report
from engine.kernel.graph import FLOW_NODES, Element, FlowNode, Graph, Process, definitions_of, local_part

_RULE = "references/dangling"
_EVENT_ATTRIBUTES = {
    "messageEventDefinition": ("messageRef", "message"),
    "signalEventDefinition": ("signalRef", "signal"),
    "errorEventDefinition": ("errorRef", "error"),
    "escalationEventDefinition": ("escalationRef", "escalation"),
}
_MISSING = {
    "message": ("references/no-message", "it names no message", "set messageRef"),
    "signal": ("references/no-signal", "it names no signal", "set signalRef"),
}
_TEXTS = {
    "operationRef": "operation", "inMessageRef": "message", "outMessageRef": "message", "errorRef": "error",
    "supportedInterfaceRef": "interface", "interfaceRef": "interface", "endPointRef": "endPoint",
    "correlationPropertyRef": "correlationProperty", "resourceRef": "resource", "participantRef": "participant",
    "messageFlowRef": "messageFlow",
}  # fmt: skip
"""Elements whose text refers to an element of the file."""

_ATTRIBUTES = {
    ("serviceTask", "operationRef"): "operation",
    ("sendTask", "operationRef"): "operation",
    ("receiveTask", "operationRef"): "operation",
    ("ioBinding", "operationRef"): "operation",
    ("correlationSubscription", "correlationKeyRef"): "correlationKey",
    ("correlationPropertyBinding", "correlationPropertyRef"): "correlationProperty",
    ("correlationPropertyRetrievalExpression", "messageRef"): "message",
    ("resourceParameterBinding", "parameterRef"): "resourceParameter",
}
"""Attributes that refer to an element of the file, by the tag they stand on."""


def check(graph: Graph, report: Report) -> None:
    """Rules ``references/...``."""
    for process in graph.processes:
        _flows(process, graph, report)
        _associations(process, graph, report)
        for node in process.nodes.values():
            _listed_flows(node, report)
            _default(node, report)
            _attached(node, process, report)
            _events(node, graph, report)
        _others(process.element, graph, report)
    _items(graph, report)
    for element in graph.root.children:
        if element.tag in ("interface", "correlationProperty", "collaboration"):
            _others(element, graph, report)


def _flows(process: Process, graph: Graph, report: Report) -> None:
    for flow in process.flows:
        for end, reference in (("source", flow.source), ("target", flow.target)):
            found = graph.elements.get(reference)
            if reference not in process.nodes and (found is None or found.tag not in FLOW_NODES):
                message = f"the {end} {reference!r} of the sequence flow is no flow node of this process"
                report.error(_RULE, flow.element, message, "connect the flow to an activity, event or gateway")


def _associations(process: Process, graph: Graph, report: Report) -> None:
    for association in process.associations:
        for end in ("sourceRef", "targetRef"):
            reference = association.get(end) or ""
            if local_part(reference) not in graph.elements:
                message = f"the association refers to {reference!r}, which is not in the file"
                report.warning("references/association", association, message, "remove the association")


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
        message = f"the default flow {default!r} does not leave this element"
        report.error(_RULE, node.element, message, "choose one of its own outgoing flows")


def _attached(node: FlowNode, process: Process, report: Report) -> None:
    if node.kind == "boundaryEvent":
        host = node.element.get("attachedToRef")
        if local_part(host or "") not in process.nodes:
            message = f"it is attached to {host!r}, which is not in this process"
            report.error(_RULE, node.element, message, "attach it to an activity")


def _events(node: FlowNode, graph: Graph, report: Report) -> None:
    for reference in node.element.all("eventDefinitionRef"):
        found = graph.definitions.get(local_part(reference.text))
        if found is None or not found.tag.endswith("EventDefinition"):
            message = f"there is no event definition {reference.text.strip()!r} at the root of the file"
            report.error(_RULE, reference, message, "put the event definition into the event")
    for element, attribute, tag in _event_references(node, graph):
        name = element.get(attribute)
        if name is None:
            if tag in _MISSING and node.kind != "sendTask":
                rule, message, advice = _MISSING[tag]
                report.error(rule, element, message, advice)
        elif graph.referred(name, tag) is None:
            report.error(_RULE, element, f"there is no {tag} {name!r} in the file", f"correct {attribute}")


def _event_references(node: FlowNode, graph: Graph) -> Iterator[tuple[Element, str, str]]:
    if node.kind in ("sendTask", "receiveTask"):
        yield node.element, "messageRef", "message"
    for definition in definitions_of(node, graph):
        if definition.tag in _EVENT_ATTRIBUTES:
            yield definition, *_EVENT_ATTRIBUTES[definition.tag]


def _others(top: Element, graph: Graph, report: Report) -> None:
    """References that nothing executes yet; those with a prefix may lead into an imported file."""
    for element in top.walk():
        wanted = [(name, tag) for (holder, name), tag in _ATTRIBUTES.items() if holder == element.tag]
        given = [(element.get(name), tag) for name, tag in wanted]
        if element.tag in _TEXTS:
            given.append((element.text.strip() or None, _TEXTS[element.tag]))
        for reference, tag in given:
            if reference is None or _imported(reference, graph):
                continue
            found = graph.elements.get(local_part(reference))
            if found is None or found.tag != tag:
                report.error(_RULE, element, f"there is no {tag} {reference!r} in the file", "correct the reference")


def _items(graph: Graph, report: Report) -> None:
    """Types of data; those with a prefix are types of another language."""
    for element in graph.root.walk():
        reference = element.get("itemRef") if element.tag == "message" else element.get("itemSubjectRef")
        if reference is not None and ":" not in reference and graph.referred(reference, "itemDefinition") is None:
            message = f"there is no item definition {reference!r} in the file"
            report.warning("references/item", element, message, "correct the reference, or remove it")


def _imported(reference: str, graph: Graph) -> bool:
    return ":" in reference and graph.root.child("import") is not None
