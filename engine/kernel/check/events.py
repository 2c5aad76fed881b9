"""Events: which event definition may stand where, alone or with others (BPMN 2.0.2, sections 10.5.2 to 10.5.5)."""

from __future__ import annotations

from engine.kernel.check.levels import subprocess_around, trigger
from engine.kernel.findings import Report
from engine.kernel.graph import Element, FlowNode, Graph, Process, definitions_of, is_event_subprocess

_MESSAGE, _TIMER, _SIGNAL = "messageEventDefinition", "timerEventDefinition", "signalEventDefinition"
_CONDITIONAL, _LINK, _ERROR = "conditionalEventDefinition", "linkEventDefinition", "errorEventDefinition"
_ESCALATION, _COMPENSATE = "escalationEventDefinition", "compensateEventDefinition"
_CANCEL, _TERMINATE = "cancelEventDefinition", "terminateEventDefinition"

POSITIONS: dict[str, frozenset[str]] = {
    "startEvent": frozenset({_MESSAGE, _TIMER, _CONDITIONAL, _SIGNAL}),
    "event subprocess": frozenset({_MESSAGE, _TIMER, _CONDITIONAL, _SIGNAL, _ESCALATION, _ERROR, _COMPENSATE}),
    "intermediateCatchEvent": frozenset({_MESSAGE, _TIMER, _CONDITIONAL, _SIGNAL, _LINK}),
    "intermediateThrowEvent": frozenset({_MESSAGE, _ESCALATION, _COMPENSATE, _SIGNAL, _LINK}),
    "boundaryEvent": frozenset({_MESSAGE, _TIMER, _CONDITIONAL, _SIGNAL, _ESCALATION, _ERROR, _COMPENSATE, _CANCEL}),
    "endEvent": frozenset({_MESSAGE, _ERROR, _ESCALATION, _CANCEL, _COMPENSATE, _SIGNAL, _TERMINATE}),
}
"""The event definitions of each kind of event (BPMN 2.0.2, table 10.93); start events of event subprocesses apart."""

KINDS = ("startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent")
_NEEDS_TRIGGER = ("intermediateCatchEvent", "boundaryEvent")
_NEVER_TOGETHER = frozenset({_ERROR, _ESCALATION, _COMPENSATE, _CANCEL, _LINK})
"""What cannot be one of several that must all happen: it interrupts, or happens at most once."""


def check(graph: Graph, report: Report) -> None:
    """Rules ``events/...`` about positions."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind in KINDS:
                found = definitions_of(node, graph)
                if not node.event_definitions and node.kind in _NEEDS_TRIGGER:
                    message = f"the {node.kind} waits for nothing"
                    report.error("events/no-trigger", node.element, message, "give it a timer, message or other event")
                _positions(node, found, process, report)
                _several(node, found, report)


def position(node: FlowNode, process: Process) -> str:
    """The key in `POSITIONS` that says what the event may have."""
    outer = subprocess_around(node, process)
    if node.kind == "startEvent" and outer is not None and is_event_subprocess(outer.element):
        return "event subprocess"
    return node.kind


def _positions(node: FlowNode, found: list[Element], process: Process, report: Report) -> None:
    where = position(node, process)
    if where == "startEvent" and node.container is not None:
        return  # it may have no trigger at all: structure/start-trigger
    called = "start event of an event subprocess" if where == "event subprocess" else node.kind
    for definition in found:
        if definition.tag not in POSITIONS[where]:
            message = f"the {called} {node.id!r} cannot have a {trigger(definition.tag)} definition"
            advice = f"it can have: {', '.join(sorted(trigger(tag) for tag in POSITIONS[where]))}"
            report.error("events/misplaced", node.element, message, advice)


def _several(node: FlowNode, found: list[Element], report: Report) -> None:
    element = node.element
    if element.flag("parallelMultiple"):
        if len(node.event_definitions) < 2:
            message = "the event is said to wait for several events at once, and has not several"
            report.warning("events/parallel-alone", element, message, "remove parallelMultiple")
        for definition in found:
            if definition.tag in _NEVER_TOGETHER and len(found) > 1:
                message = f"a {trigger(definition.tag)} cannot be one of several events that must all happen"
                report.error("events/parallel-multiple", element, message, "remove it, or remove parallelMultiple")
    if len(found) > 1 and any(definition.tag == _LINK for definition in found):
        message = "a link cannot be one of several event definitions"
        report.error("events/several", element, message, "use an event of its own for the link")
    seen: set[tuple[str, str]] = set()
    for definition in found:
        key = (definition.tag, _content(definition))
        if key in seen:
            message = f"the event has the same {trigger(definition.tag)} definition twice"
            report.warning("events/twice", element, message, "remove one of them")
        seen.add(key)


def _content(definition: Element) -> str:
    """What tells two event definitions apart, ids aside."""
    parts: list[str] = []
    for inner in definition.walk():
        given = sorted((name, value) for name, value in inner.attributes.items() if name != "id")
        parts.append(f"{inner.tag} {given} {inner.text.strip()}")
    return "\n".join(parts)
