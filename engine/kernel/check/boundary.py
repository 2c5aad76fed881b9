"""Boundary events: where they are attached, which of them interrupt, which catch the same (BPMN 2.0.2, 10.5.4)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.kernel.check.levels import a, tags, trigger
from engine.kernel.check.triggers import code_of
from engine.kernel.findings import Report
from engine.kernel.graph import ACTIVITIES, Element, FlowNode, Graph, Process, definitions_of, is_event_subprocess

_CODED = {"errorEventDefinition": "events/same-error", "escalationEventDefinition": "events/same-escalation"}


def check(graph: Graph, report: Report) -> None:
    """Rules ``events/...`` about what stands at a border."""
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind == "boundaryEvent":
                _host(node, process, report)
                interruption(node, tags(node, graph), "cancelActivity", report)
            if node.boundary:
                same_catchers(node.boundary, graph, report)


def _host(node: FlowNode, process: Process, report: Report) -> None:
    host = process.nodes.get(node.element.get("attachedToRef") or "")
    if host is None:
        return  # references/dangling
    if host.kind not in ACTIVITIES:
        message = f"it is attached to {host.id!r}, {a(host.kind)}; boundary events belong on activities"
        report.error("events/boundary-host", node.element, message, "attach it to an activity")
    elif is_event_subprocess(host.element):
        message = f"it is attached to the event subprocess {host.id!r}, which is no step of the flow"
        report.error("events/boundary-host", node.element, message, "attach it to an activity inside")
    elif host.container != node.container:
        message = f"it lies in another subprocess than {host.id!r}, which it is attached to"
        report.error("events/boundary-host", node.element, message, f"move it to where {host.id!r} lies")


def interruption(node: FlowNode, found: Iterable[str], attribute: str, report: Report) -> None:
    """Errors and cancellations always interrupt, compensation never does: it begins after the end (table 10.90)."""
    if node.element.flag(attribute, default=True):
        return
    for tag in found:
        if tag in ("errorEventDefinition", "cancelEventDefinition"):
            rule = "events/error-interrupts" if tag == "errorEventDefinition" else "events/cancel-interrupts"
            message = f"{trigger(tag)} events always interrupt; this one is said not to"
            report.error(rule, node.element, message, f"remove {attribute}='false'")
        elif tag == "compensateEventDefinition":
            message = f"{attribute} says nothing about compensation, which begins after the activity has ended"
            report.warning("events/compensation-interrupts", node.element, message, f"remove {attribute}")


def same_catchers(catchers: Iterable[FlowNode], graph: Graph, report: Report) -> None:
    """Catchers of one scope for the same: of two for an error or escalation, or of two that interrupt, it would be
    undefined which reacts; of two for a message, only one would get it (BPMN 2.0.2, 10.5.6).
    """
    seen: dict[tuple[str, str | None], FlowNode] = {}
    for catcher in catchers:
        for definition in definitions_of(catcher, graph):
            if definition.tag in _CODED:
                key = (definition.tag, code_of(definition, graph))
            elif (name := _name(definition, graph)) is not None:
                key = (definition.tag, name)
            else:
                continue
            other = seen.setdefault(key, catcher)
            if other is not catcher:
                _same(catcher, other, key, report)


def _name(definition: Element, graph: Graph) -> str | None:
    for attribute, tag in (("messageRef", "message"), ("signalRef", "signal")):
        found = graph.referred(definition.get(attribute), tag)
        if found is not None:
            return found.name
    return None


def _same(catcher: FlowNode, other: FlowNode, key: tuple[str, str | None], report: Report) -> None:
    tag, which = key
    what = f"every {trigger(tag)}" if which is None else f"the {trigger(tag)} {which!r}"
    message = f"{other.id!r} already catches {what} here"
    if tag in _CODED:
        report.error(_CODED[tag], catcher.element, message, "give it another code, or remove it")
    elif _interrupts(catcher) and _interrupts(other):
        report.error("events/same-interrupting", catcher.element, f"{message}, and both interrupt", "keep one of them")
    elif tag == "messageEventDefinition":
        advice = "wait for it once, unless their keys differ"
        report.warning("events/same-catcher", catcher.element, f"{message}; only one of them would get it", advice)


def _interrupts(node: FlowNode) -> bool:
    return node.element.flag("cancelActivity" if node.kind == "boundaryEvent" else "isInterrupting", default=True)
