"""Collaborations: pools and message flows (BPMN 2.0.2, sections 7.6.2, 9.3 and 9.4)."""

from __future__ import annotations

from engine.kernel.check.levels import a
from engine.kernel.findings import Report
from engine.kernel.graph import ACTIVITIES, FLOW_NODES, Element, Graph, local_part

_MESSAGE = "messageEventDefinition"
_SOURCES = ("intermediateThrowEvent", "endEvent")
_TARGETS = ("startEvent", "intermediateCatchEvent", "boundaryEvent")
_NODES = ("participant", "conversation", "subConversation", "callConversation")


def check(graph: Graph, report: Report) -> None:
    """Rules ``pools/...`` and ``messages/...``."""
    for collaboration in graph.root.children:
        if collaboration.tag not in ("collaboration", "globalConversation"):
            continue
        pools = list(collaboration.all("participant"))
        _participants(pools, graph, report)
        for flow in collaboration.all("messageFlow"):
            _message_flow(flow, graph, report)


def _participants(pools: list[Element], graph: Graph, report: Report) -> None:
    shown: dict[str, Element] = {}
    for pool in pools:
        reference = pool.get("processRef")
        if reference is not None:
            if graph.referred(reference, "process") is None:
                message = f"the pool refers to a process {reference!r} that is not in the file"
                report.warning("pools/dangling", pool, message, "correct processRef, or remove it")
            elif (other := shown.setdefault(local_part(reference), pool)) is not pool:
                message = f"the pool shows the process {reference!r}, as {other.owner!r} does"
                report.error("pools/same-process", pool, message, "give each pool its own process")
        multiplicity = pool.child("participantMultiplicity")
        if multiplicity is not None:
            _multiplicity(multiplicity, report)


def _multiplicity(multiplicity: Element, report: Report) -> None:
    least, most = (int(multiplicity.get(name) or given) for name, given in (("minimum", "0"), ("maximum", "1")))
    if least < 0 or most < 1 or least > most:
        message = f"the pool stands for at least {least} and at most {most} participants, which is impossible"
        report.error("pools/multiplicity", multiplicity, message, "correct minimum and maximum")


def _message_flow(flow: Element, graph: Graph, report: Report) -> None:
    ends: list[Element] = []
    for end in ("source", "target"):
        reference = flow.get(f"{end}Ref") or ""
        found = graph.elements.get(local_part(reference))
        if found is None:
            message = f"the {end} {reference!r} of the message flow is not in the file"
            report.error("references/dangling", flow, message, "connect it to a pool, an activity or an event")
        else:
            ends.append(found)
    reference = flow.get("messageRef") or ""
    if reference and graph.referred(reference, "message") is None:
        report.error(
            "references/dangling", flow, f"there is no message {reference!r} in the file", "correct messageRef"
        )
    if len(ends) < 2:
        return
    source, target = ends
    if (reason := _no_source(source, graph)) is not None:
        report.error("messages/source", flow, f"{source.id!r} {reason}", "send from a pool, an activity or a message")
    if (reason := _no_target(target, graph)) is not None:
        report.error("messages/target", flow, f"{target.id!r} {reason}", "lead it to a pool, an activity or a message")
    if source.tag == "receiveTask" or target.tag == "sendTask":
        which = source if source.tag == "receiveTask" else target
        message = f"the {which.tag} {which.id!r} is at the wrong end of the message flow"
        report.warning("messages/direction", flow, message, "turn the message flow round, or change the task")
    pool = _pool(source, graph)
    if pool is not None and pool is _pool(target, graph):
        message = f"the message flow connects {source.id!r} and {target.id!r} of the same pool"
        report.error("messages/same-pool", flow, message, "use a sequence flow, or an event")


def _no_source(element: Element, graph: Graph) -> str | None:
    if element.tag in _NODES or element.tag in ACTIVITIES:
        return None
    if element.tag in _SOURCES:
        return None if _MESSAGE in _tags(element, graph) else f"is {a(element.tag)} that sends no message"
    return f"is {a(element.tag)}, which cannot send messages"


def _no_target(element: Element, graph: Graph) -> str | None:
    if element.tag in _NODES or element.tag in ACTIVITIES:
        return None
    if element.tag in _TARGETS:
        found = _tags(element, graph)
        plain_start = element.tag == "startEvent" and not found
        return None if plain_start or _MESSAGE in found else f"is {a(element.tag)} that waits for no message"
    return f"is {a(element.tag)}, which cannot receive messages"


def _tags(event: Element, graph: Graph) -> list[str]:
    found = [graph.definitions.get(local_part(each.text)) for each in event.all("eventDefinitionRef")]
    return [each.tag for each in (*event.children, *found) if each is not None]


def _pool(element: Element, graph: Graph) -> Element | None:
    """The process whose pool it is, or lies in; a pool without a process is itself one."""
    if element.tag == "participant":
        return graph.referred(element.get("processRef"), "process") or element
    if element.tag not in FLOW_NODES:
        return None
    at: Element | None = element
    while at is not None and at.tag != "process":
        at = at.parent
    return at
