"""Compensation: handlers, what leads to them, what can be compensated from where (BPMN 2.0.2, section 10.7)."""

from __future__ import annotations

from engine.kernel.check.levels import for_compensation, subprocess_around, tags
from engine.kernel.findings import Report
from engine.kernel.graph import (
    ACTIVITIES,
    CONTAINERS,
    Element,
    FlowNode,
    Graph,
    Process,
    definitions_of,
    is_event_subprocess,
    local_part,
)

_COMPENSATE = "compensateEventDefinition"


def check(graph: Graph, report: Report) -> None:
    """Rules ``compensation/...``."""
    for process in graph.processes:
        ends = _associated(process)
        handlers: set[str] = set()
        for node in process.nodes.values():
            catchers = [boundary for boundary in node.boundary if _COMPENSATE in tags(boundary, graph)]
            for catcher in catchers[1:]:
                message = f"{catchers[0].id!r} already says how {node.id!r} is compensated"
                report.error("compensation/two-handlers", catcher.element, message, "keep one of them")
            for catcher in catchers:
                handlers |= {found.id for found in _handler(catcher, ends, process, report)}
        for node in process.nodes.values():
            if for_compensation(node) and node.kind in ACTIVITIES:
                _activity(node, handlers, report)
            if node.kind in ("intermediateThrowEvent", "endEvent"):
                for definition in definitions_of(node, graph):
                    if definition.tag == _COMPENSATE:
                        _thrown(node, definition, process, graph, report)


def _associated(process: Process) -> dict[str, list[str]]:
    """What associations connect each element with, whichever way they are drawn."""
    found: dict[str, list[str]] = {}
    for association in process.associations:
        source, target = (local_part(association.get(end) or "") for end in ("sourceRef", "targetRef"))
        found.setdefault(source, []).append(target)
        found.setdefault(target, []).append(source)
    return found


def _handler(boundary: FlowNode, ends: dict[str, list[str]], process: Process, report: Report) -> list[FlowNode]:
    for flow in boundary.outgoing:
        message = (
            f"a sequence flow leaves the compensation event {boundary.id!r}; its handler follows by an association"
        )
        report.error("compensation/outgoing", flow.element, message, "draw an association to the handler")
    connected = (process.nodes.get(id) for id in dict.fromkeys(ends.get(boundary.id, ())))
    found = [node for node in connected if node is not None and node.kind in ACTIVITIES]
    if not found:
        message = f"no association leads from the compensation event {boundary.id!r} to an activity that compensates"
        report.error("compensation/no-handler", boundary.element, message, "draw an association to the handler")
    for other in found[1:]:
        message = f"the compensation event {boundary.id!r} leads to {found[0].id!r} and to {other.id!r}"
        report.error("compensation/two-handlers", boundary.element, message, "keep one, or use a subprocess")
    for handler in found:
        if not for_compensation(handler):
            message = f"{handler.id!r} compensates, but is not marked as being for compensation"
            report.error("compensation/not-marked", handler.element, message, "set isForCompensation='true'")
        if handler.container != boundary.container:
            message = f"the handler {handler.id!r} lies in another subprocess than the event {boundary.id!r}"
            report.error("compensation/other-level", handler.element, message, "put it beside the compensated activity")
    return found


def _activity(node: FlowNode, handlers: set[str], report: Report) -> None:
    for flow in (*node.incoming, *node.outgoing):
        message = f"the compensation handler {node.id!r} takes part in a sequence flow"
        report.error("compensation/in-flow", flow.element, message, "remove the flow, or isForCompensation")
    if node.id not in handlers:
        message = "the activity is for compensation, but no compensation event leads to it by an association"
        report.error("compensation/unattached", node.element, message, "draw the association, or remove the mark")


def _thrown(node: FlowNode, definition: Element, process: Process, graph: Graph, report: Report) -> None:
    reference = definition.get("activityRef")
    scopes = _visible(node, process)
    if reference is None:
        inside = [each for scope in scopes for each in process.inside(scope)]
        if not any(_compensable(each, process, graph) for each in inside):
            message = "nothing that the event could compensate has a handler"
            report.warning("compensation/nothing", node.element, message, "attach compensation events to activities")
        return
    found = process.nodes.get(local_part(reference))
    if found is None or found.kind not in ACTIVITIES:
        message = f"it compensates {reference!r}, which is no activity of this process"
        report.error("references/dangling", node.element, message, "set activityRef to an activity")
    elif found.container not in scopes:
        message = f"it compensates {found.id!r}, which lies on another level and cannot be seen from here"
        report.error("compensation/not-visible", node.element, message, "throw it on the level of the activity")
    elif not _compensable(found, process, graph):
        message = f"it compensates {found.id!r}, which has no compensation handler"
        report.error("compensation/not-compensable", node.element, message, "attach a compensation event to it")


def _visible(node: FlowNode, process: Process) -> list[str | None]:
    """The levels whose activities an event can compensate: its own, and from an event subprocess the one around it."""
    scopes = [node.container]
    at = subprocess_around(node, process)
    while at is not None and is_event_subprocess(at.element):
        scopes.append(at.container)
        at = subprocess_around(at, process)
    return scopes


def _compensable(node: FlowNode, process: Process, graph: Graph) -> bool:
    """Whether an activity has a handler, or something inside it has; a called process may."""
    waiting, seen = [node], set[str]()
    while waiting:
        at = waiting.pop()
        if at.id in seen:
            continue
        seen.add(at.id)
        if at.kind == "callActivity" or any(_COMPENSATE in tags(boundary, graph) for boundary in at.boundary):
            return True
        if at.kind in CONTAINERS:
            inner = process.inside(at.id)
            if any(each.kind == "startEvent" and _COMPENSATE in tags(each, graph) for each in inner):
                return True
            waiting += inner
    return False
