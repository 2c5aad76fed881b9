"""Event subprocesses, ad-hoc subprocesses and transactions (BPMN 2.0.2, section 10.3.5)."""

from __future__ import annotations

from engine.kernel.check.boundary import interruption, same_catchers
from engine.kernel.check.levels import Level, a, levels, subprocess_around, tags
from engine.kernel.findings import Report
from engine.kernel.graph import ACTIVITIES, Graph, Process, is_event_subprocess

_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def check(graph: Graph, report: Report) -> None:
    """Rules ``subprocesses/...``."""
    for process in graph.processes:
        for level in levels(process):
            if level.event_subprocess:
                _event_subprocess(level, process, graph, report)
            else:
                _interrupting_outside(level, report)
            if not level.event_subprocess and level.element.flag("triggeredByEvent"):
                message = f"{a(level.element.tag)} cannot begin at an event; triggeredByEvent has no effect on it"
                report.error("subprocesses/kind", level.element, message, "use a subProcess, or remove the attribute")
            if level.ad_hoc:
                _ad_hoc(level, report)
            _same_trigger(level, process, graph, report)


def _event_subprocess(level: Level, process: Process, graph: Graph, report: Report) -> None:
    node = process.nodes[level.element.id]
    for flow in (*node.incoming, *node.outgoing):
        message = f"the event subprocess {node.id!r} begins at its event and takes part in no sequence flow"
        report.error("subprocesses/connected", flow.element, message, "remove the flow, or triggeredByEvent")
    if any(node.element.child(tag) is not None for tag in _LOOPS):
        message = "an event subprocess runs once for each event; it has no loop"
        report.error("subprocesses/loop", node.element, message, "put the loop on an activity inside")
    starts = level.of("startEvent")
    if len(starts) != 1:
        message = f"an event subprocess has exactly one start event, this one has {len(starts) or 'none'}"
        report.error("subprocesses/one-start", level.element, message, "draw one event subprocess for each event")
    for start in starts:
        if not start.event_definitions:
            message = f"the start event of the event subprocess {node.id!r} has no trigger, so it would never begin"
            report.error("subprocesses/no-trigger", start.element, message, "give it a message, timer or other event")
        found = tags(start, graph)
        interruption(start, found, "isInterrupting", report)
        if "compensateEventDefinition" in found and subprocess_around(node, process) is None:
            message = "the process itself cannot be compensated, so its event subprocess cannot begin at a compensation"
            report.error("compensation/start-level", start.element, message, "put it into the subprocess it undoes")


def _interrupting_outside(level: Level, report: Report) -> None:
    for start in level.of("startEvent"):
        if not start.element.flag("isInterrupting", default=True):
            message = "only start events of event subprocesses interrupt or not; here it has no effect"
            report.warning("subprocesses/not-interrupting", start.element, message, "remove isInterrupting")


def _ad_hoc(level: Level, report: Report) -> None:
    if not any(node.kind in ACTIVITIES and not is_event_subprocess(node.element) for node in level.nodes):
        message = f"the ad-hoc subprocess {level.container!r} holds no activity"
        report.error("subprocesses/ad-hoc-empty", level.element, message, "put the activities into it")
    for node in level.nodes:
        if node.kind in ("startEvent", "endEvent"):
            message = f"an ad-hoc subprocess has no start and end events; {node.id!r} is {a(node.kind)}"
            report.error("subprocesses/ad-hoc-event", node.element, message, "remove it, or use an embedded subprocess")


def _same_trigger(level: Level, process: Process, graph: Graph, report: Report) -> None:
    """Of the interrupting event subprocesses of a level, one for each event (BPMN 2.0.2, 10.5.6)."""
    catching = [
        start
        for node in level.nodes
        if is_event_subprocess(node.element)
        for start in process.inside(node.id)
        if start.kind == "startEvent"
    ]
    same_catchers(catching, graph, report)
    undoing = [start for start in catching if "compensateEventDefinition" in tags(start, graph)]
    for start in undoing[1:]:
        message = f"{undoing[0].id!r} already compensates this subprocess"
        report.error("compensation/two-handlers", start.element, message, "keep one compensation event subprocess")
