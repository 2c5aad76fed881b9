"""What events name: signals, messages, errors and escalations, with the codes that tell them apart (8.4)."""

from __future__ import annotations

from engine.kernel.check.events import KINDS
from engine.kernel.findings import Report
from engine.kernel.graph import Element, FlowNode, Graph, Process, definitions_of

_THROWS = ("intermediateThrowEvent", "endEvent")
_CODED = {
    "errorEventDefinition": ("errorRef", "error", "errorCode", "events/no-error-code"),
    "escalationEventDefinition": ("escalationRef", "escalation", "escalationCode", "events/no-escalation-code"),
}


def check(graph: Graph, report: Report) -> None:
    """Rules ``events/...`` about codes, about cycles, and about start events that wait for the same."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind in KINDS:
                for definition in definitions_of(node, graph):
                    if definition.tag in _CODED:
                        _code(node, definition, graph, report)
                    elif definition.child("timeCycle") is not None:
                        _cycle(node, report)
        _same_starts(process, graph, report)


def _code(node: FlowNode, definition: Element, graph: Graph, report: Report) -> None:
    attribute, tag, code, rule = _CODED[definition.tag]
    reference = definition.get(attribute)
    found = graph.referred(reference, tag)
    nameless = found is not None and found.get(code) is None
    if node.kind in _THROWS and (reference is None or nameless):
        message = f"the event throws an {tag} without a code, which nothing could tell apart"
        report.error(rule, node.element, message, f"set {attribute} to an {tag} with an {code}")
    elif nameless and found is not None:
        message = f"the {tag} {found.id!r} has no {code}, so this event would catch every {tag}"
        report.error(rule, node.element, message, f"set {code}, or drop the {attribute}")


def _cycle(node: FlowNode, report: Report) -> None:
    """A cycle repeats only where what it begins leaves the event waiting."""
    attribute = {"boundaryEvent": "cancelActivity", "startEvent": "isInterrupting"}.get(node.kind, "")
    once = node.element.flag(attribute, default=True) and (node.kind != "startEvent" or node.container is not None)
    if once:
        message = "the timer repeats, but the event happens once only"
        report.warning("events/cycle", node.element, message, "use a timeDuration or timeDate")


def code_of(definition: Element, graph: Graph) -> str | None:
    """The code that an error or escalation definition catches; None for all of them."""
    attribute, tag, code, _ = _CODED[definition.tag]
    found = graph.referred(definition.get(attribute), tag)
    return None if found is None else found.get(code)


def _same_starts(process: Process, graph: Graph, report: Report) -> None:
    messages: dict[str, str] = {}
    signals: dict[str, str] = {}
    for node in process.inside(None):
        if node.kind != "startEvent":
            continue
        for definition in definitions_of(node, graph):
            message = graph.referred(definition.get("messageRef"), "message")
            if message is not None and (other := messages.setdefault(message.name, node.id)) != node.id:
                text = f"{other!r} already starts the process at the message {message.name!r}"
                report.error("events/same-message", node.element, text, "use one start event for the message")
            signal = graph.referred(definition.get("signalRef"), "signal")
            if signal is not None and (other := signals.setdefault(signal.name, node.id)) != node.id:
                text = f"{other!r} already starts the process at the signal {signal.name!r}, so it would start twice"
                report.warning("events/same-signal", node.element, text, "use one start event for the signal")
