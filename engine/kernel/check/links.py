"""Link events: pairs of one name in one process or subprocess (BPMN 2.0.2, section 10.5.5)."""

from __future__ import annotations

from engine.kernel.check.levels import levels, link_names, tags
from engine.kernel.findings import Report
from engine.kernel.graph import FlowNode, Graph, Process

_LINK = "linkEventDefinition"


def check(graph: Graph, report: Report) -> None:
    """Rules ``links/...``."""
    for process in graph.processes:
        everywhere = {"intermediateThrowEvent": _named(process, "intermediateThrowEvent", graph),
                      "intermediateCatchEvent": _named(process, "intermediateCatchEvent", graph)}  # fmt: skip
        for level in levels(process):
            throws = [node for node in level.of("intermediateThrowEvent") if _LINK in tags(node, graph)]
            catches = [node for node in level.of("intermediateCatchEvent") if _LINK in tags(node, graph)]
            for node in (*throws, *catches):
                if not link_names(node, graph):
                    message = "the link has no name, so it belongs to no other link"
                    report.error("links/no-name", node.element, message, "name both link events alike")
            _flows(throws, catches, report)
            _pairs(throws, catches, everywhere, graph, report)


def _named(process: Process, kind: str, graph: Graph) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in process.nodes.values():
        if node.kind == kind:
            found |= dict.fromkeys(link_names(node, graph), node.id)
    return found


def _flows(throws: list[FlowNode], catches: list[FlowNode], report: Report) -> None:
    for node in throws:
        for flow in node.outgoing:
            message = f"the flow leaves the link {node.id!r}, which goes on at the catching link of its name"
            report.error("links/outgoing", flow.element, message, "remove the flow or the link")
    for node in catches:
        for flow in node.incoming:
            message = f"the flow leads into the catching link {node.id!r}, which is reached from the throwing link only"
            report.error("links/incoming", flow.element, message, "remove the flow or the link")


def _pairs(
    throws: list[FlowNode],
    catches: list[FlowNode],
    everywhere: dict[str, dict[str, str]],
    graph: Graph,
    report: Report,
) -> None:
    caught: dict[str, str] = {}
    for node in catches:
        for name in sorted(link_names(node, graph)):
            if (other := caught.setdefault(name, node.id)) != node.id:
                message = f"{other!r} already catches the link {name!r}; where it leads would be undefined"
                report.error("links/two-catches", node.element, message, "keep one catching link for the name")
    thrown = {name for node in throws for name in link_names(node, graph)}
    for node in throws:
        for name in sorted(link_names(node, graph) - set(caught)):
            where = _elsewhere(everywhere["intermediateCatchEvent"].get(name))
            message = f"no link event here catches the link {name!r}{where}"
            report.error("links/no-catch", node.element, message, "draw a catching link event of that name here")
    for node in catches:
        for name in sorted(link_names(node, graph) - thrown):
            where = _elsewhere(everywhere["intermediateThrowEvent"].get(name))
            message = f"no link event here throws the link {name!r}{where}"
            report.error("links/no-throw", node.element, message, "draw a throwing link event of that name here")


def _elsewhere(other: str | None) -> str:
    return "" if other is None else f"; {other!r} lies on another level, which a link cannot reach"
