"""Activities: how many tokens they take, what starts instances, what their loops need (BPMN 2.0.2, section 10.3)."""

from __future__ import annotations

from engine.kernel.check.levels import instantiates
from engine.kernel.findings import Report
from engine.kernel.graph import ACTIVITIES, Element, FlowNode, Graph, local_part

_QUANTITIES = ("startQuantity", "completionQuantity")
_EVENT_REFERENCES = {"One": "oneBehaviorEventRef", "None": "noneBehaviorEventRef"}


def check(graph: Graph, report: Report) -> None:
    """Rules ``activities/...`` and ``loops/...``."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind in ACTIVITIES:
                _quantities(node, report)
                if (loop := node.element.child("multiInstanceLoopCharacteristics")) is not None:
                    _multi_instance(loop, graph, report)
            if node.kind == "callActivity":
                _called(node, graph, report)
            if node.kind == "receiveTask" and node.element.flag("instantiate"):
                _instantiating(node, report)


def _quantities(node: FlowNode, report: Report) -> None:
    for name in _QUANTITIES:
        value = node.element.get(name)
        if value is not None and int(value) < 1:
            message = f"{name} is {value}; an activity takes and gives at least one token"
            report.error("activities/quantity", node.element, message, f"set {name} to at least 1")


def _instantiating(node: FlowNode, report: Report) -> None:
    if node.incoming:
        message = "a receive task that starts instances cannot have an incoming flow"
        report.error("activities/instantiate", node.element, message, "remove the flow, or instantiate")
    if node.container is not None:
        message = f"it would start instances, but lies in the subprocess {node.container!r}"
        report.error("structure/instantiates-inside", node.element, message, "move it to the process")


def _called(node: FlowNode, graph: Graph, report: Report) -> None:
    """What is known of a called process when it stands in the same file."""
    found = graph.referred(node.element.get("calledElement"), "process")
    if found is None:
        return
    process = next((each for each in graph.processes if each.element is found), None)
    if process is None:
        message = f"it calls the process {found.id!r} of this file, which is not executable and not deployed"
        report.warning("activities/called-not-executable", node.element, message, "set isExecutable='true' on it")
        return
    inside = process.inside(None)
    starts = [each for each in inside if each.kind == "startEvent"]
    plain = [each for each in starts if not each.event_definitions]
    if not plain and (starts or any(instantiates(each) for each in inside)):
        message = f"it calls the process {found.id!r}, which can only begin at an event"
        report.error(
            "activities/called-start", node.element, message, "give that process a start event without trigger"
        )


def _multi_instance(loop: Element, graph: Graph, report: Report) -> None:
    behavior = loop.get("behavior") or "All"
    for used_by, attribute in _EVENT_REFERENCES.items():
        reference = loop.get(attribute)
        if reference is None:
            continue
        found = graph.definitions.get(local_part(reference))
        if found is None or not found.tag.endswith("EventDefinition"):
            message = f"there is no event definition {reference!r} at the root of the file"
            report.error("references/dangling", loop, message, f"correct {attribute}")
        if behavior != used_by:
            message = f"{attribute} has no effect when behavior is {behavior}"
            report.warning("loops/unused-event", loop, message, f"set behavior to {used_by}, or remove it")
    rules = list(loop.all("complexBehaviorDefinition"))
    if behavior == "Complex" and not rules:
        message = "the behavior is Complex, but no complexBehaviorDefinition says when which event is thrown"
        report.error("loops/complex-behavior", loop, message, "add one, or choose another behavior")
    elif behavior != "Complex" and rules:
        message = f"a complexBehaviorDefinition has no effect when behavior is {behavior}"
        report.warning("loops/unused-event", loop, message, "set behavior to Complex, or remove it")
    cardinality = loop.child("loopCardinality")
    if cardinality is not None and _negative(cardinality.text):
        message = f"the loopCardinality is {cardinality.text.strip()}; there cannot be fewer than no items"
        report.error("loops/cardinality", loop, message, "give a number of items")


def _negative(text: str) -> bool:
    try:
        return float(text) < 0
    except ValueError:
        return False
