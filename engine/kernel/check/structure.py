"""Is it a process at all: ids, what starts each level."""

from __future__ import annotations

from engine.kernel.check.levels import Level, instantiates, levels, outside_flow
from engine.kernel.findings import Report
from engine.kernel.graph import Element, FlowNode, Graph, Process

MAX_ID = 200


def check(graph: Graph, report: Report) -> None:
    """Rules ``structure/...``."""
    _ids(graph, report)
    if not graph.processes:
        report.error(
            "structure/no-process", graph.root, "the file has no executable process", "set isExecutable='true'"
        )
    for process in graph.processes:
        if process.element.get("isExecutable") is None:
            message = f"the process {process.id!r} does not say whether it is executable; it is taken to be"
            report.warning("structure/is-executable", process.element, message, "set isExecutable='true'")
        for level in levels(process):
            if level.ad_hoc or level.event_subprocess:
                continue  # check/subprocesses.py
            _starts(level, graph, report)
            if level.container is not None:
                _start_events_inside(level, report)
            else:
                _plain_starts(level, report)


def _ids(graph: Graph, report: Report) -> None:
    seen: dict[str, Element] = {}
    for element in graph.root.walk():
        if not element.id or element.tag.startswith("{"):
            continue
        first = seen.setdefault(element.id, element)
        if first is not element:
            message = f"the id {element.id!r} is already used in line {first.line}"
            report.error("structure/duplicate-id", element, message, "give each element its own id")
        elif len(element.id) > MAX_ID:
            message = f"the id has {len(element.id)} characters; at most {MAX_ID} can be stored"
            report.error("structure/long-id", element, message, "shorten the id")
    for process in graph.processes:
        if not process.id:
            message = "the process has no id: it is the key it is deployed under"
            report.error("structure/no-id", process.element, message, "give the process an id")
        for element in process.element.walk():
            if element.tag == "sequenceFlow" and not element.id:
                report.error("structure/no-id", element, "the sequence flow has no id", "give it an id")
            elif _is_node(element, process) and not element.id:
                report.error("structure/no-id", element, f"the {element.tag} has no id", "give it an id")


def _is_node(element: Element, process: Process) -> bool:
    node = process.nodes.get(element.id)
    return node is not None and node.element is element


def _starts(level: Level, graph: Graph, report: Report) -> None:
    """A level begins with its start events, or else with what nothing leads to (BPMN 2.0.2, 13.3.4)."""
    element, what = level.element, level.what
    if not level.nodes:
        report.error("structure/empty", element, f"the {what} is empty: there is nothing to do", "draw what happens")
        return
    starts = level.of("startEvent")
    if starts or any(instantiates(node) for node in level.nodes):
        if starts and not level.of("endEvent"):
            message = f"the {what} has a start event but no end event"
            report.warning("structure/no-end", element, message, "draw an end event where it ends")
        return
    if not any(_begins(node, graph) for node in level.nodes):
        message = f"the {what} has no start event, and nothing in it is without an incoming flow: it would never begin"
        report.error("structure/no-start", element, message, "draw a start event")
    elif level.of("endEvent"):
        message = f"the {what} has an end event but no start event; it begins with every element that nothing leads to"
        report.warning("structure/implicit-start", element, message, "draw a start event where it begins")


def _begins(node: FlowNode, graph: Graph) -> bool:
    """Whether a level without start events begins there."""
    return not node.incoming and node.kind != "endEvent" and not outside_flow(node, graph)


def _start_events_inside(level: Level, report: Report) -> None:
    starts = level.of("startEvent")
    plain = [node for node in starts if not node.event_definitions]
    for node in plain[1:]:
        message = f"the subprocess has a second start event; a token that enters it starts at one, {plain[0].id!r}"
        report.error("structure/several-starts", node.element, message, "keep one start event, and split after it")
    for node in starts:
        if node.event_definitions:
            message = "a subprocess is entered by a token, so its start event cannot have a trigger"
            advice = "remove the trigger, or make it an event subprocess"
            report.error("structure/start-trigger", node.element, message, advice)


def _plain_starts(level: Level, report: Report) -> None:
    plain = [node for node in level.of("startEvent") if not node.event_definitions]
    for node in plain[1:]:
        message = f"the process has another start event without a trigger, {plain[0].id!r}, which is the one people use"
        report.warning("structure/several-plain-starts", node.element, message, "give it a trigger, or remove it")
