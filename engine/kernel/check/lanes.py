"""Lanes: what lies in them (BPMN 2.0.2, section 10.8)."""

from __future__ import annotations

from engine.kernel.findings import Report
from engine.kernel.graph import Element, Graph, Process


def check(graph: Graph, report: Report) -> None:
    """Rules ``lanes/...`` and ``references/two-lanes``."""
    for process in graph.processes:
        _lanes(process, report)


def _lanes(process: Process, report: Report) -> None:
    holders: dict[str, Element] = {}
    for lane in process.lanes:
        for reference in lane.all("flowNodeRef"):
            target = reference.text.strip()
            if target not in process.nodes:
                message = f"the lane refers to {target!r}, which is no flow node of this process"
                report.warning("lanes/dangling", reference, message, "remove the reference")
                continue
            other = holders.setdefault(target, lane)
            if other is lane or _within(lane, other):
                continue
            if _lane_set(lane) is _lane_set(other):
                message = f"{target!r} lies in the lanes {other.owner!r} and {lane.owner!r}; who works on it is unclear"
                report.error("references/two-lanes", lane, message, "put it into one lane")
            else:
                message = (
                    f"{target!r} lies in {other.owner!r} and, in another lane set, in {lane.owner!r}, which counts"
                )
                report.warning("lanes/two-sets", lane, message, "use one lane set for the roles")


def _within(inner: Element, outer: Element) -> bool:
    at: Element | None = inner
    while at is not None and at is not outer:
        at = at.parent
    return at is outer


def _lane_set(lane: Element) -> Element:
    """The outermost lane set around a lane."""
    at = lane
    while at.parent is not None and at.tag != "laneSet":
        at = at.parent
    return at
