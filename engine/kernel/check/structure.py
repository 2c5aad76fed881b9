"""Is it a process at all: ids, start events, what can be reached."""

from __future__ import annotations

from engine.kernel.findings import Report
from engine.kernel.graph import Element, FlowNode, Graph, Process

_EMBEDDED = ("subProcess",)
MAX_ID = 200


def check(graph: Graph, report: Report) -> None:
    """Rules ``structure/...``."""
    _ids(graph, report)
    if not graph.processes:
        report.error(
            "structure/no-process", graph.root, "the file has no executable process", "set isExecutable='true'"
        )
    for process in graph.processes:
        _start_events(process, report)
        _unreachable(process, report)


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
            report.error("structure/long-id", element, f"the id has more than {MAX_ID} characters")
    for process in graph.processes:
        if not process.id:
            report.error(
                "structure/no-id", process.element, "the process has no id: it is the key it is deployed under"
            )
        for element in process.element.walk():
            if element.tag == "sequenceFlow" and not element.id:
                report.error("structure/no-id", element, "the sequence flow has no id")
            elif _is_node(element, process) and not element.id:
                report.error("structure/no-id", element, f"the {element.tag} has no id")


def _is_node(element: Element, process: Process) -> bool:
    node = process.nodes.get(element.id)
    return node is not None and node.element is element


def _start_events(process: Process, report: Report) -> None:
    containers: list[tuple[str | None, Element]] = [(None, process.element)]
    containers += [(node.id, node.element) for node in process.nodes.values() if node.kind in _EMBEDDED]
    for container, element in containers:
        if element.flag("triggeredByEvent"):
            continue  # check/unsupported.py refuses it
        starts = [node for node in process.inside(container) if node.kind == "startEvent"]
        what = "process" if container is None else "subprocess"
        if not starts:
            report.error("structure/no-start", element, f"the {what} has no start event")
        plain = [node for node in starts if not node.event_definitions]
        for node in plain[1:]:
            message = f"the {what} has a second start event without a trigger; {plain[0].id} is the first"
            report.error("structure/several-starts", node.element, message)
        if container is not None:
            for node in starts:
                if node.event_definitions:
                    message = "a subprocess is entered by its activity, so its start event has no trigger"
                    report.error("structure/start-trigger", node.element, message)


def _unreachable(process: Process, report: Report) -> None:
    reached: set[str] = set()
    waiting = [node for node in process.inside(None) if node.kind == "startEvent"]
    while waiting:
        node = waiting.pop()
        if node.id in reached:
            continue
        reached.add(node.id)
        waiting += _next(node, process)
    for node in process.nodes.values():
        outer = process.nodes.get(node.container or "")
        if node.id not in reached and (outer is None or outer.id in reached):
            message = "no path from a start event leads here"
            report.warning("structure/unreachable", node.element, message, "connect it or remove it")


def _next(node: FlowNode, process: Process) -> list[FlowNode]:
    found = [process.nodes[flow.target] for flow in node.outgoing if flow.target in process.nodes]
    found += node.boundary
    found += [inner for inner in process.inside(node.id) if inner.kind == "startEvent"] if _holds(node) else []
    return found


def _holds(node: FlowNode) -> bool:
    return node.kind in ("subProcess", "transaction", "adHocSubProcess")
