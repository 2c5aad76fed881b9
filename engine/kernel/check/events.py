"""Events: which one may stand where, and what each needs (BPMN 2.0.2, section 10.5)."""

from __future__ import annotations

from engine.kernel.findings import Report
from engine.kernel.graph import ACTIVITIES, FlowNode, Graph, Process

POSITIONS: dict[str, tuple[str, ...]] = {
    "startEvent": ("timerEventDefinition", "messageEventDefinition"),
    "intermediateCatchEvent": ("timerEventDefinition", "messageEventDefinition"),
    "intermediateThrowEvent": ("messageEventDefinition",),
    "boundaryEvent": ("timerEventDefinition", "messageEventDefinition", "errorEventDefinition"),
    "endEvent": ("messageEventDefinition", "errorEventDefinition", "terminateEventDefinition"),
}
"""Supported event definitions by the kind of event."""

_NEEDS_TRIGGER = ("intermediateCatchEvent", "boundaryEvent")


def check(graph: Graph, report: Report) -> None:
    """Rules ``events/...``."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind in POSITIONS:
                _definitions(node, report)
            if node.kind == "boundaryEvent":
                _boundary(node, process, report)
            if node.kind == "endEvent":
                _error_end(node, graph, report)
            _catchers(node, graph, report)
        _message_starts(process, graph, report)


def _definitions(node: FlowNode, report: Report) -> None:
    found = node.event_definitions
    if len(found) > 1:
        report.error("events/several", node.element, "an event with several event definitions is not supported")
    if not found and node.kind in _NEEDS_TRIGGER:
        report.error(
            "events/no-trigger", node.element, f"the {node.kind} waits for nothing", "give it a timer or message"
        )
    known = {tag for tags in POSITIONS.values() for tag in tags}
    for definition in found:
        if definition.tag in known and definition.tag not in POSITIONS[node.kind]:
            what = definition.tag.removesuffix("EventDefinition")
            report.error("events/misplaced", node.element, f"a {node.kind} cannot have a {what} definition")


def _boundary(node: FlowNode, process: Process, report: Report) -> None:
    host = process.nodes.get(node.element.get("attachedToRef") or "")
    if host is not None and host.kind not in ACTIVITIES:
        message = f"it is attached to {host.id!r}, a {host.kind}; boundary events belong on activities"
        report.error("events/boundary-host", node.element, message)
    elif host is not None and host.container != node.container:
        report.error("events/boundary-host", node.element, f"it lies in another subprocess than {host.id!r}")
    catches_error = any(found.tag == "errorEventDefinition" for found in node.event_definitions)
    if catches_error and not node.element.flag("cancelActivity", default=True):
        message = "an error always interrupts; a boundary error event cannot be non-interrupting"
        report.error("events/error-interrupts", node.element, message, "remove cancelActivity='false'")


def _error_end(node: FlowNode, graph: Graph, report: Report) -> None:
    for definition in node.event_definitions:
        if definition.tag == "errorEventDefinition":
            error = graph.referred(definition.get("errorRef"), "error")
            if definition.get("errorRef") is None or (error is not None and error.get("errorCode") is None):
                message = "the error end event throws an error without a code, which nothing could tell apart"
                report.error("events/no-error-code", node.element, message, "give the error an errorCode")


def _catchers(host: FlowNode, graph: Graph, report: Report) -> None:
    seen: dict[str | None, str] = {}
    for boundary in host.boundary:
        for definition in boundary.event_definitions:
            if definition.tag != "errorEventDefinition":
                continue
            error = graph.referred(definition.get("errorRef"), "error")
            code = error.get("errorCode") if error is not None else None
            if error is not None and code is None:
                message = f"the error {error.id!r} has no errorCode, so this event would catch every error"
                report.error("events/no-error-code", boundary.element, message, "set errorCode, or drop the errorRef")
            other = seen.setdefault(code, boundary.id)
            if other != boundary.id:
                which = "every error" if code is None else f"the error {code!r}"
                report.error("events/same-error", boundary.element, f"{other!r} already catches {which} here")


def _message_starts(process: Process, graph: Graph, report: Report) -> None:
    seen: dict[str, str] = {}
    for node in process.inside(None):
        if node.kind != "startEvent":
            continue
        for definition in node.event_definitions:
            message = graph.referred(definition.get("messageRef"), "message")
            if message is not None and (other := seen.setdefault(message.name, node.id)) != node.id:
                text = f"{other!r} already starts the process at the message {message.name!r}"
                report.error("events/same-message", node.element, text)
