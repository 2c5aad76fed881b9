"""Event-based gateways: what they lead to, and when they start instances (BPMN 2.0.2, section 10.6.6)."""

from __future__ import annotations

from engine.kernel.check.levels import tags, trigger
from engine.kernel.findings import Report
from engine.kernel.graph import FlowNode, Graph, Process, definitions_of

_WAITING = frozenset(
    {"messageEventDefinition", "timerEventDefinition", "signalEventDefinition", "conditionalEventDefinition"}
)
_STARTING = frozenset({"messageEventDefinition", "signalEventDefinition"})
_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def check(graph: Graph, report: Report) -> None:
    """Rules ``gateways/...`` of event-based gateways."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind == "eventBasedGateway":
                _count(node, report)
                targets = [process.nodes[flow.target] for flow in node.outgoing if flow.target in process.nodes]
                for target in targets:
                    _target(node, target, graph, report)
                _receivers(node, targets, graph, report)
                _same_event(node, targets, graph, report)
                _instantiating(node, targets, process, graph, report)


def _count(node: FlowNode, report: Report) -> None:
    if not node.outgoing:
        message = "the event-based gateway waits for nothing"
        report.error("gateways/no-event", node.element, message, "lead it to at least two catch events")
    elif len(node.outgoing) < 2:
        message = "an event-based gateway chooses between at least two events, and this one has a single flow"
        report.error("gateways/one-event", node.element, message, "add an event, or use the event alone")


def _target(gateway: FlowNode, target: FlowNode, graph: Graph, report: Report) -> None:
    flow = next(flow for flow in gateway.outgoing if flow.target == target.id)
    if not _waits(target, graph):
        message = (
            f"the event-based gateway {gateway.id!r} leads to {target.id!r}, which is no event that it can wait for"
        )
        advice = "use receive tasks, or catch events with a message, timer, signal or condition"
        report.error("gateways/not-an-event", flow.element, message, advice)
        return
    if len(target.incoming) > 1:
        message = f"it follows the event-based gateway {gateway.id!r} and may have no other incoming flow"
        report.error("gateways/shared-event", target.element, message, "draw a second event for the other flow")
    if target.boundary:
        message = f"it follows the event-based gateway {gateway.id!r} and may have no boundary event"
        report.error("gateways/bounded-event", target.element, message, "draw a timer event behind the gateway instead")
    if any(target.element.child(tag) is not None for tag in _LOOPS):
        message = f"it follows the event-based gateway {gateway.id!r} and may have no loop"
        report.error("gateways/bounded-event", target.element, message, "remove the loop")


def _waits(node: FlowNode, graph: Graph) -> bool:
    if node.kind == "receiveTask":
        return True
    if node.kind != "intermediateCatchEvent" or node.element.flag("parallelMultiple"):
        return False
    found = tags(node, graph)
    return _WAITING.issuperset(found) if found else bool(node.event_definitions)


def _receivers(gateway: FlowNode, targets: list[FlowNode], graph: Graph, report: Report) -> None:
    tasks = [node for node in targets if node.kind == "receiveTask"]
    events = [node for node in targets if "messageEventDefinition" in tags(node, graph)]
    if tasks and events:
        message = f"it waits for messages with the event {events[0].id!r} and with the receive task {tasks[0].id!r}"
        report.error("gateways/mixed-receivers", gateway.element, message, "use only events or only receive tasks")


def _same_event(gateway: FlowNode, targets: list[FlowNode], graph: Graph, report: Report) -> None:
    seen: dict[tuple[str, str], str] = {}
    for target in targets:
        places = [target.element] if target.kind == "receiveTask" else definitions_of(target, graph)
        for place in places:
            for attribute in ("messageRef", "signalRef"):
                reference = place.get(attribute)
                if reference and (other := seen.setdefault((attribute, reference), target.id)) != target.id:
                    what = attribute.removesuffix("Ref")
                    message = f"{other!r} already waits for the same {what} behind the gateway {gateway.id!r}"
                    advice = "wait for it once, unless their correlation keys differ"
                    report.warning("gateways/same-event", target.element, message, advice)


def _instantiating(gateway: FlowNode, targets: list[FlowNode], process: Process, graph: Graph, report: Report) -> None:
    element = gateway.element
    if not element.flag("instantiate"):
        if element.get("eventGatewayType") == "Parallel":
            message = "only a gateway that starts instances can wait for all of its events"
            report.error("gateways/parallel-events", element, message, "use a parallel gateway before the events")
        return
    if gateway.incoming:
        message = "a gateway that starts instances cannot have an incoming flow"
        report.error("gateways/instantiate", element, message, "remove the flow, or instantiate")
    if gateway.container is not None:
        message = f"it would start instances, but lies in the subprocess {gateway.container!r}"
        report.error("structure/instantiates-inside", element, message, "move it to the process, or remove instantiate")
    for target in targets:
        wrong = [tag for tag in tags(target, graph) if tag in _WAITING and tag not in _STARTING]
        if wrong:
            message = f"{target.id!r} waits for a {trigger(wrong[0])}, which cannot start an instance of {process.id!r}"
            advice = "use messages behind a gateway that starts instances"
            report.error("gateways/instantiate-target", target.element, message, advice)
