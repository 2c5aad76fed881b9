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
    """Two catchers of one scope for the same error or escalation: which of them reacts would be undefined. Two that
    wait for the same message, only one of which would get it.
    """
    seen: dict[tuple[str, str | None], str] = {}
    for catcher in catchers:
        for definition in definitions_of(catcher, graph):
            rule = _CODED.get(definition.tag)
            if rule is None:
                _same_message(catcher, definition, graph, seen, report)
                continue
            code = code_of(definition, graph)
            other = seen.setdefault((definition.tag, code), catcher.id)
            if other != catcher.id:
                which = (
                    f"every {trigger(definition.tag)}" if code is None else f"the {trigger(definition.tag)} {code!r}"
                )
                message = f"{other!r} already catches {which} here"
                report.error(rule, catcher.element, message, "give it another code, or remove it")


def _same_message(
    catcher: FlowNode, definition: Element, graph: Graph, seen: dict[tuple[str, str | None], str], report: Report
) -> None:
    message = graph.referred(definition.get("messageRef"), "message")
    if message is not None and (other := seen.setdefault(("message", message.name), catcher.id)) != catcher.id:
        text = f"{other!r} already waits here for the message {message.name!r}; only one of them would get it"
        report.warning("events/same-catcher", catcher.element, text, "wait for it once, unless their keys differ")
